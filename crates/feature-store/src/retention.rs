//! Removing what is old or left over from a store.

use std::fs;
use std::path::{Path, PathBuf};

use trader_domain::Timestamp;
use trader_storage::DataError;

use crate::error::StoreError;
use crate::manifest::{FILE, Manifest};
use crate::store::{FeatureStore, folders};

/// What was removed, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Folders of symbols whose youngest rows were computed before the limit.
    pub old: Vec<PathBuf>,
    /// Files that no manifest names: what interrupted work left.
    pub leftovers: Vec<PathBuf>,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Whether to remove or only to say what would be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clean {
    /// Say it.
    Preview,
    /// Do it.
    Remove,
}

/// Removes the features of symbols that were last computed before `before`, and leftovers. Never looks
/// at a folder without a readable manifest.
///
/// # Errors
/// [`StoreError::Busy`] while another process writes, [`StoreError::Damaged`] for a damaged manifest,
/// and why something could not be removed.
pub fn clean(store: &FeatureStore, before: Timestamp, how: Clean) -> Result<Removed, StoreError> {
    let _lock = store.lock()?;
    let mut removed = Removed::default();
    for (folder, manifest) in store.manifests()? {
        let old = manifest
            .computed()
            .is_some_and(|time| time < before.nanos());
        let files = files(&folder)?;
        if old {
            removed.bytes += bytes(&files)?;
            if how == Clean::Remove {
                // The manifest first: what is half-removed must not look kept.
                remove(&folder.join(FILE))?;
                for file in files.iter().filter(|file| !file.ends_with(FILE)) {
                    remove(file)?;
                }
                remove_empty(&folder, store.root())?;
            }
            removed.old.push(folder);
            continue;
        }
        let leftovers: Vec<PathBuf> = files
            .into_iter()
            .filter(|file| !names(&manifest, file))
            .collect();
        removed.bytes += bytes(&leftovers)?;
        if how == Clean::Remove {
            leftovers.iter().try_for_each(|file| remove(file))?;
        }
        removed.leftovers.extend(leftovers);
    }
    Ok(removed)
}

fn names(manifest: &Manifest, file: &Path) -> bool {
    let name = file.file_name().and_then(|name| name.to_str());
    name == Some(FILE)
        || manifest
            .parts
            .iter()
            .any(|part| name == Some(&part.file) || name == Some(&part.state))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |error| StoreError::File(DataError::from_io(folder, "listing the store", error));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn bytes(files: &[PathBuf]) -> Result<u64, StoreError> {
    files.iter().try_fold(0_u64, |sum, file| {
        let size = fs::metadata(file)
            .map_err(|error| StoreError::File(DataError::from_io(file, "looking at", error)))?
            .len();
        Ok(sum.saturating_add(size))
    })
}

fn remove(file: &Path) -> Result<(), StoreError> {
    fs::remove_file(file)
        .map_err(|error| StoreError::File(DataError::from_io(file, "removing", error)))
}

/// Removes a folder and those above it that are empty then, up to the store's own.
fn remove_empty(folder: &Path, root: &Path) -> Result<(), StoreError> {
    let mut at = Some(folder);
    while let Some(folder) = at.filter(|folder| *folder != root) {
        if !folders(folder)?.is_empty() || !files(folder)?.is_empty() {
            break;
        }
        fs::remove_dir(folder)
            .map_err(|error| StoreError::File(DataError::from_io(folder, "removing", error)))?;
        at = folder.parent();
    }
    Ok(())
}
