//! What the tables hold, as counts and digests: for comparing before with after, and a backup with its source.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Row as _, SqliteConnection};

/// The content of one table, whatever order its rows are in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableContent {
    /// Names of the columns that were looked at.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
    /// Sum, modulo 2¹²⁸, of the first half of each row's SHA-256.
    pub digest: String,
}

/// The content of each table by name. The table of migrations is not among them.
pub type Contents = BTreeMap<String, TableContent>;

/// The table that tells which migrations were applied.
const OWN: &str = "schema_migrations";

/// Sums up rows.
#[derive(Default)]
struct Sum {
    rows: u64,
    sum: u128,
}

impl Sum {
    fn add(&mut self, row: &str) {
        let digest = Sha256::digest(row.as_bytes());
        let mut half = [0_u8; 16];
        for (to, from) in half.iter_mut().zip(digest.iter()) {
            *to = *from;
        }
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(half));
    }

    fn content(self, columns: Vec<String>) -> TableContent {
        TableContent {
            columns,
            rows: self.rows,
            digest: format!("{:032x}", self.sum),
        }
    }
}

/// A name as SQL writes it; names come from the database's own catalogue.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Text in which columns of a row stand apart from each other: the literal of each.
fn literals(columns: &[String], of_one: impl Fn(&str) -> String) -> String {
    let columns: Vec<String> = columns.iter().map(|name| of_one(&quoted(name))).collect();
    columns.join(" || ',' || ")
}

/// What a connection sees, whole tables or only the columns of `only`.
pub(crate) async fn contents_sqlite(
    connection: &mut SqliteConnection,
    only: Option<&Contents>,
) -> Result<Contents, sqlx::Error> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut contents = Contents::new();
    for (table,) in tables.into_iter().filter(|(table,)| table != OWN) {
        let rows: Vec<(String,)> =
            sqlx::query_as("SELECT name FROM pragma_table_info($1) ORDER BY name")
                .bind(&table)
                .fetch_all(&mut *connection)
                .await?;
        let Some(columns) = chosen(rows, &table, only) else {
            continue;
        };
        let text = literals(&columns, |column| format!("quote({column})"));
        let statement = format!("SELECT {text} FROM {}", quoted(&table));
        let mut sum = Sum::default();
        let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            sum.add(row.try_get(0)?);
        }
        drop(rows);
        contents.insert(table, sum.content(columns));
    }
    Ok(contents)
}

/// As [`contents_sqlite`].
pub(crate) async fn contents_postgres(
    connection: &mut PgConnection,
    only: Option<&Contents>,
) -> Result<Contents, sqlx::Error> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT tablename::text FROM pg_catalog.pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut contents = Contents::new();
    for (table,) in tables.into_iter().filter(|(table,)| table != OWN) {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 ORDER BY column_name",
        )
        .bind(&table)
        .fetch_all(&mut *connection)
        .await?;
        let Some(columns) = chosen(rows, &table, only) else {
            continue;
        };
        let text = literals(&columns, |column| format!("quote_nullable({column})"));
        let statement = format!("SELECT {text} FROM {}", quoted(&table));
        let mut sum = Sum::default();
        let mut rows = sqlx::query(AssertSqlSafe(statement)).fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            sum.add(row.try_get(0)?);
        }
        drop(rows);
        contents.insert(table, sum.content(columns));
    }
    Ok(contents)
}

/// The columns to look at; those of before that are still there, where there is a before.
fn chosen(rows: Vec<(String,)>, table: &str, only: Option<&Contents>) -> Option<Vec<String>> {
    let mut columns: Vec<String> = rows.into_iter().map(|(name,)| name).collect();
    if let Some(only) = only {
        let before = only.get(table)?;
        columns.retain(|column| before.columns.contains(column));
    }
    (!columns.is_empty()).then_some(columns)
}
