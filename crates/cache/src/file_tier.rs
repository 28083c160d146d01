//! [`FileTier`]: entries as files in one folder, bounded, the oldest going first.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::entry::Entry;
use crate::pattern::Pattern;

/// The end of our files' names; nothing else in the folder is touched.
const ENDING: &str = ".cache";

/// Entries in a folder. A folder that cannot be read or written is an empty one, with a warning when it is opened.
#[derive(Debug)]
pub struct FileTier {
    folder: PathBuf,
    bytes: u64,
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    /// Length and key by the file's name.
    files: BTreeMap<String, (u64, String)>,
    /// Names, the oldest first.
    order: VecDeque<String>,
    total: u64,
}

impl FileTier {
    /// Entries in `folder`, which is made if it is not there, of at most so many bytes.
    ///
    /// # Errors
    /// The system's reason why the folder cannot be made or listed.
    pub fn open(folder: &Path, bytes: u64) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".tmp") && name.contains(ENDING) {
                // Left by a crash; what cannot be removed takes space and harms nobody.
                drop(fs::remove_file(entry.path()));
            } else if name.ends_with(ENDING) {
                let meta = entry.metadata()?;
                found.push((meta.modified().ok(), name, meta.len()));
            }
        }
        found.sort();
        let mut index = Index::default();
        for (_, name, length) in found {
            let parsed = fs::read(folder.join(&name)).ok();
            match parsed.and_then(|bytes| Entry::parse(&bytes).ok()) {
                Some(entry) if file_name(&entry.key) == name => {
                    index.add(name, length, &entry.key);
                }
                _ => drop(fs::remove_file(folder.join(&name))),
            }
        }
        let tier = Self {
            folder: folder.to_owned(),
            bytes,
            index: Mutex::new(index),
        };
        tier.shrink();
        Ok(tier)
    }

    pub(crate) fn get(&self, key: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.join(file_name(key))).ok()
    }

    pub(crate) fn put(&self, key: &str, bytes: &[u8]) {
        if bytes.len() as u64 > self.bytes {
            return;
        }
        let name = file_name(key);
        let target = self.folder.join(&name);
        let temporary = self
            .folder
            .join(format!("{name}.{}.tmp", std::process::id()));
        let written = fs::File::create(&temporary)
            .and_then(|mut file| file.write_all(bytes))
            .and_then(|()| fs::rename(&temporary, &target));
        if let Err(error) = written {
            tracing::debug!(file = %target.display(), %error, "an entry was not kept");
            drop(fs::remove_file(&temporary));
            return;
        }
        self.index
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(name, bytes.len() as u64, key);
        self.shrink();
    }

    pub(crate) fn remove(&self, pattern: &Pattern) {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<String> = index
            .files
            .iter()
            .filter(|(_, (_, key))| pattern.matches(key))
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            index.take(&name);
            drop(fs::remove_file(self.folder.join(&name)));
        }
    }

    /// Removes the oldest until the rest fits.
    fn shrink(&self) {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        while index.total > self.bytes {
            let Some(name) = index.order.front().cloned() else {
                return;
            };
            index.take(&name);
            drop(fs::remove_file(self.folder.join(&name)));
        }
    }
}

impl Index {
    fn add(&mut self, name: String, length: u64, key: &str) {
        self.take(&name);
        self.total = self.total.saturating_add(length);
        self.files.insert(name.clone(), (length, key.to_owned()));
        self.order.push_back(name);
    }

    fn take(&mut self, name: &str) {
        if let Some((length, _)) = self.files.remove(name) {
            self.total = self.total.saturating_sub(length);
        }
        self.order.retain(|other| other != name);
    }
}

/// A name that no key can lead out of the folder.
fn file_name(key: &str) -> String {
    let digest = blake3::hash(key.as_bytes()).to_hex();
    format!("{}{ENDING}", digest.get(..32).unwrap_or(&digest))
}
