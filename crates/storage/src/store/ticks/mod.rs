//! Trades and quotes in the store: `vendor=alpaca/kind=trades/symbol=SPY/date=2024-06-03/0123456789abcdef.parquet`.
//!
//! - `key`: what a series of ticks is and where it lies; `manifest`: its files with digests.
//! - `row`: what a kind of tick must say of itself; `trade`, `quote`: the two kinds.
//! - `codec`: a day as Parquet and back, a row group at a time.
//! - `series`: commit, read, check, prune, revise. A write is visible whole or not at all, and the same ticks again
//!   change nothing.

mod codec;
mod key;
mod manifest;
mod quote;
mod row;
mod series;
mod trade;

pub use key::{TickKey, TickKind};
pub use manifest::{TickEntry, TickManifest};
pub use quote::StoredQuote;
pub use row::{Identity, TickFault, TickRow, TickText};
pub use series::{Revised, Revision, TickCommitted};
pub use trade::StoredTrade;
