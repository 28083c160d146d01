//! The history of runs in the database: written around each backfill, read by `status`.

use trader_data::BackfillError;
use trader_data::backfill::Summary;
use trader_database::{
    NewRun, Outcome, RunId, RunRecord, RunRepository as _, RunResult, SeriesResult, Trouble,
};

use crate::database::OpenDatabase;
use crate::failure::{Failure, on_one_line};
use crate::output;
use crate::session::Session;

/// Runs that `status` shows.
const SHOWN: u32 = 20;

/// A run that has begun.
pub(crate) struct History {
    open: OpenDatabase,
    run: RunId,
}

impl History {
    /// Records that a run begins. What cannot be recorded is not begun.
    pub(crate) fn begin(
        session: &Session,
        vendor: &str,
        source: String,
        request: String,
    ) -> Result<Self, Failure> {
        let open = OpenDatabase::ready(&session.loaded.config)?;
        let run = open.blocking.wait(open.database.begin_run(&NewRun {
            vendor: vendor.to_owned(),
            source,
            request,
            started: output::now(),
        }))?;
        Ok(Self { open, run })
    }

    /// Records how it ended, and gives that on. An error of the run is worth more than one of recording it.
    pub(crate) fn finish(
        &self,
        outcome: Result<(Summary, Vec<SeriesResult>), Failure>,
    ) -> Result<Summary, Failure> {
        let result = match &outcome {
            Ok((summary, series)) => of_summary(summary, series.clone()),
            Err(failure) => of_failure(failure),
        };
        let kept = self
            .open
            .blocking
            .wait(self.open.database.finish_run(self.run, &result));
        match (outcome, kept) {
            (Ok((summary, _)), Ok(())) => Ok(summary),
            (Ok(_), Err(error)) => Err(error.into()),
            (Err(failure), Ok(())) => Err(failure),
            (Err(failure), Err(error)) => {
                tracing::error!(%error, "the end of the run was not recorded in the database");
                Err(failure)
            }
        }
    }
}

fn of_summary(summary: &Summary, series: Vec<SeriesResult>) -> RunResult {
    let rejected = summary
        .rejects
        .iter()
        .map(|(reason, rows)| Trouble::Rejected {
            reason: reason.clone(),
            rows: *rows,
        });
    let failed = summary
        .failures
        .iter()
        .map(|(unit, detail)| Trouble::Failed {
            unit: unit.clone(),
            detail: detail.clone(),
        });
    RunResult {
        finished: output::now(),
        outcome: if summary.failures.is_empty() {
            Outcome::Done
        } else {
            Outcome::Partly
        },
        detail: None,
        work: Some(summary.run.clone()),
        units: summary.units,
        bars: summary.rows,
        added: summary.added,
        replaced: summary.replaced,
        series,
        troubles: rejected.chain(failed).map(printable).collect(),
    }
}

fn of_failure(failure: &Failure) -> RunResult {
    RunResult {
        finished: output::now(),
        outcome: match failure {
            Failure::Backfill(BackfillError::Interrupted) => Outcome::Interrupted,
            _ => Outcome::Failed,
        },
        detail: Some(without_nul(&on_one_line(failure))),
        work: None,
        units: 0,
        bars: 0,
        added: 0,
        replaced: 0,
        series: Vec::new(),
        troubles: Vec::new(),
    }
}

/// Reasons quote their source, which may hold anything.
fn printable(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Rejected { reason, rows } => Trouble::Rejected {
            reason: without_nul(&reason),
            rows,
        },
        Trouble::Failed { unit, detail } => Trouble::Failed {
            unit: without_nul(&unit),
            detail: without_nul(&detail),
        },
    }
}

fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The latest runs, newest first; none without a database.
pub(crate) fn recent(session: &Session) -> Result<Vec<RunRecord>, Failure> {
    let Some(open) = OpenDatabase::existing(&session.loaded.config)? else {
        return Ok(Vec::new());
    };
    Ok(open.blocking.wait(open.database.recent_runs(SHOWN))?)
}
