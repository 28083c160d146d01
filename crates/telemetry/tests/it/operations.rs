//! What is counted is logged, and the reverse.

use trader_telemetry::{
    Console, Logging, MetricError, Metrics, Operation, Operations, TradeContext,
};

use crate::support::{Memory, clock, json_lines, settings};

/// Each operation, its event in the log, and its series.
const CASES: [(Operation<'static>, &str, &str); 7] = [
    (
        Operation::Submission { broker: "paper" },
        "order_submitted",
        "trader_order_submissions_total{broker=\"paper\"} 1",
    ),
    (
        Operation::Fill { broker: "paper" },
        "order_filled",
        "trader_order_fills_total{broker=\"paper\"} 1",
    ),
    (
        Operation::Rejection {
            source: "gate",
            code: "collar",
        },
        "order_rejected",
        "trader_order_rejections_total{source=\"gate\",code=\"collar\"} 1",
    ),
    (
        Operation::LimitBreach {
            check: "daily_loss",
            measured: "3.1 %",
            limit: "3 %",
        },
        "limit_breached",
        "trader_limit_breaches_total{check=\"daily_loss\"} 1",
    ),
    (
        Operation::FeedGap {
            source: "alpaca",
            missing: 7,
        },
        "feed_gap",
        "trader_feed_gaps_total{source=\"alpaca\"} 1",
    ),
    (
        Operation::FeatureFailure {
            feature: "rsi_14",
            reason: "NaN",
        },
        "feature_failed",
        "trader_feature_failures_total{feature=\"rsi_14\"} 1",
    ),
    (
        Operation::DatabaseError {
            operation: "insert_order",
            reason: "timeout",
        },
        "database_failed",
        "trader_database_errors_total{operation=\"insert_order\"} 1",
    ),
];

#[test]
fn every_operation_is_logged_and_counted_once() {
    let metrics = Metrics::new();
    let operations = Operations::register(&metrics).unwrap();
    let memory = Memory::default();
    let (_logging, dispatch) =
        Logging::build(&settings(Console::Json, None), &clock(), memory.clone()).unwrap();
    tracing::dispatcher::with_default(&dispatch, || {
        for (operation, ..) in &CASES {
            let context = TradeContext {
                order_id: Some(&"O-9"),
                symbol: Some(&"MSFT"),
                ..TradeContext::default()
            };
            operations.record(operation, &context);
        }
    });
    let lines = json_lines(&memory.text());
    let text = metrics.encode().unwrap();
    assert_eq!(lines.len(), CASES.len());
    for (line, (_, event, series)) in lines.iter().zip(&CASES) {
        assert_eq!(line["event"], *event);
        assert_eq!(line["order_id"], "O-9");
        assert_eq!(line["symbol"], "MSFT");
        assert!(
            line.get("account").is_none(),
            "what is not known is left out"
        );
        assert!(
            text.lines().any(|found| found == *series),
            "{series}\nis missing in\n{text}"
        );
    }
    assert_eq!(lines[3]["measured"], "3.1 %");
    assert_eq!(lines[4]["missing"], 7);
}

#[test]
fn the_counters_are_registered_once() {
    let metrics = Metrics::new();
    Operations::register(&metrics).unwrap();
    assert!(matches!(
        Operations::register(&metrics),
        Err(MetricError::Duplicate { .. })
    ));
}
