//! The replay driver: a recorded journal through the same core, compared event by event.

use thiserror::Error;
use trader_domain::Timestamp;

use crate::core::{Core, CoreError, Effects};
use crate::journal::JournalRecord;

/// Why a replay is not the recorded run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The core refused an event.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The effects differ from those recorded.
    #[error(
        "the replay differs from the recorded run before event {sequence}: effects \
         {found:032x} instead of {recorded:032x}; the code, configuration or strategy parameters \
         are not those of the recorded run"
    )]
    Diverged {
        /// The first event before which the effects differ.
        sequence: u64,
        /// Fingerprint of the recorded effects.
        recorded: u128,
        /// Fingerprint of the effects of this replay.
        found: u128,
    },
}

/// Feeds recorded events to a core made with the recorded configuration, comparing its effects
/// with the record before each event; `watch` sees every event's effects.
///
/// # Errors
/// [`ReplayError`] at the first difference.
pub fn replay(
    core: &mut Core,
    started: Timestamp,
    records: &[JournalRecord],
    mut watch: impl FnMut(&JournalRecord, &Effects),
) -> Result<(), ReplayError> {
    let mut effects = Effects::new();
    core.start(started, &mut effects);
    for record in records {
        let found = core.effects_hash();
        if found != record.effects_before {
            return Err(ReplayError::Diverged {
                sequence: record.event.sequence,
                recorded: record.effects_before,
                found,
            });
        }
        core.process(&record.event, &mut effects)?;
        watch(record, &effects);
    }
    Ok(())
}
