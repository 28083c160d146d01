//! What is stored against the exchanges' calendar: which trading days have no bar, how many minutes of regular
//! trading have none.
//!
//! A series is judged from its first to its last bar, cut to the dates asked for: before listing and after delisting
//! nothing is missing.

use std::collections::BTreeSet;

use chrono::{Datelike as _, NaiveDate};
use serde::Serialize;
use trader_domain::{MarketCalendar, Timeframe, Timestamp};
use trader_storage::BarColumns;
use trader_storage::store::{
    LabelRange, MarketStore, Projection, SeriesKey, label_of_date, trading_date,
};

use crate::error::BackfillError;
use crate::source::DateRange;

/// Bars of half an hour and more do not follow a grid that all vendors share: only days are counted for them.
const LONGEST_COUNTED: u32 = 1_800;

/// How complete a series is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completeness {
    /// Bars stored in the range.
    pub rows: u64,
    /// First and last trading date with a bar; `None` when there is no bar.
    pub span: Option<(NaiveDate, NaiveDate)>,
    /// Trading days in the span.
    pub trading_days: u64,
    /// Trading days without a bar.
    pub missing_days: Vec<NaiveDate>,
    /// Days with bars on which the exchanges were closed.
    pub unexpected_days: Vec<NaiveDate>,
    /// Intervals of regular trading on days with bars; `None` for bars of half an hour and more. An interval without a
    /// trade has no bar, so some are missing in any instrument that does not trade all the time.
    pub intervals: Option<u64>,
    /// Those of them without a bar.
    pub empty_intervals: Option<u64>,
}

/// Compares a series with the calendar; reads times only, one partition at a time.
///
/// # Errors
/// [`BackfillError::Store`] when the series is damaged. Days before 1990 are not judged: the calendar begins there.
pub fn completeness(
    store: &MarketStore,
    key: &SeriesKey,
    dates: DateRange,
    calendar: &MarketCalendar,
) -> Result<Completeness, BackfillError> {
    let timeframe = key.timeframe();
    let range = LabelRange {
        from: dates
            .from
            .and_then(|from| label_of_date(from, timeframe))
            .unwrap_or(Timestamp::MIN),
        until: dates
            .to
            .and_then(|to| to.succ_opt())
            .and_then(|next| label_of_date(next, timeframe))
            .unwrap_or(Timestamp::MAX),
    };
    let mut scan = store
        .scan(key, range, Projection::Only(Vec::new()))
        .map_err(BackfillError::Store)?;
    let mut days = Days::new(timeframe, calendar);
    let mut columns = BarColumns::default();
    while scan
        .next_columns(&mut columns)
        .map_err(BackfillError::Store)?
    {
        for label in &columns.start {
            days.add(*label)?;
        }
    }
    days.finish()
}

/// Counts by day.
struct Days<'a> {
    timeframe: Timeframe,
    calendar: &'a MarketCalendar,
    seen: BTreeSet<NaiveDate>,
    rows: u64,
    /// The day of the last bar with its regular trading.
    current: Option<Day>,
    intervals: u64,
    filled: u64,
}

/// One day with a bar.
struct Day {
    /// Open and close of regular trading; `None` when there was none.
    regular: Option<(Timestamp, Timestamp)>,
    /// First label of the next day.
    end: Timestamp,
}

impl<'a> Days<'a> {
    const fn new(timeframe: Timeframe, calendar: &'a MarketCalendar) -> Self {
        Self {
            timeframe,
            calendar,
            seen: BTreeSet::new(),
            rows: 0,
            current: None,
            intervals: 0,
            filled: 0,
        }
    }

    fn add(&mut self, label: Timestamp) -> Result<(), BackfillError> {
        self.rows += 1;
        let same_day = self.current.as_ref().is_some_and(|day| label < day.end);
        if !same_day {
            let Some(date) = trading_date(label, self.timeframe) else {
                return Ok(());
            };
            self.seen.insert(date);
            let regular = if covered(date) {
                self.calendar.day(date)?.map(|day| (day.open, day.close))
            } else {
                None
            };
            if let (Some((open, close)), Some(step)) = (regular, self.step()) {
                self.intervals += u64::try_from(close.nanos_since(open) / step).unwrap_or(0);
            }
            let end = date
                .succ_opt()
                .and_then(|next| label_of_date(next, self.timeframe))
                .unwrap_or(Timestamp::MAX);
            self.current = Some(Day { regular, end });
        }
        let regular = self.current.as_ref().and_then(|day| day.regular);
        if let Some((open, close)) = regular
            && open <= label
            && label < close
        {
            self.filled += 1;
        }
        Ok(())
    }

    const fn step(&self) -> Option<i64> {
        match self.timeframe {
            Timeframe::Seconds(seconds) if seconds < LONGEST_COUNTED => {
                Some(self.timeframe.nanos())
            }
            _ => None,
        }
    }

    fn finish(self) -> Result<Completeness, BackfillError> {
        let span = self.seen.first().copied().zip(self.seen.last().copied());
        let mut missing = Vec::new();
        let mut trading_days = 0;
        let mut unexpected = Vec::new();
        if let Some((first, last)) = span {
            let first_known = NaiveDate::from_ymd_opt(MarketCalendar::FIRST_YEAR, 1, 1);
            let from = first_known.map_or(first, |known| known.max(first));
            for day in self.calendar.trading_days(from, last) {
                let day = day?;
                trading_days += 1;
                if !self.seen.contains(&day) {
                    missing.push(day);
                }
            }
            for day in self.seen.iter().filter(|day| covered(**day)) {
                if !self.calendar.is_trading_day(*day)? {
                    unexpected.push(*day);
                }
            }
        }
        let counted = self.step().is_some();
        Ok(Completeness {
            rows: self.rows,
            span,
            trading_days,
            missing_days: missing,
            unexpected_days: unexpected,
            intervals: counted.then_some(self.intervals),
            empty_intervals: counted.then(|| self.intervals.saturating_sub(self.filled)),
        })
    }
}

fn covered(date: NaiveDate) -> bool {
    (MarketCalendar::FIRST_YEAR..=MarketCalendar::LAST_YEAR).contains(&date.year())
}
