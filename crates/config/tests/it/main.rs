//! Behaviour of the configuration as an operator meets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod documents;
mod effects;
mod layers;
mod never_panics;
mod probes;
mod problems;
mod production;
mod reload;
mod secrets;
mod support;
