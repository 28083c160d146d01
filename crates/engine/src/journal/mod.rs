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
//! A record that is cut off or damaged at the very end was never acknowledged (its commit did not
//! return) and is dropped, with a count of bytes. Damage anywhere before a valid record is
//! corruption and stops recovery: nothing is skipped.

mod record;
mod recovery;
mod store;
mod writer;

pub use record::{JournalRecord, MAX_RECORD_BYTES, RecordError};
pub use recovery::{JournalContents, JournalError, read_journal};
pub use store::{FileStore, JournalStore, MemoryStore};
pub use writer::{JournalWriter, WriteError};
