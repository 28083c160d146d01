//! Cold storage: partitions of the market-data store that have grown old go to object storage, and come back.
//!
//! - [`Place`]: where the archive is: `s3://bucket/prefix` (any S3-compatible service) or `file:///folder`.
//! - [`Archive::run`] copies partitions out, reads every copy back, writes a [`Record`] of them, and only then lets the
//!   store remove its own files. [`Archive::records`], [`Archive::verify`] and [`Archive::restore`] go the other way.
//! - [`Mirror`] keeps copies of a folder of backups at such a place, and brings them back.
//! - Everything is streamed: no object is ever in memory as a whole, whatever its size ([`PART`]).
//!
//! What holds: objects are named after the SHA-256 of their content and never change; records are written once. So a run
//! that ends anywhere, also by `kill -9`, leaves nothing that a repetition does not complete: what is already there and
//! whole is not sent again, and a partition is in the store until it is proven to be in the archive. Nothing is ever
//! removed from an archive: it only grows.
//!
//! The crate reads no clock and no environment: who calls it says what time it is and which keys to use.

mod archive;
mod error;
mod mirror;
mod place;
mod record;
mod stream;

pub use archive::{Archive, Archived, Checked, Dates, Restored};
pub use error::ArchiveError;
pub use mirror::{Mirror, Mirrored};
pub use place::{Bounds, Keys, Place, S3Settings};
pub use record::{Record, RecordLine};
pub use stream::PART;

#[cfg(test)]
#[test]
fn s3_server_process() {
    trader_testkit_s3::serve_when_asked();
}
