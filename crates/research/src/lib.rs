//! Backtest runner, metrics, reports, run folders.
