//! R060 to R065.

use crate::world::{AAPL, MSFT, NOW, World, allowed, approved, price, record, refused, shares};
use trader_broker::{CheckId, GateEvent, Measure, Verdict};
use trader_domain::{NANOS_PER_SECOND, OrderId, OrderRequest, PositionEffect, Side};
use trader_risk::RateLimit;

#[test]
fn the_same_order_again_within_the_window_is_refused() {
    let mut world = World::new();
    let first = world.limit(AAPL, Side::Buy, 10, "99");
    world.sent(&first);
    world.now = NOW.saturating_add(NANOS_PER_SECOND / 2);
    world.taken = world.now;
    let again = world.limit(AAPL, Side::Buy, 10, "99");
    refused(
        &world,
        &again,
        CheckId::Duplicate,
        Measure::Nanos(NANOS_PER_SECOND / 2),
        Measure::Nanos(NANOS_PER_SECOND),
        None,
    );
    let other = world.limit(AAPL, Side::Buy, 11, "99");
    approved(&world, &other);
    world.now = NOW.saturating_add(NANOS_PER_SECOND + 1);
    world.taken = world.now;
    world.set_price(AAPL, "100");
    approved(&world, &again);
}

#[test]
fn an_equal_exit_is_reported_but_not_refused() {
    let mut world = World::new();
    world.hold(AAPL, 20);
    let exit = |world: &mut World| OrderRequest {
        effect: PositionEffect::ReduceOnly,
        ..world.limit(AAPL, Side::Sell, 10, "110")
    };
    let first = exit(&mut world);
    world.sent(&first);
    let second = exit(&mut world);
    let decision = world.judge(&second);
    let found = record(&decision.assessment, CheckId::Duplicate);
    assert_eq!(found.verdict, Verdict::Warn);
    assert!(decision.outcome.is_ok());
}

#[test]
fn one_message_too_many_in_a_second_is_refused() {
    let mut world = World::limited(|limits| {
        limits.message_rate = RateLimit {
            count: 3,
            window_nanos: NANOS_PER_SECOND,
        };
    });
    let first = world.limit(AAPL, Side::Buy, 10, "99");
    world.sent(&first);
    for _ in 0..2 {
        let (order, now) = (first.id, world.now);
        world.tell(GateEvent::CancelSent { order, now });
    }
    let request = world.buy(MSFT, 1);
    refused(
        &world,
        &request,
        CheckId::MessageRate,
        Measure::Count(4),
        Measure::Count(3),
        None,
    );
}

#[test]
fn an_order_loop_is_throttled_though_its_orders_differ() {
    let mut world = World::limited(|limits| {
        limits.loop_rate = RateLimit {
            count: 3,
            window_nanos: 60 * NANOS_PER_SECOND,
        };
    });
    for quantity in 1..=3 {
        let order = world.buy(AAPL, quantity);
        world.sent(&order);
        world.fill_all(&order);
    }
    let request = world.buy(AAPL, 4);
    refused(
        &world,
        &request,
        CheckId::LoopThrottle,
        Measure::Count(4),
        Measure::Count(3),
        None,
    );
    let other_side = world.sell(AAPL, 6);
    approved(&world, &other_side);
}

#[test]
fn cancelling_without_trading_ends_in_refusals() {
    let mut world = World::limited(|limits| {
        limits.free_cancels = 2;
        limits.cancels_per_fill = 3;
    });
    let order = world.limit(AAPL, Side::Buy, 10, "99");
    world.sent(&order);
    for _ in 0..4 {
        let (order, now) = (order.id, world.now);
        world.tell(GateEvent::CancelSent { order, now });
    }
    let request = world.buy(MSFT, 1);
    refused(
        &world,
        &request,
        CheckId::CancelRatio,
        Measure::Count(4),
        Measure::Count(2),
        None,
    );
    // Two executions are worth six cancellations.
    world.fill(&order, shares(1), price("99"));
    world.fill(&order, shares(1), price("99"));
    allowed(&world, &request, CheckId::CancelRatio);
    world.tell(GateEvent::NewDay { day: 19_878 });
    allowed(&world, &request, CheckId::CancelRatio);
}

fn child(world: &mut World, quantity: i32, parent: OrderId) -> OrderRequest {
    OrderRequest {
        parent: Some(parent),
        ..world.buy(AAPL, quantity)
    }
}

#[test]
fn children_never_add_up_to_more_than_their_parent() {
    let mut world = World::new();
    let parent = OrderId(1_000_000);
    let orphan = child(&mut world, 10, parent);
    let absent = Measure::Absent;
    refused(&world, &orphan, CheckId::ParentChild, absent, absent, None);

    world.tell(GateEvent::ParentOpened {
        order: parent,
        quantity: shares(100),
    });
    let first = child(&mut world, 60, parent);
    world.sent(&first);
    world.fill(&first, shares(20), price("100"));
    let second = child(&mut world, 41, parent);
    refused(
        &world,
        &second,
        CheckId::ParentChild,
        Measure::Quantity(shares(101)),
        Measure::Quantity(shares(100)),
        Some(shares(40)),
    );
    // The first is cancelled with 20 filled: 80 are left.
    world.done(first.id);
    let third = child(&mut world, 81, parent);
    refused(
        &world,
        &third,
        CheckId::ParentChild,
        Measure::Quantity(shares(101)),
        Measure::Quantity(shares(100)),
        Some(shares(80)),
    );
    world.tell(GateEvent::ParentClosed { order: parent });
    refused(&world, &second, CheckId::ParentChild, absent, absent, None);
}

#[test]
fn an_exit_that_names_its_entry_as_parent_is_bounded_by_the_position() {
    let mut world = World::new();
    world.hold(AAPL, 10);
    let exit = OrderRequest {
        parent: Some(OrderId(77)),
        effect: PositionEffect::ReduceOnly,
        ..world.sell(AAPL, 10)
    };
    approved(&world, &exit);
    let larger = OrderRequest {
        quantity: shares(11),
        ..exit
    };
    let found = record(&world.judge(&larger).assessment, CheckId::ReduceOnly);
    assert_eq!(found.largest, Some(shares(10)));
}
