//! The database as its users see it, on both engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it skips"
)]

mod backups;
mod conformance;
mod corpus;
mod encrypted;
mod engines;
mod faults;
mod migrations;
mod samples;
