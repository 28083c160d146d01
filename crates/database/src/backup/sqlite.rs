//! Backups of an embedded database: a copy made by the engine while others read, with writers held off.

use std::fs::{self, File};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _, SqlitePool};

use super::{BackupError, Backups, Manifest, Restored, compare, file_error};
use crate::database::Database;
use crate::error::{DatabaseError, Fault};
use crate::migration::{Contents, contents_sqlite};

/// Copies and seals the database; gives what it held.
pub(super) async fn copy(
    backups: &Backups,
    database: &Database,
    pool: &SqlitePool,
    path: &Path,
) -> Result<Contents, BackupError> {
    let plain = path.with_extension("plain");
    remove(&plain)?;
    let text = plain.to_str().ok_or_else(|| {
        BackupError::Refused(format!(
            "{}: the folder's name is not Unicode",
            plain.display()
        ))
    })?;
    let work = async {
        let mut lock = pool.acquire().await?;
        let mut copier = pool.acquire().await?;
        // Nobody writes while this is held, so the copy and the digests are of the same state.
        let mut held = lock.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("VACUUM INTO $1")
            .bind(text)
            .execute(&mut *copier)
            .await?;
        let contents = contents_sqlite(&mut held, None).await?;
        held.rollback().await?;
        Ok::<_, Fault>(contents)
    };
    let contents = database.once("copy the database", work).await;
    let sealed = match contents {
        Ok(contents) => match File::open(&plain) {
            Ok(mut file) => backups.seal_into(&mut file, path).map(|()| contents),
            Err(error) => Err(file_error(&plain, "reading", error)),
        },
        Err(error) => Err(error.into()),
    };
    remove(&plain)?;
    sealed
}

/// Restores into a scratch file and compares.
pub(super) async fn prove(backups: &Backups, manifest: &Manifest) -> Result<(), BackupError> {
    let scratch = backups.scratch(&manifest.name, "proof");
    let outcome = restored(backups, manifest, &scratch).await;
    remove(&scratch)?;
    outcome
}

/// Restores to a file; one that is there is put aside.
pub(super) async fn restore(
    backups: &Backups,
    manifest: &Manifest,
    to: &Path,
) -> Result<Restored, BackupError> {
    // A journal that belongs to a program which still works, or crashed: its writes would be lost unseen.
    for ending in ["-wal", "-journal"] {
        let journal = beside(to, ending);
        if fs::metadata(&journal).is_ok_and(|found| found.len() > 0) {
            return Err(BackupError::Refused(format!(
                "{}: the database is in use or was not closed; end the programs that use it, and run `backfill status` once",
                journal.display()
            )));
        }
    }
    let scratch = beside(to, ".restoring");
    remove(&scratch)?;
    if let Err(error) = restored(backups, manifest, &scratch).await {
        remove(&scratch)?;
        return Err(error);
    }
    let mut aside = None;
    if to.exists() {
        let place = beside(to, &format!(".before-{}", manifest.name));
        if place.exists() {
            remove(&scratch)?;
            return Err(BackupError::Refused(format!(
                "{} is there already",
                place.display()
            )));
        }
        fs::rename(to, &place).map_err(|error| file_error(to, "putting aside", error))?;
        aside = Some(place.display().to_string());
    }
    for ending in ["-wal", "-shm"] {
        remove(&beside(to, ending))?;
    }
    fs::rename(&scratch, to)
        .map_err(|error| file_error(to, "putting the restored file there", error))?;
    Ok(Restored {
        to: to.display().to_string(),
        aside,
    })
}

/// Writes the database to a new file, checks and compares it.
async fn restored(backups: &Backups, manifest: &Manifest, to: &Path) -> Result<(), BackupError> {
    let failed = |error| file_error(to, "writing", error);
    let mut file = File::create(to).map_err(failed)?;
    backups.open_from(&manifest.name, &mut file)?;
    file.sync_all().map_err(failed)?;
    drop(file);
    let refused = |source| DatabaseError::Refused {
        operation: "read the restored database",
        source,
    };
    let mut connection = SqliteConnectOptions::new()
        .filename(to)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging()
        .connect()
        .await
        .map_err(refused)?;
    let found = checked(&mut connection).await.map_err(refused);
    connection.close().await.map_err(refused)?;
    let (verdict, contents) = found?;
    if verdict != "ok" {
        return Err(BackupError::Differs {
            name: manifest.name.clone(),
            detail: verdict,
        });
    }
    compare(manifest, &contents)
}

async fn checked(connection: &mut SqliteConnection) -> Result<(String, Contents), sqlx::Error> {
    let (verdict,): (String,) = sqlx::query_as("PRAGMA integrity_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    Ok((verdict, contents_sqlite(connection, None).await?))
}

/// The path with something after its name.
fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_error(path, "removing", error))
        }
        _ => Ok(()),
    }
}
