//! `backfill archive`: old partitions to object storage, and back.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use chrono::NaiveDate;
use serde::Serialize;
use trader_archive::{Archive, Archived, Dates, Record, Restored};
use trader_config::schema::Config;
use trader_config::value::VendorRule;
use trader_storage::store::SeriesKey;

use crate::cli::{ArchiveArgs, ArchiveCommand, ArchiveRunArgs, PickArgs};
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::{Picked, days_ago};
use crate::place;
use crate::progress::watch_interrupts;
use crate::session::Session;

pub(super) fn archive(command: &ArchiveCommand) -> Result<(), Failure> {
    match command {
        ArchiveCommand::Run(args) => run(args),
        ArchiveCommand::List(args) => list(args),
        ArchiveCommand::Verify(args) => verify(args),
        ArchiveCommand::Restore(args) => restore(args),
    }
}

#[derive(Debug, Serialize)]
struct RunReport {
    archive: String,
    series: BTreeMap<String, Archived>,
    /// Vendors whose rule allows no copies elsewhere.
    refused: Vec<String>,
}

fn run(args: &ArchiveRunArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let archive = open(&session.loaded.config)?;
    let store = session.store()?;
    let picked = Picked::new(&PickArgs {
        symbols: args.symbols.clone(),
        symbols_file: None,
        from: None,
        to: None,
        timeframe: args.timeframe.clone(),
    })?;
    let interrupted = watch_interrupts();
    let mut report = RunReport {
        archive: archive.shown().to_owned(),
        series: BTreeMap::new(),
        refused: Vec::new(),
    };
    for key in picked.series(&store, args.vendor.as_deref())? {
        let rule = VendorRule::of(&session.loaded.config.store.vendors, key.vendor());
        let Some(days) = rule.archive_days() else {
            if !report.refused.iter().any(|vendor| vendor == key.vendor()) {
                tracing::warn!(
                    vendor = key.vendor(),
                    "store.vendors allows no copies of this vendor's data; it is not archived"
                );
                report.refused.push(key.vendor().to_owned());
            }
            continue;
        };
        let before = limit(args, days)?;
        let stop = || interrupted.load(Ordering::Relaxed);
        let done = archive.run(&store, &key, before, output::now(), &stop)?;
        if done.partitions > 0 {
            report.series.insert(key.to_string(), done);
        }
    }
    if args.store.common.json {
        return output::json(&report);
    }
    let mut text = String::new();
    for (series, done) in &report.series {
        text.push_str(&format!(
            "{series}: {} partitions, {} bars, {} KiB ({} sent, the others were there)\n",
            done.partitions,
            grouped(done.rows),
            grouped(done.bytes / 1_024),
            done.sent
        ));
    }
    for vendor in &report.refused {
        text.push_str(&format!("{vendor}: not archived, as store.vendors says\n"));
    }
    if text.is_empty() {
        text.push_str("nothing is old enough\n");
    }
    output::print(&format!("archive {}\n{text}", report.archive));
    Ok(())
}

fn limit(args: &ArchiveRunArgs, rule: u32) -> Result<NaiveDate, Failure> {
    match args.before {
        Some(before) => Ok(before),
        None => days_ago(args.older_than.unwrap_or(rule)),
    }
}

#[derive(Debug, Serialize)]
struct Listed {
    series: String,
    vendor: String,
    partitions: usize,
    rows: u64,
    bytes: u64,
    first: Option<String>,
    last: Option<String>,
    archived_at: String,
}

fn list(args: &ArchiveArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let archive = open(&session.loaded.config)?;
    let listed: Vec<Listed> = chosen(&archive, args)?
        .iter()
        .map(|record| {
            let span = record.manifest().span();
            Listed {
                series: record.key().to_string(),
                vendor: record.key().vendor().to_owned(),
                partitions: record.lines().len(),
                rows: record.manifest().rows(),
                bytes: record.manifest().bytes(),
                first: span.map(|(first, _)| first.to_string()),
                last: span.map(|(_, last)| last.to_string()),
                archived_at: record.archived_at().to_string(),
            }
        })
        .collect();
    if args.store.common.json {
        return output::json(&listed);
    }
    let mut text = format!("archive {}\n", archive.shown());
    for one in &listed {
        text.push_str(&format!(
            "{}: {} partitions, {} bars, {} KiB, {} to {}, archived {}\n",
            one.series,
            one.partitions,
            grouped(one.rows),
            grouped(one.bytes / 1_024),
            one.first.as_deref().unwrap_or("-"),
            one.last.as_deref().unwrap_or("-"),
            one.archived_at
        ));
    }
    output::print(&text);
    Ok(())
}

#[derive(Debug, Serialize)]
struct Verified {
    archive: String,
    whole: u64,
    bytes: u64,
    faults: Vec<String>,
}

fn verify(args: &ArchiveArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let archive = open(&session.loaded.config)?;
    let records = chosen(&archive, args)?;
    let interrupted = watch_interrupts();
    let checked = archive.verify(&records, &|| interrupted.load(Ordering::Relaxed))?;
    let report = Verified {
        archive: archive.shown().to_owned(),
        whole: checked.whole,
        bytes: checked.bytes,
        faults: checked.faults.iter().map(ToString::to_string).collect(),
    };
    if args.store.common.json {
        output::json(&report)?;
    } else {
        output::print(&format!(
            "archive {}\n{} objects are whole ({} KiB), {} are not\n{}",
            report.archive,
            grouped(report.whole),
            grouped(report.bytes / 1_024),
            report.faults.len(),
            report
                .faults
                .iter()
                .map(|fault| format!("  {fault}\n"))
                .collect::<String>()
        ));
    }
    if report.faults.is_empty() {
        return Ok(());
    }
    Err(Failure::Incomplete(format!(
        "{} objects of the archive are damaged or missing; bring them back from another copy of it",
        report.faults.len()
    )))
}

fn restore(args: &ArchiveArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let archive = open(&session.loaded.config)?;
    let records = chosen(&archive, args)?;
    if records.is_empty() {
        return Err(Failure::Usage(format!(
            "{} has nothing of that; see `backfill archive list`",
            archive.shown()
        )));
    }
    let store = session.create_store()?;
    let interrupted = watch_interrupts();
    let mut by_series: BTreeMap<SeriesKey, Vec<Record>> = BTreeMap::new();
    for record in records {
        by_series
            .entry(record.key().clone())
            .or_default()
            .push(record);
    }
    let dates = Dates {
        from: args.pick.from,
        to: args.pick.to,
    };
    let mut report: BTreeMap<String, Restored> = BTreeMap::new();
    for (key, records) in &by_series {
        let stop = || interrupted.load(Ordering::Relaxed);
        let restored = archive.restore(&store, records, dates, &stop)?;
        report.insert(key.to_string(), restored);
    }
    if args.store.common.json {
        return output::json(&report);
    }
    let lines = report.iter().map(|(series, restored)| {
        format!(
            "{series}: {} bars in {} files\n",
            grouped(restored.rows),
            grouped(restored.files)
        )
    });
    output::print(&lines.collect::<String>());
    Ok(())
}

/// The records of series that arguments pick.
fn chosen(archive: &Archive, args: &ArchiveArgs) -> Result<Vec<Record>, Failure> {
    let picked = Picked::new(&args.pick)?;
    let mut records = archive.records(None)?;
    records.retain(|record| picked.picks(record.key(), args.vendor.as_deref()));
    Ok(records)
}

/// The archive of the configuration.
fn open(config: &Config) -> Result<Archive, Failure> {
    let archive = &config.archive;
    let url = archive.url.as_ref().ok_or_else(|| {
        Failure::Usage(
            "there is no archive.url; set it to s3://BUCKET/PREFIX or file:///FOLDER".to_owned(),
        )
    })?;
    Ok(Archive::open(place::open(config, url)?)?)
}
