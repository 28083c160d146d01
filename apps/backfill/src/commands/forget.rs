//! `backfill forget`: removes records of vendors that may not stay, from the database and the store.

use chrono::NaiveTime;
use serde::Serialize;
use trader_config::value::VendorRule;
use trader_database::{Database, ForgettingRepository as _, KeptRecord, Order, RecordRepository};
use trader_domain::{AnnouncedAction, Filing, Listing, NewsItem, SocialPost, Timestamp};
use trader_storage::store::{Effect, MarketStore, RecordKind};

use crate::cli::ForgetArgs;
use crate::database::OpenDatabase;
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::pick::days_ago;
use crate::session::Session;

/// Notes of earlier removals that `--history` shows.
const SHOWN: u32 = 100;

/// What went, or would go, of one kind.
#[derive(Debug, Serialize)]
struct Gone {
    vendor: String,
    kind: &'static str,
    received_before: String,
    reason: String,
    /// Versions in the database.
    database: u64,
    /// Records in the store.
    store: u64,
}

#[derive(Debug, Serialize)]
struct Report {
    dry_run: bool,
    removed: Vec<Gone>,
}

/// A removal that was noted.
#[derive(Debug, Serialize)]
struct Noted {
    at: String,
    vendor: String,
    kind: String,
    received_before: String,
    versions: u64,
    reason: String,
}

/// Until when, and why.
struct Limit {
    before: Timestamp,
    reason: String,
}

/// One run.
struct Run<'a> {
    args: &'a ForgetArgs,
    rules: &'a [VendorRule],
    open: Option<OpenDatabase>,
    store: Option<MarketStore>,
    removed: Vec<Gone>,
}

pub(super) fn forget(args: &ForgetArgs) -> Result<(), Failure> {
    let session = Session::start(&args.store)?;
    let config = &session.loaded.config;
    let open = OpenDatabase::existing(config)?;
    if args.history {
        return history(args, open.as_ref());
    }
    let mut run = Run {
        args,
        rules: &config.store.vendors,
        open,
        store: session.store().ok(),
        removed: Vec::new(),
    };
    run.kept::<NewsItem>("news", RecordKind::News)?;
    run.kept::<AnnouncedAction>("actions", RecordKind::Actions)?;
    run.kept::<Listing>("listings", RecordKind::Listings)?;
    run.kept::<Filing>("filings", RecordKind::Filings)?;
    run.kept::<SocialPost>("posts", RecordKind::Posts)?;
    for kind in [
        RecordKind::Sessions,
        RecordKind::Contracts,
        RecordKind::Chains,
    ] {
        run.stored(kind)?;
    }
    run.tell()
}

impl Run<'_> {
    /// A kind that is in the database and in the store.
    fn kept<R>(&mut self, name: &'static str, kind: RecordKind) -> Result<(), Failure>
    where
        R: KeptRecord,
        Database: RecordRepository<R>,
    {
        let mut vendors = self.store_vendors()?;
        if let Some(open) = &self.open {
            let known = RecordRepository::<R>::vendors_of(&open.database);
            vendors.extend(open.blocking.wait(known)?);
        }
        vendors.sort();
        vendors.dedup();
        for vendor in vendors {
            let Some(limit) = self.limit(&vendor)? else {
                continue;
            };
            let mut versions = 0;
            if let Some(open) = &self.open {
                let database = &open.database;
                versions = if self.args.dry_run {
                    let count = RecordRepository::<R>::forgettable(database, &vendor, limit.before);
                    open.blocking.wait(count)?
                } else {
                    let order = Order {
                        at: output::now(),
                        reason: limit.reason.clone(),
                    };
                    let gone =
                        RecordRepository::<R>::forget(database, &vendor, limit.before, &order);
                    open.blocking.wait(gone)?
                };
            }
            let records = self.of_store(&vendor, kind, &limit)?;
            self.note(vendor, name, limit, (versions, records));
        }
        Ok(())
    }

    /// A kind that is in the store only.
    fn stored(&mut self, kind: RecordKind) -> Result<(), Failure> {
        for vendor in self.store_vendors()? {
            if let Some(limit) = self.limit(&vendor)? {
                let records = self.of_store(&vendor, kind, &limit)?;
                self.note(vendor, kind.name(), limit, (0, records));
            }
        }
        Ok(())
    }

    fn store_vendors(&self) -> Result<Vec<String>, Failure> {
        let vendors = self.store.as_ref().map(MarketStore::vendors).transpose();
        Ok(vendors.map_err(Failure::Store)?.unwrap_or_default())
    }

    fn of_store(&self, vendor: &str, kind: RecordKind, limit: &Limit) -> Result<u64, Failure> {
        let Some(store) = &self.store else {
            return Ok(0);
        };
        let effect = if self.args.dry_run {
            Effect::Preview
        } else {
            Effect::Apply
        };
        store
            .forget_records(vendor, kind, limit.before, effect)
            .map_err(Failure::Store)
    }

    /// Until when the records of a vendor go; `None` when they may stay.
    fn limit(&self, vendor: &str) -> Result<Option<Limit>, Failure> {
        if self
            .args
            .vendor
            .as_deref()
            .is_some_and(|only| only != vendor)
        {
            return Ok(None);
        }
        let (date, reason) = if let Some(before) = self.args.before {
            (before, "asked for by date".to_owned())
        } else if let Some(days) = self.args.older_than {
            (
                days_ago(days)?,
                format!("asked for: older than {days} days"),
            )
        } else {
            let rule = VendorRule::of(self.rules, vendor);
            let Some(days) = rule.keep_days() else {
                return Ok(None);
            };
            (days_ago(days)?, format!("store.vendors: {rule}"))
        };
        let before = Timestamp::from_datetime(date.and_time(NaiveTime::MIN).and_utc());
        let before = before.map_err(|error| Failure::Usage(error.to_string()))?;
        Ok(Some(Limit { before, reason }))
    }

    fn note(&mut self, vendor: String, kind: &'static str, limit: Limit, gone: (u64, u64)) {
        if gone == (0, 0) {
            return;
        }
        if !self.args.dry_run {
            tracing::info!(
                vendor,
                kind,
                database = gone.0,
                store = gone.1,
                reason = limit.reason,
                "records forgotten"
            );
        }
        self.removed.push(Gone {
            vendor,
            kind,
            received_before: limit.before.to_string(),
            reason: limit.reason,
            database: gone.0,
            store: gone.1,
        });
    }

    fn tell(self) -> Result<(), Failure> {
        let report = Report {
            dry_run: self.args.dry_run,
            removed: self.removed,
        };
        if self.args.store.common.json {
            return output::json(&report);
        }
        let verb = if report.dry_run {
            "would remove"
        } else {
            "removed"
        };
        let mut text: String = report
            .removed
            .iter()
            .map(|gone| {
                format!(
                    "{verb} {} of {}: {} versions from the database, {} records from the store, received before {} ({})\n",
                    gone.kind,
                    gone.vendor,
                    grouped(gone.database),
                    grouped(gone.store),
                    gone.received_before,
                    gone.reason
                )
            })
            .collect();
        if text.is_empty() {
            text.push_str("there is nothing to forget\n");
        }
        output::print(&text);
        Ok(())
    }
}

fn history(args: &ForgetArgs, open: Option<&OpenDatabase>) -> Result<(), Failure> {
    let notes = match open {
        Some(open) => open
            .blocking
            .wait(open.database.recent_forgettings(SHOWN))?,
        None => Vec::new(),
    };
    let notes: Vec<Noted> = notes
        .into_iter()
        .map(|note| Noted {
            at: note.at.to_string(),
            vendor: note.vendor,
            kind: note.kind,
            received_before: note.received_before.to_string(),
            versions: note.versions,
            reason: note.reason,
        })
        .collect();
    if args.store.common.json {
        return output::json(&notes);
    }
    let lines = notes.iter().map(|note| {
        format!(
            "{}  {} of {}: {} versions received before {} ({})\n",
            note.at,
            note.kind,
            note.vendor,
            grouped(note.versions),
            note.received_before,
            note.reason
        )
    });
    output::print(&lines.collect::<String>());
    Ok(())
}
