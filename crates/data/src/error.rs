//! Why a backfill, a check or an export ended early.

use thiserror::Error;
use trader_domain::calendar::CalendarError;
use trader_storage::DataError;

/// Why there is no result. What is stored is whole in any case.
#[derive(Debug, Error)]
pub enum BackfillError {
    /// The source as a whole cannot be used.
    #[error("the source cannot be read")]
    Source(#[source] DataError),
    /// The source has nothing of what was asked for.
    #[error("{source_name} has nothing of {wanted}; check symbols, dates and timeframe")]
    NothingToDo {
        /// Where was looked.
        source_name: String,
        /// What was asked for.
        wanted: String,
    },
    /// The store cannot be read or written.
    #[error("the store cannot be used")]
    Store(#[source] DataError),
    /// A record of a run cannot be written as JSON or is not what this version writes.
    #[error("{file}: {detail}; remove the file to begin this run anew, what is stored stays")]
    Journal {
        /// Which file.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// Somebody asked to stop.
    #[error("interrupted; run the same command again to go on where it stopped")]
    Interrupted,
    /// A date that the calendar does not cover.
    #[error("completeness cannot be told")]
    Calendar(#[from] CalendarError),
}

/// An error with what caused it, on one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let line = inner.to_string();
        // Some layers repeat what is below them.
        if !text.contains(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        cause = inner.source();
    }
    text
}
