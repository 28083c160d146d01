//! `backfill verify`: every byte against its digest, every series against the calendar.

use serde::Serialize;
use trader_data::backfill::runs;
use trader_data::completeness::{Completeness, completeness};
use trader_domain::MarketCalendar;
use trader_storage::store::{MarketStore, SeriesKey};

use crate::cli::SelectArgs;
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::Picked;
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Verified {
    series: String,
    damage: Vec<String>,
    completeness: Option<Completeness>,
}

pub(super) fn verify(args: &SelectArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let store = session.store()?;
    let picked = Picked::new(&args.pick)?;
    // Records of runs are checked line by line when they are read.
    runs(&store)?;
    let calendar = MarketCalendar::us_equities();
    let mut verified = Vec::new();
    for key in picked.series(&store, args.vendor.as_deref())? {
        verified.push(verify_series(&store, &key, &picked, &calendar)?);
    }
    if args.store.common.json {
        output::json(&verified)?;
    } else {
        output::print(&verified.iter().map(line).collect::<String>());
    }
    let damaged: usize = verified.iter().map(|one| one.damage.len()).sum();
    let missing: usize = verified
        .iter()
        .filter_map(|one| one.completeness.as_ref())
        .map(|found| found.missing_days.len())
        .sum();
    if damaged + missing == 0 {
        return Ok(());
    }
    Err(Failure::Incomplete(format!(
        "{damaged} damaged files, {missing} trading days without a bar; \
         `backfill gaps --repair --from-dir FOLDER` fills what the source has"
    )))
}

fn verify_series(
    store: &MarketStore,
    key: &SeriesKey,
    picked: &Picked,
    calendar: &MarketCalendar,
) -> Result<Verified, Failure> {
    let damage: Vec<String> = store
        .check(key)
        .map_err(Failure::Store)?
        .into_iter()
        .map(|damage| damage.error.to_string())
        .collect();
    let completeness = if damage.is_empty() {
        Some(completeness(store, key, picked.dates, calendar)?)
    } else {
        None
    };
    Ok(Verified {
        series: key.to_string(),
        damage,
        completeness,
    })
}

fn line(one: &Verified) -> String {
    let Some(found) = &one.completeness else {
        let mut text = format!("{}: DAMAGED\n", one.series);
        for damage in &one.damage {
            text.push_str(&format!("  {damage}\n"));
        }
        return text;
    };
    let mut text = format!(
        "{}: intact, {} bars on {} trading days, {} missing",
        one.series,
        grouped(found.rows),
        grouped(found.trading_days),
        found.missing_days.len()
    );
    if let (Some(intervals), Some(empty)) = (found.intervals, found.empty_intervals) {
        text.push_str(&format!(
            ", {} of {} intervals of regular trading without a bar",
            grouped(empty),
            grouped(intervals)
        ));
    }
    if !found.unexpected_days.is_empty() {
        text.push_str(&format!(
            ", {} days with bars on which the exchanges were closed",
            found.unexpected_days.len()
        ));
    }
    text.push('\n');
    text
}
