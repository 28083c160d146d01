//! `backfill backup run|list|verify|restore`; the commands on a whole server are in `recovery`.

use serde::Serialize;
use trader_database::{
    BackupError, BackupName, BackupRecord, BackupRepository as _, Backups, Base, Blocking,
    Manifest, Restored,
};

use super::recovery;
use crate::cli::{BackupAction, BackupRestoreArgs, BackupVerifyArgs, CommonArgs};
use crate::database::{OpenDatabase, backups, target};
use crate::failure::Failure;
use crate::output::{self, SystemClock, grouped};
use crate::session::Session;

/// Entries of the catalogue that `list` shows.
const SHOWN: u32 = 50;

/// A backup in reports.
#[derive(Debug, Serialize)]
struct One {
    name: String,
    kind: String,
    taken: String,
    /// `proven`, `unproven`, `running`, `failed` or `removed`.
    status: String,
    bytes: u64,
    rows: Option<u64>,
    detail: Option<String>,
}

impl From<&Manifest> for One {
    fn from(manifest: &Manifest) -> Self {
        let status = if manifest.proven {
            "proven"
        } else {
            "unproven"
        };
        Self {
            name: manifest.name.to_string(),
            kind: manifest.kind.name().to_owned(),
            taken: manifest.taken.to_string(),
            status: status.to_owned(),
            bytes: manifest.bytes,
            rows: Some(manifest.contents.values().map(|table| table.rows).sum()),
            detail: None,
        }
    }
}

impl From<&Base> for One {
    fn from(base: &Base) -> Self {
        let status = if base.proven { "proven" } else { "unproven" };
        Self {
            name: base.name.to_string(),
            kind: "base".to_owned(),
            taken: base.started.to_string(),
            status: status.to_owned(),
            bytes: base.bytes,
            rows: Some(base.rows.values().sum()),
            detail: Some(format!(
                "leads to any archived instant after {}",
                base.finished
            )),
        }
    }
}

impl From<BackupRecord> for One {
    fn from(record: BackupRecord) -> Self {
        Self {
            name: record.name,
            kind: record.kind,
            taken: record.started.to_string(),
            status: record.status,
            bytes: record.bytes,
            rows: None,
            detail: record.detail,
        }
    }
}

impl One {
    fn line(&self) -> String {
        let rows = self.rows.map_or_else(|| "-".to_owned(), grouped);
        format!(
            "  {}  {:<8} {:<8} {:>10} KiB {:>12} rows  {}\n",
            self.name,
            self.kind,
            self.status,
            grouped(self.bytes.div_ceil(1_024)),
            rows,
            self.detail.as_deref().unwrap_or_default()
        )
    }
}

pub(super) fn backup(action: &BackupAction) -> Result<(), Failure> {
    match action {
        BackupAction::Run(args) => run(args),
        BackupAction::List(args) => list(args),
        BackupAction::Verify(args) => verify(args),
        BackupAction::Restore(args) => restore(args),
        BackupAction::Base(args) => recovery::base(args),
        BackupAction::Wal(args) => recovery::wal(args),
        BackupAction::Recover(args) => recovery::recover(args),
    }
}

fn run(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let open = OpenDatabase::ready(config)?;
    let keep = usize::try_from(config.backup.keep).unwrap_or(usize::MAX);
    let manifest = open
        .blocking
        .wait(backups.run(&open.database, keep, &SystemClock))?;
    let one = One::from(&manifest);
    if args.json {
        return output::json(&one);
    }
    output::print(&format!("taken and proven by a restore\n{}", one.line()));
    Ok(())
}

fn list(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let mut all: Vec<One> = backups.list()?.iter().map(One::from).collect();
    all.extend(backups.bases()?.iter().map(One::from));
    // What has no manifest is in the catalogue, which may be lost with the database: files are told all the same.
    match catalogue(config) {
        Ok(records) => {
            let new = |record: &BackupRecord| !all.iter().any(|one| one.name == record.name);
            let others: Vec<One> = records.into_iter().filter(new).map(One::from).collect();
            all.extend(others);
        }
        Err(failure) => {
            tracing::warn!(%failure, "the catalogue cannot be read; only files are shown");
        }
    }
    all.sort_by(|one, other| (&other.taken, &other.name).cmp(&(&one.taken, &one.name)));
    if args.json {
        return output::json(&all);
    }
    let lines: String = all.iter().map(One::line).collect();
    output::print(&format!(
        "backups in {}\n{lines}",
        config.backup.folder.as_path().display()
    ));
    Ok(())
}

fn catalogue(config: &trader_config::Config) -> Result<Vec<BackupRecord>, Failure> {
    let Some(open) = OpenDatabase::existing(config)? else {
        return Ok(Vec::new());
    };
    Ok(open.blocking.wait(open.database.recent_backups(SHOWN))?)
}

/// One, or all that should be whole.
fn chosen(backups: &Backups, name: Option<&str>) -> Result<Vec<Manifest>, Failure> {
    match name {
        Some(name) => {
            let name: BackupName = name.parse()?;
            Ok(vec![backups.manifest(&name)?])
        }
        None => Ok(backups.list()?),
    }
}

fn verify(args: &BackupVerifyArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let target = target(config)?;
    let blocking = Blocking::new()?;
    let (mut report, mut bad) = (Vec::new(), 0_usize);
    for manifest in chosen(&backups, args.name.as_deref())? {
        let mut one = One::from(&manifest);
        match blocking.wait(backups.prove(&manifest, &target)) {
            Ok(()) => "proven".clone_into(&mut one.status),
            Err(error) => {
                bad += 1;
                "failed".clone_into(&mut one.status);
                one.detail = Some(crate::failure::on_one_line(&Failure::Backup(error)));
            }
        }
        report.push(one);
    }
    if args.common.json {
        output::json(&report)?;
    } else {
        output::print(&report.iter().map(One::line).collect::<String>());
    }
    if bad > 0 {
        return Err(Failure::Incomplete(format!(
            "{bad} of {} backups are not what they were; take a new one with `backfill backup run`",
            report.len()
        )));
    }
    Ok(())
}

fn restore(args: &BackupRestoreArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let target = target(config)?;
    let blocking = Blocking::new()?;
    let name: BackupName = args
        .name
        .parse()
        .map_err(|error: BackupError| Failure::Usage(error.to_string()))?;
    let manifest = backups.manifest(&name)?;
    if args.dry_run {
        blocking.wait(backups.prove(&manifest, &target))?;
        let one = One::from(&manifest);
        if args.common.json {
            return output::json(&one);
        }
        output::print(&format!(
            "can be restored; nothing was changed\n{}",
            one.line()
        ));
        return Ok(());
    }
    let restored = blocking.wait(backups.restore(&manifest, &target, args.into.as_deref()))?;
    if args.common.json {
        return output::json(&restored);
    }
    output::print(&text(&manifest, &restored));
    Ok(())
}

fn text(manifest: &Manifest, restored: &Restored) -> String {
    let mut text = format!(
        "restored    {} of {}\nto          {}\n",
        manifest.name, manifest.taken, restored.database
    );
    if let Some(aside) = &restored.aside {
        text.push_str(&format!("the one before is kept as {aside}\n"));
    }
    text
}
