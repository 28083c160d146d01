//! Behaviour of the readers and writers, one sentence per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod csv_files;
mod sample_data;
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
