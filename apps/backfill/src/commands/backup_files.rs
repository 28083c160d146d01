//! `backfill backup files`: configuration, journals, runs, models, the market-data store.

use serde::Serialize;
use trader_config::schema::Config;
use trader_database::{Part, Scope, Snapshot};

use super::copies;
use crate::cli::{BackupFilesArgs, FilesScope};
use crate::database::{backups, keep};
use crate::failure::Failure;
use crate::output::{self, SystemClock, grouped};
use crate::session::Session;

#[derive(Debug, Serialize)]
struct Report {
    name: String,
    scope: &'static str,
    parent: Option<String>,
    files: usize,
    bytes: u64,
    /// Files that were not in an earlier backup.
    new_files: usize,
    new_bytes: u64,
}

impl From<&Snapshot> for Report {
    fn from(snapshot: &Snapshot) -> Self {
        let (new_files, new_bytes) = snapshot.own();
        Self {
            name: snapshot.name.to_string(),
            scope: snapshot.scope.name(),
            parent: snapshot.parent.as_ref().map(ToString::to_string),
            files: snapshot.files.len(),
            bytes: snapshot.bytes(),
            new_files,
            new_bytes,
        }
    }
}

impl Report {
    fn text(&self) -> String {
        format!(
            "taken and proven  {} ({}): {} files, {} KiB; new since {}: {} files, {} KiB\n",
            self.name,
            self.scope,
            self.files,
            grouped(self.bytes.div_ceil(1_024)),
            self.parent.as_deref().unwrap_or("nothing"),
            self.new_files,
            grouped(self.new_bytes.div_ceil(1_024))
        )
    }
}

pub(super) fn files(args: &BackupFilesArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let scope = match args.scope {
        FilesScope::Full => Scope::Full,
        FilesScope::Incremental => Scope::Incremental,
        FilesScope::Differential => Scope::Differential,
    };
    let report = taken(config, scope)?;
    if args.common.json {
        output::json(&report)?;
    } else {
        output::print(&report.text());
    }
    copies::after_backup(config)
}

/// Takes one, for the schedule.
pub(super) fn take_files(config: &Config, scope: Scope) -> Result<(), Failure> {
    output::print(&taken(config, scope)?.text());
    copies::after_backup(config)
}

fn taken(config: &Config, scope: Scope) -> Result<Report, Failure> {
    let named = &config.backup.files;
    if named.is_empty() {
        return Err(Failure::Usage(
            "backup.files names nothing; set it to what is worth keeping, such as \
             [\"config=/etc/ai-trader\", \"runs=runs\", \"store=market-data\"]"
                .to_owned(),
        ));
    }
    let parts: Vec<Part> = named
        .iter()
        .map(|part| Part {
            name: part.name().to_owned(),
            path: part.path().to_owned(),
        })
        .collect();
    let snapshot = backups(config)?.run_files(&parts, scope, keep(config), &SystemClock)?;
    Ok(Report::from(&snapshot))
}
