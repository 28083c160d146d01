//! Moving averages, channels, directional movement, stops and regressions.

pub(crate) mod averages;
pub(crate) mod channels;
pub(crate) mod crosses;
pub(crate) mod direction;
mod donchian;
mod ema;
mod kama;
mod mama;
pub(crate) mod regression;
mod sma;
pub(crate) mod stops;

pub use donchian::Donchian;
pub(crate) use ema::STRETCH;
pub use ema::{Ema, EmaCascade, OfCascade};
pub use kama::{EfficiencyRatio, Kama};
pub use mama::Mama;
pub use sma::Sma;
