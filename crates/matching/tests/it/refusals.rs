//! Every refusal says why.

use trader_domain::*;
use trader_matching::{
    ConfigError, CustomFees, Delays, Exchange, ExchangeConfig, FeeModel, FillRule, Latency,
    Slippage, accepts,
};

use crate::harness::*;

fn floor() -> Floor {
    Floor::new(ExchangeConfig::default())
}

#[test]
fn off_the_grid_off_the_lot_and_unknown() {
    let mut floor = floor();
    assert_eq!(
        floor.refused(buy(1, limit("100.001"))),
        RejectReason::InvalidPrice
    );
    assert_eq!(
        floor.refused(buy(1, limit("0"))),
        RejectReason::InvalidPrice
    );
    assert_eq!(
        floor.refused(buy(1, stop("-1"))),
        RejectReason::InvalidPrice
    );
    assert_eq!(
        floor.refused(buy(0, OrderKind::Market)),
        RejectReason::InvalidQuantity
    );
    let half = OrderRequest {
        quantity: "0.5".parse().unwrap(),
        ..buy(1, OrderKind::Market)
    };
    assert_eq!(floor.refused(half), RejectReason::InvalidQuantity);
    let unknown = OrderRequest {
        instrument: InstrumentId(7),
        ..buy(1, OrderKind::Market)
    };
    assert_eq!(floor.refused(unknown), RejectReason::UnknownInstrument);
    let trail = OrderKind::TrailingStop {
        trail: Trail::Percent(Rate::ONE),
    };
    assert_eq!(floor.refused(sell(1, trail)), RejectReason::InvalidPrice);
}

#[test]
fn a_number_used_twice() {
    let mut floor = floor();
    let id = floor.place(buy(1, limit("90")));
    let mut reports = Vec::new();
    let again = OrderRequest {
        id,
        ..buy(1, limit("90"))
    };
    floor.exchange.submit(&again, floor.now, &mut reports);
    assert_eq!(said(&reports), ["1 rejected DuplicateId at 0"]);
    floor.cancel(id);
    reports.clear();
    floor.exchange.submit(&again, floor.now, &mut reports);
    assert_eq!(said(&reports), ["1 rejected DuplicateId at 0"]);
}

#[test]
fn combinations_that_make_no_sense() {
    use TimeInForce::{Cls, Day, Fok, Gtc, Ioc, Opg};
    let regular = Session::Regular;
    let stop_order = stop("99");
    for time_in_force in [Ioc, Fok, Opg, Cls] {
        assert!(!accepts(stop_order, time_in_force, regular));
    }
    assert!(!accepts(OrderKind::MarketOnOpen, Cls, regular));
    assert!(!accepts(OrderKind::MarketOnClose, Gtc, regular));
    assert!(!accepts(OrderKind::Market, Day, Session::Extended));
    assert!(accepts(limit("1"), Gtc, Session::Extended));
    let mut floor = floor();
    let request = OrderRequest {
        time_in_force: Ioc,
        ..buy(1, stop_order)
    };
    assert_eq!(floor.refused(request), RejectReason::Unsupported);
    let expired = OrderRequest {
        time_in_force: TimeInForce::Gtd(at(0)),
        ..buy(1, limit("90"))
    };
    assert_eq!(floor.refused(expired), RejectReason::TooLate);
}

#[test]
fn instruments_that_cannot_be_traded_or_priced() {
    let mut instruments = Instruments::new();
    let symbol = Symbol::new("SPX").unwrap();
    instruments
        .add(Instrument {
            class: AssetClass::Index,
            ..Instrument::equity(symbol)
        })
        .unwrap();
    let mut floor = Floor::with(Exchange::new(&instruments, ExchangeConfig::default()).unwrap());
    assert_eq!(
        floor.refused(buy(1, OrderKind::Market)),
        RejectReason::UnknownInstrument
    );
    let mut instruments = Instruments::new();
    instruments
        .add(Instrument {
            class: AssetClass::Crypto,
            ..Instrument::equity(symbol)
        })
        .unwrap();
    let crypto = |fees| {
        let config = ExchangeConfig {
            fees,
            ..ExchangeConfig::default()
        };
        Floor::with(Exchange::new(&instruments, config).unwrap())
    };
    assert_eq!(
        crypto(FeeModel::Alpaca).refused(buy(1, OrderKind::Market)),
        RejectReason::Unsupported,
        "a schedule for stocks does not say what a coin costs"
    );
    crypto(FeeModel::Custom(CustomFees::default())).place(buy(1, OrderKind::Market));
}

#[test]
fn configurations_that_cannot_be_simulated() {
    let check = |config| Exchange::new(&equities(1), config).err();
    let too_much = ExchangeConfig {
        participation: Some(Rate::from_percent(101)),
        ..ExchangeConfig::default()
    };
    assert!(matches!(
        check(too_much),
        Some(ConfigError::NotAShare { .. })
    ));
    let gift = ExchangeConfig {
        slippage: Slippage::Fixed(price("-0.01")),
        ..ExchangeConfig::default()
    };
    assert_eq!(check(gift), Some(ConfigError::Negative("slippage")));
    let empty = ExchangeConfig {
        latency: Latency::Replayed(Vec::new()),
        ..ExchangeConfig::default()
    };
    assert_eq!(check(empty), Some(ConfigError::Latency));
    let both = ExchangeConfig {
        fill_rule: FillRule::ThisClose,
        latency: Latency::Fixed(Delays::default()),
        ..ExchangeConfig::default()
    };
    assert_eq!(check(both), Some(ConfigError::ThisCloseWithLatency));
}
