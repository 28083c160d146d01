//! Closing everything, exits and their reservations in the way.

use trader_broker::Verdict;
use trader_domain::*;
use trader_engine::Alert;

use crate::brackets::filled_bracket;
use crate::world::*;

#[test]
fn every_strategy_s_position_is_closed_with_a_market_order() {
    let mut world = World::with(config(margin(1_000_000)), 2);
    for (strategy, intent) in [(0, buy(100)), (1, sell(30))] {
        let id = world.submit_of(strategy, intent);
        let count = if strategy == 0 { 100 } else { 30 };
        world.fill(id, count, "100");
    }
    world.wanted();
    world.command(OperatorCommand::Flatten);
    let closing: Vec<_> = world
        .sent()
        .iter()
        .map(|o| (o.strategy, o.side, o.quantity, o.kind, o.effect))
        .collect();
    let reduce = (OrderKind::Market, PositionEffect::ReduceOnly);
    assert_eq!(
        closing,
        [
            (StrategyId(0), Side::Sell, shares(100), reduce.0, reduce.1),
            (StrategyId(1), Side::Buy, shares(30), reduce.0, reduce.1)
        ]
    );
}

#[test]
fn exits_are_cancelled_first_and_not_sent_again() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.command(OperatorCommand::Flatten);
    assert_eq!(
        world.wanted(),
        [Wanted::Cancel(first), Wanted::Cancel(second)]
    );
    world.cancelled(first, CancelCause::Requested);
    assert_eq!(world.sent(), [], "the other one may still trade");
    world.cancelled(second, CancelCause::Requested);
    let closing = world.sent();
    assert_eq!(closing.len(), 1);
    assert_eq!(
        (closing[0].side, closing[0].quantity),
        (Side::Sell, shares(100))
    );
    assert_eq!(world.alerts(), []);
}

#[test]
fn an_exit_that_trades_before_its_cancellation_leaves_less_to_close() {
    let mut world = World::linking();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.command(OperatorCommand::Flatten);
    world.fill(first, 60, "90");
    world.wanted();
    world.cancelled(first, CancelCause::Requested);
    world.cancelled(second, CancelCause::Requested);
    let closing = world.sent();
    assert_eq!(closing.len(), 1);
    assert_eq!(closing[0].quantity, shares(40));
}

#[test]
fn a_position_that_cannot_be_closed_now_is_alerted_and_closed_when_it_can() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    world.fill(id, 100, "100");
    world
        .judge
        .set(|rules| rules.reductions = Some(Verdict::Reject));
    world.wanted();
    world.command(OperatorCommand::Flatten);
    assert_eq!(world.sent(), []);
    assert_eq!(
        world.alerts(),
        [Alert::NotFlattened {
            strategy: StrategyId(0),
            instrument: A
        }]
    );
    world.judge.set(|rules| rules.reductions = None);
    world.bar(A, "100");
    assert_eq!(world.sent(), []);
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!(world.sent().len(), 1);
    world.clock("2024-06-04T20:00:00Z");
    assert_eq!(world.sent(), [], "once is enough");
}

#[test]
fn flattening_nothing_sends_nothing() {
    let mut world = World::new();
    world.command(OperatorCommand::Flatten);
    assert_eq!((world.wanted(), world.alerts()), (vec![], vec![]));
}
