//! Behaviour of the research crate, seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod metrics_golden;
mod metrics_properties;
mod report_fixture;
mod report_page;
mod report_terminal;
mod run_compare;
mod run_corporate;
mod run_fixture;
mod run_lookahead;
mod run_properties;
mod run_stream;
mod run_ticks;
