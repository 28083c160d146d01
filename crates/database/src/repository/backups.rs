//! The catalogue of backups: each one that was begun, and what became of it.
//!
//! What can be restored is told by the manifests in the backups' folder, which are there when the database is not; the
//! catalogue adds the failures.

use std::future::Future;

use trader_domain::Timestamp;

use super::{count, stored};
use crate::backup::{BackupKind, BackupName, Manifest};
use crate::database::Database;
use crate::engine::{in_transaction, row, with_connection};
use crate::error::DatabaseError;

/// A backup as the catalogue tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRecord {
    /// Its name.
    pub name: String,
    /// Kind of database.
    pub kind: String,
    /// When it was begun.
    pub started: Timestamp,
    /// When it ended; `None` while it works, and when it was killed.
    pub finished: Option<Timestamp>,
    /// `running`, `proven`, `failed` or `removed`.
    pub status: String,
    /// Bytes of its file.
    pub bytes: u64,
    /// Why it failed.
    pub detail: Option<String>,
}

/// The catalogue of backups.
pub trait BackupRepository {
    /// Records that a backup begins.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn begin_backup(
        &self,
        name: &BackupName,
        kind: BackupKind,
        started: Timestamp,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Records that it is proven.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn prove_backup(
        &self,
        manifest: &Manifest,
        finished: Timestamp,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Records that it failed.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn fail_backup(
        &self,
        name: &BackupName,
        detail: &str,
        finished: Timestamp,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Records that its file was removed by the retention.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn remove_backup(
        &self,
        name: &BackupName,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The latest, newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn recent_backups(
        &self,
        most: u32,
    ) -> impl Future<Output = Result<Vec<BackupRecord>, DatabaseError>> + Send;
}

row! {
    BackupRow {
        name: String, kind: String, started: i64, finished: Option<i64>, status: String, bytes: i64,
        detail: Option<String>,
    }
}

/// One statement about one backup.
macro_rules! note {
    ($database:expr, $operation:literal, $statement:expr, $($value:expr),+) => {
        in_transaction!($database, $operation, work => {
            sqlx::query($statement)$(.bind($value))+.execute(&mut *work).await?;
            Ok(())
        })
    };
}

impl BackupRepository for Database {
    async fn begin_backup(
        &self,
        name: &BackupName,
        kind: BackupKind,
        started: Timestamp,
    ) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO backups (name, kind, started, status) VALUES ($1, $2, $3, 'running') \
                         ON CONFLICT (name) DO NOTHING";
        note!(
            self,
            "begin backup",
            statement,
            name.as_str(),
            kind.name(),
            started.nanos()
        )
    }

    async fn prove_backup(
        &self,
        manifest: &Manifest,
        finished: Timestamp,
    ) -> Result<(), DatabaseError> {
        let bytes = stored("bytes of a backup", manifest.bytes)?;
        let statement = "UPDATE backups SET status = 'proven', finished = $2, bytes = $3, digest = $4 WHERE name = $1";
        let name = manifest.name.as_str();
        note!(
            self,
            "finish backup",
            statement,
            name,
            finished.nanos(),
            bytes,
            &manifest.sha256
        )
    }

    async fn fail_backup(
        &self,
        name: &BackupName,
        detail: &str,
        finished: Timestamp,
    ) -> Result<(), DatabaseError> {
        let detail = super::text("detail of a backup", detail)?;
        let statement =
            "UPDATE backups SET status = 'failed', finished = $2, detail = $3 WHERE name = $1";
        note!(
            self,
            "fail backup",
            statement,
            name.as_str(),
            finished.nanos(),
            detail
        )
    }

    async fn remove_backup(&self, name: &BackupName) -> Result<(), DatabaseError> {
        let statement = "UPDATE backups SET status = 'removed' WHERE name = $1";
        note!(self, "remove backup", statement, name.as_str())
    }

    async fn recent_backups(&self, most: u32) -> Result<Vec<BackupRecord>, DatabaseError> {
        let rows: Vec<BackupRow> = with_connection!(self, "read backups", connection => {
            Ok(sqlx::query_as(
                "SELECT name, kind, started, finished, status, bytes, detail FROM backups \
                 ORDER BY started DESC, name DESC LIMIT $1",
            )
            .bind(i64::from(most))
            .fetch_all(&mut *connection)
            .await?)
        })?;
        let record = |row: BackupRow| {
            Ok(BackupRecord {
                name: row.name,
                kind: row.kind,
                started: Timestamp::from_nanos(row.started),
                finished: row.finished.map(Timestamp::from_nanos),
                status: row.status,
                bytes: count("backups", row.bytes)?,
                detail: row.detail,
            })
        };
        rows.into_iter().map(record).collect()
    }
}
