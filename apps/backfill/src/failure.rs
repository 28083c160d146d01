//! Everything that can end the program early, by kind, each with its exit code.

use std::error::Error;
use std::io::Write as _;

use thiserror::Error as ThisError;
use trader_archive::ArchiveError;
use trader_config::ConfigError;
use trader_data::BackfillError;
use trader_database::{BackupError, DatabaseError};
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
    /// A stream ended for good; what came before is stored.
    #[error("the stream ended")]
    Stream(#[source] trader_data::streams::StreamFault),
    /// A stream could not be recorded.
    #[error("the stream could not be recorded")]
    Record(#[from] trader_data::streams::RecordError),
    /// The backfill ended early.
    #[error(transparent)]
    Backfill(#[from] BackfillError),
    /// The archive cannot be read or written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What a vendor's rule forbids.
    #[error("{0}")]
    Licence(String),
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
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Database(#[from] DatabaseError),
    /// There is no backup, or it cannot be restored.
    #[error("the backup failed")]
    Backup(#[from] BackupError),
    /// Log files cannot be set up.
    #[error("logging could not be started")]
    Logging(#[from] trader_telemetry::LoggingError),
    /// A vendor does not accept our credentials, or could not be asked.
    #[error("{0}")]
    Credentials(String),
    /// The store is damaged or incomplete.
    #[error("{0}")]
    Incomplete(String),
}

impl Failure {
    /// 2 usage, 3 source data, 4 configuration, 5 files, store, archive and database, 7 damaged or incomplete,
    /// 8 forbidden by a vendor's rule, 130 interrupted.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Source(_)
            | Self::Stream(_)
            | Self::Units { .. }
            | Self::Backfill(BackfillError::Source(_) | BackfillError::NothingToDo { .. }) => 3,
            Self::Config(_)
            | Self::Credentials(_)
            | Self::Archive(ArchiveError::Address { .. } | ArchiveError::NoKey { .. }) => 4,
            Self::Backfill(BackfillError::Interrupted)
            | Self::Archive(ArchiveError::Interrupted) => 130,
            Self::Incomplete(_)
            | Self::Backup(BackupError::Differs { .. } | BackupError::MissingSegment { .. })
            | Self::Archive(ArchiveError::Missing { .. } | ArchiveError::Damaged { .. }) => 7,
            Self::Licence(_) => 8,
            Self::Archive(_)
            | Self::Store(_)
            | Self::File { .. }
            | Self::Database(_)
            | Self::Backup(_)
            | Self::Logging(_)
            | Self::Record(_)
            | Self::Backfill(_) => 5,
        }
    }
}

/// The error and what caused it, a line each.
fn lines(failure: &Failure) -> Vec<String> {
    let mut lines = vec![failure.to_string()];
    let mut cause = failure.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // `transparent` layers repeat their inner text.
        if !lines.iter().any(|known| known.contains(&line)) {
            lines.push(line);
        }
        cause = error.source();
    }
    lines
}

/// The error and what caused it, on one line.
pub(crate) fn on_one_line(failure: &Failure) -> String {
    lines(failure).join(": ")
}

/// Prints the error and what caused it, once, to standard error.
pub(crate) fn print(failure: &Failure) {
    let text = lines(failure).join("\n  caused by: ");
    let _closed_pipe = std::io::stderr().write_all(format!("error: {text}\n").as_bytes());
}
