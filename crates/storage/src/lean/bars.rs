//! Trade bars: one archive after another as one checked stream.

use std::collections::VecDeque;
use std::path::PathBuf;

use chrono::NaiveDate;
use trader_domain::{NANOS_PER_DAY, Price, Symbol, Timeframe};

use super::archive::only_entry;
use super::context::{FieldReader, LeanContext, fields};
use crate::bar_check::{BarChecks, RawBar};
use crate::columns::{BarBatch, BarColumns, OptionalColumns};
use crate::csv::lines::split_line;
use crate::error::DataError;
use crate::options::{BarLabel, ReadOptions};
use crate::problem::{Place, ProblemKind, Problems, Rejected};
use crate::series::{Adjustment, BarSeries, BarStream, PriceBasis, StreamInfo, collect_series};
use crate::text::time::TimeForm;
use crate::text::zone::{Zone, epoch_day};

/// The columns of every LEAN bar file.
const OPTIONAL: OptionalColumns = OptionalColumns {
    volume: true,
    vwap: false,
    trades: false,
    adjusted_close: false,
};

/// One archive and the dates (inclusive) that are wanted of it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) context: LeanContext,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
}

/// Streams the raw bars of one security, file by file; memory holds one file.
#[derive(Debug)]
pub struct LeanBars {
    parts: VecDeque<Part>,
    missing: Vec<PathBuf>,
    rows: RowTaker,
    name: String,
}

impl LeanBars {
    pub(super) fn new(
        parts: Vec<Part>,
        missing: Vec<PathBuf>,
        symbol: Symbol,
        name: &str,
        timeframe: Timeframe,
        options: &ReadOptions,
    ) -> Self {
        Self {
            parts: parts.into(),
            missing,
            rows: RowTaker::new(symbol, name, timeframe, options),
            name: name.to_owned(),
        }
    }

    /// Files that the map file calls for and that are not there: that part of the history is absent.
    pub fn missing(&self) -> &[PathBuf] {
        &self.missing
    }
}

impl BarStream for LeanBars {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        batch.clear_rows();
        if batch.columns.optional() != OPTIONAL {
            batch.columns = BarColumns::with_optional(OPTIONAL);
        }
        while batch.columns.is_empty()
            && self.rows.problems.is_empty()
            && !self.rows.problems.must_drain()
        {
            let Some(part) = self.parts.pop_front() else {
                break;
            };
            let entry = only_entry(&part.path)?;
            let file = format!("{}#{}", part.path.display(), entry.name);
            self.rows.take(&entry.bytes, &file, &part, batch);
        }
        self.rows.finish(batch)?;
        let ended = self.parts.is_empty();
        if ended && self.rows.checks.rows == 0 && self.rows.problems.rejects() == 0 {
            return Err(DataError::NoRows {
                file: self.name.clone(),
            });
        }
        Ok(!batch.columns.is_empty() || !ended)
    }

    fn take_rejects(&mut self) -> Vec<Rejected> {
        self.rows.problems.take_rejects()
    }

    fn info(&self) -> StreamInfo {
        self.rows.info(&self.name)
    }
}

/// Reads the bars of one CSV: `time,open,high,low,close,volume`.
///
/// # Errors
/// [`DataError`] with the first faulty lines.
pub fn parse_lean_bars(
    bytes: &[u8],
    file: &str,
    symbol: Symbol,
    context: &LeanContext,
    options: &ReadOptions,
) -> Result<BarSeries, DataError> {
    let mut stream = OneFile {
        bytes: Some(bytes),
        context: *context,
        rows: RowTaker::new(symbol, file, context.timeframe, options),
        file,
    };
    let mut series = collect_series(&mut stream)?;
    series.pop().ok_or_else(|| DataError::NoRows {
        file: file.to_owned(),
    })
}

/// A stream of a single buffer.
struct OneFile<'a> {
    bytes: Option<&'a [u8]>,
    context: LeanContext,
    rows: RowTaker,
    file: &'a str,
}

impl BarStream for OneFile<'_> {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        batch.clear_rows();
        let Some(bytes) = self.bytes.take() else {
            return Ok(false);
        };
        batch.columns = BarColumns::with_optional(OPTIONAL);
        let part = Part {
            path: PathBuf::new(),
            context: self.context,
            from: NaiveDate::MIN,
            to: NaiveDate::MAX,
        };
        self.rows.take(bytes, self.file, &part, batch);
        self.rows.finish(batch)?;
        if batch.columns.is_empty() {
            return Err(DataError::NoRows {
                file: self.file.to_owned(),
            });
        }
        Ok(true)
    }

    fn info(&self) -> StreamInfo {
        self.rows.info(self.file)
    }
}

/// Turns lines into checked rows of one symbol.
#[derive(Debug)]
struct RowTaker {
    symbol: Symbol,
    timeframe: Timeframe,
    checks: BarChecks,
    problems: Problems,
    options: ReadOptions,
}

impl RowTaker {
    fn new(symbol: Symbol, file: &str, timeframe: Timeframe, options: &ReadOptions) -> Self {
        // LEAN's format fixes both, whatever the options say of other files.
        let options = ReadOptions {
            timeframe: Some(timeframe),
            label: BarLabel::Start,
            ..options.clone()
        };
        Self {
            symbol,
            timeframe,
            checks: BarChecks::new(&options),
            problems: Problems::of_rows(file, &options),
            options,
        }
    }

    fn take(&mut self, bytes: &[u8], file: &str, part: &Part, batch: &mut BarBatch) {
        self.problems.set_file(file);
        let symbol = match self.checks.symbol(self.symbol.as_str().as_bytes(), batch) {
            Ok(symbol) => symbol,
            Err(kind) => {
                self.problems.add(Place::Line(1), None, kind);
                return;
            }
        };
        let mut reader = FieldReader::new(&part.context, &self.options);
        let window = Window::new(part, self.timeframe);
        let (mut rest, mut line) = (bytes, 0_u64);
        while !rest.is_empty() && !self.problems.is_full() {
            let (text, after) = split_line(rest);
            let unfinished = after.is_empty() && !rest.ends_with(b"\n");
            rest = after;
            line += 1;
            if text.trim_ascii().is_empty() {
                continue;
            }
            let place = Place::Line(line);
            let aside = self.problems.rejects();
            match bar(text, symbol, self.timeframe, &mut reader) {
                Ok(bar) if window.contains(bar.time) => {
                    self.checks.push(&bar, place, batch, &mut self.problems);
                }
                Ok(_outside) => {}
                Err(ProblemKind::FieldCount { found, expected })
                    if unfinished && found < expected =>
                {
                    self.problems.add(place, None, ProblemKind::Truncated);
                }
                Err(kind) => self.problems.add(place, None, kind),
            }
            if self.problems.rejects() > aside {
                self.problems.attach_raw(aside, text);
            }
        }
    }

    fn finish(&mut self, batch: &mut BarBatch) -> Result<(), DataError> {
        self.checks.finish_batch(batch, &mut self.problems);
        if self.problems.is_empty() {
            return Ok(());
        }
        batch.clear_rows();
        Err(DataError::Rows(self.problems.take_report(true)))
    }

    fn info(&self, name: &str) -> StreamInfo {
        StreamInfo {
            file: name.to_owned(),
            timeframe: Some(self.timeframe),
            basis: PriceBasis::Ohlc,
            adjustment: Adjustment::Raw,
            optional: OPTIONAL,
            rows: self.checks.rows,
            rounded_values: 0,
            gaps: self.checks.gap_summary.clone(),
        }
    }
}

/// The instants between two dates, inclusive.
struct Window {
    from: i64,
    until: i64,
}

impl Window {
    fn new(part: &Part, timeframe: Timeframe) -> Self {
        let instant = |date: NaiveDate| {
            let midnight = epoch_day(date).saturating_mul(NANOS_PER_DAY);
            match timeframe {
                Timeframe::Session => midnight,
                Timeframe::Seconds(_) => Zone::NewYork.to_utc(midnight).unwrap_or(midnight),
            }
        };
        Self {
            from: instant(part.from),
            until: part.to.succ_opt().map_or(i64::MAX, instant),
        }
    }

    const fn contains(&self, time: i64) -> bool {
        self.from <= time && time < self.until
    }
}

fn bar(
    line: &[u8],
    symbol: u32,
    timeframe: Timeframe,
    reader: &mut FieldReader,
) -> Result<RawBar, ProblemKind> {
    let [time, open, high, low, close, volume] = fields::<6>(line)?;
    Ok(RawBar {
        time: reader.time(time)?,
        form: match timeframe {
            Timeframe::Session => TimeForm::Date,
            Timeframe::Seconds(_) => TimeForm::Instant,
        },
        open: reader.price(open)?,
        high: reader.price(high)?,
        low: reader.price(low)?,
        close: reader.price(close)?,
        volume: reader.volume(volume)?,
        vwap: None,
        trades: None,
        adjusted_close: Price::ZERO,
        symbol,
    })
}
