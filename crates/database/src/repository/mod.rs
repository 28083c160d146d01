//! One repository for each aggregate: a trait that says what is kept, implemented for [`crate::Database`].
//!
//! Values reach SQL as bound parameters only. Writes are whole or not at all and may be repeated.

mod backups;
mod forgettings;
mod records;
mod runs;

pub use backups::{BackupRecord, BackupRepository};
pub use forgettings::{Forgetting, ForgettingRepository};
pub use records::{KeptRecord, Known, Order, RecordRepository, Written};
pub use runs::{
    NewRun, Outcome, RunId, RunRecord, RunRepository, RunResult, SeriesResult, Trouble,
};

use crate::error::DatabaseError;

/// Text that both databases can hold.
pub(crate) fn text<'a>(field: &'static str, text: &'a str) -> Result<&'a str, DatabaseError> {
    if text.contains('\0') {
        return Err(DatabaseError::Text { field });
    }
    Ok(text)
}

/// A count as a column holds it.
pub(crate) fn stored(field: &'static str, found: u64) -> Result<i64, DatabaseError> {
    i64::try_from(found).map_err(|_beyond| DatabaseError::Number { field, found })
}

/// A count as a column held it.
pub(crate) fn count(table: &'static str, found: i64) -> Result<u64, DatabaseError> {
    u64::try_from(found).map_err(|_negative| DatabaseError::Content {
        table,
        detail: format!("a count is {found}"),
    })
}
