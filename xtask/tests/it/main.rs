//! The project's tasks, run as a person runs them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and it runs programs"
)]

mod layers;
mod scratch;
