//! The deterministic core: events in, effects out, one writer.
//!
//! Everything that decides about money is in here: strategies, gate, orders, portfolio. It does no
//! I/O, reads no clock, spawns nothing and holds no lock; the same events give the same effects.
//! The drivers ([`crate::driver`]) feed it and carry its commands out.

/// What a core's policies see of it. Not a method: they are borrowed mutably at the same time, and a
/// method would borrow them with everything else.
macro_rules! snapshot_of {
    ($core:expr) => {
        trader_broker::Snapshot {
            version: $core.version,
            now: $core.now,
            taken: $core.now,
            phase: $core.session.phase(),
            instruments: &$core.instruments,
            marks: $core.market.marks(),
            holdings: $core.portfolio.holdings(),
            account: $core.portfolio.account(),
        }
    };
}

/// One strategy's view of the state, as a macro for the same reason.
macro_rules! context_of {
    ($core:expr, $strategy:expr) => {
        $crate::strategy::Context {
            now: $core.now,
            strategy: $strategy,
            instruments: &$core.instruments,
            market: &$core.market,
            portfolio: &$core.portfolio,
            orders: &$core.orders,
            next_order: &mut $core.next_order,
            next_timer: &mut $core.next_timer,
            actions: &mut $core.actions,
        }
    };
}

mod actions;
mod bracket_logic;
mod config;
mod corporate;
mod delivery;
mod effects;
mod flatten;
mod inspect;
mod market;
mod oco;
mod reports;
mod review;
mod session;

use std::collections::BTreeMap;

use thiserror::Error;
use trader_broker::{CompliancePolicy, GateEvent, RiskPolicy};
use trader_domain::{
    Event, ExecutionRegister, InstrumentId, Instruments, MarketEvent, OperatorCommand,
    RegisterCapacityError, SequencedEvent, StrategyId, TimerId, Timestamp, TradingState,
};

pub use config::{CoreConfig, SessionCalendar};
pub use effects::{
    Alert, CashReason, CashRecord, Command, DecisionRecord, Decisions, Effects, FillRecord,
};

use crate::fingerprint::Fingerprint;
use crate::orders::{Brackets, Orders};
use crate::portfolio::Portfolio;
use crate::strategy::{Action, Context, DataKinds, Strategy};
use flatten::Closing;
pub(crate) use market::MarketState;
use review::Reviewed;
use session::SessionClock;

/// Why an event could not be processed. The core is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CoreError {
    /// The driver skipped or repeated an event.
    #[error("event {found} came, {expected} was expected: the driver lost or repeated an event")]
    Sequence {
        /// The number that must come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The driver's time went back.
    #[error("event {sequence} is at {found}, before the core's time {now}: time must not go back")]
    TimeWentBack {
        /// The event.
        sequence: u64,
        /// The core's time.
        now: Timestamp,
        /// The event's time.
        found: Timestamp,
    },
    /// An event names an instrument that is not in the run's table.
    #[error("event {sequence} names instrument {instrument}, which is not in the run's table")]
    UnknownInstrument {
        /// The event.
        sequence: u64,
        /// The index it names.
        instrument: InstrumentId,
    },
    /// The register of executions cannot be that large.
    #[error(transparent)]
    Register(#[from] RegisterCapacityError),
}

pub(crate) struct StrategySlot {
    strategy: Box<dyn Strategy>,
    kinds: DataKinds,
    /// By instrument; empty means all.
    wanted: Vec<bool>,
    paused: bool,
    /// Whether a bar was delivered at the current instant.
    bars_since_batch: bool,
    /// Actions asked for in this event.
    asked: u32,
}

impl StrategySlot {
    #[inline]
    fn wants(&self, kind: DataKinds, instrument: InstrumentId) -> bool {
        self.kinds.contains(kind)
            && (self.wanted.is_empty()
                || self.wanted.get(instrument.index()).copied() == Some(true))
    }
}

/// The state machine.
pub struct Core {
    config: CoreConfig,
    instruments: Instruments,
    market: MarketState,
    portfolio: Portfolio,
    orders: Orders,
    brackets: Brackets,
    executions: ExecutionRegister,
    risk: Box<dyn RiskPolicy>,
    compliance: Box<dyn CompliancePolicy>,
    strategies: Vec<StrategySlot>,
    session: SessionClock,
    /// Ordered by an operator, or by the core itself after a break.
    trading_state: TradingState,
    /// What the gate made of it at the last review.
    reviewed: Reviewed,
    /// Positions that are being flattened.
    closings: Vec<Closing>,
    /// Counts reservations and everything else that changes what the gate judges by.
    version: u64,
    sequence: u64,
    now: Timestamp,
    next_order: u64,
    next_timer: u64,
    actions: Vec<(StrategyId, Action)>,
    /// The buffer that `actions` changes places with while they are handled.
    handled: Vec<(StrategyId, Action)>,
    timers: BTreeMap<TimerId, StrategyId>,
    effects_seen: Fingerprint,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core")
            .field("sequence", &self.sequence)
            .field("now", &self.now)
            .field("working_orders", &self.orders.working_count())
            .finish_non_exhaustive()
    }
}

impl Core {
    /// A core before its first event.
    ///
    /// # Errors
    /// [`CoreError::Register`] when the configuration asks for a register of executions that
    /// memory cannot index.
    pub fn new(
        config: CoreConfig,
        instruments: Instruments,
        strategies: Vec<Box<dyn Strategy>>,
        risk: Box<dyn RiskPolicy>,
        compliance: Box<dyn CompliancePolicy>,
    ) -> Result<Self, CoreError> {
        let count = instruments.len();
        let strategies: Vec<StrategySlot> = strategies
            .into_iter()
            .map(|strategy| {
                let needs = strategy.needs();
                let mut wanted = Vec::new();
                if let Some(list) = needs.instruments {
                    wanted = vec![false; count];
                    for id in list {
                        if let Some(cell) = wanted.get_mut(id.index()) {
                            *cell = true;
                        }
                    }
                }
                StrategySlot {
                    strategy,
                    kinds: needs.kinds,
                    wanted,
                    paused: false,
                    bars_since_batch: false,
                    asked: 0,
                }
            })
            .collect();
        Ok(Self {
            market: MarketState::new(count),
            portfolio: Portfolio::new(&config.account, strategies.len(), &instruments),
            orders: Orders::new(strategies.len(), count, config.retained_orders, 1),
            brackets: Brackets::default(),
            executions: ExecutionRegister::with_capacity(config.retained_executions)?,
            session: SessionClock::new(config.calendar),
            instruments,
            risk,
            compliance,
            strategies,
            trading_state: TradingState::Active,
            reviewed: Reviewed::default(),
            closings: Vec::new(),
            version: 0,
            sequence: 0,
            now: Timestamp::MIN,
            next_order: 1,
            next_timer: 1,
            actions: Vec::new(),
            handled: Vec::new(),
            timers: BTreeMap::new(),
            effects_seen: Fingerprint::new(),
            config,
        })
    }

    /// Lets the strategies prepare; to be called once, before the first event.
    pub fn start(&mut self, at: Timestamp, effects: &mut Effects) {
        effects.clear();
        self.now = at;
        if let Some(change) = self.session.advance(at) {
            self.on_session_change(change, effects);
        }
        for index in 0..self.strategies.len() {
            self.with_strategy(index, |strategy, context| strategy.on_start(context));
        }
        self.finish_event(effects);
    }

    /// Lets the strategies conclude; proposals made now are dropped because no market follows.
    pub fn stop(&mut self) {
        for index in 0..self.strategies.len() {
            self.with_strategy(index, |strategy, context| strategy.on_stop(context));
        }
        self.actions.clear();
    }

    /// Processes one event.
    ///
    /// # Errors
    /// [`CoreError`]; the core is then unchanged and the driver has a defect.
    #[inline]
    pub fn process(
        &mut self,
        input: &SequencedEvent,
        effects: &mut Effects,
    ) -> Result<(), CoreError> {
        effects.clear();
        // What most events are has a way of its own: none pays for the registers of another.
        if let Event::Market(MarketEvent::Bar(bar)) = &input.event {
            return self.on_bar(input, bar, effects);
        }
        match &input.event {
            Event::Market(MarketEvent::Quote(quote)) => self.on_quote(input, quote, effects),
            Event::Market(MarketEvent::Trade(trade)) => self.on_trade(input, trade, effects),
            _ => self.on_other(input, effects),
        }
    }

    #[inline(never)]
    fn on_other(&mut self, input: &SequencedEvent, effects: &mut Effects) -> Result<(), CoreError> {
        let names = match &input.event {
            Event::Market(event) => match event {
                MarketEvent::Bar(bar) => Some(bar.instrument),
                MarketEvent::Quote(quote) => Some(quote.instrument),
                MarketEvent::Trade(trade) => Some(trade.instrument),
                MarketEvent::Book(delta) => Some(delta.instrument),
                MarketEvent::Status(status) => Some(status.instrument),
                MarketEvent::CorporateAction(action) => Some(self.named_by(action)),
                MarketEvent::News(_) => None,
            },
            Event::Signal(signal) => Some(signal.instrument),
            _ => None,
        };
        self.begin(input, names, effects)?;
        match &input.event {
            Event::Market(MarketEvent::Bar(_) | MarketEvent::Quote(_) | MarketEvent::Trade(_)) => {}
            Event::Market(MarketEvent::Book(delta)) => self.on_book(delta),
            Event::Market(MarketEvent::Status(status)) => self.on_status(status, effects),
            Event::Market(MarketEvent::CorporateAction(action)) => {
                self.on_corporate_action(action, effects);
            }
            Event::Market(MarketEvent::News(item)) => self.on_news(item),
            Event::Signal(signal) => self.on_signal(signal),
            Event::Broker(report) => self.on_report(report, effects),
            Event::Timer(timer) => self.on_timer(*timer),
            Event::Command(command) => self.on_command(*command, effects),
            Event::Clock => self.complete_bars(),
        }
        self.finish_event(effects);
        Ok(())
    }

    /// Refuses what does not follow or names an instrument that is not in the table; otherwise time
    /// moves on. Tells whether the session changed, which may have had effects.
    #[inline(always)]
    fn begin(
        &mut self,
        input: &SequencedEvent,
        names: Option<InstrumentId>,
        effects: &mut Effects,
    ) -> Result<bool, CoreError> {
        if input.sequence != self.sequence + 1 || input.time < self.now {
            return Err(self.out_of_order(input));
        }
        if let Some(instrument) = names
            && !self.knows(instrument)
        {
            return Err(CoreError::UnknownInstrument {
                sequence: input.sequence,
                instrument,
            });
        }
        self.sequence = input.sequence;
        self.now = input.time;
        let change = self.session.advance(input.time);
        if let Some(change) = change {
            self.on_session_change(change, effects);
        }
        Ok(change.is_some())
    }

    #[cold]
    fn out_of_order(&self, input: &SequencedEvent) -> CoreError {
        let expected = self.sequence + 1;
        if input.sequence != expected {
            return CoreError::Sequence {
                expected,
                found: input.sequence,
            };
        }
        CoreError::TimeWentBack {
            sequence: input.sequence,
            now: self.now,
            found: input.time,
        }
    }

    fn on_timer(&mut self, timer: TimerId) {
        if let Some(strategy) = self.timers.remove(&timer) {
            self.with_strategy(usize::from(strategy.0), |s, context| {
                s.on_timer(timer, context);
            });
        }
    }

    fn on_signal(&mut self, signal: &trader_domain::Signal) {
        if signal.is_stale_at(self.now) {
            return;
        }
        self.each_wanting(DataKinds::SIGNALS, signal.instrument, |s, c| {
            s.on_signal(signal, c);
        });
    }

    fn on_command(&mut self, command: OperatorCommand, effects: &mut Effects) {
        self.version += 1;
        self.tell_policies(GateEvent::Command(command));
        match command {
            OperatorCommand::SetTradingState(state) => {
                self.trading_state = state;
                self.retry_exits(effects);
                self.retry_flattening(effects);
            }
            OperatorCommand::Cancel(order) => {
                self.give_up_exit(order);
                self.cancel(order, effects);
            }
            OperatorCommand::CancelAll => self.cancel_all(effects),
            OperatorCommand::Flatten => self.flatten(effects),
            OperatorCommand::PauseStrategy(id) => self.pause(id, true),
            OperatorCommand::ResumeStrategy(id) => self.pause(id, false),
            OperatorCommand::Restrict(_) | OperatorCommand::Unrestrict(_) => {}
        }
    }

    fn pause(&mut self, id: StrategyId, paused: bool) {
        if let Some(slot) = self.strategies.get_mut(usize::from(id.0)) {
            slot.paused = paused;
        }
    }

    /// The end of a bar, quote or print: nothing comes of most, and a few comparisons say so.
    ///
    /// The end of the event before has looked at the same account, unless this one has `moved` it.
    /// `stirred` tells whether something was done that may have had effects.
    #[inline(always)]
    fn finish_data(&mut self, stirred: bool, moved: bool, effects: &mut Effects) {
        let account = self.portfolio.account();
        if stirred
            || self.now >= self.brackets.next_retry()
            || !self.actions.is_empty()
            || self.version != self.reviewed.version()
            || (moved && self.reviewed.is_due(self.version, account))
        {
            self.finish_event(effects);
        }
        debug_assert!(effects.any() || effects.is_empty(), "effects unseen");
    }

    #[inline(never)]
    fn finish_event(&mut self, effects: &mut Effects) {
        if self.now >= self.brackets.next_retry() {
            self.retry_due_exits(effects);
        }
        if !self.actions.is_empty() {
            self.run_actions(effects);
        }
        if self.reviewed.is_due(self.version, self.portfolio.account()) {
            self.review(effects);
        }
        if effects.conclude() {
            effects.fingerprint(&mut self.effects_seen);
        }
    }

    /// Calls a strategy with its view of the state.
    #[inline]
    fn with_strategy<R>(
        &mut self,
        index: usize,
        call: impl FnOnce(&mut dyn Strategy, &mut Context<'_>) -> R,
    ) -> Option<R> {
        let slot = self.strategies.get_mut(index)?;
        let strategy = StrategyId(u16::try_from(index).ok()?);
        Some(call(
            slot.strategy.as_mut(),
            &mut context_of!(self, strategy),
        ))
    }

    fn tell_policies(&mut self, event: GateEvent<'_>) {
        let snapshot = snapshot_of!(self);
        self.risk.observe(event, &snapshot);
        self.compliance.observe(event, &snapshot);
    }
}
