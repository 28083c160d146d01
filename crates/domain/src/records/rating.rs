//! What sell-side analysts say.

use crate::ids::{Symbol, VendorId};
use crate::money::Price;
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// A recommendation on the usual five-step scale; firms' own words are mapped to it by the adapter.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Rating {
    /// The lowest step.
    StrongSell,
    /// Sell, underperform, underweight, reduce.
    Sell,
    /// Hold, neutral, equal weight, market perform.
    Hold,
    /// Buy, outperform, overweight, accumulate.
    Buy,
    /// The highest step.
    StrongBuy,
}

/// What the analyst did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatingAction {
    /// Began to cover the company.
    Initiated,
    /// Raised the recommendation.
    Upgraded,
    /// Lowered it.
    Downgraded,
    /// Said it again, perhaps with another target.
    Reiterated,
    /// Stopped covering the company.
    Dropped,
}

/// One analyst's call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AnalystRating {
    /// About which company.
    pub symbol: Symbol,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it was published.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// The analyst's firm.
    pub firm: String,
    /// The analyst, where named.
    pub analyst: Option<String>,
    /// What was done.
    pub action: RatingAction,
    /// The recommendation from now on; `None` when coverage was dropped or the firm gives none.
    pub rating: Option<Rating>,
    /// The one before.
    pub previous_rating: Option<Rating>,
    /// Price target from now on, in dollars.
    pub target: Option<Price>,
    /// The one before.
    pub previous_target: Option<Price>,
}

impl Record for AnalystRating {
    fn vendor(&self) -> VendorId {
        self.vendor
    }

    fn published(&self) -> Timestamp {
        self.published
    }

    fn received(&self) -> Timestamp {
        self.received
    }

    fn validate(&self) -> Result<(), RecordError> {
        error::times(self.published, self.received)?;
        error::name("firm", &self.firm)?;
        if let Some(analyst) = &self.analyst {
            error::name("analyst", analyst)?;
        }
        for (field, target) in [
            ("price target", self.target),
            ("previous price target", self.previous_target),
        ] {
            if let Some(target) = target {
                error::range(field, &target, target.is_positive())?;
            }
        }
        let contradicts = match (self.action, self.previous_rating, self.rating) {
            (RatingAction::Upgraded, Some(before), Some(now)) => now <= before,
            (RatingAction::Downgraded, Some(before), Some(now)) => now >= before,
            (RatingAction::Initiated, before, _) => before.is_some(),
            _ => false,
        };
        if contradicts {
            return Err(RecordError::Contradiction(
                "the ratings before and after do not fit the action",
            ));
        }
        Ok(())
    }
}
