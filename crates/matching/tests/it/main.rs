//! Behaviour of the simulated exchange, one sentence a test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and reads better when values are passed as they are made"
)]

mod actions;
mod bars;
mod costs;
mod day;
mod displayed;
mod harness;
mod latency;
mod multi_leg;
mod prints;
mod properties;
mod refusals;
