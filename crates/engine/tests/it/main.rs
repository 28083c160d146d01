//! Behaviour of the core, its ledger, its journal and its drivers, one sentence a test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::needless_pass_by_value,
    clippy::print_stdout,
    reason = "a test fails by panicking, and reads better when values are passed as they are made"
)]

mod accounts;
mod brackets;
mod commands;
mod corporate_actions;
mod driving;
mod every_event;
mod executions;
mod flattening;
mod invariants;
mod journal;
mod judge;
mod market;
mod oco;
mod puppet;
mod real_exchange;
mod reg_t;
mod replay;
mod retries;
mod runaway;
mod strategies;
mod world;
