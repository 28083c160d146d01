//! A symbol's bars as the columns that calculators read, with the times that decide who may see them.

use std::ops::Range;

use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_features::{Columns, DayOf, session_and_month};
use trader_storage::{BarSeries, PriceBasis, interval};

use crate::error::StoreError;

/// Columns that bars have beyond those that every feature may read.
pub const BAR_COLUMNS: &[&str] = &["vwap", "trades"];

/// Rows of one symbol: when each bar began, when it was complete, and the columns asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    /// Start of each bar, ascending; 00:00 UTC of the date for session bars.
    pub start: Vec<Timestamp>,
    /// When each bar was complete, which is when its features can be known.
    pub available: Vec<Timestamp>,
    columns: Vec<(String, Vec<f64>)>,
}

impl Inputs {
    /// Rows `range` of a series, with those of the `wanted` columns that bars can give:
    /// `open high low close volume vwap trades session month`, and `benchmark`: the close of the
    /// benchmark's bar of the same start. A value that the file leaves empty is NaN. Where only closes
    /// are known there are no `open`, `high` and `low`.
    ///
    /// # Errors
    /// [`StoreError::Time`] for a bar whose end cannot be told.
    pub fn of_bars(
        series: &BarSeries,
        benchmark: Option<&BarSeries>,
        wanted: &[String],
        range: Range<usize>,
    ) -> Result<Self, StoreError> {
        let bars = &series.columns;
        let start = bars.start.get(range.clone()).unwrap_or_default().to_vec();
        let available = start
            .iter()
            .map(|label| {
                interval(*label, series.timeframe)
                    .map(|(_, end)| end)
                    .map_err(|_before_1946| StoreError::Time {
                        symbol: series.symbol.to_string(),
                        time: *label,
                    })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let prices = |column: &[trader_domain::Price]| -> Vec<f64> {
            let rows = column.get(range.clone()).unwrap_or_default();
            rows.iter().map(|price| price.to_f64_lossy()).collect()
        };
        let day = match series.timeframe {
            Timeframe::Session => DayOf::Utc,
            Timeframe::Seconds(_) => DayOf::NewYork,
        };
        let calendar = |part: fn((f64, f64)) -> f64| -> Vec<f64> {
            let rows = start.iter();
            rows.map(|at| part(session_and_month(at.nanos(), day)))
                .collect()
        };
        let ranged = series.basis == PriceBasis::Ohlc;
        let mut columns = Vec::with_capacity(wanted.len());
        for name in wanted {
            let values = match name.as_str() {
                "open" if ranged => Some(prices(&bars.open)),
                "high" if ranged => Some(prices(&bars.high)),
                "low" if ranged => Some(prices(&bars.low)),
                "close" => Some(prices(&bars.close)),
                "volume" => bars.volume.as_ref().map(|column| {
                    let rows = column.get(range.clone()).unwrap_or_default();
                    rows.iter().map(|volume| volume.to_f64_lossy()).collect()
                }),
                "vwap" => bars.vwap.as_ref().map(|column| {
                    let rows = column.get(range.clone()).unwrap_or_default();
                    rows.iter()
                        .map(|price| price.map_or(f64::NAN, trader_domain::Price::to_f64_lossy))
                        .collect()
                }),
                "trades" => bars.trades.as_ref().map(|column| {
                    let rows = column.get(range.clone()).unwrap_or_default();
                    rows.iter()
                        .map(|count| count.map_or(f64::NAN, f64::from))
                        .collect()
                }),
                "session" => Some(calendar(|(session, _)| session)),
                "month" => Some(calendar(|(_, month)| month)),
                "benchmark" => benchmark.map(|benchmark| same_start(&start, benchmark)),
                _ => None,
            };
            if let Some(values) = values {
                columns.push((name.clone(), values));
            }
        }
        Ok(Self {
            start,
            available,
            columns,
        })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.start.len()
    }

    /// The columns, borrowed for a feature set.
    ///
    /// # Errors
    /// [`StoreError::Features`] never happens for what [`Inputs::of_bars`] made.
    pub fn columns(&self) -> Result<Columns<'_>, StoreError> {
        let mut columns = Columns::new();
        for (name, values) in &self.columns {
            columns = columns.with(name, values)?;
        }
        Ok(columns)
    }
}

/// The benchmark's closes at the bars that began when ours did, NaN elsewhere.
fn same_start(start: &[Timestamp], benchmark: &BarSeries) -> Vec<f64> {
    let known = &benchmark.columns;
    let mut at = start.first().map_or(0, |first| {
        known.start.partition_point(|other| other < first)
    });
    start
        .iter()
        .map(|wanted| {
            while known.start.get(at).is_some_and(|other| other < wanted) {
                at += 1;
            }
            match (known.start.get(at), known.close.get(at)) {
                (Some(found), Some(close)) if found == wanted => close.to_f64_lossy(),
                _ => f64::NAN,
            }
        })
        .collect()
}

/// The series of the benchmark's symbol.
///
/// # Errors
/// [`StoreError::Benchmark`] when it is not there or its bars are of another length.
pub fn find_benchmark<'s>(
    all: &'s [BarSeries],
    symbol: Symbol,
) -> Result<&'s BarSeries, StoreError> {
    all.iter()
        .find(|series| series.symbol == symbol)
        .ok_or_else(|| StoreError::Benchmark {
            symbol: symbol.to_string(),
            reason: "is not in the data".to_owned(),
        })
}
