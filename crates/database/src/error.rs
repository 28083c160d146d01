//! Why something about the database failed.

use std::time::Duration;

use thiserror::Error;
use trader_domain::RecordError;

/// Why an operation failed. Nothing of a failed write is stored, except where [`DatabaseError::Deadline`] says that it
/// is unknown; every write of this crate can be repeated without harm.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// The settings name no database that could be opened.
    #[error("{target}: {detail}")]
    Settings {
        /// Which database.
        target: String,
        /// What is wrong.
        detail: String,
    },
    /// No connection can be made, or it broke.
    #[error(
        "{operation}: the database cannot be reached; check that it runs and takes connections"
    )]
    Unavailable {
        /// What was to be done.
        operation: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// All connections are in use.
    #[error(
        "{operation}: all {most} connections were in use for {waited:?}; raise database.pool_size or \
         database.pool_overflow, or do less at a time"
    )]
    PoolExhausted {
        /// What was to be done.
        operation: &'static str,
        /// Size of the pool with overflow.
        most: u32,
        /// How long a connection was waited for.
        waited: Duration,
    },
    /// It took too long; whether a write took place is unknown, repeating it is safe.
    #[error("{operation}: no answer within {deadline:?} (database.deadline)")]
    Deadline {
        /// What was being done.
        operation: &'static str,
        /// The time it had.
        deadline: Duration,
    },
    /// Others kept changing the same rows.
    #[error(
        "{operation}: gave up after {attempts} attempts, each in conflict with another transaction"
    )]
    Conflict {
        /// What was being done.
        operation: &'static str,
        /// How often.
        attempts: u32,
        /// The last refusal.
        #[source]
        source: sqlx::Error,
    },
    /// The database refused a statement.
    #[error("{operation}: the database refused it")]
    Refused {
        /// What was being done.
        operation: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// The disk holding the database is full.
    #[error("{operation}: the database has no space left; free some and repeat")]
    Full {
        /// What was being done.
        operation: &'static str,
        /// What it said.
        #[source]
        source: sqlx::Error,
    },
    /// The database was closed by this program.
    #[error("{operation}: the database is closed")]
    Closed {
        /// What was to be done.
        operation: &'static str,
    },
    /// Something stored is not what this program writes.
    #[error("{table}: {detail}; the row was changed by something else")]
    Content {
        /// Where.
        table: &'static str,
        /// What is wrong.
        detail: String,
    },
    /// Text that a database cannot hold.
    #[error("{field} holds a NUL character, which the database cannot store")]
    Text {
        /// Where.
        field: &'static str,
    },
    /// A number beyond the range of a column.
    #[error("{field} is {found}, beyond what the database stores")]
    Number {
        /// Where.
        field: &'static str,
        /// Its value.
        found: u64,
    },
    /// A record that contradicts itself.
    #[error("record `{id}` is refused")]
    Record {
        /// Its id.
        id: String,
        /// Why.
        #[source]
        source: RecordError,
    },
    /// A record of a vendor that the run's table does not name.
    #[error("vendor {0} is not in the table of vendors")]
    UnknownVendor(String),
    /// A row that should be there.
    #[error("{what} is not in the database")]
    Missing {
        /// What.
        what: String,
    },
    /// The tables are not those this program needs.
    #[error("{detail}; {remedy}")]
    Schema {
        /// What was found.
        detail: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A migration changed what it does not say it changes; it was rolled back.
    #[error("the migration was rolled back, nothing has changed: {0}")]
    Migration(String),
    /// The process cannot start threads for the database.
    #[error("the threads of the database cannot be started")]
    Runtime(#[source] std::io::Error),
    /// A metric is registered twice.
    #[error("the metrics of the database cannot be registered")]
    Metric(#[from] trader_telemetry::MetricError),
}

/// What a statement failed with, before it is known which operation it belonged to.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The driver said so.
    Sql(sqlx::Error),
    /// One of ours.
    Own(DatabaseError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        Self::Own(error)
    }
}

/// What a driver's error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Another transaction was in the way: the same again may succeed.
    Conflict,
    /// No connection.
    Unavailable,
    /// No connection was free in time.
    NoneFree,
    /// The disk is full.
    Full,
    /// The pool was closed by us.
    Closed,
    /// Anything else.
    Refused,
}

/// Tells what an error means, by SQLSTATE or `SQLite`'s result code.
pub(crate) fn meaning(error: &sqlx::Error) -> Meaning {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
            Meaning::Unavailable
        }
        sqlx::Error::PoolTimedOut => Meaning::NoneFree,
        sqlx::Error::PoolClosed => Meaning::Closed,
        sqlx::Error::Database(error) => {
            error.code().map_or(Meaning::Refused, |code| of_code(&code))
        }
        _ => Meaning::Refused,
    }
}

fn of_code(code: &str) -> Meaning {
    match code {
        // Serialization failure, deadlock, lock not available; SQLITE_BUSY and LOCKED with their extensions.
        "40001" | "40P01" | "55P03" | "5" | "6" | "261" | "262" | "517" | "773" => {
            Meaning::Conflict
        }
        // Disk full: SQLSTATE, and SQLITE_FULL.
        "53100" | "13" => Meaning::Full,
        // Shutdown, crash, starting up, too many connections; SQLITE_CANTOPEN and IOERR.
        "57P01" | "57P02" | "57P03" | "53300" | "14" | "10" => Meaning::Unavailable,
        _ if code.starts_with("08") && code.len() == 5 => Meaning::Unavailable,
        _ => Meaning::Refused,
    }
}
