//! Everything that can end the program early, by kind, each with its exit code.

use std::error::Error;
use std::io::Write as _;

use thiserror::Error as ThisError;
use trader_config::ConfigError;
use trader_data::BackfillError;
use trader_storage::DataError;

/// Why there is no result, or not the one that was hoped for.
#[derive(Debug, ThisError)]
pub(crate) enum Failure {
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The source cannot be read or is faulty.
    #[error(transparent)]
    Source(DataError),
    /// Parts of the source could not be used; the rest is stored.
    #[error("{count} of {units} units of work could not be used; the rest is stored. {first}")]
    Units {
        /// How many.
        count: usize,
        /// Of how many.
        units: u64,
        /// The first, with its reason.
        first: String,
    },
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(DataError),
    /// The backfill ended early.
    #[error(transparent)]
    Backfill(#[from] BackfillError),
    /// A file of ours could not be read or written.
    #[error("{path}: {action} failed")]
    File {
        /// Which file.
        path: String,
        /// What was being done.
        action: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Log files cannot be set up.
    #[error("logging could not be started")]
    Logging(#[from] trader_telemetry::LoggingError),
    /// The store is damaged or incomplete.
    #[error("{0}")]
    Incomplete(String),
}

impl Failure {
    /// 2 usage, 3 source data, 4 configuration, 5 files and store, 7 damaged or incomplete, 130 interrupted.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Source(_)
            | Self::Units { .. }
            | Self::Backfill(BackfillError::Source(_) | BackfillError::NothingToDo { .. }) => 3,
            Self::Config(_) => 4,
            Self::Backfill(BackfillError::Interrupted) => 130,
            Self::Store(_) | Self::File { .. } | Self::Logging(_) | Self::Backfill(_) => 5,
            Self::Incomplete(_) => 7,
        }
    }
}

/// Prints the error and what caused it, once, to standard error.
pub(crate) fn print(failure: &Failure) {
    let mut text = format!("error: {failure}\n");
    let mut cause = failure.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // `transparent` layers repeat their inner text.
        if !text.contains(&line) {
            text.push_str("  caused by: ");
            text.push_str(&line);
            text.push('\n');
        }
        cause = error.source();
    }
    let _closed_pipe = std::io::stderr().write_all(text.as_bytes());
}
