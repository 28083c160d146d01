//! What a series of ticks is, and where its files are.

use std::fmt;

use chrono::NaiveDate;
use trader_domain::{MAX_VENDOR_NAME, Symbol, Timeframe, Timestamp};

use crate::error::{DataError, excerpt};
use crate::store::key::{escaped, is_vendor, trading_date, unescaped};

/// Trades or quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TickKind {
    /// Prints on the tape.
    Trades,
    /// Best bids and offers.
    Quotes,
}

impl TickKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Quotes, Self::Trades];

    /// The word in paths and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trades => "trades",
            Self::Quotes => "quotes",
        }
    }
}

/// One series of ticks: everything of one vendor, kind and symbol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TickKey {
    vendor: String,
    kind: TickKind,
    symbol: Symbol,
}

impl TickKey {
    /// A series' name.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the vendor's name is none.
    pub fn new(vendor: &str, kind: TickKind, symbol: Symbol) -> Result<Self, DataError> {
        if !is_vendor(vendor) {
            return Err(DataError::Unsupported {
                file: excerpt(vendor.as_bytes(), 60),
                detail: format!(
                    "is no vendor's name; use 1 to {MAX_VENDOR_NAME} of a-z, 0-9, - and _"
                ),
            });
        }
        Ok(Self {
            vendor: vendor.to_owned(),
            kind,
            symbol,
        })
    }

    /// Who delivered it.
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Trades or quotes.
    pub const fn kind(&self) -> TickKind {
        self.kind
    }

    /// Which instrument, by the name it traded under.
    pub const fn symbol(&self) -> Symbol {
        self.symbol
    }

    /// The series' folder, relative to the store.
    pub fn folder(&self) -> String {
        format!(
            "vendor={}/kind={}/symbol={}",
            self.vendor,
            self.kind.name(),
            escaped(self.symbol.as_str())
        )
    }

    /// The lock's name: the folder without separators.
    pub(super) fn lock_name(&self) -> String {
        format!("{}.lock", self.folder().replace('/', "+"))
    }

    /// The series that a folder holds; `None` when the folder is none of ours.
    pub fn of_folder(folder: &str) -> Option<Self> {
        let mut parts = folder.split('/');
        let mut value = |key: &str| parts.next()?.strip_prefix(key)?.strip_prefix('=');
        let vendor = value("vendor")?.to_owned();
        let word = value("kind")?;
        let kind = TickKind::ALL.into_iter().find(|one| one.name() == word)?;
        let symbol = Symbol::new(&unescaped(value("symbol")?)?).ok()?;
        let key = Self::new(&vendor, kind, symbol).ok()?;
        (key.folder() == folder).then_some(key)
    }

    /// The New York day whose file a tick belongs to; `None` outside the years 1946 to 2199.
    pub fn day_of(time: Timestamp) -> Option<NaiveDate> {
        trading_date(time, Timeframe::MINUTE)
    }
}

impl fmt::Display for TickKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.symbol, self.kind.name(), self.vendor)
    }
}
