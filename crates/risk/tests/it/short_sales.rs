//! R050 to R052.

use crate::world::{AAPL, NOW, World, allowed, approved, price, record, refused, shares};
use trader_broker::{AccountKind, CheckId, Measure, Verdict};
use trader_domain::{
    Borrow, LocateId, NANOS_PER_SECOND, OrderRequest, Quantity, ReplaceRequest, ShortExemption,
    Side,
};
use trader_risk::{Locate, LocateError};

fn quantity(whole: i32) -> Measure {
    Measure::Quantity(shares(whole))
}

#[test]
fn what_cannot_be_borrowed_is_sold_only_as_far_as_it_is_held() {
    let mut world = World::new();
    world.hold(AAPL, 100);
    world.instrument(|found| found.borrow = Borrow::Unavailable, AAPL);
    let request = world.sell(AAPL, 150);
    refused(
        &world,
        &request,
        CheckId::Shortable,
        quantity(50),
        quantity(0),
        Some(shares(100)),
    );
}

#[test]
fn a_cash_account_sells_nothing_short() {
    let mut world = World::new();
    world.account.kind = AccountKind::Cash;
    let request = world.sell(AAPL, 10);
    refused(
        &world,
        &request,
        CheckId::Shortable,
        quantity(10),
        quantity(0),
        Some(Quantity::ZERO),
    );
}

fn located(quantity: i32) -> (World, LocateId) {
    let mut world = World::new();
    world.instrument(|found| found.borrow = Borrow::NeedsLocate, AAPL);
    let id = LocateId::new("L-1").unwrap();
    world
        .gate
        .add_locate(Locate {
            id,
            instrument: AAPL,
            quantity: shares(quantity),
            expires: NOW.saturating_add(NANOS_PER_SECOND),
        })
        .unwrap();
    (world, id)
}

fn short(world: &mut World, quantity: i32, id: LocateId) -> OrderRequest {
    OrderRequest {
        locate: Some(id),
        ..world.limit(AAPL, Side::Sell, quantity, "100")
    }
}

#[test]
fn a_short_sale_beyond_its_locate_is_refused() {
    let (mut world, id) = located(100);
    let first = short(&mut world, 60, id);
    world.sent(&first);
    let second = short(&mut world, 41, id);
    refused(
        &world,
        &second,
        CheckId::Locate,
        quantity(41),
        quantity(40),
        Some(shares(40)),
    );
    // What did not trade goes back to the locate.
    world.fill(&first, shares(10), price("100"));
    world.done(first.id);
    allowed(&world, &second, CheckId::Locate);
    let all = short(&mut world, 91, id);
    refused(
        &world,
        &all,
        CheckId::Locate,
        quantity(91),
        quantity(90),
        Some(shares(90)),
    );
}

#[test]
fn new_terms_draw_on_the_locate_too() {
    let (mut world, id) = located(100);
    let first = short(&mut world, 60, id);
    world.sent(&first);
    let terms = |quantity: i32| ReplaceRequest {
        order: first.id,
        quantity: shares(quantity),
        kind: first.kind,
        time_in_force: first.time_in_force,
    };
    let found = record(
        &world.replace(&first, Quantity::ZERO, terms(101)),
        CheckId::Locate,
    );
    assert_eq!(found.largest, Some(shares(100)));
    assert!(world.replace(&first, Quantity::ZERO, terms(90)).verdict() < Verdict::Reject);
    let second = short(&mut world, 11, id);
    refused(
        &world,
        &second,
        CheckId::Locate,
        quantity(11),
        quantity(10),
        Some(shares(10)),
    );
}

#[test]
fn an_expired_or_missing_locate_locates_nothing() {
    let (mut world, id) = located(100);
    let named = short(&mut world, 10, id);
    approved(&world, &named);
    let unnamed = world.limit(AAPL, Side::Sell, 10, "100");
    let none = Some(Quantity::ZERO);
    refused(
        &world,
        &unnamed,
        CheckId::Locate,
        quantity(10),
        quantity(0),
        none,
    );
    world.now = NOW.saturating_add(NANOS_PER_SECOND);
    world.taken = world.now;
    refused(
        &world,
        &named,
        CheckId::Locate,
        quantity(10),
        quantity(0),
        none,
    );
}

#[test]
fn a_locate_is_taken_once_and_for_something() {
    let (mut world, id) = located(100);
    let again = Locate {
        id,
        instrument: AAPL,
        quantity: shares(1),
        expires: NOW,
    };
    assert_eq!(
        world.gate.add_locate(again),
        Err(LocateError::Duplicate(id))
    );
    let id = LocateId::new("L-2").unwrap();
    let nothing = Locate {
        id,
        quantity: Quantity::ZERO,
        ..again
    };
    assert_eq!(
        world.gate.add_locate(nothing),
        Err(LocateError::NotPositive(id))
    );
}

#[test]
fn under_rule_201_a_short_sale_must_be_above_the_best_bid() {
    let mut world = World::new();
    let mark = world.mark_mut(AAPL);
    (mark.bid, mark.ask) = (Some(price("99.99")), Some(price("100.01")));
    mark.quote_time = NOW;
    mark.short_restricted = true;
    let at_bid = world.limit(AAPL, Side::Sell, 10, "99.99");
    let bid = Measure::Price(price("99.99"));
    let none = Some(Quantity::ZERO);
    refused(&world, &at_bid, CheckId::ShortSalePriceTest, bid, bid, none);
    let market = world.sell(AAPL, 10);
    refused(
        &world,
        &market,
        CheckId::ShortSalePriceTest,
        Measure::Absent,
        bid,
        none,
    );
    let above = world.limit(AAPL, Side::Sell, 10, "100.00");
    approved(&world, &above);
    let exempt = OrderRequest {
        short_exempt: ShortExemption::Claimed,
        ..at_bid
    };
    approved(&world, &exempt);
    // Without a best bid there is nothing to be above of.
    world.mark_mut(AAPL).bid = None;
    refused(
        &world,
        &above,
        CheckId::ShortSalePriceTest,
        Measure::Price(price("100.00")),
        Measure::Absent,
        none,
    );
}
