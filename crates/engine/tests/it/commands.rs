//! What strategies and operators may ask for, and what becomes of it.

use trader_broker::Verdict;
use trader_domain::order::OrderStatus;
use trader_domain::*;
use trader_engine::Alert;

use crate::puppet::Ask;
use crate::world::*;

fn last_change(world: &World) -> (OrderId, OrderStatus, Quantity) {
    let change = *world.notes(0).changes.last().unwrap();
    (change.order, change.status, change.leaves)
}

fn limit_order(world: &mut World) -> OrderId {
    let id = world.submit(OrderIntent::limit(A, Side::Buy, shares(100), price("99")));
    world.wanted();
    id
}

#[test]
fn an_order_is_numbered_reserved_for_and_sent_in_one_step() {
    let mut world = World::new();
    world.ask(Ask::Submit(buy(100)));
    let orders = world.sent();
    assert_eq!(orders.len(), 1);
    assert_eq!(orders[0].id, OrderId(1));
    assert_eq!(
        orders[0].client_order_id,
        ClientOrderId {
            run: 7,
            order: OrderId(1)
        }
    );
    assert_eq!(orders[0].created, world.now);
    assert_eq!(
        world.judge.0.lock().unwrap().reserved[&OrderId(1)],
        shares(100)
    );
    assert_eq!(world.working(), [(OrderId(1), shares(100))]);
}

#[test]
fn a_refused_order_never_leaves_and_its_strategy_is_told() {
    let mut world = World::new();
    world
        .judge
        .set(|rules| rules.openings = Some(Verdict::Reject));
    let id = world.submit(buy(100));
    assert_eq!(world.wanted(), []);
    assert_eq!(
        last_change(&world),
        (id, OrderStatus::Rejected, Quantity::ZERO)
    );
    assert_eq!(world.decisions.len(), 1);
    assert!(!world.decisions[0].approved);
    assert!(world.judge.0.lock().unwrap().reserved.is_empty());
}

#[test]
fn a_verdict_of_halt_stops_trading_and_says_so() {
    let mut world = World::new();
    world
        .judge
        .set(|rules| rules.openings = Some(Verdict::Halt));
    world.submit(buy(100));
    assert_eq!(world.core.trading_state(), TradingState::Halted);
    assert_eq!(world.alerts(), [Alert::TradingState(TradingState::Halted)]);
}

#[test]
fn a_replacement_is_in_force_when_the_broker_says_so() {
    let mut world = World::new();
    let id = limit_order(&mut world);
    let new = ReplaceRequest {
        kind: OrderKind::Limit { price: price("98") },
        ..terms(&world, id, 150)
    };
    world.ask(Ask::Replace(new));
    assert_eq!(world.wanted(), [Wanted::Replace(new)]);
    assert_eq!(world.working(), [(id, shares(100))]);
    world.report(id, ReportKind::Replaced(new));
    assert_eq!(world.working(), [(id, shares(150))]);
    let entry = world.core.working_orders().next().unwrap();
    assert_eq!(entry.request.kind.limit_price(), Some(price("98")));
}

#[test]
fn a_replacement_that_gate_broker_or_state_refuse_leaves_the_order_as_it_is_and_is_told() {
    let mut world = World::new();
    let id = limit_order(&mut world);
    world.fill(id, 60, "99");
    let told = world.notes(0).changes.len();

    // Below what has filled: not even judged.
    world.ask(Ask::Replace(terms(&world, id, 50)));
    assert_eq!(world.decisions.len(), 1);
    world
        .judge
        .set(|rules| rules.replacements = Some(Verdict::Reject));
    world.ask(Ask::Replace(terms(&world, id, 200)));
    assert_eq!(world.wanted(), []);
    world.judge.set(|rules| rules.replacements = None);
    world.ask(Ask::Replace(terms(&world, id, 200)));
    assert_eq!(world.wanted().len(), 1);
    // One change at a time.
    world.ask(Ask::Replace(terms(&world, id, 300)));
    assert_eq!(world.wanted(), []);
    world.report(id, ReportKind::ReplaceRejected(RejectReason::TooLate));
    assert_eq!(world.working(), [(id, shares(40))]);
    assert_eq!(world.notes(0).changes.len(), told + 4);
    assert_eq!(
        last_change(&world),
        (id, OrderStatus::PartiallyFilled, shares(40))
    );
}

#[test]
fn a_strategy_cannot_touch_the_orders_of_another() {
    let mut world = World::with(config(margin(1_000_000)), 2);
    let id = world.submit_of(0, buy(100));
    world.wanted();
    world.ask_of(1, Ask::Cancel(id));
    world.ask_of(1, Ask::Replace(terms(&world, id, 10)));
    assert_eq!(world.wanted(), []);
}

#[test]
fn a_cancellation_is_asked_for_once_and_counts_when_it_is_confirmed() {
    let mut world = World::new();
    let id = limit_order(&mut world);
    world.ask(Ask::Cancel(id));
    world.ask(Ask::Cancel(id));
    assert_eq!(world.wanted(), [Wanted::Cancel(id)]);
    assert_eq!(world.working(), [(id, shares(100))], "it may still trade");
    world.cancelled(id, CancelCause::Requested);
    assert_eq!(world.working(), []);
    world.ask(Ask::Cancel(id));
    assert_eq!(world.wanted(), []);
}

#[test]
fn a_refused_cancellation_can_be_asked_for_again() {
    let mut world = World::new();
    let id = limit_order(&mut world);
    world.ask(Ask::Cancel(id));
    world.report(id, ReportKind::CancelRejected(RejectReason::Other));
    world.wanted();
    world.ask(Ask::Cancel(id));
    assert_eq!(world.wanted(), [Wanted::Cancel(id)]);
}

#[test]
fn an_operator_cancels_one_order_or_all() {
    let mut world = World::new();
    let first = limit_order(&mut world);
    let second = limit_order(&mut world);
    world.command(OperatorCommand::Cancel(second));
    assert_eq!(world.wanted(), [Wanted::Cancel(second)]);
    world.command(OperatorCommand::CancelAll);
    assert_eq!(world.wanted(), [Wanted::Cancel(first)]);
}

#[test]
fn a_paused_strategy_sees_everything_and_sends_nothing_but_cancellations() {
    let mut world = World::new();
    let id = limit_order(&mut world);
    world.command(OperatorCommand::PauseStrategy(StrategyId(0)));
    world.submit(buy(10));
    world.ask(Ask::Replace(terms(&world, id, 200)));
    assert_eq!(world.wanted(), []);
    world.ask(Ask::Cancel(id));
    assert_eq!(world.wanted(), [Wanted::Cancel(id)]);
    world.bar(A, "100");
    assert_eq!(world.notes(0).calls.last().unwrap(), "bar 0");
    world.command(OperatorCommand::ResumeStrategy(StrategyId(0)));
    world.submit(buy(10));
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn the_exits_of_a_paused_strategy_live_on() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    world.command(OperatorCommand::PauseStrategy(StrategyId(0)));
    world.wanted();
    world.fill(entry, 100, "100");
    assert_eq!(world.sent().len(), 2);
}

#[test]
fn a_strategy_that_answers_every_refusal_with_an_order_is_paused_and_the_others_go_on() {
    let mut world = World::with(config(margin(1_000_000)), 2);
    world
        .judge
        .set(|rules| rules.openings = Some(Verdict::Reject));
    world.notes(0).stubborn = Some(buy(1));
    // The innocent one asks in the same event.
    world.notes(1).queue.push_back(Ask::Timer(OPEN));
    world.ask_of(0, Ask::Submit(buy(1)));
    assert_eq!(world.alerts(), [Alert::Runaway(StrategyId(0))]);
    assert!(matches!(world.wanted()[..], [Wanted::Timer(..)]));
    world.judge.set(|rules| rules.openings = None);
    world.notes(0).stubborn = None;
    world.submit_of(0, buy(1));
    assert_eq!(world.sent(), []);
    world.submit_of(1, buy(1));
    assert_eq!(world.sent().len(), 1);
}

#[test]
fn an_amount_becomes_a_quantity_at_the_current_price_in_whole_lots_never_more() {
    let mut world = World::new();
    world.bar(A, "33.33");
    let for_amount = |amount: i64, kind| OrderIntent {
        size: OrderSize::Notional(Money::whole(amount)),
        kind,
        ..buy(1)
    };
    world.submit(for_amount(1_000, OrderKind::Market));
    world.submit(for_amount(1_000, OrderKind::Limit { price: price("20") }));
    let sent: Vec<_> = world.sent().iter().map(|order| order.quantity).collect();
    // 1000 / 33.33 = 30.003; 1000 / 20 = 50.
    assert_eq!(sent, [shares(30), shares(50)]);
    world.submit(for_amount(33, OrderKind::Market));
    world.submit(for_amount(-1_000, OrderKind::Market));
    assert_eq!(world.sent(), [], "less than a share, or less than nothing");
}

#[test]
fn an_amount_without_a_price_is_refused() {
    let mut world = World::new();
    let intent = OrderIntent {
        size: OrderSize::Notional(Money::whole(1_000)),
        ..OrderIntent::market(B, Side::Buy, shares(1))
    };
    world.submit(intent);
    assert_eq!(world.sent(), []);
    assert!(!world.decisions[0].approved);
}

#[test]
fn legs_that_make_no_order_are_refused_and_reserve_nothing() {
    let mut world = World::new();
    let mut intent = buy(1);
    let leg = Leg {
        instrument: A,
        side: Side::Buy,
        ratio: 0,
    };
    intent.legs = [leg].into_iter().collect();
    world.submit(intent);
    assert_eq!(world.sent(), []);
    assert!(world.judge.0.lock().unwrap().reserved.is_empty());
    assert_eq!(last_change(&world).1, OrderStatus::Rejected);
}
