//! Earnings announcements: expected and reported.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::money::{Money, MoneyError, Price, Rate, Rounding};
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// A fiscal quarter or year.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct FiscalPeriod {
    /// Fiscal year.
    pub year: u16,
    /// Quarter 1 to 4; `None` for the whole year.
    pub quarter: Option<u8>,
}

/// When in the day a company reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportTime {
    /// Before the open.
    BeforeOpen,
    /// During regular trading.
    DuringSession,
    /// After the close.
    AfterClose,
    /// The vendor does not say.
    Unknown,
}

/// An earnings announcement, to come (no actuals) or made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EarningsEvent {
    /// Whose.
    pub symbol: Symbol,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When this version of it could be known.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// About which period.
    pub period: FiscalPeriod,
    /// On which day the company reports, in New York.
    pub report_date: NaiveDate,
    /// When on that day.
    pub report_time: ReportTime,
    /// Expected earnings a share, in dollars.
    pub eps_estimate: Option<Price>,
    /// Reported earnings a share, in dollars.
    pub eps_actual: Option<Price>,
    /// Expected revenue, in dollars.
    pub revenue_estimate: Option<Money>,
    /// Reported revenue, in dollars.
    pub revenue_actual: Option<Money>,
}

impl EarningsEvent {
    /// Whether the company has reported.
    pub const fn is_reported(&self) -> bool {
        self.eps_actual.is_some() || self.revenue_actual.is_some()
    }

    /// (reported − expected) / |expected| earnings a share, rounded half-even at 10⁻⁹; `None` when
    /// either is not known or zero was expected.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn eps_surprise(&self) -> Result<Option<Rate>, MoneyError> {
        let (Some(actual), Some(estimate)) = (self.eps_actual, self.eps_estimate) else {
            return Ok(None);
        };
        if estimate.is_zero() {
            return Ok(None);
        }
        let one = crate::Quantity::ONE;
        let gap = actual.checked_sub(estimate)?.notional(one);
        Rate::of(gap, estimate.abs().notional(one), Rounding::HalfEven).map(Some)
    }
}

impl Record for EarningsEvent {
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
        let quarter = self.period.quarter.unwrap_or(1);
        error::range("quarter", &quarter, (1..=4).contains(&quarter))?;
        let year = self.period.year;
        error::range("fiscal year", &year, (1900..=2200).contains(&year))?;
        for (field, revenue) in [
            ("expected revenue", self.revenue_estimate),
            ("reported revenue", self.revenue_actual),
        ] {
            if let Some(revenue) = revenue {
                error::range(field, &revenue, !revenue.is_negative())?;
            }
        }
        Ok(())
    }
}
