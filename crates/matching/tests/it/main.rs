//! Behaviour of the simulated exchange, one sentence a test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod actions;
mod bars;
mod costs;
mod day;
mod displayed;
mod harness;
mod latency;
mod prints;
mod properties;
mod refusals;
