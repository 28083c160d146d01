//! A core with its strings in the test's hands: the test is driver, market and broker.

use trader_broker::RiskPolicy;
use trader_domain::*;
use trader_engine::{
    AccountConfig, Alert, CashRecord, ClosedTrade, Command, Core, CoreConfig, DecisionRecord,
    Effects, FillRecord, SessionCalendar, Strategy,
};
use trader_testkit::fixtures;

use crate::judge::{Judge, Lenient};
use crate::puppet::{Ask, Notes, Puppet};

pub(crate) const A: InstrumentId = InstrumentId(0);
pub(crate) const B: InstrumentId = InstrumentId(1);
/// 2024-06-03T13:30:00Z, a Monday's open in New York.
pub(crate) const OPEN: Timestamp = Timestamp::from_nanos(1_717_421_400 * NANOS_PER_SECOND);

pub(crate) fn price(text: &str) -> Price {
    text.parse().unwrap()
}

pub(crate) fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub(crate) fn shares(count: i32) -> Quantity {
    Quantity::whole(count)
}

pub(crate) fn at(text: &str) -> Timestamp {
    fixtures::time(text)
}

pub(crate) fn buy(count: i32) -> OrderIntent {
    OrderIntent::market(A, Side::Buy, shares(count))
}

pub(crate) fn sell(count: i32) -> OrderIntent {
    OrderIntent::market(A, Side::Sell, shares(count))
}

/// A purchase with a take-profit at 110 and a stop at 90.
pub(crate) fn bracketed(count: i32) -> OrderIntent {
    buy(count).with_exits(ContingentExits::bracket(price("110"), price("90")))
}

pub(crate) const fn config(account: AccountConfig) -> CoreConfig {
    CoreConfig {
        run: 7,
        account_id: AccountId(0),
        account,
        calendar: SessionCalendar::UsEquities,
        venue_links_oco: false,
        retained_orders: 64,
        retained_executions: 256,
    }
}

pub(crate) const fn margin(cash: i64) -> AccountConfig {
    AccountConfig::margin(Money::whole(cash))
}

/// What the core wanted done, in the words of the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    Submit(OrderRequest),
    Replace(ReplaceRequest),
    Cancel(OrderId),
    Timer(TimerId, Timestamp),
}

pub(crate) struct World {
    pub(crate) core: Core,
    pub(crate) judge: Judge,
    pub(crate) puppets: Vec<Puppet>,
    pub(crate) now: Timestamp,
    pub(crate) commands: Vec<Wanted>,
    pub(crate) decisions: Vec<DecisionRecord>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) fills: Vec<FillRecord>,
    pub(crate) closed: Vec<ClosedTrade>,
    pub(crate) cash: Vec<CashRecord>,
    effects: Effects,
    sequence: u64,
    executions: u64,
}

impl World {
    /// One strategy, two stocks, a margin account of a million, a venue that does not link OCO.
    pub(crate) fn new() -> Self {
        Self::with(config(margin(1_000_000)), 1)
    }

    /// The same with a venue that links OCO orders itself.
    pub(crate) fn linking() -> Self {
        let config = CoreConfig {
            venue_links_oco: true,
            ..config(margin(1_000_000))
        };
        Self::with(config, 1)
    }

    pub(crate) fn with(config: CoreConfig, strategies: usize) -> Self {
        let puppets = (0..strategies).map(|_| Puppet::new()).collect();
        Self::with_puppets(config, puppets)
    }

    pub(crate) fn with_puppets(config: CoreConfig, puppets: Vec<Puppet>) -> Self {
        let judge = Judge::default();
        let mut world = Self::judged(config, puppets, Box::new(judge.clone()));
        world.judge = judge;
        world
    }

    /// One strategy, starting at another time.
    pub(crate) fn with_start(config: CoreConfig, start: &str) -> Self {
        let judge = Judge::default();
        let risk = Box::new(judge.clone());
        let mut world = Self::starting(config, vec![Puppet::new()], risk, at(start));
        world.judge = judge;
        world
    }

    /// With a real risk policy; `judge` is then without effect.
    pub(crate) fn judged(
        config: CoreConfig,
        puppets: Vec<Puppet>,
        risk: Box<dyn RiskPolicy>,
    ) -> Self {
        Self::starting(config, puppets, risk, OPEN)
    }

    fn starting(
        config: CoreConfig,
        puppets: Vec<Puppet>,
        risk: Box<dyn RiskPolicy>,
        start: Timestamp,
    ) -> Self {
        let strategies = puppets
            .iter()
            .map(|puppet| Box::new(puppet.clone()) as Box<dyn Strategy>)
            .collect();
        let core = Core::new(
            config,
            fixtures::stocks(3),
            strategies,
            risk,
            Box::new(Lenient),
        )
        .unwrap();
        let mut world = Self {
            core,
            judge: Judge::default(),
            puppets,
            now: start,
            commands: Vec::new(),
            decisions: Vec::new(),
            alerts: Vec::new(),
            fills: Vec::new(),
            closed: Vec::new(),
            cash: Vec::new(),
            effects: Effects::new(),
            sequence: 0,
            executions: 0,
        };
        world.core.start(start, &mut world.effects);
        world.collect();
        world
    }

    fn collect(&mut self) {
        self.commands
            .extend(self.effects.commands.iter().map(|command| match command {
                Command::Submit(order) => Wanted::Submit(order.request().clone()),
                Command::Replace(terms) => Wanted::Replace(*terms.terms()),
                Command::Cancel(order) => Wanted::Cancel(*order),
                Command::SetTimer { id, at } => Wanted::Timer(*id, *at),
            }));
        self.decisions.extend_from_slice(&self.effects.decisions);
        self.alerts.append(&mut self.effects.alerts);
        self.fills.append(&mut self.effects.fills);
        self.closed.append(&mut self.effects.closed);
        self.cash.append(&mut self.effects.cash);
    }

    /// Lets the core process one event now.
    pub(crate) fn event(&mut self, event: Event) {
        self.sequence += 1;
        let input = SequencedEvent {
            sequence: self.sequence,
            time: self.now,
            event,
        };
        self.core.process(&input, &mut self.effects).unwrap();
        self.collect();
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.now = self.now.saturating_add(seconds * NANOS_PER_SECOND);
    }

    /// Moves to an instant and lets the core notice.
    pub(crate) fn clock(&mut self, text: &str) {
        self.now = at(text);
        self.event(Event::Clock);
    }

    pub(crate) fn command(&mut self, command: OperatorCommand) {
        self.event(Event::Command(command));
    }

    // What the strategy does.

    pub(crate) fn ask(&mut self, ask: Ask) {
        self.ask_of(0, ask);
    }

    /// Lets a strategy ask for something, on the occasion of a signal.
    pub(crate) fn ask_of(&mut self, strategy: usize, ask: Ask) {
        self.puppets[strategy]
            .notes
            .lock()
            .unwrap()
            .queue
            .push_back(ask);
        self.event(Event::Signal(self.signal(self.now.saturating_add(1))));
    }

    /// Submits and accepts an order; gives its number.
    pub(crate) fn submit(&mut self, intent: OrderIntent) -> OrderId {
        self.submit_of(0, intent)
    }

    pub(crate) fn submit_of(&mut self, strategy: usize, intent: OrderIntent) -> OrderId {
        self.ask_of(strategy, Ask::Submit(intent));
        let id = *self.notes(strategy).orders.last().unwrap();
        if self.core.working_orders().any(|o| o.request.id == id) {
            self.accept(id);
        }
        id
    }

    pub(crate) fn signal(&self, expires: Timestamp) -> Signal {
        Signal {
            instrument: A,
            direction: Direction::Long,
            strength: UnitInterval::ONE,
            confidence: UnitInterval::ONE,
            created: OPEN,
            horizon_nanos: 0,
            expires,
            source: "test".to_owned(),
            reasons: Vec::new(),
        }
    }

    pub(crate) fn notes(&self, strategy: usize) -> std::sync::MutexGuard<'_, Notes> {
        self.puppets[strategy].notes.lock().unwrap()
    }

    // What the broker says.

    pub(crate) fn report(&mut self, order: OrderId, kind: ReportKind) {
        let report = BrokerReport {
            order,
            time: self.now,
            received: self.now,
            kind,
        };
        self.event(Event::Broker(report));
    }

    pub(crate) fn accept(&mut self, order: OrderId) {
        let broker_order = BrokerOrderId::simulated(order.0);
        self.report(order, ReportKind::Accepted { broker_order });
    }

    pub(crate) fn cancelled(&mut self, order: OrderId, cause: CancelCause) {
        self.report(order, ReportKind::Canceled(cause));
    }

    /// A new execution without costs; gives its id.
    pub(crate) fn fill(&mut self, order: OrderId, count: i32, at: &str) -> ExecutionId {
        self.fill_with(order, count, at, ("0", "0"))
    }

    pub(crate) fn fill_with(
        &mut self,
        order: OrderId,
        count: i32,
        at: &str,
        (commission, fees): (&str, &str),
    ) -> ExecutionId {
        self.executions += 1;
        let fill = Fill {
            commission: money(commission),
            fees: money(fees),
            ..fill(self.executions, shares(count), price(at))
        };
        self.report(order, ReportKind::Filled(fill));
        fill.execution
    }

    // What the market shows.

    pub(crate) fn market(&mut self, event: MarketEvent) {
        self.event(Event::Market(event));
    }

    pub(crate) fn bar(&mut self, instrument: InstrumentId, close: &str) {
        self.market(MarketEvent::Bar(bar(instrument, self.now, price(close))));
    }

    pub(crate) fn action(&mut self, instrument: InstrumentId, kind: CorporateActionKind) {
        let action = CorporateAction {
            instrument,
            effective: self.now,
            kind,
        };
        self.market(MarketEvent::CorporateAction(action));
    }

    pub(crate) fn status(&mut self, kind: StatusKind) {
        self.market(MarketEvent::Status(TradingStatus {
            instrument: A,
            time: self.now,
            received: self.now,
            kind,
        }));
    }

    // What there is.

    /// The commands since the last call.
    pub(crate) fn wanted(&mut self) -> Vec<Wanted> {
        std::mem::take(&mut self.commands)
    }

    /// The orders sent since the last call (other commands are dropped).
    pub(crate) fn sent(&mut self) -> Vec<OrderRequest> {
        let orders = self.wanted().into_iter().filter_map(|wanted| match wanted {
            Wanted::Submit(order) => Some(order),
            _ => None,
        });
        orders.collect()
    }

    /// Working orders by number with their open quantity.
    pub(crate) fn working(&self) -> Vec<(OrderId, Quantity)> {
        let orders = self.core.working_orders();
        orders
            .map(|entry| (entry.request.id, entry.life.leaves()))
            .collect()
    }

    pub(crate) fn alerts(&mut self) -> Vec<Alert> {
        std::mem::take(&mut self.alerts)
    }

    pub(crate) fn position(&self) -> Quantity {
        self.core.portfolio().position(A).unwrap().quantity()
    }

    pub(crate) fn equity(&self) -> Money {
        self.core.portfolio().account().equity
    }

    pub(crate) fn cash_balance(&self) -> Money {
        self.core.portfolio().account().cash
    }
}

/// The `number`-th execution of a test.
pub(crate) fn fill(number: u64, quantity: Quantity, price: Price) -> Fill {
    Fill {
        execution: ExecutionId::simulated(number),
        leg: 0,
        quantity,
        price,
        commission: Money::ZERO,
        fees: Money::ZERO,
        slippage: Money::ZERO,
    }
}

/// A minute bar that ends at `end` and never leaves its close.
pub(crate) fn bar(instrument: InstrumentId, end: Timestamp, close: Price) -> Bar {
    Bar {
        instrument,
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start: end.saturating_add(-60 * NANOS_PER_SECOND),
        time: end,
        received: end,
        open: close,
        high: close,
        low: close,
        close,
        volume: Volume::whole(1_000_000),
        vwap: None,
        trade_count: None,
    }
}

/// New terms with the same type and time in force as a working order has.
pub(crate) fn terms(world: &World, order: OrderId, count: i32) -> ReplaceRequest {
    let entry = world
        .core
        .working_orders()
        .find(|entry| entry.request.id == order)
        .unwrap();
    ReplaceRequest {
        order,
        quantity: shares(count),
        kind: entry.request.kind,
        time_in_force: entry.request.time_in_force,
    }
}
