//! When the market is open: [`SessionSchedule`] is what the exchange asks, [`SessionClock`] what it
//! remembers of the answer.
//!
//! Without a schedule the data itself says what a day is: a session bar is one, otherwise the UTC
//! date is, and every event counts as regular hours.

use trader_domain::{MarketCalendar, NANOS_PER_DAY, Session, Timestamp};

/// The instants of one trading day; they do not decrease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionTimes {
    /// Pre-market begins.
    pub extended_open: Timestamp,
    /// Regular hours begin: opening auction.
    pub open: Timestamp,
    /// Regular hours end: closing auction.
    pub close: Timestamp,
    /// After-hours end.
    pub extended_close: Timestamp,
}

/// A trading calendar.
pub trait SessionSchedule: Send {
    /// The first trading day whose `extended_close` is later than `at`; `None` past the calendar.
    fn session_after(&self, at: Timestamp) -> Option<SessionTimes>;
}

impl SessionSchedule for MarketCalendar {
    fn session_after(&self, at: Timestamp) -> Option<SessionTimes> {
        // When the market is closed, the span names the next trading day.
        let day = self.phase_at(at).ok()?.day;
        Some(SessionTimes {
            extended_open: day.pre_market,
            open: day.open,
            close: day.close,
            extended_close: day.end,
        })
    }
}

/// The schedule with the answer of last time.
#[derive(Default)]
pub(crate) struct SessionClock {
    schedule: Option<Box<dyn SessionSchedule>>,
    current: Option<SessionTimes>,
}

impl SessionClock {
    /// A clock that follows a calendar.
    pub(crate) fn scheduled(schedule: Box<dyn SessionSchedule>) -> Self {
        Self {
            schedule: Some(schedule),
            current: None,
        }
    }

    /// Whether there is a calendar.
    pub(crate) const fn is_scheduled(&self) -> bool {
        self.schedule.is_some()
    }

    /// The trading day that `at` belongs to or precedes; `None` without a calendar or past it.
    pub(crate) fn day(&mut self, at: Timestamp) -> Option<SessionTimes> {
        let schedule = self.schedule.as_ref()?;
        match self.current {
            Some(times) if at < times.extended_close && at >= times.extended_open => Some(times),
            _ => {
                self.current = schedule.session_after(at);
                self.current
            }
        }
    }

    /// When an order for the day that arrives at `at` ends; [`Timestamp::MAX`] when the data will
    /// say, `None` past the calendar.
    pub(crate) fn day_end(&mut self, at: Timestamp, session: Session) -> Option<Timestamp> {
        if !self.is_scheduled() {
            return Some(Timestamp::MAX);
        }
        let today = self.day(at)?;
        match session {
            Session::Extended => Some(today.extended_close),
            Session::Regular if at < today.close => Some(today.close),
            Session::Regular => Some(self.day(today.extended_close)?.close),
        }
    }
}

/// The number of the UTC day.
pub(crate) const fn utc_day(at: Timestamp) -> i64 {
    at.nanos().div_euclid(NANOS_PER_DAY)
}

/// The end of the UTC day.
pub(crate) const fn utc_day_end(at: Timestamp) -> Timestamp {
    Timestamp::from_nanos(utc_day(at).saturating_add(1).saturating_mul(NANOS_PER_DAY))
}
