//! Stored series as files of their own, one for each symbol; every row names its vendor.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Serialize;
use trader_storage::store::{
    LabelRange, MarketStore, PriceView, Projection, RecordKind, SeriesKey, TickKey, ViewRequest,
};
use trader_storage::{
    BarBatch, BarSeries, BarStream as _, Cells, ColumnSpec, DataError, Existing, TableFormat,
    TableWriter, bar_chunk, bar_columns, write_file,
};

use crate::source::DateRange;

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Where it is.
    pub file: PathBuf,
    /// Rows in it.
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

/// Writes a series of ticks, one day in memory at a time; `None` when there is none of these dates.
///
/// # Errors
/// As [`export_stored`].
pub fn export_ticks(
    store: &MarketStore,
    key: &TickKey,
    dates: DateRange,
    file: &Path,
    format: TableFormat,
) -> Result<Option<Exported>, DataError> {
    let Some(manifest) = store.tick_manifest(key)? else {
        return Ok(None);
    };
    let days = manifest.entries().keys();
    let days: Vec<NaiveDate> = days.copied().filter(|day| holds(dates, *day)).collect();
    if days.is_empty() {
        return Ok(None);
    }
    let schema = MarketStore::tick_columns(key.kind());
    let mut writer = TableWriter::create(file, schema, format, Existing::Keep)?;
    let mut rows = 0_u64;
    for day in days {
        let cells = store.tick_cells(key, day)?;
        rows += cells.first().map_or(0, Cells::len) as u64;
        writer.append(&cells)?;
    }
    finished(writer, rows, file).map(Some)
}

/// Writes records as JSON lines, each with its vendor; `None` when there is none of these dates. Months count from
/// their first day.
///
/// # Errors
/// As [`export_stored`].
pub fn export_records(
    store: &MarketStore,
    vendor: &str,
    kind: RecordKind,
    dates: DateRange,
    file: &Path,
) -> Result<Option<Exported>, DataError> {
    let (mut text, mut rows) = (String::new(), 0_u64);
    for period in store.record_periods(vendor, kind)? {
        let first = match period.len() {
            7 => format!("{period}-01").parse(),
            _ => period.parse(),
        };
        if !first.is_ok_and(|first| holds(dates, first)) {
            continue;
        }
        for (id, record) in store.records(vendor, kind, &period)? {
            let line = serde_json::json!({"vendor": vendor, "id": id, "record": record});
            text.push_str(&line.to_string());
            text.push('\n');
            rows += 1;
        }
    }
    if rows == 0 {
        return Ok(None);
    }
    let blake3 = write_file(file, text.as_bytes(), Existing::Keep)?.to_string();
    Ok(Some(Exported {
        file: file.to_owned(),
        rows,
        blake3,
    }))
}

fn holds(dates: DateRange, day: NaiveDate) -> bool {
    dates.from.is_none_or(|from| from <= day) && dates.to.is_none_or(|to| day <= to)
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
