//! Why something could not be archived, checked or brought back.

use thiserror::Error;
use trader_storage::DataError;

/// Why an archive could not do what it was asked. The store is whole in any case, and so is what was archived before.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The address is none of ours.
    #[error("archive.url `{url}` {detail}; write file:///FOLDER or s3://BUCKET/PREFIX")]
    Address {
        /// As configured.
        url: String,
        /// What is wrong.
        detail: String,
    },
    /// No key for a service that wants one.
    #[error(
        "there is no {key}; set it in the environment as AI_TRADER_{variable}, or its file as AI_TRADER_{variable}__FILE"
    )]
    NoKey {
        /// The configuration key.
        key: &'static str,
        /// The variable's name without prefix.
        variable: &'static str,
    },
    /// The service does not accept the keys, or they may not do this.
    #[error(
        "{place}: archive.access_key_id and archive.secret_access_key are not accepted ({detail}); set both anew, or let this key read, write and list the bucket"
    )]
    Refused {
        /// Where.
        place: String,
        /// What the service said.
        detail: String,
    },
    /// The bucket or folder is not there.
    #[error("{place}: there is no such bucket; make it, or correct archive.url and archive.region")]
    NoBucket {
        /// Where.
        place: String,
    },
    /// The service does not answer, or not usefully.
    #[error(
        "{place}: {doing} failed ({detail}); nothing is lost: run the same command again when the service answers"
    )]
    Unreachable {
        /// Where.
        place: String,
        /// What was being done.
        doing: &'static str,
        /// Why.
        detail: String,
    },
    /// An object that a record names is not there.
    #[error(
        "{place}/{object}: is missing from the archive; restore it from another copy of the archive"
    )]
    Missing {
        /// Where.
        place: String,
        /// Which.
        object: String,
    },
    /// An object or record is not as it was written.
    #[error("{place}/{object}: is damaged ({detail}); restore it from another copy of the archive")]
    Damaged {
        /// Where.
        place: String,
        /// Which.
        object: String,
        /// How that shows.
        detail: String,
    },
    /// A record of another version.
    #[error("{object}: is of another version ({found}); use the program that wrote it")]
    Version {
        /// Which.
        object: String,
        /// What it says it is.
        found: String,
    },
    /// A file of the store is not as it was written; it is not archived.
    #[error("the store cannot be used")]
    Store(#[from] DataError),
    /// A thread for calls could not be started.
    #[error("a thread for calls cannot be started")]
    Thread(#[source] std::io::Error),
    /// Somebody asked to stop.
    #[error("interrupted; run the same command again to go on where it stopped")]
    Interrupted,
}

impl ArchiveError {
    /// From what the object store said about `object`.
    pub(crate) fn of(
        place: &str,
        object: &str,
        doing: &'static str,
        error: &object_store::Error,
    ) -> Self {
        let detail = with_causes(error);
        let place = place.to_owned();
        if detail.contains("NoSuchBucket") {
            return Self::NoBucket { place };
        }
        // Listing tells the status and the service's code in its text only.
        let is_refused = ["403 Forbidden", "401 Unauthorized"]
            .iter()
            .any(|status| detail.contains(status));
        match error {
            _ if is_refused => Self::Refused {
                place,
                detail: shortened(&detail),
            },
            object_store::Error::Unauthenticated { .. }
            | object_store::Error::PermissionDenied { .. } => Self::Refused {
                place,
                detail: shortened(&detail),
            },
            object_store::Error::NotFound { .. } => Self::Missing {
                place,
                object: object.to_owned(),
            },
            _ => Self::Unreachable {
                place,
                doing,
                detail: shortened(&detail),
            },
        }
    }
}

/// An error with what caused it, on one line.
fn with_causes(error: &dyn std::error::Error) -> String {
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

/// What a service said, as one line of bounded length.
fn shortened(text: &str) -> String {
    let mut line: String = text
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(400)
        .collect();
    if text.chars().nth(400).is_some() {
        line.push('…');
    }
    line
}
