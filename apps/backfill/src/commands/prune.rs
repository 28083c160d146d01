//! `backfill prune`: remove old bars.

use chrono::{Days, NaiveDate};
use serde::Serialize;
use trader_storage::store::Effect;

use crate::cli::{PickArgs, PruneArgs};
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::{Picked, today};
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    before: NaiveDate,
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
    let before = args
        .before
        .or_else(|| today().checked_sub_days(Days::new(u64::from(args.older_than?))))
        .ok_or_else(|| Failure::Usage("--older-than names no date that exists".to_owned()))?;
    let effect = if args.dry_run {
        Effect::Preview
    } else {
        Effect::Apply
    };
    let mut report = Report {
        before,
        dry_run: args.dry_run,
        rows: 0,
        files: 0,
        bytes: 0,
        series: Vec::new(),
    };
    for key in picked.series(&store, args.vendor.as_deref())? {
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
    output::print(&format!(
        "{verb} {} bars before {before} from {} series ({} files go or become shorter)\n",
        grouped(report.rows),
        report.series.len(),
        grouped(report.files)
    ));
    Ok(())
}
