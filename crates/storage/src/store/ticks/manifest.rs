//! The manifest of a series of ticks: one file for each New York day, with digest, rows and origin.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use trader_domain::Timestamp;

use super::key::TickKey;
use crate::error::DataError;
use crate::store::manifest::{MOST_OF_A_FILE, file_name};
use crate::store::sealed::{SealedLines, open_seal, parse};

const FORMAT: &str = "market data ticks";
const VERSION: u32 = 1;

/// The file of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TickEntry {
    /// The New York day.
    date: NaiveDate,
    /// Length of the file.
    pub bytes: u64,
    /// BLAKE3 of the file's bytes, in hex.
    pub blake3: String,
    /// Number of ticks.
    pub rows: u64,
    /// Time of the first tick.
    pub first: Timestamp,
    /// Time of the last tick.
    pub last: Timestamp,
    /// The ingest run that wrote it.
    pub run: String,
    /// Digests of the sources that its rows came from, first 16 digits, sorted.
    pub sources: Vec<String>,
}

impl TickEntry {
    pub(super) const fn new(
        date: NaiveDate,
        bytes: u64,
        blake3: String,
        rows: u64,
        (first, last): (Timestamp, Timestamp),
        run: String,
        sources: Vec<String>,
    ) -> Self {
        Self {
            date,
            bytes,
            blake3,
            rows,
            first,
            last,
            run,
            sources,
        }
    }

    /// Its name in the day's folder.
    pub fn file(&self) -> String {
        file_name(&self.blake3)
    }

    fn is_sound(&self) -> bool {
        let is_digest = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let inside = |time| TickKey::day_of(time) == Some(self.date);
        is_digest(&self.blake3, 64)
            && is_digest(&self.run, 16)
            && self.sources.iter().all(|source| is_digest(source, 16))
            && self.sources.is_sorted()
            && (1..=MOST_OF_A_FILE).contains(&self.rows)
            && self.bytes <= MOST_OF_A_FILE
            && self.first <= self.last
            && inside(self.first)
            && inside(self.last)
    }
}

/// What a series of ticks consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TickManifest {
    pub(super) key: TickKey,
    pub(super) entries: BTreeMap<NaiveDate, TickEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    series: String,
}

impl TickManifest {
    pub(super) const fn new(key: TickKey) -> Self {
        Self {
            key,
            entries: BTreeMap::new(),
        }
    }

    /// Which series.
    pub const fn key(&self) -> &TickKey {
        &self.key
    }

    /// Its files by New York day.
    pub const fn entries(&self) -> &BTreeMap<NaiveDate, TickEntry> {
        &self.entries
    }

    /// Number of ticks.
    pub fn rows(&self) -> u64 {
        self.entries.values().map(|entry| entry.rows).sum()
    }

    /// Length of all files.
    pub fn bytes(&self) -> u64 {
        self.entries.values().map(|entry| entry.bytes).sum()
    }

    /// Times of the first and last tick; `None` when there is none.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.entries.values().next()?.first;
        Some((first, self.entries.values().next_back()?.last))
    }

    pub(super) fn render(&self) -> Result<Vec<u8>, DataError> {
        let mut lines = SealedLines::default();
        lines.push(&Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            series: self.key.folder(),
        })?;
        for entry in self.entries.values() {
            lines.push(entry)?;
        }
        Ok(lines.seal())
    }

    /// Reads a manifest. Any bytes give a manifest or an error, never a panic.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when it is not whole, [`DataError::Unsupported`] when another version wrote it.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let damaged = |detail: &str| DataError::Damaged {
            file: file.to_owned(),
            detail: detail.to_owned(),
        };
        let lines = open_seal(bytes, file)?;
        let (first, rest) = lines
            .split_first()
            .ok_or_else(|| damaged("it has no header"))?;
        let header: Header = parse(first, file)?;
        if header.format != FORMAT || header.version != VERSION {
            return Err(DataError::Unsupported {
                file: file.to_owned(),
                detail: format!(
                    "is `{}` version {}; this program reads version {VERSION}: use the program that wrote it",
                    header.format, header.version
                ),
            });
        }
        let key = TickKey::of_folder(&header.series)
            .ok_or_else(|| damaged("it names no series of ticks"))?;
        let mut manifest = Self::new(key);
        for line in rest {
            let entry: TickEntry = parse(line, file)?;
            let behind = manifest
                .entries
                .last_key_value()
                .is_none_or(|(last, _)| *last < entry.date);
            if !behind || !entry.is_sound() {
                return Err(damaged("a day's line contradicts itself"));
            }
            manifest.entries.insert(entry.date, entry);
        }
        Ok(manifest)
    }
}
