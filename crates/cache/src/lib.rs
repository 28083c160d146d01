//! Answers kept for a while: in memory, in Redis, in files.
//!
//! - [`Cache`]: looks in memory, then in Redis, then in files, and asks the source last. Typed surfaces:
//!   [`Cache::get_quotes`], [`Cache::get_trades`], [`Cache::get_ohlcv`], [`Cache::get_features`], and
//!   [`Cache::get_answer`] for what a vendor sent.
//! - Memory is bounded by entries and by bytes and keeps what is asked for often (`TinyLFU`). How long something counts
//!   depends on its kind and on whether the market is open ([`Lifetimes`]).
//! - What many ask for at once is loaded once.
//! - [`RedisTier`] and [`FileTier`] never fail a caller: what they cannot give is asked for elsewhere, what they cannot
//!   take is dropped. Entries carry their key, their end and a digest; what does not fit is no entry.
//!
//! The crate reads no clock: the one that is handed in says when an entry has ended.

mod cache;
mod entry;
mod file_tier;
mod flights;
mod kind;
mod pattern;
mod redis_tier;
mod statistics;

pub use cache::{Bounds, Cache, Layers};
pub use entry::{Entry, NotAnEntry};
pub use file_tier::FileTier;
pub use kind::{Key, KeyError, Kind, Lifetimes, Market};
pub use pattern::Pattern;
pub use redis_tier::{RedisSettings, RedisTier};
pub use statistics::{Statistics, TierStatistics};
