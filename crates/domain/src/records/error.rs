//! Why a record is refused.

use thiserror::Error;

use crate::time::Timestamp;

/// A record that contradicts itself or lacks what makes it one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordError {
    /// Received before it was published.
    #[error("received {received}, before it was published {published}")]
    ReceivedBeforePublished {
        /// When it was published.
        published: Timestamp,
        /// When it was received.
        received: Timestamp,
    },
    /// A text that must not be empty.
    #[error("{field} is empty")]
    Empty {
        /// Which field.
        field: &'static str,
    },
    /// A text beyond any sensible length.
    #[error("{field} has {found} bytes, at most {max} are taken")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// Its length.
        found: usize,
        /// The longest accepted.
        max: usize,
    },
    /// A number below what its field can mean.
    #[error("{field} is {found}, which it cannot be")]
    OutOfRange {
        /// Which field.
        field: &'static str,
        /// Its value.
        found: String,
    },
    /// Two fields that exclude each other.
    #[error("{0}")]
    Contradiction(&'static str),
}

const MAX_NAME: usize = 200;
const MAX_TEXT: usize = 100_000;

pub(super) fn times(published: Timestamp, received: Timestamp) -> Result<(), RecordError> {
    if received < published {
        return Err(RecordError::ReceivedBeforePublished {
            published,
            received,
        });
    }
    Ok(())
}

pub(super) fn name(field: &'static str, text: &str) -> Result<(), RecordError> {
    bounded(field, text, MAX_NAME)
}

pub(super) fn text(field: &'static str, text: &str) -> Result<(), RecordError> {
    bounded(field, text, MAX_TEXT)
}

fn bounded(field: &'static str, text: &str, max: usize) -> Result<(), RecordError> {
    if text.trim().is_empty() {
        return Err(RecordError::Empty { field });
    }
    if text.len() > max {
        return Err(RecordError::TooLong {
            field,
            found: text.len(),
            max,
        });
    }
    Ok(())
}

pub(super) fn range(
    field: &'static str,
    found: &impl ToString,
    fits: bool,
) -> Result<(), RecordError> {
    if fits {
        return Ok(());
    }
    Err(RecordError::OutOfRange {
        field,
        found: found.to_string(),
    })
}
