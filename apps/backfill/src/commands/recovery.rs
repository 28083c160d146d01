//! `backfill backup base|wal|recover`: a whole `PostgreSQL` server, led back to any instant.

use std::fmt::Write as _;

use serde::Serialize;
use trader_config::schema::Config;
use trader_database::{
    Accepted, BackupError, BackupName, Base, Blocking, Lag, Recovered, Server, Target, Wanted,
    archive_lag,
};

use super::copies;
use crate::cli::{BackupRecoverArgs, BackupWalArgs, CommonArgs};
use crate::database::{backups, keep, target};
use crate::failure::Failure;
use crate::output::{self, SystemClock, grouped};
use crate::session::Session;

/// A base backup, and how far a loss of the server now would set one back.
#[derive(Debug, Serialize)]
struct BaseReport {
    #[serde(flatten)]
    base: Base,
    archive: Lag,
}

pub(super) fn base(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let report = BaseReport::taken(config)?;
    if args.json {
        output::json(&report)?;
    } else {
        output::print(&report.text());
    }
    copies::after_backup(config)
}

/// Takes a base backup, for the schedule.
pub(super) fn take_base(config: &Config) -> Result<(), Failure> {
    let report = BaseReport::taken(config)?;
    output::print(&report.text());
    copies::after_backup(config)
}

impl BaseReport {
    fn taken(config: &Config) -> Result<Self, Failure> {
        let backups = backups(config)?;
        let server = server(config)?;
        let blocking = Blocking::new()?;
        let base = blocking.wait(backups.run_base(&server, keep(config), &SystemClock))?;
        let archive = blocking.wait(archive_lag(&server))?;
        if archive.archive_timeout == 0 {
            tracing::warn!(
                "archive_timeout is 0: a segment that does not fill is never archived; set it to what you can afford to lose"
            );
        }
        Ok(Self { base, archive })
    }
}

impl BaseReport {
    fn text(&self) -> String {
        let rows = self.base.total_rows();
        let archived = match (&self.archive.last_segment, self.archive.seconds) {
            (Some(segment), Some(seconds)) => {
                format!("last segment {segment} archived {seconds} s ago")
            }
            _ => "nothing archived yet".to_owned(),
        };
        format!(
            "taken and proven by a restore  {}\n  {} KiB, {} rows, needs the log from {} on\n  \
             RTO  {}.{:03} s for the restore that proved it, and the log since then\n  \
             RPO  {archived}, a segment is handed over after {} s at the latest (0: only when it is full), {} failed attempts\n",
            self.base.name,
            grouped(self.base.bytes.div_ceil(1_024)),
            grouped(rows),
            self.base.first_segment,
            self.base.restored_in_ms / 1_000,
            self.base.restored_in_ms % 1_000,
            self.archive.archive_timeout,
            self.archive.failed,
        )
    }
}

/// Says nothing when it succeeds: it runs once for each segment, and its output goes to the server's log.
pub(super) fn wal(args: &BackupWalArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let accepted = backups(&session.loaded.config)?.accept_wal(&args.file)?;
    if args.common.json {
        return output::json(&matches!(accepted, Accepted::New));
    }
    Ok(())
}

pub(super) fn recover(args: &BackupRecoverArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let name = args.base.as_deref().map(str::parse::<BackupName>);
    let wanted = Wanted {
        to: args.to,
        base: name
            .transpose()
            .map_err(|error: BackupError| Failure::Usage(error.to_string()))?,
        into: args.into.clone(),
    };
    let blocking = Blocking::new()?;
    let recovered = blocking.wait(backups.recover(&server(config)?, &wanted, &SystemClock))?;
    if args.common.json {
        return output::json(&recovered);
    }
    output::print(&text(&recovered)?);
    Ok(())
}

fn text(recovered: &Recovered) -> Result<String, Failure> {
    let mut text = format!(
        "restored    {} into {}\nlog         {} segments from the archive{}\n",
        recovered.base,
        recovered.folder,
        recovered.segments,
        recovered
            .last_segment
            .as_ref()
            .map_or_else(String::new, |last| format!(", the last one {last}")),
    );
    let last = recovered.last_transaction.map_or_else(
        || "none after the base backup".to_owned(),
        |last| last.to_string(),
    );
    let written = writeln!(text, "RPO         last transaction in it: {last}")
        .and_then(|()| {
            let took = recovered.took_ms;
            writeln!(text, "RTO         {}.{:03} s", took / 1_000, took % 1_000)
        })
        .and_then(|()| {
            recovered
                .rows
                .iter()
                .try_for_each(|(table, rows)| writeln!(text, "  {table:<28} {:>14} rows", grouped(*rows)))
        })
        .and_then(|()| {
            writeln!(
                text,
                "it archives nothing (archive_mode in postgresql.auto.conf); when it takes over, remove that line, give \
                 it an empty backup.folder/wal or let it go on, and take a base backup"
            )
        });
    written.map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(text)
}

/// The server that the configuration names.
fn server(config: &Config) -> Result<Server, Failure> {
    match target(config)? {
        Target::Postgres(server) => Ok(server),
        Target::Sqlite { .. } => Err(Failure::Usage(
            "an embedded database has no log to archive: `backfill backup run` copies it whole; this is for \
             database.kind = \"postgres\""
                .to_owned(),
        )),
    }
}
