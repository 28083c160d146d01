//! C003 and the mark itself.

use crate::desk::{AAPL, Desk, record, shares};
use trader_broker::{CheckId, GateEvent, Measure, Verdict};
use trader_domain::{OcoGroupId, OrderRequest, ReplaceRequest, ShortExemption, ShortMark, Side};

fn mark(desk: &Desk, request: &OrderRequest) -> Option<ShortMark> {
    desk.judge(request).outcome.unwrap().request().short_mark
}

#[test]
fn a_sale_is_long_only_as_far_as_it_is_owned_and_not_for_sale_already() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let buy = desk.order(AAPL, Side::Buy, 10);
    assert_eq!(mark(&desk, &buy), None);
    let all = desk.limit(AAPL, Side::Sell, 100, "110");
    assert_eq!(mark(&desk, &all), Some(ShortMark::Long));
    let more = desk.limit(AAPL, Side::Sell, 101, "110");
    assert_eq!(mark(&desk, &more), Some(ShortMark::Short));
    desk.sent(&all);
    let one = desk.limit(AAPL, Side::Sell, 1, "110");
    assert_eq!(mark(&desk, &one), Some(ShortMark::Short));
    // Half of it sold: the rest is still spoken for.
    desk.hold(AAPL, 50);
    desk.tell(GateEvent::Filled {
        order: all.id,
        instrument: AAPL,
        side: Side::Sell,
        quantity: shares(50),
        price: crate::desk::price("110"),
        now: desk.now,
    });
    assert_eq!(mark(&desk, &one), Some(ShortMark::Short));
    desk.done(&all);
    assert_eq!(mark(&desk, &one), Some(ShortMark::Long));
}

#[test]
fn an_exempt_short_sale_says_so() {
    let mut desk = Desk::new();
    let request = OrderRequest {
        short_exempt: ShortExemption::Claimed,
        ..desk.order(AAPL, Side::Sell, 10)
    };
    assert_eq!(mark(&desk, &request), Some(ShortMark::ShortExempt));
}

#[test]
fn of_two_linked_exits_only_one_is_counted() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 150);
    let exit = |desk: &mut Desk, at: &str| OrderRequest {
        oco: Some(OcoGroupId(1)),
        ..desk.limit(AAPL, Side::Sell, 100, at)
    };
    let first = exit(&mut desk, "110");
    desk.sent(&first);
    let second = exit(&mut desk, "111");
    assert_eq!(mark(&desk, &second), Some(ShortMark::Long));
    desk.sent(&second);
    let rest = desk.limit(AAPL, Side::Sell, 50, "112");
    assert_eq!(mark(&desk, &rest), Some(ShortMark::Long));
    let too_much = desk.limit(AAPL, Side::Sell, 51, "112");
    assert_eq!(mark(&desk, &too_much), Some(ShortMark::Short));
}

#[test]
fn a_long_sale_that_would_grow_beyond_what_is_owned_is_refused() {
    let mut desk = Desk::new();
    desk.hold(AAPL, 100);
    let plain = desk.limit(AAPL, Side::Sell, 60, "110");
    let decision = desk.judge(&plain);
    let working = decision.outcome.unwrap().into_request();
    desk.sent(&plain);
    let terms = ReplaceRequest {
        order: working.id,
        quantity: shares(120),
        kind: working.kind,
        time_in_force: working.time_in_force,
    };
    let found = record(&desk.replace(&working, terms), CheckId::ShortMarking);
    assert_eq!(found.verdict, Verdict::Reject);
    assert_eq!(found.measured, Measure::Quantity(shares(120)));
    assert_eq!(found.limit, Measure::Quantity(shares(100)));
    assert_eq!(found.largest, Some(shares(100)));
}
