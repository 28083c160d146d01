//! Applying migrations: one transaction, looked at before it is committed.

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use trader_domain::Timestamp;

use super::{Contents, Migrated, Migration, Migrator, contents_postgres, contents_sqlite};
use crate::database::Engine;
use crate::error::{DatabaseError, Fault};

/// The table that tells what was applied.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    version  BIGINT NOT NULL PRIMARY KEY,
    name     TEXT   NOT NULL,
    checksum TEXT   NOT NULL,
    applied  BIGINT NOT NULL
)";

const NOTE: &str =
    "INSERT INTO schema_migrations (version, name, checksum, applied) VALUES ($1, $2, $3, $4)";

/// Any number: whoever migrates takes this lock of the server first.
const LOCK: &str = "SELECT pg_advisory_xact_lock(5711206480917)";

impl Migrator<'_> {
    /// Applies what is pending, all or nothing.
    ///
    /// # Errors
    /// As [`Migrator::plan`]; [`DatabaseError::Migration`] when rows would change that should not, or foreign keys
    /// would not hold; [`DatabaseError::Refused`] when a statement fails. Nothing has changed then.
    pub async fn apply(&self, now: Timestamp) -> Result<Migrated, DatabaseError> {
        let plan = self.plan().await?;
        if plan.steps.is_empty() {
            return Ok(Migrated {
                plan,
                compared: 0,
                rows: 0,
            });
        }
        let pending: Vec<&Migration> = self
            .migrations
            .iter()
            .filter(|migration| migration.version > plan.from)
            .collect();
        let before = match self.database.engine() {
            Engine::Sqlite(pool) => {
                let work = async {
                    let mut connection = pool.acquire().await?;
                    sqlite(&mut connection, &pending, now).await
                };
                self.database.once("migrate", work).await?
            }
            Engine::Postgres(pool) => {
                let work = async {
                    let mut connection = pool.acquire().await?;
                    postgres(&mut connection, &pending, now).await
                };
                self.database.once("migrate", work).await?
            }
        };
        // Somebody else may have been faster: then there was nothing left to do.
        self.require_current().await?;
        Ok(Migrated {
            plan,
            compared: before.len(),
            rows: before.values().map(|table| table.rows).sum(),
        })
    }
}

async fn sqlite(
    connection: &mut SqliteConnection,
    pending: &[&Migration],
    now: Timestamp,
) -> Result<Contents, Fault> {
    let mut work = connection.begin_with("BEGIN EXCLUSIVE").await?;
    sqlx::query(TABLE).execute(&mut *work).await?;
    let before = contents_sqlite(&mut work, None).await?;
    for migration in pending {
        if is_noted(
            sqlx::query_as("SELECT count(*) FROM schema_migrations WHERE version = $1")
                .bind(migration.version)
                .fetch_one(&mut *work)
                .await?,
        ) {
            continue;
        }
        sqlx::raw_sql(migration.sql).execute(&mut *work).await?;
        sqlx::query(NOTE)
            .bind(migration.version)
            .bind(migration.name)
            .bind(migration.checksum())
            .bind(now.nanos())
            .execute(&mut *work)
            .await?;
    }
    let after = contents_sqlite(&mut work, Some(&before)).await?;
    compare(&before, &after, pending)?;
    let (broken,): (i64,) = sqlx::query_as("SELECT count(*) FROM pragma_foreign_key_check")
        .fetch_one(&mut *work)
        .await?;
    if broken > 0 {
        return Err(broken_keys(broken).into());
    }
    work.commit().await?;
    Ok(before)
}

async fn postgres(
    connection: &mut PgConnection,
    pending: &[&Migration],
    now: Timestamp,
) -> Result<Contents, Fault> {
    let mut work = connection.begin().await?;
    sqlx::query(LOCK).execute(&mut *work).await?;
    sqlx::query(TABLE).execute(&mut *work).await?;
    let before = contents_postgres(&mut work, None).await?;
    for migration in pending {
        if is_noted(
            sqlx::query_as("SELECT count(*) FROM schema_migrations WHERE version = $1")
                .bind(migration.version)
                .fetch_one(&mut *work)
                .await?,
        ) {
            continue;
        }
        sqlx::raw_sql(migration.sql).execute(&mut *work).await?;
        sqlx::query(NOTE)
            .bind(migration.version)
            .bind(migration.name)
            .bind(migration.checksum())
            .bind(now.nanos())
            .execute(&mut *work)
            .await?;
    }
    let after = contents_postgres(&mut work, Some(&before)).await?;
    compare(&before, &after, pending)?;
    // Deferred constraints are checked now, not at the commit; unvalidated ones would not be checked at all.
    sqlx::query("SET CONSTRAINTS ALL IMMEDIATE")
        .execute(&mut *work)
        .await?;
    let (unchecked,): (i64,) = sqlx::query_as(
        "SELECT count(*) FROM pg_catalog.pg_constraint WHERE contype = 'f' AND NOT convalidated",
    )
    .fetch_one(&mut *work)
    .await?;
    if unchecked > 0 {
        return Err(broken_keys(unchecked).into());
    }
    work.commit().await?;
    Ok(before)
}

const fn is_noted(count: (i64,)) -> bool {
    count.0 > 0
}

fn broken_keys(count: i64) -> DatabaseError {
    DatabaseError::Migration(format!("{count} foreign keys would not hold"))
}

/// Rows that were there before are there after, as they were.
fn compare(
    before: &Contents,
    after: &Contents,
    pending: &[&Migration],
) -> Result<(), DatabaseError> {
    for (table, content) in before {
        let declared = pending
            .iter()
            .any(|migration| migration.changes.contains(&table.as_str()));
        if declared || after.get(table) == Some(content) {
            continue;
        }
        let rows = after.get(table).map_or(0, |content| content.rows);
        return Err(DatabaseError::Migration(format!(
            "table `{table}` would change without being named: {} rows before, {rows} after",
            content.rows
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::TableContent;
    use super::*;

    #[test]
    fn only_what_a_migration_names_may_change() {
        let content = |rows, digest: &str| TableContent {
            columns: vec!["id".into()],
            rows,
            digest: digest.into(),
        };
        let before = Contents::from([("runs".to_owned(), content(2, "aa"))]);
        let migration = |changes| Migration {
            version: 2,
            name: "x",
            sql: "",
            changes,
        };
        let changed = Contents::from([("runs".to_owned(), content(2, "ab"))]);
        assert!(compare(&before, &before, &[&migration(&[])]).is_ok());
        assert!(compare(&before, &changed, &[&migration(&[])]).is_err());
        assert!(compare(&before, &Contents::new(), &[&migration(&["other"])]).is_err());
        assert!(compare(&before, &changed, &[&migration(&["runs"])]).is_ok());
    }
}
