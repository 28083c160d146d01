//! Backups: where, of what, when, for how long.

use crate::key::section;
use crate::secret::Secret;
use crate::value::{ArchiveUrl, BackupJob, BackupPart, FilePath};

section! {
    /// Backups: sealed files, each proven by a restore.
    pub struct BackupSettings in "backup." {
        /// Folder of the backups.
        folder: FilePath = "backups", unit "", range "", restart;
        /// Key that seals them, at least 32 characters. Keep a copy elsewhere: without it no backup can be read.
        key: Option<Secret> = unset, unit "", range "", restart;
        /// Proven backups of each kind that are kept, the newest; others are removed after a new one is proven.
        keep: u32 = "14", unit "backups", range "[1, 10000]", restart;
        /// Also kept: the newest of each of the last days that have one.
        keep_daily: u32 = "0", unit "days", range "[0, 10000]", restart;
        /// Also kept: the newest of each of the last weeks that have one.
        keep_weekly: u32 = "5", unit "weeks", range "[0, 10000]", restart;
        /// Also kept: the newest of each of the last months that have one.
        keep_monthly: u32 = "12", unit "months", range "[0, 10000]", restart;
        /// What `backfill backup files` takes, each `NAME=PATH`: configuration, journals, runs, models, the store.
        files: Vec<BackupPart> = "", unit "", range "", restart;
        /// Where backups are copied to: `s3://BUCKET/PREFIX` or `file:///FOLDER`, with the service and keys of `archive`.
        copies: Option<ArchiveUrl> = unset, unit "", range "", restart;
        /// When `backfill backup schedule` does what, each `MINUTE HOUR DAY MONTH WEEKDAY: TASK`, in UTC; tasks are
        /// `database`, `base`, `files full`, `files incremental`, `files differential`, `copy`.
        schedule: Vec<BackupJob> = "", unit "", range "", restart;
        /// Folder of `pg_dump` and the server's other programs; without it the system's path is searched.
        tools: Option<FilePath> = unset, unit "", range "", restart;
    }
}
