//! R020 to R022, R040 to R047, R063, R066.

use crate::world::{
    AAPL, MSFT, SPARE, World, XOM, allowed, approved, money, price, rate, record, refused, shares,
};
use trader_broker::{CheckId, Measure, Verdict};
use trader_domain::{Money, OrderKind, Quantity, Rate, Side, Volume};

#[test]
fn too_many_shares_are_refused() {
    let mut world = World::new();
    let request = world.buy(AAPL, 10_001);
    refused(
        &world,
        &request,
        CheckId::MaxQuantity,
        Measure::Quantity(shares(10_001)),
        Measure::Quantity(shares(10_000)),
        Some(shares(10_000)),
    );
}

#[test]
fn too_large_a_notional_is_refused_at_the_worst_price() {
    let mut world = World::new();
    // 2,381 x 105 = 250,005.
    let request = world.buy(AAPL, 2_381);
    refused(
        &world,
        &request,
        CheckId::MaxNotional,
        Measure::Money(money("250005")),
        Measure::Money(money("250000")),
        Some(shares(2_380)),
    );
}

#[test]
fn too_large_a_share_of_daily_volume_is_refused_and_unknown_volume_too() {
    let mut world = World::new();
    world.mark_mut(AAPL).average_daily_volume = Some(Volume::from_whole(5_000).unwrap());
    let request = world.buy(AAPL, 501);
    refused(
        &world,
        &request,
        CheckId::AdvShare,
        Measure::Rate(rate("0.1002")),
        Measure::Rate(rate("0.1")),
        Some(shares(500)),
    );
    world.mark_mut(AAPL).average_daily_volume = None;
    refused(
        &world,
        &request,
        CheckId::AdvShare,
        Measure::Absent,
        Measure::Rate(rate("0.1")),
        None,
    );
}

#[test]
fn too_heavy_a_position_is_refused_counting_what_is_held_and_working() {
    let mut world = World::limited(|limits| limits.market_reserve = Rate::from_small_units(1));
    world.account.cash = Money::whole(950_000);
    world.hold(AAPL, 500);
    let working = world.limit(AAPL, Side::Buy, 300, "100");
    world.sent(&working);
    // 50,000 held and 30,000 working: 20,000 are left of 100,000.
    let request = world.limit(AAPL, Side::Buy, 201, "100");
    refused(
        &world,
        &request,
        CheckId::PositionWeight,
        Measure::Rate(rate("0.1001")),
        Measure::Rate(rate("0.1")),
        Some(shares(200)),
    );
    world.done(working.id);
    allowed(&world, &request, CheckId::PositionWeight);
}

#[test]
fn a_position_that_outgrew_its_weight_may_still_be_reduced() {
    let mut world = World::new();
    world.hold(AAPL, 2_000);
    let request = world.sell(AAPL, 500);
    let found = record(&world.judge(&request).assessment, CheckId::PositionWeight);
    assert_eq!(found.verdict, Verdict::Warn);
    approved(&world, &request);
}

#[test]
fn using_more_than_the_allowed_share_of_equity_is_refused() {
    let mut world = World::wide(|limits| limits.utilisation = Rate::from_percent(10));
    // Half of the value is the requirement: 2,000 x 100 / 2 = 10 % of equity.
    let request = world.limit(AAPL, Side::Buy, 2_001, "100");
    refused(
        &world,
        &request,
        CheckId::Utilisation,
        Measure::Rate(rate("0.10005")),
        Measure::Rate(rate("0.1")),
        Some(shares(2_000)),
    );
}

#[test]
fn one_position_too_many_is_refused_counting_orders_that_open_one() {
    let mut world = World::limited(|limits| limits.positions = 2);
    world.hold(AAPL, 10);
    let working = world.limit(MSFT, Side::Buy, 10, "199");
    world.sent(&working);
    let request = world.buy(XOM, 10);
    refused(
        &world,
        &request,
        CheckId::MaxPositions,
        Measure::Count(3),
        Measure::Count(2),
        Some(Quantity::ZERO),
    );
    let more = world.buy(AAPL, 10);
    allowed(&world, &more, CheckId::MaxPositions);
}

#[test]
fn too_much_gross_leverage_is_refused() {
    let mut world = World::wide(|limits| limits.gross_leverage = Rate::from_percent(50));
    world.hold(MSFT, -1_000);
    world.account.cash = Money::whole(1_200_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 3_001, "100");
    refused(
        &world,
        &request,
        CheckId::GrossLeverage,
        Measure::Rate(rate("0.5001")),
        Measure::Rate(rate("0.5")),
        Some(shares(3_000)),
    );
}

#[test]
fn too_much_net_leverage_is_refused_either_way() {
    let mut world = World::wide(|limits| limits.net_leverage = Rate::from_percent(20));
    let limit = Measure::Rate(rate("0.2"));
    let measured = Measure::Rate(rate("0.2001"));
    let long = world.limit(AAPL, Side::Buy, 2_001, "100");
    refused(
        &world,
        &long,
        CheckId::NetLeverage,
        measured,
        limit,
        Some(shares(2_000)),
    );
    let short = world.limit(AAPL, Side::Sell, 2_001, "100");
    refused(
        &world,
        &short,
        CheckId::NetLeverage,
        measured,
        limit,
        Some(shares(2_000)),
    );
}

#[test]
fn too_heavy_a_sector_is_refused_across_its_instruments() {
    let mut world = World::wide(|limits| limits.sector_weight = Rate::from_percent(30));
    world.hold(MSFT, 1_000);
    world.account.cash = Money::whole(800_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 1_001, "100");
    refused(
        &world,
        &request,
        CheckId::SectorWeight,
        Measure::Rate(rate("0.3001")),
        Measure::Rate(rate("0.3")),
        Some(shares(1_000)),
    );
    let other_sector = world.limit(XOM, Side::Buy, 2_001, "50");
    allowed(&world, &other_sector, CheckId::SectorWeight);
}

#[test]
fn too_heavy_an_industry_is_refused_and_no_industry_is_one_too() {
    let mut world = World::wide(|limits| limits.industry_weight = Rate::from_percent(25));
    world.instrument(|found| found.industry = None, AAPL);
    world.instrument(|found| found.industry = None, XOM);
    world.hold(XOM, 4_000);
    world.account.cash = Money::whole(800_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 501, "100");
    refused(
        &world,
        &request,
        CheckId::IndustryWeight,
        Measure::Rate(rate("0.2501")),
        Measure::Rate(rate("0.25")),
        Some(shares(500)),
    );
}

#[test]
fn a_position_that_takes_too_long_to_leave_is_refused() {
    let mut world = World::wide(|limits| limits.liquidity_days = Some(Rate::whole(5)));
    world.mark_mut(SPARE).average_daily_volume = Some(Volume::from_whole(1_000).unwrap());
    world.hold(SPARE, 100);
    // A tenth of 1,000 a day: 500 shares in five days.
    let request = world.limit(SPARE, Side::Buy, 401, "10");
    refused(
        &world,
        &request,
        CheckId::Liquidity,
        Measure::Rate(rate("5.01")),
        Measure::Rate(rate("5")),
        Some(shares(400)),
    );
    world.mark_mut(SPARE).average_daily_volume = None;
    refused(
        &world,
        &request,
        CheckId::Liquidity,
        Measure::Absent,
        Measure::Rate(rate("5")),
        None,
    );
}

#[test]
fn one_working_order_too_many_in_an_instrument_is_refused() {
    let mut world = World::limited(|limits| limits.open_orders = 2);
    for at in ["99", "98"] {
        let order = world.limit(AAPL, Side::Buy, 10, at);
        world.sent(&order);
    }
    let request = world.limit(AAPL, Side::Buy, 10, "97");
    refused(
        &world,
        &request,
        CheckId::OpenOrders,
        Measure::Count(3),
        Measure::Count(2),
        None,
    );
    let elsewhere = world.limit(MSFT, Side::Buy, 10, "199");
    approved(&world, &elsewhere);
}

#[test]
fn a_basket_above_its_total_is_refused_however_small_its_orders() {
    let mut world = World::wide(|limits| limits.basket_notional = Money::whole(30_000));
    let first = world.limit(AAPL, Side::Buy, 150, "100");
    world.sent(&first);
    let second = world.limit(MSFT, Side::Buy, 50, "200");
    world.sent(&second);
    let third = world.limit(XOM, Side::Buy, 101, "50");
    refused(
        &world,
        &third,
        CheckId::BasketNotional,
        Measure::Money(money("30050")),
        Measure::Money(money("30000")),
        Some(shares(100)),
    );
}

#[test]
fn without_a_price_for_a_holding_nothing_that_rests_on_equity_passes_but_reductions() {
    let mut world = World::new();
    world.hold(MSFT, 10);
    world.hold(AAPL, 10);
    world.account.unpriced_positions = 1;
    let request = world.buy(AAPL, 1);
    let assessment = world.judge(&request).assessment;
    for check in [
        CheckId::BuyingPower,
        CheckId::PositionWeight,
        CheckId::Utilisation,
        CheckId::GrossLeverage,
        CheckId::NetLeverage,
        CheckId::SectorWeight,
        CheckId::IndustryWeight,
        CheckId::InitialMargin,
        CheckId::MaintenanceMargin,
        CheckId::MinimumEquity,
        CheckId::DailyLoss,
        CheckId::Drawdown,
    ] {
        let found = record(&assessment, check);
        assert_eq!(
            (found.verdict, found.measured),
            (Verdict::Reject, Measure::Absent),
            "{check:?}"
        );
    }
    let reduction = world.sell(AAPL, 10);
    approved(&world, &reduction);
}

#[test]
fn amounts_that_do_not_fit_are_refused_not_wrapped() {
    let mut world = World::wide(|_| {});
    let mut request = world.buy(AAPL, 1);
    request.quantity = Quantity::MAX;
    request.kind = OrderKind::Limit {
        price: price("9000000000"),
    };
    let assessment = world.judge(&request).assessment;
    assert_eq!(assessment.verdict(), Verdict::Reject);
    let found = record(&assessment, CheckId::PositionWeight);
    assert_eq!(found.verdict, Verdict::Reject);
}
