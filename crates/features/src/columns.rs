//! The columns that calculators read, by name, and the caller's data bound to them.

use crate::error::FeatureError;

/// A column that calculators may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in feature names and definitions.
    pub name: &'static str,
    /// What one value is, with the unit.
    pub meaning: &'static str,
}

const fn column(name: &'static str, meaning: &'static str) -> Column {
    Column { name, meaning }
}

/// Every column name that needs no declaration.
pub const KNOWN: &[Column] = &[
    column("open", "first trade price of the bar"),
    column("high", "highest trade price of the bar"),
    column("low", "lowest trade price of the bar"),
    column("close", "last trade price of the bar"),
    column("volume", "shares or contracts traded in the bar"),
    column(
        "benchmark",
        "close of the benchmark (index, sector, VIX, rate) at the bar's close",
    ),
    column(
        "session",
        "number of the trading day; changes when a new session starts",
    ),
    column("month", "year * 12 + month - 1 of the trading day"),
    column("bid", "best bid at the bar's close"),
    column("ask", "best ask at the bar's close"),
    column("bid_size", "size at the best bid"),
    column("ask_size", "size at the best ask"),
    column("trade_price", "price of the last trade"),
    column("trade_size", "size of the last trade"),
    column("implied_vol", "at-the-money implied volatility, per year"),
    column("call_volume", "option volume, calls"),
    column("put_volume", "option volume, puts"),
    column("call_open_interest", "open interest, calls"),
    column("put_open_interest", "open interest, puts"),
];

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
