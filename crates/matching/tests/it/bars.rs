//! Orders against bars.

use trader_domain::*;
use trader_matching::{ExchangeConfig, FillRule, LimitFill, PathModel};

use crate::harness::*;

const NOTHING: [&str; 0] = [];

fn floor() -> Floor {
    Floor::new(ExchangeConfig::default())
}

fn flat(minute: i64) -> Bar {
    bar(minute, ["100", "101", "99", "100"], 1_000)
}

#[test]
fn a_market_order_fills_at_the_open_of_the_next_bar() {
    let mut floor = floor();
    floor.bar(flat(0));
    floor.place(buy(10, OrderKind::Market));
    let reports = floor.bar(bar(1, ["100.25", "101", "99", "100"], 1_000));
    assert_eq!(said(&reports), ["1 filled 10 @ 100.25 at 1"]);
    assert_eq!(reports[0].received, at(2));
}

#[test]
fn a_bar_that_began_before_the_order_arrived_never_fills_it() {
    let mut floor = floor();
    floor.bar(flat(0));
    floor.now = at(1).saturating_add(1);
    floor.place(buy(10, OrderKind::Market));
    assert_eq!(said(&floor.bar(flat(1))), NOTHING);
    assert_eq!(said(&floor.bar(flat(2))), ["1 filled 10 @ 100.00 at 2"]);
}

#[test]
fn a_market_order_waits_for_the_first_price_there_is() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::Market));
    assert_eq!(said(&floor.time(at(30))), NOTHING);
    assert_eq!(said(&floor.bar(flat(60))), ["1 filled 10 @ 100.00 at 60"]);
}

#[test]
fn this_close_fills_on_the_bar_that_was_decided_on() {
    let mut floor = Floor::new(ExchangeConfig {
        fill_rule: FillRule::ThisClose,
        ..ExchangeConfig::default()
    });
    floor.bar(bar(0, ["100", "101", "99", "100.50"], 1_000));
    floor.place(buy(10, OrderKind::Market));
    assert_eq!(said(&floor.settle()), ["1 filled 10 @ 100.50 at 1"]);
}

#[test]
fn a_limit_order_fills_at_its_price_when_touched_and_at_a_better_open() {
    let mut floor = floor();
    floor.place(buy(10, limit("99")));
    floor.place(buy(10, limit("98.99")));
    assert_eq!(said(&floor.bar(flat(0))), ["1 filled 10 @ 99.00 at 1"]);
    let gap = bar(1, ["98", "98.50", "97", "98"], 1_000);
    assert_eq!(said(&floor.bar(gap)), ["2 filled 10 @ 98.00 at 1"]);
}

#[test]
fn through_needs_a_trade_beyond_the_limit() {
    let mut floor = Floor::new(ExchangeConfig {
        limit_fill: LimitFill::Through,
        ..ExchangeConfig::default()
    });
    floor.place(sell(10, limit("101")));
    assert_eq!(said(&floor.bar(flat(0))), NOTHING);
    let beyond = bar(1, ["100", "101.01", "99", "100"], 1_000);
    assert_eq!(said(&floor.bar(beyond)), ["1 filled 10 @ 101.00 at 2"]);
}

#[test]
fn a_stop_fills_at_its_trigger_and_at_the_open_when_the_market_gaps() {
    let mut floor = floor();
    floor.place(sell(10, stop("99.50")));
    floor.place(sell(10, stop("98")));
    assert_eq!(said(&floor.bar(flat(0))), ["1 filled 10 @ 99.50 at 1"]);
    let gap = bar(1, ["95", "96", "94", "95"], 1_000);
    assert_eq!(said(&floor.bar(gap)), ["2 filled 10 @ 95.00 at 1"]);
}

#[test]
fn a_stop_limit_rests_at_its_limit_after_a_gap() {
    let mut floor = floor();
    floor.place(sell(
        10,
        OrderKind::StopLimit {
            trigger: price("99"),
            price: price("98.50"),
        },
    ));
    let gap = bar(0, ["95", "96", "94", "95"], 1_000);
    assert_eq!(said(&floor.bar(gap)), NOTHING);
    let back = bar(1, ["95", "98.75", "95", "98"], 1_000);
    assert_eq!(said(&floor.bar(back)), ["1 filled 10 @ 98.50 at 2"]);
}

#[test]
fn a_bar_that_spans_both_legs_fills_the_stop() {
    let path_models = [
        PathModel::WorstCase,
        PathModel::HighFirst,
        PathModel::LowFirst,
        PathModel::NearestFirst,
    ];
    for model in path_models {
        for open in ["100", "104", "105.50"] {
            let mut floor = Floor::new(ExchangeConfig {
                fill_rule: FillRule::IntrabarPath(model),
                ..ExchangeConfig::default()
            });
            let leg = |kind| OrderRequest {
                oco: Some(OcoGroupId(1)),
                ..sell(10, kind)
            };
            floor.place(leg(limit("105")));
            floor.place(leg(stop("95")));
            let reports = floor.bar(bar(0, [open, "106", "94", "100"], 1_000));
            assert_eq!(
                said(&reports),
                ["2 filled 10 @ 95.00 at 1", "1 canceled Oco at 1"],
                "{model:?} {open}"
            );
        }
    }
}

#[test]
fn exits_act_on_the_rest_of_the_bar_in_which_the_entry_filled() {
    let mut floor = floor();
    let entry = floor.place(buy(10, OrderKind::Market));
    assert_eq!(
        said(&floor.bar(bar(0, ["100", "106", "99", "101"], 1_000))),
        ["1 filled 10 @ 100.00 at 0"]
    );
    let leg = |kind| OrderRequest {
        oco: Some(OcoGroupId(1)),
        parent: Some(entry),
        ..sell(10, kind)
    };
    floor.place(leg(stop("95")));
    floor.place(leg(limit("105")));
    assert_eq!(
        said(&floor.settle()),
        ["3 filled 10 @ 105.00 at 1", "2 canceled Oco at 1"]
    );
    assert_eq!(said(&floor.settle()), NOTHING);
}

#[test]
fn after_an_entry_within_the_bar_only_certain_prices_take_profit() {
    // Bought at 98 on the way down: the high of 106 may have come before.
    let mut floor = floor();
    let entry = floor.place(buy(10, limit("98")));
    floor.bar(bar(0, ["100", "106", "97", "101"], 1_000));
    let leg = |kind| OrderRequest {
        oco: Some(OcoGroupId(1)),
        parent: Some(entry),
        ..sell(10, kind)
    };
    floor.place(leg(stop("95")));
    floor.place(leg(limit("105")));
    assert_eq!(said(&floor.settle()), NOTHING);
}

#[test]
fn one_execution_reduces_the_oco_siblings_by_its_quantity() {
    let mut floor = Floor::new(ExchangeConfig {
        participation: Some(Rate::from_percent(10)),
        ..ExchangeConfig::default()
    });
    let leg = |kind| OrderRequest {
        oco: Some(OcoGroupId(1)),
        time_in_force: TimeInForce::Gtc,
        ..sell(100, kind)
    };
    floor.place(leg(limit("101")));
    floor.place(leg(stop("90")));
    let reports = floor.bar(bar(0, ["100", "102", "100", "101"], 400));
    assert_eq!(
        said(&reports),
        ["1 filled 40 @ 101.00 at 1", "2 replaced 60 90.00 at 1"]
    );
    let reports = floor.bar(bar(1, ["80", "80", "80", "80"], 10_000));
    assert_eq!(
        said(&reports),
        ["2 filled 60 @ 80.00 at 1", "1 canceled Oco at 1"]
    );
}

#[test]
fn volume_participation_spreads_an_order_over_bars() {
    let mut floor = Floor::new(ExchangeConfig {
        participation: Some(Rate::from_percent(10)),
        ..ExchangeConfig::default()
    });
    floor.place(buy(250, OrderKind::Market));
    assert_eq!(said(&floor.bar(flat(0))), ["1 filled 100 @ 100.00 at 0"]);
    assert_eq!(said(&floor.bar(flat(1))), ["1 filled 100 @ 100.00 at 1"]);
    assert_eq!(said(&floor.bar(flat(2))), ["1 filled 50 @ 100.00 at 2"]);
}

#[test]
fn a_day_order_ends_with_its_session_bar_and_gtc_does_not() {
    let mut floor = floor();
    floor.place(buy(10, limit("90")));
    floor.place(OrderRequest {
        time_in_force: TimeInForce::Gtc,
        ..buy(10, limit("90"))
    });
    let day = daily(0, ["100", "101", "99", "100"]);
    assert_eq!(said(&floor.bar(day)), ["1 expired at 390"]);
    assert_eq!(floor.exchange.working_orders(), 1);
}

#[test]
fn auctions_fill_at_the_open_and_close_of_a_session_bar() {
    let mut floor = floor();
    floor.place(buy(1, OrderKind::MarketOnOpen));
    floor.place(buy(2, OrderKind::MarketOnClose));
    floor.place(buy(3, OrderKind::LimitOnOpen { price: price("99") }));
    floor.place(sell(
        4,
        OrderKind::LimitOnClose {
            price: price("100"),
        },
    ));
    let day = daily(0, ["100", "103", "98", "102"]);
    assert_eq!(
        said(&floor.bar(day)),
        [
            "1 filled 1 @ 100.00 at 0",
            "2 filled 2 @ 102.00 at 390",
            "3 expired at 390",
            "4 filled 4 @ 102.00 at 390"
        ]
    );
}

#[test]
fn immediate_or_cancel_takes_the_open_or_nothing() {
    let mut floor = floor();
    let ioc = |request| OrderRequest {
        time_in_force: TimeInForce::Ioc,
        ..request
    };
    floor.place(ioc(buy(10, limit("99.50"))));
    floor.place(ioc(buy(10, limit("100"))));
    assert_eq!(
        said(&floor.bar(flat(0))),
        [
            "1 canceled NotFilledAtOnce at 0",
            "2 filled 10 @ 100.00 at 0"
        ]
    );
}

#[test]
fn fill_or_kill_fills_whole_or_not_at_all() {
    let mut floor = Floor::new(ExchangeConfig {
        participation: Some(Rate::from_percent(10)),
        ..ExchangeConfig::default()
    });
    let fok = |request| OrderRequest {
        time_in_force: TimeInForce::Fok,
        ..request
    };
    floor.place(fok(buy(101, OrderKind::Market)));
    floor.place(fok(buy(100, OrderKind::Market)));
    assert_eq!(
        said(&floor.bar(flat(0))),
        [
            "1 canceled NotFilledAtOnce at 0",
            "2 filled 100 @ 100.00 at 0"
        ]
    );
}

#[test]
fn a_trailing_stop_follows_the_high_and_never_loosens() {
    let mut floor = floor();
    floor.place(OrderRequest {
        time_in_force: TimeInForce::Gtc,
        ..sell(
            10,
            OrderKind::TrailingStop {
                trail: Trail::Amount(price("2")),
            },
        )
    });
    assert_eq!(
        said(&floor.bar(bar(0, ["100", "105", "100", "104"], 1))),
        NOTHING
    );
    // Trigger 103; the next bar falls to it although it first makes a new high.
    assert_eq!(
        said(&floor.bar(bar(1, ["104", "110", "102", "109"], 1))),
        ["1 filled 10 @ 103.00 at 2"]
    );
}

#[test]
fn gtd_expires_after_its_instant() {
    let mut floor = floor();
    floor.place(OrderRequest {
        time_in_force: TimeInForce::Gtd(at(5)),
        ..buy(10, limit("90"))
    });
    assert_eq!(said(&floor.time(at(5))), NOTHING);
    assert_eq!(
        said(&floor.time(at(5).saturating_add(1))),
        ["1 expired at 5"]
    );
}

#[test]
fn a_bar_that_sums_up_what_was_seen_fills_nothing_again() {
    let mut floor = floor();
    floor.place(OrderRequest {
        time_in_force: TimeInForce::Gtc,
        ..buy(10, limit("98"))
    });
    assert_eq!(said(&floor.bar(flat(0))), NOTHING);
    let day = daily(0, ["100", "101", "97", "100"]);
    assert_eq!(
        said(&floor.bar(day)),
        NOTHING,
        "the low was before the minute, or in it"
    );
    floor.event(MarketEvent::Trade(print(86_430, "100", 10)));
    let minute = bar(1_440, ["100", "101", "97", "100"], 1_000);
    assert_eq!(said(&floor.bar(minute)), NOTHING, "its prints were seen");
}

#[test]
fn an_order_for_the_close_expires_when_the_day_shows_none() {
    let mut floor = floor();
    floor.place(buy(10, OrderKind::MarketOnClose));
    assert_eq!(said(&floor.bar(flat(0))), NOTHING);
    let next = floor.bar(flat(1_440));
    assert_eq!(next.len(), 1);
    assert_eq!(next[0].kind, ReportKind::Expired);
}

#[test]
fn path_models_decide_which_extreme_comes_first() {
    // A sell stop-limit that needs the low before the high to trade at 101.
    let kind = OrderKind::StopLimit {
        trigger: price("99"),
        price: price("101"),
    };
    let traded = |model| {
        let mut floor = Floor::new(ExchangeConfig {
            fill_rule: FillRule::IntrabarPath(model),
            ..ExchangeConfig::default()
        });
        floor.place(sell(10, kind));
        said(&floor.bar(bar(0, ["100", "102", "98", "100"], 1_000)))
    };
    assert_eq!(traded(PathModel::LowFirst), ["1 filled 10 @ 101.00 at 1"]);
    assert_eq!(traded(PathModel::HighFirst), NOTHING);
    assert_eq!(traded(PathModel::WorstCase), NOTHING);
}

#[test]
fn the_worst_case_entry_meets_the_stop_on_the_rest_of_the_bar() {
    // Bought at 102 on the way up: the low of 95 may have come later.
    let mut floor = floor();
    let entry = floor.place(buy(10, stop("102")));
    floor.bar(bar(0, ["100", "106", "95", "104"], 1_000));
    floor.place(OrderRequest {
        parent: Some(entry),
        ..sell(10, stop("97"))
    });
    assert_eq!(said(&floor.settle()), ["2 filled 10 @ 97.00 at 1"]);
}
