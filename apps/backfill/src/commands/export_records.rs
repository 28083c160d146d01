//! `backfill export --data news|actions|reference|filings|posts`: the records of the database, as they were known.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write as _};

use serde::Serialize;
use trader_config::value::VendorRule;
use trader_database::{Database, KeptRecord, Known, RecordRepository};
use trader_domain::{
    AnnouncedAction, Filing, Listing, NewsItem, SocialPost, Symbol, Timestamp, Vendors,
};

use crate::cli::{Data, ExportArgs};
use crate::database::OpenDatabase;
use crate::failure::Failure;
use crate::licence;
use crate::output::{self, grouped};
use crate::pick::Picked;
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    file: String,
    records: u64,
}

pub(super) fn export(args: &ExportArgs, session: &Session) -> Result<(), Failure> {
    let config = &session.loaded.config;
    let open = OpenDatabase::existing(config)?.ok_or_else(|| {
        Failure::Usage("there is no database yet; `backfill run --data` fills it".to_owned())
    })?;
    let rules = &config.store.vendors;
    let report = match args.data {
        Data::News => written::<NewsItem>(args, &open, rules, "news"),
        Data::Actions => written::<AnnouncedAction>(args, &open, rules, "actions"),
        Data::Reference => written::<Listing>(args, &open, rules, "listings"),
        Data::Filings => written::<Filing>(args, &open, rules, "filings"),
        Data::Posts => written::<SocialPost>(args, &open, rules, "posts"),
        Data::Bars | Data::Trades | Data::Quotes | Data::Contracts | Data::Chains => {
            Err(Failure::Usage(
                "the database has news, actions, reference, filings and posts; the rest is in the store".to_owned(),
            ))
        }
    }?;
    if args.store.common.json {
        return output::json(&report);
    }
    output::print(&format!(
        "{} records  {}\n",
        grouped(report.records),
        report.file
    ));
    Ok(())
}

/// Writes one kind as JSON lines, each with the name of its vendor.
fn written<R>(
    args: &ExportArgs,
    open: &OpenDatabase,
    rules: &[VendorRule],
    kind: &str,
) -> Result<Report, Failure>
where
    R: KeptRecord,
    Database: RecordRepository<R>,
{
    let names = open
        .blocking
        .wait(RecordRepository::<R>::vendors_of(&open.database))?;
    let mut vendors = Vendors::new();
    for name in &names {
        vendors
            .add(name)
            .map_err(|error| Failure::Usage(error.to_string()))?;
    }
    let wanted = |name: &str| args.vendor.as_deref().is_none_or(|vendor| vendor == name);
    let chosen: BTreeSet<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| wanted(name))
        .collect();
    if chosen.is_empty() {
        return Err(Failure::Usage(format!(
            "there are no {kind} of that vendor in the database; `backfill run --data` gets them"
        )));
    }
    licence::ask(&chosen, rules)?;
    let path = args.out.join(format!("{kind}.jsonl"));
    let failed = |source| Failure::File {
        path: path.display().to_string(),
        action: "writing",
        source,
    };
    std::fs::create_dir_all(&args.out).map_err(failed)?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .map_err(failed)?;
    licence::note(&args.out, &chosen, rules, kind)?;
    let mut file = BufWriter::new(file);
    let mut count = 0;
    for known in questions(args)? {
        let records: Vec<R> = open
            .blocking
            .wait(open.database.records(&known, &vendors))?;
        for record in records {
            let Some(vendor) = vendors.name(record.vendor()).filter(|name| wanted(name)) else {
                continue;
            };
            let mut value = serde_json::to_value(&record).map_err(|error| failed(error.into()))?;
            if let Some(fields) = value.as_object_mut() {
                fields.insert("vendor".to_owned(), vendor.into());
            }
            writeln!(file, "{value}").map_err(failed)?;
            count += 1;
        }
    }
    file.into_inner()
        .map_err(|error| failed(error.into_error()))?
        .sync_all()
        .map_err(failed)?;
    Ok(Report {
        file: path.display().to_string(),
        records: count,
    })
}

/// One question for each symbol, or one for all. Dates are those of publication, in UTC.
fn questions(args: &ExportArgs) -> Result<Vec<Known>, Failure> {
    let picked = Picked::new(&args.pick)?;
    let midnight = |date: chrono::NaiveDate| {
        Timestamp::from_datetime(date.and_time(chrono::NaiveTime::MIN).and_utc())
            .map_err(|error| Failure::Usage(error.to_string()))
    };
    let from = picked.dates.from.map(midnight).transpose()?;
    let until = picked
        .dates
        .to
        .and_then(|to| to.succ_opt())
        .map(midnight)
        .transpose()?;
    let of = |symbol: Option<Symbol>| Known {
        symbol,
        from: from.unwrap_or(Timestamp::MIN),
        until: until.unwrap_or(Timestamp::MAX),
        at: args.known_at.unwrap_or(Timestamp::MAX),
    };
    if picked.symbols.is_empty() {
        return Ok(vec![of(None)]);
    }
    Ok(picked
        .symbols
        .iter()
        .map(|symbol| of(Some(*symbol)))
        .collect())
}
