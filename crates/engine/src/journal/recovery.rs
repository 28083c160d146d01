//! Reading a journal back: everything up to a torn tail, or an error where it is damaged.

use std::io;

use thiserror::Error;

use super::record::{HEADER_BYTES, JournalRecord, MAGIC, RecordError, VERSION, decode};
use super::store::JournalStore;

/// What a journal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalContents {
    /// The identity it was created with.
    pub run: u64,
    /// All records, in order.
    pub records: Vec<JournalRecord>,
    /// Length up to the end of the last whole record.
    pub valid_bytes: u64,
    /// Bytes of a record after that which was never committed whole; zero when the end is clean.
    pub torn_bytes: u64,
}

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The store could not be read or cut.
    #[error("the journal could not be read")]
    Store(#[from] io::Error),
    /// Not a journal, or its first bytes are damaged.
    #[error("this is not a journal: {0}; restore the file from its backup")]
    Header(&'static str),
    /// Written by another version.
    #[error("the journal has format version {found}, this program reads {VERSION}")]
    Version {
        /// The version found.
        found: u16,
    },
    /// Damage before the end: committed records are lost.
    #[error(
        "the journal is damaged at byte {offset} (after event {after}) although valid records \
         follow: {reason}; do not trade on it, restore it from its backup"
    )]
    Corrupt {
        /// Where the damage starts.
        offset: u64,
        /// The last good event.
        after: u64,
        /// What is wrong there.
        reason: RecordError,
    },
    /// Records are whole but their numbers have a gap or go back.
    #[error("event {found} follows event {after} at byte {offset}: records are missing or doubled")]
    Sequence {
        /// Where.
        offset: u64,
        /// The event before.
        after: u64,
        /// The event found.
        found: u64,
    },
}

/// Reads a journal and cuts a torn tail off the store.
///
/// # Errors
/// [`JournalError`]; the store is unchanged then.
pub fn read_journal<S: JournalStore>(store: &mut S) -> Result<JournalContents, JournalError> {
    let bytes = store.read_all()?;
    let run = read_header(&bytes)?;
    let mut offset = HEADER_BYTES;
    let mut records: Vec<JournalRecord> = Vec::new();
    let mut after = None;
    while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
        let (record, size) = match decode(rest) {
            Ok(found) => found,
            Err(reason) => {
                if follows_valid_record(rest, after.unwrap_or(0)) {
                    let (offset, after) = (offset as u64, after.unwrap_or(0));
                    return Err(JournalError::Corrupt {
                        offset,
                        after,
                        reason,
                    });
                }
                break;
            }
        };
        let found = record.event.sequence;
        if after.is_some_and(|last| found != last + 1) {
            let (offset, after) = (offset as u64, after.unwrap_or(0));
            return Err(JournalError::Sequence {
                offset,
                after,
                found,
            });
        }
        after = Some(found);
        records.push(record);
        offset += size;
    }
    let torn = bytes.len() - offset;
    if torn > 0 {
        store.truncate(offset as u64)?;
    }
    Ok(JournalContents {
        run,
        records,
        valid_bytes: offset as u64,
        torn_bytes: torn as u64,
    })
}

fn read_header(bytes: &[u8]) -> Result<u64, JournalError> {
    let header = bytes
        .get(..HEADER_BYTES)
        .ok_or(JournalError::Header("it is shorter than a header"))?;
    let (content, checksum) = header.split_at(HEADER_BYTES - 4);
    if content.get(..8) != Some(MAGIC.as_slice()) {
        return Err(JournalError::Header(
            "it does not start with the journal's mark",
        ));
    }
    if checksum != crc32fast::hash(content).to_le_bytes() {
        return Err(JournalError::Header("the header's checksum does not match"));
    }
    let version = content
        .get(8..10)
        .and_then(|b| b.try_into().ok())
        .map_or(0, u16::from_le_bytes);
    if version != VERSION {
        return Err(JournalError::Version { found: version });
    }
    let run = content
        .get(12..20)
        .and_then(|b| b.try_into().ok())
        .map(u64::from_le_bytes);
    run.ok_or(JournalError::Header("it is shorter than a header"))
}

/// Whether any later position holds a whole record of a later event: then the bad one is not the
/// tail of an interrupted write.
fn follows_valid_record(rest: &[u8], after: u64) -> bool {
    (1..rest.len()).any(|skip| {
        rest.get(skip..)
            .and_then(|tail| decode(tail).ok())
            .is_some_and(|(record, _)| record.event.sequence > after)
    })
}
