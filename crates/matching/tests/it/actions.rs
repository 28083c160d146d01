//! Corporate actions and resting orders.

use trader_domain::*;
use trader_matching::{DividendOrders, ExchangeConfig, SplitOrders};

use crate::harness::*;

const NOTHING: [&str; 0] = [];

fn gtc(request: OrderRequest) -> OrderRequest {
    OrderRequest {
        time_in_force: TimeInForce::Gtc,
        ..request
    }
}

fn action(kind: CorporateActionKind) -> MarketEvent {
    MarketEvent::CorporateAction(CorporateAction {
        instrument: A,
        effective: at(1),
        kind,
    })
}

fn split(to: u32, from: u32) -> MarketEvent {
    action(CorporateActionKind::Split {
        to,
        from,
        cash_in_lieu: None,
    })
}

fn dividend(amount: &str) -> MarketEvent {
    action(CorporateActionKind::CashDividend {
        amount: price(amount),
        payable: at(100),
    })
}

#[test]
fn a_split_cancels_resting_orders() {
    let mut floor = Floor::new(ExchangeConfig::default());
    floor.place(gtc(buy(10, limit("90"))));
    assert_eq!(
        said(&floor.event(split(2, 1))),
        ["1 canceled CorporateAction at 1"]
    );
}

#[test]
fn a_split_adjusts_resting_orders_where_asked() {
    let mut floor = Floor::new(ExchangeConfig {
        split_orders: SplitOrders::Adjust,
        ..ExchangeConfig::default()
    });
    floor.place(gtc(buy(15, limit("90.01"))));
    floor.place(gtc(sell(15, limit("110.01"))));
    assert_eq!(
        said(&floor.event(split(3, 2))),
        ["1 replaced 22 60.00 at 1", "2 replaced 22 73.34 at 1"]
    );
    assert_eq!(
        said(&floor.event(split(1, 10))),
        [
            "1 canceled CorporateAction at 1",
            "2 canceled CorporateAction at 1"
        ],
        "a reverse split cancels whatever was asked"
    );
}

#[test]
fn an_ex_date_lowers_open_buy_limits_and_sell_stops() {
    let mut floor = Floor::new(ExchangeConfig::default());
    floor.place(gtc(buy(10, limit("90"))));
    floor.place(gtc(sell(10, stop("80"))));
    floor.place(gtc(sell(10, limit("110"))));
    floor.place(gtc(buy(10, stop("120"))));
    floor.place(buy(10, limit("91")));
    assert_eq!(
        said(&floor.event(dividend("0.235"))),
        ["1 replaced 10 89.76 at 1", "2 replaced 10 79.76 at 1"]
    );
    assert_eq!(said(&floor.event(dividend("0.009"))), NOTHING);
}

#[test]
fn orders_can_be_kept_as_they_are() {
    let mut floor = Floor::new(ExchangeConfig {
        dividend_orders: DividendOrders::Keep,
        ..ExchangeConfig::default()
    });
    floor.place(gtc(buy(10, limit("90"))));
    assert_eq!(said(&floor.event(dividend("1"))), NOTHING);
}

#[test]
fn a_delisting_cancels_orders_and_takes_no_more() {
    let mut floor = Floor::new(ExchangeConfig::default());
    floor.place(gtc(buy(10, limit("90"))));
    let delisting = action(CorporateActionKind::Delisting { value: Price::ZERO });
    assert_eq!(said(&floor.event(delisting)), ["1 canceled Delisted at 1"]);
    assert_eq!(
        floor.refused(buy(1, OrderKind::Market)),
        RejectReason::UnknownInstrument
    );
}

#[test]
fn a_rename_keeps_orders() {
    let mut floor = Floor::new(ExchangeConfig::default());
    floor.place(gtc(buy(10, limit("90"))));
    let symbol = Symbol::new("NEW").unwrap();
    let renamed = action(CorporateActionKind::SymbolChange { symbol });
    assert_eq!(said(&floor.event(renamed)), NOTHING);
    assert_eq!(floor.exchange.working_orders(), 1);
}
