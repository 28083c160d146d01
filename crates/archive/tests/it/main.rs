//! Behaviour of the archive, one sentence per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it did"
)]

mod faults;
mod killed;
mod round_trip;
mod stand;

#[test]
fn s3_server_process() {
    trader_testkit_s3::serve_when_asked();
}

#[test]
fn archiver_process() {
    killed::archive_when_asked();
}
