//! [`Mirror`]: copies of a folder of backups at another place.
//!
//! What is in such a folder is sealed already and never changes under its name, so that a copy is there or is not: what
//! is missing at the place is sent, read back and compared; what is missing in the folder is brought back. Nothing is
//! removed at the place, whatever becomes of the folder: let the bucket's own rule expire it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path as FilePath, PathBuf};

use serde::Serialize;
use trader_storage::DataError;

use crate::error::ArchiveError;
use crate::place::Place;
use crate::stream::digest;

/// Copies at a place.
#[derive(Debug)]
pub struct Mirror {
    place: Place,
}

/// What went one way or the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Mirrored {
    /// Files that were there already.
    pub there: u64,
    /// Files that went.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Mirror {
    /// The copies at a place.
    ///
    /// # Errors
    /// [`ArchiveError`] when the place cannot be listed: wrong key, no bucket, no service.
    pub fn open(place: Place) -> Result<Self, ArchiveError> {
        place.probe()?;
        Ok(Self { place })
    }

    /// Where it is, as shown to people.
    pub fn shown(&self) -> &str {
        self.place.shown()
    }

    /// Sends what the place does not have; each file is read back and compared. Files that describe others go last, so
    /// that what they describe is there before them. `stop` is asked between files.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was sent by then stays, and the same call goes on from there.
    pub fn send(
        &self,
        folder: &FilePath,
        stop: &dyn Fn() -> bool,
    ) -> Result<Mirrored, ArchiveError> {
        let mut files = Vec::new();
        walk(folder, "", &mut files)?;
        files.sort_by_key(|(name, _)| (describes(name), name.clone()));
        let there = self.names()?;
        let mut done = Mirrored::default();
        for (name, path) in files {
            if stop() {
                return Err(ArchiveError::Interrupted);
            }
            if there.contains(&name) {
                done.there += 1;
                continue;
            }
            let reading = |source| unreadable(&path, "reading a backup", source);
            let mut content = File::open(&path).map_err(reading)?;
            let sent = self.place.put(&name, &mut content)?;
            let own = digest(&mut File::open(&path).map_err(reading)?).map_err(reading)?;
            if sent != own || self.place.seen(&name)? != own {
                return Err(self
                    .place
                    .damaged(&name, "what was read back is not what was sent"));
            }
            done.copied += 1;
            done.bytes = done.bytes.saturating_add(own.bytes);
        }
        Ok(done)
    }

    /// Brings back what the folder does not have. Backups check themselves when they are used. `stop` is asked between
    /// files.
    ///
    /// # Errors
    /// [`ArchiveError`]; what came by then stays, whole, and the same call goes on from there.
    pub fn fetch(
        &self,
        folder: &FilePath,
        stop: &dyn Fn() -> bool,
    ) -> Result<Mirrored, ArchiveError> {
        let mut done = Mirrored::default();
        let mut names: Vec<String> = self.names()?.into_iter().collect();
        names.sort_by_key(|name| (describes(name), name.clone()));
        for name in names {
            if stop() {
                return Err(ArchiveError::Interrupted);
            }
            if !is_plain(&name) {
                return Err(self.place.damaged(&name, "no backup has such a name"));
            }
            let path = folder.join(&name);
            if path.exists() {
                done.there += 1;
                continue;
            }
            let bytes = self.bring(&name, &path)?;
            done.copied += 1;
            done.bytes = done.bytes.saturating_add(bytes);
        }
        Ok(done)
    }

    fn bring(&self, name: &str, path: &FilePath) -> Result<u64, ArchiveError> {
        let writing = |source| unreadable(path, "writing a backup", source);
        let above = path.parent().unwrap_or(path);
        fs::create_dir_all(above).map_err(writing)?;
        let scratch = path.with_extension("part");
        let mut file = File::create(&scratch).map_err(writing)?;
        let mut content = self.place.get(name)?;
        let outcome = io::copy(&mut content, &mut file)
            .map_err(|error| content.failure(&self.place, name, &error))
            .and_then(|bytes| {
                file.sync_all().map_err(writing)?;
                fs::rename(&scratch, path).map_err(writing)?;
                Ok(bytes)
            });
        if outcome.is_err() {
            // Nothing half-written stays; that it cannot be removed is less than why it was not written.
            drop(fs::remove_file(&scratch));
        }
        outcome
    }

    /// Names of all files at the place, without its prefix.
    fn names(&self) -> Result<BTreeSet<String>, ArchiveError> {
        let prefix = self.place.at("");
        let listed = self.place.names("")?;
        Ok(listed
            .iter()
            .filter_map(|path| {
                let parts: Vec<String> = path
                    .prefix_match(&prefix)?
                    .map(|part| part.as_ref().to_owned())
                    .collect();
                Some(parts.join("/"))
            })
            .collect())
    }
}

/// Manifests and labels tell of other files.
fn describes(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".manifest")
}

/// Whether a name is one that backups have: no part of it leads out of a folder, none is a scratch file.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    })
}

/// Every finished file below a folder with its name in it.
fn walk(at: &FilePath, name: &str, found: &mut Vec<(String, PathBuf)>) -> Result<(), ArchiveError> {
    let failed = |source| unreadable(at, "listing backups", source);
    for entry in fs::read_dir(at).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let file_name = entry.file_name();
        let Some(own) = file_name.to_str().filter(|own| is_plain(own)) else {
            continue;
        };
        let is_scratch = [".part", ".plain", ".writing"]
            .iter()
            .any(|ending| own.ends_with(ending));
        let inner = if name.is_empty() {
            own.to_owned()
        } else {
            format!("{name}/{own}")
        };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            walk(&entry.path(), &inner, found)?;
        } else if kind.is_file() && !is_scratch {
            found.push((inner, entry.path()));
        }
    }
    Ok(())
}

fn unreadable(path: &FilePath, doing: &'static str, source: io::Error) -> ArchiveError {
    ArchiveError::Store(DataError::Io {
        file: path.display().to_string(),
        doing,
        source,
    })
}
