//! What sources of news, reference data, options, filings and posts are, what they can deliver, and how they are asked.
//!
//! Bars have [`HistoricalSource`](crate::HistoricalSource); everything else that vendors deliver comes as records: typed,
//! validated, each with its vendor and the time when we had it. What is faulty is handed over as a [`Reject`], never
//! mixed in.

use chrono::NaiveDate;
use trader_domain::{
    AnnouncedAction, Filing, Listing, NewsItem, OptionChain, OptionContract, SocialPost, Symbol,
    Timestamp, VendorId,
};

use crate::vendors::{AskError, Watched};

/// What is wanted: symbols, and days in New York, inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRequest {
    /// Which symbols; all that the source has when empty, where it can.
    pub symbols: Vec<Symbol>,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

/// What every record of an answer is marked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Who delivered it.
    pub vendor: VendorId,
    /// When we had it.
    pub received: Timestamp,
}

/// A record that is not let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The kind of fault in one word, for counting.
    pub reason: &'static str,
    /// What is wrong.
    pub detail: String,
    /// What came, shortened.
    pub raw: String,
}

/// Records and what was rejected on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery<T> {
    /// Good ones, in the order in which they came.
    pub records: Vec<T>,
    /// The others.
    pub rejects: Vec<Reject>,
}

impl<T> Default for Delivery<T> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            rejects: Vec::new(),
        }
    }
}

impl<T> Delivery<T> {
    /// Adds what another answer brought.
    pub fn extend(&mut self, more: Self) {
        self.records.extend(more.records);
        self.rejects.extend(more.rejects);
    }
}

/// Whether a source answers without being told symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// All that it has can be asked for at once.
    Whole,
    /// Symbols must be named.
    BySymbol,
}

/// What a source of news can deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewsCapabilities {
    /// Whether symbols must be named.
    pub coverage: Coverage,
    /// Whether the text of an item comes along, or only a summary.
    pub full_text: bool,
}

/// A source of news.
pub trait NewsSource: Watched {
    /// What it can deliver.
    fn news_capabilities(&self) -> NewsCapabilities;

    /// News that were published in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn news(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<NewsItem>, AskError>;
}

/// One trading day as a vendor plans it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct VendorSession {
    /// The day in New York.
    pub date: NaiveDate,
    /// Regular trading begins.
    pub open: Timestamp,
    /// Regular trading ends.
    pub close: Timestamp,
}

/// What a source of reference data can deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReferenceCapabilities {
    /// Listings, and for whom; `None` when it has none.
    pub listings: Option<Coverage>,
    /// Corporate actions, and for whom; `None` when it has none.
    pub actions: Option<Coverage>,
    /// Whether it has a calendar of trading days.
    pub calendar: bool,
}

/// A source of reference data.
pub trait ReferenceSource: Watched {
    /// What it can deliver.
    fn reference_capabilities(&self) -> ReferenceCapabilities;

    /// What is listed now. The days of the request do not matter.
    ///
    /// # Errors
    /// [`AskError`].
    fn listings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Listing>, AskError> {
        let _asked = (request, vendor);
        Err(self.lacks("listings"))
    }

    /// Corporate actions with an ex-date in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn actions(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<AnnouncedAction>, AskError> {
        let _asked = (request, vendor);
        Err(self.lacks("corporate actions"))
    }

    /// Trading days in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn calendar(&self, request: &RecordRequest) -> Result<Delivery<VendorSession>, AskError> {
        let _asked = request;
        Err(self.lacks("calendar"))
    }

    /// The answer to a question for what it does not have.
    fn lacks(&self, what: &str) -> AskError {
        AskError::Unsupported {
            vendor: self.vendor().to_owned(),
            detail: format!("has no {what}"),
        }
    }
}

/// A listed option with what its listing says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ListedOption {
    /// Its terms.
    pub contract: OptionContract,
    /// Its symbol: 21 characters, as the OCC writes it.
    pub symbol: Symbol,
    /// What one contract delivers of, which differs from the root after adjustments.
    pub underlying: Symbol,
    /// Shares a contract.
    pub multiplier: u32,
    /// Contracts open at the end of the day before, where the vendor says so.
    pub open_interest: Option<u64>,
}

/// What a source of options can deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionsCapabilities {
    /// Whether contracts can be listed.
    pub contracts: bool,
    /// Whether it has chains with quotes.
    pub chains: bool,
    /// Whether chains carry open interest.
    pub open_interest: bool,
}

/// A source of options.
pub trait OptionsSource: Watched {
    /// What it can deliver.
    fn options_capabilities(&self) -> OptionsCapabilities;

    /// Contracts on the symbols that expire in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn contracts(&self, request: &RecordRequest) -> Result<Delivery<ListedOption>, AskError>;

    /// The chain of an underlying as it is now, and quotes that could not be used.
    ///
    /// # Errors
    /// [`AskError`].
    fn chain(
        &self,
        underlying: Symbol,
        vendor: VendorId,
    ) -> Result<(OptionChain, Vec<Reject>), AskError>;
}

/// A source of filings with a regulator.
pub trait FilingSource: Watched {
    /// Filings of these symbols' companies that were accepted in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn filings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Filing>, AskError>;
}

/// A source of posts on social media.
pub trait PostSource: Watched {
    /// Posts that name these symbols and were made in these days.
    ///
    /// # Errors
    /// [`AskError`].
    fn posts(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<SocialPost>, AskError>;
}
