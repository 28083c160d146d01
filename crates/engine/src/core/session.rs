//! Which phase of the trading day it is, recomputed only when it changes.

use chrono::NaiveDate;
use trader_broker::{GateEvent, MarketPhase};
use trader_domain::{
    MarketCalendar, NANOS_PER_DAY, Phase, SettlementKind, Timestamp, TradingDay, TradingState,
};

use super::Core;
use super::config::SessionCalendar;
use super::effects::{Alert, Effects};

/// What changed at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SessionChange {
    /// The trading day before, when a new one began.
    pub(super) new_day: Option<(Option<NaiveDate>, NaiveDate)>,
}

/// Caches the phase until the next instant at which it changes, and the trading day's instants
/// until it is over: the calendar is asked once a day.
#[derive(Debug, Clone)]
pub(super) struct SessionClock {
    calendar: Option<MarketCalendar>,
    today: Option<TradingDay>,
    phase: MarketPhase,
    day: Option<NaiveDate>,
    settlement: NaiveDate,
    next_change: Timestamp,
}

impl SessionClock {
    pub(super) fn new(calendar: SessionCalendar) -> Self {
        Self {
            calendar: match calendar {
                SessionCalendar::UsEquities => Some(MarketCalendar::us_equities()),
                SessionCalendar::Continuous => None,
            },
            today: None,
            phase: MarketPhase::Closed,
            day: None,
            settlement: NaiveDate::MIN,
            next_change: Timestamp::MIN,
        }
    }

    pub(super) const fn phase(&self) -> MarketPhase {
        self.phase
    }

    pub(super) const fn day(&self) -> Option<NaiveDate> {
        self.day
    }

    /// When the phase changes next.
    pub(super) const fn until(&self) -> Timestamp {
        self.next_change
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
        if let Some(today) = self.today.filter(|today| now < today.end) {
            (self.phase, self.next_change) = part_of(&today, now);
            return SessionChange { new_day: None };
        }
        let before = self.day;
        // Outside the calendar's years a market is treated as one without sessions.
        let from_calendar = self.calendar.as_ref().and_then(|calendar| {
            let span = calendar.phase_at(now).ok()?;
            let date = span.day.date;
            let settles = calendar
                .settlement_date(date, SettlementKind::Equity)
                .ok()?;
            Some((span.day, settles))
        });
        match from_calendar {
            Some((today, settles)) => {
                self.today = Some(today);
                self.day = Some(today.date);
                self.settlement = settles;
                (self.phase, self.next_change) = part_of(&today, now);
            }
            None => {
                let (day, next) = utc_day(now);
                self.today = None;
                self.day = Some(day);
                self.settlement = day;
                (self.phase, self.next_change) = (MarketPhase::Continuous, next);
            }
        }
        let new_day = self
            .day
            .filter(|day| before != Some(*day))
            .map(|day| (before, day));
        SessionChange { new_day }
    }
}

/// The phase of a trading day (or of the closed time before it) and when it ends.
fn part_of(today: &TradingDay, now: Timestamp) -> (MarketPhase, Timestamp) {
    match today.phase_at(now) {
        Phase::Closed => (MarketPhase::Closed, today.pre_market),
        Phase::PreMarket => (MarketPhase::PreMarket, today.open),
        Phase::Regular => (MarketPhase::Regular, today.close),
        Phase::AfterHours => (MarketPhase::AfterHours, today.end),
    }
}

/// A market without sessions: days are UTC days, trades settle at once.
fn utc_day(now: Timestamp) -> (NaiveDate, Timestamp) {
    let start = now
        .nanos()
        .div_euclid(NANOS_PER_DAY)
        .saturating_mul(NANOS_PER_DAY);
    (
        now.utc_date(),
        Timestamp::from_nanos(start).saturating_add(NANOS_PER_DAY),
    )
}

impl Core {
    pub(super) fn on_session_change(&mut self, change: SessionChange, effects: &mut Effects) {
        self.version += 1;
        if let Some((previous, day)) = change.new_day {
            self.on_new_day(previous, day, effects);
        }
        self.retry_exits(effects);
        self.retry_flattening(effects);
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
            self.halt(TradingState::Halted, effects);
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
