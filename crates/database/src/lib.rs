//! The database: `SQLite` in one file by default, `PostgreSQL` on a server.
//!
//! It keeps what is small, related and asked for by key: the history of backfills, reference data, corporate actions,
//! news, filings, posts, and the catalogue of backups. Market data are files, in `trader-storage`. Only this crate
//! knows SQL; whoever needs something kept uses a repository. It never builds SQL from values, never waits beyond a
//! deadline, and never reports a write that is not on disk.
//!
//! | module | is |
//! |---|---|
//! | `settings` | what an app passes in |
//! | `database` | [`Database`]: connections, deadlines, repetition after conflicts |
//! | `health`, `telemetry` | how full the pool is, what is counted |
//! | `migration` | [`Migrator`]: bringing the tables up to date, checked |
//! | `repository` | one trait for each aggregate |
//! | `backup` | [`Backups`]: of the database, of a whole server with its log, of files; sealed, proven by a restore |
//! | `blocking` | [`Blocking`], for programs without a runtime |
//! | `engine` | writing an operation once for both databases |

mod backup;
mod blocking;
mod database;
mod engine;
mod error;
mod health;
mod migration;
mod repository;
mod settings;
mod telemetry;

pub use backup::{
    Accepted, BackupError, BackupKind, BackupName, Backups, Base, FileEntry, Keep, Lag, Manifest,
    Part, Recovered, Restored, Scope, Snapshot, Wanted, archive_lag,
};
pub use blocking::Blocking;
pub use database::Database;
pub use error::DatabaseError;
pub use health::PoolUse;
pub use migration::{Contents, Migrated, Migrator, Plan, Step, TableContent};
pub use repository::{
    BackupRecord, BackupRepository, Forgetting, ForgettingRepository, KeptRecord, Known, NewRun,
    Order, Outcome, RecordRepository, RunId, RunRecord, RunRepository, RunResult, SeriesResult,
    Trouble, Written,
};
pub use settings::{PoolSettings, Server, Target, Tls};
pub use telemetry::DatabaseMetrics;
