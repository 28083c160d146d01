//! What brokers report, more than once, late, or not at all: each execution counts once.

use trader_domain::order::OrderStatus;
use trader_domain::*;
use trader_engine::{Alert, CoreConfig};

use crate::brackets::filled_bracket;
use crate::puppet::Ask;
use crate::world::*;

fn again(execution: ExecutionId, count: i32, at: &str) -> ReportKind {
    ReportKind::Filled(Fill {
        execution,
        ..fill(0, shares(count), price(at))
    })
}

#[test]
fn an_execution_reported_twice_counts_once() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    let execution = world.fill(id, 40, "100");
    let (cash, hash) = (world.cash_balance(), world.fills.len());
    world.report(id, again(execution, 40, "100"));
    world.report(id, again(execution, 40, "100"));
    assert_eq!(world.position(), shares(40));
    assert_eq!((world.cash_balance(), world.fills.len()), (cash, hash));
    assert_eq!(world.working(), [(id, shares(60))]);
    assert_eq!(world.alerts(), []);
}

#[test]
fn the_same_execution_id_of_another_order_is_another_execution() {
    let mut world = World::new();
    let first = world.submit(buy(10));
    let second = world.submit(buy(10));
    let execution = world.fill(first, 10, "100");
    world.report(second, again(execution, 10, "100"));
    assert_eq!(world.position(), shares(20));
}

#[test]
fn a_fill_before_the_acceptance_counts() {
    let mut world = World::new();
    world.ask(Ask::Submit(buy(100)));
    world.fill(OrderId(1), 100, "100");
    world.accept(OrderId(1));
    assert_eq!((world.position(), world.working()), (shares(100), vec![]));
    assert_eq!(world.alerts(), []);
}

#[test]
fn a_fill_after_a_cancellation_counts() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    world.cancelled(id, CancelCause::Requested);
    world.fill(id, 30, "100");
    assert_eq!((world.position(), world.working()), (shares(30), vec![]));
    assert_eq!(world.notes(0).fills.len(), 1);
}

#[test]
fn terminal_states_absorb_whatever_else_is_reported() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    world.cancelled(id, CancelCause::Requested);
    let told = world.notes(0).changes.len();
    for late in [
        ReportKind::Expired,
        ReportKind::Canceled(CancelCause::Broker),
        ReportKind::Rejected(RejectReason::Other),
        ReportKind::Suspended,
        ReportKind::Accepted {
            broker_order: BrokerOrderId::simulated(1),
        },
        ReportKind::CancelRejected(RejectReason::TooLate),
    ] {
        world.report(id, late);
    }
    assert_eq!(world.notes(0).changes.len(), told);
    assert_eq!((world.working(), world.alerts()), (vec![], vec![]));
}

#[test]
fn reports_on_orders_that_are_not_ours_are_alerted_and_change_nothing() {
    let mut world = World::new();
    world.report(OrderId(99), again(ExecutionId::simulated(1), 5, "10"));
    assert!(matches!(world.alerts()[..], [Alert::UnknownOrder(_)]));
    assert_eq!(world.position(), Quantity::ZERO);
}

#[test]
fn a_fill_of_a_leg_that_the_order_does_not_have_is_alerted_and_not_booked() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    let wrong = Fill {
        leg: 3,
        ..fill(1, shares(10), price("100"))
    };
    world.report(id, ReportKind::Filled(wrong));
    assert!(matches!(world.alerts()[..], [Alert::IllegalReport(_)]));
    assert_eq!(world.position(), Quantity::ZERO);
}

#[test]
fn more_filled_than_ordered_is_booked_and_halts_trading() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    world.fill(id, 130, "100");
    assert_eq!(world.position(), shares(130));
    assert_eq!(world.core.trading_state(), TradingState::Halted);
    assert_eq!(
        world.alerts(),
        [
            Alert::OverFill(id),
            Alert::TradingState(TradingState::Halted)
        ]
    );
}

#[test]
fn an_order_that_nobody_remembers_is_unknown_and_those_retained_are_not() {
    let config = CoreConfig {
        retained_orders: 2,
        ..config(margin(1_000_000))
    };
    let mut world = World::with(config, 1);
    let orders: Vec<_> = (0..3).map(|_| world.submit(buy(1))).collect();
    for &order in &orders {
        world.cancelled(order, CancelCause::Requested);
    }
    world.fill(orders[1], 1, "100");
    assert_eq!((world.position(), world.alerts()), (shares(1), vec![]));
    world.fill(orders[0], 1, "100");
    assert!(matches!(world.alerts()[..], [Alert::UnknownOrder(_)]));
}

#[test]
fn a_busted_execution_is_taken_back_with_its_costs() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    let cash = world.cash_balance();
    let execution = world.fill_with(id, 100, "100", ("1.00", "0.05"));
    assert_eq!(world.cash_balance(), money("989998.95"));
    world.report(id, ReportKind::Busted { execution });
    assert_eq!(world.position(), Quantity::ZERO);
    assert_eq!((world.cash_balance(), world.equity()), (cash, cash));
    assert_eq!(world.core.portfolio().totals().commission, Money::ZERO);
    assert_eq!(world.alerts(), [Alert::Busted(id)]);
    // The order's open quantity is back (FIX 4.4 appendix D, F.1), and its strategy knows.
    assert_eq!(world.working(), [(id, shares(100))]);
    let change = *world.notes(0).changes.last().unwrap();
    assert_eq!(change.leaves, shares(100));
    assert_eq!(change.status, OrderStatus::Accepted);
    assert_eq!(world.notes(0).seen, (Quantity::ZERO, shares(100)));
}

#[test]
fn a_bust_reported_twice_is_taken_back_once() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    let execution = world.fill(id, 100, "100");
    world.alerts();
    world.report(id, ReportKind::Busted { execution });
    world.report(id, ReportKind::Busted { execution });
    assert_eq!(world.position(), Quantity::ZERO);
    assert_eq!(world.alerts(), [Alert::Busted(id)]);
}

#[test]
fn a_bust_that_comes_before_its_fill_keeps_the_fill_out_and_is_alerted() {
    let mut world = World::new();
    let id = world.submit(buy(100));
    let execution = ExecutionId::simulated(77);
    world.report(id, ReportKind::Busted { execution });
    assert!(matches!(world.alerts()[..], [Alert::UnknownExecution(_)]));
    world.report(id, again(execution, 100, "100"));
    assert_eq!(world.position(), Quantity::ZERO);
}

#[test]
fn an_order_revived_by_a_bust_is_not_forgotten_while_it_works() {
    let config = CoreConfig {
        retained_orders: 1,
        ..config(margin(1_000_000))
    };
    let mut world = World::with(config, 1);
    let id = world.submit(buy(100));
    let execution = world.fill(id, 100, "100");
    world.report(id, ReportKind::Busted { execution });
    for _ in 0..3 {
        let other = world.submit(buy(1));
        world.cancelled(other, CancelCause::Requested);
    }
    assert_eq!(world.working(), [(id, shares(100))]);
    world.fill(id, 100, "101");
    assert_eq!((world.working(), world.position()), (vec![], shares(100)));
}

#[test]
fn a_busted_entry_shrinks_its_exits() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    let execution = world.fill(entry, 40, "100");
    world.fill(entry, 60, "100");
    let exits: Vec<_> = world.working();
    for (exit, _) in &exits {
        world.accept(*exit);
        if let Some(asked) = pending(&world, *exit) {
            world.report(*exit, ReportKind::Replaced(asked));
        }
    }
    world.wanted();
    world.report(entry, ReportKind::Busted { execution });
    assert_eq!(
        world.wanted(),
        [
            Wanted::Replace(terms(&world, exits[0].0, 60)),
            Wanted::Replace(terms(&world, exits[1].0, 60))
        ]
    );
}

fn pending(world: &World, order: OrderId) -> Option<ReplaceRequest> {
    let found = world.core.working_orders().find(|o| o.request.id == order);
    found.and_then(|entry| entry.life.pending_replace().copied())
}

#[test]
fn a_busted_exit_is_protected_again_by_its_sibling() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    let execution = world.fill(first, 30, "90");
    let reduced = terms(&world, second, 70);
    world.report(second, ReportKind::Replaced(reduced));
    world.wanted();
    world.report(first, ReportKind::Busted { execution });
    assert_eq!(world.position(), shares(100));
    assert_eq!(
        world.wanted(),
        [Wanted::Replace(terms(&world, second, 100))],
        "the stop itself has its open quantity back"
    );
}

#[test]
fn a_busted_exit_whose_bracket_is_over_protects_what_is_open_again() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    let execution = world.fill(first, 100, "90");
    world.cancelled(second, CancelCause::Requested);
    world.wanted();
    world.report(first, ReportKind::Busted { execution });
    assert_eq!(world.alerts(), [Alert::Busted(first)]);
    assert_eq!(world.working(), [(first, shares(100))]);
    // It still follows the position.
    let close = world.submit(sell(100));
    world.wanted();
    world.fill(close, 100, "101");
    assert_eq!(world.wanted(), [Wanted::Cancel(first)]);
}

#[test]
fn terms_that_the_venue_changes_by_itself_are_in_force_and_alerted() {
    let mut world = World::new();
    let intent = OrderIntent::limit(A, Side::Buy, shares(100), price("99"))
        .with_time_in_force(TimeInForce::Gtc);
    let id = world.submit(intent);
    world.advance(1);
    let after_dividend = ReplaceRequest {
        kind: OrderKind::Limit {
            price: price("98.50"),
        },
        ..terms(&world, id, 100)
    };
    world.report(id, ReportKind::Replaced(after_dividend));
    assert_eq!(world.alerts(), [Alert::TermsChanged(id)]);
    let entry = world.core.working_orders().next().unwrap();
    assert_eq!(entry.request.kind.limit_price(), Some(price("98.50")));
}

#[test]
fn an_old_confirmation_repeated_after_newer_terms_changes_nothing() {
    let mut world = World::new();
    let id = world.submit(OrderIntent::limit(A, Side::Buy, shares(100), price("99")));
    let confirm = |world: &mut World, count| {
        world.advance(1);
        let new = terms(world, id, count);
        world.ask(Ask::Replace(new));
        world.report(id, ReportKind::Replaced(new));
        BrokerReport {
            order: id,
            time: world.now,
            received: world.now,
            kind: ReportKind::Replaced(new),
        }
    };
    let old = confirm(&mut world, 150);
    confirm(&mut world, 200);
    world.advance(1);
    world.event(Event::Broker(old));
    assert_eq!(world.working(), [(id, shares(200))]);
    assert_eq!(world.alerts(), []);
}
