//! The replay driver: a recorded journal through the same core, compared event by event.

use crate::core::{Core, CoreError, Effects};
use crate::journal::JournalRecord;
use thiserror::Error;

/// Why a replay is not the recorded run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// The core refused an event.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The journal does not begin with the start of a run.
    #[error("the journal does not begin with the start of its run: its first records are missing")]
    NoStart,
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
/// What the last event led to has no record after it: compare [`Core::state_hash`] with the run's
/// (after [`Core::stop`], where the run was finished and not interrupted).
///
/// # Errors
/// [`ReplayError`] at the first difference.
pub fn replay(
    core: &mut Core,
    records: &[JournalRecord],
    mut watch: impl FnMut(&JournalRecord, &Effects),
) -> Result<(), ReplayError> {
    let Some((start, events)) = records.split_first().filter(|(first, _)| first.is_start()) else {
        return Err(ReplayError::NoStart);
    };
    let mut effects = Effects::new();
    compare(core, start)?;
    core.start(start.event.time, &mut effects);
    watch(start, &effects);
    for record in events {
        compare(core, record)?;
        core.process(&record.event, &mut effects)?;
        watch(record, &effects);
    }
    Ok(())
}

fn compare(core: &Core, record: &JournalRecord) -> Result<(), ReplayError> {
    let found = core.effects_hash();
    if found == record.effects_before {
        return Ok(());
    }
    Err(ReplayError::Diverged {
        sequence: record.event.sequence,
        recorded: record.effects_before,
        found,
    })
}
