//! The manifest of a series: which files it consists of, what is in them, where it came from.
//!
//! A series is what its manifest names and nothing else, so replacing the manifest in one step is what makes a write
//! visible. Line by line JSON: a header, one line for each partition in order, a digest of all of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use trader_domain::Timestamp;

use super::key::{Partition, SeriesKey};
use super::sealed::{SealedLines, open_seal, parse};
use crate::columns::OptionalColumns;
use crate::error::DataError;

const FORMAT: &str = "market data series";
const VERSION: u32 = 1;

/// One file of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name in the partition's folder: the first 16 digits of its digest.
    pub(super) file: String,
    /// Length of the file.
    pub bytes: u64,
    /// BLAKE3 of the file's bytes, in hex.
    pub blake3: String,
    /// Number of bars.
    pub rows: u64,
    /// Label of the first bar.
    pub first: Timestamp,
    /// Label of the last bar.
    pub last: Timestamp,
    /// The ingest run that wrote it.
    pub run: String,
    /// Digests of the sources that its rows came from, first 16 digits, sorted.
    pub sources: Vec<String>,
}

/// What a series consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub(super) key: SeriesKey,
    pub(super) optional: OptionalColumns,
    pub(super) entries: BTreeMap<Partition, Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
    series: String,
    optional: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    partition: String,
    file: String,
    bytes: u64,
    blake3: String,
    rows: u64,
    first: String,
    last: String,
    run: String,
    sources: Vec<String>,
}

impl Manifest {
    /// An empty series.
    pub(super) const fn new(key: SeriesKey, optional: OptionalColumns) -> Self {
        Self {
            key,
            optional,
            entries: BTreeMap::new(),
        }
    }

    /// Which series.
    pub const fn key(&self) -> &SeriesKey {
        &self.key
    }

    /// Which optional columns it has.
    pub const fn optional(&self) -> OptionalColumns {
        self.optional
    }

    /// Its files by partition, in the order of time.
    pub const fn entries(&self) -> &BTreeMap<Partition, Entry> {
        &self.entries
    }

    /// Number of bars.
    pub fn rows(&self) -> u64 {
        self.entries.values().map(|entry| entry.rows).sum()
    }

    /// Length of all files.
    pub fn bytes(&self) -> u64 {
        self.entries.values().map(|entry| entry.bytes).sum()
    }

    /// Labels of the first and last bar; `None` when there is none.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.entries.values().next()?.first;
        let last = self.entries.values().next_back()?.last;
        Some((first, last))
    }

    /// The file as bytes.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when a line cannot be written as JSON.
    pub fn render(&self) -> Result<Vec<u8>, DataError> {
        let mut lines = SealedLines::default();
        lines.push(&Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            series: self.key.folder(),
            optional: names(self.optional),
        })?;
        for (partition, entry) in &self.entries {
            lines.push(&Line {
                partition: partition.to_string(),
                file: entry.file.clone(),
                bytes: entry.bytes,
                blake3: entry.blake3.clone(),
                rows: entry.rows,
                first: entry.first.to_string(),
                last: entry.last.to_string(),
                run: entry.run.clone(),
                sources: entry.sources.clone(),
            })?;
        }
        Ok(lines.seal())
    }

    /// Reads a manifest. Any bytes give a manifest or an error, never a panic.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when it is not whole, [`DataError::Unsupported`] when another version wrote it.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, DataError> {
        let damaged = |detail: String| DataError::Damaged {
            file: file.to_owned(),
            detail,
        };
        let lines = open_seal(bytes, file)?;
        let (first, rest) = lines
            .split_first()
            .ok_or_else(|| damaged("it has no header".to_owned()))?;
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
        let key = SeriesKey::of_folder(&header.series)
            .ok_or_else(|| damaged("it names no series".to_owned()))?;
        let optional = optional_of(&header.optional)
            .ok_or_else(|| damaged("it names columns that no series has".to_owned()))?;
        let mut manifest = Self::new(key, optional);
        for line in rest {
            let line: Line = parse(line, file)?;
            let (partition, entry) = entry_of(line)
                .filter(|(partition, entry)| manifest.fits(*partition, entry))
                .ok_or_else(|| damaged("a partition's line contradicts itself".to_owned()))?;
            manifest.entries.insert(partition, entry);
        }
        Ok(manifest)
    }

    /// Whether an entry may follow those that are there.
    fn fits(&self, partition: Partition, entry: &Entry) -> bool {
        let timeframe = self.key.timeframe();
        let inside = |label| Partition::of(label, timeframe) == Some(partition);
        let behind = self
            .entries
            .last_key_value()
            .is_none_or(|(last, _)| *last < partition);
        behind
            && (1..=MOST_OF_A_FILE).contains(&entry.rows)
            && entry.bytes <= MOST_OF_A_FILE
            && entry.first <= entry.last
            && inside(entry.first)
            && inside(entry.last)
            && entry.file == file_name(&entry.blake3)
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} bars", self.key, self.rows())
    }
}

/// The most rows or bytes that a line of a manifest may claim: a file has less, and sums over all days stay far within
/// 64 bits.
pub(super) const MOST_OF_A_FILE: u64 = 1 << 40;

/// A data file's name by its digest.
pub(super) fn file_name(digest: &str) -> String {
    format!("{}.parquet", digest.get(..16).unwrap_or(digest))
}

fn entry_of(line: Line) -> Option<(Partition, Entry)> {
    let partition = Partition::parse(&line.partition)?;
    let is_digest = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let sound = is_digest(&line.blake3, 64)
        && is_digest(&line.run, 16)
        && line.sources.iter().all(|source| is_digest(source, 16))
        && line.sources.is_sorted();
    sound.then_some(())?;
    Some((
        partition,
        Entry {
            file: line.file,
            bytes: line.bytes,
            blake3: line.blake3,
            rows: line.rows,
            first: line.first.parse().ok()?,
            last: line.last.parse().ok()?,
            run: line.run,
            sources: line.sources,
        },
    ))
}

fn names(optional: OptionalColumns) -> Vec<String> {
    [
        (optional.volume, "volume"),
        (optional.vwap, "vwap"),
        (optional.trades, "trades"),
        (optional.adjusted_close, "adj_close"),
    ]
    .into_iter()
    .filter(|(present, _)| *present)
    .map(|(_, name)| name.to_owned())
    .collect()
}

fn optional_of(list: &[String]) -> Option<OptionalColumns> {
    let has = |name: &str| list.iter().any(|one| one == name);
    let optional = OptionalColumns {
        volume: has("volume"),
        vwap: has("vwap"),
        trades: has("trades"),
        adjusted_close: has("adj_close"),
    };
    (names(optional) == list).then_some(optional)
}
