//! `backfill run --data trades|quotes`: a day of one symbol after the other, from a LEAN folder or from vendors.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use chrono::NaiveDate;
use serde::Serialize;
use trader_data::BackfillError;
use trader_data::record_source::Delivery;
use trader_data::ticks::{DamagedDays, Imported, LeanTicks, put_ticks};
use trader_data::vendors::{Failover, TickSource};
use trader_domain::{MarketCalendar, Symbol};
use trader_storage::ReadOptions;
use trader_storage::store::{MarketStore, TickKey, TickKind};

use crate::cli::{Data, RunArgs};
use crate::failure::Failure;
use crate::output::{self, grouped, now};
use crate::pick::{Picked, today};
use crate::progress::watch_interrupts;
use crate::provider;
use crate::session::Session;

/// The object that `--json` prints. Names and meanings are a contract for scripts.
#[derive(Debug, Serialize)]
struct Report {
    kind: &'static str,
    /// Days of a symbol that were read.
    days: u64,
    /// Days that were stored before and not read again.
    known: u64,
    #[serde(flatten)]
    imported: Imported,
    /// Days by the vendor that delivered them.
    served: BTreeMap<String, u64>,
    /// Days that could not be read, with the reason.
    failures: BTreeMap<String, String>,
    store: String,
}

/// Where ticks come from.
enum Origin {
    Lean(LeanTicks, String),
    Vendors(Failover<dyn TickSource>),
}

pub(super) fn run(args: &RunArgs, session: &Session, picked: &Picked) -> Result<(), Failure> {
    let kind = match args.data {
        Data::Quotes => TickKind::Quotes,
        _ => TickKind::Trades,
    };
    if picked.symbols.is_empty() {
        return Err(Failure::Usage(format!(
            "name the symbols whose {} are wanted: --symbols",
            kind.name()
        )));
    }
    let origin = match &args.origin.from_dir {
        Some(folder) => lean(folder, args)?,
        None => Origin::Vendors(provider::ticks(&args.origin.provider, session)?),
    };
    let store = session.create_store()?;
    let interrupted = watch_interrupts();
    let mut report = Report {
        kind: kind.name(),
        days: 0,
        known: 0,
        imported: Imported::default(),
        served: BTreeMap::new(),
        failures: BTreeMap::new(),
        store: store.shown(),
    };
    for symbol in &picked.symbols {
        for day in days(&origin, picked, *symbol, kind)? {
            if interrupted.load(Ordering::Relaxed) {
                return Err(Failure::Backfill(BackfillError::Interrupted));
            }
            if !args.repeat && is_settled(&origin, &store, *symbol, kind, day)? {
                report.known += 1;
                continue;
            }
            let damaged = if args.repeat {
                DamagedDays::Replace
            } else {
                DamagedDays::Refuse
            };
            import(&origin, &store, (*symbol, day, kind), damaged, &mut report)?;
        }
    }
    tell(&report, args.store.common.json)?;
    match report.failures.iter().next() {
        None => Ok(()),
        Some((day, reason)) => Err(Failure::Units {
            count: report.failures.len(),
            units: report.days,
            first: format!("{day}: {reason}"),
        }),
    }
}

fn lean(folder: &Path, args: &RunArgs) -> Result<Origin, Failure> {
    let ticks = LeanTicks::open(folder, ReadOptions::new(now())).map_err(Failure::Source)?;
    let vendor = args.source.vendor.clone();
    Ok(Origin::Lean(
        ticks,
        vendor.unwrap_or_else(|| "lean".to_owned()),
    ))
}

/// The days to read: those that a folder has, or the trading days of the dates.
fn days(
    origin: &Origin,
    picked: &Picked,
    symbol: Symbol,
    kind: TickKind,
) -> Result<Vec<NaiveDate>, Failure> {
    let wanted = |day: &NaiveDate| {
        picked.dates.from.is_none_or(|from| from <= *day)
            && picked.dates.to.is_none_or(|to| *day <= to)
    };
    let mut days = match origin {
        Origin::Lean(ticks, _) => ticks.days(symbol, kind).map_err(Failure::Source)?,
        Origin::Vendors(_) => {
            let from = picked.dates.from.ok_or_else(|| {
                Failure::Usage("a vendor must be told the first day: --from".to_owned())
            })?;
            let to = picked.dates.to.unwrap_or_else(today);
            let calendar = MarketCalendar::us_equities();
            let mut open = Vec::new();
            for day in from.iter_days().take_while(|day| *day <= to) {
                let trading = calendar.day(day).map_err(BackfillError::Calendar)?;
                open.extend(trading.map(|_| day));
            }
            open
        }
    };
    days.retain(wanted);
    if days.is_empty() {
        return Err(Failure::Usage(format!(
            "the source has no {} of {symbol} on these days",
            kind.name()
        )));
    }
    Ok(days)
}

/// Whether a vendor need not be asked: the day is stored, by an import rather than by a recording only, and is older
/// than what vendors still correct.
fn is_settled(
    origin: &Origin,
    store: &MarketStore,
    symbol: Symbol,
    kind: TickKind,
    day: NaiveDate,
) -> Result<bool, Failure> {
    let Origin::Vendors(sources) = origin else {
        return Ok(false);
    };
    if (today() - day).num_days() <= 2 {
        return Ok(false);
    }
    for source in sources.members() {
        let key = TickKey::new(source.vendor(), kind, symbol).map_err(Failure::Store)?;
        let manifest = store.tick_manifest(&key).map_err(Failure::Store)?;
        let run = manifest
            .as_ref()
            .and_then(|manifest| manifest.entries().get(&day))
            .map(|entry| entry.run.clone());
        let question = question(symbol, day);
        if run.is_some_and(|run| run == trader_data::ticks::import_run(&key, &question)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn question(symbol: Symbol, day: NaiveDate) -> String {
    format!("{symbol} {day}")
}

/// Reads, checks and stores one day.
fn import(
    origin: &Origin,
    store: &MarketStore,
    (symbol, day, kind): (Symbol, NaiveDate, TickKind),
    damaged: DamagedDays,
    report: &mut Report,
) -> Result<(), Failure> {
    report.days += 1;
    let question = question(symbol, day);
    let whole = |rows| Delivery {
        records: rows,
        rejects: Vec::new(),
    };
    let imported = match (origin, kind) {
        (Origin::Lean(ticks, vendor), TickKind::Trades) => ticks
            .trades(symbol, day)
            .map_err(|error| error.to_string())
            .map(|rows| (vendor.clone(), Rows::Trades(whole(rows)))),
        (Origin::Lean(ticks, vendor), TickKind::Quotes) => ticks
            .quotes(symbol, day)
            .map_err(|error| error.to_string())
            .map(|rows| {
                (
                    vendor.clone(),
                    Rows::Quotes(Delivery {
                        records: rows,
                        rejects: Vec::new(),
                    }),
                )
            }),
        (Origin::Vendors(sources), TickKind::Trades) => sources
            .ask(|source| source.trades(symbol, day))
            .map_err(|failed| failed.describe())
            .map(|(source, rows)| (source.vendor().to_owned(), Rows::Trades(rows))),
        (Origin::Vendors(sources), TickKind::Quotes) => sources
            .ask(|source| source.quotes(symbol, day))
            .map_err(|failed| failed.describe())
            .map(|(source, rows)| (source.vendor().to_owned(), Rows::Quotes(rows))),
    };
    match imported {
        Err(reason) => {
            report.failures.insert(question, reason);
        }
        Ok((vendor, rows)) => {
            let whose = (vendor.as_str(), symbol);
            let imported = match rows {
                Rows::Trades(rows) => put_ticks(store, whose, &question, rows, (now(), damaged))?,
                Rows::Quotes(rows) => put_ticks(store, whose, &question, rows, (now(), damaged))?,
            };
            for (reason, count) in &imported.rejects {
                tracing::warn!(%vendor, reason, count, "ticks rejected");
            }
            report.imported.add(imported);
            *report.served.entry(vendor).or_default() += 1;
        }
    }
    Ok(())
}

enum Rows {
    Trades(Delivery<trader_storage::store::StoredTrade>),
    Quotes(Delivery<trader_storage::store::StoredQuote>),
}

fn tell(report: &Report, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return output::json(report);
    }
    let imported = &report.imported;
    let mut text = format!(
        "days        {} read, {} stored before\n{:<11} {} ({} new, {} replaced)\n",
        grouped(report.days),
        grouped(report.known),
        report.kind,
        grouped(imported.rows),
        grouped(imported.put.added),
        grouped(imported.put.replaced),
    );
    for (reason, count) in &imported.rejects {
        text.push_str(&format!("  rejected  {reason}: {}\n", grouped(*count)));
    }
    if let Some(quarantine) = &imported.quarantine {
        text.push_str(&format!("quarantine  {quarantine}\n"));
    }
    for (vendor, days) in &report.served {
        text.push_str(&format!("served by   {vendor}: {} days\n", grouped(*days)));
    }
    text.push_str(&format!("store       {}\n", report.store));
    output::print(&text);
    Ok(())
}
