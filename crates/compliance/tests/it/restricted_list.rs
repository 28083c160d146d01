//! C001.

use crate::desk::{AAPL, Desk, MSFT, NOW, approved, refused};
use trader_broker::{CheckId, GateEvent, Measure};
use trader_compliance::{Restriction, RestrictionError, RestrictionScope};
use trader_domain::{InstrumentId, OperatorCommand, Side, Timestamp};

fn entry(instrument: InstrumentId, scope: RestrictionScope) -> Restriction {
    Restriction {
        instrument,
        scope,
        from: NOW,
        until: NOW.saturating_add(1_000),
        reason: "adviser to the issuer".to_owned(),
    }
}

const ONE: Measure = Measure::Count(1);
const NONE: Measure = Measure::Count(0);

#[test]
fn a_restricted_instrument_is_refused_from_its_first_to_its_last_instant() {
    let mut desk = Desk::new();
    desk.policy
        .restrict(entry(AAPL, RestrictionScope::All))
        .unwrap();
    let request = desk.order(AAPL, Side::Buy, 10);
    refused(&desk, &request, CheckId::RestrictedList, ONE, NONE);
    let elsewhere = desk.order(MSFT, Side::Buy, 10);
    approved(&desk, &elsewhere);
    desk.now = NOW.saturating_add(-1);
    approved(&desk, &request);
    desk.now = NOW.saturating_add(1_000);
    approved(&desk, &request);
}

#[test]
fn a_restriction_concerns_the_side_it_names() {
    for (scope, buys, long_sales, short_sales) in [
        (RestrictionScope::Buys, true, false, false),
        (RestrictionScope::Sells, false, true, true),
        (RestrictionScope::ShortSales, false, false, true),
    ] {
        let mut desk = Desk::new();
        desk.policy.restrict(entry(AAPL, scope)).unwrap();
        desk.hold(AAPL, 10);
        let buy = desk.order(AAPL, Side::Buy, 10);
        let long_sale = desk.order(AAPL, Side::Sell, 10);
        let short_sale = desk.order(AAPL, Side::Sell, 11);
        for (request, forbidden) in [
            (buy, buys),
            (long_sale, long_sales),
            (short_sale, short_sales),
        ] {
            assert_eq!(
                desk.judge(&request).outcome.is_err(),
                forbidden,
                "{scope:?}"
            );
        }
    }
}

#[test]
fn an_operator_restricts_and_lifts_only_what_operators_restricted() {
    let mut desk = Desk::new();
    desk.policy
        .restrict(entry(MSFT, RestrictionScope::All))
        .unwrap();
    for instrument in [AAPL, MSFT] {
        desk.tell(GateEvent::Command(OperatorCommand::Restrict(instrument)));
    }
    let aapl = desk.order(AAPL, Side::Buy, 10);
    let msft = desk.order(MSFT, Side::Buy, 10);
    refused(&desk, &aapl, CheckId::RestrictedList, ONE, NONE);
    refused(
        &desk,
        &msft,
        CheckId::RestrictedList,
        Measure::Count(2),
        NONE,
    );
    for instrument in [AAPL, MSFT] {
        desk.tell(GateEvent::Command(OperatorCommand::Unrestrict(instrument)));
    }
    approved(&desk, &aapl);
    refused(&desk, &msft, CheckId::RestrictedList, ONE, NONE);
    // The record stays.
    assert_eq!(desk.policy.restrictions().len(), 3);
}

#[test]
fn an_entry_needs_a_reason_and_a_span() {
    let mut desk = Desk::new();
    let mute = Restriction {
        reason: " ".to_owned(),
        ..entry(AAPL, RestrictionScope::All)
    };
    assert_eq!(desk.policy.restrict(mute), Err(RestrictionError::NoReason));
    let over = Restriction {
        until: Timestamp::MIN,
        ..entry(AAPL, RestrictionScope::All)
    };
    assert_eq!(
        desk.policy.restrict(over),
        Err(RestrictionError::EndsBeforeStart)
    );
}
