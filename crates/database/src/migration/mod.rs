//! Bringing the tables to the form this program needs.
//!
//! Migrations are files in `migrations/sqlite` and `migrations/postgres`, compiled in, applied in the order of their
//! numbers and never changed afterwards: the database keeps the SHA-256 of each, and one that differs stops everything.
//! All pending ones run in one transaction. Before it is committed, every table that was there before must still have
//! the same rows and content, unless a migration says that it changes the table, and every foreign key must hold;
//! otherwise all is rolled back. The app takes a backup first where the data matter.

mod apply;
mod content;
mod list;

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use content::{Contents, TableContent};
pub(crate) use content::{contents_postgres, contents_sqlite};

use crate::database::{Database, Engine};
use crate::engine::with_connection;
use crate::error::DatabaseError;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    /// 1, 2, 3 …
    version: i64,
    /// What it is about; the file's name after the number.
    name: &'static str,
    /// Its statements.
    sql: &'static str,
    /// Tables whose rows it changes on purpose.
    changes: &'static [&'static str],
}

impl Migration {
    fn checksum(&self) -> String {
        hex(&Sha256::digest(self.sql.as_bytes()))
    }
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One migration in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// What it is about.
    pub name: String,
    /// SHA-256 of its file.
    pub checksum: String,
    /// Its statements.
    #[serde(skip)]
    pub sql: String,
}

/// What a migration would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Version of the tables now; 0 for an empty database.
    pub from: i64,
    /// Version that this program needs.
    pub to: i64,
    /// What is to be applied, in order; empty when nothing is.
    pub steps: Vec<Step>,
}

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// The plan that was carried out.
    #[serde(flatten)]
    pub plan: Plan,
    /// Tables whose rows and content were compared.
    pub compared: usize,
    /// Rows in them.
    pub rows: u64,
}

/// Brings the tables of one database to the form this program needs.
pub struct Migrator<'a> {
    database: &'a Database,
    migrations: &'static [Migration],
}

crate::engine::row! {
    /// A migration that the database says was applied.
    Applied { version: i64, name: String, checksum: String }
}

impl<'a> Migrator<'a> {
    /// For this database, with the migrations of this program.
    pub fn new(database: &'a Database) -> Self {
        let migrations = match database.engine() {
            Engine::Sqlite(_) => list::SQLITE,
            Engine::Postgres(_) => list::POSTGRES,
        };
        Self {
            database,
            migrations,
        }
    }

    /// What is to be done.
    ///
    /// # Errors
    /// [`DatabaseError::Schema`] when the database was made by a newer program, or an applied migration is not the one
    /// of this program; errors of the connection.
    pub async fn plan(&self) -> Result<Plan, DatabaseError> {
        let applied = self.applied().await?;
        self.judge(&applied)
    }

    /// Fails unless the tables are those this program needs.
    ///
    /// # Errors
    /// [`DatabaseError::Schema`]; errors of the connection.
    pub async fn require_current(&self) -> Result<(), DatabaseError> {
        let plan = self.plan().await?;
        if plan.steps.is_empty() {
            return Ok(());
        }
        Err(DatabaseError::Schema {
            detail: format!(
                "the tables of {} are at version {}, this program needs {}",
                self.database.target().shown(),
                plan.from,
                plan.to
            ),
            remedy: "run `backfill migrate` (with --dry-run to look first)",
        })
    }

    async fn applied(&self) -> Result<Vec<Applied>, DatabaseError> {
        let there = match self.database.engine() {
            Engine::Sqlite(_) => {
                "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
            }
            Engine::Postgres(_) => {
                "SELECT count(*) AS n FROM pg_catalog.pg_tables \
                 WHERE schemaname = current_schema() AND tablename = 'schema_migrations'"
            }
        };
        with_connection!(self.database, "read migrations", connection => {
            let (count,): (i64,) = sqlx::query_as(there).fetch_one(&mut *connection).await?;
            if count == 0 {
                return Ok(Vec::new());
            }
            Ok(sqlx::query_as("SELECT version, name, checksum FROM schema_migrations ORDER BY version")
                .fetch_all(&mut *connection)
                .await?)
        })
    }

    fn judge(&self, applied: &[Applied]) -> Result<Plan, DatabaseError> {
        let differs = |detail: String| DatabaseError::Schema {
            detail,
            remedy: "use the program that made this database, or restore a backup of before",
        };
        let mut known: BTreeMap<i64, &Migration> = self
            .migrations
            .iter()
            .map(|migration| (migration.version, migration))
            .collect();
        for row in applied {
            let Some(migration) = known.remove(&row.version) else {
                return Err(differs(format!(
                    "the database has migration {} `{}`, which this program does not know",
                    row.version, row.name
                )));
            };
            if migration.checksum() != row.checksum {
                return Err(differs(format!(
                    "migration {} `{}` was applied with other statements than this program has",
                    row.version, row.name
                )));
            }
        }
        let from = applied.iter().map(|row| row.version).max().unwrap_or(0);
        if let Some(skipped) = known.values().find(|migration| migration.version < from) {
            return Err(differs(format!(
                "migration {} `{}` was skipped",
                skipped.version, skipped.name
            )));
        }
        let steps = known.values().map(|migration| Step {
            version: migration.version,
            name: migration.name.to_owned(),
            checksum: migration.checksum(),
            sql: migration.sql.to_owned(),
        });
        Ok(Plan {
            from,
            to: self.migrations.iter().map(|m| m.version).max().unwrap_or(0),
            steps: steps.collect(),
        })
    }
}
