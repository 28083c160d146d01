//! A symbol's whole history in memory, and the stream it is read from.

use trader_domain::{
    Bar, InstrumentId, MarketCalendar, NANOS_PER_SECOND, Symbol, Timeframe, Timestamp, VendorId,
    Volume,
};

use crate::bar_check::GapSummary;
use crate::columns::{BarBatch, BarColumns, OptionalColumns};
use crate::error::DataError;
use crate::problem::Rejected;
use crate::text::time::TimeFault;
use crate::text::zone::Zone;

/// What the prices of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriceBasis {
    /// Open, high, low and close as traded.
    Ohlc,
    /// Only closes are known. The columns open, high and low repeat the close; nothing may be concluded from them
    /// (no intrabar path, no stop touched, no range).
    CloseOnly,
}

/// How prices were changed after they traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// The file does not say.
    Unknown,
    /// As traded.
    Raw,
    /// By the vendor, for splits and dividends, as of an unknown date.
    Vendor,
    /// By us, from factor files, as seen at the given date (00:00 UTC names it).
    AsOf(Timestamp),
}

/// What is known of a stream of bars; counts grow while it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamInfo {
    /// The source, as named in messages.
    pub file: String,
    /// Length of the bars; `None` before the first batch unless the options named it.
    pub timeframe: Option<Timeframe>,
    /// What the prices are.
    pub basis: PriceBasis,
    /// How they were changed.
    pub adjustment: Adjustment,
    /// Which optional columns there are.
    pub optional: OptionalColumns,
    /// Rows read so far.
    pub rows: u64,
    /// Values rounded under [`crate::ExtraDigits::RoundHalfEven`] so far.
    pub rounded_values: u64,
    /// Gaps so far.
    pub gaps: GapSummary,
}

/// Bars in file order, batch by batch; memory does not grow with the length of the file.
pub trait BarStream {
    /// Replaces the rows of `batch` with the next ones; false at the end. Use one batch for the whole stream: its
    /// table of symbols belongs to the stream. A batch may be empty before the end where all its rows were set aside.
    ///
    /// # Errors
    /// [`DataError`]; a batch with a faulty row is not handed out.
    fn next_batch(&mut self, batch: &mut BarBatch) -> Result<bool, DataError>;

    /// What is known so far.
    fn info(&self) -> StreamInfo;

    /// Rows set aside since the last call, in the order of the source; empty unless the reader was told
    /// [`crate::FaultPolicy::SetAside`]. Call it after each batch.
    fn take_rejects(&mut self) -> Vec<Rejected> {
        Vec::new()
    }
}

/// One symbol's bars and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarSeries {
    /// The symbol, as the file has it.
    pub symbol: Symbol,
    /// Length of the bars.
    pub timeframe: Timeframe,
    /// What the prices are.
    pub basis: PriceBasis,
    /// How they were changed.
    pub adjustment: Adjustment,
    /// The source, as named in messages.
    pub file: String,
    /// Values rounded on reading, over the whole file.
    pub rounded_values: u64,
    /// Gaps, over the whole file.
    pub gaps: GapSummary,
    /// The bars.
    pub columns: BarColumns,
}

impl BarSeries {
    /// The bars as domain records. Without receive times in the data, a bar is received when it ends.
    ///
    /// A session bar lasts as [`interval`] says.
    ///
    /// # Errors
    /// The iterator yields [`TimeFault::OutOfRange`] for session bars before 1946.
    pub fn bars(
        &self,
        instrument: InstrumentId,
        vendor: VendorId,
    ) -> impl Iterator<Item = Result<Bar, TimeFault>> + '_ {
        (0..self.columns.len()).filter_map(move |index| self.bar(index, instrument, vendor))
    }

    fn bar(
        &self,
        index: usize,
        instrument: InstrumentId,
        vendor: VendorId,
    ) -> Option<Result<Bar, TimeFault>> {
        let columns = &self.columns;
        let label = *columns.start.get(index)?;
        let (start, time) = match interval(label, self.timeframe) {
            Ok(interval) => interval,
            Err(fault) => return Some(Err(fault)),
        };
        Some(Ok(Bar {
            instrument,
            vendor,
            timeframe: self.timeframe,
            start,
            time,
            received: time,
            open: *columns.open.get(index)?,
            high: *columns.high.get(index)?,
            low: *columns.low.get(index)?,
            close: *columns.close.get(index)?,
            volume: columns
                .volume
                .as_ref()
                .map_or(Some(Volume::ZERO), |volume| volume.get(index).copied())?,
            vwap: columns
                .vwap
                .as_ref()
                .and_then(|vwap| vwap.get(index).copied().flatten()),
            trade_count: columns
                .trades
                .as_ref()
                .and_then(|trades| trades.get(index).copied().flatten()),
        }))
    }
}

/// Start and end of the bar with this label (see [`BarColumns::start`]).
///
/// A session bar lasts as long as regular trading did on its date by the exchanges' calendar, early closes included.
/// Before 1990, and on dates that are no trading days there, it is taken to last from 09:30 to 16:00 New York.
///
/// # Errors
/// [`TimeFault::OutOfRange`] for session bars before 1946.
pub fn interval(
    label: Timestamp,
    timeframe: Timeframe,
) -> Result<(Timestamp, Timestamp), TimeFault> {
    const MINUTE: i64 = 60 * NANOS_PER_SECOND;
    if timeframe != Timeframe::Session {
        return Ok((label, label.saturating_add(timeframe.nanos())));
    }
    if let Ok(Some(day)) = MarketCalendar::us_equities().day(label.utc_date()) {
        return Ok((day.open, day.close));
    }
    let at = |minutes: i64| {
        let local = label
            .nanos()
            .checked_add(minutes * MINUTE)
            .ok_or(TimeFault::OutOfRange)?;
        Zone::NewYork.to_utc(local).map(Timestamp::from_nanos)
    };
    Ok((at(9 * 60 + 30)?, at(16 * 60)?))
}

/// Reads a stream to its end, one series per symbol in the order of first appearance.
///
/// # Errors
/// As [`BarStream::next_batch`].
pub fn collect_series(stream: &mut dyn BarStream) -> Result<Vec<BarSeries>, DataError> {
    let mut batch = BarBatch::default();
    let mut columns: Vec<BarColumns> = Vec::new();
    while stream.next_batch(&mut batch)? {
        columns.resize_with(batch.symbols.len(), || {
            BarColumns::with_optional(batch.columns.optional())
        });
        distribute(&batch, &mut columns);
    }
    let info = stream.info();
    let Some(timeframe) = info.timeframe else {
        return Err(DataError::NoRows { file: info.file });
    };
    Ok(batch
        .symbols
        .iter()
        .zip(columns)
        .filter(|(_, columns)| !columns.is_empty())
        .map(|(symbol, columns)| BarSeries {
            symbol: *symbol,
            timeframe,
            basis: info.basis,
            adjustment: info.adjustment,
            file: info.file.clone(),
            rounded_values: info.rounded_values,
            gaps: info.gaps.clone(),
            columns,
        })
        .collect())
}

/// Adds the rows of a batch to their symbols' columns.
fn distribute(batch: &BarBatch, columns: &mut [BarColumns]) {
    let first = batch.symbol.first().copied();
    if batch.symbol.iter().all(|symbol| Some(*symbol) == first) {
        if let Some(to) = first.and_then(|first| columns.get_mut(first as usize)) {
            to.append(&batch.columns);
        }
        return;
    }
    for (index, symbol) in batch.symbol.iter().enumerate() {
        if let Some(to) = columns.get_mut(*symbol as usize) {
            to.push_from(&batch.columns, index);
        }
    }
}
