//! Exits attached to entries.

use trader_domain::*;

use crate::puppet::Ask;
use crate::world::*;

fn kinds(orders: &[OrderRequest]) -> Vec<(OrderKind, Quantity)> {
    orders
        .iter()
        .map(|order| (order.kind, order.quantity))
        .collect()
}

fn stop(trigger: &str) -> OrderKind {
    OrderKind::Stop {
        trigger: price(trigger),
    }
}

fn limit(at: &str) -> OrderKind {
    OrderKind::Limit { price: price(at) }
}

/// A bracket of 100 whose entry has filled `count`; gives entry, stop and target.
pub(crate) fn filled_bracket(world: &mut World, count: i32) -> [OrderId; 3] {
    let entry = world.submit(bracketed(100));
    world.wanted();
    world.fill(entry, count, "100");
    let exits = world.sent();
    assert_eq!(exits.len(), 2);
    for exit in &exits {
        world.accept(exit.id);
    }
    [entry, exits[0].id, exits[1].id]
}

#[test]
fn no_exit_is_sent_before_the_entry_has_filled() {
    let mut world = World::new();
    world.submit(bracketed(100));
    world.bar(A, "100");
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn the_first_fill_sends_a_stop_and_a_target_for_what_has_filled() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    world.wanted();
    world.fill(entry, 40, "100");
    let exits = world.sent();
    assert_eq!(
        kinds(&exits),
        [(stop("90"), shares(40)), (limit("110"), shares(40))]
    );
    for exit in &exits {
        assert_eq!(exit.side, Side::Sell);
        assert_eq!(exit.effect, PositionEffect::ReduceOnly);
        assert_eq!(exit.time_in_force, TimeInForce::Gtc);
        assert_eq!(exit.parent, Some(entry));
        assert_eq!(exit.short_mark, Some(ShortMark::Long));
    }
    assert_eq!(exits[0].oco, exits[1].oco);
    assert!(exits[0].oco.is_some());
}

#[test]
fn a_further_fill_of_the_entry_raises_both_exits() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world.fill(entry, 60, "100.10");
    assert_eq!(
        world.wanted(),
        [
            Wanted::Replace(terms(&world, first, 100)),
            Wanted::Replace(terms(&world, second, 100))
        ]
    );
}

#[test]
fn fills_that_come_while_the_broker_changes_an_exit_are_protected_when_it_has_answered() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world.fill(entry, 30, "100");
    let asked = [terms(&world, first, 70), terms(&world, second, 70)];
    assert_eq!(
        world.wanted(),
        [Wanted::Replace(asked[0]), Wanted::Replace(asked[1])]
    );
    world.fill(entry, 30, "100");
    assert_eq!(world.wanted(), [], "each has a change on its way");
    world.report(first, ReportKind::Replaced(asked[0]));
    assert_eq!(world.wanted(), [Wanted::Replace(terms(&world, first, 100))]);
    world.report(second, ReportKind::Replaced(asked[1]));
    assert_eq!(
        world.wanted(),
        [Wanted::Replace(terms(&world, second, 100))]
    );
    assert_eq!(world.alerts(), []);
}

#[test]
fn one_exit_that_fills_in_part_reduces_the_other() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.fill(second, 30, "110");
    assert_eq!(
        world.wanted(),
        [Wanted::Replace(terms(&world, first, 70))],
        "of the one that traded 70 are left anyway"
    );
}

#[test]
fn one_exit_that_fills_whole_cancels_the_other() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.fill(first, 100, "90");
    assert_eq!(world.wanted(), [Wanted::Cancel(second)]);
    world.cancelled(second, CancelCause::Requested);
    assert_eq!(world.working(), []);
    assert_eq!(world.position(), Quantity::ZERO);
    assert_eq!((world.sent(), world.alerts()), (vec![], vec![]));
}

#[test]
fn a_venue_that_links_the_exits_is_left_to_reduce_them_itself() {
    let mut world = World::linking();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.fill(second, 30, "110");
    assert_eq!(world.wanted(), []);
    let reduced = terms(&world, first, 70);
    world.report(first, ReportKind::Replaced(reduced));
    assert_eq!(world.working(), [(first, shares(70)), (second, shares(70))]);
    world.fill(first, 70, "90");
    world.cancelled(second, CancelCause::Oco);
    assert_eq!((world.working(), world.wanted()), (vec![], vec![]));
    assert_eq!(world.alerts(), []);
}

#[test]
fn the_first_exit_fill_cancels_what_is_left_of_the_entry() {
    let mut world = World::linking();
    let [entry, first, _] = filled_bracket(&mut world, 40);
    world.fill(first, 10, "90");
    assert_eq!(world.wanted(), [Wanted::Cancel(entry)]);
    world.fill(first, 10, "90");
    assert_eq!(world.wanted(), [], "it was asked once");
}

#[test]
fn an_entry_that_trades_on_after_its_exits_are_done_is_protected_by_new_ones() {
    let mut world = World::linking();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    let old_group = world
        .core
        .working_orders()
        .find(|o| o.request.id == first)
        .unwrap()
        .request
        .oco;
    world.fill(first, 40, "90");
    world.cancelled(second, CancelCause::Oco);
    assert_eq!(world.wanted(), [Wanted::Cancel(entry)]);
    world.fill(entry, 20, "89");
    let exits = world.sent();
    assert_eq!(
        kinds(&exits),
        [(stop("90"), shares(20)), (limit("110"), shares(20))]
    );
    assert_eq!(exits[0].oco, exits[1].oco);
    assert_ne!(
        exits[0].oco, old_group,
        "the venue knows that group as over"
    );
}

#[test]
fn a_fill_after_the_entry_was_cancelled_is_protected_too() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    world.wanted();
    world.ask(Ask::Cancel(entry));
    world.cancelled(entry, CancelCause::Requested);
    assert_eq!(world.wanted(), [Wanted::Cancel(entry)]);
    world.fill(entry, 15, "100");
    assert_eq!(
        kinds(&world.sent()),
        [(stop("90"), shares(15)), (limit("110"), shares(15))]
    );
}

#[test]
fn closing_the_position_otherwise_cancels_both_exits() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    let close = world.submit(sell(100));
    world.wanted();
    world.fill(close, 100, "101");
    assert_eq!(
        world.wanted(),
        [Wanted::Cancel(first), Wanted::Cancel(second)]
    );
    world.cancelled(first, CancelCause::Requested);
    world.cancelled(second, CancelCause::Requested);
    assert_eq!((world.working(), world.alerts()), (vec![], vec![]));
}

#[test]
fn reducing_the_position_otherwise_shrinks_both_exits() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    let other = world.submit(sell(25));
    world.wanted();
    world.fill(other, 25, "101");
    assert_eq!(
        world.wanted(),
        [
            Wanted::Replace(terms(&world, first, 75)),
            Wanted::Replace(terms(&world, second, 75))
        ]
    );
}

#[test]
fn of_two_brackets_the_newer_shrinks_first() {
    let mut world = World::new();
    let [_, older, _] = filled_bracket(&mut world, 100);
    let [_, newer_stop, newer_target] = filled_bracket(&mut world, 100);
    let other = world.submit(sell(130));
    world.wanted();
    world.fill(other, 130, "101");
    let wanted = world.wanted();
    assert_eq!(wanted.len(), 4);
    assert!(wanted.contains(&Wanted::Cancel(newer_stop)));
    assert!(wanted.contains(&Wanted::Cancel(newer_target)));
    assert!(wanted.contains(&Wanted::Replace(terms(&world, older, 70))));
}

#[test]
fn an_entry_that_flips_a_position_protects_only_what_it_opened() {
    let mut world = World::new();
    let short = world.submit(sell(60));
    world.fill(short, 60, "100");
    world.wanted();
    let entry = world.submit(bracketed(100));
    world.wanted();
    world.fill(entry, 50, "100");
    assert_eq!(world.sent(), [], "it has closed a part of the short");
    world.fill(entry, 50, "100");
    assert_eq!(
        kinds(&world.sent()),
        [(stop("90"), shares(40)), (limit("110"), shares(40))]
    );
    assert_eq!(world.alerts(), []);
}

#[test]
fn a_short_entry_is_protected_by_purchases() {
    let mut world = World::new();
    let exits = ContingentExits::bracket(price("90"), price("110"));
    let entry = world.submit(sell(100).with_exits(exits));
    world.wanted();
    world.fill(entry, 100, "100");
    let exits = world.sent();
    assert_eq!(
        kinds(&exits),
        [(stop("110"), shares(100)), (limit("90"), shares(100))]
    );
    assert!(exits.iter().all(|exit| exit.side == Side::Buy));
}

#[test]
fn one_triggers_other_sends_a_single_exit() {
    let mut world = World::new();
    let trail = Trail::Percent(Rate::from_percent(5));
    let exits = ContingentExits {
        first: Some(ExitMode::Trailing { trail }),
        second: None,
    };
    let entry = world.submit(buy(100).with_exits(exits));
    world.wanted();
    world.fill(entry, 100, "100");
    assert_eq!(
        kinds(&world.sent()),
        [(OrderKind::TrailingStop { trail }, shares(100))]
    );
}

#[test]
fn a_package_with_exits_is_refused_because_nothing_says_what_would_close_it() {
    let mut world = World::new();
    let leg = |instrument, side| Leg {
        instrument,
        side,
        ratio: 1,
    };
    let mut intent = bracketed(1);
    intent.legs = [leg(A, Side::Buy), leg(B, Side::Sell)]
        .into_iter()
        .collect();
    world.submit(intent);
    assert_eq!(world.sent(), []);
    assert!(!world.decisions[0].approved);
}

#[test]
fn an_exit_that_the_strategy_cancels_stays_cancelled() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world.ask(Ask::Cancel(second));
    world.cancelled(second, CancelCause::Requested);
    assert_eq!(world.wanted(), [Wanted::Cancel(second)]);
    world.advance(10);
    world.bar(A, "100");
    assert_eq!(world.wanted(), []);
    world.fill(entry, 60, "100");
    assert_eq!(
        world.wanted(),
        [Wanted::Replace(terms(&world, first, 100))],
        "only the stop is raised"
    );
    assert_eq!(world.alerts(), []);
}

#[test]
fn an_exit_that_the_strategy_moves_keeps_its_new_price() {
    let mut world = World::new();
    let [_, first, _] = filled_bracket(&mut world, 100);
    let moved = ReplaceRequest {
        kind: stop("95"),
        ..terms(&world, first, 100)
    };
    world.ask(Ask::Replace(moved));
    world.report(first, ReportKind::Replaced(moved));
    world.cancelled(first, CancelCause::Broker);
    world.wanted();
    world.advance(1);
    world.bar(A, "100");
    assert_eq!(kinds(&world.sent()), [(stop("95"), shares(100))]);
}
