//! After warm-up, the gate judges, reserves, follows executions and releases without allocating.
//!
//! A test binary of its own, because it measures the process's global allocator and must not be
//! disturbed by other tests' threads.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use peak_alloc::PeakAlloc;
use trader_broker::{
    Account, AccountKind, Assessment, CompliancePolicy, GateEvent, Holdings, Mark, MarketPhase,
    Proposal, RiskPolicy as _, Snapshot, approve_into,
};
use trader_domain::{
    AccountId, ClientOrderId, Instrument, InstrumentId, Instruments, Money, NANOS_PER_SECOND,
    OcoGroupId, OrderId, OrderKind, OrderRequest, PositionEffect, Price, Quantity, SectorId,
    Session, ShortExemption, ShortMark, Side, StrategyId, Symbol, TimeInForce, Timestamp,
};
use trader_risk::{Gate, GateConfig};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const INSTRUMENTS: u32 = 40;
/// In which every instrument has traded and the memory of released orders is full.
const WARM_UP: u64 = 2_000;

struct NoObjection;

impl CompliancePolicy for NoObjection {
    fn mark(&self, _: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
        None
    }
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, _: &mut Assessment) {}
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

struct Desk {
    instruments: Instruments,
    marks: Vec<Mark>,
    holdings: Holdings,
    account: Account,
    now: Timestamp,
}

impl Desk {
    fn new() -> Self {
        let mut instruments = Instruments::new();
        for index in 0..INSTRUMENTS {
            let symbol = Symbol::new(&format!("S{index}")).unwrap();
            let mut instrument = Instrument::equity(symbol);
            instrument.sector = Some(SectorId(u16::try_from(index % 7).unwrap()));
            instruments.add(instrument).unwrap();
        }
        let equity = Money::whole(1_000_000);
        Self {
            marks: vec![Mark::default(); instruments.len()],
            holdings: Holdings::with_instruments(instruments.len()),
            instruments,
            account: Account {
                kind: AccountKind::Margin,
                cash: equity,
                settled_cash: equity,
                equity,
                day_start_equity: equity,
                peak_equity: equity,
                ..Account::default()
            },
            now: Timestamp::from_nanos(1_717_425_000_000_000_000),
        }
    }

    fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            version: 1,
            now: self.now,
            taken: self.now,
            phase: MarketPhase::Regular,
            instruments: &self.instruments,
            marks: &self.marks,
            holdings: &self.holdings,
            account: &self.account,
        }
    }

    /// Buys ten shares or sells them again, one of three orders in an OCO group.
    fn order(&self, number: u64) -> OrderRequest {
        let round = number / u64::from(INSTRUMENTS);
        OrderRequest {
            id: OrderId(number + 1),
            client_order_id: ClientOrderId::default(),
            strategy: StrategyId(0),
            account: AccountId(0),
            instrument: InstrumentId(u32::try_from(number % u64::from(INSTRUMENTS)).unwrap()),
            side: if round.is_multiple_of(2) {
                Side::Buy
            } else {
                Side::Sell
            },
            quantity: Quantity::whole(10),
            kind: OrderKind::Market,
            time_in_force: TimeInForce::Day,
            session: Session::Regular,
            effect: PositionEffect::Any,
            legs: Default::default(),
            parent: None,
            oco: (number.is_multiple_of(3)).then_some(OcoGroupId(number)),
            locate: None,
            short_exempt: ShortExemption::None,
            short_mark: None,
            created: self.now,
        }
    }

    /// Every price moves: every position is worth something else.
    fn move_prices(&mut self, number: u64) {
        self.now = self.now.saturating_add(2 * NANOS_PER_SECOND);
        let price = Price::whole(100 + i32::try_from(number % 5).unwrap());
        for mark in &mut self.marks {
            (mark.last, mark.last_time) = (Some(price), self.now);
        }
        for id in (0..INSTRUMENTS).map(InstrumentId) {
            let quantity = self.holdings.get(id).unwrap().quantity;
            if !quantity.is_zero() {
                self.holdings.change(id).unwrap().market_value = price.notional(quantity);
            }
        }
    }

    fn trade(&mut self, order: &OrderRequest) {
        let holding = self.holdings.change(order.instrument).unwrap();
        let (quantity, positions) = match order.side {
            Side::Buy => (order.quantity, self.account.positions + 1),
            Side::Sell => (Quantity::ZERO, self.account.positions - 1),
        };
        holding.quantity = quantity;
        holding.market_value = Price::whole(100).notional(quantity);
        self.account.positions = positions;
    }
}

#[test]
fn after_warm_up_the_gate_allocates_nothing() {
    let mut desk = Desk::new();
    let mut gate = Gate::new(GateConfig::research(), desk.instruments.len()).unwrap();
    let mut record = Assessment::new();
    let mut before = 0;
    for number in 0..3 * WARM_UP {
        if number == WARM_UP {
            MEMORY.reset_peak_usage();
            before = MEMORY.current_usage();
        }
        desk.move_prices(number);
        let request = desk.order(number);
        gate.catch_up(request.instrument, &desk.snapshot());
        let judgement = approve_into(
            request.clone(),
            &desk.snapshot(),
            &gate,
            &NoObjection,
            &mut record,
        );
        let approved = judgement.outcome.unwrap();
        gate.observe(GateEvent::Reserve(&approved), &desk.snapshot());
        desk.trade(&request);
        let (order, now) = (request.id, desk.now);
        let filled = GateEvent::Filled {
            order,
            instrument: request.instrument,
            side: request.side,
            quantity: request.quantity,
            price: Price::whole(100),
            now,
        };
        gate.observe(filled, &desk.snapshot());
        gate.observe(GateEvent::Done { order, now }, &desk.snapshot());
    }
    assert_eq!(MEMORY.peak_usage(), before);
}
