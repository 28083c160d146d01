//! What the core costs: an idle bar, a decision with every check, durable orders, quotes in bulk.
//!
//! Criterion reports means; where the distribution matters (quote in to approved order out) a
//! histogram of single round trips is printed as well.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "a benchmark measures wall time, prints it, and stops by panicking"
)]

use std::hint::black_box;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_broker::{
    ApprovedOrder, ApprovedReplacement, Assessment, Capabilities, CheckId, CheckRecord,
    CompliancePolicy, GateEvent, Measure, Proposal, Snapshot, Venue, Verdict,
};
use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, MarketFeed};
use trader_engine::journal::{FileStore, JournalStore, JournalWriter};
use trader_engine::{
    AccountConfig, Command, Context, Core, CoreConfig, DataKinds, DataNeeds, Effects, RestoreError,
    SessionCalendar, Strategy,
};
use trader_matching::{Exchange, ExchangeConfig, accepts};
use trader_risk::{Gate, GateConfig};
use trader_testkit::fixtures;

const A: InstrumentId = InstrumentId(0);
const START: Timestamp = Timestamp::from_nanos(1_717_421_400 * NANOS_PER_SECOND);
/// One cent.
const CENT: Price = Price::from_small_units(10_000_000);

struct Permissive;

impl CompliancePolicy for Permissive {
    fn mark(&self, request: &OrderRequest, _snapshot: &Snapshot<'_>) -> Option<ShortMark> {
        (request.side == Side::Sell).then_some(ShortMark::Long)
    }

    fn assess(&self, _proposal: Proposal<'_>, _snapshot: &Snapshot<'_>, into: &mut Assessment) {
        into.push(CheckRecord {
            check: CheckId::RestrictedList,
            verdict: Verdict::Pass,
            measured: Measure::Absent,
            limit: Measure::Absent,
            largest: None,
        });
    }

    fn observe(&mut self, _event: GateEvent<'_>, _snapshot: &Snapshot<'_>) {}

    fn hash_state(&self, _update: &mut dyn FnMut(&[u8])) {}
}

/// Sees everything it asked for and does nothing, or answers every quote with an order.
struct Reacts {
    kinds: DataKinds,
    orders: bool,
    seen: u64,
}

impl Strategy for Reacts {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: self.kinds,
            warm_up: 0,
        }
    }

    fn on_bar(&mut self, bar: &Bar, _context: &mut Context<'_>) {
        self.seen = self.seen.wrapping_add(bar.close.units().cast_unsigned());
    }

    fn on_quote(&mut self, quote: &Quote, context: &mut Context<'_>) {
        if self.orders {
            // In and out again, so that the account stays as it is.
            let intent = if context.position(A).is_positive() {
                OrderIntent::limit(A, Side::Sell, context.position(A), quote.bid)
            } else {
                OrderIntent::limit(A, Side::Buy, Quantity::whole(100), quote.ask)
            };
            context.submit(intent);
        }
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.seen.to_le_bytes());
    }

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

fn core_of(kinds: DataKinds, orders: bool, gate: &GateConfig) -> Core {
    let config = CoreConfig {
        run: 1,
        account_id: AccountId(0),
        account: AccountConfig::margin(Money::whole(1_000_000)),
        calendar: SessionCalendar::Continuous,
        venue_links_oco: true,
        retained_orders: 1_024,
        retained_executions: 4_096,
    };
    let strategy = Reacts {
        kinds,
        orders,
        seen: 0,
    };
    let mut core = Core::new(
        config,
        fixtures::stocks(8),
        vec![Box::new(strategy)],
        Box::new(Gate::new(*gate, 8).unwrap()),
        Box::new(Permissive),
    )
    .unwrap();
    core.start(START, &mut Effects::new());
    core
}

fn bar(time: Timestamp) -> Bar {
    let close = Price::whole(100);
    Bar {
        instrument: A,
        vendor: VendorId::INTERNAL,
        timeframe: Timeframe::MINUTE,
        start: time.saturating_add(-60 * NANOS_PER_SECOND),
        time,
        received: time,
        open: close,
        high: close,
        low: close,
        close,
        volume: Volume::whole(10_000_000),
        vwap: None,
        trade_count: None,
    }
}

fn quote(time: Timestamp) -> Quote {
    let bid = Price::whole(100);
    Quote {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        bid,
        bid_size: Quantity::whole(500),
        ask: bid.checked_add(CENT).unwrap(),
        ask_size: Quantity::whole(500),
    }
}

fn trade(time: Timestamp) -> Trade {
    Trade {
        instrument: A,
        vendor: VendorId::INTERNAL,
        time,
        received: time,
        price: Price::whole(100),
        size: Quantity::whole(100),
        conditions: TradeConditions::REGULAR,
    }
}

fn idle_bar(criterion: &mut Criterion) {
    let mut core = core_of(DataKinds::BARS, false, &GateConfig::research());
    let mut effects = Effects::new();
    let mut input = SequencedEvent {
        sequence: 0,
        time: START,
        event: Event::Market(MarketEvent::Bar(bar(START))),
    };
    criterion.bench_function("idle bar through the core", |bencher| {
        bencher.iter(|| {
            input.sequence += 1;
            core.process(black_box(&input), &mut effects).unwrap();
        });
    });
}

/// Quote in, order out, journal encoded; then the order fills, off the clock.
struct RoundTrips<S> {
    core: Core,
    effects: Effects,
    journal: JournalWriter<S>,
    sequence: u64,
    executions: u64,
    now: Timestamp,
    step: i64,
}

impl<S: JournalStore> RoundTrips<S> {
    fn new(gate: &GateConfig, store: S, step: i64) -> Self {
        let mut trips = Self {
            core: core_of(DataKinds::QUOTES, true, gate),
            effects: Effects::new(),
            journal: JournalWriter::create(store, 1).unwrap(),
            sequence: 0,
            executions: 0,
            now: START,
            step,
        };
        // A day's volume, so that the share of it can be checked.
        trips.event(Event::Market(MarketEvent::Bar(bar(START))));
        trips.now = START.saturating_add(NANOS_PER_DAY);
        trips
    }

    fn event(&mut self, event: Event) {
        self.sequence += 1;
        let input = SequencedEvent {
            sequence: self.sequence,
            time: self.now,
            event,
        };
        let before = self.core.effects_hash();
        self.journal.append(&input, before).unwrap();
        self.core.process(&input, &mut self.effects).unwrap();
    }

    /// The part that is measured; gives the approved order.
    fn quote(&mut self) -> OrderRequest {
        self.now = self.now.saturating_add(self.step);
        self.event(Event::Market(MarketEvent::Quote(quote(self.now))));
        match self.effects.commands.first() {
            Some(Command::Submit(order)) => order.request().clone(),
            _ => {
                let refused = &self.effects.decisions[0].assessment;
                panic!("{:?}", refused.failures().collect::<Vec<_>>())
            }
        }
    }

    fn fill(&mut self, order: &OrderRequest) {
        self.executions += 1;
        // Sold a little higher than bought: losing streaks are limited.
        let price = match order.side {
            Side::Buy => Price::whole(100),
            Side::Sell => Price::whole(100).checked_add(CENT).unwrap(),
        };
        let fill = Fill {
            execution: ExecutionId::simulated(self.executions),
            leg: 0,
            quantity: order.quantity,
            price,
            commission: Money::ZERO,
            fees: Money::ZERO,
            slippage: Money::ZERO,
        };
        self.event(Event::Broker(BrokerReport {
            order: order.id,
            time: self.now,
            received: self.now,
            kind: ReportKind::Filled(fill),
        }));
    }
}

fn decisions(criterion: &mut Criterion) {
    let limits = [
        ("research limits", GateConfig::research()),
        ("default limits", GateConfig::default()),
    ];
    for (name, gate) in limits {
        let mut trips = RoundTrips::new(&gate, Nowhere, 10 * NANOS_PER_SECOND);
        let one = |trips: &mut RoundTrips<Nowhere>| {
            let begun = Instant::now();
            let order = trips.quote();
            let taken = begun.elapsed();
            trips.fill(black_box(&order));
            if trips.journal.pending() > 4_096 {
                trips.journal.commit().unwrap();
            }
            taken
        };
        for _ in 0..10_000 {
            one(&mut trips);
        }
        let mut single: Vec<u64> = (0..200_000)
            .map(|_| one(&mut trips).as_nanos() as u64)
            .collect();
        single.sort_unstable();
        let at = |permille: usize| single[single.len() * permille / 1_000];
        println!(
            "quote in to approved order out, {name}, journal encoded: p50 {} ns, p90 {} ns, \
             p99 {} ns, p99.9 {} ns",
            at(500),
            at(900),
            at(990),
            at(999)
        );
        criterion.bench_function(&format!("quote to approved order, {name}"), |bencher| {
            bencher.iter_custom(|count| (0..count).map(|_| one(&mut trips)).sum::<Duration>());
        });
    }
}

/// A disk that forgets: what encoding costs without writing.
struct Nowhere;

impl JournalStore for Nowhere {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        black_box(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn truncate(&mut self, _length: u64) -> io::Result<()> {
        Ok(())
    }
}

fn durable_orders(criterion: &mut Criterion) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("bench-{}.journal", std::process::id()));
    let mut group = criterion.benchmark_group("orders through gate and durable journal");
    for size in [64_u64, 1_024] {
        drop(std::fs::remove_file(&path));
        let store = FileStore::create(&path).unwrap();
        let mut trips = RoundTrips::new(&GateConfig::research(), store, 100_000);
        group.throughput(Throughput::Elements(size));
        group.bench_function(format!("groups of {size}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..size {
                    let order = trips.quote();
                    trips.fill(&order);
                }
                trips.journal.commit().unwrap();
            });
        });
    }
    group.finish();
    drop(std::fs::remove_file(&path));
}

struct Market(Exchange);

impl Venue for Market {
    fn submit(&mut self, order: ApprovedOrder, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.0.submit(order.request(), now, reports);
    }

    fn cancel(&mut self, order: OrderId, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.0.cancel(order, now, reports);
    }

    fn replace(
        &mut self,
        terms: ApprovedReplacement,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        self.0.replace(terms.terms(), now, reports);
    }

    #[inline]
    fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        self.0.on_market(event, reports);
    }

    #[inline]
    fn settle(&mut self, reports: &mut Vec<BrokerReport>) {
        self.0.settle(reports);
    }

    fn on_time(&mut self, now: Timestamp, reports: &mut Vec<BrokerReport>) {
        self.0.on_time(now, reports);
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            accepts,
            native_oco: true,
            fractional: true,
        }
    }
}

/// Quotes a millisecond apart, each followed by a print if asked for, made on the way.
struct Ticks {
    left: u64,
    time: Timestamp,
    prints: bool,
}

impl Ticks {
    fn made(&mut self) -> MarketEvent {
        self.left -= 1;
        if self.prints && self.left.is_multiple_of(2) {
            return MarketEvent::Trade(trade(self.time));
        }
        self.time = self.time.saturating_add(1_000_000);
        MarketEvent::Quote(quote(self.time))
    }
}

impl MarketFeed for Ticks {
    type Error = std::convert::Infallible;

    #[inline]
    fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error> {
        if self.left == 0 {
            return Ok(None);
        }
        Ok(Some(self.made()))
    }

    fn fill(&mut self, block: &mut [SequencedEvent]) -> Result<usize, Self::Error> {
        let mut filled = 0;
        for place in block {
            if self.left == 0 {
                break;
            }
            place.event = Event::Market(self.made());
            filled += 1;
        }
        Ok(filled)
    }
}

fn ticks_in_bulk(criterion: &mut Criterion) {
    const COUNT: u64 = 1_000_000;
    let mut group = criterion.benchmark_group("a million ticks through driver, core and exchange");
    group.throughput(Throughput::Elements(COUNT));
    group.sample_size(10);
    for (name, prints) in [("quotes", false), ("quotes and trades", true)] {
        group.bench_function(name, |bencher| {
            bencher.iter_with_setup(
                || {
                    let kinds = DataKinds::QUOTES.and(DataKinds::TRADES);
                    let core = core_of(kinds, false, &GateConfig::research());
                    let exchange = Exchange::new(core.instruments(), ExchangeConfig::default());
                    (core, Market(exchange.unwrap()))
                },
                |(mut core, mut venue)| {
                    let mut feed = Ticks {
                        left: COUNT,
                        time: START,
                        prints,
                    };
                    BacktestDriver::new(&mut core, &mut venue, &mut ())
                        .run(&mut feed, &|| false)
                        .unwrap()
                },
            );
        });
    }
    group.finish();
}

criterion_group!(benches, idle_bar, decisions, durable_orders, ticks_in_bulk);
criterion_main!(benches);
