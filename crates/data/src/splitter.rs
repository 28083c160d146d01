//! Cuts a stream of bars into pieces of one symbol and one partition, keeping what was asked for.

use chrono::NaiveDate;
use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_storage::store::{Partition, label_of_date, trading_date};
use trader_storage::{BarBatch, BarColumns};

use crate::source::{HistoryRequest, WorkUnit};

/// Bars of one symbol within one partition, in the order of time.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) symbol: Symbol,
    pub(crate) columns: BarColumns,
}

/// Collects rows until their partition is over.
pub(crate) struct Splitter<'a> {
    request: &'a HistoryRequest,
    unit: &'a WorkUnit,
    timeframe: Timeframe,
    range: (Timestamp, Timestamp),
    /// By the stream's number of the symbol.
    open: Vec<Open>,
}

/// A partition being collected.
#[derive(Default)]
struct Open {
    symbol: Option<Symbol>,
    until: Option<Timestamp>,
    columns: BarColumns,
}

impl<'a> Splitter<'a> {
    pub(crate) fn new(
        request: &'a HistoryRequest,
        unit: &'a WorkUnit,
        timeframe: Timeframe,
    ) -> Self {
        let dates = unit.dates;
        let label = |date: NaiveDate| label_of_date(date, timeframe);
        let from = request.dates.from.max(dates.from);
        let to = match (request.dates.to, dates.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let next = to.and_then(|to| to.succ_opt());
        Self {
            request,
            unit,
            timeframe,
            range: (
                from.and_then(label).unwrap_or(Timestamp::MIN),
                next.and_then(label).unwrap_or(Timestamp::MAX),
            ),
            open: Vec::new(),
        }
    }

    /// Takes the rows of a batch; pieces that are complete go to `emit`. Returns how many rows were wanted.
    pub(crate) fn take(&mut self, batch: &BarBatch, emit: &mut impl FnMut(Piece)) -> u64 {
        let mut wanted = 0;
        let mut at = 0;
        while let Some(number) = batch.symbol.get(at).copied() {
            let rest = batch.symbol.get(at..).unwrap_or_default();
            let run = rest.iter().take_while(|other| **other == number).count();
            if let Some(symbol) = batch.symbols.get(number as usize).copied()
                && self.request.wants_symbol(symbol, self.unit)
            {
                wanted += self.run(symbol, number as usize, batch, (at, at + run), emit);
            }
            at += run;
        }
        wanted
    }

    /// Takes consecutive rows of one symbol.
    fn run(
        &mut self,
        symbol: Symbol,
        number: usize,
        batch: &BarBatch,
        (mut at, end): (usize, usize),
        emit: &mut impl FnMut(Piece),
    ) -> u64 {
        if self.open.len() <= number {
            self.open.resize_with(number + 1, Open::default);
        }
        let mut wanted = 0;
        while at < end {
            let labels = batch.columns.start.get(at..end).unwrap_or_default();
            let Some(first) = labels.first().copied() else {
                break;
            };
            let partition = Partition::of(first, self.timeframe);
            let until = partition
                .and_then(|partition| partition.until(self.timeframe))
                .unwrap_or(Timestamp::MAX);
            let length = labels.partition_point(|label| *label < until).max(1);
            let Some(open) = self.open.get_mut(number) else {
                break;
            };
            if open.until != Some(until) {
                flush(open, emit);
                open.until = Some(until);
                open.symbol = Some(symbol);
                open.columns = BarColumns::with_optional(batch.columns.optional());
            }
            let labels = labels.get(..length).unwrap_or_default();
            let from = at + labels.partition_point(|label| *label < self.range.0);
            let until = at + labels.partition_point(|label| *label < self.range.1);
            match self.request.only.as_ref() {
                None if from < until => {
                    open.columns.append_range(&batch.columns, from, until);
                    wanted += (until - from) as u64;
                }
                None => {}
                Some(only) => {
                    let dates = only.get(&symbol);
                    for (index, label) in (at..).zip(labels) {
                        let date = trading_date(*label, self.timeframe);
                        let is_wanted = dates
                            .zip(date)
                            .is_some_and(|(dates, date)| dates.contains(&date));
                        if from <= index && index < until && is_wanted {
                            open.columns.push_from(&batch.columns, index);
                            wanted += 1;
                        }
                    }
                }
            }
            at += length;
        }
        wanted
    }

    /// Hands out what is left.
    pub(crate) fn finish(mut self, emit: &mut impl FnMut(Piece)) {
        for open in &mut self.open {
            flush(open, emit);
        }
    }
}

fn flush(open: &mut Open, emit: &mut impl FnMut(Piece)) {
    let columns = std::mem::take(&mut open.columns);
    if let (Some(symbol), false) = (open.symbol, columns.is_empty()) {
        emit(Piece { symbol, columns });
    }
}
