//! Behaviour of the door: what an approval is, and what cannot be written.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod approval;
mod assessment;
mod forging;
