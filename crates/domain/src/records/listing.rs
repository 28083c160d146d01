//! What a vendor or broker lists: its reference data of a symbol.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// What is listed, as far as vendors tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListedClass {
    /// A share, whatever kind; also funds where the vendor does not tell them apart.
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// An index.
    Index,
    /// A listed option.
    Option,
    /// A currency pair with a crypto currency.
    Crypto,
    /// Anything else: warrants, units, rights, notes.
    Other,
}

/// Whether it is still listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingStatus {
    /// Trades.
    Active,
    /// Delisted, renamed or suspended for good.
    Inactive,
}

/// One symbol as one vendor lists it. A property is `None` where the vendor does not say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Listing {
    /// The vendor's id of it; its symbol where the vendor has no other.
    pub id: String,
    /// Who says so.
    pub vendor: VendorId,
    /// The symbol.
    pub symbol: Symbol,
    /// Name of company, fund or pair.
    pub name: String,
    /// Exchange as the vendor writes it, e.g. `NASDAQ`, `XNAS`.
    pub exchange: Option<String>,
    /// What it is.
    pub class: ListedClass,
    /// Whether it is still listed.
    pub status: ListingStatus,
    /// Whether this vendor, as a broker, takes orders.
    pub tradable: Option<bool>,
    /// Whether it can be held on margin there.
    pub marginable: Option<bool>,
    /// Whether it can be sold short there.
    pub shortable: Option<bool>,
    /// Whether it is on the easy-to-borrow list there.
    pub easy_to_borrow: Option<bool>,
    /// Whether parts of a share can be traded there.
    pub fractionable: Option<bool>,
    /// The issuer's number at the SEC.
    pub cik: Option<String>,
    /// The composite FIGI.
    pub figi: Option<String>,
    /// First day of listing.
    pub listed: Option<NaiveDate>,
    /// Last day of listing.
    pub delisted: Option<NaiveDate>,
    /// When we had it.
    pub received: Timestamp,
}

impl Record for Listing {
    fn vendor(&self) -> VendorId {
        self.vendor
    }

    /// Reference data carry no time of publication: they count from when we had them.
    fn published(&self) -> Timestamp {
        self.received
    }

    fn received(&self) -> Timestamp {
        self.received
    }

    fn validate(&self) -> Result<(), RecordError> {
        error::name("id", &self.id)?;
        error::name("name", &self.name)?;
        match (self.listed, self.delisted) {
            (Some(listed), Some(delisted)) if delisted < listed => Err(RecordError::Contradiction(
                "the last day of listing is before the first",
            )),
            _ => Ok(()),
        }
    }
}
