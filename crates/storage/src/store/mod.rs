//! The market-data store: bars as hive-partitioned Parquet with a manifest for each series.
//!
//! `vendor=lean/kind=bars/timeframe=1m/adjustment=raw/symbol=SPY/date=2013-10-07/0123456789abcdef.parquet`
//!
//! - [`MarketStore::commit`] is the one way in. Files are written beside those that are there, flushed, named; then the
//!   series' manifest is replaced in one step. A crash leaves the series as it was before or as it is after; what it
//!   leaves lying around is never read and is removed by the next write.
//! - The same bars give the same bytes, so writing them again changes nothing.
//! - One process writes a series at a time ([`StoreLock`]); readers need no lock.
//! - Every file is checked against its digest whenever it is read ([`MarketStore::scan`], [`MarketStore::check`]).
//! - Old partitions leave for an archive and come back ([`MarketStore::release`], [`MarketStore::adopt`]).
//! - Trades and quotes have series of their own ([`TickKey`], [`MarketStore::commit_ticks`]), a New York day a file.
//! - What is stored is what the vendor sent. Adjusted prices are made on reading, as of a date
//!   ([`MarketStore::view`]).

mod check;
mod codec;
mod files;
mod key;
mod manifest;
mod market_store;
mod merge;
mod pages;
mod records;
mod reference;
mod scan;
mod sealed;
mod ticks;
mod transfer;
mod view;

pub use check::Damage;
pub use codec::{BarColumn, Projection};
pub use files::{Listed, LocalFiles, StoreFiles, StoreLock};
pub use key::{
    Partition, SeriesKey, StoredAdjustment, label_of_date, parse_timeframe, trading_date,
};
pub use manifest::{Entry, Manifest};
pub use market_store::{Committed, Effect, MarketStore, Provenance, Pruned};
pub use records::{RecordKind, RecordsPut};
pub use reference::ReferenceFiles;
pub use scan::{LabelRange, SeriesScan};
pub use ticks::{
    Identity, Revised, Revision, StoredQuote, StoredTrade, TickCommitted, TickEntry, TickFault,
    TickKey, TickKind, TickManifest, TickRow, TickText,
};
pub use transfer::OpenPartition;
pub use view::{PriceView, ViewRequest, Viewed};
