//! The checks that every bar from outside passes before anything else sees it.
//!
//! Readers push rows one by one; a faulty row is noted and left out, a good one lands in the batch. After each batch
//! the reader calls [`BarChecks::finish_batch`], which settles the timeframe from the first rows and turns labels into
//! interval starts.

use std::collections::{BTreeMap, BTreeSet};

use trader_domain::{
    MarketCalendar, NANOS_PER_DAY, NANOS_PER_SECOND, Price, Symbol, Timeframe, Timestamp, Volume,
};

use crate::columns::BarBatch;
use crate::options::{BarLabel, FaultPolicy, GapPolicy, GapRule, Plausible, ReadOptions};
use crate::problem::{Place, ProblemKind, Problems};
use crate::text::time::TimeForm;
use crate::text::zone::{Zone, date_of_epoch_day};

/// Gaps found in a read, under [`GapPolicy::Report`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GapSummary {
    /// How many.
    pub count: u64,
    /// The longest, as symbol, row before, row after.
    pub longest: Option<(Symbol, Timestamp, Timestamp)>,
    /// The first ten.
    pub first: Vec<(Symbol, Timestamp, Timestamp)>,
}

/// One bar as read, before any check.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawBar {
    pub(crate) time: i64,
    pub(crate) form: TimeForm,
    pub(crate) open: Price,
    pub(crate) high: Price,
    pub(crate) low: Price,
    pub(crate) close: Price,
    pub(crate) volume: Volume,
    pub(crate) vwap: Option<Price>,
    pub(crate) trades: Option<u32>,
    pub(crate) adjusted_close: Price,
    pub(crate) symbol: u32,
}

/// What is remembered of a symbol's last row.
#[derive(Debug, Clone, Copy)]
struct Last {
    time: i64,
    close: i64,
    /// Start after labels are settled.
    start: i64,
}

/// Checks rows against their predecessors and the options.
#[derive(Debug)]
pub(crate) struct BarChecks {
    now: i64,
    plausible: Plausible,
    gaps: GapPolicy,
    calendar: MarketCalendar,
    label: BarLabel,
    timeframe: Option<Timeframe>,
    form: Option<TimeForm>,
    universe: Option<BTreeSet<Symbol>>,
    last: Vec<Last>,
    index: BTreeMap<Symbol, u32>,
    /// The symbol asked for last: consecutive rows share it.
    recent: Option<(Symbol, u32)>,
    pub(crate) gap_summary: GapSummary,
    pub(crate) rows: u64,
}

impl BarChecks {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        Self {
            now: options.now.nanos(),
            plausible: options.plausible,
            gaps: options.gaps,
            calendar: MarketCalendar::us_equities(),
            label: options.label,
            timeframe: options.timeframe,
            form: None,
            universe: options.universe.clone(),
            last: Vec::new(),
            index: BTreeMap::new(),
            recent: None,
            gap_summary: GapSummary::default(),
            rows: 0,
        }
    }

    pub(crate) const fn timeframe(&self) -> Option<Timeframe> {
        self.timeframe
    }

    /// The index of a symbol, new ones added to the batch's table.
    pub(crate) fn symbol(&mut self, text: &[u8], batch: &mut BarBatch) -> Result<u32, ProblemKind> {
        if let Some((symbol, index)) = &self.recent
            && symbol.as_str().as_bytes() == text
        {
            return Ok(*index);
        }
        let bad = || ProblemKind::Symbol {
            found: crate::error::excerpt(text, 40),
        };
        let symbol = std::str::from_utf8(text)
            .ok()
            .and_then(|text| Symbol::new(text).ok())
            .ok_or_else(bad)?;
        if let Some(index) = self.index.get(&symbol).copied() {
            self.recent = Some((symbol, index));
            return Ok(index);
        }
        if self
            .universe
            .as_ref()
            .is_some_and(|known| !known.contains(&symbol))
        {
            return Err(ProblemKind::UnknownSymbol {
                found: symbol.to_string(),
            });
        }
        let index = u32::try_from(batch.symbols.len()).map_err(|_too_many| bad())?;
        batch.symbols.push(symbol);
        self.index.insert(symbol, index);
        self.last.push(Last {
            time: i64::MIN,
            close: 0,
            start: i64::MIN,
        });
        Ok(index)
    }

    /// Takes a row into the batch if nothing is wrong with it.
    #[inline]
    pub(crate) fn push(
        &mut self,
        bar: &RawBar,
        place: Place,
        batch: &mut BarBatch,
        problems: &mut Problems,
    ) {
        if let Err((column, kind)) = self.check(bar) {
            problems.add(place, column, kind);
            return;
        }
        self.note_gap(bar, place, batch, problems);
        if let Some(last) = self.last.get_mut(bar.symbol as usize) {
            last.time = bar.time;
            last.close = bar.close.units();
        }
        self.rows += 1;
        let columns = &mut batch.columns;
        columns.start.push(Timestamp::from_nanos(bar.time));
        columns.open.push(bar.open);
        columns.high.push(bar.high);
        columns.low.push(bar.low);
        columns.close.push(bar.close);
        if let Some(volume) = columns.volume.as_mut() {
            volume.push(bar.volume);
        }
        if let Some(vwap) = columns.vwap.as_mut() {
            vwap.push(bar.vwap);
        }
        if let Some(trades) = columns.trades.as_mut() {
            trades.push(bar.trades);
        }
        if let Some(adjusted) = columns.adjusted_close.as_mut() {
            adjusted.push(bar.adjusted_close);
        }
        batch.symbol.push(bar.symbol);
    }

    #[inline]
    fn check(&mut self, bar: &RawBar) -> Result<(), (Option<&'static str>, ProblemKind)> {
        let most = self.plausible.most_price;
        // One test for the usual case; which fault it is, is worked out only when there is one.
        let sound = bar.low.is_positive()
            && bar.low <= bar.open.min(bar.close)
            && bar.high >= bar.open.max(bar.close)
            && bar.high <= most
            && !bar.volume.is_negative();
        if !sound {
            return Err(self.value_fault(bar));
        }
        let last = self.last.get(bar.symbol as usize).copied().unwrap_or(Last {
            time: i64::MIN,
            close: 0,
            start: i64::MIN,
        });
        let in_time = bar.time > last.time
            && bar.time <= self.now
            && bar.time >= self.plausible.earliest.nanos();
        if !in_time {
            return Err((None, self.time_fault(bar, last)));
        }
        if self.form != Some(bar.form) {
            if self.form.is_some() {
                let found = Timestamp::from_nanos(bar.time).to_string();
                return Err((None, ProblemKind::MixedTimes { found }));
            }
            self.form = Some(bar.form);
        }
        if last.close != 0 && self.moved_too_far(last.close, bar.close.units()) {
            return Err((
                Some("close"),
                ProblemKind::ImplausibleMove {
                    previous: Price::from_units(last.close).unwrap_or(Price::ZERO),
                    found: bar.close,
                    factor: self.plausible.most_move,
                },
            ));
        }
        Ok(())
    }

    #[inline]
    fn moved_too_far(&self, previous: i64, close: i64) -> bool {
        let (low, high) = if previous < close {
            (previous, close)
        } else {
            (close, previous)
        };
        low.saturating_mul(i64::from(self.plausible.most_move)) < high
    }

    #[cold]
    fn value_fault(&self, bar: &RawBar) -> (Option<&'static str>, ProblemKind) {
        let prices = [
            ("open", bar.open),
            ("high", bar.high),
            ("low", bar.low),
            ("close", bar.close),
        ];
        for (column, found) in prices {
            if !found.is_positive() {
                return (Some(column), ProblemKind::NotPositive { found });
            }
        }
        if bar.volume.is_negative() {
            return (
                Some("volume"),
                ProblemKind::NegativeVolume { found: bar.volume },
            );
        }
        let most = self.plausible.most_price;
        for (column, found) in prices {
            if found > most {
                return (Some(column), ProblemKind::ImplausiblePrice { found, most });
            }
        }
        let RawBar {
            open,
            high,
            low,
            close,
            ..
        } = *bar;
        (
            None,
            ProblemKind::NotEnclosed {
                open,
                high,
                low,
                close,
            },
        )
    }

    #[cold]
    fn time_fault(&self, bar: &RawBar, last: Last) -> ProblemKind {
        let found = Timestamp::from_nanos(bar.time);
        let earliest = self.plausible.earliest;
        if found < earliest {
            ProblemKind::TooEarly { found, earliest }
        } else if bar.time > self.now {
            ProblemKind::FutureDated {
                found,
                now: Timestamp::from_nanos(self.now),
            }
        } else if bar.time == last.time {
            ProblemKind::Duplicate { time: found }
        } else {
            ProblemKind::Unsorted {
                previous: Timestamp::from_nanos(last.time),
                found,
            }
        }
    }

    #[inline]
    fn note_gap(&mut self, bar: &RawBar, place: Place, batch: &BarBatch, problems: &mut Problems) {
        let rule = match self.gaps {
            GapPolicy::Ignore => return,
            GapPolicy::Report(rule) | GapPolicy::Reject(rule) => rule,
        };
        let Some(last) = self.last.get(bar.symbol as usize) else {
            return;
        };
        if last.time == i64::MIN || !self.is_gap(rule, last.time, bar) {
            return;
        }
        let (from, to) = (
            Timestamp::from_nanos(last.time),
            Timestamp::from_nanos(bar.time),
        );
        if matches!(self.gaps, GapPolicy::Reject(_)) {
            problems.add(place, None, ProblemKind::Gap { from, to });
        }
        let Some(symbol) = batch.symbols.get(bar.symbol as usize).copied() else {
            return;
        };
        let summary = &mut self.gap_summary;
        summary.count += 1;
        if summary.first.len() < 10 {
            summary.first.push((symbol, from, to));
        }
        let longer = summary
            .longest
            .is_none_or(|(_, start, end)| to.nanos_since(from) > end.nanos_since(start));
        if longer {
            summary.longest = Some((symbol, from, to));
        }
    }

    #[inline]
    fn is_gap(&self, rule: GapRule, last: i64, bar: &RawBar) -> bool {
        let between = bar.time.saturating_sub(last);
        match rule {
            GapRule::LongerThan(limit) => between > limit,
            // No trading day fits in between otherwise; spares nearly all rows the calendar.
            GapRule::MissingSession if between <= NANOS_PER_DAY => false,
            GapRule::MissingSession => self.skips_a_session(last, bar),
        }
    }

    /// Whether a trading day lies between two times; before 1990 the calendar does not say.
    fn skips_a_session(&self, last: i64, bar: &RawBar) -> bool {
        let date = |time: i64| {
            let local = match bar.form {
                TimeForm::Date => time,
                TimeForm::Instant => trading_date(time),
            };
            date_of_epoch_day(local.div_euclid(NANOS_PER_DAY))
        };
        let (Some(before), Some(after)) = (date(last), date(bar.time)) else {
            return false;
        };
        let next = self.calendar.next_trading_day(before);
        next.is_ok_and(|next| next < after)
    }

    /// Settles the timeframe if this is the first batch, then turns labels into starts.
    pub(crate) fn finish_batch(&mut self, batch: &mut BarBatch, problems: &mut Problems) {
        if batch.columns.is_empty() {
            return;
        }
        let timeframe = match self.timeframe {
            Some(timeframe) => timeframe,
            None => match infer_timeframe(batch, self.form) {
                Ok(timeframe) => *self.timeframe.insert(timeframe),
                Err(detail) => {
                    problems.add(Place::Row(1), None, ProblemKind::Timeframe { detail });
                    return;
                }
            },
        };
        let mut collapsed: Vec<(usize, Timestamp)> = Vec::new();
        for (index, (time, symbol)) in batch
            .columns
            .start
            .iter_mut()
            .zip(&batch.symbol)
            .enumerate()
        {
            let start = match timeframe {
                Timeframe::Session => trading_date(time.nanos()),
                Timeframe::Seconds(_) if self.label == BarLabel::End => {
                    time.nanos().saturating_sub(timeframe.nanos())
                }
                Timeframe::Seconds(_) => time.nanos(),
            };
            *time = Timestamp::from_nanos(start);
            if let Some(last) = self.last.get_mut(*symbol as usize) {
                if last.start >= start {
                    collapsed.push((index, *time));
                    continue;
                }
                last.start = start;
            }
        }
        self.drop_collapsed(&collapsed, batch, problems);
    }

    /// Notes session bars that fall on one trading date with the row before, and takes them out.
    fn drop_collapsed(
        &mut self,
        collapsed: &[(usize, Timestamp)],
        batch: &mut BarBatch,
        problems: &mut Problems,
    ) {
        let Some((_, last)) = collapsed.last() else {
            return;
        };
        if problems.policy() == FaultPolicy::Refuse {
            let kind = ProblemKind::Duplicate { time: *last };
            problems.add(Place::Row(self.rows), None, kind);
            return;
        }
        let rows = batch.columns.len();
        let before = self.rows.saturating_sub(rows as u64);
        let mut keep = vec![true; rows];
        for (index, time) in collapsed {
            let aside = problems.rejects();
            let place = Place::Row(before + *index as u64 + 1);
            problems.add(place, None, ProblemKind::Duplicate { time: *time });
            problems.attach_raw(aside, batch.columns.row_text(*index).as_bytes());
            if let Some(flag) = keep.get_mut(*index) {
                *flag = false;
            }
        }
        self.rows = self.rows.saturating_sub(collapsed.len() as u64);
        batch.columns.retain(&keep);
        let mut flags = keep.into_iter();
        batch.symbol.retain(|_| flags.next().unwrap_or(false));
    }
}

/// 00:00 UTC of the trading date that a daily row's time names: itself if it is such a midnight (a plain date), else the
/// date in New York (midnight, open or close there).
fn trading_date(time: i64) -> i64 {
    if time.rem_euclid(NANOS_PER_DAY) == 0 {
        return time;
    }
    let local = Zone::NewYork.from_utc(time).unwrap_or(time);
    local - local.rem_euclid(NANOS_PER_DAY)
}

/// The smallest distance between consecutive rows of a symbol, as a timeframe.
fn infer_timeframe(batch: &BarBatch, form: Option<TimeForm>) -> Result<Timeframe, &'static str> {
    // Two clock changes a year make a local day 23 hours long.
    const DAILY: i64 = 23 * 3_600 * NANOS_PER_SECOND;
    let mut last: Vec<Option<i64>> = vec![None; batch.symbols.len()];
    let (mut smallest, mut distances) = (i64::MAX, 0_u32);
    for (time, symbol) in batch.columns.start.iter().zip(&batch.symbol) {
        let Some(last) = last.get_mut(*symbol as usize) else {
            continue;
        };
        if let Some(previous) = last.replace(time.nanos()) {
            smallest = smallest.min(time.nanos().saturating_sub(previous));
            distances = distances.saturating_add(1);
        }
    }
    if form == Some(TimeForm::Date) || (distances > 0 && smallest >= DAILY) {
        // A week of holidays never shows in every one of several rows: these are weekly or monthly bars.
        return if distances >= 4 && smallest > 4 * NANOS_PER_DAY {
            Err("the rows are a week or more apart: weekly and monthly bars are not supported")
        } else {
            Ok(Timeframe::Session)
        };
    }
    if distances == 0 {
        return Err("one row does not show how long a bar is");
    }
    let seconds = smallest / NANOS_PER_SECOND;
    if smallest % NANOS_PER_SECOND != 0 || seconds == 0 {
        return Err(
            "the rows are less than a second apart or not on whole seconds: these are no bars",
        );
    }
    u32::try_from(seconds)
        .map(Timeframe::Seconds)
        .map_err(|_too_long| "the rows are too far apart")
}
