//! Behaviour of the pre-trade compliance policy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod desk;
mod restricted_list;
mod self_trades;
mod short_marks;
