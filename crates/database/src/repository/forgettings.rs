//! What was removed because a licence or the retention asked for it. [`super::RecordRepository::forget`] writes it.

use std::future::Future;

use trader_domain::Timestamp;

use super::count;
use crate::database::Database;
use crate::engine::{row, with_connection};
use crate::error::DatabaseError;

/// One removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgetting {
    /// When.
    pub at: Timestamp,
    /// Whose records.
    pub vendor: String,
    /// Their table.
    pub kind: String,
    /// Those received before this instant.
    pub received_before: Timestamp,
    /// How many versions.
    pub versions: u64,
    /// Which rule asked for it.
    pub reason: String,
}

/// Removals.
pub trait ForgettingRepository {
    /// The latest, newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn recent_forgettings(
        &self,
        most: u32,
    ) -> impl Future<Output = Result<Vec<Forgetting>, DatabaseError>> + Send;
}

row! {
    ForgettingRow { at: i64, vendor: String, kind: String, received_before: i64, versions: i64, reason: String }
}

impl ForgettingRepository for Database {
    async fn recent_forgettings(&self, most: u32) -> Result<Vec<Forgetting>, DatabaseError> {
        let rows: Vec<ForgettingRow> = with_connection!(self, "read forgettings", connection => {
            Ok(sqlx::query_as(
                "SELECT at, vendor, kind, received_before, versions, reason FROM forgettings \
                 ORDER BY id DESC LIMIT $1",
            )
            .bind(i64::from(most))
            .fetch_all(&mut *connection)
            .await?)
        })?;
        let forgetting = |row: ForgettingRow| {
            Ok(Forgetting {
                at: Timestamp::from_nanos(row.at),
                vendor: row.vendor,
                kind: row.kind,
                received_before: Timestamp::from_nanos(row.received_before),
                versions: count("forgettings", row.versions)?,
                reason: row.reason,
            })
        };
        rows.into_iter().map(forgetting).collect()
    }
}
