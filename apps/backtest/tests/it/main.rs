//! The `backtest` program as its users see it: output, files, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod configuration;
mod contract;
mod example;
mod features;
mod features_joined;
mod features_together;
mod killed;
mod program;
mod runs;
mod stored;
mod wrong_input;
