//! Behaviour of the gate: what each check refuses, what no sequence of events can bring about.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod allocation;
mod concurrent;
mod day_trading;
mod funds;
mod halting;
mod invariants;
mod largest;
mod limit_changes;
mod luld;
mod market;
mod option_strategies;
mod order_flow;
mod reservations;
mod short_sales;
mod sizes;
mod tails;
mod terms;
mod world;
