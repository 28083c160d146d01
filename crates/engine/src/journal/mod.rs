//! The journal: every event of the core, in order, durable before its effects leave the process.
//!
//! Layout of a file (all integers little-endian):
//!
//! ```text
//! header   magic "AITRJRNL" | version u16 | reserved u16 | run u64 | crc32 of the 20 bytes before
//! record   length u32 of the body | crc32 of length and body | body
//! body     sequence u64 | time i64 | effects so far u128 | event (postcard)
//! ```
//!
//! `effects so far` is the core's running fingerprint *before* the event: a replay that does
//! something else is caught at the first event after it, by number.
//!
//! Rules:
//! - The first record is the start ([`start_event`]): sequence 0, with the time given to
//!   [`crate::Core::start`]. Every later record's sequence is one above that of the record before.
//! - **Append, process, commit, release**: an event is appended before the core processes it, and
//!   nothing that came of it leaves the process before [`JournalWriter::commit`] has returned. Many
//!   events may share a commit.
//! - After a failed append or barrier the writer is closed: what is durable is known only after
//!   recovery.
//! - A record that is cut off or damaged at the very end was never acknowledged (its commit did not
//!   return) and is dropped, with a count of bytes. Damage anywhere before a whole record of a
//!   later event is corruption and stops recovery: nothing is skipped.
//! - Damage in the header is an error, as is another version.

mod record;
mod recovery;
mod store;
mod writer;

pub use record::{JournalRecord, MAX_RECORD_BYTES, RecordError, decode, start_event};
pub use recovery::{JournalContents, JournalError, read_journal};
pub use store::{FileStore, JournalStore, MemoryStore};
pub use writer::{EventSink, JournalWriter, WriteError};
