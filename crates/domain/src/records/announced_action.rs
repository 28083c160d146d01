//! Corporate actions as vendors announce them: by symbol and date, before they are matched with instruments.
//!
//! [`crate::CorporateAction`] is the event that changes a ledger; this is what a vendor said, and when.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::money::{Price, Quantity};
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// What is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnouncedTerms {
    /// `to` new shares for `from` old ones; forward, reverse and stock dividends (`1.05` for `1`).
    Split {
        /// New shares.
        to: Quantity,
        /// For old shares.
        from: Quantity,
    },
    /// Cash a share.
    CashDividend {
        /// Amount a share, before tax.
        amount: Price,
        /// Whether it is outside the regular series.
        special: bool,
    },
    /// Shares of another company for each old one, which stay.
    SpinOff {
        /// The new company's symbol.
        symbol: Symbol,
        /// Its shares …
        to: Quantity,
        /// … for old shares.
        from: Quantity,
    },
    /// The shares turn into another company's shares, cash, or both.
    Merger {
        /// The acquirer, where shares are paid.
        into: Option<Symbol>,
        /// The acquirer's shares …
        to: Quantity,
        /// … for old shares.
        from: Quantity,
        /// Cash for each old share.
        cash: Price,
    },
    /// A new symbol.
    SymbolChange {
        /// The new symbol.
        symbol: Symbol,
    },
    /// Trading ends and what is held becomes worthless, or `cash` a share.
    Removal {
        /// What is paid a share; zero when worthless.
        cash: Price,
    },
}

/// One announcement.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AnnouncedAction {
    /// The vendor's id of it.
    pub id: String,
    /// Who delivered it.
    pub vendor: VendorId,
    /// Whose, on the ex-date.
    pub symbol: Symbol,
    /// What happens.
    pub terms: AnnouncedTerms,
    /// First day on which the shares trade without the right, or with the new terms.
    pub ex_date: NaiveDate,
    /// Holders on this day are entitled.
    pub record_date: Option<NaiveDate>,
    /// When cash or shares arrive.
    pub payable_date: Option<NaiveDate>,
    /// When the company declared it.
    pub declared: Option<NaiveDate>,
    /// When we had it.
    pub received: Timestamp,
}

impl Record for AnnouncedAction {
    fn vendor(&self) -> VendorId {
        self.vendor
    }

    /// Vendors give days, not instants: an announcement counts from when we had it.
    fn published(&self) -> Timestamp {
        self.received
    }

    fn received(&self) -> Timestamp {
        self.received
    }

    fn validate(&self) -> Result<(), RecordError> {
        error::name("id", &self.id)?;
        let ratio = |to: Quantity, from: Quantity| {
            let fits = to.is_positive() && from.is_positive();
            error::range("ratio", &format!("{to} for {from}"), fits)
        };
        let amount = |cash: Price| error::range("cash", &cash, cash >= Price::ZERO);
        match self.terms {
            AnnouncedTerms::Split { to, from } | AnnouncedTerms::SpinOff { to, from, .. } => {
                ratio(to, from)
            }
            AnnouncedTerms::CashDividend { amount: cash, .. }
            | AnnouncedTerms::Removal { cash } => amount(cash),
            AnnouncedTerms::Merger {
                into,
                to,
                from,
                cash,
            } => {
                amount(cash)?;
                if into.is_some() {
                    ratio(to, from)
                } else if cash == Price::ZERO {
                    Err(RecordError::Contradiction(
                        "a merger pays shares, cash or both",
                    ))
                } else {
                    Ok(())
                }
            }
            AnnouncedTerms::SymbolChange { symbol } if symbol == self.symbol => {
                Err(RecordError::Contradiction("the new symbol is the old one"))
            }
            AnnouncedTerms::SymbolChange { .. } => Ok(()),
        }
    }
}
