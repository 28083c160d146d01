//! What is reserved, from approval to the last report.

use crate::world::{AAPL, NoObjection, World, money, price, shares};
use trader_broker::{GateEvent, Verdict, approve_replacement};
use trader_domain::{
    Money, OcoGroupId, OperatorCommand, OrderKind, OrderRequest, PositionEffect, Price, Quantity,
    ReplaceRequest, Side, TradingState,
};

fn terms(working: &OrderRequest, quantity: i32, at: &str) -> ReplaceRequest {
    ReplaceRequest {
        order: working.id,
        quantity: shares(quantity),
        kind: OrderKind::Limit { price: price(at) },
        time_in_force: working.time_in_force,
    }
}

fn settle(world: &mut World, working: &OrderRequest, quantity: i32, at: &str) {
    world.tell(GateEvent::ReplacementSettled {
        order: working.id,
        quantity: shares(quantity),
        limit: Some(price(at)),
    });
}

#[test]
fn a_market_order_is_reserved_above_the_reference_and_a_limit_at_its_price() {
    let mut world = World::new();
    let market = world.buy(AAPL, 10);
    world.sent(&market);
    assert_eq!(world.gate.reserved_cash(), money("1050"));
    let limit = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&limit);
    assert_eq!(world.gate.reserved_cash(), money("2030"));
}

#[test]
fn executions_release_their_part_and_the_end_releases_the_rest() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    world.fill(&order, shares(4), price("97"));
    assert_eq!(world.gate.reserved_cash(), money("588"));
    assert_eq!(world.gate.working(AAPL), (shares(6), Quantity::ZERO));
    world.done(order.id);
    assert_eq!(world.gate.reserved_cash(), Money::ZERO);
    assert_eq!(world.gate.working_orders(), 0);
}

#[test]
fn until_the_broker_answers_a_replacement_old_and_new_terms_are_covered() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    let lower = terms(&order, 20, "90");
    assert!(world.replace(&order, Quantity::ZERO, lower).verdict() < Verdict::Reject);
    // 20 shares, at up to 98 each for the first ten: the larger figure of each.
    assert_eq!(world.gate.working(AAPL).0, shares(20));
    assert_eq!(world.gate.reserved_cash(), money("1800"));
    settle(&mut world, &order, 20, "90");
    assert_eq!(world.gate.reserved_cash(), money("1800"));
    world.fill(&order, shares(5), price("90"));
    assert_eq!(world.gate.reserved_cash(), money("1350"));
}

#[test]
fn a_refused_replacement_leaves_the_old_terms() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    let larger = terms(&order, 30, "99");
    world.replace(&order, Quantity::ZERO, larger);
    assert_eq!(world.gate.reserved_cash(), money("2970"));
    settle(&mut world, &order, 10, "98");
    assert_eq!(world.gate.reserved_cash(), money("980"));
}

#[test]
fn a_venue_may_shrink_an_order_on_its_own() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    settle(&mut world, &order, 6, "98");
    assert_eq!(world.gate.reserved_cash(), money("588"));
}

#[test]
fn of_an_oco_group_only_the_largest_member_counts() {
    let mut world = World::new();
    world.hold(AAPL, 100);
    let stop = OrderRequest {
        kind: OrderKind::Stop {
            trigger: price("90"),
        },
        oco: Some(OcoGroupId(1)),
        ..world.sell(AAPL, 100)
    };
    let target = OrderRequest {
        oco: Some(OcoGroupId(1)),
        ..world.limit(AAPL, Side::Sell, 100, "110")
    };
    world.sent(&stop);
    world.sent(&target);
    assert_eq!(world.gate.working(AAPL).1, shares(100));
    // One leg trades in part and its sibling is still whole: the sibling may trade whole.
    world.fill(&target, shares(30), price("110"));
    assert_eq!(world.gate.working(AAPL).1, shares(100));
    settle_total(&mut world, &stop, 70);
    assert_eq!(world.gate.working(AAPL).1, shares(70));
    world.done(stop.id);
    assert_eq!(world.gate.working(AAPL).1, shares(70));
    world.done(target.id);
    assert_eq!(world.gate.working(AAPL).1, Quantity::ZERO);
}

fn settle_total(world: &mut World, order: &OrderRequest, quantity: i32) {
    world.tell(GateEvent::ReplacementSettled {
        order: order.id,
        quantity: shares(quantity),
        limit: None::<Price>,
    });
}

#[test]
fn a_busted_execution_is_reserved_again_though_the_order_was_filled() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    world.fill(&order, shares(10), price("98"));
    world.done(order.id);
    assert_eq!(world.gate.reserved_cash(), Money::ZERO);
    let bust = GateEvent::Busted {
        order: order.id,
        quantity: shares(4),
    };
    world.tell(bust);
    assert_eq!(world.gate.reserved_cash(), money("392"));
    world.done(order.id);
    assert_eq!(world.gate.reserved_cash(), Money::ZERO);
}

#[test]
fn a_bust_of_a_cancelled_order_reserves_nothing() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    world.fill(&order, shares(4), price("98"));
    world.done(order.id);
    world.tell(GateEvent::Busted {
        order: order.id,
        quantity: shares(4),
    });
    assert_eq!(world.gate.reserved_cash(), Money::ZERO);
    assert_eq!(world.gate.trading_state(), TradingState::Active);
}

#[test]
fn a_bust_of_an_order_that_nobody_remembers_waits_for_an_operator() {
    let mut world = World::new();
    world.tell(GateEvent::Busted {
        order: trader_domain::OrderId(999),
        quantity: shares(4),
    });
    assert_eq!(world.gate.trading_state(), TradingState::Reducing);
}

#[test]
fn positions_the_gate_was_never_told_of_count_all_the_same() {
    let mut world = World::limited(|limits| limits.positions = 1);
    // A merger put it there: no order of ours did.
    world.hold(crate::world::XOM, 10);
    let request = world.buy(AAPL, 1);
    assert!(world.judge(&request).outcome.is_err());
}

#[test]
fn new_terms_that_only_lower_an_exit_pass_whatever_else_covers_the_position() {
    let mut world = World::new();
    world.hold(AAPL, 10);
    let exit = OrderRequest {
        effect: PositionEffect::ReduceOnly,
        ..world.limit(AAPL, Side::Sell, 10, "105")
    };
    world.sent(&exit);
    let other = world.limit(AAPL, Side::Sell, 10, "106");
    // Short beyond the position, which the account may; the exit is now covered by it.
    world.sent(&other);
    let lower = terms(&exit, 4, "105");
    let raised = terms(&exit, 11, "105");
    let elsewhere = terms(&exit, 4, "104");
    assert_eq!(judged(&world, &exit, lower), Verdict::Pass);
    assert_eq!(judged(&world, &exit, raised), Verdict::Reject);
    assert_eq!(judged(&world, &exit, elsewhere), Verdict::Reject);
    // A halt is no reason to keep the larger one, nor is a limit that was lowered since.
    world.tell(GateEvent::Command(OperatorCommand::SetTradingState(
        TradingState::Halted,
    )));
    assert_eq!(judged(&world, &exit, lower), Verdict::Warn);
    assert_eq!(judged(&world, &exit, raised), Verdict::Reject);
}

#[test]
fn new_terms_that_only_lower_an_order_still_have_to_be_terms() {
    let mut world = World::new();
    let order = world.limit(AAPL, Side::Buy, 10, "98");
    world.sent(&order);
    let broken = ReplaceRequest {
        quantity: "2.5".parse().unwrap(),
        ..terms(&order, 2, "98")
    };
    assert_eq!(judged(&world, &order, broken), Verdict::Reject);
    assert_eq!(
        judged(&world, &order, terms(&order, 0, "98")),
        Verdict::Reject
    );
    assert_eq!(
        judged(&world, &order, terms(&order, 2, "98")),
        Verdict::Pass
    );
    // Terms on their way may be refused: only what is below both lowers.
    assert!(
        world
            .replace(&order, Quantity::ZERO, terms(&order, 4, "98"))
            .verdict()
            < Verdict::Reject
    );
    world.tell(GateEvent::Command(OperatorCommand::SetTradingState(
        TradingState::Halted,
    )));
    assert_eq!(
        judged(&world, &order, terms(&order, 5, "98")),
        Verdict::Reject
    );
    assert_eq!(
        judged(&world, &order, terms(&order, 4, "98")),
        Verdict::Warn
    );
}

fn judged(world: &World, working: &OrderRequest, terms: ReplaceRequest) -> Verdict {
    approve_replacement(
        working,
        Quantity::ZERO,
        terms,
        &world.snapshot(),
        &world.gate,
        &NoObjection,
    )
    .assessment
    .verdict()
}
