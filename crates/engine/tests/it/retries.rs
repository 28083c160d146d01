//! Exits that are refused or lost: a person is told, and they are asked for again.

use trader_broker::Verdict;
use trader_domain::*;
use trader_engine::Alert;

use crate::brackets::filled_bracket;
use crate::world::*;

#[test]
fn exits_that_the_gate_refuses_are_alerted_once_and_asked_for_again_every_second() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    world
        .judge
        .set(|rules| rules.reductions = Some(Verdict::Reject));
    world.wanted();
    world.fill(entry, 100, "100");
    assert_eq!(world.sent(), []);
    assert_eq!(world.alerts(), [Alert::Unprotected(entry)]);

    world.advance(1);
    world.bar(A, "100");
    assert_eq!((world.sent(), world.alerts()), (vec![], vec![]));

    world.judge.set(|rules| rules.reductions = None);
    world.bar(A, "100");
    assert_eq!(world.sent(), [], "the second is not over");
    world.advance(1);
    world.bar(A, "100");
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn a_new_session_or_trading_state_or_the_end_of_a_halt_shortens_the_wait() {
    let occasions: [fn(&mut World); 3] = [
        |world| world.clock("2024-06-03T20:00:00Z"),
        |world| world.command(OperatorCommand::SetTradingState(TradingState::Active)),
        |world| world.status(StatusKind::Resumed),
    ];
    for occasion in occasions {
        let mut world = World::new();
        let entry = world.submit(bracketed(100));
        world
            .judge
            .set(|rules| rules.reductions = Some(Verdict::Reject));
        world.fill(entry, 100, "100");
        world.judge.set(|rules| rules.reductions = None);
        world.wanted();
        occasion(&mut world);
        assert_eq!(world.sent().len(), 2);
    }
}

#[test]
fn an_exit_that_cannot_be_raised_is_alerted_and_raised_later() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world
        .judge
        .set(|rules| rules.replacements = Some(Verdict::Reject));
    world.fill(entry, 60, "100");
    assert_eq!(world.wanted(), []);
    assert_eq!(world.alerts(), [Alert::Unprotected(entry)]);
    world.judge.set(|rules| rules.replacements = None);
    world.advance(1);
    world.bar(A, "100");
    assert_eq!(
        world.wanted(),
        [
            Wanted::Replace(terms(&world, first, 100)),
            Wanted::Replace(terms(&world, second, 100))
        ]
    );
}

#[test]
fn a_raise_that_the_broker_refuses_is_asked_for_again_but_not_at_once() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world.fill(entry, 60, "100");
    world.wanted();
    world.report(first, ReportKind::ReplaceRejected(RejectReason::TooLate));
    world.report(second, ReportKind::Replaced(terms(&world, second, 100)));
    assert_eq!(
        world.wanted(),
        [],
        "no ping-pong with a broker that refuses"
    );
    assert_eq!(world.alerts(), [Alert::Unprotected(entry)]);
    world.advance(1);
    world.bar(A, "100");
    assert_eq!(world.wanted(), [Wanted::Replace(terms(&world, first, 100))]);
}

#[test]
fn a_stop_that_the_broker_ends_is_alerted_although_the_target_works_on() {
    let losses = [
        ReportKind::Canceled(CancelCause::Broker),
        ReportKind::Rejected(RejectReason::InvalidPrice),
        ReportKind::Expired,
    ];
    for loss in losses {
        let mut world = World::new();
        let [entry, first, second] = filled_bracket(&mut world, 100);
        world.report(first, loss);
        assert_eq!(world.alerts(), [Alert::Unprotected(entry)]);
        world.advance(1);
        world.bar(A, "100");
        let again = world.sent();
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].quantity, shares(100));
        let target = world.core.working_orders().find(|o| o.request.id == second);
        assert_eq!(again[0].oco, target.unwrap().request.oco);
    }
}

#[test]
fn an_exit_cancelled_because_there_was_nothing_to_protect_comes_back_when_there_is() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    let close = world.submit(sell(40));
    world.fill(close, 40, "101");
    world.wanted();
    world.fill(entry, 20, "100");
    assert_eq!(world.sent(), [], "both cancellations are on their way");
    world.cancelled(first, CancelCause::Requested);
    world.cancelled(second, CancelCause::Requested);
    let exits = world.sent();
    assert_eq!(exits.len(), 2);
    assert!(exits.iter().all(|exit| exit.quantity == shares(20)));
}

#[test]
fn an_exit_that_fills_whole_while_it_is_being_raised_leaves_nothing_unprotected() {
    let mut world = World::new();
    let [entry, first, second] = filled_bracket(&mut world, 40);
    world.fill(entry, 30, "100");
    world.wanted();
    world.fill(first, 40, "90");
    assert_eq!(world.wanted(), [Wanted::Cancel(entry)]);
    world.report(
        first,
        ReportKind::ReplaceRejected(RejectReason::UnknownOrder),
    );
    let exits = world.sent();
    assert_eq!(exits.len(), 1);
    assert_eq!(exits[0].quantity, shares(30), "of 70, 40 are out");
    // The target has asked for 70 and must come down to 30.
    world.report(
        second,
        ReportKind::Replaced(ReplaceRequest {
            quantity: shares(70),
            ..terms(&world, second, 70)
        }),
    );
    assert_eq!(world.wanted(), [Wanted::Replace(terms(&world, second, 30))]);
}

#[test]
fn an_exit_that_the_gate_does_not_let_shrink_is_cancelled_and_sent_again_at_its_size() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world
        .judge
        .set(|rules| rules.replacements = Some(Verdict::Reject));
    let other = world.submit(sell(25));
    world.wanted();
    world.fill(other, 25, "101");
    assert_eq!(
        world.wanted(),
        [Wanted::Cancel(first), Wanted::Cancel(second)]
    );
    world.cancelled(first, CancelCause::Requested);
    world.cancelled(second, CancelCause::Requested);
    let again: Vec<_> = world.sent().iter().map(|order| order.quantity).collect();
    assert_eq!(again, [shares(75), shares(75)]);
    assert_eq!(world.alerts(), []);
}

#[test]
fn a_refused_exit_is_asked_for_again_when_an_order_that_was_in_the_way_is_gone() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    let in_the_way = world.submit(sell(100));
    world
        .judge
        .set(|rules| rules.reductions = Some(Verdict::Reject));
    world.fill(entry, 100, "100");
    world.judge.set(|rules| rules.reductions = None);
    world.wanted();
    world.command(OperatorCommand::Cancel(in_the_way));
    world.cancelled(in_the_way, CancelCause::Requested);
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn two_exits_that_the_broker_rejects_do_not_call_each_other_back() {
    let mut world = World::new();
    let [_, first, _] = filled_bracket(&mut world, 100);
    let [_, second, _] = filled_bracket(&mut world, 100);
    world.wanted();
    world.report(first, ReportKind::Rejected(RejectReason::Other));
    world.report(second, ReportKind::Rejected(RejectReason::Other));
    assert_eq!(world.sent(), []);
    assert_eq!(world.alerts().len(), 2);
}
