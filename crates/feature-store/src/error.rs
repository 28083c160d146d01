//! Why features could not be computed, kept or read back: one error type for the crate.

use thiserror::Error;
use trader_domain::Timestamp;
use trader_features::FeatureError;
use trader_storage::DataError;

/// Any failure of this crate.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Bars could not be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A file of ours could not be read or written.
    #[error(transparent)]
    File(DataError),
    /// The features could not be built or fed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The end of a bar cannot be told.
    #[error(
        "{symbol}: the end of the bar at {time} cannot be told; session bars are read from 1946 on"
    )]
    Time {
        /// Whose bar.
        symbol: String,
        /// Its label.
        time: Timestamp,
    },
    /// The benchmark cannot be used.
    #[error(
        "benchmark `{symbol}` {reason}; name a symbol of the data with bars of the same length"
    )]
    Benchmark {
        /// The symbol asked for.
        symbol: String,
        /// What is wrong.
        reason: String,
    },
    /// A column of another symbol cannot be made.
    #[error("`{column}`: {reason}")]
    Companion {
        /// The column, as features name it.
        column: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Tables cannot be joined.
    #[error("{file}: {reason}")]
    Join {
        /// Which table.
        file: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The symbols cannot be compared.
    #[error("{reason}")]
    Panel {
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The work does not fit the memory allowed for it.
    #[error(
        "{what} needs {needed} bytes, {budget} are allowed; raise features.memory, choose fewer symbols or features, or read a Parquet folder partitioned by symbol"
    )]
    Memory {
        /// What is too large.
        what: String,
        /// Computed need.
        needed: u64,
        /// The limit.
        budget: u64,
    },
    /// A file of the store is not what it should be.
    #[error("{file}: {reason}; compute the set again with --rebuild")]
    Damaged {
        /// Which file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the store was written by a later version of this program.
    #[error(
        "{file}: format {found} is newer than {known}, the newest known here; use the newer program"
    )]
    NewerFormat {
        /// Which file.
        file: String,
        /// Its format.
        found: u32,
        /// The newest known.
        known: u32,
    },
    /// The store holds another content under this name and version.
    #[error(
        "{set} is in the store with other formulas than now; a version's content never changes: give the changed set the next version"
    )]
    SetChanged {
        /// `name@version`.
        set: String,
    },
    /// Not in the store.
    #[error("{what} is not in the store {store}; there is {known}")]
    Unknown {
        /// What was asked for.
        what: String,
        /// The store's folder.
        store: String,
        /// What there is.
        known: String,
    },
    /// Another process writes to the store.
    #[error("{store}: another process is writing to this store; wait for it to end")]
    Busy {
        /// The store's folder.
        store: String,
    },
    /// Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}
