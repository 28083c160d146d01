//! `backfill prune`: remove old bars.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use trader_config::value::VendorRule;
use trader_storage::store::{Effect, SeriesKey};

use crate::cli::{PickArgs, PruneArgs};
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::{Picked, days_ago};
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    /// The same for all series, or by vendor.
    before: BTreeMap<String, NaiveDate>,
    dry_run: bool,
    rows: u64,
    files: u64,
    bytes: u64,
    series: Vec<String>,
}

pub(super) fn prune(args: &PruneArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let store = session.store()?;
    let picked = Picked::new(&PickArgs {
        symbols: args.symbols.clone(),
        symbols_file: None,
        from: None,
        to: None,
        timeframe: args.timeframe.clone(),
    })?;
    let effect = if args.dry_run {
        Effect::Preview
    } else {
        Effect::Apply
    };
    let mut report = Report {
        before: BTreeMap::new(),
        dry_run: args.dry_run,
        rows: 0,
        files: 0,
        bytes: 0,
        series: Vec::new(),
    };
    for key in picked.series(&store, args.vendor.as_deref())? {
        let Some(before) = limit(args, &key, &session.loaded.config.store.vendors)? else {
            continue;
        };
        report.before.insert(key.vendor().to_owned(), before);
        let pruned = store.prune(&key, before, effect).map_err(Failure::Store)?;
        if pruned.files > 0 {
            report.rows += pruned.rows;
            report.files += pruned.files;
            report.bytes += pruned.bytes;
            report.series.push(key.to_string());
        }
    }
    if args.store.common.json {
        return output::json(&report);
    }
    let verb = if args.dry_run {
        "would remove"
    } else {
        "removed"
    };
    let limits: Vec<String> = report
        .before
        .iter()
        .map(|(vendor, before)| format!("{before} ({vendor})"))
        .collect();
    let before = if limits.is_empty() {
        "any day: no vendor's rule limits how long its data may stay".to_owned()
    } else {
        limits.join(", ")
    };
    output::print(&format!(
        "{verb} {} bars before {before} from {} series ({} files go or become shorter)\n",
        grouped(report.rows),
        report.series.len(),
        grouped(report.files)
    ));
    Ok(())
}

/// The day before which bars of a series go; `None` when its vendor's rule lets them stay.
fn limit(
    args: &PruneArgs,
    key: &SeriesKey,
    rules: &[VendorRule],
) -> Result<Option<NaiveDate>, Failure> {
    if args.before.is_some() {
        return Ok(args.before);
    }
    let days = if args.by_vendor {
        VendorRule::of(rules, key.vendor()).keep_days()
    } else {
        args.older_than
    };
    days.map(days_ago).transpose()
}
