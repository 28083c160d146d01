//! Folders of CSV and Parquet files, hive-partitioned or not: one unit of work for each file.

use std::fs;
use std::path::{Path, PathBuf};

use trader_storage::store::{ReferenceFiles, StoredAdjustment};
use trader_storage::{
    DataError, Fingerprint, ParquetBars, ReadOptions, open_bars, partitioned_files,
};

use crate::source::{Capabilities, DateRange, HistoricalSource, HistoryRequest, Opened, WorkUnit};

/// Deepest nesting of folders looked at.
const DEEPEST: usize = 12;

/// A file, or a folder with everything below it.
#[derive(Debug, Clone)]
pub struct FileSource {
    root: PathBuf,
}

impl FileSource {
    /// The files below `root`, or the file `root`.
    ///
    /// # Errors
    /// [`DataError::NotFound`] when there is nothing.
    pub fn open(root: &Path) -> Result<Self, DataError> {
        match fs::metadata(root) {
            Ok(_) => Ok(Self {
                root: root.to_owned(),
            }),
            Err(error) => Err(DataError::from_io(root, "looking at the folder", error)),
        }
    }

    fn files(&self) -> Result<Vec<PathBuf>, DataError> {
        let mut found = Vec::new();
        visit(&self.root, DEEPEST, &mut found)?;
        found.sort();
        if found.is_empty() {
            return Err(DataError::NoFiles {
                file: self.root.display().to_string(),
                kind: "CSV or Parquet files",
            });
        }
        Ok(found)
    }
}

impl HistoricalSource for FileSource {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: format!("files in {}", self.root.display()),
            timeframes: Vec::new(),
            adjustment: None::<StoredAdjustment>,
            has_references: false,
        }
    }

    fn plan(&self, _request: &HistoryRequest) -> Result<Vec<WorkUnit>, DataError> {
        let unit = |path: PathBuf| {
            let metadata = fs::metadata(&path)
                .map_err(|error| DataError::from_io(&path, "looking at the file", error))?;
            let inside = path.strip_prefix(&self.root).unwrap_or(&path);
            let name = if inside.as_os_str().is_empty() {
                path.file_name().map(|name| name.to_string_lossy())
            } else {
                Some(inside.to_string_lossy())
            };
            Ok(WorkUnit {
                name: name.unwrap_or_default().into_owned(),
                symbol: None,
                dates: DateRange::default(),
                bytes: metadata.len(),
                files: vec![path],
            })
        };
        self.files()?.into_iter().map(unit).collect()
    }

    fn fingerprint(&self, unit: &WorkUnit) -> Result<Fingerprint, DataError> {
        fingerprint_of(&unit.files)
    }

    fn open(&self, unit: &WorkUnit, options: &ReadOptions) -> Result<Opened, DataError> {
        let Some(path) = unit.files.first() else {
            return Err(DataError::NoRows {
                file: unit.name.clone(),
            });
        };
        if !is_kind(path, &[".parquet"]) {
            return Ok(Opened::of_the_run(open_bars(path, options)?));
        }
        // Folders such as `symbol=SPY/date=2024-06-03` say what the file does not.
        let below = if self.root.is_dir() {
            partitioned_files(&self.root, None, None, None)?
        } else {
            Vec::new()
        };
        let bars = match below.into_iter().find(|file| file.path == *path) {
            Some(file) => {
                ParquetBars::open_partitioned(vec![file], &path.display().to_string(), options)?
            }
            None => ParquetBars::open(path, options)?,
        };
        Ok(Opened::of_the_run(Box::new(bars)))
    }

    fn references(&self, _request: &HistoryRequest) -> Result<Vec<ReferenceFiles>, DataError> {
        Ok(Vec::new())
    }
}

/// The digest of several files in their order.
pub(crate) fn fingerprint_of(files: &[PathBuf]) -> Result<Fingerprint, DataError> {
    if let [only] = files {
        return Fingerprint::of_file(only);
    }
    let mut digests = Vec::with_capacity(files.len() * 32);
    for file in files {
        digests.extend_from_slice(Fingerprint::of_file(file)?.bytes());
    }
    Ok(Fingerprint::of_bytes(&digests))
}

fn is_kind(path: &Path, endings: &[&str]) -> bool {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    endings.iter().any(|ending| name.ends_with(ending))
}

fn visit(at: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    if !at.is_dir() {
        found.push(at.to_owned());
        return Ok(());
    }
    let failed = |error| DataError::from_io(at, "listing the folder", error);
    for entry in fs::read_dir(at).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            if depth > 0 {
                visit(&path, depth - 1, found)?;
            }
        } else if is_kind(&path, &[".csv", ".csv.gz", ".parquet"]) {
            found.push(path);
        }
    }
    Ok(())
}
