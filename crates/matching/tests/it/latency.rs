//! Orders and reports take their time.

use trader_domain::*;
use trader_matching::{Delays, ExchangeConfig, Latency};

use crate::harness::*;

const NOTHING: [&str; 0] = [];
const SECOND: i64 = NANOS_PER_SECOND;

fn floor(latency: Latency) -> Floor {
    Floor::new(ExchangeConfig {
        latency,
        ..ExchangeConfig::default()
    })
}

fn fixed(order: i64, report: i64) -> Latency {
    Latency::Fixed(Delays {
        order: order * SECOND,
        report: report * SECOND,
    })
}

#[test]
fn an_order_on_its_way_does_not_trade_and_the_report_comes_later() {
    let mut floor = floor(fixed(2, 3));
    let (_, reports) = floor.submit(buy(10, OrderKind::Market));
    assert_eq!(said(&reports), NOTHING);
    assert_eq!(
        floor.exchange.next_deadline(),
        Some(at(0).saturating_add(2 * SECOND))
    );
    let quotes = |seconds| MarketEvent::Quote(quote(seconds, ("99", 10), ("100", 10)));
    assert_eq!(said(&floor.event(quotes(1))), NOTHING);
    // Arrived at 2, filled at 4; accepted is known at 5, the fill at 7.
    assert_eq!(said(&floor.event(quotes(4))), NOTHING);
    let reports = floor.event(quotes(6));
    assert_eq!(reports.len(), 1);
    assert!(matches!(reports[0].kind, ReportKind::Accepted { .. }));
    assert_eq!(reports[0].time, at(0).saturating_add(2 * SECOND));
    assert_eq!(reports[0].received, at(0).saturating_add(5 * SECOND));
    let reports = floor.event(quotes(7));
    assert!(matches!(reports[0].kind, ReportKind::Filled(_)));
    assert_eq!(reports[0].time, at(0).saturating_add(4 * SECOND));
    assert_eq!(reports[0].received, at(0).saturating_add(7 * SECOND));
}

#[test]
fn an_order_that_arrives_within_a_bar_waits_for_the_next() {
    let mut floor = floor(fixed(1, 0));
    floor.submit(buy(10, OrderKind::Market));
    let flat = |minute| bar(minute, ["100", "101", "99", "100"], 1_000);
    let first = floor.bar(flat(0));
    assert!(matches!(
        first[..],
        [BrokerReport {
            kind: ReportKind::Accepted { .. },
            ..
        }]
    ));
    assert_eq!(said(&floor.bar(flat(1))), ["1 filled 10 @ 100.00 at 1"]);
}

#[test]
fn a_fill_can_beat_a_cancellation_on_its_way() {
    let mut floor = floor(fixed(10, 0));
    let (id, _) = floor.submit(buy(10, limit("100")));
    floor.time(at(1));
    floor.cancel(id);
    let taken = MarketEvent::Quote(quote(65, ("99", 10), ("100", 10)));
    assert_eq!(
        said(&floor.event(taken)),
        [format!("1 filled 10 @ 100.00 at {}", 65.0 / 60.0)]
    );
    assert!(said(&floor.time(at(2)))[0].starts_with("1 cancel rejected UnknownOrder"));
}

#[test]
fn messages_do_not_overtake_each_other_and_seeds_repeat() {
    let run = |seed| {
        let mut floor = floor(Latency::Uniform {
            least: Delays::default(),
            most: Delays {
                order: 60 * SECOND,
                report: 60 * SECOND,
            },
            seed,
        });
        for _ in 0..50 {
            floor.submit(buy(1, limit("1")));
        }
        let reports = floor.time(at(10));
        assert!(reports.is_sorted_by_key(|report| report.time));
        assert!(reports.is_sorted_by_key(|report| report.received));
        assert!(reports.is_sorted_by_key(|report| report.order));
        reports
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_replayed_table_says_what_it_was_at_the_time() {
    let delays = |order| Delays {
        order: order * SECOND,
        report: 0,
    };
    let mut floor = floor(Latency::Replayed(vec![
        (at(0), delays(1)),
        (at(5), delays(7)),
    ]));
    floor.submit(buy(1, limit("1")));
    floor.now = at(6);
    floor.submit(buy(1, limit("1")));
    let reports = floor.time(at(7));
    let times: Vec<i64> = reports
        .iter()
        .map(|report| report.time.nanos_since(at(0)) / SECOND)
        .collect();
    assert_eq!(times, [1, 367]);
}
