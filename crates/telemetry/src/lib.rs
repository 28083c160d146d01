//! Logging, metrics and the health model.
//!
//! What it does: one `tracing` subscriber for the whole process (console for people, JSON lines for
//! machines, rotating files), one registry of metrics in Prometheus' text format, one model of who
//! is healthy. What it never does: open a socket, read a clock of its own, or let a full disk stop
//! the program. Who uses it: apps set it up; every crate logs through `tracing` and reports what
//! matters through [`Operations`], which logs and counts in one call.
//!
//! | module | is |
//! |---|---|
//! | `settings` | what an app passes in |
//! | `logging` | subscriber, level change at run time |
//! | `rotation` | a log file with size, age and retention |
//! | `timestamp` | nanosecond time from the injected clock |
//! | `context` | the five fields that tie log lines to orders |
//! | `metrics` | counters, gauges, histograms and their text form |
//! | `operations` | the seven events that are both logged and counted |
//! | `health` | component states and their sum |
//!
//! ```
//! use trader_telemetry::{Metrics, Operation, Operations, TradeContext};
//!
//! let metrics = Metrics::new();
//! let operations = Operations::register(&metrics)?;
//! let context = TradeContext { symbol: Some(&"AAPL"), strategy: Some(&"momentum"), ..TradeContext::default() };
//! operations.record(&Operation::Rejection { source: "gate", code: "max_position_weight" }, &context);
//! assert!(metrics.encode()?.contains("trader_order_rejections_total{source=\"gate\""));
//! # Ok::<(), trader_telemetry::MetricError>(())
//! ```

mod context;
mod health;
mod logging;
mod metrics;
mod operations;
mod rotation;
mod settings;
mod timestamp;

pub use context::TradeContext;
pub use health::{ComponentHealth, ComponentKind, Health, HealthReport, Status, Transition};
pub use logging::{LogControl, Logging, LoggingError};
pub use metrics::{
    CONTENT_TYPE, CounterFamily, GaugeFamily, HistogramFamily, LATENCY_BUCKETS, MAX_SERIES,
    MetricError, Metrics, NotFinite,
};
pub use operations::{Operation, Operations};
pub use rotation::{RotatingFile, RotationError};
pub use settings::{Console, FileSettings, Levels, LogSettings, Rotation};
pub use timestamp::ClockTime;
