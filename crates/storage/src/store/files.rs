//! The one place where the store touches files.
//!
//! Everything above names files by paths relative to the store, with `/`. Tests put a failing disk in this place.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::DataError;

/// How long to wait for another process that is writing the same series.
const LOCK_ATTEMPTS: u32 = 600;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// Flushes to the disk that run at once: file systems join them into few transactions.
const PARALLEL_FLUSHES: usize = 8;

/// A file or folder in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// Held while one process writes a series; let go when dropped, or by the system when the process dies.
#[derive(Debug)]
pub struct StoreLock {
    _file: Option<File>,
}

impl StoreLock {
    /// A lock on nothing, for files that only one process can see.
    pub const fn none() -> Self {
        Self { _file: None }
    }
}

/// Where a store's files are.
pub trait StoreFiles: fmt::Debug + Send + Sync {
    /// The content of a file, `None` when there is none.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DataError>;

    /// The content of a file as a stream, `None` when there is none.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be opened.
    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send>>, DataError>;

    /// Writes one file from a stream; it appears complete or not at all, and is on the disk when this returns. A stream
    /// that fails leaves nothing.
    ///
    /// # Errors
    /// [`DataError`], also that of the stream.
    fn write_from(&self, path: &str, content: &mut dyn Read) -> Result<(), DataError>;

    /// Writes files; each appears complete or not at all, and all are on the disk when this returns.
    ///
    /// # Errors
    /// [`DataError`]; some of the files may then be there, whole.
    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError>;

    /// Adds bytes at the end of a file and flushes them to the disk; the file is made if it is not there.
    ///
    /// # Errors
    /// [`DataError`]; a part of the bytes may then be there.
    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), DataError>;

    /// What is in a folder, sorted by name; nothing when there is no such folder.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be listed.
    fn list(&self, folder: &str) -> Result<Vec<Listed>, DataError>;

    /// Removes a file, and the folder it was in if that is empty now. A file that is not there is no error.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be removed.
    fn remove(&self, path: &str) -> Result<(), DataError>;

    /// Waits until no other process writes what `name` stands for.
    ///
    /// # Errors
    /// [`DataError::Busy`] after half a minute.
    fn lock(&self, name: &str) -> Result<StoreLock, DataError>;

    /// A path as it is shown to people.
    fn shown(&self, path: &str) -> String;
}

/// A folder on a local disk.
#[derive(Debug, Clone)]
pub struct LocalFiles {
    root: PathBuf,
}

impl LocalFiles {
    /// The folder at `root`; nothing is read or made yet.
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        if path.is_empty() {
            self.root.clone()
        } else {
            self.root.join(path)
        }
    }
}

impl StoreFiles for LocalFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DataError> {
        let path = self.at(path);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(DataError::from_io(&path, "reading", error)),
        }
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send>>, DataError> {
        let path = self.at(path);
        match File::open(&path) {
            Ok(file) => Ok(Some(Box::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(DataError::from_io(&path, "reading", error)),
        }
    }

    fn write_from(&self, path: &str, content: &mut dyn Read) -> Result<(), DataError> {
        let target = self.at(path);
        let mut folders = Vec::new();
        let (temporary, mut file) = self.create_aside(path, &mut folders)?;
        let copied = io::copy(content, &mut file)
            .map_err(|error| DataError::from_io(&target, "writing", error));
        let written = [(temporary, target, file)];
        if let Err(error) = copied.and_then(|_bytes| finish(&written)) {
            for (temporary, ..) in &written {
                // The error that led here is on its way to the user; leftovers are swept before the next write.
                drop(fs::remove_file(temporary));
            }
            return Err(error);
        }
        folders.sort();
        folders.dedup();
        in_parallel(&folders, |folder| sync_folder(folder))
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError> {
        let mut written: Vec<(PathBuf, PathBuf, File)> = Vec::with_capacity(files.len());
        let mut folders = Vec::new();
        let result = self.write_aside(files, &mut written, &mut folders);
        let result = result.and_then(|()| finish(&written));
        if result.is_err() {
            for (temporary, _, _) in &written {
                // The error that led here is on its way to the user; leftovers are swept before the next write.
                drop(fs::remove_file(temporary));
            }
            return result;
        }
        folders.sort();
        folders.dedup();
        in_parallel(&folders, |folder| sync_folder(folder))
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), DataError> {
        let target = self.at(path);
        if !target.exists() {
            return self.write(&[(path.to_owned(), bytes.to_vec())]);
        }
        OpenOptions::new()
            .append(true)
            .open(&target)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_data()
            })
            .map_err(|error| DataError::from_io(&target, "writing", error))
    }

    fn list(&self, folder: &str) -> Result<Vec<Listed>, DataError> {
        let folder = self.at(folder);
        let failed = |error| DataError::from_io(&folder, "listing the folder", error);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            found.push(Listed {
                is_folder: entry.file_type().map_err(failed)?.is_dir(),
                name: entry.file_name().to_string_lossy().into_owned(),
            });
        }
        found.sort();
        Ok(found)
    }

    fn remove(&self, path: &str) -> Result<(), DataError> {
        let path = self.at(path);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(DataError::from_io(&path, "removing the file", error)),
        }
        if let Some(folder) = path.parent().filter(|folder| *folder != self.root) {
            // Fails while the folder holds anything, which is what is wanted.
            drop(fs::remove_dir(folder));
        }
        Ok(())
    }

    fn lock(&self, name: &str) -> Result<StoreLock, DataError> {
        let folder = self.at("_locks");
        fs::create_dir_all(&folder)
            .map_err(|error| DataError::from_io(&folder, "creating the folder", error))?;
        let path = folder.join(name);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| DataError::from_io(&path, "opening the lock", error))?;
        for _ in 0..LOCK_ATTEMPTS {
            match file.try_lock() {
                Ok(()) => return Ok(StoreLock { _file: Some(file) }),
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => {
                    return Err(DataError::from_io(&path, "locking", error));
                }
            }
        }
        Err(DataError::Busy {
            file: path.display().to_string(),
        })
    }

    fn shown(&self, path: &str) -> String {
        self.at(path).display().to_string()
    }
}

impl LocalFiles {
    /// Writes each file under a temporary name beside its own.
    fn write_aside(
        &self,
        files: &[(String, Vec<u8>)],
        written: &mut Vec<(PathBuf, PathBuf, File)>,
        folders: &mut Vec<PathBuf>,
    ) -> Result<(), DataError> {
        for (path, bytes) in files {
            let target = self.at(path);
            let (temporary, mut file) = self.create_aside(path, folders)?;
            let done = file.write_all(bytes);
            written.push((temporary, target.clone(), file));
            done.map_err(|error| DataError::from_io(&target, "writing", error))?;
        }
        Ok(())
    }

    /// An empty file under a temporary name beside the one at `path`; folders whose entries change are noted.
    fn create_aside(
        &self,
        path: &str,
        folders: &mut Vec<PathBuf>,
    ) -> Result<(PathBuf, File), DataError> {
        let target = self.at(path);
        let (folder, name) = match (target.parent(), target.file_name()) {
            (Some(folder), Some(name)) => (folder, name.to_string_lossy()),
            _ => {
                return Err(DataError::Unsupported {
                    file: path.to_owned(),
                    detail: "is no path of a file in the store".to_owned(),
                });
            }
        };
        self.make_folder(folder, folders)?;
        let temporary = folder.join(format!(".{name}.tmp"));
        let file = File::create(&temporary)
            .map_err(|error| DataError::from_io(&temporary, "creating the file", error))?;
        Ok((temporary, file))
    }

    /// Makes a folder with its parents; the folders whose entries changed are noted.
    fn make_folder(&self, folder: &Path, changed: &mut Vec<PathBuf>) -> Result<(), DataError> {
        changed.push(folder.to_owned());
        if folder.is_dir() {
            return Ok(());
        }
        // Every folder that gets an entry, up to one that is there already.
        for above in folder.ancestors().skip(1) {
            changed.push(above.to_owned());
            if above.as_os_str().is_empty() || above.is_dir() {
                break;
            }
        }
        fs::create_dir_all(folder)
            .map_err(|error| DataError::from_io(folder, "creating the folder", error))
    }
}

/// Flushes the temporary files and gives them their names.
fn finish(written: &[(PathBuf, PathBuf, File)]) -> Result<(), DataError> {
    in_parallel(written, |(_, target, file)| {
        file.sync_all()
            .map_err(|error| DataError::from_io(target, "writing", error))
    })?;
    for (temporary, target, _) in written {
        fs::rename(temporary, target)
            .map_err(|error| DataError::from_io(target, "naming the file", error))?;
    }
    Ok(())
}

/// Flushes a folder's entries; a no-op on systems where a folder cannot be opened.
fn sync_folder(folder: &Path) -> Result<(), DataError> {
    if !cfg!(unix) {
        return Ok(());
    }
    // The parent of a relative name of one word is empty.
    let named = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(named)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| DataError::from_io(named, "flushing the folder", error))
}

/// Does the same to all items, some at a time; the first error in their order.
fn in_parallel<T: Sync>(
    items: &[T],
    work: impl Fn(&T) -> Result<(), DataError> + Sync,
) -> Result<(), DataError> {
    if items.len() < 2 {
        return items.iter().try_for_each(&work);
    }
    let share = items.len().div_ceil(PARALLEL_FLUSHES);
    std::thread::scope(|scope| {
        let handles: Vec<_> = items
            .chunks(share)
            .map(|part| scope.spawn(|| part.iter().try_for_each(&work)))
            .collect();
        handles
            .into_iter()
            .map(|handle| {
                handle.join().unwrap_or_else(|_panic| {
                    Err(DataError::Unsupported {
                        file: "the store".to_owned(),
                        detail: "a thread that flushes files ended early; run again".to_owned(),
                    })
                })
            })
            .collect::<Vec<_>>()
            .into_iter()
            .collect()
    })
}
