//! The columns that calculators read, by name, and the caller's data bound to them.

use crate::error::FeatureError;

/// What one row of a column stands for.
///
/// Calculators do not know what a row is: fed with bars they work per bar, fed with trades per trade.
/// Columns of different sources belong into one set only when somebody aligned them (the quote that
/// prevailed at each trade: [`crate::microstructure::Tape`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A finished bar.
    Bar,
    /// A change of the best bid and offer; zeros where a side is empty or trading is halted.
    Quote,
    /// A print.
    Trade,
    /// A change of the order book below the best prices.
    Book,
    /// A snapshot of an option chain.
    Chain,
    /// A calendar, as known at the row.
    Calendar,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bar => "bar",
            Self::Quote => "quote",
            Self::Trade => "trade",
            Self::Book => "book",
            Self::Chain => "option chain",
            Self::Calendar => "calendar",
        })
    }
}

/// A column that calculators may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in feature names and definitions.
    pub name: &'static str,
    /// What a row of it stands for.
    pub source: Source,
    /// What one value is, with the unit.
    pub meaning: &'static str,
}

const fn column(source: Source, name: &'static str, meaning: &'static str) -> Column {
    Column {
        name,
        source,
        meaning,
    }
}

/// Every column name that needs no declaration.
pub const KNOWN: &[Column] = &[
    column(Source::Bar, "open", "first trade price of the bar"),
    column(Source::Bar, "high", "highest trade price of the bar"),
    column(Source::Bar, "low", "lowest trade price of the bar"),
    column(Source::Bar, "close", "last trade price of the bar"),
    column(
        Source::Bar,
        "volume",
        "shares or contracts traded in the bar",
    ),
    column(
        Source::Bar,
        "benchmark",
        "close of the benchmark (index, sector, VIX, rate) at the bar's close",
    ),
    column(
        Source::Calendar,
        "session",
        "number of the trading day; changes when a new session starts",
    ),
    column(
        Source::Calendar,
        "month",
        "year * 12 + month - 1 of the trading day",
    ),
    column(
        Source::Bar,
        "sector",
        "close of the index or fund of the symbol's sector",
    ),
    column(Source::Bar, "vix", "level of the volatility index"),
    column(
        Source::Bar,
        "rate",
        "interest rate or bond yield, percent per year",
    ),
    column(Source::Quote, "bid", "best bid"),
    column(Source::Quote, "ask", "best ask"),
    column(Source::Quote, "bid_size", "size at the best bid"),
    column(Source::Quote, "ask_size", "size at the best ask"),
    column(Source::Trade, "trade_price", "price of the last trade"),
    column(Source::Trade, "trade_size", "size of the last trade"),
    column(
        Source::Chain,
        "implied_vol",
        "at-the-money implied volatility, per year",
    ),
    column(Source::Chain, "call_volume", "option volume, calls"),
    column(Source::Chain, "put_volume", "option volume, puts"),
    column(Source::Chain, "call_open_interest", "open interest, calls"),
    column(Source::Chain, "put_open_interest", "open interest, puts"),
    column(
        Source::Book,
        "bid_depth",
        "total size of the best bid levels",
    ),
    column(
        Source::Book,
        "ask_depth",
        "total size of the best ask levels",
    ),
    column(Source::Chain, "call_premium", "price times volume, calls"),
    column(Source::Chain, "put_premium", "price times volume, puts"),
];

/// Columns about the market or the calendar, the same for every symbol.
const SHARED: &[&str] = &["benchmark", "sector", "vix", "rate", "session", "month"];

/// Splits `close@SPY` into the column and the symbol; `None` for a name without a symbol or with one
/// that is none (1 to 32 letters, digits, `.`, `-`, `_`, `^`).
pub fn split_symbol(name: &str) -> Option<(&str, &str)> {
    let (column, symbol) = name.split_once('@')?;
    let letter = |c: char| c.is_ascii_alphanumeric() || ".-_^".contains(c);
    let valid = (1..=32).contains(&symbol.len()) && symbol.chars().all(letter);
    valid.then_some((column, symbol))
}

/// The column or feature `input` of another symbol; columns about the market stay as they are.
pub(crate) fn of_symbol(input: &str, symbol: &str) -> String {
    if SHARED.contains(&input) {
        input.to_owned()
    } else {
        format!("{input}@{symbol}")
    }
}

/// Whether `name` is a column: a known one, one of the caller's, or such a one of another symbol.
pub(crate) fn is_column(name: &str, own_columns: &[&str]) -> bool {
    let known = |name: &str| own_columns.contains(&name) || KNOWN.iter().any(|c| c.name == name);
    known(name) || split_symbol(name).is_some_and(|(column, _)| known(column))
}

/// Borrowed columns of equal length; NaN marks a missing value.
#[derive(Debug, Clone, Default)]
pub struct Columns<'a> {
    rows: Option<usize>,
    columns: Vec<(&'a str, &'a [f64])>,
}

impl<'a> Columns<'a> {
    /// No columns yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Bars in the usual five columns.
    ///
    /// # Errors
    /// [`FeatureError::LengthMismatch`].
    pub fn bars(
        open: &'a [f64],
        high: &'a [f64],
        low: &'a [f64],
        close: &'a [f64],
        volume: &'a [f64],
    ) -> Result<Self, FeatureError> {
        Self::new()
            .with("open", open)?
            .with("high", high)?
            .with("low", low)?
            .with("close", close)?
            .with("volume", volume)
    }

    /// Adds a column, or replaces the one of the same name.
    ///
    /// # Errors
    /// [`FeatureError::LengthMismatch`].
    pub fn with(mut self, name: &'a str, values: &'a [f64]) -> Result<Self, FeatureError> {
        let expected = *self.rows.get_or_insert(values.len());
        if values.len() != expected {
            return Err(FeatureError::LengthMismatch {
                column: name.to_owned(),
                found: values.len(),
                expected,
            });
        }
        self.columns.retain(|(existing, _)| *existing != name);
        self.columns.push((name, values));
        Ok(self)
    }

    /// The values of a column.
    pub fn get(&self, name: &str) -> Option<&'a [f64]> {
        self.columns
            .iter()
            .find(|(existing, _)| *existing == name)
            .map(|(_, values)| *values)
    }

    /// Number of rows; 0 without columns.
    pub fn rows(&self) -> usize {
        self.rows.unwrap_or(0)
    }
}
