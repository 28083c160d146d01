//! Settlement, interest and borrow fees, worked out by hand.

use trader_domain::*;
use trader_engine::{AccountConfig, CashReason, Financing};

use crate::world::*;

fn settled(world: &World) -> Money {
    world.core.portfolio().account().settled_cash
}

fn financed(account: AccountConfig) -> World {
    let financing = Financing {
        margin_interest: Rate::from_percent(8),
        borrow_fee: Rate::from_percent(36),
    };
    World::with(
        config(AccountConfig {
            financing,
            ..account
        }),
        1,
    )
}

#[test]
fn proceeds_of_a_sale_in_a_cash_account_settle_the_day_after() {
    let mut world = World::with(config(AccountConfig::cash(Money::whole(10_000))), 1);
    let id = world.submit(buy(100));
    world.fill(id, 100, "60");
    assert_eq!(
        settled(&world),
        money("4000"),
        "a purchase takes settled cash"
    );
    let id = world.submit(sell(100));
    world.fill(id, 100, "61");
    assert_eq!(world.cash_balance(), money("10100"));
    assert_eq!(settled(&world), money("4000"));
    world.clock("2024-06-03T21:00:00Z");
    assert_eq!(settled(&world), money("4000"));
    world.clock("2024-06-04T08:00:00Z");
    assert_eq!(settled(&world), money("10100"));
}

#[test]
fn before_the_28th_of_may_2024_it_took_two_trading_days() {
    // Friday the 24th; Monday is Memorial Day, so Tuesday is the first day and Wednesday the second.
    let mut world = World::with_start(
        config(AccountConfig::cash(Money::whole(10_000))),
        "2024-05-24T14:00:00Z",
    );
    let id = world.submit(buy(100));
    world.fill(id, 100, "60");
    let id = world.submit(sell(100));
    world.fill(id, 100, "60");
    world.clock("2024-05-28T14:00:00Z");
    assert_eq!(settled(&world), money("4000"));
    world.clock("2024-05-29T14:00:00Z");
    assert_eq!(settled(&world), money("10000"));
}

#[test]
fn in_a_margin_account_proceeds_can_be_used_at_once() {
    let mut world = World::with(config(margin(10_000)), 1);
    let id = world.submit(buy(100));
    world.fill(id, 100, "60");
    let id = world.submit(sell(100));
    world.fill(id, 100, "61");
    assert_eq!(settled(&world), money("10100"));
}

#[test]
fn a_debit_balance_costs_interest_for_every_night_of_a_year_of_360_days() {
    // 200 at 100 with 10,000: a debit of 10,000. 8 % of it is 800 a year, 2.2222 a night.
    let mut world = financed(margin(10_000));
    let id = world.submit(buy(200));
    world.fill(id, 200, "100");
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!(world.cash_balance(), money("-10002.22"));
    world.clock("2024-06-07T13:30:00Z");
    // Three nights on 10002.22: 6.6681 -> 6.67.
    assert_eq!(world.cash_balance(), money("-10008.89"));
    world.clock("2024-06-10T13:30:00Z");
    // Three nights on 10008.89: 6.6725 -> 6.67.
    assert_eq!(world.cash_balance(), money("-10015.56"));
    assert_eq!(world.core.portfolio().totals().interest, money("15.56"));
    assert!(
        world
            .cash
            .iter()
            .all(|record| record.reason == CashReason::MarginInterest)
    );
}

#[test]
fn borrowed_shares_cost_a_fee_on_their_market_value_and_no_interest() {
    // 100 short at 50: 36 % of 5,000 is 1,800 a year, 5.00 a night. The proceeds are no debit.
    let mut world = financed(margin(10_000));
    let id = world.submit(sell(100));
    world.fill(id, 100, "50");
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!(world.cash_balance(), money("14995"));
    world.bar(A, "60");
    world.clock("2024-06-05T13:30:00Z");
    assert_eq!(world.cash_balance(), money("14989"), "6.00 on 6,000");
    assert_eq!(world.core.portfolio().totals().borrow_fees, money("11"));
    assert_eq!(world.core.portfolio().totals().interest, Money::ZERO);
}

#[test]
fn equity_is_cash_and_positions_and_what_the_costs_have_left() {
    let mut world = World::with(config(margin(100_000)), 1);
    let id = world.submit(buy(100));
    world.fill_with(id, 100, "50", ("1.00", "0.00"));
    world.bar(A, "52");
    assert_eq!(world.equity(), money("100199"));
    let id = world.submit(sell(100));
    world.fill_with(id, 100, "53", ("1.00", "0.17"));
    assert_eq!(world.equity(), money("100297.83"));
    let totals = *world.core.portfolio().totals();
    assert_eq!(totals.realised, money("297.83"));
    assert_eq!(
        (totals.commission, totals.fees),
        (money("2"), money("0.17"))
    );
    assert_eq!(totals.turnover, money("10300"));
    assert_eq!(world.closed.len(), 1);
    assert_eq!(world.closed[0].profit, money("297.83"));
    assert_eq!(world.closed[0].costs, money("2.17"));
}
