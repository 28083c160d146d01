//! Regulation T and FINRA 4210, worked examples: what the ledger's figures must be, and what the
//! real gate makes of them.
//!
//! 12 CFR 220.12(a): margin equity securities need 50 % of their current market value. 220.12(c)(1):
//! short sales need 150 % of the market value, of which the proceeds are 100. FINRA 4210(c)(1): 25 %
//! of the market value of long stock must be maintained; (c)(3): 30 % of short stock at 5.00 or more.

use trader_domain::*;
use trader_engine::Alert;
use trader_risk::{Gate, GateConfig};

use crate::puppet::{Ask, Puppet};
use crate::world::*;

fn account(cash: i64) -> World {
    let gate = Gate::new(GateConfig::research(), 3).unwrap();
    let mut world = World::judged(config(margin(cash)), vec![Puppet::new()], Box::new(gate));
    world.bar(A, "100");
    world
}

fn limit(side: Side, count: i32) -> OrderIntent {
    OrderIntent::limit(A, side, shares(count), price("100"))
}

fn passes(world: &mut World, intent: OrderIntent) -> bool {
    world.ask(Ask::Submit(intent));
    !world.sent().is_empty()
}

fn margin_call(world: &mut World) -> Option<Money> {
    world.alerts();
    world.now = world.now.saturating_add(NANOS_PER_DAY);
    world.event(Event::Clock);
    world.alerts().into_iter().find_map(|alert| match alert {
        Alert::MarginCall { deficit } => Some(deficit),
        _ => None,
    })
}

#[test]
fn ten_thousand_buys_stock_worth_twenty_thousand_and_not_a_share_more() {
    assert!(!passes(&mut account(10_000), limit(Side::Buy, 201)));
    assert!(passes(&mut account(10_000), limit(Side::Buy, 200)));
}

#[test]
fn ten_thousand_carries_a_short_sale_of_twenty_thousand_and_not_a_share_more() {
    assert!(!passes(&mut account(10_000), limit(Side::Sell, 201)));
    assert!(passes(&mut account(10_000), limit(Side::Sell, 200)));
}

#[test]
fn a_long_margined_by_half_is_called_below_a_third_off() {
    // 200 at 100 with 10,000 of one's own. At 66.67 equity is 3,334, and 25 % of 13,334 is 3,333.50;
    // at 66.66 equity is 3,332, and 25 % of 13,332 is 3,333.
    let mut world = account(10_000);
    assert!(passes(&mut world, limit(Side::Buy, 200)));
    world.fill(OrderId(1), 200, "100");
    assert_eq!(world.cash_balance(), money("-10000"));
    world.bar(A, "66.67");
    assert_eq!(world.equity(), money("3334"));
    assert_eq!(margin_call(&mut world), None);
    world.bar(A, "66.66");
    assert_eq!(margin_call(&mut world), Some(money("1")));
    world.bar(A, "60");
    // Equity 2,000 against 25 % of 12,000.
    assert_eq!(margin_call(&mut world), Some(money("1000")));
}

#[test]
fn a_short_margined_by_half_is_called_when_equity_is_below_thirty_percent() {
    // 100 short at 100 with 5,000: cash 15,000. At 115 equity is 3,500 against 3,450; at 116 it is
    // 3,400 against 3,480.
    let mut world = account(5_000);
    assert!(passes(&mut world, limit(Side::Sell, 100)));
    world.fill(OrderId(1), 100, "100");
    assert_eq!(world.cash_balance(), money("15000"));
    let account = *world.core.portfolio().account();
    assert_eq!(
        (account.short_value, account.long_value, account.equity),
        (money("10000"), Money::ZERO, money("5000"))
    );
    world.bar(A, "115");
    assert_eq!(margin_call(&mut world), None);
    world.bar(A, "116");
    assert_eq!(margin_call(&mut world), Some(money("80")));
}

#[test]
fn a_cash_account_is_never_called_and_buys_only_with_what_it_has() {
    let gate = Gate::new(GateConfig::research(), 3).unwrap();
    let account = trader_engine::AccountConfig::cash(Money::whole(10_000));
    let mut world = World::judged(config(account), vec![Puppet::new()], Box::new(gate));
    world.bar(A, "100");
    assert!(!passes(&mut world, limit(Side::Buy, 101)));
    assert!(!passes(&mut world, limit(Side::Sell, 1)), "no short sales");
    assert!(passes(&mut world, limit(Side::Buy, 100)));
    world.fill(OrderId(3), 100, "100");
    world.bar(A, "1");
    assert_eq!(margin_call(&mut world), None);
}
