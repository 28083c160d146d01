//! The Parquet reader: row groups to checked batches, over one file or many in order.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use trader_domain::{Price, Symbol, Volume};

use super::decode::{ABSENT, Cells, Column};
use super::hive::PartitionedFile;
use crate::bar_check::{BarChecks, RawBar};
use crate::columns::{BarBatch, BarColumns, OptionalColumns};
use crate::csv::header::{Layout, Role, Slot, symbol_from_name};
use crate::error::DataError;
use crate::file::open_file;
use crate::options::ReadOptions;
use crate::problem::{Place, ProblemKind, Problems, Rejected};
use crate::series::{Adjustment, BarSeries, BarStream, PriceBasis, StreamInfo, collect_series};
use crate::text::time::{TimeForm, TimeParser};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// Where the bytes of a file are.
#[derive(Debug, Clone)]
enum Source {
    Path(PathBuf),
    Memory(Bytes),
}

/// Streams bars from Parquet files; see the module's documentation.
pub struct ParquetBars {
    waiting: VecDeque<(Source, PartitionedFile)>,
    current: Option<OpenFile>,
    checks: BarChecks,
    problems: Problems,
    times: TimeParser,
    options: ReadOptions,
    /// What the files have in common, from the first one.
    shape: Shape,
    rounded: u64,
    name: String,
}

/// What every file of one stream must agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    basis: PriceBasis,
    adjustment: Adjustment,
    optional: OptionalColumns,
}

/// The columns of one file.
struct OpenFile {
    name: String,
    layout: Layout,
    reader: Box<dyn RowGroups>,
    next_group: usize,
    columns: Vec<Option<Column>>,
    rows_left: usize,
    row: u64,
    symbol: Option<Symbol>,
    date: Option<i64>,
}

/// Row groups, whatever holds the bytes.
trait RowGroups {
    fn count(&self) -> usize;
    fn rows(&self, group: usize) -> usize;
    fn column(&self, group: usize, index: usize) -> Result<Option<Column>, ParquetError>;
    fn names(&self) -> Vec<String>;
}

impl<R: ChunkReader + 'static> RowGroups for SerializedFileReader<R> {
    fn count(&self) -> usize {
        self.num_row_groups()
    }

    fn rows(&self, group: usize) -> usize {
        let groups = self.metadata().row_groups();
        groups
            .get(group)
            .map_or(0, |group| usize::try_from(group.num_rows()).unwrap_or(0))
    }

    fn column(&self, group: usize, index: usize) -> Result<Option<Column>, ParquetError> {
        let descriptor = self.metadata().file_metadata().schema_descr().column(index);
        let reader = self.get_row_group(group)?.get_column_reader(index)?;
        Ok(Column::new(reader, &descriptor))
    }

    fn names(&self) -> Vec<String> {
        let schema = self.metadata().file_metadata().schema_descr();
        schema
            .columns()
            .iter()
            .map(|column| column.name().to_owned())
            .collect()
    }
}

impl ParquetBars {
    /// Opens one file.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be read, is no Parquet, or lacks columns.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, DataError> {
        let file = PartitionedFile {
            path: path.to_owned(),
            symbol: None,
            date: None,
        };
        Self::from_sources(
            vec![(Source::Path(path.to_owned()), file)],
            &path.display().to_string(),
            options,
        )
    }

    /// Opens several files as one stream, in the order given; see [`super::partitioned_files`].
    ///
    /// # Errors
    /// As [`Self::open`], for the first file; later ones are opened when their turn comes.
    pub fn open_partitioned(
        files: Vec<PartitionedFile>,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let sources = files
            .into_iter()
            .map(|file| (Source::Path(file.path.clone()), file))
            .collect();
        Self::from_sources(sources, name, options)
    }

    fn from_sources(
        sources: Vec<(Source, PartitionedFile)>,
        name: &str,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let mut waiting = VecDeque::from(sources);
        let Some((source, file)) = waiting.pop_front() else {
            return Err(DataError::NoRows {
                file: name.to_owned(),
            });
        };
        let first = OpenFile::open(&source, &file, options)?;
        let shape = first.shape();
        Ok(Self {
            problems: Problems::of_rows(&first.name, options),
            current: Some(first),
            waiting,
            checks: BarChecks::new(options),
            times: TimeParser::new(options.zone, options.epoch_unit),
            options: options.clone(),
            shape,
            rounded: 0,
            name: name.to_owned(),
        })
    }

    /// Decodes the next rows; false when no file has any left.
    fn read_rows(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        loop {
            let Some(current) = self.current.as_mut() else {
                return Ok(false);
            };
            if current.rows_left > 0 {
                let rows = guarded(&current.name.clone(), || {
                    current.decode(&self.options, &mut self.times)
                })?;
                self.take(&rows, batch);
                return Ok(true);
            }
            if current.next_group < current.reader.count() {
                guarded(&current.name.clone(), || current.open_group())?;
                continue;
            }
            self.current = None;
            if let Some((source, file)) = self.waiting.pop_front() {
                let next = OpenFile::open(&source, &file, &self.options)?;
                if next.shape() != self.shape {
                    return Err(DataError::Unsupported {
                        file: next.name,
                        detail: "has other columns than the files before it; read it on its own"
                            .to_owned(),
                    });
                }
                self.problems.set_file(&next.name);
                self.current = Some(next);
            }
        }
    }

    /// Checks decoded rows into the batch.
    fn take(&mut self, rows: &DecodedRows, batch: &mut BarBatch) {
        self.rounded += rows.rounded;
        let Some(current) = self.current.as_mut() else {
            return;
        };
        for index in 0..rows.count {
            current.row += 1;
            let place = Place::Row(current.row);
            let aside = self.problems.rejects();
            match rows.bar(index, current, &mut self.checks, batch) {
                Ok(bar) => self.checks.push(&bar, place, batch, &mut self.problems),
                Err((column, kind)) => {
                    let name = column.and_then(|column| current.layout.names.get(column));
                    self.problems.add(place, name.map(String::as_str), kind);
                }
            }
            if self.problems.rejects() > aside {
                let raw = rows.text(index, &current.layout);
                self.problems.attach_raw(aside, raw.as_bytes());
            }
            if self.problems.is_full() {
                return;
            }
        }
    }
}

impl BarStream for ParquetBars {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        batch.clear_rows();
        if batch.columns.optional() != self.shape.optional {
            batch.columns = BarColumns::with_optional(self.shape.optional);
        }
        let mut more = true;
        while more
            && batch.columns.is_empty()
            && !self.problems.is_full()
            && !self.problems.must_drain()
        {
            more = self.read_rows(batch)?;
        }
        self.checks.finish_batch(batch, &mut self.problems);
        if !self.problems.is_empty() {
            while more && !self.problems.is_full() {
                batch.clear_rows();
                more = self.read_rows(batch)?;
            }
            batch.clear_rows();
            return Err(DataError::Rows(self.problems.take_report(more)));
        }
        if !more && self.checks.rows == 0 && self.problems.rejects() == 0 {
            return Err(DataError::NoRows {
                file: self.name.clone(),
            });
        }
        Ok(!batch.columns.is_empty() || more)
    }

    fn take_rejects(&mut self) -> Vec<Rejected> {
        self.problems.take_rejects()
    }

    fn info(&self) -> StreamInfo {
        StreamInfo {
            file: self.name.clone(),
            timeframe: self.checks.timeframe(),
            basis: self.shape.basis,
            adjustment: self.shape.adjustment,
            optional: self.shape.optional,
            rows: self.checks.rows,
            rounded_values: self.rounded,
            gaps: self.checks.gap_summary.clone(),
        }
    }
}

impl OpenFile {
    fn open(
        source: &Source,
        file: &PartitionedFile,
        options: &ReadOptions,
    ) -> Result<Self, DataError> {
        let name = file.path.display().to_string();
        let reader: Box<dyn RowGroups> = match source {
            Source::Path(path) => {
                let handle = open_file(path)?;
                refuse_cut_file(&handle, &name)?;
                guarded(&name, || {
                    SerializedFileReader::new(handle)
                        .map(|reader| Box::new(reader) as Box<dyn RowGroups>)
                })?
            }
            Source::Memory(bytes) => {
                let bytes = bytes.clone();
                refuse_cut_file(&bytes, &name)?;
                guarded(&name, || {
                    SerializedFileReader::new(bytes)
                        .map(|reader| Box::new(reader) as Box<dyn RowGroups>)
                })?
            }
        };
        let mut names = reader.names();
        if file.date.is_some() && !names.iter().any(|name| Layout::names_a_time(name)) {
            names.push("date".to_owned());
        }
        let layout = Layout::of_names(&name, names, b',')?;
        if layout
            .roles
            .iter()
            .any(|role| matches!(role, Role::Date | Role::Clock))
        {
            return Err(DataError::Unsupported {
                file: name,
                detail: "has date and time in two columns; combine them into one timestamp"
                    .to_owned(),
            });
        }
        let symbol = if layout.has_symbol {
            None
        } else {
            let named = file
                .symbol
                .or(options.symbol)
                .or_else(|| symbol_from_name(&name));
            Some(named.ok_or_else(|| DataError::Unsupported {
                file: name.clone(),
                detail:
                    "has no symbol column and its name is no symbol; name the symbol".to_owned(),
            })?)
        };
        Ok(Self {
            name,
            layout,
            reader,
            next_group: 0,
            columns: Vec::new(),
            rows_left: 0,
            row: 0,
            symbol,
            date: file.date,
        })
    }

    const fn shape(&self) -> Shape {
        Shape {
            basis: self.layout.basis,
            adjustment: self.layout.adjustment,
            optional: self.layout.optional,
        }
    }

    fn open_group(&mut self) -> Result<(), ParquetError> {
        let group = self.next_group;
        self.next_group += 1;
        self.rows_left = self.reader.rows(group);
        self.columns.clear();
        let stored = self.reader.names().len();
        for (index, role) in self.layout.roles.iter().enumerate() {
            let column = if *role == Role::Skip || index >= stored {
                None
            } else {
                let column = self.reader.column(group, index)?;
                let name = self.layout.names.get(index).map_or("", String::as_str);
                Some(column.ok_or_else(|| {
                    ParquetError::NYI(format!("column `{name}` has a type that no bar column has"))
                })?)
            };
            self.columns.push(column);
        }
        Ok(())
    }

    /// Decodes the next rows of the open row group.
    fn decode(
        &mut self,
        options: &ReadOptions,
        times: &mut TimeParser,
    ) -> Result<DecodedRows, ParquetError> {
        let count = self.rows_left.min(BATCH_ROWS);
        let mut rows = DecodedRows::default();
        for (index, (column, role)) in self.columns.iter_mut().zip(&self.layout.roles).enumerate() {
            let Some(column) = column else { continue };
            let found = match role {
                Role::Number(slot) => {
                    let mut cells = Cells::default();
                    column.numbers(count, slot.decimals(), options.extra_digits, &mut cells)?;
                    let found = cells.values.len();
                    rows.rounded += cells.rounded;
                    rows.numbers.push((index, *slot, cells));
                    found
                }
                Role::Time => {
                    rows.time_column = index;
                    column.times(count, options.zone, times, &mut rows.times)?;
                    rows.times.values.len()
                }
                Role::Symbol => {
                    rows.symbol_column = index;
                    column.texts(count, &mut rows.symbols)?;
                    rows.symbols.values.len()
                }
                Role::Skip | Role::Date | Role::Clock => count,
            };
            if found != count {
                return Err(ParquetError::EOF(format!(
                    "column {index} ends after {found} of {count} rows"
                )));
            }
        }
        self.rows_left -= count;
        rows.count = count;
        Ok(rows)
    }
}

/// Some rows, column by column.
#[derive(Default)]
struct DecodedRows {
    count: usize,
    numbers: Vec<(usize, Slot, Cells<i64>)>,
    /// Numbers that were rounded.
    rounded: u64,
    times: Cells<(i64, TimeForm)>,
    time_column: usize,
    symbols: Cells<Vec<u8>>,
    symbol_column: usize,
}

impl DecodedRows {
    /// A row as text, for messages: times in nanoseconds, numbers in plain decimals.
    fn text(&self, index: usize, layout: &Layout) -> String {
        let mut parts = Vec::new();
        if let Some((time, _)) = self.times.values.get(index) {
            parts.push(format!("time={time}"));
        }
        if let Some(symbol) = self.symbols.values.get(index) {
            parts.push(format!("symbol={}", crate::error::excerpt(symbol, 40)));
        }
        for (column, slot, cells) in &self.numbers {
            let name = layout.names.get(*column).map_or("", String::as_str);
            if let Some(units) = cells.values.get(index).filter(|units| **units != ABSENT) {
                let value = decimal_text(*units, slot.decimals());
                parts.push(format!("{name}={value}"));
            }
        }
        parts.join(",")
    }

    fn bar(
        &self,
        index: usize,
        file: &OpenFile,
        checks: &mut BarChecks,
        batch: &mut BarBatch,
    ) -> Result<RawBar, (Option<usize>, ProblemKind)> {
        let mut units = [None; Slot::COUNT];
        for (column, slot, cells) in &self.numbers {
            let units_found = cells.get(index).map_err(|kind| (Some(*column), kind))?;
            let Some(value) = units_found.filter(|value| **value != ABSENT) else {
                if slot.may_be_empty() {
                    continue;
                }
                return Err((Some(*column), ProblemKind::Null));
            };
            if let Some(place) = units.get_mut(*slot as usize) {
                *place = Some(*value);
            }
        }
        let at_time = |kind| (Some(self.time_column), kind);
        let (time, form) = match (self.times.get(index).map_err(at_time)?, file.date) {
            (Some((ABSENT, _)), _) | (None, None) => return Err(at_time(ProblemKind::Null)),
            (Some(time), _) => *time,
            (None, Some(date)) => (date, TimeForm::Date),
        };
        let at_symbol = |kind| (Some(self.symbol_column), kind);
        let stored = self
            .symbols
            .get(index)
            .map_err(at_symbol)?
            .map(Vec::as_slice);
        let symbol = match stored.or(file
            .symbol
            .as_ref()
            .map(|symbol| symbol.as_str().as_bytes()))
        {
            Some(text) => checks.symbol(text, batch).map_err(at_symbol)?,
            None => return Err(at_symbol(ProblemKind::Null)),
        };
        let units = |slot: Slot| units.get(slot as usize).copied().flatten();
        let price = |slot: Slot| units(slot).and_then(|units| Price::from_units(units).ok());
        let adjusted = price(Slot::AdjustedClose).unwrap_or(Price::ZERO);
        let close = price(Slot::Close).unwrap_or(adjusted);
        let ranged = |slot: Slot| match file.layout.basis {
            PriceBasis::Ohlc => price(slot).unwrap_or(Price::ZERO),
            PriceBasis::CloseOnly => close,
        };
        Ok(RawBar {
            time,
            form,
            open: ranged(Slot::Open),
            high: ranged(Slot::High),
            low: ranged(Slot::Low),
            close,
            volume: units(Slot::Volume)
                .and_then(|units| Volume::from_units(units).ok())
                .unwrap_or(Volume::ZERO),
            vwap: price(Slot::Vwap),
            trades: units(Slot::Trades).and_then(|count| u32::try_from(count).ok()),
            adjusted_close: adjusted,
            symbol,
        })
    }
}

/// Units of 10^-`decimals` as a decimal.
fn decimal_text(units: i64, decimals: u32) -> String {
    let one = 10_u64.saturating_pow(decimals);
    let sign = if units < 0 { "-" } else { "" };
    let (whole, part) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    let width = usize::try_from(decimals).unwrap_or(0);
    let text = format!("{sign}{whole}.{part:0width$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads all bars of a Parquet file in memory. Any bytes give series or an error, never a panic.
///
/// # Errors
/// As [`ParquetBars::open`]; [`DataError::Rows`] with the first faulty rows.
pub fn parse_parquet_bars(
    bytes: &[u8],
    file: &str,
    options: &ReadOptions,
) -> Result<Vec<BarSeries>, DataError> {
    let part = PartitionedFile {
        path: PathBuf::from(file),
        symbol: None,
        date: None,
    };
    let source = Source::Memory(Bytes::copy_from_slice(bytes));
    collect_series(&mut ParquetBars::from_sources(
        vec![(source, part)],
        file,
        options,
    )?)
}

/// A Parquet file begins and ends with `PAR1`; without the second it was cut off.
pub(crate) fn refuse_cut_file<R: ChunkReader>(source: &R, name: &str) -> Result<(), DataError> {
    let length = source.len();
    if length == 0 {
        return Err(DataError::Empty {
            file: name.to_owned(),
        });
    }
    let at = |offset: u64| source.get_bytes(offset, 4).ok();
    let is_magic = |bytes: Option<Bytes>| bytes.is_some_and(|bytes| bytes.as_ref() == b"PAR1");
    if !is_magic(at(0)) {
        return Err(DataError::Unsupported {
            file: name.to_owned(),
            detail: "is not a Parquet file".to_owned(),
        });
    }
    if length < 12 || !is_magic(at(length - 4)) {
        return Err(DataError::Truncated {
            file: name.to_owned(),
            detail: "the closing PAR1 is missing".to_owned(),
        });
    }
    Ok(())
}

/// Runs a step of the decoder; a damaged file must end in an error even where the decoder itself would panic.
pub(crate) fn guarded<T>(
    name: &str,
    step: impl FnOnce() -> Result<T, ParquetError>,
) -> Result<T, DataError> {
    let file = name.to_owned();
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::EOF(detail))) => Err(DataError::Truncated { file, detail }),
        Ok(Err(ParquetError::NYI(detail))) => Err(DataError::Unsupported { file, detail }),
        Ok(Err(error)) => Err(DataError::Corrupt {
            file,
            detail: error.to_string(),
        }),
        Err(_panic) => Err(DataError::Corrupt {
            file,
            detail: "its pages contradict each other".to_owned(),
        }),
    }
}
