//! Invariants over random histories, orders and models.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trader_domain::*;
use trader_matching::{
    Delays, Exchange, ExchangeConfig, FeeModel, FillRule, Latency, LimitFill, PathModel,
    QueueModel, Slippage,
};

use crate::harness::*;

/// One thing that happens: an order, a cancellation, or time for market data.
#[derive(Debug, Clone)]
enum Step {
    Order(Proposal),
    Cancel(u64),
    Bar([i32; 4], i32),
    Quote(i32, i32, i32),
    Print(i32, i32),
    Halt(bool),
}

#[derive(Debug, Clone)]
struct Proposal {
    side: Side,
    quantity: i32,
    kind: OrderKind,
    time_in_force: TimeInForce,
    group: Option<u64>,
}

fn cents(cents: i32) -> Price {
    Price::from_units(i64::from(cents) * 10_000_000).unwrap()
}

fn any_kind() -> impl Strategy<Value = OrderKind> {
    let price = || (9_000..11_000_i32).prop_map(cents);
    prop_oneof![
        Just(OrderKind::Market),
        price().prop_map(|price| OrderKind::Limit { price }),
        price().prop_map(|trigger| OrderKind::Stop { trigger }),
        (price(), price()).prop_map(|(trigger, price)| OrderKind::StopLimit { trigger, price }),
        (1..500_i32).prop_map(|c| OrderKind::TrailingStop {
            trail: Trail::Amount(cents(c))
        }),
        Just(OrderKind::MarketOnOpen),
        price().prop_map(|price| OrderKind::LimitOnClose { price }),
    ]
}

fn any_order() -> impl Strategy<Value = Proposal> {
    let side = prop_oneof![Just(Side::Buy), Just(Side::Sell)];
    let time_in_force = prop_oneof![
        4 => Just(TimeInForce::Gtc),
        4 => Just(TimeInForce::Day),
        1 => Just(TimeInForce::Ioc),
        1 => Just(TimeInForce::Fok),
    ];
    let group = proptest::option::weighted(0.4, 0..4_u64);
    (side, 1..300_i32, any_kind(), time_in_force, group).prop_map(
        |(side, quantity, kind, time_in_force, group)| Proposal {
            side,
            quantity,
            kind,
            time_in_force,
            group,
        },
    )
}

fn any_step() -> impl Strategy<Value = Step> {
    let price = || 9_000..11_000_i32;
    prop_oneof![
        6 => any_order().prop_map(Step::Order),
        1 => (1..60_u64).prop_map(Step::Cancel),
        8 => ([price(), price(), price(), price()], 0..2_000_i32)
            .prop_map(|(prices, volume)| Step::Bar(prices, volume)),
        3 => (price(), 0..40_i32, 0..300_i32).prop_map(|(b, s, q)| Step::Quote(b, s, q)),
        3 => (price(), 1..500_i32).prop_map(|(p, q)| Step::Print(p, q)),
        1 => any::<bool>().prop_map(Step::Halt),
    ]
}

fn any_config() -> impl Strategy<Value = ExchangeConfig> {
    let fill_rule = prop_oneof![
        Just(FillRule::NextOpen),
        Just(FillRule::IntrabarPath(PathModel::HighFirst)),
        Just(FillRule::IntrabarPath(PathModel::LowFirst)),
        Just(FillRule::IntrabarPath(PathModel::NearestFirst)),
    ];
    let limit_fill = prop_oneof![Just(LimitFill::Touch), Just(LimitFill::Through)];
    let participation = proptest::option::of((1..100_i32).prop_map(Rate::from_percent));
    let slippage = prop_oneof![
        Just(Slippage::None),
        (0..50_i32).prop_map(|bps| Slippage::OfPrice(Rate::from_bps(bps))),
        Just(Slippage::SquareRoot {
            coefficient: Rate::from_percent(2)
        }),
    ];
    let queue = prop_oneof![
        Just(QueueModel::None),
        Just(QueueModel::RiskAverse),
        any::<u64>().prop_map(|seed| QueueModel::Probabilistic { seed }),
        Just(QueueModel::ProRata),
    ];
    let latency = prop_oneof![
        3 => Just(Latency::None),
        1 => any::<u64>().prop_map(|seed| Latency::Uniform {
            least: Delays::default(),
            most: Delays { order: 90 * NANOS_PER_SECOND, report: 90 * NANOS_PER_SECOND },
            seed,
        }),
    ];
    (
        fill_rule,
        limit_fill,
        participation,
        slippage,
        queue,
        latency,
    )
        .prop_map(
            |(fill_rule, limit_fill, participation, slippage, queue, latency)| ExchangeConfig {
                fill_rule,
                limit_fill,
                participation,
                slippage,
                queue,
                latency,
                fees: FeeModel::IbFixed,
                ..ExchangeConfig::default()
            },
        )
}

/// Everything that a run said, with the event that made it say so.
struct Run {
    requests: BTreeMap<OrderId, OrderRequest>,
    reports: Vec<(Option<MarketEvent>, BrokerReport)>,
    halted_fills: usize,
}

fn run(config: &ExchangeConfig, steps: &[Step]) -> Run {
    let mut exchange = Exchange::new(&equities(1), config.clone()).unwrap();
    let mut requests = BTreeMap::new();
    let mut said = Vec::new();
    let (mut minute, mut halted, mut halted_fills) = (0, false, 0);
    for step in steps {
        let mut reports = Vec::new();
        let mut event = None;
        match step {
            Step::Order(proposal) => {
                let id = OrderId(requests.len() as u64 + 1);
                let request = OrderRequest {
                    id,
                    time_in_force: proposal.time_in_force,
                    oco: proposal.group.map(OcoGroupId),
                    ..order(proposal.side, proposal.quantity, proposal.kind)
                };
                exchange.submit(&request, at(minute), &mut reports);
                requests.insert(id, request);
            }
            Step::Cancel(id) => exchange.cancel(OrderId(*id), at(minute), &mut reports),
            _ => {
                let made = market_event(step, minute, &mut halted);
                minute += 1;
                exchange.on_market(&made, &mut reports);
                event = Some(made);
            }
        }
        let fills = |r: &&BrokerReport| matches!(r.kind, ReportKind::Filled(_));
        if halted && config.latency == Latency::None {
            halted_fills += reports.iter().filter(fills).count();
        }
        said.extend(reports.into_iter().map(|report| (event.clone(), report)));
    }
    let mut reports = Vec::new();
    exchange.on_time(at(minute + 10), &mut reports);
    said.extend(reports.into_iter().map(|report| (None, report)));
    Run {
        requests,
        reports: said,
        halted_fills,
    }
}

fn market_event(step: &Step, minute: i64, halted: &mut bool) -> MarketEvent {
    match step {
        Step::Bar(prices, volume) => {
            let [open, a, b, close] = prices.map(cents);
            MarketEvent::Bar(Bar {
                open,
                high: open.max(a).max(b).max(close),
                low: open.min(a).min(b).min(close),
                close,
                ..bar(minute, ["1", "1", "1", "1"], *volume)
            })
        }
        Step::Quote(bid, spread, size) => MarketEvent::Quote(Quote {
            bid: cents(*bid),
            ask: cents(bid + spread),
            ..quote((minute + 1) * 60, ("1", *size), ("1", *size))
        }),
        Step::Print(at_price, size) => MarketEvent::Trade(Trade {
            price: cents(*at_price),
            ..print((minute + 1) * 60, "1", *size)
        }),
        Step::Halt(stop) => {
            *halted = *stop;
            let kind = if *stop {
                StatusKind::Halted(HaltReason::Other)
            } else {
                StatusKind::Resumed
            };
            status(minute + 1, kind)
        }
        Step::Order(_) | Step::Cancel(_) => unreachable!("not market data"),
    }
}

impl Run {
    fn fills(&self) -> impl Iterator<Item = (&Option<MarketEvent>, &BrokerReport, Fill)> {
        self.reports
            .iter()
            .filter_map(|(event, report)| match report.kind {
                ReportKind::Filled(fill) => Some((event, report, fill)),
                _ => None,
            })
    }

    fn accepted(&self, order: OrderId) -> Timestamp {
        let accepted = self.reports.iter().find(|(_, report)| {
            report.order == order && matches!(report.kind, ReportKind::Accepted { .. })
        });
        accepted.expect("a fill follows an acceptance").1.time
    }
}

fn bar_fill_is_possible(bar: &Bar, request: &OrderRequest, fill: &Fill) -> bool {
    let inside = bar.low <= fill.price && fill.price <= bar.high;
    let limit = request.kind.limit_price();
    let within_limit = limit.is_none_or(|limit| match request.side {
        Side::Buy => fill.price <= limit,
        Side::Sell => fill.price >= limit,
    });
    inside && within_limit
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn fills_are_possible(
        config in any_config(),
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let run = run(&config, &steps);
        let mut filled: BTreeMap<OrderId, Quantity> = BTreeMap::new();
        let mut by_bar: BTreeMap<Timestamp, (Volume, Quantity)> = BTreeMap::new();
        prop_assert_eq!(run.halted_fills, 0, "nothing trades in a halt");
        for (event, report, fill) in run.fills() {
            let request = &run.requests[&report.order];
            prop_assert!(report.time >= run.accepted(report.order), "no fill before acceptance");
            prop_assert!(report.received >= report.time);
            prop_assert!(fill.quantity.is_positive());
            prop_assert!(fill.quantity.is_multiple_of(Quantity::ONE));
            let total = filled.entry(report.order).or_default();
            *total = total.checked_add(fill.quantity).unwrap();
            prop_assert!(*total <= request.quantity, "filled is at most ordered");
            if let (Some(MarketEvent::Bar(bar)), Latency::None) = (event, &config.latency) {
                prop_assert!(bar_fill_is_possible(bar, request, &fill), "{bar:?} {fill:?}");
                prop_assert!(report.time >= bar.start && report.time <= bar.time);
                let entry = by_bar.entry(bar.time).or_default();
                *entry = (bar.volume, entry.1.checked_add(fill.quantity).unwrap());
            }
        }
        if let Some(rate) = config.participation {
            for (volume, used) in by_bar.into_values() {
                prop_assert!(used <= volume.share(rate).unwrap(), "participation");
            }
        }
    }

    #[test]
    fn an_oco_group_never_trades_more_than_its_largest_order(
        config in any_config(),
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        // The group's orders come together, as the legs of a bracket do.
        let quantity = 120;
        let legs = [
            OrderKind::Limit { price: cents(10_300) },
            OrderKind::Stop { trigger: cents(9_700) },
            OrderKind::TrailingStop { trail: Trail::Amount(cents(200)) },
        ];
        let legs = legs.map(|kind| Step::Order(Proposal {
            side: Side::Sell,
            quantity,
            kind,
            time_in_force: TimeInForce::Gtc,
            group: Some(99),
        }));
        let steps: Vec<Step> = legs.into_iter().chain(steps).collect();
        let run = run(&config, &steps);
        let mut total = Quantity::ZERO;
        for (_, report, fill) in run.fills() {
            if run.requests[&report.order].oco == Some(OcoGroupId(99)) {
                total = total.checked_add(fill.quantity).unwrap();
            }
        }
        prop_assert!(total <= shares(quantity), "{total} of {quantity}");
    }

    #[test]
    fn the_same_calls_give_the_same_reports(
        config in any_config(),
        steps in proptest::collection::vec(any_step(), 1..60),
    ) {
        prop_assert_eq!(run(&config, &steps).reports, run(&config, &steps).reports);
    }

    #[test]
    fn the_future_changes_nothing_in_the_past(
        config in any_config(),
        steps in proptest::collection::vec(any_step(), 2..60),
        cut in any::<proptest::sample::Index>(),
    ) {
        let at = cut.index(steps.len());
        let whole = run(&config, &steps).reports;
        let mut head = Exchange::new(&equities(1), config.clone()).unwrap();
        let part = replay(&mut head, &steps[..at]);
        let whole: Vec<BrokerReport> = whole.into_iter().map(|(_, report)| report).collect();
        prop_assert_eq!(&whole[..part.len()], &part[..]);
    }
}

/// The reports of the first steps alone.
fn replay(exchange: &mut Exchange, steps: &[Step]) -> Vec<BrokerReport> {
    let (mut reports, mut minute, mut halted, mut orders) = (Vec::new(), 0, false, 0);
    for step in steps {
        match step {
            Step::Order(proposal) => {
                orders += 1;
                let request = OrderRequest {
                    id: OrderId(orders),
                    time_in_force: proposal.time_in_force,
                    oco: proposal.group.map(OcoGroupId),
                    ..order(proposal.side, proposal.quantity, proposal.kind)
                };
                exchange.submit(&request, at(minute), &mut reports);
            }
            Step::Cancel(id) => exchange.cancel(OrderId(*id), at(minute), &mut reports),
            _ => {
                let event = market_event(step, minute, &mut halted);
                minute += 1;
                exchange.on_market(&event, &mut reports);
            }
        }
    }
    reports
}
