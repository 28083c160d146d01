//! Behaviour of the domain types, seen from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::let_underscore_must_use,
    reason = "a test fails by panicking"
)]

mod calendar;
mod executions;
mod money;
mod option_symbols;
mod order_life;
mod order_life_model;
mod position;
mod position_corporate;
mod position_laws;
mod records;
mod reference_records;
mod vocabulary;
