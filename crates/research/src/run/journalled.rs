//! Runs that keep a journal, and journals run again.

use std::path::Path;

use trader_broker::CompliancePolicy;
use trader_domain::Instruments;
use trader_engine::driver::backtest::BacktestDriver;
use trader_engine::driver::replay::replay;
use trader_engine::journal::{FileStore, JournalWriter, read_journal};

use super::{HistoryFeed, Recorder, RunError, RunOutcome, RunRules, Strategies, core, venue};

/// What a journal led to when it was run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// Events replayed, each with the effects recorded.
    pub events: u64,
    /// Bytes of a torn last record that were cut off the file.
    pub torn_bytes: u64,
    /// Fingerprint of the core's state and of all its effects; the run's own when it ended by itself.
    pub state_hash: u128,
}

/// As [`super::run`], with every event written to a new file at `path` before what came of it left the
/// core. Nothing of a backtest has to survive a power cut, so the file is not forced to the disk.
///
/// # Errors
/// [`RunError`]; a file that is there is not overwritten.
pub fn run_journalled(
    rules: &RunRules,
    instruments: Instruments,
    (strategies, compliance): (Strategies, Box<dyn CompliancePolicy>),
    feed: &mut HistoryFeed<'_>,
    path: &Path,
    stop: &dyn Fn() -> bool,
) -> Result<RunOutcome, RunError> {
    let mut record = Recorder::new();
    let mut venue = venue(rules, &instruments)?;
    let mut core = core(rules, instruments, strategies, compliance)?;
    let store = FileStore::create(path)
        .map_err(failed(path, "making"))?
        .without_barrier();
    let journal = JournalWriter::create(store, 0)?;
    let counts = BacktestDriver::new(&mut core, &mut venue, &mut record)
        .journalled(journal)
        .run(feed, stop)?;
    Ok(RunOutcome::new(counts, record, core))
}

/// Runs the journal at `path` again through a core made by the same rules, comparing the effects before
/// every event.
///
/// # Errors
/// [`RunError::Journal`] for a damaged file, [`RunError::Replay`] at the first difference.
pub fn replay_journal(
    rules: &RunRules,
    instruments: Instruments,
    (strategies, compliance): (Strategies, Box<dyn CompliancePolicy>),
    path: &Path,
) -> Result<Replayed, RunError> {
    let mut core = core(rules, instruments, strategies, compliance)?;
    let mut store = FileStore::open(path).map_err(failed(path, "opening"))?;
    let contents = read_journal(&mut store)?;
    replay(&mut core, &contents.records, |_, _| {})?;
    core.stop();
    Ok(Replayed {
        events: contents.records.len() as u64,
        torn_bytes: contents.torn_bytes,
        state_hash: core.state_hash(),
    })
}

fn failed<'a>(
    path: &'a Path,
    action: &'static str,
) -> impl FnOnce(std::io::Error) -> RunError + use<'a> {
    move |source| RunError::JournalFile {
        path: path.display().to_string(),
        action,
        source,
    }
}
