//! Opening bar files by path: the kind is told by the content, not by the name.

use std::fs::File;
use std::path::Path;

use crate::csv::{CsvBars, maybe_gzip};
use crate::error::DataError;
use crate::options::ReadOptions;
use crate::series::{BarSeries, BarStream, collect_series};

/// Opens a bar file as a stream.
///
/// # Errors
/// [`DataError`] when the file cannot be opened or its header does not say what the columns are.
pub fn open_bars(path: &Path, options: &ReadOptions) -> Result<Box<dyn BarStream>, DataError> {
    let file = open_file(path)?;
    let name = path.display().to_string();
    let source = maybe_gzip(file).map_err(|error| DataError::from_io(path, "reading", error))?;
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
