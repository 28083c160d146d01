//! Stored series as files of their own, one for each symbol; every row names its vendor.

use std::path::{Path, PathBuf};

use serde::Serialize;
use trader_storage::store::{
    LabelRange, MarketStore, PriceView, Projection, SeriesKey, ViewRequest,
};
use trader_storage::{
    BarBatch, BarSeries, BarStream as _, Cells, ColumnSpec, DataError, Existing, TableFormat,
    TableWriter, bar_chunk, bar_columns,
};

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Where it is.
    pub file: PathBuf,
    /// Bars in it.
    pub rows: u64,
    /// BLAKE3 of its bytes.
    pub blake3: String,
}

/// Writes a series as it is stored, one partition in memory at a time.
///
/// # Errors
/// [`DataError`] when the series is damaged or the file exists or cannot be written; no file is then there.
pub fn export_stored(
    store: &MarketStore,
    key: &SeriesKey,
    range: LabelRange,
    file: &Path,
    format: TableFormat,
) -> Result<Exported, DataError> {
    let mut scan = store.scan(key, range, Projection::All)?;
    let info = scan.info();
    let mut schema = bar_columns(key.timeframe(), key.basis(), info.adjustment, info.optional);
    schema.push(vendor_column());
    let mut writer = TableWriter::create(file, schema, format, Existing::Keep)?;
    let mut batch = BarBatch::default();
    let mut rows = 0_u64;
    while scan.next_batch(&mut batch)? {
        let part = BarSeries {
            symbol: key.symbol(),
            timeframe: key.timeframe(),
            basis: key.basis(),
            adjustment: info.adjustment,
            file: info.file.clone(),
            rounded_values: 0,
            gaps: info.gaps.clone(),
            columns: std::mem::take(&mut batch.columns),
        };
        rows += part.columns.len() as u64;
        writer.append(&chunk(&part, key.vendor()))?;
    }
    finished(writer, rows, file)
}

/// Writes a history in prices of a date; it is in memory while it is written.
///
/// # Errors
/// As [`export_stored`], and as [`MarketStore::view`].
pub fn export_view(
    store: &MarketStore,
    request: &ViewRequest,
    file: &Path,
    format: TableFormat,
) -> Result<Exported, DataError> {
    debug_assert!(
        request.prices != PriceView::Stored,
        "stored series are streamed"
    );
    let series = store.view(request)?.series;
    let mut schema = bar_columns(
        series.timeframe,
        series.basis,
        series.adjustment,
        series.columns.optional(),
    );
    schema.push(vendor_column());
    let mut writer = TableWriter::create(file, schema, format, Existing::Keep)?;
    writer.append(&chunk(&series, &request.vendor))?;
    finished(writer, series.columns.len() as u64, file)
}

fn finished(writer: TableWriter, rows: u64, file: &Path) -> Result<Exported, DataError> {
    Ok(Exported {
        blake3: writer.finish()?.to_string(),
        rows,
        file: file.to_owned(),
    })
}

fn vendor_column() -> ColumnSpec {
    ColumnSpec::required("vendor", Cells::Text(Vec::new()))
}

fn chunk(series: &BarSeries, vendor: &str) -> Vec<Cells> {
    let mut chunk = bar_chunk(series);
    let names = vec![Some(vendor.to_owned()); series.columns.len()];
    chunk.push(Cells::Text(names));
    chunk
}
