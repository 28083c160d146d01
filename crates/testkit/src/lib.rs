//! What tests of several crates share; nothing here ends up in a program that trades.
//!
//! - [`Random`]: a small seeded generator, the same sequence on every machine.
//! - [`market`]: synthetic minute bars, trades and quotes from a seed, in exact cents.
//! - [`arbitrary`]: proptest strategies for the domain's types.
//! - [`certificates`]: an authority of the test's own, and certificates that it signs.
//! - [`fixtures`]: instruments and instants that many tests need.
//! - [`http_server`]: a local server with scripted answers and faults.
//! - [`postgres`]: a `PostgreSQL` server of the test's own, to be killed, frozen and restarted.
//! - [`stream_server`]: a local WebSocket server that speaks a vendor's stream, with scripted faults.
//! - [`redis_server`]: a real Redis that can be killed, frozen and started again.
//! - [`Killer`]: `kill -9` at random instants of a process's life.
//! - [`Tier`]: how many seeds an experiment tries in CI and in the long run.
//!
//! The simulated clock is the domain's own, `trader_domain::SimulatedClock`.
//!
//! ```
//! use trader_testkit::market::MinuteBars;
//!
//! let week: Vec<_> = MinuteBars::from_seed(7).take(5 * 390).collect();
//! assert!(week.iter().all(|bar| bar.validate().is_ok()));
//! assert_eq!(week, MinuteBars::from_seed(7).take(5 * 390).collect::<Vec<_>>());
//! ```

#![allow(
    clippy::panic,
    reason = "a test fails by panicking, and so does what it is built from"
)]

pub mod arbitrary;
pub mod certificates;
pub mod fixtures;
pub mod http_server;
mod killer;
pub mod market;
pub mod postgres;
mod random;
pub mod redis_server;
pub mod stream_server;
mod tier;

pub use killer::Killer;
pub use random::Random;
pub use tier::Tier;
