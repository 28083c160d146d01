//! `backfill gaps`: what is missing, and filling it.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_data::backfill::{Again, Summary};
use trader_data::repair::{self, Missing};
use trader_domain::MarketCalendar;
use trader_storage::store::SeriesKey;

use crate::cli::GapsArgs;
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::Picked;
use crate::progress::{Display, watch_interrupts};
use crate::session::Session;
use crate::source;

#[derive(Debug, Serialize)]
struct Report<'a> {
    missing_days: BTreeMap<String, Vec<String>>,
    damaged_files: BTreeMap<String, Vec<String>>,
    lost_series: Vec<String>,
    repaired: &'a [Summary],
}

pub(super) fn gaps(args: &GapsArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let store = session.store()?;
    let picked = Picked::new(&args.pick)?;
    let calendar = MarketCalendar::us_equities();
    let vendor = args.source.vendor.clone();
    let find = |vendor: Option<&str>| -> Result<Missing, Failure> {
        let series = picked.series(&store, vendor)?;
        Ok(repair::find(&store, &series, picked.dates, &calendar)?)
    };
    let Some(folder) = &args.from_dir else {
        let missing = find(vendor.as_deref())?;
        return report(args, &missing, &[]);
    };
    let (source, vendor) = source::open(folder, &args.source, picked.timeframe)?;
    let missing = find(Some(&vendor))?;
    let settings = source::settings(
        &args.source,
        vendor.clone(),
        &session.loaded.config,
        Again::Always,
    )?;
    let display = Display::new(
        args.store.common.quiet || args.store.common.json,
        &watch_interrupts(),
    );
    let repaired = repair::fill(
        source.as_ref(),
        &store,
        &missing,
        &picked.request(),
        &settings,
        &display,
    );
    display.finish();
    let repaired = repaired?;
    for summary in &repaired {
        super::run::failed(summary)?;
    }
    report(args, &find(Some(&vendor))?, &repaired)
}

fn report(args: &GapsArgs, missing: &Missing, repaired: &[Summary]) -> Result<(), Failure> {
    let shown = Report {
        missing_days: missing
            .days
            .iter()
            .map(|(symbol, days)| {
                let days = days.iter().map(ToString::to_string).collect();
                (symbol.to_string(), days)
            })
            .collect(),
        damaged_files: missing
            .damaged
            .iter()
            .map(|(key, partitions)| {
                let names = partitions.iter().map(ToString::to_string).collect();
                (key.to_string(), names)
            })
            .collect(),
        lost_series: missing.lost.iter().map(SeriesKey::to_string).collect(),
        repaired,
    };
    if args.store.common.json {
        output::json(&shown)?;
    } else {
        output::print(&text(&shown));
    }
    if missing.is_nothing() {
        return Ok(());
    }
    let remedy = if args.repair {
        "the source does not have them"
    } else {
        "`backfill gaps --repair --from-dir FOLDER` fills what the source has"
    };
    Err(Failure::Incomplete(format!(
        "{} trading days without a bar, {} series with damaged files; {remedy}",
        missing.day_count(),
        missing.damaged.len() + missing.lost.len()
    )))
}

fn text(report: &Report<'_>) -> String {
    let mut text = String::new();
    for summary in report.repaired {
        text.push_str(&format!(
            "filled {} bars of {}\n",
            grouped(summary.added),
            summary.source
        ));
    }
    for (symbol, days) in &report.missing_days {
        text.push_str(&format!("{symbol}: {}\n", days.join(" ")));
    }
    for (series, partitions) in &report.damaged_files {
        text.push_str(&format!("{series}: damaged {}\n", partitions.join(" ")));
    }
    for series in &report.lost_series {
        text.push_str(&format!("{series}: manifest damaged\n"));
    }
    if text.is_empty() {
        text.push_str("nothing is missing\n");
    }
    text
}
