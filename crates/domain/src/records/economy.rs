//! Releases of economic statistics.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ids::VendorId;
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// How much markets usually care.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Importance {
    /// Seldom moves prices.
    Low,
    /// Sometimes does.
    Medium,
    /// Rate decisions, employment, inflation.
    High,
}

/// One release of one statistic, to come (no actual value) or made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EconomicRelease {
    /// What is measured, e.g. `CPI YoY`.
    pub indicator: String,
    /// ISO 3166 code of the country, or `EU`.
    pub country: String,
    /// Who delivered it.
    pub vendor: VendorId,
    /// First day of the period measured.
    pub period_start: NaiveDate,
    /// When it was (or will be) released.
    pub published: Timestamp,
    /// When we had this version of it; for a release to come, before `published`.
    pub received: Timestamp,
    /// The value released, in `unit`.
    pub actual: Option<Decimal>,
    /// What was expected.
    pub forecast: Option<Decimal>,
    /// The previous period's value as known before this release.
    pub previous: Option<Decimal>,
    /// The previous period's value as revised by this release.
    pub revised: Option<Decimal>,
    /// The unit, e.g. `%` or `thousand`.
    pub unit: String,
    /// How much markets care.
    pub importance: Importance,
}

impl EconomicRelease {
    /// Released less expected, where both are known and fit a decimal.
    pub fn surprise(&self) -> Option<Decimal> {
        self.actual?.checked_sub(self.forecast?)
    }
}

impl Record for EconomicRelease {
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
        // A date in the calendar is known before its release; a value is not.
        if self.actual.is_some() || self.revised.is_some() {
            error::times(self.published, self.received)?;
        }
        error::name("indicator", &self.indicator)?;
        let country_fits =
            self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        error::range("country", &self.country, country_fits)?;
        if self.period_start > self.published.utc_date() {
            return Err(RecordError::Contradiction(
                "the period measured begins after the release",
            ));
        }
        Ok(())
    }
}
