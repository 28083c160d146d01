//! Why a file could not be read or written: one error type for the crate.
//!
//! Every message says what failed, on which file, and what to do. Faults inside the rows are collected
//! ([`crate::problem`]) and reported together; everything else stops at once.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::problem::ProblemReport;

/// A market-data file or run table that could not be read or written.
#[derive(Debug, Error)]
pub enum DataError {
    /// Nothing at the path.
    #[error("{file}: no such file; check the path and the working directory")]
    NotFound {
        /// The path asked for.
        file: String,
    },
    /// The operating system refuses access.
    #[error("{file}: permission denied; make it readable for this user")]
    PermissionDenied {
        /// The path asked for.
        file: String,
    },
    /// A folder where a file is needed.
    #[error(
        "{file}: is a folder, a file is expected; name one file, or use the reader for folders"
    )]
    IsFolder {
        /// The path asked for.
        file: String,
    },
    /// A file where a folder is needed.
    #[error("{file}: is a file, a folder is expected")]
    NotAFolder {
        /// The path asked for.
        file: String,
    },
    /// Refused to overwrite.
    #[error(
        "{file}: exists already and is not overwritten; choose another name or remove it first"
    )]
    AlreadyExists {
        /// The path asked for.
        file: String,
    },
    /// The disk is full.
    #[error(
        "{file}: no space left while {doing}; free some space and run again, nothing was left half-written"
    )]
    DiskFull {
        /// The path being written.
        file: String,
        /// What was being done.
        doing: &'static str,
    },
    /// Any other failure of the operating system.
    #[error("{file}: {doing} failed")]
    Io {
        /// The path.
        file: String,
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// Not a byte in it.
    #[error("{file}: the file is empty")]
    Empty {
        /// The file.
        file: String,
    },
    /// A header and nothing below.
    #[error("{file}: has a header but no rows")]
    NoRows {
        /// The file.
        file: String,
    },
    /// A folder without any file of the kind looked for.
    #[error("{file}: the folder has no {kind} in it; check the path and what was asked for")]
    NoFiles {
        /// The folder.
        file: String,
        /// What was looked for.
        kind: &'static str,
    },
    /// Columns that the reader needs are not in the header.
    #[error("{file}: no column for {missing}; the header has {found}")]
    MissingColumns {
        /// The file.
        file: String,
        /// What is missing, in words.
        missing: String,
        /// The header as found, cut at 200 characters.
        found: String,
    },
    /// Two columns with the same meaning.
    #[error(
        "{file}: the columns `{first}` and `{second}` both mean {meaning}; remove or rename one"
    )]
    AmbiguousColumns {
        /// The file.
        file: String,
        /// First column's name.
        first: String,
        /// Second column's name.
        second: String,
        /// The role both claim.
        meaning: &'static str,
    },
    /// The first line holds data.
    #[error(
        "{file}: the first line `{found}` looks like data; add a header such as timestamp,open,high,low,close,volume"
    )]
    NoHeader {
        /// The file.
        file: String,
        /// The line, cut at 80 characters.
        found: String,
    },
    /// Bytes that are not UTF-8 where text is expected.
    #[error("{file}: line {line} is not UTF-8 ({hint}); save the file as UTF-8")]
    NotUtf8 {
        /// The file.
        file: String,
        /// First such line, from 1.
        line: u64,
        /// What it looks like.
        hint: &'static str,
    },
    /// The file ends before its content does.
    #[error("{file}: is cut short ({detail}); copy or download it again")]
    Truncated {
        /// The file.
        file: String,
        /// How that shows.
        detail: String,
    },
    /// The container's own checks fail.
    #[error("{file}: is damaged ({detail}); copy or download it again")]
    Corrupt {
        /// The file.
        file: String,
        /// What the check said.
        detail: String,
    },
    /// A valid file of a kind this reader does not know.
    #[error("{file}: {detail}")]
    Unsupported {
        /// The file.
        file: String,
        /// What it is and what to do.
        detail: String,
    },
    /// Faulty rows; nothing was loaded.
    #[error("{0}")]
    Rows(ProblemReport),
    /// Another process is writing.
    #[error("{file}: another process is writing there; wait for it to end, or end it")]
    Busy {
        /// The lock.
        file: String,
    },
    /// A file of a store that is not as it was written.
    #[error(
        "{file}: is damaged ({detail}); with the source `backfill gaps --repair` (bars) or `backfill run --data … --repeat` (ticks) writes it again"
    )]
    Damaged {
        /// The file.
        file: String,
        /// How that shows.
        detail: String,
    },
    /// A symbol that the data set does not have.
    #[error("no data for `{symbol}`; there is data for {known}")]
    UnknownSymbol {
        /// The symbol asked for.
        symbol: String,
        /// Some that exist.
        known: String,
    },
    /// A table whose columns do not fit together.
    #[error("table for {file}: {detail}")]
    Table {
        /// The file to be written.
        file: String,
        /// What does not fit.
        detail: String,
    },
}

impl DataError {
    /// Whether a stored file is not what was written: reading it again will not help, writing it anew will.
    pub const fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. }
                | Self::Corrupt { .. }
                | Self::Truncated { .. }
                | Self::Unsupported { .. }
        )
    }

    /// The error for a failed system call on `path`, by kind.
    pub fn from_io(path: &Path, doing: &'static str, source: io::Error) -> Self {
        Self::from_io_named(&path.display().to_string(), doing, source)
    }

    /// As [`Self::from_io`], for a source known by name only.
    pub(crate) fn from_io_named(name: &str, doing: &'static str, source: io::Error) -> Self {
        let file = name.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { file },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { file },
            io::ErrorKind::IsADirectory => Self::IsFolder { file },
            io::ErrorKind::NotADirectory => Self::NotAFolder { file },
            io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
                Self::AlreadyExists { file }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { file, doing }
            }
            io::ErrorKind::UnexpectedEof => Self::Truncated {
                file,
                detail: format!("it ended while {doing}"),
            },
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Corrupt {
                file,
                detail: source.to_string(),
            },
            _ => Self::Io {
                file,
                doing,
                source,
            },
        }
    }
}

/// Text from outside, made fit for a message: printable and no longer than `most` characters.
pub(crate) fn excerpt(text: &[u8], most: usize) -> String {
    let shown = text.get(..most.saturating_mul(4)).unwrap_or(text);
    let printable = String::from_utf8_lossy(shown);
    let mut result: String = printable
        .chars()
        .take(most)
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if printable.chars().nth(most).is_some() || shown.len() < text.len() {
        result.push('…');
    }
    result
}
