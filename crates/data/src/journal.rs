//! The record of a run: which units of work are done, what each amounted to.
//!
//! One line for each finished unit, appended in the order of the plan and flushed: a digest of the line and the line. A
//! line that a crash tore is cut off, its unit is done again. When the content of a unit's source changes, a later line
//! for the same unit counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trader_storage::Fingerprint;
use trader_storage::store::MarketStore;

use crate::error::BackfillError;

/// What a unit of work amounted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRecord {
    /// Name of the unit.
    pub unit: String,
    /// Digest of what it read.
    pub source: String,
    /// Bars that were wanted and passed validation.
    pub rows: u64,
    /// Rejected rows by reason.
    pub rejects: BTreeMap<String, u64>,
    /// Why the unit could not be used, or not to its end.
    pub failure: Option<String>,
    /// Who delivered it, where it is not the vendor of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
}

/// Digits of a digest kept in a record.
const DIGITS: usize = 16;

/// The first line of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunHeader {
    /// The run.
    pub run: String,
    /// Whose data.
    pub vendor: String,
    /// What was asked for.
    pub request: String,
    /// Units of work.
    pub units: u64,
}

/// A run's record in the store.
pub(crate) struct Journal<'a> {
    store: &'a MarketStore,
    path: String,
    pub(crate) header: RunHeader,
    done: BTreeMap<String, UnitRecord>,
}

impl<'a> Journal<'a> {
    /// Opens the record of a run, or begins it.
    pub(crate) fn open(store: &'a MarketStore, header: RunHeader) -> Result<Self, BackfillError> {
        let path = path_of(&header.run);
        let files = store.files();
        let before = files.read(&path).map_err(BackfillError::Store)?;
        let Some(bytes) = before else {
            let line = sealed(&header, &files.shown(&path))?;
            files
                .write(&[(path.clone(), line.into_bytes())])
                .map_err(BackfillError::Store)?;
            return Ok(Self {
                store,
                path,
                header,
                done: BTreeMap::new(),
            });
        };
        let (read, done, whole) = parse(&bytes, &files.shown(&path))?;
        if read != header {
            return Err(BackfillError::Journal {
                file: files.shown(&path),
                detail: "is the record of another run".to_owned(),
            });
        }
        if let Some(rest) = bytes.get(..whole).filter(|rest| rest.len() < bytes.len()) {
            files
                .write(&[(path.clone(), rest.to_vec())])
                .map_err(BackfillError::Store)?;
        }
        Ok(Self {
            store,
            path,
            header,
            done,
        })
    }

    /// What is recorded of a unit.
    pub(crate) fn done(&self, unit: &str) -> Option<&UnitRecord> {
        self.done.get(unit)
    }

    /// Records a unit as finished; the same record again changes nothing.
    pub(crate) fn add(&mut self, record: UnitRecord) -> Result<(), BackfillError> {
        if self.done.get(&record.unit) == Some(&record) {
            return Ok(());
        }
        let line = sealed(&record, &self.store.files().shown(&self.path))?;
        self.store
            .files()
            .append(&self.path, line.as_bytes())
            .map_err(BackfillError::Store)?;
        self.done.insert(record.unit.clone(), record);
        Ok(())
    }

    /// All records, by unit.
    pub(crate) fn into_records(self) -> BTreeMap<String, UnitRecord> {
        self.done
    }
}

/// A run as its record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStatus {
    /// What the run is.
    pub header: RunHeader,
    /// Its finished units, by name.
    pub done: BTreeMap<String, UnitRecord>,
}

/// The runs that a store has records of, by name.
///
/// # Errors
/// [`BackfillError::Store`] and [`BackfillError::Journal`].
pub fn runs(store: &MarketStore) -> Result<Vec<RunStatus>, BackfillError> {
    let files = store.files();
    let mut found = Vec::new();
    for entry in files.list("_runs").map_err(BackfillError::Store)? {
        let Some(run) = entry.name.strip_suffix(".jsonl") else {
            continue;
        };
        let path = path_of(run);
        if entry.name.starts_with('.') {
            continue;
        }
        if let Some(bytes) = files.read(&path).map_err(BackfillError::Store)? {
            let (header, done, _) = parse(&bytes, &files.shown(&path))?;
            found.push(RunStatus { header, done });
        }
    }
    Ok(found)
}

fn path_of(run: &str) -> String {
    format!("_runs/{run}.jsonl")
}

/// A digest of some text, short.
pub(crate) fn short_digest(text: &str) -> String {
    shortened(Fingerprint::of_bytes(text.as_bytes()))
}

/// The first digits of a digest.
pub(crate) fn shortened(fingerprint: Fingerprint) -> String {
    fingerprint.to_string().chars().take(DIGITS).collect()
}

fn sealed<T: Serialize>(line: &T, file: &str) -> Result<String, BackfillError> {
    let json = serde_json::to_string(line).map_err(|error| BackfillError::Journal {
        file: file.to_owned(),
        detail: error.to_string(),
    })?;
    Ok(format!("{} {json}\n", short_digest(&json)))
}

type Parsed = (RunHeader, BTreeMap<String, UnitRecord>, usize);

/// Reads a record: its header, its units, and how many bytes of it are whole. Any bytes give a record or an error.
///
/// # Errors
/// [`BackfillError::Journal`] when something before the last line is damaged.
pub(crate) fn parse(bytes: &[u8], file: &str) -> Result<Parsed, BackfillError> {
    let damaged = |detail: &str| BackfillError::Journal {
        file: file.to_owned(),
        detail: detail.to_owned(),
    };
    let mut lines = Vec::new();
    let mut whole = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match opened(line) {
            Some(json) => {
                lines.push(json);
                whole += line.len();
            }
            // The tail of a write that never ended: nothing may come after it.
            None if whole + line.len() == bytes.len() => break,
            None => return Err(damaged("is damaged in its middle")),
        }
    }
    let mut lines = lines.into_iter();
    let header = lines.next().ok_or_else(|| damaged("has no first line"))?;
    let header: RunHeader =
        serde_json::from_str(header).map_err(|error| damaged(&error.to_string()))?;
    let mut done = BTreeMap::new();
    for line in lines {
        let record: UnitRecord =
            serde_json::from_str(line).map_err(|error| damaged(&error.to_string()))?;
        done.insert(record.unit.clone(), record);
    }
    Ok((header, done, whole))
}

/// The text of a line whose digest fits.
fn opened(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (digest, json) = text.split_at_checked(DIGITS)?;
    let json = json.strip_prefix(' ')?;
    (short_digest(json) == digest).then_some(json)
}
