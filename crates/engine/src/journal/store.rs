//! Where a journal's bytes go: a file, or memory for tests and fault injection.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// An append-only sequence of bytes with a durability barrier.
pub trait JournalStore {
    /// Appends; may write only a part before it fails.
    ///
    /// # Errors
    /// The store's own.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything appended before survives a power cut.
    ///
    /// # Errors
    /// The store's own. After an error it is not known what is durable: the writer closes itself.
    fn sync(&mut self) -> io::Result<()>;

    /// All bytes.
    ///
    /// # Errors
    /// The store's own.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;

    /// Cuts the tail off at `length` (a torn record found by recovery) and makes that durable.
    ///
    /// # Errors
    /// The store's own.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// A file; `sync` is `fdatasync` unless the barrier was given up.
#[derive(Debug)]
pub struct FileStore {
    file: File,
    barrier: Barrier,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Barrier {
    Disk,
    None,
}

impl FileStore {
    /// Creates a journal file; one that is there is an error, because a journal is never
    /// overwritten. The directory entry is made durable too.
    ///
    /// # Errors
    /// The file system's own.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(path)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(Self {
            file,
            barrier: Barrier::Disk,
        })
    }

    /// Opens a journal file to read it and append to it.
    ///
    /// # Errors
    /// The file system's own.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: OpenOptions::new().read(true).append(true).open(path)?,
            barrier: Barrier::Disk,
        })
    }

    /// The same file without the disk's barrier: what is committed survives the process but not a
    /// power cut. For simulated runs, from which no order leaves the process.
    #[must_use]
    pub const fn without_barrier(mut self) -> Self {
        self.barrier = Barrier::None;
        self
    }
}

impl JournalStore for FileStore {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.barrier {
            Barrier::Disk => self.file.sync_data(),
            Barrier::None => Ok(()),
        }
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        self.file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.sync_all()
    }
}

/// Memory; nothing survives the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl JournalStore for MemoryStore {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn read_all(&mut self) -> io::Result<Vec<u8>> {
        Ok(self.bytes.clone())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes
            .truncate(usize::try_from(length).unwrap_or(usize::MAX));
        Ok(())
    }
}
