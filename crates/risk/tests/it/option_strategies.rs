//! R036: what may be held and written, and what it ties up.

use crate::world::{AAPL, World, allowed, approved, money, price, record, refused, shares};
use trader_broker::{AccountKind, CheckId, Measure, Verdict};
use trader_domain::{InstrumentId, Leg, Money, OrderKind, OrderRequest, Quantity, Side};
use trader_risk::OptionLevel;

fn at_level(level: OptionLevel) -> World {
    World::wide(|limits| limits.option_level = level)
}

fn quantity(contracts: i32) -> Measure {
    Measure::Quantity(shares(contracts))
}

fn part(contracts: &str) -> Measure {
    Measure::Quantity(contracts.parse().unwrap())
}

#[test]
fn an_option_above_the_account_s_level_is_refused() {
    let mut world = at_level(OptionLevel::Covered);
    let call = world.option("AAPL240621C00100000", "5");
    let request = world.buy(call, 1);
    let absent = Measure::Absent;
    refused(&world, &request, CheckId::OptionLevel, absent, absent, None);
    let mut world = at_level(OptionLevel::Long);
    let call = world.option("AAPL240621C00100000", "5");
    let request = world.buy(call, 1);
    approved(&world, &request);
}

#[test]
fn long_options_are_paid_in_full_in_a_margin_account_too() {
    let mut world = at_level(OptionLevel::Long);
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let call = world.option("AAPL240621C00100000", "5");
    let request = world.limit(call, Side::Buy, 21, "5");
    refused(
        &world,
        &request,
        CheckId::InitialMargin,
        Measure::Money(money("10500")),
        Measure::Money(money("10000")),
        Some(shares(20)),
    );
}

#[test]
fn calls_are_written_only_against_shares_that_are_held() {
    let mut world = at_level(OptionLevel::Spreads);
    let call = world.option("AAPL240621C00110000", "2");
    world.hold(AAPL, 250);
    let request = world.limit(call, Side::Sell, 3, "2");
    refused(
        &world,
        &request,
        CheckId::OptionLevel,
        part("0.5"),
        quantity(0),
        Some(shares(2)),
    );
    let covered = world.limit(call, Side::Sell, 2, "2");
    world.sent(&covered);
    world.fill_all(&covered);
    // The shares that cover it are not sold from under it: 50 are free.
    let sale = world.limit(AAPL, Side::Sell, 100, "100");
    refused(
        &world,
        &sale,
        CheckId::OptionLevel,
        part("0.5"),
        quantity(0),
        Some(shares(50)),
    );
    let back = world.limit(call, Side::Buy, 2, "2");
    approved(&world, &back);
}

#[test]
fn shares_that_are_for_sale_already_cover_no_call() {
    let mut world = at_level(OptionLevel::Spreads);
    let call = world.option("AAPL240621C00110000", "2");
    world.hold(AAPL, 100);
    let sale = world.limit(AAPL, Side::Sell, 1, "101");
    world.sent(&sale);
    let request = world.limit(call, Side::Sell, 1, "2");
    refused(
        &world,
        &request,
        CheckId::OptionLevel,
        part("0.01"),
        quantity(0),
        Some(Quantity::ZERO),
    );
}

#[test]
fn a_put_is_written_only_against_cash_for_the_whole_strike() {
    let mut world = at_level(OptionLevel::Covered);
    world.account.kind = AccountKind::Cash;
    world.account.cash = Money::whole(20_000);
    world.account.settled_cash = Money::whole(20_000);
    world.revalue();
    let put = world.option("AAPL240621P00090000", "3");
    let request = world.limit(put, Side::Sell, 3, "3");
    refused(
        &world,
        &request,
        CheckId::BuyingPower,
        Measure::Money(money("27000")),
        Measure::Money(money("20000")),
        Some(shares(2)),
    );
    let covered = world.limit(put, Side::Sell, 2, "3");
    world.sent(&covered);
    // 18,000 are tied up by the working order: 2,000 are left for shares.
    let stock = world.limit(AAPL, Side::Buy, 21, "100");
    refused(
        &world,
        &stock,
        CheckId::BuyingPower,
        Measure::Money(money("20100")),
        Measure::Money(money("20000")),
        Some(shares(20)),
    );
}

#[test]
fn a_naked_call_is_refused_at_every_level() {
    for level in [
        OptionLevel::None,
        OptionLevel::Covered,
        OptionLevel::Long,
        OptionLevel::Spreads,
    ] {
        let mut world = at_level(level);
        let call = world.option("AAPL240621C00110000", "2");
        let request = world.limit(call, Side::Sell, 1, "2");
        let found = record(&world.judge(&request).assessment, CheckId::OptionLevel);
        assert_eq!(found.verdict, Verdict::Reject, "{level:?}");
    }
}

fn leg(instrument: InstrumentId, side: Side) -> Leg {
    Leg {
        instrument,
        side,
        ratio: 1,
    }
}

/// A spread of two legs at a net price (positive is paid).
fn spread(world: &mut World, legs: [Leg; 2], quantity: i32, net: &str) -> OrderRequest {
    OrderRequest {
        legs: legs.into_iter().collect(),
        kind: OrderKind::Limit { price: price(net) },
        ..world.buy(AAPL, quantity)
    }
}

#[test]
fn a_credit_spread_ties_up_the_distance_of_its_strikes() {
    let mut world = at_level(OptionLevel::Spreads);
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let near = world.option("AAPL240621C00105000", "3");
    let far = world.option("AAPL240621C00110000", "2");
    let legs = [leg(near, Side::Sell), leg(far, Side::Buy)];
    // 5 x 100 a spread.
    let request = spread(&mut world, legs, 21, "-1");
    refused(
        &world,
        &request,
        CheckId::InitialMargin,
        Measure::Money(money("10500")),
        Measure::Money(money("10000")),
        Some(shares(20)),
    );
    let fits = spread(&mut world, legs, 20, "-1");
    world.sent(&fits);
    let one_more = spread(&mut world, legs, 1, "-1");
    let found = record(&world.judge(&one_more).assessment, CheckId::InitialMargin);
    assert_eq!(found.measured, Measure::Money(money("10500")));
    assert_eq!(found.verdict, Verdict::Reject);
    world.done(fits.id);
    allowed(&world, &one_more, CheckId::InitialMargin);
}

#[test]
fn a_debit_spread_costs_its_net_price() {
    let mut world = at_level(OptionLevel::Spreads);
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let near = world.option("AAPL240621C00105000", "3");
    let far = world.option("AAPL240621C00110000", "2");
    let legs = [leg(near, Side::Buy), leg(far, Side::Sell)];
    let request = spread(&mut world, legs, 101, "1");
    refused(
        &world,
        &request,
        CheckId::InitialMargin,
        Measure::Money(money("10100")),
        Measure::Money(money("10000")),
        Some(shares(100)),
    );
}

#[test]
fn the_long_leg_of_a_spread_is_not_sold_from_under_the_short_one() {
    let mut world = at_level(OptionLevel::Spreads);
    let near = world.option("AAPL240621C00105000", "3");
    let far = world.option("AAPL240621C00110000", "2");
    world.hold(near, -5);
    world.hold(far, 5);
    let request = world.limit(far, Side::Sell, 1, "2");
    refused(
        &world,
        &request,
        CheckId::OptionLevel,
        quantity(1),
        quantity(0),
        Some(Quantity::ZERO),
    );
    // Both together may go.
    let legs = [leg(near, Side::Buy), leg(far, Side::Sell)];
    let close = spread(&mut world, legs, 5, "1");
    approved(&world, &close);
}

#[test]
fn a_long_option_that_expires_first_covers_nothing() {
    let mut world = at_level(OptionLevel::Spreads);
    let short = world.option("AAPL240719C00105000", "3");
    let long = world.option("AAPL240621C00105000", "2");
    world.hold(long, 5);
    let request = world.limit(short, Side::Sell, 5, "3");
    let found = record(&world.judge(&request).assessment, CheckId::OptionLevel);
    assert_eq!(
        (found.verdict, found.measured),
        (Verdict::Reject, quantity(5))
    );
}

#[test]
fn a_package_with_shares_among_its_legs_is_refused() {
    let mut world = at_level(OptionLevel::Spreads);
    let call = world.option("AAPL240621C00105000", "3");
    let legs = [leg(AAPL, Side::Buy), leg(call, Side::Sell)];
    let request = spread(&mut world, legs, 1, "97");
    let absent = Measure::Absent;
    refused(&world, &request, CheckId::OptionLevel, absent, absent, None);
}
