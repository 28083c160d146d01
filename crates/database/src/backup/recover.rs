//! Recovery to an instant: a base backup, led by the archived log to any moment after it, in a new folder of data.
//!
//! The server that works, if one still does, is not touched. Everything needed is checked before the restored server is
//! started: each segment is there, is the one its name tells, and is of this server. It replays its log, every table
//! is read, and it is stopped again: what remains is a folder of data to start a server on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sqlx::Connection as _;
use trader_domain::{Clock, Timestamp};

use super::base::{Base, refused, remove_folder, rows};
use super::cluster::{Cluster, new_folder};
use super::wal::Segment;
use super::{BackupError, BackupName, Backups, file_error};
use crate::settings::Server;

/// What the restored server must not do with the archive of the one it is a copy of.
const SETTINGS: &str = "\n# Restored: it must not archive its log among that of the server it is a copy of.\narchive_mode = 'off'\n";

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Transactions up to this instant; all that are archived when there is none.
    pub to: Option<Timestamp>,
    /// From this base backup; the newest that fits when none is named.
    pub base: Option<BackupName>,
    /// New folder of data.
    pub into: PathBuf,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// From which base backup.
    pub base: BackupName,
    /// The folder of data.
    pub folder: String,
    /// The instant that was asked for.
    pub to: Option<Timestamp>,
    /// When the last transaction was committed that is in it; none when none was after the base backup.
    pub last_transaction: Option<Timestamp>,
    /// Segments that came from the archive.
    pub segments: u64,
    /// The last of them.
    pub last_segment: Option<String>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Milliseconds that it took: the recovery time (RTO).
    pub took_ms: u64,
}

/// The segments that lead on from a base backup.
struct Way {
    /// In order, without a gap.
    archived: Vec<Segment>,
    /// The first that is missing, and the first after it that is there.
    gap: Option<(Segment, Segment)>,
    /// Histories of timelines.
    histories: Vec<String>,
}

impl Backups {
    /// Restores a server into a new folder of data and leads it to an instant. A failure leaves no folder.
    ///
    /// # Errors
    /// [`BackupError::MissingSegment`] when the archive has a gap before the instant, [`BackupError::Refused`] when no
    /// base backup is before it, [`BackupError::Program`] when the archive ends before it; [`BackupError`].
    pub async fn recover(
        &self,
        server: &Server,
        wanted: &Wanted,
        clock: &dyn Clock,
    ) -> Result<Recovered, BackupError> {
        let begun = clock.now();
        let base = self.chosen_base(wanted)?;
        self.is_base_whole(&base)?;
        new_folder(&wanted.into)?;
        match self.led(server, wanted, &base).await {
            Ok(mut recovered) => {
                let took = clock.now().nanos_since(begun) / 1_000_000;
                recovered.took_ms = u64::try_from(took).unwrap_or(0);
                Ok(recovered)
            }
            Err(error) => {
                remove_folder(&wanted.into)?;
                Err(error)
            }
        }
    }

    fn chosen_base(&self, wanted: &Wanted) -> Result<Base, BackupError> {
        let fits = |base: &Base| {
            base.proven
                && wanted.to.is_none_or(|to| base.finished <= to)
                && wanted.base.as_ref().is_none_or(|name| base.name == *name)
        };
        let all = self.bases()?;
        if let Some(base) = all.iter().find(|base| fits(base)) {
            return Ok(base.clone());
        }
        let oldest = all
            .iter()
            .filter(|base| base.proven)
            .map(|base| base.finished)
            .min();
        let known = oldest.map_or_else(
            || "there is none".to_owned(),
            |oldest| format!("the first one ended at {oldest}"),
        );
        Err(BackupError::Refused(format!(
            "no proven base backup leads to that instant; {known} (`backfill backup list`)"
        )))
    }

    async fn led(
        &self,
        server: &Server,
        wanted: &Wanted,
        base: &Base,
    ) -> Result<Recovered, BackupError> {
        let folder = &wanted.into;
        self.unpack_base(&base.name, folder)?;
        let way = self.way(base, &folder.join("pg_wal"))?;
        if let (None, Some(gap)) = (wanted.to, way.gap) {
            return Err(missing(base, gap));
        }
        self.lay(base, &way, folder)?;
        let mut cluster = Cluster::start(self, folder, &replay(wanted, base))?;
        let connected = cluster.connect(server).await;
        let mut connection = connected.map_err(|error| explained(error, base, &way))?;
        let (last,): (Option<i64>,) = sqlx::query_as(
            "SELECT (extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000000)::bigint",
        )
        .fetch_one(&mut connection)
        .await
        .map_err(refused)?;
        connection.close().await.map_err(refused)?;
        let rows = rows(&mut cluster, server).await?;
        cluster.stop()?;
        Ok(Recovered {
            base: base.name.clone(),
            folder: folder.display().to_string(),
            to: wanted.to,
            last_transaction: last
                .map(|micros| Timestamp::from_nanos(micros.saturating_mul(1_000))),
            segments: way.archived.len() as u64,
            last_segment: way
                .archived
                .last()
                .map(|last| last.name(base.segment_bytes)),
            rows,
            took_ms: 0,
        })
    }

    /// What the archive has after a base backup, of its timeline.
    fn way(&self, base: &Base, own: &Path) -> Result<Way, BackupError> {
        let bytes = base.segment_bytes;
        let broken = || BackupError::Manifest {
            file: base.name.to_string(),
            detail: format!("`{}` is no segment", base.first_segment),
        };
        let first = Segment::parse(&base.first_segment, bytes).ok_or_else(broken)?;
        let names = self.wal_names()?;
        let archived: BTreeSet<Segment> = names
            .iter()
            .filter_map(|name| Segment::parse(name, bytes))
            .filter(|segment| segment.timeline == base.timeline && *segment >= first)
            .collect();
        let mut way = Way {
            archived: Vec::new(),
            gap: None,
            histories: names
                .into_iter()
                .filter(|name| name.ends_with(".history"))
                .collect(),
        };
        let mut next = first;
        loop {
            if archived.contains(&next) {
                way.archived.push(next);
            } else if !own.join(next.name(bytes)).exists() {
                break;
            }
            next = next.next();
        }
        way.gap = archived.range(next..).next().map(|after| (next, *after));
        Ok(way)
    }

    /// Puts the log where the restored server looks for it; each segment is checked.
    fn lay(&self, base: &Base, way: &Way, folder: &Path) -> Result<(), BackupError> {
        let log = folder.join("pg_wal");
        for segment in &way.archived {
            let name = segment.name(base.segment_bytes);
            let path = log.join(&name);
            self.open_wal(&name, &path)?;
            self.check_segment(&path, *segment, base.segment_bytes, &base.system)?;
        }
        for name in &way.histories {
            self.open_wal(name, &log.join(name))?;
        }
        let settings = folder.join("postgresql.auto.conf");
        let appended = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&settings)
            .and_then(|mut file| file.write_all(SETTINGS.as_bytes()));
        appended.map_err(|error| file_error(&settings, "writing", error))?;
        let signal = folder.join("recovery.signal");
        fs::write(&signal, "").map_err(|error| file_error(&signal, "writing", error))
    }
}

/// The settings of the replay. The log lies in the folder already, so there is nothing to be fetched.
fn replay(wanted: &Wanted, base: &Base) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("restore_command", "false".to_owned()),
        ("recovery_target_timeline", base.timeline.to_string()),
        ("recovery_target_action", "promote".to_owned()),
    ];
    if let Some(to) = wanted.to {
        let text = to.to_datetime().format("%Y-%m-%d %H:%M:%S%.6f+00");
        settings.push(("recovery_target_time", text.to_string()));
    }
    settings
}

fn missing(base: &Base, (missing, after): (Segment, Segment)) -> BackupError {
    BackupError::MissingSegment {
        segment: missing.name(base.segment_bytes),
        after: after.name(base.segment_bytes),
    }
}

/// A replay that ended too early did so because of the gap, where there is one.
fn explained(error: BackupError, base: &Base, way: &Way) -> BackupError {
    match (&error, way.gap) {
        (BackupError::Program { detail, .. }, Some(gap))
            if detail.contains("recovery ended before configured recovery target") =>
        {
            missing(base, gap)
        }
        (BackupError::Program { program, detail }, None)
            if detail.contains("recovery ended before configured recovery target") =>
        {
            BackupError::Program {
                program,
                detail: format!(
                    "the archive holds no transaction after that instant, so that it is not known whether it is whole up \
                     to it: leave --to out for all that is archived ({detail})"
                ),
            }
        }
        _ => error,
    }
}
