//! The CSV reader: lines to rows to checked batches.

use std::io::{self, Cursor, Read};

use trader_domain::{Price, Symbol, Volume};

use super::header::{Layout, Role, Slot, symbol_from_name};
use super::lines::{Block, LONGEST_LINE, LineBlocks, split_line};
use crate::bar_check::{BarChecks, RawBar};
use crate::columns::BarBatch;
use crate::error::{DataError, excerpt};
use crate::options::ReadOptions;
use crate::problem::{Place, ProblemKind, Problems, Rejected};
use crate::series::{BarSeries, BarStream, PriceBasis, StreamInfo, collect_series};
use crate::text::decimal::{ExtraDigits, NumberFault, parse_units, prefix_units};
use crate::text::time::{TimeFault, TimeForm, TimeParser};

/// Streams bars from CSV text; see the module's documentation.
#[derive(Debug)]
pub struct CsvBars<R> {
    lines: LineBlocks<R>,
    /// Rows that came in one block with the header.
    pending: Vec<u8>,
    parser: RowParser,
    checks: BarChecks,
    problems: Problems,
    line: u64,
    ended: bool,
}

impl<R: Read> CsvBars<R> {
    /// Reads the header. `file` is the name used in messages, and gives the symbol where nothing else does.
    ///
    /// # Errors
    /// [`DataError`] when the source cannot be read or the header does not say what the columns are.
    pub fn new(source: R, file: &str, options: &ReadOptions) -> Result<Self, DataError> {
        let mut lines = LineBlocks::new(source);
        let first = match lines
            .next_block()
            .map_err(|error| DataError::from_io_named(file, "reading", error))?
        {
            Block::Lines(block) => block.to_vec(),
            Block::End => {
                return Err(DataError::Empty {
                    file: file.to_owned(),
                });
            }
            Block::TooLong => return Err(not_text(file)),
        };
        let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&first);
        if text.starts_with(b"\xFF\xFE") || text.starts_with(b"\xFE\xFF") {
            return Err(DataError::NotUtf8 {
                file: file.to_owned(),
                line: 1,
                hint: "it looks like UTF-16",
            });
        }
        let mut rest = text;
        let mut line = 0;
        let header = loop {
            let (candidate, after) = split_line(rest);
            line += 1;
            if !candidate.trim_ascii().is_empty() {
                rest = after;
                break candidate;
            }
            if after.is_empty() {
                return Err(DataError::Empty {
                    file: file.to_owned(),
                });
            }
            rest = after;
        };
        let header = std::str::from_utf8(header).map_err(|_error| DataError::NotUtf8 {
            file: file.to_owned(),
            line,
            hint: "bytes of another encoding, or no text at all",
        })?;
        if header.contains('\0') {
            return Err(not_text(file));
        }
        let layout = Layout::parse(file, header)?;
        let default_symbol = if layout.has_symbol {
            None
        } else {
            Some(
                options
                    .symbol
                    .or_else(|| symbol_from_name(file))
                    .ok_or_else(|| DataError::Unsupported {
                        file: file.to_owned(),
                        detail: "has no symbol column and its name is no symbol; name the symbol"
                            .to_owned(),
                    })?,
            )
        };
        Ok(Self {
            pending: rest.to_vec(),
            parser: RowParser::new(layout, default_symbol, options),
            checks: BarChecks::new(options),
            problems: Problems::of_rows(file, options),
            lines,
            line,
            ended: false,
        })
    }

    /// Takes the next block of lines into the batch; false at the end.
    fn read_block(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        let Self {
            lines,
            pending,
            parser,
            checks,
            problems,
            line,
            ..
        } = self;
        if !pending.is_empty() {
            parser.rows(pending, line, checks, problems, batch)?;
            pending.clear();
            return Ok(true);
        }
        let block = lines
            .next_block()
            .map_err(|error| DataError::from_io_named(problems.file(), "reading", error))?;
        match block {
            Block::Lines(block) => parser.rows(block, line, checks, problems, batch)?,
            Block::End => return Ok(false),
            Block::TooLong => {
                problems.add(
                    Place::Line(*line + 1),
                    None,
                    ProblemKind::LineTooLong { most: LONGEST_LINE },
                );
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<R: Read> BarStream for CsvBars<R> {
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError> {
        batch.clear_rows();
        if batch.columns.optional() != self.parser.layout.optional {
            batch.columns = crate::columns::BarColumns::with_optional(self.parser.layout.optional);
        }
        while !self.ended
            && batch.columns.is_empty()
            && !self.problems.is_full()
            && !self.problems.must_drain()
        {
            self.ended = !self.read_block(batch)?;
        }
        self.checks.finish_batch(batch, &mut self.problems);
        if !self.problems.is_empty() {
            // Rows are already known to be faulty: look at the rest only to report more of it.
            while !self.ended && !self.problems.is_full() {
                batch.clear_rows();
                self.ended = !self.read_block(batch)?;
            }
            batch.clear_rows();
            return Err(DataError::Rows(self.problems.take_report(!self.ended)));
        }
        if self.ended && self.checks.rows == 0 && self.problems.rejects() == 0 {
            return Err(DataError::NoRows {
                file: self.problems.file().to_owned(),
            });
        }
        Ok(!batch.columns.is_empty() || !self.ended)
    }

    fn take_rejects(&mut self) -> Vec<Rejected> {
        self.problems.take_rejects()
    }

    fn info(&self) -> StreamInfo {
        StreamInfo {
            file: self.problems.file().to_owned(),
            timeframe: self.checks.timeframe(),
            basis: self.parser.layout.basis,
            adjustment: self.parser.layout.adjustment,
            optional: self.parser.layout.optional,
            rows: self.checks.rows,
            rounded_values: self.parser.rounded,
            gaps: self.checks.gap_summary.clone(),
        }
    }
}

/// Reads all bars of a CSV in memory. Any bytes give series or an error, never a panic.
///
/// # Errors
/// As [`CsvBars::new`]; [`DataError::Rows`] with the first faulty rows.
pub fn parse_csv_bars(
    bytes: &[u8],
    file: &str,
    options: &ReadOptions,
) -> Result<Vec<BarSeries>, DataError> {
    let mut reader = CsvBars::new(Cursor::new(bytes), file, options)?;
    collect_series(&mut reader)
}

fn not_text(file: &str) -> DataError {
    DataError::Unsupported {
        file: file.to_owned(),
        detail: "is not a CSV file: no line ends or zero bytes at its start".to_owned(),
    }
}

/// Turns one line into one bar.
#[derive(Debug)]
struct RowParser {
    layout: Layout,
    times: TimeParser,
    extra: ExtraDigits,
    default_symbol: Option<Symbol>,
    /// The index of the default symbol, once it is known.
    implied: Option<u32>,
    rounded: u64,
}

/// A fault and the column it is in.
type Fault = (Option<usize>, ProblemKind);

/// The numbers of one row by [`Slot`]; `None` where an optional field is empty.
type Numbers = [Option<i64>; Slot::COUNT];

impl RowParser {
    fn new(layout: Layout, default_symbol: Option<Symbol>, options: &ReadOptions) -> Self {
        Self {
            layout,
            times: TimeParser::new(options.zone, options.epoch_unit),
            extra: options.extra_digits,
            default_symbol,
            implied: None,
            rounded: 0,
        }
    }

    /// Takes a block of whole lines.
    fn rows(
        &mut self,
        block: &[u8],
        line: &mut u64,
        checks: &mut BarChecks,
        problems: &mut Problems,
        batch: &mut BarBatch,
    ) -> Result<(), DataError> {
        if let Err(error) = std::str::from_utf8(block) {
            let before = block.get(..error.valid_up_to()).unwrap_or_default();
            let lines = memchr::memchr_iter(b'\n', before).count();
            return Err(DataError::NotUtf8 {
                file: problems.file().to_owned(),
                line: *line + 1 + u64::try_from(lines).unwrap_or(u64::MAX),
                hint: "bytes of another encoding, or damage",
            });
        }
        let mut rest = block;
        while !rest.is_empty() {
            let (text, after) = split_line(rest);
            let unfinished = after.is_empty() && !rest.ends_with(b"\n");
            rest = after;
            *line += 1;
            if text.trim_ascii().is_empty() {
                continue;
            }
            let place = Place::Line(*line);
            let aside = problems.rejects();
            match self.row(text, checks, batch) {
                Ok(bar) => checks.push(&bar, place, batch, problems),
                Err((_, ProblemKind::FieldCount { found, expected }))
                    if unfinished && found < expected =>
                {
                    problems.add(place, None, ProblemKind::Truncated);
                }
                Err((column, kind)) => {
                    let name = column.and_then(|column| self.layout.names.get(column));
                    problems.add(place, name.map(String::as_str), kind);
                }
            }
            if problems.rejects() > aside {
                problems.attach_raw(aside, text);
            }
            if problems.is_full() {
                break;
            }
        }
        Ok(())
    }

    #[inline]
    fn row(
        &mut self,
        line: &[u8],
        checks: &mut BarChecks,
        batch: &mut BarBatch,
    ) -> Result<RawBar, Fault> {
        let mut numbers: Numbers = [None; Slot::COUNT];
        let mut time: Option<(i64, TimeForm)> = None;
        let (mut date, mut clock): (&[u8], &[u8]) = (&[], &[]);
        let mut symbol = None;
        let mut rest = Some(line);
        let separator = self.layout.separator;
        for index in 0..self.layout.roles.len() {
            let Some(text) = rest else {
                return Err((None, self.field_count(line)));
            };
            let role = self.layout.roles.get(index).copied().unwrap_or(Role::Skip);
            if let Role::Number(slot) = role {
                let (value, after) = self
                    .number(text, slot)
                    .map_err(|kind| (Some(index), kind))?;
                if let Some(place) = numbers.get_mut(slot as usize) {
                    *place = value;
                }
                rest = after;
                continue;
            }
            let (field, after) = split_field(text, separator);
            rest = after;
            match role {
                Role::Time => time = Some(self.time(field).map_err(|kind| (Some(index), kind))?),
                Role::Date => date = field,
                Role::Clock => clock = field,
                Role::Symbol => {
                    symbol = Some(
                        checks
                            .symbol(field, batch)
                            .map_err(|kind| (Some(index), kind))?,
                    );
                }
                Role::Skip | Role::Number(_) => {}
            }
        }
        if rest.is_some() {
            return Err((None, self.field_count(line)));
        }
        let (time, form) = match time {
            Some(time) => time,
            None => (
                self.parts(date, clock).map_err(|kind| (None, kind))?,
                TimeForm::Instant,
            ),
        };
        let symbol = match symbol {
            Some(symbol) => symbol,
            None => self
                .implied_symbol(checks, batch)
                .map_err(|kind| (None, kind))?,
        };
        Ok(self.bar(time, form, symbol, &numbers))
    }

    fn bar(&self, time: i64, form: TimeForm, symbol: u32, numbers: &Numbers) -> RawBar {
        let units = |slot: Slot| numbers.get(slot as usize).copied().flatten();
        // `number` never yields i64::MIN, the one value a price refuses.
        let price = |slot: Slot| units(slot).and_then(|units| Price::from_units(units).ok());
        let adjusted = price(Slot::AdjustedClose).unwrap_or(Price::ZERO);
        let close = price(Slot::Close).unwrap_or(adjusted);
        let (open, high, low) = match self.layout.basis {
            PriceBasis::Ohlc => (
                price(Slot::Open).unwrap_or(Price::ZERO),
                price(Slot::High).unwrap_or(Price::ZERO),
                price(Slot::Low).unwrap_or(Price::ZERO),
            ),
            PriceBasis::CloseOnly => (close, close, close),
        };
        RawBar {
            time,
            form,
            open,
            high,
            low,
            close,
            volume: units(Slot::Volume)
                .and_then(|units| Volume::from_units(units).ok())
                .unwrap_or(Volume::ZERO),
            vwap: price(Slot::Vwap),
            trades: units(Slot::Trades).and_then(|count| u32::try_from(count).ok()),
            adjusted_close: adjusted,
            symbol,
        }
    }

    /// The number at the start of `text`, and what follows its separator.
    #[inline]
    fn number<'a>(
        &mut self,
        text: &'a [u8],
        slot: Slot,
    ) -> Result<(Option<i64>, Option<&'a [u8]>), ProblemKind> {
        if let Some((value, used)) = prefix_units(text, slot.decimals()) {
            match text.get(used) {
                Some(byte) if *byte == self.layout.separator => {
                    return Ok((Some(value), text.get(used + 1..)));
                }
                None => return Ok((Some(value), None)),
                Some(_) => {}
            }
        }
        let (field, after) = split_field(text, self.layout.separator);
        Ok((self.unusual_number(field, slot)?, after))
    }

    /// Signs, exponents, quotes, blanks, empty fields, and faults.
    #[cold]
    fn unusual_number(&mut self, field: &[u8], slot: Slot) -> Result<Option<i64>, ProblemKind> {
        if field.is_empty() && slot.may_be_empty() {
            return Ok(None);
        }
        let decimals = slot.decimals();
        let fault = |fault: NumberFault| ProblemKind::Number {
            found: excerpt(field, 40),
            fault,
            decimals,
        };
        let units = parse_units(field, decimals, self.extra).map_err(fault)?;
        self.rounded += u64::from(units.rounded);
        if slot == Slot::Trades && u32::try_from(units.value).is_err() {
            return Err(fault(NumberFault::OutOfRange));
        }
        Ok(Some(units.value))
    }

    #[inline]
    fn time(&mut self, field: &[u8]) -> Result<(i64, TimeForm), ProblemKind> {
        self.times
            .parse(field)
            .map_err(|fault| time_problem(field, fault))
    }

    fn parts(&mut self, date: &[u8], clock: &[u8]) -> Result<i64, ProblemKind> {
        self.times.parse_parts(date, clock).map_err(|fault| {
            let both = [date, b" ", clock].concat();
            time_problem(&both, fault)
        })
    }

    /// The symbol of a file without a symbol column.
    #[inline]
    fn implied_symbol(
        &mut self,
        checks: &mut BarChecks,
        batch: &mut BarBatch,
    ) -> Result<u32, ProblemKind> {
        if let Some(index) = self.implied {
            return Ok(index);
        }
        let symbol = self.default_symbol.ok_or_else(|| ProblemKind::Symbol {
            found: String::new(),
        })?;
        let index = checks.symbol(symbol.as_str().as_bytes(), batch)?;
        self.implied = Some(index);
        Ok(index)
    }

    #[cold]
    fn field_count(&self, line: &[u8]) -> ProblemKind {
        let mut found = 0;
        let mut rest = Some(line);
        while let Some(text) = rest {
            found += 1;
            rest = split_field(text, self.layout.separator).1;
        }
        ProblemKind::FieldCount {
            found,
            expected: self.layout.roles.len(),
        }
    }
}

#[cold]
fn time_problem(field: &[u8], fault: TimeFault) -> ProblemKind {
    ProblemKind::Time {
        found: excerpt(field, 40),
        fault,
    }
}

/// The first field without quotes and surrounding blanks, and what follows its separator (`None` at the line's end).
#[inline]
fn split_field(text: &[u8], separator: u8) -> (&[u8], Option<&[u8]>) {
    if text.first() == Some(&b'"')
        && let Some(inner) = text.get(1..)
        && let Some(end) = memchr::memchr(b'"', inner)
    {
        let after = inner.get(end + 1..).unwrap_or_default();
        match after.split_first() {
            None => return (inner.get(..end).unwrap_or_default().trim_ascii(), None),
            Some((byte, rest)) if *byte == separator => {
                return (
                    inner.get(..end).unwrap_or_default().trim_ascii(),
                    Some(rest),
                );
            }
            // A doubled or stray quote: no column that is used needs one; the field is judged with its quotes.
            Some(_) => {}
        }
    }
    match memchr::memchr(separator, text) {
        Some(at) => {
            let (field, rest) = text.split_at(at);
            (field.trim_ascii(), rest.get(1..))
        }
        None => (text.trim_ascii(), None),
    }
}

/// Opens `source` as gzip if it starts like gzip, else as it is.
pub(crate) fn maybe_gzip<R: Read>(mut source: R) -> io::Result<MaybeGzip<R>> {
    let mut magic = [0_u8; 2];
    let mut filled = 0;
    while filled < magic.len() {
        match source.read(magic.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let start = Cursor::new(magic.get(..filled).unwrap_or_default().to_vec());
    let whole = start.chain(source);
    Ok(if magic == [0x1F, 0x8B] {
        MaybeGzip::Gzip(Box::new(flate2::read::MultiGzDecoder::new(whole)))
    } else {
        MaybeGzip::Plain(whole)
    })
}

/// Bytes that may have been gzipped.
#[derive(Debug)]
pub(crate) enum MaybeGzip<R> {
    Plain(io::Chain<Cursor<Vec<u8>>, R>),
    Gzip(Box<flate2::read::MultiGzDecoder<io::Chain<Cursor<Vec<u8>>, R>>>),
}

impl<R: Read> Read for MaybeGzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(source) => source.read(buffer),
            Self::Gzip(source) => source.read(buffer),
        }
    }
}
