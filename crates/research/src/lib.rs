//! Backtest runner, metrics, reports, run folders.

pub mod metrics;
pub mod report;
pub mod run;
