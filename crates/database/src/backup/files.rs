//! Backups of files: configuration, journals, runs, models, the market-data store.
//!
//! Each file is sealed by itself and named after a number; the manifest, sealed too, tells path, length and SHA-256 of
//! each, and which backup holds it. A full backup holds all of its files, an incremental one only what the newest proven
//! backup of any kind does not have, a differential one what the newest full one does not have; content decides, not
//! time or name. It is proven by opening every file again, those of earlier backups too, and comparing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use trader_domain::{Clock, Timestamp};

use super::{
    BackupError, BackupName, Backups, Keep, MOST_BYTES, file_error, seal, total, write_whole,
};
use crate::migration::hex;

/// Version of manifests.
const FORMAT: u32 = 1;
/// What the names of manifests end with.
const MANIFEST: &str = "manifest";

/// A file or folder that is backed up, under a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Folder in the restored tree: `journals`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// What a backup of files holds by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    Full,
    /// What the newest proven backup does not have.
    Incremental,
    /// What the newest proven full backup does not have.
    Differential,
}

impl Scope {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
            Self::Differential => "differential",
        }
    }
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// Part, then path in it, with `/`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
    /// Which backup holds the content …
    pub held_by: BackupName,
    /// … under which number.
    number: u64,
}

/// A backup of files. A manifest exists only when its backup was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: u32,
    /// Its name.
    pub name: BackupName,
    /// What it holds by itself.
    pub scope: Scope,
    /// When it was begun.
    pub taken: Timestamp,
    /// The backup that it builds on.
    pub parent: Option<BackupName>,
    /// Every file, in the order of paths.
    pub files: Vec<FileEntry>,
}

impl Snapshot {
    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        total(self.files.iter().map(|file| file.bytes))
    }

    /// Files that it holds itself, and their bytes.
    pub fn own(&self) -> (usize, u64) {
        let own = || self.files.iter().filter(|file| file.held_by == self.name);
        (own().count(), total(own().map(|file| file.bytes)))
    }
}

/// A file while it is copied.
struct Found {
    path: String,
    at: PathBuf,
    /// Its number in the file system: a file that was replaced has another one.
    inode: u64,
}

impl Backups {
    /// Takes a backup of files, proves it, and removes proven ones that `keep` does not name and no kept one needs.
    ///
    /// # Errors
    /// [`BackupError::Refused`] for a part that is not there, a link, or a file that was replaced meanwhile;
    /// [`BackupError`]. What was written is removed.
    pub fn run_files(
        &self,
        parts: &[Part],
        scope: Scope,
        keep: Keep,
        clock: &dyn Clock,
    ) -> Result<Snapshot, BackupError> {
        let taken = clock.now();
        let all = self.snapshots()?;
        let parent = match scope {
            Scope::Full => None,
            Scope::Incremental => all.first(),
            Scope::Differential => all.iter().find(|one| one.scope == Scope::Full),
        };
        // Without anything to build on, everything is new.
        let scope = parent.map_or(Scope::Full, |_| scope);
        let mut snapshot = Snapshot {
            format: FORMAT,
            name: BackupName::of_files(taken),
            scope,
            taken,
            parent: parent.map(|parent| parent.name.clone()),
            files: Vec::new(),
        };
        let folder = self.content_folder(&snapshot.name);
        fs::create_dir_all(&folder)
            .map_err(|error| file_error(&folder, "making the folder", error))?;
        let outcome = self
            .copy(parts, parent, &mut snapshot)
            .and_then(|()| self.prove_files(&snapshot))
            .and_then(|()| self.write_snapshot(&snapshot));
        if let Err(error) = outcome {
            // Without a manifest it is no backup; that it cannot be removed is less than why there is none.
            drop(fs::remove_dir_all(&folder));
            return Err(error);
        }
        self.remove_old_files(keep)?;
        Ok(snapshot)
    }

    fn copy(
        &self,
        parts: &[Part],
        parent: Option<&Snapshot>,
        snapshot: &mut Snapshot,
    ) -> Result<(), BackupError> {
        let mut held: BTreeMap<(String, u64), (BackupName, u64)> = parent
            .iter()
            .flat_map(|parent| &parent.files)
            .map(|file| {
                let place = (file.held_by.clone(), file.number);
                ((file.sha256.clone(), file.bytes), place)
            })
            .collect();
        let mut found = Vec::new();
        for part in parts {
            // A part may be a link; what is in it may not: it could lead out of it, or round in a circle.
            let at = fs::canonicalize(&part.path).map_err(|error| {
                file_error(&part.path, "finding what is to be backed up", error)
            })?;
            walk(&at, part.name.clone(), &mut found)?;
        }
        found.sort_by(|one, other| one.path.cmp(&other.path));
        let mut last = 0;
        for file in &found {
            // Read once to know it; what is known already is not written again.
            let (mut bytes, mut sha256) = super::digest(&file.at)?;
            let known = held.get(&(sha256.clone(), bytes)).cloned();
            let (held_by, number) = match known {
                Some(place) => place,
                None => {
                    last += 1;
                    let mut content = Metered::open(&file.at)?;
                    self.seal_into(&mut content, &self.content(&snapshot.name, last))?;
                    // A journal may have grown since: what was sealed counts.
                    (bytes, sha256) = content.seen();
                    let place = (snapshot.name.clone(), last);
                    held.insert((sha256.clone(), bytes), place.clone());
                    place
                }
            };
            snapshot.files.push(FileEntry {
                path: file.path.clone(),
                bytes,
                sha256,
                held_by,
                number,
            });
        }
        still_there(&found, &snapshot.files)
    }

    /// Opens every file of a backup, whichever backup holds it, and compares.
    ///
    /// # Errors
    /// [`BackupError::Differs`], [`BackupError::File`] for a missing or damaged one; [`BackupError`].
    pub fn prove_files(&self, snapshot: &Snapshot) -> Result<(), BackupError> {
        snapshot
            .files
            .iter()
            .try_for_each(|entry| self.write_out(snapshot, entry, &mut io::sink()))
    }

    /// Restores into a new folder: a folder for each part. A failure leaves none.
    ///
    /// # Errors
    /// [`BackupError::Refused`] when the folder is there; as [`Backups::prove_files`].
    pub fn restore_files(&self, snapshot: &Snapshot, into: &Path) -> Result<(), BackupError> {
        if into.exists() {
            return Err(BackupError::Refused(format!(
                "{}: is there already; name a new folder",
                into.display()
            )));
        }
        let outcome = snapshot.files.iter().try_for_each(|entry| {
            let path = into.join(inner(&entry.path)?);
            let folder = path.parent().unwrap_or(into);
            fs::create_dir_all(folder)
                .map_err(|error| file_error(folder, "making the folder", error))?;
            let mut file =
                File::create(&path).map_err(|error| file_error(&path, "writing", error))?;
            self.write_out(snapshot, entry, &mut file)?;
            file.sync_all()
                .map_err(|error| file_error(&path, "writing", error))
        });
        if outcome.is_err() && into.exists() {
            fs::remove_dir_all(into).map_err(|error| file_error(into, "removing", error))?;
        }
        outcome
    }

    fn write_out(
        &self,
        snapshot: &Snapshot,
        entry: &FileEntry,
        to: &mut impl Write,
    ) -> Result<(), BackupError> {
        let path = self.content(&entry.held_by, entry.number);
        let failed = |error| file_error(&path, "opening the backup", error);
        let mut digest = Sha256::new();
        let mut bytes = 0_u64;
        let sealed = BufReader::new(File::open(&path).map_err(failed)?);
        seal::open_with(sealed, &self.key, &mut |plain| {
            let mut both = Tee {
                digest: &mut digest,
                to: &mut *to,
            };
            bytes = io::copy(plain, &mut both)?;
            Ok(())
        })
        .map_err(failed)?;
        if (bytes, hex(&digest.finalize())) == (entry.bytes, entry.sha256.clone()) {
            return Ok(());
        }
        Err(BackupError::Differs {
            name: snapshot.name.clone(),
            detail: format!("`{}` is another file", entry.path),
        })
    }

    /// Every backup of files, newest first.
    ///
    /// # Errors
    /// [`BackupError::Manifest`] for one that cannot be read, [`BackupError::File`] for one that is damaged.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError> {
        let mut found = Vec::new();
        for path in super::files_in(&self.files_folder(), MANIFEST)? {
            let failed = |error| file_error(&path, "opening the manifest", error);
            let mut text = Vec::new();
            let sealed = BufReader::new(File::open(&path).map_err(failed)?);
            seal::open_with(sealed, &self.key, &mut |plain| {
                plain.take(MOST_BYTES).read_to_end(&mut text).map(drop)
            })
            .map_err(failed)?;
            let damaged = |detail: String| BackupError::Manifest {
                file: path.display().to_string(),
                detail,
            };
            let snapshot: Snapshot =
                serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))?;
            if snapshot.format != FORMAT || path != self.snapshot_file(&snapshot.name) {
                return Err(damaged(format!(
                    "format {} of {}, or its name",
                    snapshot.format, snapshot.name
                )));
            }
            found.push(snapshot);
        }
        found.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(found)
    }

    fn write_snapshot(&self, snapshot: &Snapshot) -> Result<(), BackupError> {
        let path = self.snapshot_file(&snapshot.name);
        let text = serde_json::to_vec(snapshot).map_err(|error| BackupError::Manifest {
            file: path.display().to_string(),
            detail: error.to_string(),
        })?;
        write_whole(&path.with_extension("part"), &path, |file| {
            seal::seal(&mut text.as_slice(), file, &self.key)
        })
    }

    fn remove_old_files(&self, keep: Keep) -> Result<(), BackupError> {
        let all = self.snapshots()?;
        let taken: Vec<Timestamp> = all.iter().map(|one| one.taken).collect();
        let kept = keep.kept(&taken);
        let needed: BTreeSet<&BackupName> = kept
            .iter()
            .filter_map(|index| all.get(*index))
            .flat_map(|one| {
                one.files
                    .iter()
                    .map(|file| &file.held_by)
                    .chain([&one.name])
            })
            .collect();
        for old in all.iter().filter(|one| !needed.contains(&one.name)) {
            // The manifest first: contents without one are never taken for a backup.
            let path = self.snapshot_file(&old.name);
            fs::remove_file(&path).map_err(|error| file_error(&path, "removing", error))?;
            let folder = self.content_folder(&old.name);
            fs::remove_dir_all(&folder).map_err(|error| file_error(&folder, "removing", error))?;
        }
        Ok(())
    }

    fn files_folder(&self) -> PathBuf {
        self.folder.join("files")
    }

    fn snapshot_file(&self, name: &BackupName) -> PathBuf {
        self.files_folder().join(format!("{name}.{MANIFEST}"))
    }

    fn content_folder(&self, name: &BackupName) -> PathBuf {
        self.files_folder().join(name.as_str())
    }

    fn content(&self, name: &BackupName, number: u64) -> PathBuf {
        self.content_folder(name)
            .join(format!("{number:08}.sealed"))
    }
}

/// Every file below a path, in the order of names.
fn walk(at: &Path, path: String, found: &mut Vec<Found>) -> Result<(), BackupError> {
    let failed = |error| file_error(at, "reading what is to be backed up", error);
    let told = fs::symlink_metadata(at).map_err(failed)?;
    if told.is_file() {
        // A part that is one file gets a folder like any other.
        let path = match at.file_name().and_then(|name| name.to_str()) {
            Some(name) if !path.contains('/') => format!("{path}/{name}"),
            _ => path,
        };
        found.push(Found {
            path,
            at: at.to_owned(),
            inode: told.ino(),
        });
        return Ok(());
    }
    if !told.is_dir() {
        return Err(BackupError::Refused(format!(
            "{}: is a link or a device; backups hold files and folders",
            at.display()
        )));
    }
    for entry in fs::read_dir(at).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| {
            BackupError::Refused(format!(
                "{}: its name is not Unicode",
                entry.path().display()
            ))
        })?;
        walk(&entry.path(), format!("{path}/{name}"), found)?;
    }
    Ok(())
}

/// Files may grow while they are copied, as journals do; one that was replaced or cut would not fit the others.
fn still_there(found: &[Found], copied: &[FileEntry]) -> Result<(), BackupError> {
    for (file, entry) in found.iter().zip(copied) {
        let now = fs::symlink_metadata(&file.at);
        let is_same = now.is_ok_and(|now| now.len() >= entry.bytes && now.ino() == file.inode);
        if !is_same {
            return Err(BackupError::Refused(format!(
                "{}: was replaced while it was copied; run it again when nothing rewrites its folder",
                file.at.display()
            )));
        }
    }
    Ok(())
}

/// A path of a manifest as one inside a folder.
fn inner(path: &str) -> Result<&Path, BackupError> {
    let path = Path::new(path);
    let is_inner = path
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    if is_inner {
        Ok(path)
    } else {
        Err(BackupError::Refused(format!(
            "{}: leads out of the folder",
            path.display()
        )))
    }
}

/// Counts and digests what is read.
struct Metered {
    from: File,
    bytes: u64,
    digest: Sha256,
}

impl Metered {
    fn open(path: &Path) -> Result<Self, BackupError> {
        Ok(Self {
            from: File::open(path).map_err(|error| file_error(path, "reading", error))?,
            bytes: 0,
            digest: Sha256::new(),
        })
    }

    fn seen(self) -> (u64, String) {
        (self.bytes, hex(&self.digest.finalize()))
    }
}

impl Read for Metered {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(to)?;
        self.digest.update(to.get(..count).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(count as u64);
        Ok(count)
    }
}

/// Writes to two.
struct Tee<'a, W> {
    digest: &'a mut Sha256,
    to: &'a mut W,
}

impl<W: Write> Write for Tee<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.to.write(bytes)?;
        self.digest.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
