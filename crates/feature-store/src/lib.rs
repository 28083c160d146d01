//! Features over bar files: computed in flat memory, kept in Parquet with lineage, joined as of a time.
//!
//! - [`BarSource`]: bars from files, symbol by symbol where a folder allows it; [`Inputs`]: bars as the
//!   columns that calculators read, with the time at which each row could be known; [`Companions`]: other
//!   symbols' bars beside them.
//! - [`compute_all`] and [`FeatureTable`]: a feature set over all symbols into one CSV or Parquet table,
//!   within a [`MemoryBudget`]; [`compute_panel`]: features that compare symbols, moment by moment.
//! - [`join`]: tables of features onto one spine, as of its times.
//!
//! - [`precompute`]: a [`FeatureStore`] brought up to date, computing only what changed; [`Kept`]: what it
//!   holds, joined as of a time; [`verify`]: whether live code would see the same; [`clean`]: removal by age;
//!   [`compact`]: many small files into one.
//!
//! The crate reads no clock and makes no decision about money: features are statistics. What it writes
//! appears whole or not at all.

mod budget;
mod calculators;
mod compaction;
mod companions;
mod compute;
mod error;
mod export;
mod inputs;
mod join;
mod manifest;
mod panel;
mod precompute;
mod retention;
mod source;
mod store;
mod verify;

pub use budget::{MemoryBudget, Shape};
pub use compaction::{Compacted, compact};
pub use companions::{Companions, MARKET_COLUMNS, Wanted};
pub use compute::{Watch, compute};
pub use error::StoreError;
pub use export::{Computed, FeatureTable, compute_all};
pub use inputs::{BAR_COLUMNS, Inputs};
pub use join::{Joined, Side, Target, join};
pub use manifest::{Lineage, Manifest, Origin, Part};
pub use panel::{Moments, compute_panel};
pub use precompute::{Action, Job, Scope, SymbolReport, precompute};
pub use retention::{Clean, Removed, clean};
pub use source::BarSource;
pub use store::{FeatureStore, Kept};
pub use verify::{Difference, Parity, verify};
