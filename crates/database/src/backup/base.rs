//! Base backups: a copy of a whole server, from which its archived log leads to any later instant.
//!
//! `pg_basebackup` writes it as one stream that is sealed as it comes, with the log it needs to be consistent. It is
//! proven by a restore: every file against the server's own manifest, then a start, then a reading of every table.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::Connection as _;
use trader_domain::{Clock, Timestamp};

use super::cluster::{Cluster, new_folder, program};
use super::postgres::{connect, drain, ended, start, tool};
use super::wal::{Segment, position};
use super::{
    BackupError, BackupName, Backups, Keep, digest, file_error, read_json, seal, total, write_json,
};
use crate::error::DatabaseError;
use crate::migration::contents_postgres;
use crate::settings::Server;

/// Version of manifests.
const FORMAT: u32 = 1;

/// What a base backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Version of the format.
    format: u32,
    /// Its name.
    pub name: BackupName,
    /// The server's clock when it was begun.
    pub started: Timestamp,
    /// The server's clock when it ended: the first instant that it can be led to.
    pub finished: Timestamp,
    /// Bytes of the sealed file.
    pub bytes: u64,
    /// SHA-256 of the sealed file.
    pub sha256: String,
    /// Version of the server: 150004 is 15.4.
    pub server_version: u32,
    /// The number that the server got when it was set up.
    pub system: String,
    /// Bytes of a segment of its log.
    pub segment_bytes: u64,
    /// Life of the server that it is of.
    pub timeline: u32,
    /// The first segment that is needed.
    pub first_segment: String,
    /// How long the restore took that proved it.
    pub restored_in_ms: u64,
    /// Rows of each table that the restore gave.
    pub rows: std::collections::BTreeMap<String, u64>,
    /// Whether a restore was whole.
    pub proven: bool,
}

impl Base {
    /// Rows of all tables.
    pub fn total_rows(&self) -> u64 {
        total(self.rows.values().copied())
    }
}

/// How far behind the archive of the log is: what a loss of the server now would lose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lag {
    /// The last segment that the server handed over.
    pub last_segment: Option<String>,
    /// Seconds since then.
    pub seconds: Option<u64>,
    /// Attempts that failed since the server was started.
    pub failed: u64,
    /// Seconds after which the server hands over a segment that is not full; 0 is never.
    pub archive_timeout: u64,
}

/// What a server says about itself.
struct Facts {
    version: u32,
    system: String,
    segment_bytes: u64,
}

/// The part of the server's manifest that is needed.
#[derive(Deserialize)]
struct ServerManifest {
    #[serde(rename = "WAL-Ranges")]
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "Timeline")]
    timeline: u32,
    #[serde(rename = "Start-LSN")]
    start: String,
}

impl Backups {
    /// Takes a base backup of a server that archives its log, and proves it; removes proven ones that `keep`
    /// does not name, and the segments that only they needed.
    ///
    /// # Errors
    /// [`BackupError::Refused`] when the server does not archive; [`BackupError`].
    pub async fn run_base(
        &self,
        server: &Server,
        keep: Keep,
        clock: &dyn Clock,
    ) -> Result<Base, BackupError> {
        let (facts, started) = facts(server).await?;
        let name = BackupName::of_base(started);
        let folder = self.base_folder();
        fs::create_dir_all(&folder)
            .map_err(|error| file_error(&folder, "making the folder", error))?;
        let outcome = self.take_base(server, facts, (&name, started), clock).await;
        if outcome.is_err() {
            // Without a manifest nobody would ever remove it; why there is no backup is worth more than that it stays.
            drop(fs::remove_file(self.base_file(&name)));
        }
        let base = outcome?;
        self.remove_old_bases(keep)?;
        Ok(base)
    }

    async fn take_base(
        &self,
        server: &Server,
        facts: Facts,
        (name, started): (&BackupName, Timestamp),
        clock: &dyn Clock,
    ) -> Result<Base, BackupError> {
        let path = self.base_file(name);
        let mut copier = tool(self, "pg_basebackup", server, &server.name);
        copier
            .args([
                "--pgdata=-",
                "--format=tar",
                "--wal-method=fetch",
                "--checkpoint=fast",
                "--manifest-checksums=SHA256",
                "--no-password",
            ])
            .arg(format!("--label={name}"))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped());
        drain(
            self,
            "pg_basebackup",
            start("pg_basebackup", &mut copier)?,
            &path,
        )?;
        let finished = server_time(server).await?;
        let (bytes, sha256) = digest(&path)?;
        let mut base = Base {
            format: FORMAT,
            name: name.clone(),
            started,
            finished,
            bytes,
            sha256,
            server_version: facts.version,
            system: facts.system,
            segment_bytes: facts.segment_bytes,
            timeline: 0,
            first_segment: String::new(),
            restored_in_ms: 0,
            rows: std::collections::BTreeMap::new(),
            proven: false,
        };
        self.prove_base(&mut base, server, clock).await?;
        write_json(&self.base_manifest(&base.name), &base)?;
        Ok(base)
    }

    /// Restores into a scratch folder, starts it, reads every table; what was restored is removed again.
    async fn prove_base(
        &self,
        base: &mut Base,
        server: &Server,
        clock: &dyn Clock,
    ) -> Result<(), BackupError> {
        let root = fs::canonicalize(&self.folder)
            .map_err(|error| file_error(&self.folder, "finding", error))?;
        let scratch = root.join(".proof");
        remove_folder(&scratch)?;
        new_folder(&scratch)?;
        let begun = clock.now();
        let outcome = self.proven_in(&scratch, base, server).await;
        remove_folder(&scratch)?;
        outcome?;
        let took = clock.now().nanos_since(begun) / 1_000_000;
        base.restored_in_ms = u64::try_from(took).unwrap_or(0);
        base.proven = true;
        Ok(())
    }

    async fn proven_in(
        &self,
        scratch: &Path,
        base: &mut Base,
        server: &Server,
    ) -> Result<(), BackupError> {
        self.unpack_base(&base.name, scratch)?;
        self.check_unpacked(scratch)?;
        let first = first_segment(scratch, base.segment_bytes)?;
        base.timeline = first.timeline;
        base.first_segment = first.name(base.segment_bytes);
        let mut cluster = Cluster::start(self, scratch, &[])?;
        base.rows = rows(&mut cluster, server).await?;
        cluster.stop()
    }

    /// Opens a base backup once more: the sealed file against its manifest, then every file in it against the checksums
    /// that the server wrote, and the log that it needs (`pg_verifybackup`). No server is started, so that it can be
    /// done anywhere; what is unpacked is removed again.
    ///
    /// # Errors
    /// [`BackupError::Differs`], [`BackupError::File`] when the file is damaged, [`BackupError::Program`] when what is in
    /// it is.
    pub fn verify_base(&self, base: &Base) -> Result<(), BackupError> {
        self.is_base_whole(base)?;
        let scratch = self.scratch(&base.name, "verify");
        remove_folder(&scratch)?;
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&scratch)
            .map_err(|error| file_error(&scratch, "making the folder", error))?;
        let outcome = self
            .unpack_base(&base.name, &scratch)
            .and_then(|()| self.check_unpacked(&scratch));
        remove_folder(&scratch)?;
        outcome
    }

    fn check_unpacked(&self, folder: &Path) -> Result<(), BackupError> {
        let mut check = program(self.tools.as_deref(), "pg_verifybackup");
        check
            .arg("--quiet")
            .arg(folder)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped());
        ended("pg_verifybackup", start("pg_verifybackup", &mut check)?)
    }

    pub(super) fn unpack_base(&self, name: &BackupName, to: &Path) -> Result<(), BackupError> {
        let path = self.base_file(name);
        let failed = |error| file_error(&path, "opening the base backup", error);
        let file = fs::File::open(&path).map_err(failed)?;
        seal::open_with(std::io::BufReader::new(file), &self.key, &mut |plain| {
            let mut archive = tar::Archive::new(plain);
            archive.set_preserve_permissions(true);
            archive.unpack(to)
        })
        .map_err(failed)
    }

    /// Every base backup, newest first.
    ///
    /// # Errors
    /// [`BackupError::Manifest`] for one that cannot be read.
    pub fn bases(&self) -> Result<Vec<Base>, BackupError> {
        let mut found = Vec::new();
        for path in super::files_in(&self.base_folder(), "json")? {
            let base: Base = read_json(&path)?;
            if base.format != FORMAT || path != self.base_manifest(&base.name) {
                return Err(BackupError::Manifest {
                    file: path.display().to_string(),
                    detail: format!("format {} of {}, or its name", base.format, base.name),
                });
            }
            found.push(base);
        }
        found.sort_by(|one, other| other.name.cmp(&one.name));
        Ok(found)
    }

    /// Compares the file of a base backup with its manifest.
    pub(super) fn is_base_whole(&self, base: &Base) -> Result<(), BackupError> {
        let (bytes, sha256) = digest(&self.base_file(&base.name))?;
        if (bytes, &sha256) == (base.bytes, &base.sha256) {
            return Ok(());
        }
        Err(BackupError::Differs {
            name: base.name.clone(),
            detail: "the file is not the one that was written".to_owned(),
        })
    }

    fn remove_old_bases(&self, keep: Keep) -> Result<(), BackupError> {
        let mut proven = self.bases()?;
        proven.retain(|base| base.proven);
        let taken: Vec<Timestamp> = proven.iter().map(|base| base.started).collect();
        let stays = keep.kept(&taken);
        let (mut kept, mut old) = (Vec::new(), Vec::new());
        for (index, base) in proven.iter().enumerate() {
            if stays.contains(&index) {
                kept.push(base);
            } else {
                old.push(base);
            }
        }
        for base in old {
            for path in [self.base_manifest(&base.name), self.base_file(&base.name)] {
                fs::remove_file(&path).map_err(|error| file_error(&path, "removing", error))?;
            }
        }
        let oldest = kept
            .into_iter()
            .filter_map(|base| {
                let first = Segment::parse(&base.first_segment, base.segment_bytes)?;
                Some((first, base.segment_bytes))
            })
            .min_by_key(|(first, _)| first.number);
        if let Some((first, bytes)) = oldest {
            self.remove_wal_before(first, bytes)?;
        }
        Ok(())
    }

    fn base_folder(&self) -> PathBuf {
        self.folder.join("base")
    }

    fn base_file(&self, name: &BackupName) -> PathBuf {
        self.base_folder().join(format!("{name}.backup"))
    }

    fn base_manifest(&self, name: &BackupName) -> PathBuf {
        self.base_folder().join(format!("{name}.json"))
    }
}

/// Rows of every table of the configured database, each read to its end.
pub(super) async fn rows(
    cluster: &mut Cluster,
    server: &Server,
) -> Result<std::collections::BTreeMap<String, u64>, BackupError> {
    let mut connection = cluster.connect(server).await?;
    let contents = contents_postgres(&mut connection, None)
        .await
        .map_err(refused)?;
    connection.close().await.map_err(refused)?;
    Ok(contents
        .into_iter()
        .map(|(table, content)| (table, content.rows))
        .collect())
}

/// How far behind a server's archive is.
///
/// # Errors
/// [`BackupError::Database`] when the server does not tell.
pub async fn archive_lag(server: &Server) -> Result<Lag, BackupError> {
    let mut connection = connect(server, &server.name).await?;
    let row: (Option<String>, Option<i64>, i64, i64) = sqlx::query_as(
        "SELECT last_archived_wal, extract(epoch FROM clock_timestamp() - last_archived_time)::bigint, failed_count, \
         (SELECT setting::bigint FROM pg_settings WHERE name = 'archive_timeout') FROM pg_stat_archiver",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(refused)?;
    connection.close().await.map_err(refused)?;
    let (last_segment, seconds, failed, timeout) = row;
    Ok(Lag {
        last_segment,
        seconds: seconds.and_then(|seconds| u64::try_from(seconds).ok()),
        failed: u64::try_from(failed).unwrap_or(0),
        archive_timeout: u64::try_from(timeout).unwrap_or(0),
    })
}

async fn facts(server: &Server) -> Result<(Facts, Timestamp), BackupError> {
    let mut connection = connect(server, &server.name).await?;
    let (mode, version, system, segment): (String, String, String, i64) = sqlx::query_as(
        "SELECT current_setting('archive_mode'), current_setting('server_version_num'), system_identifier::text, \
         (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') FROM pg_control_system()",
    )
    .fetch_one(&mut connection)
    .await
    .map_err(refused)?;
    connection.close().await.map_err(refused)?;
    if mode == "off" {
        return Err(BackupError::Refused(
            "the server archives no log, so that a base backup would lead to no other instant: set archive_mode = on and \
             archive_command = 'backfill backup wal %p', and start it again"
                .to_owned(),
        ));
    }
    let known = version.parse().ok().zip(u64::try_from(segment).ok());
    let (version, segment_bytes) = known.ok_or_else(|| DatabaseError::Content {
        table: "pg_settings",
        detail: format!("server_version_num is {version}, wal_segment_size {segment}"),
    })?;
    let facts = Facts {
        version,
        system,
        segment_bytes,
    };
    Ok((facts, server_time(server).await?))
}

/// The server's clock, by which its transactions are dated.
async fn server_time(server: &Server) -> Result<Timestamp, BackupError> {
    let mut connection = connect(server, &server.name).await?;
    let (micros,): (i64,) =
        sqlx::query_as("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .fetch_one(&mut connection)
            .await
            .map_err(refused)?;
    connection.close().await.map_err(refused)?;
    Ok(Timestamp::from_nanos(micros.saturating_mul(1_000)))
}

/// The first segment that a base backup needs, as its own manifest tells.
fn first_segment(folder: &Path, bytes: u64) -> Result<Segment, BackupError> {
    let path = folder.join("backup_manifest");
    let manifest: ServerManifest = read_json(&path)?;
    let first = manifest
        .ranges
        .first()
        .and_then(|range| Segment::holding(range.timeline, position(&range.start)?, bytes));
    first.ok_or_else(|| BackupError::Manifest {
        file: path.display().to_string(),
        detail: "names no range of the log".to_owned(),
    })
}

pub(super) fn remove_folder(folder: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(file_error(folder, "removing", error))
        }
        _ => Ok(()),
    }
}

pub(super) fn refused(source: sqlx::Error) -> BackupError {
    DatabaseError::Refused {
        operation: "look at the server",
        source,
    }
    .into()
}
