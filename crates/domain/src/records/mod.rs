//! Records about companies, people and the economy, as vendors deliver them.
//!
//! They name symbols, not instrument indexes, because they are stored and outlive a run. Each one
//! says who delivered it, when the world could know it (`published`) and when we had it (`received`):
//! a decision may use it from `received` on, and a backtest must look at nothing else. Fields are what
//! the vendor said; [`Record::validate`] is asked once, where a record enters.

mod announced_action;
mod earnings;
mod economy;
mod error;
mod filing;
mod fundamentals;
mod insider;
mod listing;
mod news;
mod rating;
mod social;

use crate::ids::VendorId;
use crate::time::Timestamp;

pub use announced_action::{AnnouncedAction, AnnouncedTerms};
pub use earnings::{EarningsEvent, FiscalPeriod, ReportTime};
pub use economy::{EconomicRelease, Importance};
pub use error::RecordError;
pub use filing::Filing;
pub use fundamentals::{Fundamentals, StatementPeriod};
pub use insider::{InsiderRole, InsiderTrade, TransactionCode};
pub use listing::{ListedClass, Listing, ListingStatus};
pub use rating::{AnalystRating, Rating, RatingAction};
pub use social::SocialPost;

/// What all records have in common.
pub trait Record {
    /// Who delivered it (licensing depends on it).
    fn vendor(&self) -> VendorId;

    /// When the world could know it.
    fn published(&self) -> Timestamp;

    /// When we had it: the instant from which it may influence a decision.
    fn received(&self) -> Timestamp;

    /// Checks that the record is consistent in itself.
    ///
    /// # Errors
    /// The first [`RecordError`] found.
    fn validate(&self) -> Result<(), RecordError>;
}
