//! The `backfill` program as its users see it: output, files, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it skips"
)]

mod archive;
mod backup_files;
mod backups;
mod care;
mod disk_full;
mod history;
mod killed;
mod program;
mod providers;
mod records;
mod recovery;
mod runs;
mod streams;
mod ticks;

#[test]
fn s3_server_process() {
    trader_testkit_s3::serve_when_asked();
}
