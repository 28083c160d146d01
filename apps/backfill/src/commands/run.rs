//! `backfill run`.

use serde::Serialize;
use trader_data::DateRange;
use trader_data::backfill::{self, Again, Summary};
use trader_data::completeness::completeness;
use trader_database::SeriesResult;
use trader_domain::MarketCalendar;
use trader_storage::store::{Manifest, MarketStore};

use crate::cache;
use crate::cli::{Data, RunArgs};
use crate::commands::{records, ticks};
use crate::failure::Failure;
use crate::history::History;
use crate::output::{self, grouped};
use crate::pick::Picked;
use crate::progress::{Display, watch_interrupts};
use crate::provider;
use crate::session::Session;
use crate::source;

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    series: usize,
    missing_days: u64,
    store: String,
    version: &'static str,
}

pub(super) fn run(args: &RunArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let picked = Picked::new(&args.pick)?;
    if matches!(args.data, Data::Trades | Data::Quotes) {
        return ticks::run(args, &session, &picked);
    }
    if args.data != Data::Bars {
        return records::run(args, &session, &picked);
    }
    let (source, vendor) = match &args.origin.from_dir {
        Some(folder) => source::open(folder, &args.source, picked.timeframe)?,
        None => {
            let kept = args
                .cache
                .then(|| cache::open(&session.loaded.config))
                .transpose()?;
            let providers = &args.origin.provider;
            provider::bars(providers, &session, picked.timeframe, kept.as_ref())?
        }
    };
    let again = if args.repeat {
        Again::Always
    } else {
        Again::WhenChanged
    };
    let settings = source::settings(&args.source, vendor, &session.loaded.config, again)?;
    let store = session.create_store()?;
    let request = picked.request();
    let name = source.capabilities().name;
    let history = History::begin(&session, &settings.vendor, name, request.describe())?;
    let display = Display::new(
        args.store.common.quiet || args.store.common.json,
        &watch_interrupts(),
    );
    let outcome = backfill::run(source.as_ref(), &store, &request, &settings, &display);
    display.finish();
    let outcome = outcome.map_err(Failure::from).and_then(|summary| {
        let series = series(&store, &summary)?;
        Ok((summary, series))
    });
    let missing = outcome.as_ref().map_or(0, |(_, series)| {
        series.iter().map(|one| one.missing_days).sum()
    });
    let summary = history.finish(outcome)?;
    for (reason, count) in &summary.rejects {
        tracing::warn!(vendor = summary.vendor, reason, count, "rows rejected");
    }
    if args.store.common.json {
        output::json(&Report {
            series: summary.series.len(),
            missing_days: missing,
            store: store.shown(),
            version: env!("CARGO_PKG_VERSION"),
            summary: &summary,
        })?;
    } else {
        output::print(&text(&summary, missing, &store));
    }
    failed(&summary)
}

/// Units that could not be used end the command with an error, after everything was reported.
pub(super) fn failed(summary: &Summary) -> Result<(), Failure> {
    match summary.failures.iter().next() {
        None => Ok(()),
        Some((unit, reason)) => Err(Failure::Units {
            count: summary.failures.len(),
            units: summary.units,
            first: format!("{unit}: {reason}"),
        }),
    }
}

/// What the run left in each series that it wrote.
fn series(store: &MarketStore, summary: &Summary) -> Result<Vec<SeriesResult>, Failure> {
    let calendar = MarketCalendar::us_equities();
    let mut results = Vec::new();
    for key in &summary.series {
        let found = completeness(store, key, DateRange::default(), &calendar)?;
        let manifest = store.manifest(key).map_err(Failure::Store)?;
        let span = manifest.as_ref().and_then(Manifest::span);
        results.push(SeriesResult {
            series: key.to_string(),
            bars: manifest.as_ref().map_or(0, Manifest::rows),
            missing_days: found.missing_days.len() as u64,
            first: span.map(|(first, _)| first.to_string()),
            last: span.map(|(_, last)| last.to_string()),
        });
    }
    Ok(results)
}

fn text(summary: &Summary, missing: u64, store: &MarketStore) -> String {
    let rejected: u64 = summary.rejects.values().sum();
    let mut text = format!(
        "source      {}\nvendor      {}\nunits       {} ({} unchanged, {} failed)\n\
         bars        {} ({} new, {} replaced)\nseries      {}, {} trading days without a bar\n\
         rejected    {} rows\n",
        summary.source,
        summary.vendor,
        grouped(summary.units),
        grouped(summary.unchanged),
        summary.failures.len(),
        grouped(summary.rows),
        grouped(summary.added),
        grouped(summary.replaced),
        summary.series.len(),
        grouped(missing),
        grouped(rejected),
    );
    for (vendor, units) in &summary.served {
        text.push_str(&format!(
            "served by   {vendor}: {} units\n",
            grouped(*units)
        ));
    }
    for (reason, count) in &summary.rejects {
        text.push_str(&format!("  {:<22} {}\n", reason, grouped(*count)));
    }
    if let Some(quarantine) = &summary.quarantine {
        text.push_str(&format!("quarantine  {quarantine}\n"));
    }
    text.push_str(&format!(
        "run         {}\nstore       {}\n",
        summary.run,
        store.shown()
    ));
    text
}
