//! Figures from companies' financial statements, as filed.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::money::{Money, MoneyError, Price, Quantity, Rounding, Volume};
use crate::records::{FiscalPeriod, Record, RecordError, error};
use crate::time::Timestamp;

/// The period that flow figures cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct StatementPeriod {
    /// Its name.
    pub fiscal: FiscalPeriod,
    /// Its first day.
    pub start: NaiveDate,
    /// Its last day, to which balance figures refer.
    pub end: NaiveDate,
}

/// One company's figures for one period as one filing gave them. A restatement is another record
/// with a later `published`; the older one stays, because it was what could be known before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fundamentals {
    /// Whose.
    pub symbol: Symbol,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it was filed.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// Which period.
    pub period: StatementPeriod,
    /// Sales, in dollars over the period; so are all flows.
    pub revenue: Option<Money>,
    /// Sales less the cost of what was sold.
    pub gross_profit: Option<Money>,
    /// Profit from operations.
    pub operating_income: Option<Money>,
    /// Profit after tax.
    pub net_income: Option<Money>,
    /// Diluted earnings a share.
    pub diluted_eps: Option<Price>,
    /// Cash from operations.
    pub operating_cash_flow: Option<Money>,
    /// Spent on fixed assets; positive.
    pub capital_expenditure: Option<Money>,
    /// All assets, in dollars at the period's end; so are all balances.
    pub total_assets: Option<Money>,
    /// All liabilities.
    pub total_liabilities: Option<Money>,
    /// Cash and what is as good as cash.
    pub cash: Option<Money>,
    /// Short- and long-term debt.
    pub debt: Option<Money>,
    /// Shareholders' equity.
    pub equity: Option<Money>,
    /// Shares outstanding.
    pub shares_outstanding: Option<Volume>,
}

impl Fundamentals {
    /// Operating cash flow less capital expenditure, where both are known.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn free_cash_flow(&self) -> Result<Option<Money>, MoneyError> {
        let (Some(flow), Some(spent)) = (self.operating_cash_flow, self.capital_expenditure) else {
            return Ok(None);
        };
        flow.checked_sub(spent).map(Some)
    }

    /// Shares outstanding × price, where they are known.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn market_capitalisation(&self, price: Price) -> Result<Option<Money>, MoneyError> {
        let Some(shares) = self.shares_outstanding else {
            return Ok(None);
        };
        // A volume counts 10⁻⁶ shares: price × one share × units / 10⁶.
        price
            .notional(Quantity::ONE)
            .scale(shares.units(), Volume::ONE.units(), Rounding::HalfEven)
            .map(Some)
    }
}

impl Record for Fundamentals {
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
        let StatementPeriod { fiscal, start, end } = self.period;
        if start > end || end > self.published.utc_date() {
            return Err(RecordError::Contradiction(
                "the period must end after it starts and before it is reported",
            ));
        }
        let quarter = fiscal.quarter.unwrap_or(1);
        error::range("quarter", &quarter, (1..=4).contains(&quarter))?;
        for (field, amount) in [
            ("total assets", self.total_assets),
            ("total liabilities", self.total_liabilities),
            ("cash", self.cash),
            ("debt", self.debt),
            ("capital expenditure", self.capital_expenditure),
        ] {
            if let Some(amount) = amount {
                error::range(field, &amount, !amount.is_negative())?;
            }
        }
        if let Some(shares) = self.shares_outstanding {
            error::range("shares outstanding", &shares, shares.is_positive())?;
        }
        Ok(())
    }
}
