//! Files and folders that appear complete or not at all.
//!
//! Content goes to a temporary name beside the target, is flushed to the disk (fsync), and takes its name in one step
//! (rename); the folder entry is flushed too. A crash or a full disk leaves the old state. What is given up is removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::DataError;
use crate::fingerprint::Fingerprint;

/// Between a folder's name and a number while it is being filled.
const TEMPORARY_FOLDER: &str = ".partial-";

/// What to do when the target exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Fail and leave it as it is.
    Keep,
    /// Replace it in one step.
    Replace,
}

/// A file being written under a temporary name.
#[derive(Debug)]
pub struct AtomicFile {
    file: BufWriter<File>,
    temporary: PathBuf,
    target: PathBuf,
    existing: Existing,
    hasher: blake3::Hasher,
    committed: bool,
}

impl AtomicFile {
    /// Starts a file that will appear at `target`; its folder must exist.
    ///
    /// # Errors
    /// [`DataError::AlreadyExists`] under [`Existing::Keep`], or why the temporary file cannot be made.
    pub fn create(target: &Path, existing: Existing) -> Result<Self, DataError> {
        if existing == Existing::Keep && exists(target)? {
            return Err(already_exists(target));
        }
        let temporary = beside(target, |name| format!(".{name}.tmp"))?;
        let file = File::create(&temporary)
            .map_err(|error| DataError::from_io(&temporary, "creating the file", error))?;
        Ok(Self {
            file: BufWriter::with_capacity(256 * 1024, file),
            temporary,
            target: target.to_owned(),
            existing,
            hasher: blake3::Hasher::new(),
            committed: false,
        })
    }

    /// Makes the file appear under its name, complete and on the disk. Returns the fingerprint of its bytes.
    ///
    /// # Errors
    /// [`DataError`]; the target is then as it was before.
    pub fn commit(mut self) -> Result<Fingerprint, DataError> {
        let failed = |error| DataError::from_io(&self.target, "writing", error);
        self.file.flush().map_err(failed)?;
        self.file.get_ref().sync_all().map_err(failed)?;
        match self.existing {
            Existing::Replace => fs::rename(&self.temporary, &self.target).map_err(failed)?,
            Existing::Keep => take_free_name(&self.temporary, &self.target)?,
        }
        self.committed = true;
        sync_parent(&self.target)?;
        Ok(Fingerprint::from_hasher(&self.hasher))
    }

    /// The path it will have.
    pub fn target(&self) -> &Path {
        &self.target
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            // The error that led here is already on its way to the user; a leftover `.tmp` is harmless.
            drop(fs::remove_file(&self.temporary));
        }
    }
}

/// Writes a small file in one go, atomically.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`].
pub fn write_file(
    target: &Path,
    content: &[u8],
    existing: Existing,
) -> Result<Fingerprint, DataError> {
    let mut file = AtomicFile::create(target, existing)?;
    file.write_all(content)
        .map_err(|error| DataError::from_io(target, "writing", error))?;
    file.commit()
}

/// A folder being filled under a temporary name, such as a run's results.
#[derive(Debug)]
pub struct AtomicFolder {
    temporary: PathBuf,
    target: PathBuf,
    committed: bool,
    /// Held until the end, so that others can tell a folder at work from one left by a killed process.
    lock: Option<File>,
}

impl AtomicFolder {
    /// Starts a folder that will appear at `target`; its parents are made as needed.
    ///
    /// # Errors
    /// [`DataError::AlreadyExists`] when the target exists, or why the temporary folder cannot be made.
    pub fn create(target: &Path) -> Result<Self, DataError> {
        if exists(target)? {
            return Err(already_exists(target));
        }
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)
                .map_err(|error| DataError::from_io(parent, "creating the folder", error))?;
        }
        let parent = target
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        // Leftovers take space and harm nobody: what cannot be looked at or removed stays for the next time.
        drop(sweep(parent.unwrap_or(Path::new("."))));
        for number in 1..=1_000_u32 {
            let temporary = beside(target, |name| format!(".{name}{TEMPORARY_FOLDER}{number}"))?;
            if let Some(lock) = claim(&temporary)? {
                return Ok(Self {
                    temporary,
                    target: target.to_owned(),
                    committed: false,
                    lock,
                });
            }
        }
        Err(already_exists(target))
    }

    /// Where to put the files until [`Self::commit`].
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Makes the folder appear under its name. The files in it must be complete ([`AtomicFile::commit`]).
    ///
    /// # Errors
    /// [`DataError::AlreadyExists`] when somebody made the target meanwhile; nothing is overwritten.
    pub fn commit(mut self) -> Result<(), DataError> {
        sync_folder(&self.temporary)?;
        // An empty folder at the target would be replaced silently by the rename.
        if exists(&self.target)? {
            return Err(already_exists(&self.target));
        }
        fs::rename(&self.temporary, &self.target)
            .map_err(|error| DataError::from_io(&self.target, "naming the folder", error))?;
        self.committed = true;
        sync_parent(&self.target)
    }
}

impl Drop for AtomicFolder {
    fn drop(&mut self) {
        if !self.committed {
            // As for files: nothing sensible can be done about a failure here. The lock goes last.
            drop(fs::remove_dir_all(&self.temporary));
            drop(self.lock.take());
        }
    }
}

/// Makes an empty folder that is ours alone and holds its lock; `None` when the name is taken.
///
/// Where folders cannot be locked there is no lock, and leftovers stay.
fn claim(temporary: &Path) -> Result<Option<Option<File>>, DataError> {
    match fs::create_dir(temporary) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(DataError::from_io(temporary, "creating the folder", error)),
    }
    if !cfg!(unix) {
        return Ok(Some(None));
    }
    match lock_folder(temporary) {
        Ok(Some(lock)) => Ok(Some(Some(lock))),
        // Another process took it for a leftover before it was locked.
        Ok(None) => Ok(None),
        Err(_no_locks_here) => Ok(Some(None)),
    }
}

/// Removes the temporary folders that killed processes left beside `target`: those that nobody has locked.
fn sweep(parent: &Path) -> io::Result<()> {
    for entry in fs::read_dir(parent)? {
        let path = entry?.path();
        let is_temporary = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| {
                let number = name.rsplit_once(TEMPORARY_FOLDER).map(|(_, number)| number);
                name.starts_with('.') && number.is_some_and(|number| number.parse::<u32>().is_ok())
            });
        if is_temporary && path.is_dir() && lock_folder(&path)?.is_some() {
            fs::remove_dir_all(&path)?;
        }
    }
    Ok(())
}

/// The lock of a folder; `None` when another process holds it, or when the folder is gone or no longer the one that
/// was locked.
#[cfg(unix)]
fn lock_folder(folder: &Path) -> io::Result<Option<File>> {
    use std::os::unix::fs::MetadataExt;
    let file = match File::open(folder) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let locked = file.metadata()?;
    match fs::metadata(folder) {
        Ok(now) if (now.dev(), now.ino()) == (locked.dev(), locked.ino()) => Ok(Some(file)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn lock_folder(_folder: &Path) -> io::Result<Option<File>> {
    Ok(None)
}

/// A sibling of `target` under a changed name.
fn beside(target: &Path, rename: impl Fn(&str) -> String) -> Result<PathBuf, DataError> {
    let name = target
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| DataError::Unsupported {
            file: target.display().to_string(),
            detail: "is no valid name for a file or folder".to_owned(),
        })?;
    Ok(target.with_file_name(rename(name)))
}

fn exists(path: &Path) -> Result<bool, DataError> {
    path.try_exists()
        .map_err(|error| DataError::from_io(path, "looking for the file", error))
}

fn already_exists(path: &Path) -> DataError {
    DataError::AlreadyExists {
        file: path.display().to_string(),
    }
}

/// Gives a file its name unless the name is taken: a link fails where a rename would replace.
fn take_free_name(temporary: &Path, target: &Path) -> Result<(), DataError> {
    match fs::hard_link(temporary, target) {
        Ok(()) => fs::remove_file(temporary)
            .map_err(|error| DataError::from_io(temporary, "removing the temporary file", error)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(already_exists(target)),
        // File systems without links (FAT): the next best is to look first.
        Err(_no_links) if exists(target)? => Err(already_exists(target)),
        Err(_no_links) => fs::rename(temporary, target)
            .map_err(|error| DataError::from_io(target, "naming the file", error)),
    }
}

fn sync_parent(path: &Path) -> Result<(), DataError> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => sync_folder(Path::new(".")),
    }
}

/// Flushes a folder's entries; a no-op on systems where a folder cannot be opened.
fn sync_folder(folder: &Path) -> Result<(), DataError> {
    if !cfg!(unix) {
        return Ok(());
    }
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| DataError::from_io(folder, "flushing the folder", error))
}
