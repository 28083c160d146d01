//! `backfill backup copy|fetch`: copies of the backups at another place.

use std::sync::atomic::Ordering;

use serde::Serialize;
use trader_archive::{Mirror, Mirrored};
use trader_config::schema::Config;

use crate::cli::CommonArgs;
use crate::failure::Failure;
use crate::output::{self, grouped};
use crate::place;
use crate::progress::watch_interrupts;
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    copies: String,
    #[serde(flatten)]
    mirrored: Mirrored,
}

impl Report {
    fn text(&self, verb: &str) -> String {
        format!(
            "{verb} {}: {} files ({} KiB), {} were there\n",
            self.copies,
            self.mirrored.copied,
            grouped(self.mirrored.bytes.div_ceil(1_024)),
            self.mirrored.there
        )
    }
}

pub(super) fn copy(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let report = sent(&session.loaded.config)?.ok_or_else(not_configured)?;
    show(args, &report, "copied to")
}

pub(super) fn fetch(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let mirror = mirror(config)?.ok_or_else(not_configured)?;
    let interrupted = watch_interrupts();
    let mirrored = mirror.fetch(config.backup.folder.as_path(), &|| {
        interrupted.load(Ordering::Relaxed)
    })?;
    let report = Report {
        copies: mirror.shown().to_owned(),
        mirrored,
    };
    show(args, &report, "brought back from")
}

/// Copies what a command has just taken, where copies are configured.
pub(super) fn after_backup(config: &Config) -> Result<(), Failure> {
    if let Some(report) = sent(config)? {
        tracing::info!(
            copies = report.copies,
            files = report.mirrored.copied,
            "backups copied"
        );
    }
    Ok(())
}

fn sent(config: &Config) -> Result<Option<Report>, Failure> {
    let Some(mirror) = mirror(config)? else {
        return Ok(None);
    };
    let interrupted = watch_interrupts();
    let mirrored = mirror.send(config.backup.folder.as_path(), &|| {
        interrupted.load(Ordering::Relaxed)
    })?;
    Ok(Some(Report {
        copies: mirror.shown().to_owned(),
        mirrored,
    }))
}

fn mirror(config: &Config) -> Result<Option<Mirror>, Failure> {
    let url = config.backup.copies.as_ref();
    url.map(|url| Ok(Mirror::open(place::open(config, url)?)?))
        .transpose()
}

fn not_configured() -> Failure {
    Failure::Usage(
        "there is no backup.copies; set it to s3://BUCKET/PREFIX or file:///FOLDER".to_owned(),
    )
}

fn show(args: &CommonArgs, report: &Report, verb: &str) -> Result<(), Failure> {
    if args.json {
        return output::json(report);
    }
    output::print(&report.text(verb));
    Ok(())
}
