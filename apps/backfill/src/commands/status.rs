//! `backfill status`: runs and what is stored.

use serde::Serialize;
use trader_data::backfill::runs;
use trader_database::{Outcome, RunRecord};
use trader_storage::store::MarketStore;

use crate::cli::StatusArgs;
use crate::failure::Failure;
use crate::history;
use crate::output::{self, grouped};
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    store: String,
    /// Each time the program ran, newest first, from the database.
    history: Vec<Past>,
    /// Works and how far they are, from the store.
    runs: Vec<Run>,
    series: Vec<Series>,
    ticks: Vec<Ticks>,
    records: Vec<Records>,
}

#[derive(Debug, Serialize)]
struct Ticks {
    symbol: String,
    vendor: String,
    kind: &'static str,
    rows: u64,
    days: usize,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
}

#[derive(Debug, Serialize)]
struct Records {
    vendor: String,
    kind: &'static str,
    records: u64,
    files: usize,
    first: Option<String>,
    last: Option<String>,
}

#[derive(Debug, Serialize)]
struct Past {
    started: String,
    finished: Option<String>,
    /// `None` while it works, and for ever when it was killed.
    outcome: Option<Outcome>,
    vendor: String,
    source: String,
    request: String,
    run: Option<String>,
    units: u64,
    bars: u64,
    added: u64,
    replaced: u64,
    rejected: u64,
    detail: Option<String>,
}

impl From<RunRecord> for Past {
    fn from(run: RunRecord) -> Self {
        Self {
            started: run.started.to_string(),
            finished: run.finished.map(|time| time.to_string()),
            outcome: run.outcome,
            vendor: run.vendor,
            source: run.source,
            request: run.request,
            run: run.work,
            units: run.units,
            bars: run.bars,
            added: run.added,
            replaced: run.replaced,
            rejected: run.rejected,
            detail: run.detail,
        }
    }
}

#[derive(Debug, Serialize)]
struct Run {
    run: String,
    vendor: String,
    request: String,
    units: u64,
    done: usize,
    failed: usize,
    rows: u64,
    rejects: u64,
}

#[derive(Debug, Serialize)]
struct Series {
    symbol: String,
    vendor: String,
    kind: &'static str,
    timeframe: String,
    adjustment: &'static str,
    rows: u64,
    files: usize,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
}

pub(super) fn status(args: &StatusArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let report = report(&session)?;
    if args.store.common.json {
        return output::json(&report);
    }
    let mut text = format!("store {}\n\nhistory\n", report.store);
    for run in &report.history {
        text.push_str(&history_line(run));
    }
    text.push_str("\nruns\n");
    for run in &report.runs {
        text.push_str(&format!(
            "  {}  {:<10} {}/{} units, {} failed, {} bars, {} rejected  ({})\n",
            run.run,
            run.vendor,
            run.done,
            run.units,
            run.failed,
            grouped(run.rows),
            grouped(run.rejects),
            run.request
        ));
    }
    text.push_str("\nseries\n");
    for one in &report.series {
        text.push_str(&format!(
            "  {:<10} {:<4} {:<6} {:<10} {:<8} {:>12} bars {:>10} KiB  {} to {}\n",
            one.symbol,
            one.timeframe,
            one.kind,
            one.vendor,
            one.adjustment,
            grouped(one.rows),
            grouped(one.bytes / 1_024),
            one.first.as_deref().unwrap_or("-"),
            one.last.as_deref().unwrap_or("-"),
        ));
    }
    for one in &report.ticks {
        text.push_str(&format!(
            "  {:<10} {:<11} {:<19} {:>12} ticks {:>9} KiB  {} to {}\n",
            one.symbol,
            one.kind,
            one.vendor,
            grouped(one.rows),
            grouped(one.bytes / 1_024),
            one.first.as_deref().unwrap_or("-"),
            one.last.as_deref().unwrap_or("-"),
        ));
    }
    text.push_str("\nrecords\n");
    for one in &report.records {
        text.push_str(&format!(
            "  {:<11} {:<10} {:>12} in {} files  {} to {}\n",
            one.kind,
            one.vendor,
            grouped(one.records),
            one.files,
            one.first.as_deref().unwrap_or("-"),
            one.last.as_deref().unwrap_or("-"),
        ));
    }
    output::print(&text);
    Ok(())
}

fn ticks(store: &MarketStore) -> Result<Vec<Ticks>, Failure> {
    let mut all = Vec::new();
    for key in store.tick_series().map_err(Failure::Store)? {
        let Some(manifest) = store.tick_manifest(&key).map_err(Failure::Store)? else {
            continue;
        };
        let span = manifest.span();
        all.push(Ticks {
            symbol: key.symbol().to_string(),
            vendor: key.vendor().to_owned(),
            kind: key.kind().name(),
            rows: manifest.rows(),
            days: manifest.entries().len(),
            bytes: manifest.bytes(),
            first: span.map(|(first, _)| first.to_string()),
            last: span.map(|(_, last)| last.to_string()),
        });
    }
    Ok(all)
}

fn records(store: &MarketStore) -> Result<Vec<Records>, Failure> {
    let mut all = Vec::new();
    for (vendor, kind) in store.record_series().map_err(Failure::Store)? {
        let periods = store
            .record_periods(&vendor, kind)
            .map_err(Failure::Store)?;
        let mut records = 0;
        for period in &periods {
            let found = store
                .records(&vendor, kind, period)
                .map_err(Failure::Store)?;
            records += found.len() as u64;
        }
        all.push(Records {
            kind: kind.name(),
            records,
            files: periods.len(),
            first: periods.first().cloned(),
            last: periods.last().cloned(),
            vendor,
        });
    }
    Ok(all)
}

/// A run of the history on a line.
fn history_line(run: &Past) -> String {
    let outcome = run.outcome.map_or("begun, not ended", Outcome::name);
    let detail = run.detail.as_deref().unwrap_or_default();
    format!(
        "  {}  {:<10} {:<16} {} units, {} bars, {} new, {} rejected  {} ({}) {detail}\n",
        run.started,
        run.vendor,
        outcome,
        run.units,
        grouped(run.bars),
        grouped(run.added),
        grouped(run.rejected),
        run.source,
        run.request,
    )
}

fn report(session: &Session) -> Result<Report, Failure> {
    let store = &session.store()?;
    let history = history::recent(session)?;
    let history = history.into_iter().map(Past::from).collect();
    let runs = runs(store)?
        .into_iter()
        .map(|status| Run {
            done: status.done.len(),
            failed: status
                .done
                .values()
                .filter(|record| record.failure.is_some())
                .count(),
            rows: status.done.values().map(|record| record.rows).sum(),
            rejects: status
                .done
                .values()
                .flat_map(|record| record.rejects.values())
                .sum(),
            run: status.header.run,
            vendor: status.header.vendor,
            request: status.header.request,
            units: status.header.units,
        })
        .collect();
    let mut series = Vec::new();
    for key in store.series().map_err(Failure::Store)? {
        let Some(manifest) = store.manifest(&key).map_err(Failure::Store)? else {
            continue;
        };
        let span = manifest.span();
        series.push(Series {
            symbol: key.symbol().to_string(),
            vendor: key.vendor().to_owned(),
            kind: key.kind(),
            timeframe: key.timeframe().to_string(),
            adjustment: key.adjustment().name(),
            rows: manifest.rows(),
            files: manifest.entries().len(),
            bytes: manifest.bytes(),
            first: span.map(|(first, _)| first.to_string()),
            last: span.map(|(_, last)| last.to_string()),
        });
    }
    Ok(Report {
        store: store.shown(),
        history,
        runs,
        series,
        ticks: ticks(store)?,
        records: records(store)?,
    })
}
