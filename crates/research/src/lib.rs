//! Backtest runner, metrics, reports, run folders.

pub mod assemble;
pub mod compare;
pub mod folder;
pub mod lookahead;
pub mod metrics;
pub mod report;
pub mod run;
