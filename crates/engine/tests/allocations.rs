//! After warm-up, market events and order round trips allocate nothing: in core, gate, exchange,
//! driver and journal together.
//!
//! A test binary of its own, because it measures the process's global allocator and must not be
//! disturbed by other tests' threads. The allocator keeps the number of bytes in use and their peak:
//! an event during which the peak is above what was in use before has allocated.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io;

use peak_alloc::PeakAlloc;
use trader_broker::{
    ApprovedOrder, ApprovedReplacement, Assessment, Capabilities, CheckId, CheckRecord,
    CompliancePolicy, GateEvent, Measure, Proposal, Snapshot, Venue, Verdict,
};
use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, MarketFeed, RunObserver};
use trader_engine::journal::{JournalStore, JournalWriter};
use trader_engine::{
    AccountConfig, Context, Core, CoreConfig, DataKinds, DataNeeds, Effects, RestoreError,
    SessionCalendar, Strategy,
};
use trader_matching::{Exchange, ExchangeConfig, accepts};
use trader_risk::{Gate, GateConfig};
use trader_testkit::fixtures;
use trader_testkit::market::MinuteBars;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const A: InstrumentId = InstrumentId(0);
/// Events of four days, in which more than a thousand orders are numbered; the days after are
/// measured.
const WARM_UP: u64 = 4 * 390 * 3;

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

    fn on_market(&mut self, event: &MarketEvent, reports: &mut Vec<BrokerReport>) {
        self.0.on_market(event, reports);
    }

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

/// Buys with exits, sells, rests limits, moves and cancels them: all day.
#[derive(Default)]
struct Busy {
    bars: u64,
    resting: Option<OrderId>,
}

impl Strategy for Busy {
    fn needs(&self) -> DataNeeds {
        DataNeeds {
            instruments: None,
            kinds: DataKinds::BARS
                .and(DataKinds::QUOTES)
                .and(DataKinds::TRADES)
                .and(DataKinds::BATCHES),
            warm_up: 0,
        }
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        self.bars += 1;
        let cent = Price::from_small_units(10_000_000);
        let at = |permille| {
            let exact = bar.close.scale(permille, 1_000, Rounding::HalfEven);
            exact.unwrap().round_to(cent, Rounding::HalfEven).unwrap()
        };
        match self.bars % 6 {
            0 => {
                let exits = ContingentExits::bracket(at(1_002), at(998));
                context.submit(
                    OrderIntent::market(A, Side::Buy, Quantity::whole(100)).with_exits(exits),
                );
            }
            2 => {
                let limit = OrderIntent::limit(A, Side::Buy, Quantity::whole(10), at(990));
                self.resting = Some(context.submit(limit));
            }
            3 => {
                if let Some(order) = self.resting {
                    context.replace(ReplaceRequest {
                        order,
                        quantity: Quantity::whole(20),
                        kind: OrderKind::Limit { price: at(991) },
                        time_in_force: TimeInForce::Day,
                    });
                }
            }
            4 => {
                if let Some(order) = self.resting.take() {
                    context.cancel(order);
                }
            }
            5 => {
                let held = context.position(A);
                if held.is_positive() {
                    context.submit(OrderIntent::market(A, Side::Sell, held));
                }
            }
            _ => {}
        }
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

/// Each bar with a quote and a print at its close, made on the way.
struct Session {
    bars: std::vec::IntoIter<Bar>,
    bar: Option<Bar>,
    part: u8,
}

impl MarketFeed for Session {
    type Error = std::convert::Infallible;

    fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error> {
        if self.part == 0 {
            self.bar = self.bars.next();
        }
        let Some(bar) = self.bar else { return Ok(None) };
        self.part = (self.part + 1) % 3;
        let (time, received) = (bar.time, bar.received);
        let cent = Price::from_small_units(10_000_000);
        Ok(Some(match self.part {
            1 => MarketEvent::Quote(Quote {
                instrument: A,
                vendor: VendorId::INTERNAL,
                time,
                received,
                bid: bar.close,
                bid_size: Quantity::whole(500),
                ask: bar.close.checked_add(cent).unwrap(),
                ask_size: Quantity::whole(500),
            }),
            2 => MarketEvent::Trade(Trade {
                instrument: A,
                vendor: VendorId::INTERNAL,
                time,
                received,
                price: bar.close,
                size: Quantity::whole(100),
                conditions: TradeConditions::REGULAR,
            }),
            _ => MarketEvent::Bar(bar),
        }))
    }
}

/// Compares memory from one market event to the next.
#[derive(Default)]
struct Watch {
    events: u64,
    before: usize,
    allocated: Vec<(u64, usize)>,
}

impl RunObserver for Watch {
    fn on_effects(&mut self, _event: &SequencedEvent, _effects: &Effects, _core: &Core) {}

    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {
        let peak = MEMORY.peak_usage();
        if self.events > WARM_UP && peak > self.before {
            self.allocated.push((self.events, peak - self.before));
        }
        self.events += 1;
        MEMORY.reset_peak_usage();
        self.before = MEMORY.current_usage();
    }
}

/// A disk that forgets.
struct Nowhere;

impl JournalStore for Nowhere {
    fn append(&mut self, _bytes: &[u8]) -> io::Result<()> {
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

#[test]
fn after_four_days_nothing_is_allocated_any_more() {
    let instruments = fixtures::stocks(1);
    let mut venue = Market(Exchange::new(&instruments, ExchangeConfig::default()).unwrap());
    let config = CoreConfig {
        run: 1,
        account_id: AccountId(0),
        account: AccountConfig::margin(Money::whole(1_000_000)),
        calendar: SessionCalendar::UsEquities,
        venue_links_oco: true,
        retained_orders: 64,
        retained_executions: 256,
    };
    let gate = Gate::new(GateConfig::research(), 1).unwrap();
    let strategy = Box::new(Busy::default());
    let mut core = Core::new(
        config,
        instruments,
        vec![strategy],
        Box::new(gate),
        Box::new(Permissive),
    )
    .unwrap();
    let bars: Vec<Bar> = MinuteBars::from_seed(3).take(20 * 390).collect();
    let mut feed = Session {
        bars: bars.into_iter(),
        bar: None,
        part: 0,
    };
    let mut watch = Watch {
        allocated: Vec::with_capacity(1_024),
        ..Watch::default()
    };
    let journal = JournalWriter::create(Nowhere, 1).unwrap();
    let counts = BacktestDriver::new(&mut core, &mut venue, &mut watch)
        .journalled(journal)
        .run(&mut feed, &|| false)
        .unwrap();
    assert!(counts.orders > 5_000 && counts.fills > 2_500, "{counts:?}");
    assert_eq!(watch.allocated, [], "(event, bytes)");
}
