//! One order through all checks: what `approve` costs, alone and with reservation and release.
//!
//! `cargo bench -p trader-risk` prints Criterion's estimate and, measured call by call, the
//! percentiles that the budget is stated in. The percentiles contain the cost of reading the clock.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark measures wall time, prints it and fails by panicking"
)]

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use trader_broker::{
    Account, AccountKind, ApprovedOrder, Assessment, CompliancePolicy, Decision, GateEvent,
    Holding, Holdings, Mark, MarketPhase, Proposal, RiskPolicy, Snapshot, approve,
};
use trader_domain::{
    AccountId, ClientOrderId, Instrument, InstrumentId, Instruments, Money, OrderId, OrderKind,
    OrderRequest, PositionEffect, Price, Quantity, SectorId, Session, ShortExemption, ShortMark,
    Side, StrategyId, Symbol, TimeInForce, Timestamp, Volume,
};
use trader_risk::{Gate, GateConfig, Limits, RateLimit};

const NOW: Timestamp = Timestamp::from_nanos(1_717_425_000_000_000_000);

/// Takes no part in the measurement.
struct NoObjection;

impl CompliancePolicy for NoObjection {
    fn mark(&self, _: &OrderRequest, _: &Snapshot<'_>) -> Option<ShortMark> {
        None
    }
    fn assess(&self, _: Proposal<'_>, _: &Snapshot<'_>, _: &mut Assessment) {}
    fn observe(&mut self, _: GateEvent<'_>, _: &Snapshot<'_>) {}
    fn hash_state(&self, _: &mut dyn FnMut(&[u8])) {}
}

/// An account with `positions` of 1 % each.
struct Desk {
    instruments: Instruments,
    marks: Vec<Mark>,
    holdings: Holdings,
    account: Account,
}

impl Desk {
    fn new(positions: u32) -> Self {
        let mut instruments = Instruments::new();
        for index in 0..=positions {
            let symbol = Symbol::new(&format!("S{index}")).unwrap();
            let mut instrument = Instrument::equity(symbol);
            instrument.sector = Some(SectorId(u16::try_from(index % 11).unwrap()));
            instrument.industry = Some(SectorId(u16::try_from(index % 60).unwrap()));
            instruments.add(instrument).unwrap();
        }
        let mark = Mark {
            last: Some(Price::whole(100)),
            last_time: NOW,
            bid: Some(Price::from_units(99_990_000_000).unwrap()),
            ask: Some(Price::from_units(100_010_000_000).unwrap()),
            quote_time: NOW,
            previous_close: Some(Price::whole(99)),
            average_daily_volume: Some(Volume::from_whole(10_000_000).unwrap()),
            ..Mark::default()
        };
        let held = Holding {
            quantity: Quantity::whole(30),
            market_value: Money::whole(3_000),
        };
        let count = instruments.len();
        let mut holdings = Holdings::with_instruments(count);
        for id in (1..=positions).map(InstrumentId) {
            *holdings.change(id).unwrap() = held;
        }
        let long = Money::whole(3_000 * i64::from(positions));
        let equity = Money::whole(1_000_000);
        Self {
            marks: vec![mark; count],
            account: Account {
                kind: AccountKind::Margin,
                cash: equity.checked_sub(long).unwrap(),
                settled_cash: equity.checked_sub(long).unwrap(),
                long_value: long,
                equity,
                day_start_equity: equity,
                peak_equity: equity,
                positions,
                ..Account::default()
            },
            instruments,
            holdings,
        }
    }

    fn snapshot(&self, now: Timestamp) -> Snapshot<'_> {
        Snapshot {
            version: 1,
            now,
            taken: now,
            phase: MarketPhase::Regular,
            instruments: &self.instruments,
            marks: &self.marks,
            holdings: &self.holdings,
            account: &self.account,
        }
    }

    fn gate(&self) -> Gate {
        let mut config = GateConfig {
            limits: Limits {
                positions: 200,
                reference_age_nanos: i64::MAX / 1_000_000,
                message_rate: RateLimit {
                    count: u32::MAX,
                    window_nanos: 1_000_000_000,
                },
                loop_rate: RateLimit {
                    count: u32::MAX,
                    window_nanos: 1_000_000_000,
                },
                ..Limits::default()
            },
            ..GateConfig::default()
        };
        config.limits.reference_age_nanos = 300 * 86_400 * 1_000_000_000;
        let mut gate = Gate::new(config, self.instruments.len()).unwrap();
        gate.observe(GateEvent::NewDay { day: 19_877 }, &self.snapshot(NOW));
        gate
    }
}

fn order(number: u64) -> OrderRequest {
    OrderRequest {
        id: OrderId(number),
        client_order_id: ClientOrderId {
            run: 1,
            order: OrderId(number),
        },
        strategy: StrategyId(0),
        account: AccountId(0),
        instrument: InstrumentId(0),
        side: Side::Buy,
        quantity: Quantity::whole(100),
        kind: OrderKind::Limit {
            price: Price::whole(100),
        },
        time_in_force: TimeInForce::Day,
        session: Session::Regular,
        effect: PositionEffect::Any,
        legs: arrayvec::ArrayVec::new(),
        parent: None,
        oco: None,
        locate: None,
        short_exempt: ShortExemption::None,
        short_mark: None,
        created: NOW,
    }
}

fn judge(desk: &Desk, gate: &Gate, number: u64, now: Timestamp) -> Decision<ApprovedOrder> {
    approve(order(number), &desk.snapshot(now), gate, &NoObjection)
}

fn percentiles(name: &str, mut one: impl FnMut(u64)) {
    let count = 200_000_u64;
    for number in 0..10_000 {
        one(number);
    }
    let mut nanos: Vec<u128> = (0..count)
        .map(|number| {
            let start = Instant::now();
            one(10_000 + number);
            start.elapsed().as_nanos()
        })
        .collect();
    nanos.sort_unstable();
    let at = |share: usize| nanos[nanos.len() * share / 1_000];
    println!(
        "{name}: p50 {} ns, p99 {} ns, p99.9 {} ns",
        at(500),
        at(990),
        at(999)
    );
}

fn approve_alone(criterion: &mut Criterion) {
    for positions in [1, 20, 100] {
        let desk = Desk::new(positions);
        let gate = desk.gate();
        let first = judge(&desk, &gate, 1, NOW);
        assert!(
            first.outcome.is_ok(),
            "{:?}",
            first.assessment.failures().next()
        );
        let name = format!("approve, {positions} positions");
        percentiles(&name, |number| {
            black_box(judge(&desk, &gate, black_box(number), NOW));
        });
        criterion.bench_function(&name, |bencher| {
            bencher.iter(|| black_box(judge(&desk, &gate, black_box(7), NOW)));
        });
    }
}

fn approve_reserve_release(criterion: &mut Criterion) {
    let desk = Desk::new(20);
    let mut gate = desk.gate();
    let mut now = NOW;
    let mut number = 0_u64;
    let mut cycle = || {
        number += 1;
        now = now.saturating_add(2_000_000_000);
        let decision = judge(&desk, &gate, number, now);
        let approved = decision.outcome.unwrap();
        let snapshot = desk.snapshot(now);
        gate.observe(GateEvent::Reserve(&approved), &snapshot);
        let order = OrderId(number);
        gate.observe(GateEvent::Done { order, now }, &snapshot);
        black_box(approved.into_request());
    };
    percentiles("approve, reserve, release, 20 positions", |_| cycle());
    criterion.bench_function("approve, reserve, release, 20 positions", |bencher| {
        bencher.iter(&mut cycle);
    });
}

criterion_group!(benches, approve_alone, approve_reserve_release);
criterion_main!(benches);
