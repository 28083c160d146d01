//! Opening bar files by path: the kind is told by the content, not by the name.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use crate::columnar::{ParquetBars, partitioned_files};

use crate::csv::{CsvBars, maybe_gzip};
use crate::error::DataError;
use crate::lean::LeanBars;
use crate::options::ReadOptions;
use crate::series::{BarSeries, BarStream, collect_series};

/// Opens a CSV (gzipped or not), a Parquet file, a LEAN archive in its place, or a hive-partitioned Parquet folder.
///
/// # Errors
/// [`DataError`] when it cannot be opened or its header does not say what the columns are.
pub fn open_bars(path: &Path, options: &ReadOptions) -> Result<Box<dyn BarStream>, DataError> {
    let name = path.display().to_string();
    if path.is_dir() {
        let files = partitioned_files(path, None, None, None)?;
        return Ok(Box::new(ParquetBars::open_partitioned(
            files, &name, options,
        )?));
    }
    let mut file = open_file(path)?;
    let mut magic = Vec::new();
    let failed = |error| DataError::from_io(path, "reading", error);
    file.by_ref()
        .take(4)
        .read_to_end(&mut magic)
        .map_err(failed)?;
    if magic == b"PAR1" {
        return Ok(Box::new(ParquetBars::open(path, options)?));
    }
    if magic == b"PK\x03\x04" {
        return Ok(Box::new(LeanBars::open_archive(path, options)?));
    }
    file.rewind().map_err(failed)?;
    let source = maybe_gzip(file).map_err(failed)?;
    Ok(Box::new(CsvBars::new(source, &name, options)?))
}

/// Reads a bar file into memory, one series per symbol.
///
/// # Errors
/// As [`open_bars`], and [`DataError::Rows`] with the first faulty rows.
pub fn load_bars(path: &Path, options: &ReadOptions) -> Result<Vec<BarSeries>, DataError> {
    collect_series(open_bars(path, options)?.as_mut())
}

/// Opens a file for reading; a folder is an error at once, not at the first read.
pub(crate) fn open_file(path: &Path) -> Result<File, DataError> {
    let file = File::open(path).map_err(|error| DataError::from_io(path, "opening", error))?;
    let metadata = file
        .metadata()
        .map_err(|error| DataError::from_io(path, "looking at the file", error))?;
    if metadata.is_dir() {
        return Err(DataError::IsFolder {
            file: path.display().to_string(),
        });
    }
    Ok(file)
}
