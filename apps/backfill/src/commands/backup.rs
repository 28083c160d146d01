//! `backfill backup run|list|verify|restore`; the commands on a whole server are in `recovery`.

use serde::Serialize;
use trader_config::schema::Config;
use trader_database::{
    BackupError, BackupName, BackupRecord, BackupRepository as _, Backups, Base, Blocking,
    Manifest, Restored, Snapshot,
};

use trader_domain::Timestamp;

use super::{backup_files, backup_schedule, copies, recovery};
use crate::cli::{BackupAction, BackupRestoreArgs, BackupVerifyArgs, CommonArgs};
use crate::database::{OpenDatabase, backups, keep, target};
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
            rows: Some(manifest.rows()),
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
            rows: Some(base.total_rows()),
            detail: Some(format!(
                "leads to any archived instant after {}",
                base.finished
            )),
        }
    }
}

impl From<&Snapshot> for One {
    fn from(snapshot: &Snapshot) -> Self {
        let (new_files, new_bytes) = snapshot.own();
        Self {
            name: snapshot.name.to_string(),
            kind: "files".to_owned(),
            taken: snapshot.taken.to_string(),
            status: "proven".to_owned(),
            bytes: snapshot.bytes(),
            rows: None,
            detail: Some(format!(
                "{}: {} files, {new_files} of them new ({} KiB)",
                snapshot.scope.name(),
                snapshot.files.len(),
                grouped(new_bytes.div_ceil(1_024))
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
        BackupAction::Files(args) => backup_files::files(args),
        BackupAction::Copy(args) => copies::copy(args),
        BackupAction::Fetch(args) => copies::fetch(args),
        BackupAction::Schedule(args) => backup_schedule::schedule(args),
        BackupAction::Base(args) => recovery::base(args),
        BackupAction::Wal(args) => recovery::wal(args),
        BackupAction::Recover(args) => recovery::recover(args),
    }
}

fn run(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let one = taken(config)?;
    if args.json {
        output::json(&one)?;
    } else {
        output::print(&format!("taken and proven by a restore\n{}", one.line()));
    }
    copies::after_backup(config)
}

/// Takes a backup of the database, for the schedule.
pub(super) fn take_database(config: &Config) -> Result<(), Failure> {
    output::print(&taken(config)?.line());
    copies::after_backup(config)
}

fn taken(config: &Config) -> Result<One, Failure> {
    let backups = backups(config)?;
    let open = OpenDatabase::ready(config)?;
    let run = backups.run(&open.database, keep(config), &SystemClock);
    Ok(One::from(&open.blocking.wait(run)?))
}

fn list(args: &CommonArgs) -> Result<(), Failure> {
    let session = Session::without_store(args)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let mut all: Vec<One> = backups.list()?.iter().map(One::from).collect();
    all.extend(backups.bases()?.iter().map(One::from));
    all.extend(backups.snapshots()?.iter().map(One::from));
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

fn catalogue(config: &Config) -> Result<Vec<BackupRecord>, Failure> {
    let Some(open) = OpenDatabase::existing(config)? else {
        return Ok(Vec::new());
    };
    Ok(open.blocking.wait(open.database.recent_backups(SHOWN))?)
}

/// A backup that can be opened without a server to start.
enum Whole {
    Database(Manifest),
    Files(Snapshot),
    Base(Base),
}

impl Whole {
    const fn name(&self) -> &BackupName {
        match self {
            Self::Database(manifest) => &manifest.name,
            Self::Files(snapshot) => &snapshot.name,
            Self::Base(base) => &base.name,
        }
    }
}

/// One, or all that should be whole.
fn chosen(backups: &Backups, name: Option<&str>) -> Result<Vec<Whole>, Failure> {
    let name: Option<BackupName> = name
        .map(str::parse)
        .transpose()
        .map_err(|error: BackupError| Failure::Usage(error.to_string()))?;
    let snapshots = backups.snapshots()?.into_iter().map(Whole::Files);
    let bases = backups.bases()?.into_iter().map(Whole::Base);
    let mut others = snapshots.chain(bases);
    let Some(name) = name else {
        let databases = backups.list()?.into_iter().map(Whole::Database);
        return Ok(databases.chain(others).collect());
    };
    Ok(vec![match others.find(|other| *other.name() == name) {
        Some(other) => other,
        None => Whole::Database(backups.manifest(&name)?),
    }])
}

fn proven(config: &Config, backups: &Backups, whole: &Whole) -> (One, Result<(), Failure>) {
    match whole {
        Whole::Files(snapshot) => {
            let outcome = backups.prove_files(snapshot).map_err(Failure::Backup);
            (One::from(snapshot), outcome)
        }
        Whole::Base(base) => {
            let outcome = backups.verify_base(base).map_err(Failure::Backup);
            (One::from(base), outcome)
        }
        Whole::Database(manifest) => {
            let prove = || {
                let target = target(config)?;
                Ok(Blocking::new()?.wait(backups.prove(manifest, &target))?)
            };
            (One::from(manifest), prove())
        }
    }
}

fn verify(args: &BackupVerifyArgs) -> Result<(), Failure> {
    let session = Session::without_store(&args.common)?;
    let config = &session.loaded.config;
    let backups = backups(config)?;
    let (mut report, mut bad) = (Vec::new(), 0_usize);
    for whole in chosen(&backups, args.name.as_deref())? {
        let (mut one, outcome) = proven(config, &backups, &whole);
        match outcome {
            Ok(()) => "proven".clone_into(&mut one.status),
            Err(failure) => {
                bad += 1;
                "failed".clone_into(&mut one.status);
                one.detail = Some(crate::failure::on_one_line(&failure));
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
    for whole in chosen(&backups, Some(&args.name))? {
        if args.dry_run {
            let (one, outcome) = proven(config, &backups, &whole);
            outcome?;
            if args.common.json {
                return output::json(&one);
            }
            output::print(&format!(
                "can be restored; nothing was changed\n{}",
                one.line()
            ));
            return Ok(());
        }
        let (name, taken, restored) = restored(config, &backups, &whole, args.into.as_deref())?;
        if args.common.json {
            return output::json(&restored);
        }
        output::print(&text(&name, taken, &restored));
    }
    Ok(())
}

fn restored(
    config: &Config,
    backups: &Backups,
    whole: &Whole,
    into: Option<&str>,
) -> Result<(BackupName, Timestamp, Restored), Failure> {
    match whole {
        Whole::Database(manifest) => {
            let target = target(config)?;
            let restore = backups.restore(manifest, &target, into);
            let restored = Blocking::new()?.wait(restore)?;
            Ok((manifest.name.clone(), manifest.taken, restored))
        }
        Whole::Base(base) => Err(Failure::Usage(format!(
            "{} is of a whole server: `backfill backup recover --base {} --into FOLDER` leads to it or any instant after it",
            base.name, base.name
        ))),
        Whole::Files(snapshot) => {
            let into = into.ok_or_else(|| {
                Failure::Usage("name a new folder with --into; move what is in it to its place when you have looked at it".to_owned())
            })?;
            backups.restore_files(snapshot, into.as_ref())?;
            let restored = Restored {
                to: into.to_owned(),
                aside: None,
            };
            Ok((snapshot.name.clone(), snapshot.taken, restored))
        }
    }
}

fn text(name: &BackupName, taken: Timestamp, restored: &Restored) -> String {
    let mut text = format!(
        "restored    {name} of {taken}\nto          {}\n",
        restored.to
    );
    if let Some(aside) = &restored.aside {
        text.push_str(&format!("the one before is kept as {aside}\n"));
    }
    text
}
