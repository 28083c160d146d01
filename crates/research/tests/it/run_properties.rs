//! What is true of every run: random histories under strategies that do anything, with gate and exchange.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use trader_brokers_backtest::{FeeModel, FillRule, PathModel};
use trader_domain::{
    Bar, CorporateAction, CorporateActionKind, InstrumentId, Money, OrderId, OrderIntent,
    OrderKind, Price, Quantity, Rate, Side, TimeInForce, Timeframe, Timestamp,
};
use trader_engine::strategy::{DataNeeds, RestoreError};
use trader_engine::{Context, Strategy};
use trader_research::run::{RunOutcome, RunRules};
use trader_storage::{BarColumns, BarSeries};
use trader_testkit::Random;

use crate::run_fixture::{
    bars_of_all, equities, feed_of, free_rules, instant, push, run_one, series, shares,
};

const OPENING_CASH: i64 = 50_000;
const MINUTE: i64 = 60_000_000_000;
const NAMES: [&str; 3] = ["X", "Y", "Z"];

fn cents(amount: i64) -> Price {
    Price::from_units(amount * 10_000_000).unwrap()
}

/// Minutes around the clock with gaps between bars, and minutes that are missing.
fn history(random: &mut Random, bars: i64) -> Vec<BarSeries> {
    let begin = instant("2024-06-03T13:30:00Z");
    NAMES
        .iter()
        .map(|name| {
            let mut columns = BarColumns {
                volume: Some(Vec::new()),
                ..BarColumns::default()
            };
            let mut last = random.between(500, 20_000);
            for minute in 0..bars {
                if random.one_in(8) {
                    continue;
                }
                let spread = (last / 100).max(2);
                let open = (last + random.between(-spread, spread)).max(50);
                let close = (open + random.between(-spread, spread)).max(50);
                let high = open.max(close) + random.between(0, spread);
                let low = (open.min(close) - random.between(0, spread)).max(1);
                last = close;
                push(
                    &mut columns,
                    begin.saturating_add(minute * MINUTE),
                    [cents(open), cents(high), cents(low), cents(close)],
                );
            }
            series(name, Timeframe::MINUTE, columns)
        })
        .collect()
}

/// Does anything: orders of all simple kinds and sizes, brackets, cancellations.
struct Wild {
    random: Random,
    proposed: Arc<Mutex<Vec<OrderId>>>,
}

impl Wild {
    fn intent(&mut self, bar: &Bar) -> OrderIntent {
        let random = &mut self.random;
        let side = if random.one_in(2) {
            Side::Buy
        } else {
            Side::Sell
        };
        // Up to 120 shares, of which the gate lets 100 pass.
        let quantity = Quantity::from_whole(random.between(1, 120)).unwrap();
        let tick = |price: Price| {
            price
                .round_to(cents(1), trader_domain::Rounding::HalfEven)
                .unwrap()
                .max(cents(1))
        };
        let away = |random: &mut Random| {
            let share = random.between(970, 1_030);
            tick(
                bar.close
                    .scale(share, 1_000, trader_domain::Rounding::HalfEven)
                    .unwrap(),
            )
        };
        let price = away(random);
        let intent = OrderIntent::market(bar.instrument, side, quantity);
        let intent = match random.below(6) {
            0 => intent.with_kind(OrderKind::Limit { price }),
            1 => intent.with_kind(OrderKind::Stop { trigger: price }),
            2 => intent.with_kind(OrderKind::StopLimit {
                trigger: price,
                price: away(random),
            }),
            _ => intent,
        };
        match random.below(4) {
            0 => intent.with_time_in_force(TimeInForce::Gtc),
            1 => intent.with_time_in_force(TimeInForce::Ioc),
            _ => intent,
        }
    }
}

impl Strategy for Wild {
    fn needs(&self) -> DataNeeds {
        bars_of_all(0)
    }

    fn on_bar(&mut self, bar: &Bar, context: &mut Context<'_>) {
        let mut proposed = self.proposed.lock().unwrap().clone();
        if self.random.one_in(3) {
            let intent = self.intent(bar);
            proposed.push(context.submit(intent));
        }
        if self.random.one_in(5) && !proposed.is_empty() {
            context.cancel(proposed[self.random.index(proposed.len())]);
        }
        *self.proposed.lock().unwrap() = proposed;
    }

    fn snapshot(&self, _out: &mut Vec<u8>) {}

    fn restore(&mut self, _bytes: &[u8]) -> Result<(), RestoreError> {
        Ok(())
    }
}

fn rules(random: &mut Random) -> RunRules {
    let mut rules = free_rules(OPENING_CASH);
    rules.gate.limits.order_quantity = shares(100);
    rules.exchange.fill_rule = match random.below(4) {
        0 => FillRule::NextOpen,
        1 => FillRule::ThisClose,
        2 => FillRule::IntrabarPath(PathModel::WorstCase),
        _ => FillRule::IntrabarPath(PathModel::NearestFirst),
    };
    if random.one_in(2) {
        rules.exchange.fees = FeeModel::Alpaca;
    }
    if random.one_in(2) {
        rules.exchange.participation = Some(Rate::from_bps(1));
    }
    rules
}

/// A dividend and a split of the first two, while the run goes on.
fn actions(random: &mut Random, bars: i64) -> Vec<CorporateAction> {
    let mut at =
        || instant("2024-06-03T13:30:00Z").saturating_add(random.between(0, bars) * MINUTE);
    let (ex_date, split) = (at(), at());
    vec![
        CorporateAction {
            instrument: InstrumentId(0),
            effective: ex_date,
            kind: CorporateActionKind::CashDividend {
                amount: cents(37),
                payable: ex_date,
            },
        },
        CorporateAction {
            instrument: InstrumentId(1),
            effective: split,
            kind: CorporateActionKind::Split {
                to: 3,
                from: 2,
                cash_in_lieu: Some(cents(500)),
            },
        },
    ]
}

struct Study {
    history: Vec<BarSeries>,
    outcome: RunOutcome,
    proposed: Vec<OrderId>,
}

fn study(seed: u64, bars: i64, with_actions: bool) -> Study {
    let mut random = Random::from_seed(seed);
    let series = history(&mut random, bars);
    let rules = rules(&mut random);
    let mut feed = feed_of(&series);
    if with_actions {
        feed.add_actions(actions(&mut random, bars));
    }
    let proposed = Arc::new(Mutex::new(Vec::new()));
    let wild = Wild {
        random,
        proposed: proposed.clone(),
    };
    let outcome = run_one(&rules, equities(&NAMES), wild, &mut feed);
    drop(feed);
    let proposed = std::mem::take(&mut *proposed.lock().unwrap());
    Study {
        history: series,
        outcome,
        proposed,
    }
}

fn sum(of: impl IntoIterator<Item = Money>) -> Money {
    Money::total(of).unwrap()
}

/// What a fill moves on the cash account.
fn cash_of(outcome: &RunOutcome) -> Money {
    sum(outcome.record.fills.iter().flat_map(|record| {
        let fill = &record.fill;
        let value = fill.price.notional(fill.quantity);
        let signed = match record.side {
            Side::Buy => value.negated(),
            Side::Sell => value,
        };
        [signed, fill.commission.negated(), fill.fees.negated()]
    }))
}

fn shows(series: &BarSeries, time: Timestamp, price: Price) -> bool {
    let columns = &series.columns;
    (0..columns.len()).any(|row| {
        let start = columns.start[row];
        start <= time
            && time <= start.saturating_add(MINUTE)
            && columns.low[row] <= price
            && price <= columns.high[row]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cash_is_conserved_to_the_last_unit(seed in any::<u64>(), with_actions in any::<bool>()) {
        let Study { outcome, .. } = study(seed, 300, with_actions);
        let other = sum(outcome.record.cash.iter().map(|moved| moved.amount));
        let expected = sum([Money::whole(OPENING_CASH), cash_of(&outcome), other]);
        prop_assert_eq!(outcome.core.portfolio().account().cash, expected);
    }

    #[test]
    fn equity_is_cash_and_positions_at_the_last_close(seed in any::<u64>()) {
        let Study { history, outcome, .. } = study(seed, 300, false);
        let portfolio = outcome.core.portfolio();
        let positions = sum(portfolio.positions().map(|position| {
            let closes = &history[position.instrument().index()].columns.close;
            closes.last().map_or(Money::ZERO, |close| close.notional(position.quantity()))
        }));
        prop_assert_eq!(outcome.final_equity, sum([portfolio.account().cash, positions]));
        let bought = |id: InstrumentId| {
            outcome.record.fills.iter().filter(|fill| fill.instrument == id).fold(
                Quantity::ZERO,
                |held, fill| match fill.side {
                    Side::Buy => held.checked_add(fill.fill.quantity).unwrap(),
                    Side::Sell => held.checked_sub(fill.fill.quantity).unwrap(),
                },
            )
        };
        for position in portfolio.positions() {
            prop_assert_eq!(position.quantity(), bought(position.instrument()));
        }
    }

    #[test]
    fn the_same_inputs_give_the_same_run(seed in any::<u64>(), with_actions in any::<bool>()) {
        let (one, other) = (study(seed, 200, with_actions), study(seed, 200, with_actions));
        prop_assert_eq!(one.outcome.state_hash, other.outcome.state_hash);
        prop_assert_eq!(one.outcome.record.fills, other.outcome.record.fills);
        prop_assert_eq!(one.outcome.record.orders, other.outcome.record.orders);
    }

    #[test]
    fn every_fill_is_at_a_price_that_its_bar_showed(seed in any::<u64>()) {
        let Study { history, outcome, .. } = study(seed, 300, false);
        for record in &outcome.record.fills {
            let series = &history[record.instrument.index()];
            prop_assert!(
                shows(series, record.time, record.fill.price),
                "{:?}", record
            );
        }
    }

    #[test]
    fn no_refusal_turns_into_an_order(seed in any::<u64>(), with_actions in any::<bool>()) {
        let Study { outcome, proposed, .. } = study(seed, 300, with_actions);
        let sent: BTreeSet<OrderId> = outcome.record.orders.iter().map(|order| order.id).collect();
        prop_assert_eq!(sent.len(), outcome.record.orders.len());
        prop_assert_eq!(sent.len() as u64, outcome.counts.orders);
        let refused = proposed.iter().filter(|order| !sent.contains(order)).count();
        prop_assert_eq!(refused as u64, outcome.counts.refusals);
        prop_assert!(sent.iter().all(|order| proposed.contains(order)));
        for fill in &outcome.record.fills {
            prop_assert!(sent.contains(&fill.order));
        }
        for order in &outcome.record.orders {
            prop_assert!(order.quantity <= shares(100));
            let filled = outcome.record.fills.iter().filter(|fill| fill.order == order.id);
            let filled = filled.fold(Quantity::ZERO, |total, fill| {
                total.checked_add(fill.fill.quantity).unwrap()
            });
            // A split changes what is left of an order.
            prop_assert!(with_actions || filled <= order.quantity);
        }
    }
}

#[test]
fn the_random_runs_trade_and_are_refused() {
    let (mut fills, mut refusals, mut kinds) = (0, 0, BTreeSet::new());
    for seed in 0..16 {
        let Study { outcome, .. } = study(seed, 300, true);
        fills += outcome.counts.fills;
        refusals += outcome.counts.refusals;
        kinds.extend(outcome.record.fills.iter().map(|fill| fill.kind.name()));
    }
    println!("{fills} fills, {refusals} refusals, {kinds:?}");
    assert!(fills > 1_000 && refusals > 500, "{fills} {refusals}");
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}
