//! Figures of financial statements and the ratios made of them, as known at the time.
//!
//! A [`Fact`] is one figure of one filing. A restatement is another fact with a later time received:
//! what was known before it does not change. [`Item::of_us_gaap`] maps the tags of EDGAR's
//! `companyfacts`, [`Fact::of_record`] takes [`trader_domain::Fundamentals`].
//!
//! In the registry: value, quality and growth ratios, Piotroski's F, Altman's Z.

mod fact;
mod item;
pub(crate) mod ratios;
pub(crate) mod scores;
mod statements;

pub use fact::Fact;
pub use item::{Item, Tagged};
pub use statements::Statements;
