//! Orders against prints alone.

use trader_domain::*;
use trader_matching::ExchangeConfig;

use crate::harness::*;

const NOTHING: [&str; 0] = [];

fn floor() -> Floor {
    Floor::new(ExchangeConfig::default())
}

impl Floor {
    fn tape(&mut self, trade: Trade) -> Vec<String> {
        said(&self.event(MarketEvent::Trade(trade)))
    }
}

#[test]
fn a_market_order_trades_at_the_next_print() {
    let mut floor = floor();
    floor.tape(print(0, "100", 10));
    floor.now = at(0).saturating_add(1);
    floor.place(buy(10, OrderKind::Market));
    assert_eq!(
        floor.tape(print(60, "100.07", 10)),
        ["1 filled 10 @ 100.07 at 1"]
    );
}

#[test]
fn a_stop_hit_by_a_print_trades_at_the_next_one() {
    let mut floor = floor();
    floor.place(sell(10, stop("99")));
    assert_eq!(floor.tape(print(60, "98.90", 10)), NOTHING);
    assert_eq!(
        floor.tape(print(120, "98.70", 10)),
        ["1 filled 10 @ 98.70 at 2"]
    );
}

#[test]
fn participation_caps_what_we_are_of_a_print() {
    let mut floor = Floor::new(ExchangeConfig {
        participation: Some(Rate::from_percent(50)),
        ..ExchangeConfig::default()
    });
    floor.place(buy(100, limit("100")));
    floor.place(buy(100, limit("100")));
    assert_eq!(
        floor.tape(print(60, "99.50", 240)),
        ["1 filled 100 @ 99.50 at 1", "2 filled 20 @ 99.50 at 1"]
    );
}

#[test]
fn auction_orders_trade_at_the_flagged_prints_only() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::MarketOnOpen));
    floor.place(buy(20, OrderKind::LimitOnClose { price: price("99") }));
    assert_eq!(floor.tape(print(60, "100", 1_000)), NOTHING);
    let opening = Trade {
        conditions: TradeConditions::OPENING,
        ..print(120, "100.50", 1_000)
    };
    assert_eq!(floor.tape(opening), ["1 filled 10 @ 100.50 at 2"]);
    let closing = Trade {
        conditions: TradeConditions::CLOSING,
        ..print(180, "100", 1_000)
    };
    assert_eq!(floor.tape(closing), ["2 expired at 3"]);
}

#[test]
fn prints_away_from_the_market_reach_nobody() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::Market));
    for conditions in [
        TradeConditions::CANCELED,
        TradeConditions::OUT_OF_SEQUENCE,
        TradeConditions::AVERAGE_PRICE,
        TradeConditions::SUSPICIOUS,
    ] {
        let away = Trade {
            conditions,
            ..print(60, "50", 100)
        };
        assert_eq!(floor.tape(away), NOTHING, "{conditions:?}");
    }
}
