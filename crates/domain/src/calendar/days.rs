//! [`MarketCalendar`]: which days are trading days, and counting by them.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use thiserror::Error;

use crate::calendar::{DayPlan, rules};

/// A date that the calendar does not cover.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// Outside 1990 to 2099 (for times of day: 1987 to 2261).
    #[error("{date} is outside the calendar, which covers 1990 to 2099")]
    OutOfRange {
        /// The date asked about, or at which counting left the range.
        date: NaiveDate,
    },
    /// A special day whose regular trading would not begin before it ends.
    #[error("{date} cannot open at or after its close")]
    OpensAfterClose {
        /// The date asked for.
        date: NaiveDate,
    },
    /// Not a month.
    #[error("{year}-{month} is not a month that the calendar covers")]
    NotAMonth {
        /// Year asked for.
        year: i32,
        /// Month asked for.
        month: u32,
    },
}

/// The longest time without a trading day is 2001-09-11 to 16; a month bounds every search.
const LONGEST_CLOSURE_DAYS: usize = 31;

/// The trading calendar of the US equity and option markets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarketCalendar {
    special: BTreeMap<NaiveDate, DayPlan>,
}

impl MarketCalendar {
    /// The first year covered.
    pub const FIRST_YEAR: i32 = 1990;
    /// The last year covered, by today's rules.
    pub const LAST_YEAR: i32 = 2099;

    /// The calendar of NYSE and Nasdaq.
    pub fn us_equities() -> Self {
        Self::default()
    }

    /// The same with another plan for one day: a closure or hours that were announced after this
    /// program was made.
    ///
    /// # Errors
    /// [`CalendarError::OpensAfterClose`], [`CalendarError::OutOfRange`].
    pub fn with_special_day(
        mut self,
        date: NaiveDate,
        plan: DayPlan,
    ) -> Result<Self, CalendarError> {
        in_range(date)?;
        if let DayPlan::Open { opens, closes } = plan
            && opens >= closes
        {
            return Err(CalendarError::OpensAfterClose { date });
        }
        self.special.insert(date, plan);
        Ok(self)
    }

    /// What a day is.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn plan(&self, date: NaiveDate) -> Result<DayPlan, CalendarError> {
        in_range(date)?;
        Ok(match self.special.get(&date) {
            Some(plan) => *plan,
            None => rules::plan(date),
        })
    }

    /// Whether the market opens on a date.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn is_trading_day(&self, date: NaiveDate) -> Result<bool, CalendarError> {
        Ok(matches!(self.plan(date)?, DayPlan::Open { .. }))
    }

    /// The first trading day after `date`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn next_trading_day(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.search(date, NaiveDate::succ_opt)
    }

    /// The last trading day before `date`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn previous_trading_day(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        self.search(date, NaiveDate::pred_opt)
    }

    /// `date` itself when it is a trading day, else the last one before it.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn trading_day_on_or_before(&self, date: NaiveDate) -> Result<NaiveDate, CalendarError> {
        if self.is_trading_day(date)? {
            return Ok(date);
        }
        self.previous_trading_day(date)
    }

    fn search(
        &self,
        from: NaiveDate,
        step: impl Fn(&NaiveDate) -> Option<NaiveDate>,
    ) -> Result<NaiveDate, CalendarError> {
        let mut date = from;
        for _ in 0..LONGEST_CLOSURE_DAYS {
            date = step(&date).ok_or(CalendarError::OutOfRange { date })?;
            if self.is_trading_day(date)? {
                return Ok(date);
            }
        }
        Err(CalendarError::OutOfRange { date })
    }

    /// The `count`-th trading day after `date` (before it, when negative); `date` itself for zero.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn add_trading_days(
        &self,
        date: NaiveDate,
        count: i32,
    ) -> Result<NaiveDate, CalendarError> {
        (0..count.unsigned_abs()).try_fold(date, |date, _| {
            if count > 0 {
                self.next_trading_day(date)
            } else {
                self.previous_trading_day(date)
            }
        })
    }

    /// The trading days from `first` to `last`, both included; the first error ends the sequence.
    pub fn trading_days(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> impl Iterator<Item = Result<NaiveDate, CalendarError>> {
        first
            .iter_days()
            .take_while(move |date| *date <= last)
            .filter_map(|date| match self.is_trading_day(date) {
                Ok(true) => Some(Ok(date)),
                Ok(false) => None,
                Err(error) => Some(Err(error)),
            })
    }

    /// How many trading days there are from `first` (included) to `last` (not included).
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn count_trading_days(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<usize, CalendarError> {
        let Some(last) = last.pred_opt() else {
            return Ok(0);
        };
        self.trading_days(first, last)
            .try_fold(0, |count, day| day.map(|_| count + 1))
    }
}

fn in_range(date: NaiveDate) -> Result<(), CalendarError> {
    if (MarketCalendar::FIRST_YEAR..=MarketCalendar::LAST_YEAR).contains(&date.year()) {
        Ok(())
    } else {
        Err(CalendarError::OutOfRange { date })
    }
}
