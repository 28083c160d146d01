//! Historical market data: where it comes from, what is let in, how it gets into the store.
//!
//! - [`HistoricalSource`] is what every source of history implements, with a description of what it can deliver
//!   ([`Capabilities`]). Here: [`FileSource`] (folders of CSV and Parquet) and [`LeanSource`] (LEAN data folders).
//!   Over the network: [`vendors`], whose calls go through [`http`] and [`resilience`].
//! - [`record_source`] is the same for news, reference data, options, filings and posts.
//! - [`backfill`](backfill::run) plans units of work, reads them in parallel, validates every row, and writes to a
//!   [`MarketStore`](trader_storage::store::MarketStore) in the order of the plan. It can be ended anywhere, also by
//!   `kill -9`, and run again: nothing is lost, nothing is there twice, and the store is the same to the byte as after
//!   an undisturbed run.
//! - [`ticks`] is history of trades and quotes: checked, a day of a symbol at a time.
//! - [`streams`] are real-time feeds, bounded, ordered, restored after each disconnect.
//! - What fails validation is set aside in quarantine files, with reason, source position and raw text, and counted.
//!   It never reaches the store.
//! - [`completeness`](mod@completeness) compares what is stored with the exchanges' calendar; [`export`](mod@export)
//!   writes series to files.
//!
//! The crate reads no clock: who calls it says what day it is.

pub mod backfill;
pub mod completeness;
mod error;
pub mod export;
mod file_source;
pub mod gather;
pub mod http;
mod journal;
mod lean_source;
mod quarantine;
pub mod record_source;
pub mod repair;
pub mod resilience;
mod source;
mod splitter;
pub mod streams;
pub mod ticks;
pub mod vendors;
mod worker;

pub use error::BackfillError;
pub use file_source::FileSource;
pub use lean_source::LeanSource;
pub use source::{
    Capabilities, DateRange, HistoricalSource, HistoryRequest, Opened, SymbolMeaning, WorkUnit,
};
