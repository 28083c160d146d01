//! The offline store: a folder of Parquet files per set, bar length and symbol, each with its manifest.
//!
//! `STORE/name@version/1d/symbol=SPY/{manifest.json, rows-*.parquet, state-*.bin}`. Reading checks every
//! file against the manifest's fingerprints before a value is handed out.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_features::point_in_time::as_of;
use trader_storage::{Cells, ColumnSpec, DataError, Fingerprint, TableReader};

use crate::error::StoreError;
use crate::export::float;
use crate::manifest::{FILE, Manifest};

/// A store in a folder.
#[derive(Debug, Clone)]
pub struct FeatureStore {
    root: PathBuf,
}

/// The right to write to a store; one process at a time.
#[derive(Debug)]
pub(crate) struct WriteLock {
    _file: File,
}

/// One symbol's features of one set.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Where they come from.
    pub manifest: Manifest,
    /// Event times, ascending: the start of each bar.
    pub start: Vec<Timestamp>,
    /// When each row could be known.
    pub available: Vec<Timestamp>,
    /// Per feature of the lineage, a value per row, NaN where missing.
    pub columns: Vec<Vec<f64>>,
}

impl Kept {
    /// For each of `times` the row that could be known then: see
    /// [`as_of`](trader_features::point_in_time::as_of).
    pub fn as_of(&self, times: &[Timestamp], max_age: Option<i64>) -> Vec<Option<usize>> {
        let nanos = |times: &[Timestamp]| times.iter().map(|time| time.nanos()).collect::<Vec<_>>();
        as_of(
            &nanos(times),
            &nanos(&self.start),
            &nanos(&self.available),
            max_age,
        )
    }
}

impl FeatureStore {
    /// The store in this folder, which need not exist yet.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn folder(&self, set: &str, timeframe: Timeframe, symbol: Symbol) -> PathBuf {
        self.root
            .join(set)
            .join(timeframe.to_string())
            .join(format!("symbol={}", escaped(symbol.as_str())))
    }

    pub(crate) fn lock(&self) -> Result<WriteLock, StoreError> {
        let failed =
            |path: &Path, doing, error| StoreError::File(DataError::from_io(path, doing, error));
        fs::create_dir_all(&self.root)
            .map_err(|error| failed(&self.root, "creating the store", error))?;
        let path = self.root.join(".lock");
        let file =
            File::create(&path).map_err(|error| failed(&path, "locking the store", error))?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Busy {
                store: self.root.display().to_string(),
            }),
            Err(TryLockError::Error(error)) => Err(failed(&path, "locking the store", error)),
        }
    }

    /// The manifests of everything in the store, with their folders, in the order of the folders.
    ///
    /// # Errors
    /// [`StoreError`] when a folder cannot be listed or a manifest is damaged.
    pub fn manifests(&self) -> Result<Vec<(PathBuf, Manifest)>, StoreError> {
        let mut found = Vec::new();
        for set in folders(&self.root)? {
            for timeframe in folders(&set)? {
                for symbol in folders(&timeframe)? {
                    if let Some(manifest) = Manifest::read(&symbol)? {
                        found.push((symbol, manifest));
                    }
                }
            }
        }
        Ok(found)
    }

    /// One symbol's features, every file checked.
    ///
    /// # Errors
    /// [`StoreError::Unknown`] when they are not there, [`StoreError::Damaged`] when a file is not what
    /// the manifest says.
    pub fn read(
        &self,
        set: &str,
        timeframe: Timeframe,
        symbol: Symbol,
    ) -> Result<Kept, StoreError> {
        let folder = self.folder(set, timeframe, symbol);
        let mut manifest = Manifest::read(&folder)?;
        while let Some(named) = manifest {
            let found = read_parts(&folder, named.clone());
            if found.is_ok() {
                return found;
            }
            // A writer may have replaced files since the manifest was read: then its next one names others.
            manifest = Manifest::read(&folder)?;
            if manifest.as_ref() == Some(&named) {
                return found;
            }
        }
        Err(self.unknown(set, timeframe, symbol)?)
    }

    fn unknown(
        &self,
        set: &str,
        timeframe: Timeframe,
        symbol: Symbol,
    ) -> Result<StoreError, StoreError> {
        let known = self.manifests()?;
        let mut names: Vec<String> = known
            .iter()
            .map(|(_, one)| format!("{} {}", one.lineage.set, one.symbol))
            .take(20)
            .collect();
        names.dedup();
        Ok(StoreError::Unknown {
            what: format!("{symbol} ({timeframe}) of {set}"),
            store: self.root.display().to_string(),
            known: if names.is_empty() {
                "nothing".to_owned()
            } else {
                names.join(", ")
            },
        })
    }
}

/// The rows of all files that a manifest names, each checked.
fn read_parts(folder: &Path, manifest: Manifest) -> Result<Kept, StoreError> {
    let mut kept = Kept {
        start: Vec::new(),
        available: Vec::new(),
        columns: vec![Vec::new(); manifest.lineage.features.len()],
        manifest: Manifest::new(String::new(), manifest.lineage.clone(), Vec::new()),
    };
    for part in &manifest.parts {
        let path = folder.join(&part.file);
        check(&path, &part.fingerprint)?;
        append(&path, &manifest.lineage.features, part.rows, &mut kept)?;
    }
    if !kept.start.is_sorted_by(|a, b| a < b) {
        return Err(damaged(&folder.join(FILE), "rows are not in order"));
    }
    kept.manifest = manifest;
    Ok(kept)
}

/// The columns of a file of rows.
pub(crate) fn row_columns(features: &[String]) -> Vec<ColumnSpec> {
    let mut columns = vec![
        ColumnSpec::required("start", Cells::Timestamp(Vec::new())),
        ColumnSpec::required("available", Cells::Timestamp(Vec::new())),
    ];
    columns.extend(
        features
            .iter()
            .map(|name| ColumnSpec::optional(name, float())),
    );
    columns
}

/// Whether a file's bytes are those that were written.
pub(crate) fn check(path: &Path, fingerprint: &str) -> Result<(), StoreError> {
    let found = Fingerprint::of_file(path).map_err(|error| match error {
        DataError::NotFound { .. } => damaged(path, "is missing"),
        other => StoreError::File(other),
    })?;
    if found.to_string() == fingerprint {
        Ok(())
    } else {
        Err(damaged(path, "is not what was written"))
    }
}

pub(crate) fn damaged(path: &Path, reason: &str) -> StoreError {
    StoreError::Damaged {
        file: path.display().to_string(),
        reason: reason.to_owned(),
    }
}

/// Adds the rows of one file.
fn append(path: &Path, features: &[String], rows: u64, to: &mut Kept) -> Result<(), StoreError> {
    let mut reader = TableReader::open(path).map_err(StoreError::File)?;
    let names = reader.columns().iter().map(|column| column.name.as_str());
    let expected = ["start", "available"].into_iter();
    if !names.eq(expected.chain(features.iter().map(String::as_str))) || reader.rows() != rows {
        return Err(damaged(
            path,
            "has other columns or rows than the manifest says",
        ));
    }
    while let Some(chunk) = reader.next_chunk().map_err(StoreError::File)? {
        for (index, cells) in chunk.into_iter().enumerate() {
            match (index, cells) {
                (0, Cells::Timestamp(cells)) => to.start.extend(cells.into_iter().flatten()),
                (1, Cells::Timestamp(cells)) => to.available.extend(cells.into_iter().flatten()),
                (_, Cells::Float(cells)) => {
                    let column = index.checked_sub(2).and_then(|at| to.columns.get_mut(at));
                    let values = cells.into_iter().map(|cell| cell.unwrap_or(f64::NAN));
                    column
                        .ok_or_else(|| damaged(path, "has a column too many"))?
                        .extend(values);
                }
                _ => return Err(damaged(path, "has a column of another type")),
            }
        }
    }
    let even = to
        .columns
        .iter()
        .all(|column| column.len() == to.start.len());
    if even && to.available.len() == to.start.len() {
        Ok(())
    } else {
        Err(damaged(path, "has an empty time"))
    }
}

/// The folders in a folder, by name; none when it is not there.
pub(crate) fn folders(path: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error| StoreError::File(DataError::from_io(path, "listing the store", error));
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// A symbol as a folder's name: `BTC/USD` is `BTC%2FUSD`.
fn escaped(symbol: &str) -> String {
    let mut name = String::with_capacity(symbol.len());
    for byte in symbol.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}
