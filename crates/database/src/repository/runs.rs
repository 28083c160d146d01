//! The history of backfills: each time the program ran, what came of it, series by series.

use std::future::Future;

use serde::Serialize;
use sqlx::Row as _;
use trader_domain::Timestamp;

use super::{count, stored, text};
use crate::database::Database;
use crate::engine::{in_transaction, row, with_connection};
use crate::error::DatabaseError;

/// A run's number in this database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct RunId(i64);

/// What is known when a run begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRun {
    /// Whose data.
    pub vendor: String,
    /// Where it comes from.
    pub source: String,
    /// What was asked for.
    pub request: String,
    /// When it began.
    pub started: Timestamp,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All units of work are done.
    Done,
    /// Some units could not be used.
    Partly,
    /// It ended with an error.
    Failed,
    /// Somebody stopped it.
    Interrupted,
}

impl Outcome {
    const ALL: [Self; 4] = [Self::Done, Self::Partly, Self::Failed, Self::Interrupted];

    /// The word in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    fn named(name: &str) -> Result<Self, DatabaseError> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.name() == name);
        found.ok_or_else(|| DatabaseError::Content {
            table: "runs",
            detail: format!("`{name}` is no outcome"),
        })
    }
}

/// What a run left in a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeriesResult {
    /// Name of the series in the store.
    pub series: String,
    /// Bars in it after the run.
    pub bars: u64,
    /// Trading days without a bar between its first and last.
    pub missing_days: u64,
    /// Time of its first bar.
    pub first: Option<String>,
    /// Time of its last bar.
    pub last: Option<String>,
}

/// Why something of a run is not in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Trouble {
    /// Rows set aside for this reason.
    Rejected {
        /// The reason.
        reason: String,
        /// How many.
        rows: u64,
    },
    /// A unit of work that could not be used.
    Failed {
        /// Its name.
        unit: String,
        /// Why.
        detail: String,
    },
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunResult {
    /// When it ended.
    pub finished: Timestamp,
    /// How.
    pub outcome: Outcome,
    /// The error that ended it.
    pub detail: Option<String>,
    /// The work's name in the store, the same for the same work.
    pub work: Option<String>,
    /// Units of work.
    pub units: u64,
    /// Good bars.
    pub bars: u64,
    /// Of them new.
    pub added: u64,
    /// Of them replacing others.
    pub replaced: u64,
    /// Series by series.
    pub series: Vec<SeriesResult>,
    /// What is not in the store.
    pub troubles: Vec<Trouble>,
}

/// A run as the database tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number.
    pub id: RunId,
    /// Whose data.
    pub vendor: String,
    /// Where it came from.
    pub source: String,
    /// What was asked for.
    pub request: String,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; `None` while it works, and when it was killed.
    pub finished: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The error that ended it.
    pub detail: Option<String>,
    /// The work's name in the store.
    pub work: Option<String>,
    /// Units of work.
    pub units: u64,
    /// Good bars.
    pub bars: u64,
    /// Of them new.
    pub added: u64,
    /// Of them replacing others.
    pub replaced: u64,
    /// Rows set aside.
    pub rejected: u64,
}

/// The history of backfills.
pub trait RunRepository {
    /// Records that a run begins.
    ///
    /// # Errors
    /// [`DatabaseError`]; nothing is recorded then.
    fn begin_run(&self, run: &NewRun) -> impl Future<Output = Result<RunId, DatabaseError>> + Send;

    /// Records how it ended. The same again changes nothing.
    ///
    /// # Errors
    /// [`DatabaseError::Missing`] for a run that was not begun; [`DatabaseError`].
    fn finish_run(
        &self,
        run: RunId,
        result: &RunResult,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The latest runs, newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn recent_runs(
        &self,
        most: u32,
    ) -> impl Future<Output = Result<Vec<RunRecord>, DatabaseError>> + Send;

    /// What a run left in each series, by name.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn run_series(
        &self,
        run: RunId,
    ) -> impl Future<Output = Result<Vec<SeriesResult>, DatabaseError>> + Send;

    /// What of a run is not in the store.
    ///
    /// # Errors
    /// [`DatabaseError`].
    fn run_troubles(
        &self,
        run: RunId,
    ) -> impl Future<Output = Result<Vec<Trouble>, DatabaseError>> + Send;
}

row! {
    RunRow {
        id: i64, vendor: String, source: String, request: String, started: i64, finished: Option<i64>,
        outcome: Option<String>, detail: Option<String>, work: Option<String>, units: i64, bars: i64, added: i64,
        replaced: i64, rejected: i64,
    }
}

row! {
    SeriesRow { series: String, bars: i64, missing_days: i64, first: Option<String>, last: Option<String> }
}

row! {
    TroubleRow { kind: String, subject: String, rows: i64, detail: String }
}

/// A result with every text checked and every count in the range of its column.
struct Checked<'a> {
    counts: [i64; 5],
    series: Vec<(&'a SeriesResult, i64, i64)>,
    troubles: Vec<(&'static str, &'a str, i64, &'a str)>,
}

impl<'a> Checked<'a> {
    fn new(result: &'a RunResult) -> Result<Self, DatabaseError> {
        let mut rejected = 0_u64;
        for optional in [&result.detail, &result.work].into_iter().flatten() {
            text("detail of a run", optional)?;
        }
        let mut troubles = Vec::with_capacity(result.troubles.len());
        for trouble in &result.troubles {
            troubles.push(match trouble {
                Trouble::Rejected { reason, rows } => {
                    rejected = rejected.saturating_add(*rows);
                    (
                        "rejected",
                        text("reason", reason)?,
                        stored("rejected rows", *rows)?,
                        "",
                    )
                }
                Trouble::Failed { unit, detail } => {
                    ("failed", text("unit", unit)?, 0, text("failure", detail)?)
                }
            });
        }
        let mut series = Vec::with_capacity(result.series.len());
        for one in &result.series {
            for part in [Some(&one.series), one.first.as_ref(), one.last.as_ref()]
                .into_iter()
                .flatten()
            {
                text("series", part)?;
            }
            series.push((
                one,
                stored("bars", one.bars)?,
                stored("missing days", one.missing_days)?,
            ));
        }
        Ok(Self {
            counts: [
                stored("units", result.units)?,
                stored("bars", result.bars)?,
                stored("added", result.added)?,
                stored("replaced", result.replaced)?,
                stored("rejected", rejected)?,
            ],
            series,
            troubles,
        })
    }
}

impl RunRepository for Database {
    async fn begin_run(&self, run: &NewRun) -> Result<RunId, DatabaseError> {
        for (field, value) in [
            ("vendor", &run.vendor),
            ("source", &run.source),
            ("request", &run.request),
        ] {
            text(field, value)?;
        }
        in_transaction!(self, "begin run", work => {
            let row = sqlx::query(
                "INSERT INTO runs (vendor, source, request, started) VALUES ($1, $2, $3, $4) RETURNING id",
            )
            .bind(&run.vendor)
            .bind(&run.source)
            .bind(&run.request)
            .bind(run.started.nanos())
            .fetch_one(&mut *work)
            .await?;
            Ok(RunId(row.try_get("id")?))
        })
    }

    async fn finish_run(&self, run: RunId, result: &RunResult) -> Result<(), DatabaseError> {
        let checked = Checked::new(result)?;
        in_transaction!(self, "finish run", work => {
            let [units, bars, added, replaced, rejected] = checked.counts;
            let done = sqlx::query(
                "UPDATE runs SET finished = $2, outcome = $3, detail = $4, work = $5, units = $6, bars = $7, \
                 added = $8, replaced = $9, rejected = $10 WHERE id = $1",
            )
            .bind(run.0)
            .bind(result.finished.nanos())
            .bind(result.outcome.name())
            .bind(&result.detail)
            .bind(&result.work)
            .bind(units)
            .bind(bars)
            .bind(added)
            .bind(replaced)
            .bind(rejected)
            .execute(&mut *work)
            .await?;
            if done.rows_affected() == 0 {
                return Err(DatabaseError::Missing { what: format!("run {}", run.0) }.into());
            }
            for (one, bars, missing) in &checked.series {
                sqlx::query(
                    "INSERT INTO run_series (run, series, bars, missing_days, first, last) \
                     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (run, series) DO UPDATE SET bars = excluded.bars, \
                     missing_days = excluded.missing_days, first = excluded.first, last = excluded.last",
                )
                .bind(run.0)
                .bind(&one.series)
                .bind(bars)
                .bind(missing)
                .bind(&one.first)
                .bind(&one.last)
                .execute(&mut *work)
                .await?;
            }
            for (kind, subject, rows, detail) in &checked.troubles {
                sqlx::query(
                    "INSERT INTO run_troubles (run, kind, subject, rows, detail) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (run, kind, subject) DO UPDATE SET rows = excluded.rows, detail = excluded.detail",
                )
                .bind(run.0)
                .bind(*kind)
                .bind(*subject)
                .bind(rows)
                .bind(*detail)
                .execute(&mut *work)
                .await?;
            }
            Ok(())
        })
    }

    async fn recent_runs(&self, most: u32) -> Result<Vec<RunRecord>, DatabaseError> {
        let rows: Vec<RunRow> = with_connection!(self, "read runs", connection => {
            Ok(sqlx::query_as(
                "SELECT id, vendor, source, request, started, finished, outcome, detail, work, units, bars, added, \
                 replaced, rejected FROM runs ORDER BY started DESC, id DESC LIMIT $1",
            )
            .bind(i64::from(most))
            .fetch_all(&mut *connection)
            .await?)
        })?;
        rows.into_iter().map(RunRow::record).collect()
    }

    async fn run_series(&self, run: RunId) -> Result<Vec<SeriesResult>, DatabaseError> {
        let rows: Vec<SeriesRow> = with_connection!(self, "read series of a run", connection => {
            Ok(sqlx::query_as(
                "SELECT series, bars, missing_days, first, last FROM run_series WHERE run = $1 ORDER BY series",
            )
            .bind(run.0)
            .fetch_all(&mut *connection)
            .await?)
        })?;
        let result = |row: SeriesRow| {
            Ok(SeriesResult {
                series: row.series,
                bars: count("run_series", row.bars)?,
                missing_days: count("run_series", row.missing_days)?,
                first: row.first,
                last: row.last,
            })
        };
        rows.into_iter().map(result).collect()
    }

    async fn run_troubles(&self, run: RunId) -> Result<Vec<Trouble>, DatabaseError> {
        let rows: Vec<TroubleRow> = with_connection!(self, "read troubles of a run", connection => {
            Ok(sqlx::query_as(
                "SELECT kind, subject, rows, detail FROM run_troubles WHERE run = $1 ORDER BY kind DESC, subject",
            )
            .bind(run.0)
            .fetch_all(&mut *connection)
            .await?)
        })?;
        let trouble = |row: TroubleRow| match row.kind.as_str() {
            "rejected" => Ok(Trouble::Rejected {
                reason: row.subject,
                rows: count("run_troubles", row.rows)?,
            }),
            "failed" => Ok(Trouble::Failed {
                unit: row.subject,
                detail: row.detail,
            }),
            other => Err(DatabaseError::Content {
                table: "run_troubles",
                detail: format!("`{other}` is no kind of trouble"),
            }),
        };
        rows.into_iter().map(trouble).collect()
    }
}

impl RunRow {
    fn record(self) -> Result<RunRecord, DatabaseError> {
        let count = |found| count("runs", found);
        Ok(RunRecord {
            id: RunId(self.id),
            vendor: self.vendor,
            source: self.source,
            request: self.request,
            started: Timestamp::from_nanos(self.started),
            finished: self.finished.map(Timestamp::from_nanos),
            outcome: self.outcome.as_deref().map(Outcome::named).transpose()?,
            detail: self.detail,
            work: self.work,
            units: count(self.units)?,
            bars: count(self.bars)?,
            added: count(self.added)?,
            replaced: count(self.replaced)?,
            rejected: count(self.rejected)?,
        })
    }
}
