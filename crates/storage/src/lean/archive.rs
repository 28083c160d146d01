//! Zip archives with CSV files in them.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::DataError;
use crate::file::open_file;

/// Largest file accepted inside an archive; a day of quotes of the busiest stock is below a tenth of it.
const LARGEST_ENTRY: u64 = 1 << 30;

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveEntry {
    /// Name inside the archive.
    pub name: String,
    /// Its content, checked against the archive's CRC.
    pub bytes: Vec<u8>,
}

/// All files of an archive held in memory. Any bytes give files or an error, never a panic.
///
/// # Errors
/// [`DataError`] when it is no zip, is cut short or damaged.
pub fn parse_archive(bytes: &[u8], file: &str) -> Result<Vec<ArchiveEntry>, DataError> {
    let mut entries = Vec::new();
    read_entries(Cursor::new(bytes), file, |name, bytes| {
        entries.push(ArchiveEntry { name, bytes });
        Ok(())
    })?;
    Ok(entries)
}

/// Hands every file of an archive on disk to `each`, one at a time.
pub(super) fn for_each_entry(
    path: &Path,
    each: impl FnMut(String, Vec<u8>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let file: File = open_file(path)?;
    read_entries(io::BufReader::new(file), &path.display().to_string(), each)
}

/// The single file that equity archives hold.
pub(super) fn only_entry(path: &Path) -> Result<ArchiveEntry, DataError> {
    let mut found: Vec<ArchiveEntry> = Vec::new();
    for_each_entry(path, |name, bytes| {
        found.push(ArchiveEntry { name, bytes });
        Ok(())
    })?;
    match (found.pop(), found.pop()) {
        (Some(entry), None) => Ok(entry),
        (_, second) => Err(DataError::Unsupported {
            file: path.display().to_string(),
            detail: if second.is_some() {
                "holds several files, one is expected".to_owned()
            } else {
                "holds no file".to_owned()
            },
        }),
    }
}

fn read_entries<R: Read + Seek>(
    source: R,
    file: &str,
    mut each: impl FnMut(String, Vec<u8>) -> Result<(), DataError>,
) -> Result<(), DataError> {
    let mut archive = ZipArchive::new(source).map_err(|error| failure(file, error))?;
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|error| failure(file, error))?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().to_owned();
        let mut bytes = Vec::new();
        // The declared size may lie: read one byte more than allowed and judge what came.
        let read = entry
            .by_ref()
            .take(LARGEST_ENTRY + 1)
            .read_to_end(&mut bytes);
        let inside = format!("{file}#{name}");
        read.map_err(|error| DataError::from_io_named(&inside, "unpacking", error))?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_ENTRY) {
            return Err(DataError::Unsupported {
                file: inside,
                detail: format!("is larger than {LARGEST_ENTRY} bytes"),
            });
        }
        each(name, bytes)?;
    }
    Ok(())
}

fn failure(file: &str, error: ZipError) -> DataError {
    let file = file.to_owned();
    match error {
        ZipError::Io(source) => DataError::from_io_named(&file, "reading", source),
        ZipError::InvalidArchive(detail) => DataError::Corrupt {
            file,
            detail: format!("no valid zip: {detail}; its end may be missing"),
        },
        other => DataError::Unsupported {
            file,
            detail: format!("cannot be unpacked: {other}"),
        },
    }
}
