//! Events with a date: earnings, dividends, splits, FOMC, CPI and other releases, as the calendar said
//! at the time.
//!
//! A calendar changes: dates move, entries are called off, results come in. Every version is an
//! [`Announcement`] with the instant at which we had it; [`crate::Knowledge`] shows calculators those
//! received before the bar closed. In the registry: time to and since events, surprises, drift.

mod announcement;
pub(crate) mod drift;
pub(crate) mod series;

pub use announcement::{Announcement, EventKind};
