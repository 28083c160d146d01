//! Volume: flows, averages weighted by it, its profile over price.

pub(crate) mod flows;
pub(crate) mod profile;
pub(crate) mod vwap;
