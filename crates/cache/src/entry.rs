//! An entry as bytes, for Redis and files: its key, when it ends, its content, a digest of all.
//!
//! Content above 1 KiB is compressed with LZ4 where that makes it smaller.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use trader_domain::Timestamp;

/// First bytes: format and version.
const MAGIC: &[u8; 4] = b"TCA1";
/// Length of the digest at the end.
const DIGEST: usize = 16;
/// Content up to this length is not compressed.
const PLAIN: usize = 1_024;
/// Longest content.
const LONGEST: usize = 256 << 20;

/// A value with its name and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose value it is.
    pub key: String,
    /// From when on it does not count.
    pub ends: Timestamp,
    /// The value, encoded.
    pub content: Vec<u8>,
}

/// Bytes that are no entry, or not a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a whole entry of a cache")]
pub struct NotAnEntry;

#[derive(Serialize, Deserialize)]
struct Head {
    key: String,
    ends: i64,
    /// Length before compression; none when it is plain.
    packed: Option<u64>,
}

impl Entry {
    /// The bytes of an entry; none when it is too long to be kept.
    pub fn render(&self) -> Option<Vec<u8>> {
        if self.content.len() > LONGEST {
            return None;
        }
        let packed = (self.content.len() > PLAIN)
            .then(|| lz4_flex::block::compress(&self.content))
            .filter(|packed| packed.len() < self.content.len());
        let head = postcard::to_stdvec(&Head {
            key: self.key.clone(),
            ends: self.ends.nanos(),
            packed: packed.as_ref().map(|_| self.content.len() as u64),
        })
        .ok()?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(packed.as_deref().unwrap_or(&self.content));
        let digest = blake3::hash(&bytes);
        bytes.extend_from_slice(digest.as_bytes().get(..DIGEST)?);
        Some(bytes)
    }

    /// Reads an entry. Any bytes give an entry or an error, never a panic, and never take more memory than a few times
    /// their own length and 256 MiB.
    ///
    /// # Errors
    /// [`NotAnEntry`] when a byte is missing, changed or too many.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAnEntry> {
        let at = bytes.len().checked_sub(DIGEST).ok_or(NotAnEntry)?;
        let (body, digest) = bytes.split_at_checked(at).ok_or(NotAnEntry)?;
        if blake3::hash(body).as_bytes().get(..DIGEST) != Some(digest) {
            return Err(NotAnEntry);
        }
        let rest = body.strip_prefix(MAGIC).ok_or(NotAnEntry)?;
        let (head, content): (Head, &[u8]) =
            postcard::take_from_bytes(rest).map_err(|_malformed| NotAnEntry)?;
        let content = match head.packed {
            None => content.to_vec(),
            Some(length) => {
                let length = usize::try_from(length).map_err(|_huge| NotAnEntry)?;
                // LZ4 expands at most 255 times.
                if length > LONGEST || length / 255 > content.len() {
                    return Err(NotAnEntry);
                }
                let plain = lz4_flex::block::decompress(content, length)
                    .map_err(|_malformed| NotAnEntry)?;
                if plain.len() != length {
                    return Err(NotAnEntry);
                }
                plain
            }
        };
        Ok(Self {
            key: head.key,
            ends: Timestamp::from_nanos(head.ends),
            content,
        })
    }
}
