//! Backups: taken while the database works, sealed, and proven by restoring them.
//!
//! A backup is one sealed file and a manifest beside it, in a folder of this machine. What it must hold is counted and
//! digested in the same snapshot that is copied. Then the file is read back, restored into a scratch database and
//! compared; only when every table agrees the manifest says `proven`. Anything else is a failure, and what is not
//! proven is neither counted by the retention nor restored.

mod base;
mod cluster;
mod files;
mod name;
mod postgres;
mod recover;
mod retention;
mod seal;
mod sqlite;
mod wal;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use trader_domain::Timestamp;

pub use base::{Base, Lag, archive_lag};
pub use files::{FileEntry, Part, Scope, Snapshot};
pub use name::BackupName;
pub use recover::{Recovered, Wanted};
pub use retention::Keep;
pub use wal::Accepted;

use crate::database::{Database, Engine};
use crate::error::DatabaseError;
use crate::migration::{Contents, hex};
use crate::repository::BackupRepository as _;
use crate::settings::Target;

/// Version of manifests and files.
const FORMAT: u32 = 1;

/// The largest manifest that is read: some millions of files.
const MOST_BYTES: u64 = 1 << 30;

/// Why there is no backup, or it cannot be restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// Text that is no name of a backup.
    #[error("`{0}` is no name of a backup: 1 to 64 of a-z, 0-9 and -, beginning with a letter")]
    Name(String),
    /// A file cannot be read or written, or is damaged.
    #[error("{file}: {action} failed")]
    File {
        /// Which.
        file: String,
        /// What was being done.
        action: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program of the database failed or is missing.
    #[error("{program}: {detail}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said.
        detail: String,
    },
    /// A manifest is damaged, or of another version.
    #[error("{file}: {detail}")]
    Manifest {
        /// Which.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// The restored tables are not those that were copied.
    #[error("backup {name} does not hold what it should: {detail}")]
    Differs {
        /// Which.
        name: BackupName,
        /// The first difference.
        detail: String,
    },
    /// The archived log has a gap before the instant that was asked for.
    #[error(
        "the archive of the log has no {segment}, though {after} is there: bring that segment back from another copy of \
         the archive, name an earlier instant, or start from a base backup after the gap (--base)"
    )]
    MissingSegment {
        /// The first that is missing.
        segment: String,
        /// The next one that is there.
        after: String,
    },
    /// A backup of another kind of database, an unproven one, or a destination that is taken.
    #[error("{0}")]
    Refused(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Which kind of database a backup is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// A copy of the whole file.
    Sqlite,
    /// A dump of one database.
    Postgres,
}

impl BackupKind {
    const fn of(target: &Target) -> Self {
        match target {
            Target::Sqlite { .. } => Self::Sqlite,
            Target::Postgres(_) => Self::Postgres,
        }
    }

    /// The word in the catalogue.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What a backup is and holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    format: u32,
    /// Its name.
    pub name: BackupName,
    /// Of which kind of database.
    pub kind: BackupKind,
    /// When it was begun.
    pub taken: Timestamp,
    /// Bytes of the sealed file.
    pub bytes: u64,
    /// SHA-256 of the sealed file.
    pub sha256: String,
    /// What the tables held.
    pub contents: Contents,
    /// Whether a restore gave exactly these contents.
    pub proven: bool,
}

impl Manifest {
    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        total(self.contents.values().map(|table| table.rows))
    }
}

/// Backups of one database in one folder.
#[derive(Debug)]
pub struct Backups {
    folder: PathBuf,
    key: SecretString,
    /// Folder of `pg_dump` and `pg_restore`; the path of the system when there is none.
    tools: Option<PathBuf>,
}

impl Backups {
    /// In this folder, sealed with this key.
    pub fn new(folder: PathBuf, key: SecretString, tools: Option<PathBuf>) -> Self {
        Self { folder, key, tools }
    }

    /// Takes a backup, proves it, and removes proven ones that `keep` does not name.
    ///
    /// # Errors
    /// [`BackupError`]; the failure is in the catalogue, and no manifest calls the backup proven.
    pub async fn run(
        &self,
        database: &Database,
        keep: Keep,
        clock: &dyn trader_domain::Clock,
    ) -> Result<Manifest, BackupError> {
        let taken = clock.now();
        let name = BackupName::of(taken);
        let kind = BackupKind::of(database.target());
        fs::create_dir_all(&self.folder)
            .map_err(|error| file_error(&self.folder, "making the folder", error))?;
        database.begin_backup(&name, kind, taken).await?;
        let outcome = self.take(database, &name, taken).await;
        let finished = clock.now();
        match &outcome {
            Ok(manifest) => database.prove_backup(manifest, finished).await?,
            Err(error) => {
                let detail = with_causes(error);
                database.fail_backup(&name, &detail, finished).await?;
            }
        }
        let manifest = outcome?;
        self.remove_old(database, keep).await?;
        Ok(manifest)
    }

    async fn take(
        &self,
        database: &Database,
        name: &BackupName,
        taken: Timestamp,
    ) -> Result<Manifest, BackupError> {
        let path = self.file(name);
        let contents = match database.engine() {
            Engine::Sqlite(pool) => sqlite::copy(self, database, pool, &path).await?,
            Engine::Postgres(pool) => postgres::dump(self, database, pool, &path).await?,
        };
        let (bytes, sha256) = digest(&path)?;
        let mut manifest = Manifest {
            format: FORMAT,
            name: name.clone(),
            kind: BackupKind::of(database.target()),
            taken,
            bytes,
            sha256,
            contents,
            proven: false,
        };
        self.write(&manifest)?;
        self.prove(&manifest, database.target()).await?;
        manifest.proven = true;
        self.write(&manifest)?;
        Ok(manifest)
    }

    /// Restores into a scratch database and compares; what was restored is removed again.
    ///
    /// # Errors
    /// [`BackupError::Differs`], [`BackupError::File`] when the file is damaged; [`BackupError`].
    pub async fn prove(&self, manifest: &Manifest, target: &Target) -> Result<(), BackupError> {
        self.is_whole(manifest)?;
        match target {
            Target::Sqlite { .. } => sqlite::prove(self, manifest).await,
            Target::Postgres(server) => postgres::prove(self, manifest, server).await,
        }
    }

    /// Restores a proven backup: into a new file that replaces the present one, which is kept aside, or into a new
    /// database `into` of the server, which must not exist. Gives where it is, and where the replaced file is.
    ///
    /// # Errors
    /// [`BackupError::Refused`] when it is not proven, of another kind, or the destination is taken; [`BackupError`].
    pub async fn restore(
        &self,
        manifest: &Manifest,
        target: &Target,
        into: Option<&str>,
    ) -> Result<Restored, BackupError> {
        if !manifest.proven {
            return Err(BackupError::Refused(format!(
                "backup {} is not proven",
                manifest.name
            )));
        }
        if manifest.kind != BackupKind::of(target) {
            return Err(BackupError::Refused(format!(
                "backup {} is of {}, the configured database is not",
                manifest.name,
                manifest.kind.name()
            )));
        }
        self.is_whole(manifest)?;
        match (target, into) {
            (Target::Sqlite { file }, into) => {
                let to = into.map_or_else(|| file.clone(), PathBuf::from);
                sqlite::restore(self, manifest, &to).await
            }
            (Target::Postgres(server), Some(into)) => {
                postgres::restore(self, manifest, server, into).await?;
                Ok(Restored {
                    to: into.to_owned(),
                    aside: None,
                })
            }
            (Target::Postgres(_), None) => Err(BackupError::Refused(
                "name a new database with --into; set database.name to it when you have looked at it".to_owned(),
            )),
        }
    }

    /// Every backup whose manifest is in the folder, newest first.
    ///
    /// # Errors
    /// [`BackupError::Manifest`] for one that cannot be read.
    pub fn list(&self) -> Result<Vec<Manifest>, BackupError> {
        let mut found = Vec::new();
        for path in files_in(&self.folder, "json")? {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            found.push(self.manifest(&name.unwrap_or_default().parse()?)?);
        }
        found.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(found)
    }

    /// The manifest of one backup.
    ///
    /// # Errors
    /// [`BackupError::File`] when there is none, [`BackupError::Manifest`] when it is damaged.
    pub fn manifest(&self, name: &BackupName) -> Result<Manifest, BackupError> {
        let path = self.manifest_file(name);
        let damaged = |detail: String| BackupError::Manifest {
            file: path.display().to_string(),
            detail,
        };
        let manifest: Manifest = read_json(&path)?;
        if manifest.format != FORMAT {
            return Err(damaged(format!(
                "format {}, this program knows {FORMAT}",
                manifest.format
            )));
        }
        if manifest.name != *name {
            return Err(damaged(format!("names backup {}", manifest.name)));
        }
        Ok(manifest)
    }

    async fn remove_old(&self, database: &Database, keep: Keep) -> Result<(), BackupError> {
        let mut proven = self.list()?;
        proven.retain(|manifest| manifest.proven);
        let taken: Vec<Timestamp> = proven.iter().map(|manifest| manifest.taken).collect();
        let kept = keep.kept(&taken);
        for (index, old) in proven.iter().enumerate() {
            if kept.contains(&index) {
                continue;
            }
            // The manifest first: a file without one is never taken for a backup.
            for path in [self.manifest_file(&old.name), self.file(&old.name)] {
                fs::remove_file(&path).map_err(|error| file_error(&path, "removing", error))?;
            }
            database.remove_backup(&old.name).await?;
        }
        Ok(())
    }

    fn is_whole(&self, manifest: &Manifest) -> Result<(), BackupError> {
        let (bytes, sha256) = digest(&self.file(&manifest.name))?;
        if (bytes, &sha256) == (manifest.bytes, &manifest.sha256) {
            return Ok(());
        }
        Err(BackupError::Differs {
            name: manifest.name.clone(),
            detail: "the file is not the one that was written".to_owned(),
        })
    }

    fn file(&self, name: &BackupName) -> PathBuf {
        self.folder.join(format!("{name}.backup"))
    }

    fn manifest_file(&self, name: &BackupName) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// A file of ours that does not outlive the step it is for.
    fn scratch(&self, name: &BackupName, what: &str) -> PathBuf {
        self.folder.join(format!(".{name}.{what}"))
    }

    /// Writes a manifest whole or not at all.
    fn write(&self, manifest: &Manifest) -> Result<(), BackupError> {
        write_json(&self.manifest_file(&manifest.name), manifest)
    }

    /// Seals what comes into the file of a backup, whole or not at all.
    fn seal_into(&self, from: &mut impl Read, path: &Path) -> Result<(), BackupError> {
        let scratch = path.with_extension("part");
        write_whole(&scratch, path, |file| {
            let mut buffered = BufWriter::new(file);
            seal::seal(from, &mut buffered, &self.key)
        })
    }

    /// Opens the file of a backup into `to`.
    fn open_from(&self, name: &BackupName, to: &mut impl io::Write) -> Result<(), BackupError> {
        let path = self.file(name);
        let failed = |error| file_error(&path, "opening the backup", error);
        let file = File::open(&path).map_err(failed)?;
        seal::open(BufReader::new(file), to, &self.key).map_err(failed)
    }
}

/// What a restore made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// File or name of the restored database, or folder of the restored files.
    pub to: String,
    /// Where the file is that was replaced.
    pub aside: Option<String>,
}

/// Writes beside, flushes to the disk, renames.
fn write_whole(
    scratch: &Path,
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), BackupError> {
    let attempt = || {
        let mut file = File::create(scratch)?;
        write(&mut file)?;
        file.sync_all()?;
        fs::rename(scratch, path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    attempt().map_err(|error| {
        // Nothing half-written stays; that it cannot be removed is less than why it was not written.
        drop(fs::remove_file(scratch));
        file_error(path, "writing", error)
    })
}

/// Every file in a folder with this ending; none when there is no folder.
fn files_in(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, BackupError> {
    let failed = |error| file_error(folder, "listing", error);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|found| found == ending) {
            found.push(path);
        }
    }
    Ok(found)
}

/// A sum for people. Manifests lie outside the seal: whatever one says, showing it must not fail.
fn total(rows: impl Iterator<Item = u64>) -> u64 {
    rows.fold(0, u64::saturating_add)
}

/// A manifest as it was written, of [`MOST_BYTES`] at most.
fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, BackupError> {
    let failed = |error| file_error(path, "reading", error);
    let damaged = |detail: String| BackupError::Manifest {
        file: path.display().to_string(),
        detail,
    };
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let mut bounded = file.take(MOST_BYTES.saturating_add(1));
    bounded.read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(damaged(format!("has more than {MOST_BYTES} bytes")));
    }
    serde_json::from_slice(&text).map_err(|error| damaged(error.to_string()))
}

/// Writes a manifest whole or not at all.
fn write_json<T: Serialize>(path: &Path, manifest: &T) -> Result<(), BackupError> {
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| BackupError::Manifest {
        file: path.display().to_string(),
        detail: error.to_string(),
    })?;
    write_whole(&path.with_extension("writing"), path, |file| {
        file.write_all(&text)
    })
}

/// Length and SHA-256 of a file.
fn digest(path: &Path) -> Result<(u64, String), BackupError> {
    let failed = |error| file_error(path, "reading", error);
    let mut file = File::open(path).map_err(failed)?;
    let mut digest = Sha256::new();
    let bytes = io::copy(&mut file, &mut digest).map_err(failed)?;
    Ok((bytes, hex(&digest.finalize())))
}

fn file_error(path: &Path, action: &'static str, source: io::Error) -> BackupError {
    BackupError::File {
        file: path.display().to_string(),
        action,
        source,
    }
}

/// The first table in which a restore differs from what was copied.
fn compare(manifest: &Manifest, found: &Contents) -> Result<(), BackupError> {
    let differs = |detail: String| BackupError::Differs {
        name: manifest.name.clone(),
        detail,
    };
    for (table, expected) in &manifest.contents {
        match found.get(table) {
            None => return Err(differs(format!("table `{table}` is missing"))),
            Some(content) if content != expected => {
                return Err(differs(format!(
                    "table `{table}` has {} rows of {}, or other content",
                    content.rows, expected.rows
                )));
            }
            Some(_) => {}
        }
    }
    match found
        .keys()
        .find(|table| !manifest.contents.contains_key(*table))
    {
        Some(table) => Err(differs(format!("table `{table}` was not there"))),
        None => Ok(()),
    }
}

/// An error with what caused it, on one line.
fn with_causes(error: &BackupError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text.replace('\0', "\u{fffd}")
}
