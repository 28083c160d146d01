//! R030 to R034, with the worked figures of Regulation T and FINRA 4210.

use crate::world::{
    AAPL, MSFT, PENNY, World, allowed, approved, money, price, record, refused, shares,
};
use trader_broker::{AccountKind, CheckId, Measure, Verdict};
use trader_domain::{Money, Quantity, Rate, Side};

fn cash_account(cash: i64) -> World {
    let mut world = World::wide(|limits| limits.buying_power_buffer = Rate::from_percent(5));
    world.account.kind = AccountKind::Cash;
    world.account.cash = Money::whole(cash);
    world.account.settled_cash = Money::whole(cash);
    world.revalue();
    world.account.day_start_equity = world.account.equity;
    world.account.peak_equity = world.account.equity;
    world
}

#[test]
fn cash_less_the_buffer_must_cover_all_purchases_at_their_worst_price() {
    let mut world = cash_account(10_000);
    let working = world.limit(MSFT, Side::Buy, 20, "200");
    world.sent(&working);
    // 4,000 are spoken for, 500 are the buffer: 5,500 buy 52 at 105 each.
    let request = world.buy(AAPL, 53);
    refused(
        &world,
        &request,
        CheckId::BuyingPower,
        Measure::Money(money("9565")),
        Measure::Money(money("9500")),
        Some(shares(52)),
    );
}

#[test]
fn unsettled_proceeds_buy_nothing_in_a_cash_account() {
    let mut world = cash_account(10_000);
    world.account.settled_cash = Money::whole(3_000);
    let request = world.limit(AAPL, Side::Buy, 31, "100");
    refused(
        &world,
        &request,
        CheckId::SettledCash,
        Measure::Money(money("3100")),
        Measure::Money(money("3000")),
        Some(shares(30)),
    );
}

#[test]
fn regulation_t_lends_half() {
    // 12 CFR 220.12(a): 50 % of current market value.
    let mut world = World::wide(|_| {});
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 201, "100");
    refused(
        &world,
        &request,
        CheckId::InitialMargin,
        Measure::Money(money("10050")),
        Measure::Money(money("10000")),
        Some(shares(200)),
    );
    // Nothing is lent on what is not marginable.
    world.instrument(|found| found.marginable = false, AAPL);
    let in_full = world.limit(AAPL, Side::Buy, 101, "100");
    refused(
        &world,
        &in_full,
        CheckId::InitialMargin,
        Measure::Money(money("10100")),
        Measure::Money(money("10000")),
        Some(shares(100)),
    );
}

#[test]
fn a_short_sale_needs_half_its_value_beyond_the_proceeds() {
    let mut world = World::wide(|_| {});
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Sell, 201, "100");
    refused(
        &world,
        &request,
        CheckId::InitialMargin,
        Measure::Money(money("10050")),
        Measure::Money(money("10000")),
        Some(shares(200)),
    );
}

#[test]
fn low_priced_shorts_need_two_and_a_half_dollars_a_share() {
    // FINRA 4210(c)(2): below $5 the greater of $2.50 a share and 100 %. At $2: $2.50.
    let mut world = World::wide(|_| {});
    world.account.cash = Money::whole(10_000);
    world.revalue();
    let request = world.limit(PENNY, Side::Sell, 4_001, "2");
    refused(
        &world,
        &request,
        CheckId::MaintenanceMargin,
        Measure::Money(money("10002.5")),
        Measure::Money(money("10000")),
        Some(shares(4_000)),
    );
    // At $4 it is the whole value.
    world.set_price(PENNY, "4");
    let request = world.limit(PENNY, Side::Sell, 2_501, "4");
    refused(
        &world,
        &request,
        CheckId::MaintenanceMargin,
        Measure::Money(money("10004")),
        Measure::Money(money("10000")),
        Some(shares(2_500)),
    );
    // FINRA 4210(c)(3): at $10 the greater of $5 a share and 30 %: $5.
    world.set_price(PENNY, "10");
    let request = world.limit(PENNY, Side::Sell, 2_001, "10");
    refused(
        &world,
        &request,
        CheckId::MaintenanceMargin,
        Measure::Money(money("10005")),
        Measure::Money(money("10000")),
        Some(shares(2_000)),
    );
}

#[test]
fn maintenance_is_a_quarter_of_what_is_held_long() {
    let mut world = World::wide(|_| {});
    // 400 MSFT at 200 are 80,000; equity 20,000 is exactly the maintenance margin.
    world.hold(MSFT, 400);
    world.account.cash = Money::whole(-60_000);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 1, "100");
    refused(
        &world,
        &request,
        CheckId::MaintenanceMargin,
        Measure::Money(money("20025")),
        Measure::Money(money("20000")),
        Some(Quantity::ZERO),
    );
    let reduction = world.limit(MSFT, Side::Sell, 10, "200");
    allowed(&world, &reduction, CheckId::MaintenanceMargin);
}

#[test]
fn below_two_thousand_dollars_only_cash_buys() {
    let mut world = World::wide(|_| {});
    world.account.cash = Money::whole(1_500);
    world.revalue();
    let request = world.limit(AAPL, Side::Buy, 16, "100");
    refused(
        &world,
        &request,
        CheckId::MinimumEquity,
        Measure::Money(money("1500")),
        Measure::Money(money("2000")),
        Some(shares(15)),
    );
    let paid = world.limit(AAPL, Side::Buy, 15, "100");
    allowed(&world, &paid, CheckId::MinimumEquity);
    let short = world.limit(AAPL, Side::Sell, 1, "100");
    let found = record(&world.judge(&short).assessment, CheckId::MinimumEquity);
    assert_eq!(found.verdict, Verdict::Reject);
}

#[test]
fn what_two_orders_may_cost_together_never_exceeds_what_there_is() {
    let mut world = cash_account(10_000);
    let first = world.limit(AAPL, Side::Buy, 60, "100");
    world.sent(&first);
    let second = world.limit(AAPL, Side::Buy, 36, "100");
    assert!(world.send(&second).outcome.is_err());
    world.fill(&first, shares(60), price("100"));
    world.done(first.id);
    // The reservation became a position: the same 3,500 are left.
    let third = world.limit(AAPL, Side::Buy, 35, "100");
    approved(&world, &third);
}
