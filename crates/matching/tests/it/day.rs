//! Sessions, times in force, halts and bands.

use trader_domain::*;
use trader_matching::{Exchange, ExchangeConfig};

use crate::harness::*;

const NOTHING: [&str; 0] = [];

fn floor() -> Floor {
    Floor::new(ExchangeConfig::default())
}

fn scheduled() -> Floor {
    let exchange = Exchange::new(&equities(1), ExchangeConfig::default()).unwrap();
    Floor::with(exchange.with_schedule(Box::new(EveryDay)))
}

fn flat(minute: i64) -> Bar {
    bar(minute, ["100", "101", "99", "100"], 1_000)
}

fn with(request: OrderRequest, time_in_force: TimeInForce) -> OrderRequest {
    OrderRequest {
        time_in_force,
        ..request
    }
}

#[test]
fn a_day_order_placed_after_the_close_lives_through_the_next_day() {
    let mut floor = scheduled();
    floor.now = at(390);
    floor.place(buy(10, limit("90")));
    assert_eq!(said(&floor.time(at(390 + 1_440))), NOTHING);
    assert_eq!(said(&floor.bar(flat(1_440 + 390))), ["1 expired at 1830"]);
}

#[test]
fn regular_orders_sleep_outside_regular_hours_and_extended_ones_do_not() {
    let mut floor = scheduled();
    floor.now = at(-60);
    floor.place(buy(10, OrderKind::Market));
    floor.place(OrderRequest {
        session: Session::Extended,
        ..buy(10, limit("100"))
    });
    assert_eq!(said(&floor.bar(flat(-30))), ["2 filled 10 @ 100.00 at -30"]);
    assert_eq!(said(&floor.bar(flat(0))), ["1 filled 10 @ 100.00 at 0"]);
}

#[test]
fn auctions_are_the_bars_that_hold_the_bell() {
    let mut floor = scheduled();
    floor.now = at(-30);
    floor.place(with(buy(1, OrderKind::Market), TimeInForce::Opg));
    floor.place(with(buy(2, OrderKind::Market), TimeInForce::Cls));
    floor.place(with(buy(3, limit("99")), TimeInForce::Opg));
    assert_eq!(said(&floor.bar(flat(-10))), NOTHING);
    assert_eq!(
        said(&floor.bar(flat(0))),
        ["1 filled 1 @ 100.00 at 0", "3 expired at 1"]
    );
    assert_eq!(said(&floor.bar(flat(388))), NOTHING);
    let last = bar(389, ["100", "103", "100", "102"], 1_000);
    assert_eq!(said(&floor.bar(last)), ["2 filled 2 @ 102.00 at 390"]);
}

#[test]
fn auction_orders_can_come_too_late() {
    let mut floor = scheduled();
    floor.now = at(-2);
    let opg = with(buy(1, OrderKind::Market), TimeInForce::Opg);
    assert_eq!(floor.refused(opg.clone()), RejectReason::TooLate);
    floor.now = at(380);
    let cls = with(buy(1, OrderKind::Market), TimeInForce::Cls);
    assert_eq!(floor.refused(cls), RejectReason::TooLate);
    floor.now = at(390);
    floor.place(opg);
}

#[test]
fn immediate_orders_need_an_open_market() {
    let mut floor = scheduled();
    floor.now = at(-5);
    let ioc = with(buy(1, OrderKind::Market), TimeInForce::Ioc);
    assert_eq!(floor.refused(ioc.clone()), RejectReason::MarketClosed);
    floor.now = at(5);
    floor.place(ioc);
}

#[test]
fn without_a_calendar_a_day_order_ends_with_the_first_utc_day_it_saw() {
    let mut floor = floor();
    // Friday evening's order sees its first bar on Monday.
    floor.place(buy(10, limit("90")));
    assert_eq!(said(&floor.bar(flat(3 * 1_440))), NOTHING);
    assert_eq!(said(&floor.bar(flat(3 * 1_440 + 300))), NOTHING);
    let next_day = floor.bar(flat(4 * 1_440));
    assert_eq!(next_day.len(), 1, "{next_day:?}");
    assert_eq!(next_day[0].kind, ReportKind::Expired);
    assert_eq!(
        next_day[0].time.to_string(),
        "2024-06-07T00:00:00Z",
        "the midnight after Thursday"
    );
}

#[test]
fn nothing_trades_in_a_halt_and_orders_rest() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::Market));
    floor.place(with(buy(10, limit("100")), TimeInForce::Gtc));
    floor.event(status(0, StatusKind::Halted(HaltReason::News)));
    assert_eq!(said(&floor.bar(flat(0))), NOTHING);
    let ioc = with(buy(1, OrderKind::Market), TimeInForce::Ioc);
    assert_eq!(floor.refused(ioc), RejectReason::Halted);
    floor.event(status(5, StatusKind::Resumed));
    assert_eq!(
        said(&floor.bar(flat(5))),
        ["1 filled 10 @ 100.00 at 5", "2 filled 10 @ 100.00 at 5"]
    );
}

#[test]
fn nothing_trades_outside_the_luld_bands() {
    let mut floor = floor();
    floor.event(status(
        0,
        StatusKind::Bands(LuldBands {
            lower: price("95"),
            upper: price("105"),
        }),
    ));
    floor.place(buy(10, OrderKind::Market));
    let outside = bar(0, ["106", "107", "104", "104.50"], 1_000);
    assert_eq!(said(&floor.bar(outside)), NOTHING);
    let inside = bar(1, ["104.50", "107", "104", "105"], 1_000);
    assert_eq!(said(&floor.bar(inside)), ["1 filled 10 @ 104.50 at 1"]);
}

#[test]
fn a_cancellation_ends_an_order_once() {
    let mut floor = floor();
    let id = floor.place(buy(10, limit("90")));
    assert_eq!(said(&floor.cancel(id)), ["1 canceled Requested at 0"]);
    assert_eq!(
        said(&floor.cancel(id)),
        ["1 cancel rejected UnknownOrder at 0"]
    );
}

#[test]
fn a_replacement_keeps_what_filled_and_acts_on_later_bars_only() {
    let mut floor = Floor::new(ExchangeConfig {
        participation: Some(Rate::from_percent(1)),
        ..ExchangeConfig::default()
    });
    let id = floor.place(with(buy(100, limit("100")), TimeInForce::Gtc));
    assert_eq!(said(&floor.bar(flat(0))), ["1 filled 10 @ 100.00 at 0"]);
    let terms = |quantity, text| ReplaceRequest {
        order: id,
        quantity: shares(quantity),
        kind: limit(text),
        time_in_force: TimeInForce::Gtc,
    };
    assert_eq!(
        said(&floor.replace(terms(10, "100"))),
        ["1 replace rejected InvalidQuantity at 1"]
    );
    assert_eq!(
        said(&floor.replace(terms(15, "99.50"))),
        ["1 replaced 15 99.50 at 1"]
    );
    assert_eq!(said(&floor.bar(flat(1))), ["1 filled 5 @ 99.50 at 2"]);
    assert_eq!(
        said(&floor.replace(terms(15, "99.50"))),
        ["1 replace rejected UnknownOrder at 2"]
    );
}

#[test]
fn an_exit_that_comes_after_its_oco_group_is_over_is_cancelled() {
    let mut floor = floor();
    let leg = |kind| OrderRequest {
        oco: Some(OcoGroupId(9)),
        ..sell(10, kind)
    };
    floor.place(leg(limit("101")));
    floor.bar(flat(0));
    let (_, reports) = floor.submit(leg(stop("95")));
    assert_eq!(said(&reports), ["2 accepted at 1", "2 canceled Oco at 1"]);
}

#[test]
fn the_market_calendar_knows_half_days_and_holidays() {
    let exchange = Exchange::new(&equities(1), ExchangeConfig::default()).unwrap();
    let calendar = Box::new(MarketCalendar::us_equities());
    let mut floor = Floor::with(exchange.with_schedule(calendar));
    let instant = |text: &str| -> Timestamp { text.parse().unwrap() };
    // 3 July 2024 closes at 13:00 in New York, the 4th is a holiday.
    floor.now = instant("2024-07-03T16:59:59Z");
    floor.place(buy(1, limit("90")));
    floor.now = instant("2024-07-03T17:00:00Z");
    floor.place(buy(1, limit("90")));
    let reports = floor.time(instant("2024-07-08T00:00:00Z"));
    let ended: Vec<String> = reports
        .iter()
        .map(|report| format!("{} {}", report.order, report.time))
        .collect();
    assert_eq!(ended, ["1 2024-07-03T17:00:00Z", "2 2024-07-05T20:00:00Z"]);
}
