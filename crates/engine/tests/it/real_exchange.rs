//! The core with the real gate and the real simulated exchange, driven over a few bars.

use trader_broker::{ApprovedOrder, ApprovedReplacement, Capabilities, Venue};
use trader_domain::*;
use trader_engine::driver::backtest::{BacktestDriver, MarketFeed, RunCounts, RunObserver};
use trader_engine::{Alert, Core, CoreConfig, Effects, FillRecord};
use trader_matching::{Exchange, ExchangeConfig, FillRule, PathModel, SplitOrders, accepts};
use trader_risk::{Gate, GateConfig};
use trader_testkit::fixtures;

use crate::judge::Lenient;
use crate::puppet::{Ask, Puppet};
use crate::world::{A, OPEN, at, bracketed, buy, config, margin, price, sell, shares};

/// The exchange behind the broker's door.
pub(crate) struct Market(pub(crate) Exchange);

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

/// Events from a list.
pub(crate) struct List(pub(crate) std::vec::IntoIter<MarketEvent>);

impl MarketFeed for List {
    type Error = std::convert::Infallible;

    fn next_event(&mut self) -> Result<Option<MarketEvent>, Self::Error> {
        Ok(self.0.next())
    }
}

#[derive(Default)]
struct Log {
    fills: Vec<FillRecord>,
    alerts: Vec<Alert>,
}

impl RunObserver for Log {
    fn on_effects(&mut self, _event: &SequencedEvent, effects: &Effects, _core: &Core) {
        self.fills.extend_from_slice(&effects.fills);
        self.alerts.extend_from_slice(&effects.alerts);
    }

    fn on_instant(&mut self, _core: &Core, _next: Option<Timestamp>) {}
}

/// Asks for one thing at each of the first bars.
struct OneByOne {
    puppet: Puppet,
    script: std::vec::IntoIter<Option<Ask>>,
}

impl trader_engine::Strategy for OneByOne {
    fn needs(&self) -> trader_engine::DataNeeds {
        self.puppet.needs()
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut trader_engine::Context<'_>) {
        if let Some(Some(ask)) = self.script.next() {
            self.puppet.notes.lock().unwrap().queue.push_back(ask);
        }
        self.puppet.on_bar(bar, context);
    }

    fn snapshot(&self, out: &mut Vec<u8>) {
        self.puppet.snapshot(out);
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), trader_engine::RestoreError> {
        self.puppet.restore(bytes)
    }
}

struct Outcome {
    counts: RunCounts,
    fills: Vec<(Side, Quantity, Price)>,
    alerts: Vec<Alert>,
    core: Core,
}

fn ohlc(minute: i64, [open, high, low, close]: [&str; 4]) -> MarketEvent {
    let start = OPEN.saturating_add(minute * 60 * NANOS_PER_SECOND);
    let end = start.saturating_add(60 * NANOS_PER_SECOND);
    MarketEvent::Bar(Bar {
        start,
        open: price(open),
        high: price(high),
        low: price(low),
        ..crate::world::bar(A, end, price(close))
    })
}

fn flat(minute: i64, at: &str) -> MarketEvent {
    ohlc(minute, [at; 4])
}

fn run(exchange: ExchangeConfig, script: Vec<Option<Ask>>, events: Vec<MarketEvent>) -> Outcome {
    let instruments = fixtures::stocks(3);
    let mut venue = Market(Exchange::new(&instruments, exchange).unwrap());
    let gate = Gate::new(GateConfig::research(), 3).unwrap();
    let strategy = OneByOne {
        puppet: Puppet::new(),
        script: script.into_iter(),
    };
    let config = CoreConfig {
        venue_links_oco: true,
        ..config(margin(100_000))
    };
    let mut core = Core::new(
        config,
        instruments,
        vec![Box::new(strategy)],
        Box::new(gate),
        Box::new(Lenient),
    )
    .unwrap();
    let mut log = Log::default();
    let counts = BacktestDriver::new(&mut core, &mut venue, &mut log)
        .run(&mut List(events.into_iter()), &|| false)
        .unwrap();
    Outcome {
        counts,
        fills: log
            .fills
            .iter()
            .map(|f| (f.side, f.fill.quantity, f.fill.price))
            .collect(),
        alerts: log.alerts,
        core,
    }
}

fn submit(intent: OrderIntent) -> Option<Ask> {
    Some(Ask::Submit(intent))
}

#[test]
fn an_order_decided_on_a_bar_trades_at_the_next_one_s_open() {
    let outcome = run(
        ExchangeConfig::default(),
        vec![submit(buy(100))],
        vec![
            flat(0, "100"),
            ohlc(1, ["101", "102", "100", "100"]),
            flat(2, "100"),
        ],
    );
    assert_eq!(outcome.fills, [(Side::Buy, shares(100), price("101"))]);
    assert_eq!(outcome.counts.bars, 3);
}

#[test]
fn a_bar_that_spans_both_exits_fills_the_stop() {
    let models = [
        PathModel::WorstCase,
        PathModel::HighFirst,
        PathModel::LowFirst,
        PathModel::NearestFirst,
    ];
    for model in models {
        let exchange = ExchangeConfig {
            fill_rule: FillRule::IntrabarPath(model),
            ..ExchangeConfig::default()
        };
        let outcome = run(
            exchange,
            vec![submit(bracketed(100))],
            vec![
                flat(0, "100"),
                flat(1, "100"),
                ohlc(2, ["100", "120", "80", "100"]),
                flat(3, "100"),
            ],
        );
        assert_eq!(
            outcome.fills,
            [
                (Side::Buy, shares(100), price("100")),
                (Side::Sell, shares(100), price("90"))
            ]
        );
        assert_eq!(outcome.core.working_orders().count(), 0);
        assert_eq!(outcome.alerts, []);
    }
}

#[test]
fn exits_can_trade_in_the_rest_of_the_bar_in_which_the_entry_filled() {
    let outcome = run(
        ExchangeConfig::default(),
        vec![submit(bracketed(100))],
        vec![
            flat(0, "100"),
            ohlc(1, ["100", "100", "85", "86"]),
            flat(2, "86"),
        ],
    );
    assert_eq!(
        outcome.fills,
        [
            (Side::Buy, shares(100), price("100")),
            (Side::Sell, shares(100), price("90"))
        ]
    );
}

#[test]
fn a_sale_of_the_whole_position_passes_the_gate_while_exits_work() {
    let outcome = run(
        ExchangeConfig::default(),
        vec![submit(bracketed(100)), None, submit(sell(100))],
        (0..6).map(|minute| flat(minute, "100")).collect(),
    );
    assert_eq!(outcome.fills.len(), 2);
    assert!(outcome.core.portfolio().position(A).unwrap().is_flat());
    assert_eq!(outcome.core.working_orders().count(), 0);
    assert_eq!(outcome.alerts, []);
}

#[test]
fn exits_live_through_a_split_whether_the_venue_cancels_or_adjusts_orders() {
    for split_orders in [SplitOrders::Cancel, SplitOrders::Adjust] {
        let exchange = ExchangeConfig {
            split_orders,
            ..ExchangeConfig::default()
        };
        let split = MarketEvent::CorporateAction(CorporateAction {
            instrument: A,
            effective: OPEN.saturating_add(121 * NANOS_PER_SECOND),
            kind: CorporateActionKind::Split {
                to: 2,
                from: 1,
                cash_in_lieu: None,
            },
        });
        let outcome = run(
            exchange,
            vec![submit(bracketed(100))],
            vec![
                flat(0, "100"),
                flat(1, "100"),
                split,
                flat(3, "50"),
                ohlc(4, ["50", "50", "44", "44"]),
                flat(5, "44"),
            ],
        );
        assert_eq!(
            outcome.fills,
            [
                (Side::Buy, shares(100), price("100")),
                (Side::Sell, shares(200), price("45"))
            ],
            "{split_orders:?}"
        );
    }
}

#[test]
fn a_dividend_lowers_resting_orders_and_the_core_knows_their_new_prices() {
    let limit = OrderIntent::limit(A, Side::Buy, shares(10), price("95"))
        .with_time_in_force(TimeInForce::Gtc);
    let dividend = MarketEvent::CorporateAction(CorporateAction {
        instrument: A,
        effective: at("2024-06-03T13:32:30Z"),
        kind: CorporateActionKind::CashDividend {
            amount: price("0.50"),
            payable: at("2024-06-20T13:30:00Z"),
        },
    });
    let outcome = run(
        ExchangeConfig::default(),
        vec![submit(limit)],
        vec![flat(0, "100"), flat(1, "100"), dividend, flat(4, "100")],
    );
    let order = outcome.core.working_orders().next().unwrap();
    assert_eq!(order.request.kind.limit_price(), Some(price("94.50")));
    assert_eq!(outcome.alerts, [Alert::TermsChanged(OrderId(1))]);
}

#[test]
fn flattening_passes_the_real_gate_although_exits_were_working() {
    use crate::world::{Wanted, World};
    let gate = Gate::new(GateConfig::research(), 3).unwrap();
    let mut world = World::judged(config(margin(100_000)), vec![Puppet::new()], Box::new(gate));
    world.bar(A, "100");
    let [_, first, second] = crate::brackets::filled_bracket(&mut world, 100);
    world.command(OperatorCommand::Flatten);
    assert_eq!(
        world.wanted(),
        [Wanted::Cancel(first), Wanted::Cancel(second)]
    );
    world.cancelled(first, CancelCause::Requested);
    world.cancelled(second, CancelCause::Requested);
    let closing = world.sent();
    assert_eq!(closing.len(), 1);
    world.accept(closing[0].id);
    world.fill(closing[0].id, 100, "100");
    assert_eq!(world.position(), Quantity::ZERO);
    assert_eq!(world.alerts(), []);
}

#[test]
fn nothing_that_must_trade_at_once_is_sent_in_a_halt_or_at_night() {
    use crate::world::World;
    let gate = Gate::new(GateConfig::research(), 3).unwrap();
    let mut world = World::judged(config(margin(100_000)), vec![Puppet::new()], Box::new(gate));
    world.bar(A, "100");
    world.status(StatusKind::Halted(HaltReason::LuldPause));
    world.submit(buy(1));
    assert_eq!(world.sent(), []);
    world.status(StatusKind::Resumed);
    world.submit(buy(1));
    assert_eq!(world.sent().len(), 1);
    world.clock("2024-06-04T02:00:00Z");
    world.submit(buy(1).with_time_in_force(TimeInForce::Ioc));
    assert_eq!(world.sent(), []);
}
