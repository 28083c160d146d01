//! Splits, dividends, mergers, renames and delistings, with the sums worked out by hand.

use trader_domain::*;
use trader_engine::{Alert, CashReason, ClosedBy};

use crate::brackets::filled_bracket;
use crate::world::*;

fn holding(count: i32, at: &str) -> World {
    let mut world = World::new();
    let side = if count > 0 { buy(count) } else { sell(-count) };
    let id = world.submit(side);
    world.fill(id, count.abs(), at);
    world.bar(A, at);
    world.wanted();
    world
}

fn split(to: u32, from: u32) -> CorporateActionKind {
    CorporateActionKind::Split {
        to,
        from,
        cash_in_lieu: None,
    }
}

#[test]
fn a_split_changes_shares_and_price_and_nothing_else() {
    let mut world = holding(100, "50");
    world.action(A, split(2, 1));
    let position = world.core.portfolio().position(A).unwrap();
    assert_eq!(position.quantity(), shares(200));
    assert_eq!(position.open_value(), money("5000"));
    assert_eq!(world.core.portfolio().mark_price(A), Some(price("25")));
    assert_eq!(world.equity(), money("1000000"));
    assert_eq!(
        world.core.portfolio().strategy_position(StrategyId(0), A),
        shares(200)
    );
    world.bar(A, "26");
    assert_eq!(world.equity(), money("1000200"));
}

#[test]
fn a_fraction_of_a_share_is_paid_out_where_fractions_are_not_held() {
    // 101 shares, 3 for 2: 151.5, of which 151 stay. They stand for 100 2/3 old shares; the third
    // that is left, at 60 for an old share, is 20.00.
    let mut world = holding(101, "60");
    let kind = CorporateActionKind::Split {
        to: 3,
        from: 2,
        cash_in_lieu: Some(price("60")),
    };
    world.action(A, kind);
    assert_eq!(world.position(), shares(151));
    assert_eq!(world.cash.len(), 1);
    assert_eq!(
        (world.cash[0].reason, world.cash[0].amount),
        (CashReason::CashInLieu, money("20.00"))
    );
    assert_eq!(world.cash_balance(), money("993960"));
    // 151 at 40 and 20 in cash: 6060, as before.
    assert_eq!(world.equity(), money("1000000"));
}

#[test]
fn a_cash_dividend_is_owed_from_the_ex_date_and_paid_when_payable() {
    let mut world = holding(100, "50");
    let kind = CorporateActionKind::CashDividend {
        amount: price("0.25"),
        payable: at("2024-06-05T12:00:00Z"),
    };
    world.action(A, kind);
    assert_eq!(world.cash_balance(), money("995000"));
    assert_eq!(world.equity(), money("1000025"));
    world.bar(A, "49.75");
    assert_eq!(world.equity(), money("1000000"), "the price has lost it");
    // Sold before it is paid: the entitlement stays.
    let id = world.submit(sell(100));
    world.fill(id, 100, "49.75");
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!(world.cash_balance(), money("999975"));
    world.clock("2024-06-05T13:30:00Z");
    assert_eq!(world.cash_balance(), money("1000000"));
    assert_eq!(world.equity(), money("1000000"));
    assert_eq!(world.core.portfolio().totals().dividends, money("25"));
    assert_eq!(world.cash.last().unwrap().amount, money("25"));
}

#[test]
fn a_short_owes_the_dividend() {
    let mut world = holding(-100, "50");
    let kind = CorporateActionKind::CashDividend {
        amount: price("0.25"),
        payable: at("2024-06-04T12:00:00Z"),
    };
    world.action(A, kind);
    assert_eq!(world.equity(), money("999975"));
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!(world.cash_balance(), money("1004975"));
    assert_eq!(world.core.portfolio().totals().dividends, money("-25"));
}

#[test]
fn a_merger_pays_cash_and_shares() {
    // 100 at 60. For each: half a share of B (at 80) and 10 in cash.
    let mut world = holding(100, "60");
    world.bar(B, "80");
    let kind = CorporateActionKind::Merger {
        into: Some(B),
        to: 1,
        from: 2,
        cash: price("10"),
    };
    world.action(A, kind);
    let portfolio = world.core.portfolio();
    assert_eq!(world.position(), Quantity::ZERO);
    let acquired = portfolio.position(B).unwrap();
    assert_eq!(acquired.quantity(), shares(50));
    assert_eq!(acquired.open_value(), money("5000"), "6000 less the cash");
    assert_eq!(
        portfolio.strategy_position(StrategyId(0), A),
        Quantity::ZERO
    );
    assert_eq!(portfolio.strategy_position(StrategyId(0), B), shares(50));
    // 994000 + 1000 in cash, 50 at 80.
    assert_eq!(world.cash_balance(), money("995000"));
    assert_eq!(world.equity(), money("999000"));
    assert_eq!(world.cash[0].reason, CashReason::Merger);
}

#[test]
fn a_merger_into_an_instrument_without_a_price_leaves_equity_at_cost_and_unpriced() {
    let mut world = holding(100, "60");
    let kind = CorporateActionKind::Merger {
        into: Some(B),
        to: 1,
        from: 1,
        cash: Price::ZERO,
    };
    world.action(A, kind);
    assert_eq!(world.core.portfolio().account().unpriced_positions, 1);
    world.bar(B, "61");
    assert_eq!(world.core.portfolio().account().unpriced_positions, 0);
    assert_eq!(world.equity(), money("1000100"));
}

#[test]
fn strategies_shares_add_up_to_the_account_s_after_a_merger_that_rounds() {
    let mut world = World::with(config(margin(1_000_000)), 3);
    for strategy in 0..3 {
        let id = world.submit_of(strategy, buy(1));
        world.fill(id, 1, "60");
    }
    let kind = CorporateActionKind::Merger {
        into: Some(B),
        to: 1,
        from: 3,
        cash: Price::ZERO,
    };
    world.action(A, kind);
    let portfolio = world.core.portfolio();
    let total = (0..3).fold(Quantity::ZERO, |sum, strategy| {
        sum.checked_add(portfolio.strategy_position(StrategyId(strategy), B))
            .unwrap()
    });
    assert_eq!(portfolio.position(B).unwrap().quantity(), total);
    assert_eq!(total, shares(1));
}

#[test]
fn a_merger_into_itself_is_a_break_that_halts() {
    let mut world = holding(100, "60");
    let kind = CorporateActionKind::Merger {
        into: Some(A),
        to: 1,
        from: 1,
        cash: Price::ZERO,
    };
    world.action(A, kind);
    assert_eq!(world.core.trading_state(), TradingState::Halted);
    assert_eq!(world.position(), shares(100));
}

#[test]
fn a_delisted_share_is_taken_off_the_books_at_its_last_value() {
    let mut world = holding(100, "60");
    let working = world.submit(buy(10));
    world.wanted();
    let kind = CorporateActionKind::Delisting {
        value: price("0.50"),
    };
    world.action(A, kind);
    assert_eq!(world.wanted(), [Wanted::Cancel(working)]);
    assert_eq!(world.position(), Quantity::ZERO);
    assert_eq!(world.cash_balance(), money("994050"));
    assert_eq!(world.equity(), money("994050"));
    assert_eq!(world.core.portfolio().totals().realised, money("-5950"));
    assert_eq!(world.cash[0].reason, CashReason::Delisting);
    let [trade] = world.closed[..] else {
        panic!("{:?}", world.closed)
    };
    assert_eq!(trade.closed_by, ClosedBy::Action(CashReason::Delisting));
    assert_eq!(
        (trade.quantity, trade.strategy),
        (shares(100), StrategyId(0))
    );
    assert_eq!(
        (trade.proceeds, trade.profit),
        (money("50"), money("-5950"))
    );
    assert_eq!(world.core.portfolio().totals().closed_lots, 1);
}

#[test]
fn a_worthless_share_is_lost_whole_and_a_short_in_it_keeps_its_proceeds() {
    for (count, equity) in [(100, "994000"), (-100, "1006000")] {
        let mut world = holding(count, "60");
        world.action(A, CorporateActionKind::Delisting { value: Price::ZERO });
        assert_eq!(world.equity(), money(equity));
    }
}

#[test]
fn a_new_symbol_keeps_the_instrument() {
    let mut world = holding(100, "60");
    let symbol = Symbol::new("META").unwrap();
    world.action(A, CorporateActionKind::SymbolChange { symbol });
    assert_eq!(world.core.instruments().find(&symbol), Some(A));
    assert_eq!(world.position(), shares(100));
    world.action(B, CorporateActionKind::SymbolChange { symbol });
    assert_eq!(world.alerts(), [Alert::SymbolTaken(B)]);
}

#[test]
fn exits_that_the_venue_removed_for_a_split_are_sent_again_at_new_prices_and_quantity() {
    let mut world = World::linking();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.cancelled(first, CancelCause::CorporateAction);
    world.cancelled(second, CancelCause::CorporateAction);
    assert_eq!(world.sent(), [], "prices of before mean nothing now");
    world.action(A, split(3, 1));
    let exits: Vec<_> = world.sent().iter().map(|o| (o.kind, o.quantity)).collect();
    // 90 / 3 = 30; 110 / 3 = 36.666..., a sale's limit rounds up to the cent.
    let stop = OrderKind::Stop {
        trigger: price("30"),
    };
    let target = OrderKind::Limit {
        price: price("36.67"),
    };
    assert_eq!(exits, [(stop, shares(300)), (target, shares(300))]);
    assert_eq!(world.alerts(), []);
}

#[test]
fn exits_that_the_venue_adjusted_for_a_split_are_left_alone() {
    let mut world = World::linking();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.advance(1);
    let adjusted = |order, kind| {
        ReportKind::Replaced(ReplaceRequest {
            order,
            quantity: shares(200),
            kind,
            time_in_force: TimeInForce::Gtc,
        })
    };
    let stop = OrderKind::Stop {
        trigger: price("45"),
    };
    let target = OrderKind::Limit { price: price("55") };
    world.report(first, adjusted(first, stop));
    world.report(second, adjusted(second, target));
    world.action(A, split(2, 1));
    assert_eq!(world.wanted(), []);
    assert_eq!(
        world.working(),
        [(first, shares(200)), (second, shares(200))]
    );
}

#[test]
fn an_entry_that_works_through_a_split_gets_exits_at_new_prices() {
    let mut world = World::new();
    let entry = world.submit(bracketed(100));
    world.action(A, split(2, 1));
    world.wanted();
    world.fill(entry, 100, "50");
    let exits: Vec<_> = world.sent().iter().map(|o| o.kind).collect();
    let stop = OrderKind::Stop {
        trigger: price("45"),
    };
    assert_eq!(exits, [stop, OrderKind::Limit { price: price("55") }]);
}

#[test]
fn exits_end_with_a_delisting() {
    let mut world = World::new();
    let [_, first, second] = filled_bracket(&mut world, 100);
    world.cancelled(first, CancelCause::Delisted);
    world.cancelled(second, CancelCause::Delisted);
    world.action(A, CorporateActionKind::Delisting { value: Price::ZERO });
    world.advance(10);
    world.clock("2024-06-04T13:30:00Z");
    assert_eq!((world.sent(), world.working()), (vec![], vec![]));
}
