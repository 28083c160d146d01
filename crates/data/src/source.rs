//! What a source of history is, what it can deliver, and how it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;
use trader_domain::{Symbol, Timeframe};
use trader_storage::store::{ReferenceFiles, StoredAdjustment};
use trader_storage::{BarStream, DataError, Fingerprint, ReadOptions};

/// What a source can deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The source in a few words, for reports.
    pub name: String,
    /// Lengths of bars; empty when only the files tell.
    pub timeframes: Vec<Timeframe>,
    /// How prices are adjusted; `None` when only the files tell.
    pub adjustment: Option<StoredAdjustment>,
    /// Whether renames, splits and dividends come with it.
    pub has_references: bool,
}

/// Dates in New York, inclusive; open where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateRange {
    /// First date.
    pub from: Option<NaiveDate>,
    /// Last date.
    pub to: Option<NaiveDate>,
}

impl DateRange {
    /// Whether a date is in the range.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= date) && self.to.is_none_or(|to| date <= to)
    }
}

/// What the symbols of a request stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolMeaning {
    /// The securities that they name on the last date; their earlier names belong to them.
    Securities,
    /// Whatever traded under these very names.
    Names,
}

/// What is wanted of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// Which symbols; all that the source has when empty.
    pub symbols: Vec<Symbol>,
    /// What these symbols stand for, where the source knows of renames.
    pub meaning: SymbolMeaning,
    /// Which dates.
    pub dates: DateRange,
    /// Length of bars; where files tell it themselves it need not be given.
    pub timeframe: Option<Timeframe>,
    /// Only these dates of these symbols, for filling gaps.
    pub only: Option<BTreeMap<Symbol, BTreeSet<NaiveDate>>>,
    /// Today's date: symbols mean what they mean today unless the range ends earlier.
    pub today: NaiveDate,
}

impl HistoryRequest {
    /// Whether bars of a symbol are wanted of a unit of work. A unit of one symbol was chosen for it by its source.
    pub fn wants_symbol(&self, symbol: Symbol, unit: &WorkUnit) -> bool {
        let named = match unit.symbol {
            Some(only) => only == symbol,
            None => self.symbols.is_empty() || self.symbols.contains(&symbol),
        };
        let missing = self
            .only
            .as_ref()
            .is_none_or(|only| only.contains_key(&symbol));
        named && missing
    }

    /// The date on which symbols have their meaning.
    pub fn as_of(&self) -> NaiveDate {
        self.dates.to.map_or(self.today, |to| to.min(self.today))
    }

    /// The request in words, the same for the same request.
    pub fn describe(&self) -> String {
        let mut symbols: Vec<&str> = self.symbols.iter().map(Symbol::as_str).collect();
        symbols.sort_unstable();
        let symbols = if symbols.is_empty() {
            "all symbols".to_owned()
        } else {
            symbols.join(",")
        };
        let date = |date: Option<NaiveDate>, open: &str| {
            date.map_or(open.to_owned(), |date| date.to_string())
        };
        let timeframe = self
            .timeframe
            .map_or("any timeframe".to_owned(), |one| one.to_string());
        let mut text = format!(
            "{symbols}, {timeframe}, {} to {}",
            date(self.dates.from, "the first"),
            date(self.dates.to, "the last")
        );
        if self.meaning == SymbolMeaning::Names {
            text.push_str(", by name");
        }
        for (symbol, dates) in self.only.iter().flatten() {
            let dates: Vec<String> = dates.iter().map(NaiveDate::to_string).collect();
            text.push_str(&format!(", only {symbol} on {}", dates.join(" ")));
        }
        text
    }
}

/// A part of the work that is done in one go and recorded as done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkUnit {
    /// Name within the run, the same whenever the same work is planned.
    pub name: String,
    /// The symbol, where the unit has one only.
    pub symbol: Option<Symbol>,
    /// Its dates.
    pub dates: DateRange,
    /// The files it reads.
    pub files: Vec<PathBuf>,
    /// Their length together, for progress.
    pub bytes: u64,
}

/// An opened unit of work.
pub struct Opened {
    /// Its bars.
    pub stream: Box<dyn BarStream>,
    /// Whose they are, where the source asks several vendors; else the vendor that the run names.
    pub vendor: Option<String>,
}

impl Opened {
    /// Of the vendor that the run names.
    pub fn of_the_run(stream: Box<dyn BarStream>) -> Self {
        Self {
            stream,
            vendor: None,
        }
    }
}

/// A source of historical bars.
///
/// Sources are asked from several threads at once. They do no validation of their own: the stream that
/// [`HistoricalSource::open`] gives checks every row and sets faulty ones aside as the options say.
pub trait HistoricalSource: Send + Sync {
    /// What it can deliver.
    fn capabilities(&self) -> Capabilities;

    /// The units of work that a request amounts to, in an order that depends on nothing but source and request.
    ///
    /// # Errors
    /// [`DataError`] when the source as a whole cannot be used, or knows a symbol but not on the dates asked for.
    fn plan(&self, request: &HistoryRequest) -> Result<Vec<WorkUnit>, DataError>;

    /// A digest of everything that a unit reads: another one means that the work must be done again.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be read.
    fn fingerprint(&self, unit: &WorkUnit) -> Result<Fingerprint, DataError>;

    /// Opens the bars of a unit.
    ///
    /// # Errors
    /// [`DataError`] when they cannot be read at all.
    fn open(&self, unit: &WorkUnit, options: &ReadOptions) -> Result<Opened, DataError>;

    /// Names and adjustment factors that belong to a request.
    ///
    /// # Errors
    /// [`DataError`] when they cannot be read.
    fn references(&self, request: &HistoryRequest) -> Result<Vec<ReferenceFiles>, DataError>;
}
