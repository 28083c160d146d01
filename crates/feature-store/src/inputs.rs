//! A symbol's bars as the columns that calculators read, with the times that decide who may see them.

use std::ops::Range;

use trader_domain::{Price, Timeframe, Timestamp, Volume};
use trader_features::{Columns, DayOf, session_and_month};
use trader_storage::{BarSeries, PriceBasis, interval};

use crate::companions::Companions;
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
    /// `open high low close volume vwap trades session month`, `benchmark` (the close of the benchmark's
    /// bar of the same start), and what the other companions have to say at the bar's end. A value that the file leaves empty is NaN. Where only closes
    /// are known there are no `open`, `high` and `low`.
    ///
    /// # Errors
    /// [`StoreError::Time`] for a bar whose end cannot be told, [`StoreError::Benchmark`] for one with bars
    /// of another length.
    pub fn of_bars(
        series: &BarSeries,
        companions: &Companions,
        wanted: &[String],
        range: Range<usize>,
    ) -> Result<Self, StoreError> {
        let benchmark = companions.benchmark();
        if let Some(other) = benchmark.filter(|other| other.timeframe != series.timeframe) {
            return Err(StoreError::Benchmark {
                symbol: other.symbol.to_string(),
                reason: format!(
                    "has bars of {}, {} has bars of {}",
                    other.timeframe, series.symbol, series.timeframe
                ),
            });
        }
        let start = series
            .columns
            .start
            .get(range.clone())
            .unwrap_or_default()
            .to_vec();
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
        let mut columns = Vec::with_capacity(wanted.len());
        for name in wanted {
            let values = match name.as_str() {
                "benchmark" => benchmark.map(|benchmark| same_start(&start, benchmark)),
                "session" | "month" => Some(calendar(name, series.timeframe, &start)),
                _ => bar_column(name, series, range.clone())
                    .or_else(|| companions.column(name, &available)),
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

    /// The columns with their names, in the order asked for.
    pub(crate) fn columns_in_order(&self) -> &[(String, Vec<f64>)] {
        &self.columns
    }

    /// One row's values in the order of the columns.
    pub(crate) fn row(&self, index: usize, into: &mut Vec<f64>) {
        into.clear();
        let values = self.columns.iter().map(|(_, values)| values.get(index));
        into.extend(values.map(|value| value.copied().unwrap_or(f64::NAN)));
    }

    /// Fails as a batch over these columns would when one of those wanted is not here.
    pub(crate) fn require(&self, wanted: &[String]) -> Result<(), StoreError> {
        for input in wanted {
            if !self.columns.iter().any(|(name, _)| name == input) {
                return Err(StoreError::Features(
                    trader_features::FeatureError::MissingColumn {
                        column: input.clone(),
                        feature: "the set".to_owned(),
                    },
                ));
            }
        }
        Ok(())
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

/// What the bars themselves hold; `None` when they lack it.
pub(crate) fn bar_column(name: &str, series: &BarSeries, range: Range<usize>) -> Option<Vec<f64>> {
    fn converted<T: Copy>(column: &[T], range: Range<usize>, to: fn(T) -> f64) -> Vec<f64> {
        let rows = column.get(range).unwrap_or_default();
        rows.iter().map(|value| to(*value)).collect()
    }
    let bars = &series.columns;
    let price = Price::to_f64_lossy;
    let ranged = series.basis == PriceBasis::Ohlc;
    match name {
        "open" if ranged => Some(converted(&bars.open, range, price)),
        "high" if ranged => Some(converted(&bars.high, range, price)),
        "low" if ranged => Some(converted(&bars.low, range, price)),
        "close" => Some(converted(&bars.close, range, price)),
        "volume" => {
            let volume = bars.volume.as_ref()?;
            Some(converted(volume, range, Volume::to_f64_lossy))
        }
        "vwap" => Some(converted(bars.vwap.as_ref()?, range, |value| {
            value.map_or(f64::NAN, Price::to_f64_lossy)
        })),
        "trades" => Some(converted(bars.trades.as_ref()?, range, |value| {
            value.map_or(f64::NAN, f64::from)
        })),
        _ => None,
    }
}

/// The number of each row's session or month.
fn calendar(name: &str, timeframe: Timeframe, start: &[Timestamp]) -> Vec<f64> {
    let day = match timeframe {
        Timeframe::Session => DayOf::Utc,
        Timeframe::Seconds(_) => DayOf::NewYork,
    };
    let rows = start.iter().map(|at| session_and_month(at.nanos(), day));
    rows.map(|(session, month)| if name == "session" { session } else { month })
        .collect()
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
