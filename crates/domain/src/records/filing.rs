//! Documents that companies and insiders file with a regulator.

use chrono::NaiveDate;

use crate::ids::{Symbol, VendorId};
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// One filing, as EDGAR lists it. The document itself stays where `url` points to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Filing {
    /// The regulator's number of the filing, e.g. the accession number `0000320193-24-000123`.
    pub id: String,
    /// Who delivered it.
    pub vendor: VendorId,
    /// The filer's number, e.g. the ten digits of EDGAR's CIK.
    pub filer: String,
    /// The filer's name.
    pub company: String,
    /// Form type as filed, e.g. `10-K`, `8-K/A`.
    pub form: String,
    /// When the regulator accepted it, which is when the world could know it.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// End of the period reported on, where the form has one.
    pub period: Option<NaiveDate>,
    /// Item numbers of an 8-K, e.g. `2.02`; otherwise empty.
    pub items: Vec<String>,
    /// The filer's tickers when it was received.
    pub symbols: Vec<Symbol>,
    /// Link to the primary document.
    pub url: Option<String>,
}

impl Record for Filing {
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
        error::name("id", &self.id)?;
        error::name("filer", &self.filer)?;
        error::name("company", &self.company)?;
        error::name("form", &self.form)
    }
}
