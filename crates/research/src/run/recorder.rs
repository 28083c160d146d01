//! What is kept of a run: equity, fills, round trips, refusals, cash movements, alerts.
//!
//! Memory grows with what was traded, not with the length of the history: equity is kept at the end
//! of each trading day, and at event resolution only up to [`FINE_POINTS`] points (every second
//! point is dropped whenever they are exceeded).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use trader_broker::{CheckId, Verdict};
use trader_domain::{
    InstrumentId, Money, OrderId, OrderKind, OrderRequest, Quantity, SequencedEvent, Side,
    Timestamp,
};
use trader_engine::driver::backtest::RunObserver;
use trader_engine::{Alert, CashRecord, ClosedTrade, Core, Effects, FillRecord};

use super::log::Log;

/// How many points the fine equity curve may have.
pub(super) const FINE_POINTS: usize = 8_192;

/// From how many trading days on reports show one point a day instead of one an instant.
const DAILY_FROM: usize = 250;

/// The account at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EquitySample {
    /// When.
    pub time: Timestamp,
    /// Cash plus positions.
    pub equity: Money,
    /// Long positions.
    pub long: Money,
    /// Short positions, as a magnitude.
    pub short: Money,
}

/// An order as it left; a third as large as the order itself, because a long run keeps many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRecord {
    /// Its number.
    pub id: OrderId,
    /// When it was made.
    pub created: Timestamp,
    /// What to trade.
    pub instrument: InstrumentId,
    /// Buy or sell.
    pub side: Side,
    /// How much.
    pub quantity: Quantity,
    /// Order type.
    pub kind: OrderKind,
    /// The entry or parent it belongs to.
    pub parent: Option<OrderId>,
}

impl OrderRecord {
    fn of(order: &OrderRequest) -> Self {
        Self {
            id: order.id,
            created: order.created,
            instrument: order.instrument,
            side: order.side,
            quantity: order.quantity,
            kind: order.kind,
            parent: order.parent,
        }
    }
}

/// How often a check refused or shrank orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CheckTally {
    /// Orders refused.
    pub refused: u64,
    /// Orders that passed with a warning.
    pub warned: u64,
}

/// The observer that keeps a run's record.
#[derive(Debug, Default)]
pub struct Recorder {
    fine: Vec<EquitySample>,
    stride: u32,
    skipped: u32,
    daily: Vec<EquitySample>,
    /// The account before a change of the session, and the day it was in: its last, if another one
    /// has begun since.
    evening: Option<(EquitySample, Option<NaiveDate>)>,
    /// All executions.
    pub fills: Log<FillRecord>,
    /// All closed lots.
    pub trades: Log<ClosedTrade>,
    /// All orders that left.
    pub orders: Log<OrderRecord>,
    /// Refusals and warnings by check.
    pub checks: BTreeMap<CheckId, CheckTally>,
    /// Orders that the gate shrank.
    pub resized: u64,
    /// Cash that moved without a fill.
    pub cash: Vec<CashRecord>,
    /// Things a person should know.
    pub alerts: Vec<(Timestamp, Alert)>,
}

impl Recorder {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        Self {
            stride: 1,
            // It never holds more, and growing it would move it a dozen times.
            fine: Vec::with_capacity(FINE_POINTS + 1),
            ..Self::default()
        }
    }

    /// Equity at the end of each trading day (the last one perhaps unfinished).
    pub fn daily_equity(&self) -> &[EquitySample] {
        &self.daily
    }

    /// Equity after each instant, thinned out evenly where the run is long.
    pub fn fine_equity(&self) -> &[EquitySample] {
        &self.fine
    }

    /// The curve that reports show: days where there are many, otherwise instants.
    pub fn shown_equity(&self) -> &[EquitySample] {
        if self.daily.len() >= DAILY_FROM {
            &self.daily
        } else {
            &self.fine
        }
    }

    /// Whether [`Self::fine_equity`] has every instant.
    pub const fn fine_is_complete(&self) -> bool {
        self.stride == 1
    }

    /// Takes the account up where a point is due or a day may end: most instants are passed over.
    #[inline(never)]
    fn sample(&mut self, core: &Core, next: Option<Timestamp>) {
        let day = core.trading_day();
        if let Some((last, before)) = self.evening.take()
            && before != day
        {
            self.daily.push(last);
        }
        let account = core.portfolio().account();
        let sample = EquitySample {
            time: core.now(),
            equity: account.equity,
            long: account.long_value,
            short: account.short_value,
        };
        if self.skipped >= self.stride {
            self.skipped = 0;
            self.fine.push(sample);
            if self.fine.len() > FINE_POINTS {
                self.thin_out();
            }
        }
        match next {
            Some(next) if next < core.session_until() => {}
            Some(_) => self.evening = Some((sample, day)),
            None => self.conclude(sample),
        }
    }

    /// The curves end with the last sample.
    fn conclude(&mut self, last: EquitySample) {
        let kept = self.fine.last().map(|sample| sample.time);
        if kept.is_some_and(|time| time != last.time) {
            self.fine.push(last);
        }
        self.daily.push(last);
    }

    #[cold]
    fn thin_out(&mut self) {
        let mut keep = false;
        self.fine.retain(|_| {
            keep = !keep;
            keep
        });
        self.stride = self.stride.saturating_mul(2);
    }
}

impl RunObserver for Recorder {
    fn on_effects(&mut self, event: &SequencedEvent, effects: &Effects, _core: &Core) {
        for fill in &effects.fills {
            self.fills.push(*fill);
        }
        for trade in &effects.closed {
            self.trades.push(*trade);
        }
        for order in effects.submitted() {
            self.orders.push(OrderRecord::of(order));
        }
        self.cash.extend_from_slice(&effects.cash);
        self.alerts
            .extend(effects.alerts.iter().map(|alert| (event.time, *alert)));
        for decision in &effects.decisions {
            self.resized += u64::from(decision.resized_from.is_some() && decision.approved);
            if decision.assessment.verdict() == Verdict::Pass {
                continue;
            }
            for check in decision.assessment.records() {
                if check.verdict == Verdict::Pass {
                    continue;
                }
                let tally = self.checks.entry(check.check).or_default();
                if check.verdict == Verdict::Warn {
                    tally.warned += 1;
                } else {
                    tally.refused += 1;
                }
            }
        }
    }

    #[inline(always)] // at every instant
    fn on_instant(&mut self, core: &Core, next: Option<Timestamp>) {
        self.skipped += 1;
        if self.skipped >= self.stride
            || self.evening.is_some()
            || next.is_none_or(|next| next >= core.session_until())
        {
            self.sample(core, next);
        }
    }
}
