//! Behaviour of logging as operators and machines meet it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod logging;
mod operations;
mod support;
