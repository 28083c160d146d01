//! C002.

use crate::desk::{AAPL, Desk, MSFT, approved, price, record, refused, shares};
use trader_broker::{CheckId, GateEvent, Measure, Verdict};
use trader_compliance::{AccountFamilies, ComplianceConfig};
use trader_domain::{AccountId, OrderKind, OrderRequest, ReplaceRequest, Side};

#[test]
fn an_order_that_would_trade_against_our_own_is_refused() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let offer = desk.limit(AAPL, Side::Sell, 100, "100.05");
    desk.sent(&offer);
    let bid = desk.limit(AAPL, Side::Buy, 10, "100.05");
    refused(
        &desk,
        &bid,
        CheckId::SelfTrade,
        Measure::Price(price("100.05")),
        Measure::Price(price("100.05")),
    );
    let market = desk.order(AAPL, Side::Buy, 10);
    refused(
        &desk,
        &market,
        CheckId::SelfTrade,
        Measure::Absent,
        Measure::Price(price("100.05")),
    );
    let below = desk.limit(AAPL, Side::Buy, 10, "100.04");
    approved(&desk, &below);
    let elsewhere = desk.limit(MSFT, Side::Buy, 10, "100.05");
    approved(&desk, &elsewhere);
    desk.done(&offer);
    approved(&desk, &bid);
}

#[test]
fn accounts_of_another_owner_may_trade_with_each_other() {
    let mut desk = Desk::with(ComplianceConfig {
        families: AccountFamilies::new(vec![1, 2, 1]),
        ..ComplianceConfig::default()
    });
    desk.hold(AAPL, 100);
    let offer = desk.limit(AAPL, Side::Sell, 100, "100");
    desk.sent(&offer);
    let stranger = OrderRequest {
        account: AccountId(1),
        ..desk.limit(AAPL, Side::Buy, 10, "100")
    };
    approved(&desk, &stranger);
    let relative = OrderRequest {
        account: AccountId(2),
        ..stranger
    };
    assert!(desk.judge(&relative).outcome.is_err());
}

#[test]
fn exits_of_a_bracket_do_not_forbid_adding_to_the_position() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let stop = OrderRequest {
        kind: OrderKind::Stop {
            trigger: price("90"),
        },
        ..desk.order(AAPL, Side::Sell, 100)
    };
    let target = desk.limit(AAPL, Side::Sell, 100, "115");
    desk.sent(&stop);
    desk.sent(&target);
    let more = desk.order(AAPL, Side::Buy, 10);
    approved(&desk, &more);
}

#[test]
fn new_terms_count_beside_the_old_ones_until_they_are_settled() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let offer = desk.limit(AAPL, Side::Sell, 100, "102");
    let offer = desk.sent(&offer);
    let terms = ReplaceRequest {
        order: offer.id,
        quantity: shares(100),
        kind: OrderKind::Limit {
            price: price("101"),
        },
        time_in_force: offer.time_in_force,
    };
    assert_eq!(desk.replace(&offer, terms).verdict(), Verdict::Pass);
    let bid = desk.limit(AAPL, Side::Buy, 10, "101");
    assert!(desk.judge(&bid).outcome.is_err());
    desk.tell(GateEvent::ReplacementSettled {
        order: offer.id,
        quantity: shares(100),
        limit: Some(price("102")),
    });
    approved(&desk, &bid);
    // And a replacement that would cross is refused itself.
    desk.sent(&bid);
    let assessment = desk.replace(&offer, terms);
    assert_eq!(
        record(&assessment, CheckId::SelfTrade).verdict,
        Verdict::Reject
    );
}

#[test]
fn without_a_price_two_opposite_orders_are_taken_to_meet() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let offer = desk.limit(AAPL, Side::Sell, 100, "150");
    desk.sent(&offer);
    let mark = &mut desk.marks[AAPL.index()];
    (mark.last, mark.bid, mark.ask) = (None, None, None);
    let bid = desk.limit(AAPL, Side::Buy, 10, "1");
    assert!(desk.judge(&bid).outcome.is_err());
}
