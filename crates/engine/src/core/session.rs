//! Which phase of the trading day it is, recomputed only when it changes.

use chrono::NaiveDate;
use trader_broker::{GateEvent, MarketPhase};
use trader_domain::{NANOS_PER_DAY, Timestamp};

use super::Core;
use super::config::SessionCalendar;
use super::effects::{Alert, Effects};

/// What changed at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionChange {
    /// The trading day before, when a new one began.
    pub(super) new_day: Option<(Option<NaiveDate>, NaiveDate)>,
}

/// Caches the phase until the next instant at which it changes.
#[derive(Debug, Clone)]
pub(super) struct SessionClock {
    calendar: SessionCalendar,
    phase: MarketPhase,
    day: Option<NaiveDate>,
    settlement: NaiveDate,
    next_change: Timestamp,
}

impl SessionClock {
    pub(super) fn new(calendar: SessionCalendar) -> Self {
        Self {
            calendar,
            phase: MarketPhase::Closed,
            day: None,
            settlement: NaiveDate::MIN,
            next_change: Timestamp::MIN,
        }
    }

    pub(super) const fn phase(&self) -> MarketPhase {
        self.phase
    }

    /// When a trade made now settles.
    pub(super) const fn settlement_day(&self) -> NaiveDate {
        self.settlement
    }

    /// Moves to `now`; tells what changed.
    #[inline]
    pub(super) fn advance(&mut self, now: Timestamp) -> Option<SessionChange> {
        if now < self.next_change {
            return None;
        }
        Some(self.recompute(now))
    }

    fn recompute(&mut self, now: Timestamp) -> SessionChange {
        let (phase, day, settlement, next) = match self.calendar {
            SessionCalendar::UsEquities | SessionCalendar::Continuous => continuous(now),
        };
        self.phase = phase;
        self.next_change = next;
        self.settlement = settlement;
        let new_day = (self.day != Some(day)).then_some((self.day, day));
        self.day = Some(day);
        SessionChange { new_day }
    }
}

/// A market without sessions: days are UTC days, trades settle at once.
fn continuous(now: Timestamp) -> (MarketPhase, NaiveDate, NaiveDate, Timestamp) {
    let day = now.utc_date();
    let start = now
        .nanos()
        .div_euclid(NANOS_PER_DAY)
        .saturating_mul(NANOS_PER_DAY);
    let next = Timestamp::from_nanos(start).saturating_add(NANOS_PER_DAY);
    (MarketPhase::Continuous, day, day, next)
}

impl Core {
    pub(super) fn on_session_change(&mut self, change: SessionChange, effects: &mut Effects) {
        self.version += 1;
        if let Some((previous, day)) = change.new_day {
            self.on_new_day(previous, day, effects);
        }
        self.retry_exits(effects);
    }

    fn on_new_day(&mut self, previous: Option<NaiveDate>, day: NaiveDate, effects: &mut Effects) {
        if previous.is_some() {
            self.market.on_new_day();
        }
        let now = self.now;
        if self
            .portfolio
            .begin_day(previous, day, now, &mut effects.cash)
            .is_err()
        {
            self.halt(trader_domain::TradingState::Halted, effects);
        }
        let since_epoch = day.signed_duration_since(NaiveDate::default()).num_days();
        if let Ok(day) = i32::try_from(since_epoch) {
            self.tell_policies(GateEvent::NewDay { day });
        }
        if let Ok(Some(deficit)) = self.portfolio.margin_deficit() {
            effects.alerts.push(Alert::MarginCall { deficit });
        }
    }
}
