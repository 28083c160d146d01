//! Behaviour of the readers and writers, one sentence per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it skips"
)]

mod arbitrary_input;
mod csv_files;
mod lean_folders;
mod sample_data;
mod store;
mod table_reader;
mod tables;
mod ticks;
mod wrong_input;

use trader_domain::Timestamp;
use trader_storage::ReadOptions;

/// Strict options on 1 January 2024.
fn options() -> ReadOptions {
    ReadOptions::new(time("2024-01-01T00:00:00Z"))
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}
