//! Orders against quotes and books.

use trader_domain::*;
use trader_matching::{DisplayedSize, ExchangeConfig, QueueModel};

use crate::harness::*;

const NOTHING: [&str; 0] = [];

fn floor() -> Floor {
    Floor::new(ExchangeConfig::default())
}

impl Floor {
    fn quote(&mut self, quote: Quote) -> Vec<String> {
        said(&self.event(MarketEvent::Quote(quote)))
            .into_iter()
            .map(without_time)
            .collect()
    }

    fn level(&mut self, delta: BookDelta) -> Vec<String> {
        said(&self.event(MarketEvent::Book(delta)))
            .into_iter()
            .map(without_time)
            .collect()
    }

    fn print(&mut self, trade: Trade) -> Vec<String> {
        said(&self.event(MarketEvent::Trade(trade)))
            .into_iter()
            .map(without_time)
            .collect()
    }
}

fn without_time(text: String) -> String {
    text.rsplit_once(" at ")
        .map_or(text.clone(), |(what, _)| what.into())
}

#[test]
fn a_market_order_takes_the_next_quote_and_only_what_it_shows() {
    let mut floor = floor();
    floor.quote(quote(0, ("99.99", 100), ("100.01", 100)));
    floor.place(buy(150, OrderKind::Market));
    assert_eq!(
        floor.quote(quote(1, ("99.99", 100), ("100.02", 100))),
        ["1 filled 100 @ 100.02"]
    );
    // The same offer shown again is the one that was taken.
    assert_eq!(
        floor.quote(quote(2, ("100.00", 100), ("100.02", 100))),
        NOTHING
    );
    assert_eq!(
        floor.quote(quote(3, ("100.00", 100), ("100.03", 100))),
        ["1 filled 50 @ 100.03"]
    );
}

#[test]
fn slippage_of_a_quote_is_reckoned_from_the_midpoint() {
    let mut floor = floor();
    floor.place(buy(100, OrderKind::Market));
    let reports = floor.event(MarketEvent::Quote(quote(
        1,
        ("99.98", 100),
        ("100.02", 100),
    )));
    let ReportKind::Filled(fill) = reports[0].kind else {
        panic!("{reports:?}")
    };
    assert_eq!(fill.slippage, Money::whole(2));
}

#[test]
fn unlimited_size_fills_at_the_touch() {
    let mut floor = Floor::new(ExchangeConfig {
        displayed_size: DisplayedSize::Unlimited,
        ..ExchangeConfig::default()
    });
    floor.place(sell(10_000, OrderKind::Market));
    assert_eq!(
        floor.quote(quote(1, ("99.98", 1), ("100.02", 1))),
        ["1 filled 10000 @ 99.98"]
    );
}

#[test]
fn a_limit_order_takes_a_better_offer_and_then_rests_at_its_price() {
    let mut floor = floor();
    floor.place(buy(100, limit("100")));
    assert_eq!(
        floor.quote(quote(1, ("99.90", 10), ("99.95", 60))),
        ["1 filled 60 @ 99.95"]
    );
    assert_eq!(
        floor.quote(quote(2, ("99.90", 10), ("100.05", 60))),
        NOTHING
    );
    // Now it is our bid that is hit.
    assert_eq!(
        floor.quote(quote(3, ("99.90", 10), ("99.97", 60))),
        ["1 filled 40 @ 100.00"]
    );
}

#[test]
fn a_stop_triggers_on_the_other_side_and_takes_it() {
    let mut floor = floor();
    floor.place(sell(10, stop("99.50")));
    assert_eq!(floor.quote(quote(1, ("99.60", 10), ("99.70", 10))), NOTHING);
    assert_eq!(
        floor.quote(quote(2, ("99.40", 10), ("99.70", 10))),
        ["1 filled 10 @ 99.40"]
    );
}

#[test]
fn a_trailing_stop_follows_the_bid() {
    let mut floor = floor();
    floor.place(sell(
        10,
        OrderKind::TrailingStop {
            trail: Trail::Percent(Rate::from_percent(1)),
        },
    ));
    assert_eq!(floor.quote(quote(1, ("100", 10), ("100.1", 10))), NOTHING);
    assert_eq!(floor.quote(quote(2, ("110", 10), ("110.1", 10))), NOTHING);
    assert_eq!(
        floor.quote(quote(3, ("108.90", 10), ("109", 10))),
        ["1 filled 10 @ 108.90"]
    );
}

#[test]
fn fill_or_kill_looks_at_all_that_is_shown_first() {
    let mut floor = floor();
    let fok = |quantity| OrderRequest {
        time_in_force: TimeInForce::Fok,
        ..buy(quantity, limit("100.02"))
    };
    floor.place(fok(101));
    floor.place(fok(100));
    assert_eq!(
        floor.quote(quote(1, ("99.98", 100), ("100.02", 100))),
        ["1 canceled NotFilledAtOnce", "2 filled 100 @ 100.02"]
    );
}

#[test]
fn a_crossed_or_one_sided_market_fills_only_where_there_is_a_price() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::Market));
    assert_eq!(floor.quote(quote(1, ("100.10", 10), ("100", 10))), NOTHING);
    assert_eq!(floor.exchange.ignored_events(), 1);
    assert_eq!(floor.quote(quote(2, ("100.10", 10), ("0", 0))), NOTHING);
    assert_eq!(
        floor.quote(quote(3, ("0", 0), ("100.20", 10))),
        ["1 filled 10 @ 100.20"]
    );
}

#[test]
fn a_large_order_walks_the_book() {
    let mut floor = floor();
    floor.level(level(0, BookSide::Ask, "100.01", 100));
    floor.level(level(0, BookSide::Ask, "100.03", 300));
    floor.level(level(0, BookSide::Ask, "100.02", 200));
    floor.place(buy(450, limit("100.02")));
    assert_eq!(
        floor.level(level(1, BookSide::Bid, "99.99", 100)),
        ["1 filled 100 @ 100.01", "1 filled 200 @ 100.02"]
    );
    // What was taken stays taken until the level is shown anew.
    assert_eq!(floor.level(level(2, BookSide::Bid, "99.98", 100)), NOTHING);
    assert_eq!(
        floor.level(level(3, BookSide::Ask, "100.02", 120)),
        ["1 filled 120 @ 100.02"]
    );
}

#[test]
fn behind_all_waits_until_the_queue_has_traded() {
    let mut floor = Floor::new(ExchangeConfig {
        queue: QueueModel::RiskAverse,
        ..ExchangeConfig::default()
    });
    floor.level(level(0, BookSide::Bid, "99.99", 500));
    floor.level(level(0, BookSide::Ask, "100.01", 500));
    floor.place(buy(100, limit("99.99")));
    assert_eq!(floor.level(level(1, BookSide::Ask, "100.02", 10)), NOTHING);
    assert_eq!(floor.print(print(2, "99.99", 300)), NOTHING);
    assert_eq!(floor.level(level(2, BookSide::Bid, "99.99", 200)), NOTHING);
    assert_eq!(floor.print(print(3, "99.99", 240)), ["1 filled 40 @ 99.99"]);
    // A print beyond our price means that everything at it is gone.
    assert_eq!(floor.print(print(4, "99.98", 10)), ["1 filled 60 @ 99.99"]);
}

#[test]
fn pro_rata_takes_a_share_of_every_print() {
    let mut floor = Floor::new(ExchangeConfig {
        queue: QueueModel::ProRata,
        ..ExchangeConfig::default()
    });
    floor.quote(quote(0, ("99.99", 300), ("100.01", 300)));
    floor.place(buy(100, limit("99.99")));
    assert_eq!(
        floor.quote(quote(1, ("99.99", 300), ("100.02", 300))),
        NOTHING
    );
    assert_eq!(floor.print(print(2, "99.99", 80)), ["1 filled 20 @ 99.99"]);
}

#[test]
fn a_short_sale_under_rule_201_trades_only_above_the_bid() {
    let mut floor = floor();
    floor.event(status(0, StatusKind::ShortSaleRestricted));
    floor.place(OrderRequest {
        short_mark: Some(ShortMark::Short),
        ..sell(10, limit("100"))
    });
    assert_eq!(floor.quote(quote(60, ("100", 10), ("100.10", 10))), NOTHING);
    assert_eq!(
        floor.quote(quote(61, ("99.90", 10), ("100.10", 10))),
        NOTHING
    );
    assert_eq!(floor.print(print(62, "100", 10)), ["1 filled 10 @ 100.00"]);
}
