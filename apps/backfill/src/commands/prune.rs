//! `backfill prune`: remove old bars and ticks. Records go by `backfill forget`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use trader_config::value::VendorRule;
use trader_storage::store::{Effect, MarketStore, Pruned};

use crate::cli::{PickArgs, PruneArgs};
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::{Picked, Stored, days_ago};
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

impl Report {
    /// Removes what is older than its vendor's day.
    fn remove(
        &mut self,
        store: &MarketStore,
        stored: &Stored,
        effect: Effect,
    ) -> Result<(), Failure> {
        for key in &stored.bars {
            if let Some(before) = self.before.get(key.vendor()).copied() {
                let pruned = store.prune(key, before, effect);
                self.add(pruned.map_err(Failure::Store)?, key.to_string());
            }
        }
        for key in &stored.ticks {
            if let Some(before) = self.before.get(key.vendor()).copied() {
                let pruned = store.prune_ticks(key, before, effect);
                self.add(pruned.map_err(Failure::Store)?, key.to_string());
            }
        }
        Ok(())
    }

    fn add(&mut self, pruned: Pruned, series: String) {
        if pruned.files > 0 {
            self.rows += pruned.rows;
            self.files += pruned.files;
            self.bytes += pruned.bytes;
            self.series.push(series);
        }
    }
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
    let stored = picked.stored(&store, args.vendor.as_deref())?;
    let rules = &session.loaded.config.store.vendors;
    for vendor in stored.vendors() {
        if let Some(before) = limit(args, vendor, rules)? {
            report.before.insert(vendor.to_owned(), before);
        }
    }
    report.remove(&store, &stored, effect)?;
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
        "{verb} {} rows before {before} from {} series ({} files go or become shorter)\n",
        grouped(report.rows),
        report.series.len(),
        grouped(report.files)
    ));
    Ok(())
}

/// The day before which a vendor's data go; `None` when its rule lets them stay.
fn limit(
    args: &PruneArgs,
    vendor: &str,
    rules: &[VendorRule],
) -> Result<Option<NaiveDate>, Failure> {
    if args.before.is_some() {
        return Ok(args.before);
    }
    let days = if args.by_vendor {
        VendorRule::of(rules, vendor).keep_days()
    } else {
        args.older_than
    };
    days.map(days_ago).transpose()
}
