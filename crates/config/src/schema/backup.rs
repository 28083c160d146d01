//! Backups of the database.

use crate::key::section;
use crate::secret::Secret;
use crate::value::FilePath;

section! {
    /// Backups of the database: sealed files, each proven by a restore.
    pub struct BackupSettings in "backup." {
        /// Folder of the backups.
        folder: FilePath = "backups", unit "", range "", restart;
        /// Key that seals them, at least 32 characters. Keep a copy elsewhere: without it no backup can be read.
        key: Option<Secret> = unset, unit "", range "", restart;
        /// Proven backups that are kept; older ones are removed after a new one is proven.
        keep: u32 = "14", unit "backups", range "[1, 10000]", restart;
        /// Folder of `pg_dump` and `pg_restore`; without it the system's path is searched.
        tools: Option<FilePath> = unset, unit "", range "", restart;
    }
}
