//! The parts of a trading day as instants, and which of them an instant is in.
//!
//! Pre-market from 04:00, after hours until 20:00 (17:00 on half days), New York time: today's hours of
//! NYSE Arca and Nasdaq, used for all years. Extended trading of the 1990s had other hours, which
//! matters only to who replays extended sessions of that time.

use chrono::{NaiveDate, NaiveTime};

use crate::calendar::rules::{CLOSE, at};
use crate::calendar::{CalendarError, DayPlan, MarketCalendar, eastern_instant};
use crate::time::Timestamp;

const PRE_MARKET: NaiveTime = at(4, 0);
const AFTER_HOURS_END: NaiveTime = at(20, 0);
const HALF_DAY_AFTER_HOURS_END: NaiveTime = at(17, 0);

/// A part of the day.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing trades.
    Closed,
    /// Before the opening auction.
    PreMarket,
    /// Between opening and closing auction.
    Regular,
    /// After the closing auction.
    AfterHours,
}

/// The instants of one trading day; each part includes its start and not its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradingDay {
    /// Its date in New York.
    pub date: NaiveDate,
    /// Start of pre-market trading.
    pub pre_market: Timestamp,
    /// Start of regular trading.
    pub open: Timestamp,
    /// End of regular trading, start of after hours.
    pub close: Timestamp,
    /// End of after-hours trading.
    pub end: Timestamp,
}

impl TradingDay {
    pub(super) fn planned(
        date: NaiveDate,
        opens: NaiveTime,
        closes: NaiveTime,
    ) -> Result<Self, CalendarError> {
        let end = if closes < CLOSE {
            HALF_DAY_AFTER_HOURS_END
        } else {
            AFTER_HOURS_END
        };
        Ok(Self {
            date,
            pre_market: eastern_instant(date, PRE_MARKET)?,
            open: eastern_instant(date, opens)?,
            close: eastern_instant(date, closes)?,
            end: eastern_instant(date, end)?,
        })
    }

    /// The part of this day that an instant is in; closed before and after it.
    pub fn phase_at(&self, instant: Timestamp) -> Phase {
        if instant < self.pre_market || instant >= self.end {
            Phase::Closed
        } else if instant < self.open {
            Phase::PreMarket
        } else if instant < self.close {
            Phase::Regular
        } else {
            Phase::AfterHours
        }
    }

    /// How long regular trading lasts, in nanoseconds.
    pub const fn regular_nanos(&self) -> i64 {
        self.close.nanos_since(self.open)
    }
}

/// A phase and how long it lasts: valid from the instant asked about until `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhaseSpan {
    /// What the market does.
    pub phase: Phase,
    /// The trading day that this is a part of, or, when closed, the next one.
    pub day: TradingDay,
    /// The first instant at which this is not true any more.
    pub until: Timestamp,
}

impl MarketCalendar {
    /// The trading day of a date, `None` when the market is closed on it.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn day(&self, date: NaiveDate) -> Result<Option<TradingDay>, CalendarError> {
        match self.plan(date)? {
            DayPlan::Closed(_) => Ok(None),
            DayPlan::Open { opens, closes } => TradingDay::planned(date, opens, closes).map(Some),
        }
    }

    /// What the market does at an instant, and until when.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn phase_at(&self, instant: Timestamp) -> Result<PhaseSpan, CalendarError> {
        let local = crate::calendar::EasternTime::at(instant)?;
        if let Some(day) = self.day(local.date)?
            && instant < day.end
        {
            let phase = day.phase_at(instant);
            let until = match phase {
                Phase::Closed => day.pre_market,
                Phase::PreMarket => day.open,
                Phase::Regular => day.close,
                Phase::AfterHours => day.end,
            };
            return Ok(PhaseSpan { phase, day, until });
        }
        let next = self.next_trading_day(local.date)?;
        let day = self
            .day(next)?
            .ok_or(CalendarError::OutOfRange { date: next })?;
        Ok(PhaseSpan {
            phase: Phase::Closed,
            day,
            until: day.pre_market,
        })
    }
}
