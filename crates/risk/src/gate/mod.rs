//! [`Gate`]: the risk policy of the system: checks, reservations, halt state.
//!
//! `assess` is a pure function of the gate's state, the snapshot and the proposal: it runs every
//! check and records every one. `observe` changes the gate, in constant time for each event of an
//! order and without allocation once every instrument has traded. Sums over all positions follow
//! what has changed since the order before (`crate::sums`).
//!
//! A limit holds for what an approval adds: all positions and working orders at their worst prices,
//! against equity less what they may lose on execution. What the market does to a position
//! afterwards can carry it over its limit; then only reductions pass.

mod judging;
mod keeping;

use trader_broker::{Assessment, GateEvent, Proposal, Resize, Review, RiskPolicy, Snapshot};
use trader_domain::{InstrumentId, Money, OrderId, Quantity, Timestamp, TradingState};

use crate::day_trading::{DayTradeRecord, DayTradingSchedule};
use crate::exposure::MarginBps;
use crate::flow::Flow;
use crate::halt::{HaltState, Vouched};
use crate::ledger::{Busted, Ledger};
use crate::limit_change::{
    Author, AuthorisationError, AuthorisedChange, LimitChange, Person, first_looser,
};
use crate::limits::{LimitErrors, Limits};
use crate::locate::{Locate, LocateBook, LocateError};
use crate::parents::Parents;
use crate::sums::Sums;

/// What a gate is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GateConfig {
    /// The limits.
    pub limits: Limits,
    /// Whether a refused order may be shrunk.
    pub resize: Resize,
    /// When the account's broker changes the day-trading rule.
    pub day_trading: DayTradingSchedule,
}

impl GateConfig {
    /// For studies on history: [`Limits::research`], no resizing.
    pub fn research() -> Self {
        Self {
            limits: Limits::research(),
            ..Self::default()
        }
    }
}

/// The risk policy of one account.
#[derive(Debug, Clone)]
pub struct Gate {
    limits: Limits,
    margin: MarginBps,
    resize: Resize,
    schedule: DayTradingSchedule,
    ledger: Ledger,
    /// What all positions and working orders come to.
    sums: Sums,
    flow: Flow,
    parents: Parents,
    locates: LocateBook,
    day_trades: DayTradeRecord,
    halt: HaltState,
    /// What the last review found, while nothing that it rests on has changed.
    vouched: Option<Vouched>,
}

impl Gate {
    /// A gate for a table of `instruments` (it grows when more are traded).
    ///
    /// # Errors
    /// [`LimitErrors`] lists every limit that is out of range.
    pub fn new(config: GateConfig, instruments: usize) -> Result<Self, LimitErrors> {
        config.limits.validate()?;
        let limits = config.limits;
        Ok(Self {
            limits,
            margin: MarginBps::new(&limits.margin),
            resize: config.resize,
            schedule: config.day_trading,
            ledger: Ledger::with_instruments(instruments),
            sums: Sums::with_instruments(instruments),
            flow: Flow::new(limits.message_rate, limits.loop_rate, instruments),
            parents: Parents::default(),
            locates: LocateBook::default(),
            day_trades: DayTradeRecord::new(instruments),
            halt: HaltState::default(),
            vouched: None,
        })
    }

    /// The limits in force.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lowers limits; anybody may, a model too. Whatever would be looser is refused as a whole.
    ///
    /// # Errors
    /// [`AuthorisationError::Looser`], [`AuthorisationError::OutOfRange`],
    /// [`AuthorisationError::NoReason`].
    pub fn lower_limits(
        &mut self,
        limits: &Limits,
        name: Person,
        reason: &str,
        at: Timestamp,
    ) -> Result<LimitChange, AuthorisationError> {
        if let Some(limit) = first_looser(&self.limits, limits) {
            return Err(AuthorisationError::Looser { limit });
        }
        if reason.trim().is_empty() {
            return Err(AuthorisationError::NoReason);
        }
        limits.validate()?;
        let reason = reason.trim().to_owned();
        Ok(self.apply_limits(limits, Author::Lowering { name, reason }, at))
    }

    /// Puts limits in force that two people stand for.
    pub fn change_limits(&mut self, change: AuthorisedChange, at: Timestamp) -> LimitChange {
        let (limits, author) = change.into_parts();
        self.apply_limits(&limits, author, at)
    }

    fn apply_limits(&mut self, limits: &Limits, author: Author, at: Timestamp) -> LimitChange {
        let before = std::mem::replace(&mut self.limits, *limits);
        self.margin = MarginBps::new(&limits.margin);
        self.vouched = None;
        self.flow
            .set_windows(limits.message_rate, limits.loop_rate, at);
        LimitChange {
            at,
            author,
            before,
            after: *limits,
        }
    }

    /// Whether trading is allowed, and why not.
    pub const fn halt_state(&self) -> HaltState {
        self.halt
    }

    /// What holds of [`Gate::halt_state`].
    pub fn trading_state(&self) -> TradingState {
        self.halt.effective()
    }

    /// Takes over the halt state of an earlier run: what was stopped starts stopped.
    pub const fn restore_halt_state(&mut self, halt: HaltState) {
        self.halt = halt;
        self.vouched = None;
    }

    /// Takes a locate in.
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn add_locate(&mut self, locate: Locate) -> Result<(), LocateError> {
        self.locates.add(locate)
    }

    /// Worst-case cost of all working purchases.
    pub fn reserved_cash(&self) -> Money {
        Money::from_units(self.ledger.totals().cost).unwrap_or(Money::MAX)
    }

    /// Quantities of working purchases and sales in one instrument; of an OCO group the largest.
    pub fn working(&self, instrument: InstrumentId) -> (Quantity, Quantity) {
        let load = self.ledger.load(instrument);
        let shown = |units| Quantity::from_units(units).unwrap_or(Quantity::MAX);
        (shown(load.buy.quantity), shown(load.sell.quantity))
    }

    /// Holds the account against the loss limits, unless the last review vouches for it.
    fn hold(&mut self, snapshot: &Snapshot<'_>) {
        let account = snapshot.account;
        if self.vouched.is_some_and(|vouched| vouched.covers(account)) {
            return;
        }
        self.vouched = None;
        self.halt.hold(account, &self.limits);
    }

    /// The load of an order's instrument has changed.
    fn touch_order(&mut self, order: OrderId) {
        if let Some(slot) = self.ledger.get(order) {
            self.sums.touch(slot.instrument);
        }
    }

    /// How many orders hold a reservation.
    pub fn working_orders(&self) -> u32 {
        self.ledger.totals().orders
    }
}

impl RiskPolicy for Gate {
    fn assess(&self, proposal: Proposal<'_>, snapshot: &Snapshot<'_>, into: &mut Assessment) {
        self.judge(proposal, snapshot, into);
    }

    fn catch_up(&mut self, instrument: InstrumentId, snapshot: &Snapshot<'_>) {
        let basis = self.basis(snapshot);
        self.sums
            .catch_up(snapshot, &self.ledger, basis, Some(instrument));
    }

    fn observe(&mut self, event: GateEvent<'_>, snapshot: &Snapshot<'_>) {
        match event {
            GateEvent::Reserve(order) => self.on_reserve(order.request(), snapshot),
            GateEvent::ReserveReplacement(replacement) => {
                self.on_reserve_replacement(replacement.terms(), snapshot);
            }
            GateEvent::ReplacementSettled {
                order,
                quantity,
                limit,
            } => {
                self.ledger.settle_replacement(order, quantity, limit);
                self.touch_order(order);
                self.recommit(order);
            }
            GateEvent::Filled {
                order,
                instrument,
                side,
                quantity,
                ..
            } => {
                self.on_fill(order, quantity);
                self.day_trades.on_fill(instrument, side, quantity);
            }
            GateEvent::Busted { order, quantity } => {
                if self.ledger.bust(order, quantity) == Busted::Unknown {
                    // Nobody knows whether it may trade again: an operator looks first.
                    self.halt.latched = TradingState::Reducing;
                }
                self.touch_order(order);
                self.recommit(order);
            }
            GateEvent::Done { order, .. } => self.on_done(order),
            GateEvent::CancelSent { now, .. } => self.flow.on_cancel(now),
            GateEvent::ParentOpened { order, quantity } => self.parents.open(order, quantity),
            GateEvent::ParentClosed { order } => self.parents.close(order),
            GateEvent::NewDay { day } => self.on_new_day(day, snapshot),
            GateEvent::Command(command) => self.on_command(command),
            GateEvent::TradeClosed { .. } | GateEvent::Split { .. } => {}
        }
        let moves_equity = matches!(
            event,
            GateEvent::Filled { .. }
                | GateEvent::Busted { .. }
                | GateEvent::NewDay { .. }
                | GateEvent::Split { .. }
                | GateEvent::Command(_)
        );
        if matches!(
            event,
            GateEvent::Busted { .. } | GateEvent::NewDay { .. } | GateEvent::Command(_)
        ) {
            // These change the halt state itself.
            self.vouched = None;
        }
        if moves_equity {
            self.hold(snapshot);
        }
    }

    /// Holds the account against the loss limits; `observe` does so with every event that moves
    /// equity, the core after every other fall.
    fn review(&mut self, snapshot: &Snapshot<'_>) -> Review {
        self.hold(snapshot);
        let vouched = self.vouched.get_or_insert_with(|| Vouched {
            day_start_equity: snapshot.account.day_start_equity,
            peak_equity: snapshot.account.peak_equity,
            tolerated_fall: self.halt.tolerated_fall(snapshot.account, &self.limits),
        });
        Review {
            state: self.halt.effective(),
            tolerated_fall: vouched.tolerated_fall,
        }
    }

    fn resize(&self) -> Resize {
        self.resize
    }

    fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        self.ledger.hash_state(update);
        self.flow.hash_state(update);
        self.parents.hash_state(update);
        self.locates.hash_state(update);
        self.day_trades.hash_state(update);
        for state in [self.halt.ordered, self.halt.day, self.halt.latched] {
            update(&[match state {
                TradingState::Active => 0,
                TradingState::Reducing => 1,
                TradingState::Halted => 2,
            }]);
        }
    }
}
