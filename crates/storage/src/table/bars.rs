//! Bars as a table, in the columns that the readers take back without loss.

use std::path::Path;

use trader_domain::Timeframe;

use super::schema::{Cells, ColumnSpec};
use super::writer::{TableFormat, TableWriter};
use crate::atomic::Existing;
use crate::columns::OptionalColumns;
use crate::error::DataError;
use crate::fingerprint::Fingerprint;
use crate::series::{Adjustment, BarSeries, PriceBasis};

/// The columns of a table of bars: time, prices, then the optional ones. Closes alone stay closes alone.
pub fn bar_columns(
    timeframe: Timeframe,
    basis: PriceBasis,
    adjustment: Adjustment,
    optional: OptionalColumns,
) -> Vec<ColumnSpec> {
    let price = |name: &str| ColumnSpec::required(name, Cells::Price(Vec::new()));
    let mut columns = vec![match timeframe {
        Timeframe::Session => ColumnSpec::required("date", Cells::Date(Vec::new())),
        Timeframe::Seconds(_) => ColumnSpec::required("timestamp", Cells::Timestamp(Vec::new())),
    }];
    match (basis, adjustment) {
        (PriceBasis::Ohlc, _) => columns.extend(["open", "high", "low", "close"].map(price)),
        (PriceBasis::CloseOnly, Adjustment::Vendor) => columns.push(price("adj_close")),
        (PriceBasis::CloseOnly, _) => columns.push(price("close")),
    }
    if optional.volume {
        columns.push(ColumnSpec::required("volume", Cells::Volume(Vec::new())));
    }
    if optional.vwap {
        columns.push(ColumnSpec::optional("vwap", Cells::Price(Vec::new())));
    }
    if optional.trades {
        columns.push(ColumnSpec::optional("trades", Cells::Integer(Vec::new())));
    }
    if optional.adjusted_close {
        columns.push(price("adj_close"));
    }
    columns
}

/// The cells of a series for [`bar_columns`].
pub fn bar_chunk(series: &BarSeries) -> Vec<Cells> {
    let columns = &series.columns;
    let prices =
        |prices: &[trader_domain::Price]| Cells::Price(prices.iter().copied().map(Some).collect());
    let times = columns.start.iter().copied().map(Some).collect();
    let mut chunk = vec![match series.timeframe {
        Timeframe::Session => Cells::Date(times),
        Timeframe::Seconds(_) => Cells::Timestamp(times),
    }];
    if series.basis == PriceBasis::Ohlc {
        chunk.extend([&columns.open, &columns.high, &columns.low].map(|column| prices(column)));
    }
    chunk.push(prices(&columns.close));
    if let Some(volume) = &columns.volume {
        chunk.push(Cells::Volume(volume.iter().copied().map(Some).collect()));
    }
    if let Some(vwap) = &columns.vwap {
        chunk.push(Cells::Price(vwap.clone()));
    }
    if let Some(trades) = &columns.trades {
        chunk.push(Cells::Integer(
            trades.iter().map(|count| count.map(i64::from)).collect(),
        ));
    }
    if let Some(adjusted) = &columns.adjusted_close {
        chunk.push(prices(adjusted));
    }
    chunk
}

/// Writes one series to a file. Reading it back gives the same columns.
///
/// # Errors
/// As [`TableWriter`].
pub fn write_bars(
    path: &Path,
    series: &BarSeries,
    format: TableFormat,
    existing: Existing,
) -> Result<Fingerprint, DataError> {
    let schema = bar_columns(
        series.timeframe,
        series.basis,
        series.adjustment,
        series.columns.optional(),
    );
    let mut writer = TableWriter::create(path, schema, format, existing)?;
    writer.append(&bar_chunk(series))?;
    writer.finish()
}
