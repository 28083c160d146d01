//! `backfill verify`: every byte against its digest, every series against the calendar.

use serde::Serialize;
use trader_data::backfill::runs;
use trader_data::completeness::{Completeness, completeness};
use trader_domain::MarketCalendar;
use trader_storage::store::{MarketStore, RecordKind, SeriesKey, TickKey};

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
    let stored = picked.stored(&store, args.vendor.as_deref())?;
    for key in &stored.bars {
        verified.push(verify_series(&store, key, &picked, &calendar)?);
    }
    for key in &stored.ticks {
        verified.push(verify_ticks(&store, key)?);
    }
    for (vendor, kind) in &stored.records {
        verified.push(verify_records(&store, vendor, *kind)?);
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
         `backfill gaps --repair --from-dir FOLDER` fills what the source has (bars), `backfill run --data KIND \
         --repeat` reads ticks again, and records after the damaged file was removed"
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

fn verify_ticks(store: &MarketStore, key: &TickKey) -> Result<Verified, Failure> {
    let damage = store.check_ticks(key).map_err(Failure::Store)?;
    Ok(Verified {
        series: key.to_string(),
        damage: damage
            .into_iter()
            .map(|(_, error)| error.to_string())
            .collect(),
        completeness: None,
    })
}

fn verify_records(
    store: &MarketStore,
    vendor: &str,
    kind: RecordKind,
) -> Result<Verified, Failure> {
    let mut damage = Vec::new();
    for period in store.record_periods(vendor, kind).map_err(Failure::Store)? {
        match store.records(vendor, kind, &period) {
            Ok(_) => {}
            Err(error) if error.is_damage() => damage.push(error.to_string()),
            Err(error) => return Err(Failure::Store(error)),
        }
    }
    Ok(Verified {
        series: format!("{} ({vendor})", kind.name()),
        damage,
        completeness: None,
    })
}

fn line(one: &Verified) -> String {
    if one.completeness.is_none() && one.damage.is_empty() {
        return format!("{}: intact\n", one.series);
    }
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
