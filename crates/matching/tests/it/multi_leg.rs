//! Orders of several legs.

use trader_domain::*;
use trader_matching::{Exchange, ExchangeConfig};

use crate::harness::*;

const NOTHING: [&str; 0] = [];
const LONG: InstrumentId = InstrumentId(0);
const SHORT: InstrumentId = InstrumentId(1);

/// Two calls of one underlying.
fn floor() -> Floor {
    let mut instruments = Instruments::new();
    for strike in ["100", "105"] {
        let contract = OptionContract {
            underlying: Symbol::new("AAA").unwrap(),
            expiry: "2024-12-20".parse().unwrap(),
            strike: price(strike),
            right: OptionRight::Call,
            style: ExerciseStyle::American,
        };
        instruments
            .add(Instrument {
                class: AssetClass::Option(contract),
                multiplier: 100,
                tick: TickRule::OptionPennyNickel,
                ..Instrument::equity(contract.occ_symbol().unwrap())
            })
            .unwrap();
    }
    Floor::with(Exchange::new(&instruments, ExchangeConfig::default()).unwrap())
}

/// Buy the lower, sell the higher strike.
fn spread(side: Side, quantity: i32, kind: OrderKind) -> OrderRequest {
    let leg = |instrument, side| Leg {
        instrument,
        side,
        ratio: 1,
    };
    OrderRequest {
        legs: [leg(LONG, Side::Buy), leg(SHORT, Side::Sell)]
            .into_iter()
            .collect(),
        ..order(side, quantity, kind)
    }
}

fn quoted(instrument: InstrumentId, seconds: i64, bid: &str, ask: &str) -> MarketEvent {
    MarketEvent::Quote(Quote {
        instrument,
        ..quote(seconds, (bid, 10), (ask, 10))
    })
}

fn legs(reports: &[BrokerReport]) -> Vec<(u8, String, String)> {
    reports
        .iter()
        .map(|report| match report.kind {
            ReportKind::Filled(fill) => {
                (fill.leg, fill.quantity.to_string(), fill.price.to_string())
            }
            _ => panic!("{report:?}"),
        })
        .collect()
}

#[test]
fn all_legs_trade_together_once_all_have_a_quote() {
    let mut floor = floor();
    floor.place(spread(Side::Buy, 5, OrderKind::Market));
    assert_eq!(said(&floor.event(quoted(LONG, 1, "3.00", "3.10"))), NOTHING);
    let reports = floor.event(quoted(SHORT, 2, "1.00", "1.10"));
    let expected = [
        (0, "5".into(), "3.10".into()),
        (1, "5".into(), "1.00".into()),
    ];
    assert_eq!(legs(&reports), expected);
    assert_eq!(floor.exchange.working_orders(), 0);
}

#[test]
fn the_limit_is_the_net_price_of_one_unit() {
    let mut floor = floor();
    floor.place(spread(Side::Buy, 5, limit("2")));
    // The seller of the same spread receives at least 2.
    floor.place(spread(Side::Sell, 5, limit("2")));
    floor.event(quoted(LONG, 1, "3.00", "3.10"));
    assert_eq!(
        said(&floor.event(quoted(SHORT, 2, "1.05", "1.10"))),
        NOTHING
    );
    let reports = floor.event(quoted(SHORT, 3, "0.90", "1.00"));
    let expected = [
        (0, "5".into(), "3.00".into()),
        (1, "5".into(), "1.00".into()),
    ];
    assert_eq!(legs(&reports), expected);
    let reports = floor.event(quoted(SHORT, 4, "1.10", "1.20"));
    let expected = [
        (0, "5".into(), "3.10".into()),
        (1, "5".into(), "1.10".into()),
    ];
    assert_eq!(legs(&reports), expected);
}

#[test]
fn a_leg_without_enough_size_holds_back_all() {
    let mut floor = floor();
    floor.place(spread(Side::Buy, 11, OrderKind::Market));
    floor.event(quoted(LONG, 1, "3.00", "3.10"));
    assert_eq!(
        said(&floor.event(quoted(SHORT, 2, "1.00", "1.10"))),
        NOTHING
    );
}

#[test]
fn legs_trade_at_the_opens_of_bars_that_begin_together() {
    let mut floor = floor();
    floor.place(spread(Side::Buy, 1, OrderKind::Market));
    let of = |instrument, minute, open| Bar {
        instrument,
        ..bar(minute, [open; 4], 100)
    };
    assert_eq!(said(&floor.bar(of(LONG, 0, "3"))), NOTHING);
    assert_eq!(said(&floor.bar(of(LONG, 1, "3.20"))), NOTHING);
    let reports = floor.bar(of(SHORT, 1, "1"));
    let expected = [
        (0, "1".into(), "3.20".into()),
        (1, "1".into(), "1.00".into()),
    ];
    assert_eq!(legs(&reports), expected);
}

#[test]
fn other_types_are_refused_and_a_cancellation_works() {
    let mut floor = floor();
    assert_eq!(
        floor.refused(spread(Side::Buy, 1, stop("3"))),
        RejectReason::Unsupported
    );
    let id = floor.place(spread(Side::Buy, 1, limit("-0.50")));
    assert_eq!(said(&floor.cancel(id)), ["2 canceled Requested at 0"]);
}
