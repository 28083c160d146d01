//! [`Record`]: what one run archived of one series; the archive's manifest.
//!
//! Line by line JSON: a header with the series' own manifest of these partitions, one line for each object with its
//! SHA-256, and the SHA-256 of all lines before. Records are written once, under a name made of their content; what an
//! archive holds is what its records name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trader_domain::Timestamp;
use trader_storage::store::{Manifest, Partition, SeriesKey};

use crate::error::ArchiveError;
use crate::stream::sha256;

const FORMAT: &str = "market data archive";
const VERSION: u32 = 1;

/// Larger objects are no records.
pub(crate) const MOST_BYTES: u64 = 64 << 20;

/// The folder of all records.
pub(crate) const FOLDER: &str = "_records";

/// Where one partition is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine {
    /// The object's name, relative to the archive.
    pub object: String,
    /// Length of the object.
    pub bytes: u64,
    /// SHA-256 of the object, in hex.
    pub sha256: String,
}

/// What was archived of a series in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub(crate) archived_at: Timestamp,
    pub(crate) manifest: Manifest,
    pub(crate) lines: BTreeMap<Partition, RecordLine>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    archived_at: String,
    manifest: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    partition: String,
    object: String,
    bytes: u64,
    sha256: String,
}

/// The name of a partition's object: the first 32 digits of its digest are enough to tell contents apart, and keep
/// names short.
pub(crate) fn object_name(key: &SeriesKey, partition: Partition, sha256: &str) -> String {
    format!("{}/{partition}/{}.parquet", key.folder(), shortened(sha256))
}

fn shortened(sha256: &str) -> &str {
    sha256.get(..32).unwrap_or(sha256)
}

impl Record {
    /// Which series.
    pub const fn key(&self) -> &SeriesKey {
        self.manifest.key()
    }

    /// When it was archived.
    pub const fn archived_at(&self) -> Timestamp {
        self.archived_at
    }

    /// The partitions as the store knew them.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The object of each partition.
    pub const fn lines(&self) -> &BTreeMap<Partition, RecordLine> {
        &self.lines
    }

    /// The record's name by its bytes.
    pub(crate) fn name(key: &SeriesKey, bytes: &[u8]) -> String {
        format!(
            "{FOLDER}/{}/{}.jsonl",
            key.folder(),
            shortened(&sha256(bytes))
        )
    }

    /// The record as bytes.
    ///
    /// # Errors
    /// [`ArchiveError::Store`] when the manifest cannot be written as text.
    pub fn render(&self) -> Result<Vec<u8>, ArchiveError> {
        let unwritable = |detail: String| {
            ArchiveError::Store(trader_storage::DataError::Unsupported {
                file: self.key().to_string(),
                detail,
            })
        };
        let manifest = String::from_utf8(self.manifest.render()?)
            .map_err(|error| unwritable(error.to_string()))?;
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            archived_at: self.archived_at.to_string(),
            manifest,
        };
        let json =
            |line: serde_json::Result<String>| line.map_err(|error| unwritable(error.to_string()));
        let mut text = json(serde_json::to_string(&header))?;
        text.push('\n');
        for (partition, line) in &self.lines {
            text.push_str(&json(serde_json::to_string(&Line {
                partition: partition.to_string(),
                object: line.object.clone(),
                bytes: line.bytes,
                sha256: line.sha256.clone(),
            }))?);
            text.push('\n');
        }
        text.push_str(&seal_of(&text));
        Ok(text.into_bytes())
    }

    /// Reads a record. Any bytes give a record or an error, never a panic.
    ///
    /// # Errors
    /// [`ArchiveError::Damaged`] when it is not whole, [`ArchiveError::Version`] when another version wrote it.
    pub fn parse(bytes: &[u8], place: &str, object: &str) -> Result<Self, ArchiveError> {
        let damaged = |detail: String| ArchiveError::Damaged {
            place: place.to_owned(),
            object: object.to_owned(),
            detail,
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_error| damaged("it is not UTF-8".to_owned()))?;
        let body = text
            .strip_suffix('\n')
            .ok_or_else(|| damaged("its end is missing".to_owned()))?;
        let at = body.rfind('\n').map_or(0, |at| at + 1);
        let (lines, seal) = text.split_at_checked(at).unwrap_or_default();
        if seal_of(lines) != seal {
            return Err(damaged(
                "its content does not match its checksum".to_owned(),
            ));
        }
        let mut lines = lines.lines();
        let header = lines.next().unwrap_or_default();
        let header: Header =
            serde_json::from_str(header).map_err(|error| damaged(error.to_string()))?;
        if header.format != FORMAT || header.version != VERSION {
            return Err(ArchiveError::Version {
                object: object.to_owned(),
                found: format!(
                    "{} {}",
                    header.format.chars().take(60).collect::<String>(),
                    header.version
                ),
            });
        }
        let manifest = Manifest::parse(header.manifest.as_bytes(), object)?;
        let archived_at = header
            .archived_at
            .parse()
            .map_err(|_error| damaged("it has no time".to_owned()))?;
        let mut named = BTreeMap::new();
        for line in lines {
            let line: Line =
                serde_json::from_str(line).map_err(|error| damaged(error.to_string()))?;
            let fits = Partition::parse(&line.partition).filter(|partition| {
                let stored = manifest.entries().get(partition);
                stored.is_some_and(|entry| entry.bytes == line.bytes)
                    && line.object == object_name(manifest.key(), *partition, &line.sha256)
                    && line.sha256.len() == 64
                    && line
                        .sha256
                        .bytes()
                        .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
            });
            let partition = fits
                .ok_or_else(|| damaged("an object's line contradicts the manifest".to_owned()))?;
            let line = RecordLine {
                object: line.object,
                bytes: line.bytes,
                sha256: line.sha256,
            };
            if named.insert(partition, line).is_some() {
                return Err(damaged("it names a partition twice".to_owned()));
            }
        }
        if named.len() != manifest.entries().len() {
            return Err(damaged("partitions have no object".to_owned()));
        }
        Ok(Self {
            archived_at,
            manifest,
            lines: named,
        })
    }
}

fn seal_of(lines: &str) -> String {
    format!("{{\"sha256\":\"{}\"}}\n", sha256(lines.as_bytes()))
}
