//! What a store knows about the features of one symbol: which set, from which inputs, in which files.
//!
//! One line of JSON and one with its checksum. It is replaced in one step after all files it names are
//! complete, so a store is never half-updated; files it does not name are leftovers.

use std::path::Path;

use serde::{Deserialize, Serialize};
use trader_storage::{DataError, Existing, Fingerprint, write_file};

use crate::error::StoreError;

/// The newest format known here.
const FORMAT: u32 = 1;
/// Its file's name.
pub(crate) const FILE: &str = "manifest.json";

/// Where the values come from: equal lineage and equal inputs give equal values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// `name@version`.
    pub set: String,
    /// The set's formulas in canonical spelling, one a line.
    pub formulas: String,
    /// The features' names.
    pub features: Vec<String>,
    /// Fingerprint of what the calculators of this set make of fixed inputs: it changes when a
    /// calculator does.
    pub calculators: String,
    /// Version of the program that computed.
    pub program: String,
    /// Length of the bars.
    pub timeframe: String,
    /// What the prices are, and how they were adjusted.
    pub prices: String,
    /// The benchmark's symbol, where the set reads one.
    pub benchmark: Option<String>,
    /// Which symbols stand for columns about the market, and how old what is known of others may be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companions: Vec<String>,
}

impl Lineage {
    /// Whether values under `other` can be continued under this lineage. The program's version alone
    /// changes nothing: `calculators` tells whether the numbers do.
    pub(crate) fn continues(&self, other: &Self) -> bool {
        let same_program = Self {
            program: other.program.clone(),
            ..self.clone()
        };
        same_program == *other
    }
}

/// One file of rows, computed in one go or merged from such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// File name beside the manifest.
    pub file: String,
    /// Fingerprint of its bytes.
    pub fingerprint: String,
    /// Rows in it.
    pub rows: u64,
    /// First event time, nanoseconds since 1970.
    pub first: i64,
    /// Last event time.
    pub last: i64,
    /// Fingerprint of all inputs from the first row of the first part to the last row of this one.
    pub inputs: String,
    /// File with the calculators' state after the last row.
    pub state: String,
    /// Fingerprint of its bytes.
    pub state_fingerprint: String,
    /// What the bars were read from: vendor's file or folder.
    pub source: String,
    /// When it was computed, nanoseconds since 1970.
    pub computed: i64,
    /// Where several parts were merged into this one: what each was. `source` is then the last one's,
    /// `computed` the youngest's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<Origin>,
}

/// What a part was before it was merged with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Rows in it.
    pub rows: u64,
    /// First event time, nanoseconds since 1970.
    pub first: i64,
    /// Last event time.
    pub last: i64,
    /// As [`Part::inputs`].
    pub inputs: String,
    /// As [`Part::source`].
    pub source: String,
    /// As [`Part::computed`].
    pub computed: i64,
}

/// The manifest of one symbol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: u32,
    /// The symbol.
    pub symbol: String,
    /// Where the values come from.
    pub lineage: Lineage,
    /// The files, in the order of their rows.
    pub parts: Vec<Part>,
}

/// The part of a manifest that every version has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    pub(crate) fn new(symbol: String, lineage: Lineage, parts: Vec<Part>) -> Self {
        Self {
            format: FORMAT,
            symbol,
            lineage,
            parts,
        }
    }

    /// Rows of all parts.
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// When the youngest part was computed.
    pub fn computed(&self) -> Option<i64> {
        self.parts.iter().map(|part| part.computed).max()
    }

    /// Reads the manifest of a folder; `None` when there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, StoreError> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(StoreError::File(DataError::from_io(
                    &path,
                    "reading the manifest",
                    error,
                )));
            }
        };
        let damaged = |reason: &str| StoreError::Damaged {
            file: path.display().to_string(),
            reason: reason.to_owned(),
        };
        let (json, checksum) = text
            .split_once('\n')
            .ok_or_else(|| damaged("is cut short"))?;
        if checksum != format!("{}\n", Fingerprint::of_bytes(json.as_bytes())) {
            return Err(damaged("the checksum does not match"));
        }
        let format: Format =
            serde_json::from_str(json).map_err(|error| damaged(&error.to_string()))?;
        if format.format > FORMAT {
            return Err(StoreError::NewerFormat {
                file: path.display().to_string(),
                found: format.format,
                known: FORMAT,
            });
        }
        serde_json::from_str(json)
            .map(Some)
            .map_err(|error| damaged(&error.to_string()))
    }

    /// Makes this the folder's manifest, in one step.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let path = folder.join(FILE);
        let json = serde_json::to_string(self).map_err(|error| StoreError::Damaged {
            file: path.display().to_string(),
            reason: error.to_string(),
        })?;
        let text = format!("{json}\n{}\n", Fingerprint::of_bytes(json.as_bytes()));
        write_file(&path, text.as_bytes(), Existing::Replace)
            .map(|_fingerprint| ())
            .map_err(StoreError::File)
    }
}
