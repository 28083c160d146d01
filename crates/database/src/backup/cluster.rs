//! A restored server, started for as long as it takes to replay its log and to look at it.
//!
//! Nobody else reaches it: it listens on a socket in its own folder only, whatever its configuration says, and it
//! archives nothing.

use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, PgConnection};

use super::postgres::{ended, start};
use super::{BackupError, Backups, file_error};
use crate::error::{DatabaseError, Meaning, meaning};
use crate::settings::Server;

/// Pause between two looks whether it takes connections.
const PAUSE: Duration = Duration::from_millis(50);
/// Room that the name of a socket leaves for its folder.
const LONGEST_FOLDER: usize = 90;
/// Who may connect while it is looked at: whoever can enter the folder, which is its owner's.
const ACCESS: &str = ".restore_hba.conf";
/// What the server says meanwhile.
const LOG: &str = ".restore.log";

/// Makes a folder that only its owner enters; refuses one that is there.
pub(super) fn new_folder(folder: &Path) -> Result<(), BackupError> {
    let is_plain = folder.to_str().is_some_and(|text| {
        text.starts_with('/')
            && text.len() <= LONGEST_FOLDER
            && text.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_')
            })
    });
    if !is_plain {
        return Err(BackupError::Refused(format!(
            "{}: the folder of a restored server is an absolute path of up to {LONGEST_FOLDER} letters, digits, /, ., - \
             and _ (its socket is in it)",
            folder.display()
        )));
    }
    if folder.exists() {
        return Err(BackupError::Refused(format!(
            "{}: is there already; name a new folder",
            folder.display()
        )));
    }
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder);
    made.map_err(|error| file_error(folder, "making the folder", error))
}

/// A running one.
pub(super) struct Cluster {
    child: Child,
    folder: PathBuf,
    tools: Option<PathBuf>,
}

impl Cluster {
    /// Starts what is in a folder, with these settings on top.
    pub(super) fn start(
        backups: &Backups,
        folder: &Path,
        settings: &[(&str, String)],
    ) -> Result<Self, BackupError> {
        let own = folder.join("postgresql.conf");
        if !own.exists() {
            let note = "# Restored without the server's own configuration, which was outside its folder of data.\n";
            fs::write(&own, note).map_err(|error| file_error(&own, "writing", error))?;
        }
        let access = folder.join(ACCESS);
        fs::write(&access, "local all all trust\n")
            .map_err(|error| file_error(&access, "writing", error))?;
        let log = folder.join(LOG);
        let output = File::create(&log).map_err(|error| file_error(&log, "writing", error))?;
        let shown = folder.display();
        let fixed = [
            ("data_directory", shown.to_string()),
            ("hba_file", access.display().to_string()),
            ("unix_socket_directories", shown.to_string()),
            ("listen_addresses", String::new()),
            ("port", "5432".to_owned()),
            ("ssl", "off".to_owned()),
            ("archive_mode", "off".to_owned()),
            ("hot_standby", "off".to_owned()),
            ("logging_collector", "off".to_owned()),
            ("log_destination", "stderr".to_owned()),
            ("external_pid_file", String::new()),
        ];
        let mut command = program(backups.tools.as_deref(), "postgres");
        command.arg("-D").arg(folder);
        for (name, value) in fixed.iter().chain(settings.iter()) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output);
        Ok(Self {
            child: start("postgres", &mut command)?,
            folder: folder.to_owned(),
            tools: backups.tools.clone(),
        })
    }

    /// Waits until it has replayed its log and takes connections. There is no deadline: a log may be long.
    pub(super) async fn connect(&mut self, server: &Server) -> Result<PgConnection, BackupError> {
        let options = PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .port(5432)
            .username(&server.user)
            .database(&server.name)
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        loop {
            let ended = self.child.try_wait();
            let ended = ended.map_err(|error| self.failed(&error.to_string()))?;
            if let Some(status) = ended {
                return Err(self.failed(&status.to_string()));
            }
            match options.connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) if meaning(&error) == Meaning::Unavailable => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(source) => {
                    return Err(DatabaseError::Refused {
                        operation: "connect to the restored server",
                        source,
                    }
                    .into());
                }
            }
        }
    }

    /// Ends it in order and removes what was there for the look only.
    pub(super) fn stop(mut self) -> Result<(), BackupError> {
        let mut command = self.control("--mode=fast");
        ended("pg_ctl", start("pg_ctl", &mut command)?)?;
        let status = self.child.wait();
        status.map_err(|error| self.failed(&error.to_string()))?;
        for name in [ACCESS, LOG] {
            let path = self.folder.join(name);
            fs::remove_file(&path).map_err(|error| file_error(&path, "removing", error))?;
        }
        Ok(())
    }

    fn control(&self, mode: &str) -> Command {
        let mut command = program(self.tools.as_deref(), "pg_ctl");
        command
            .args(["stop", mode, "--wait", "--silent", "--timeout=86400"])
            .arg("--pgdata")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Why it ended: what it said last, as far as it matters.
    fn failed(&self, status: &str) -> BackupError {
        let log = fs::read(self.folder.join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let grave = |line: &&str| {
            ["FATAL", "PANIC", "root"]
                .iter()
                .any(|word| line.contains(word))
        };
        let mut said: Vec<&str> = log.lines().rev().filter(grave).take(3).collect();
        if said.is_empty() {
            said = log.lines().rev().take(3).collect();
        }
        said.reverse();
        BackupError::Program {
            program: "postgres",
            detail: format!("{status}: {}", said.join("; ")),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // After an error. All its processes must be gone before the folder is; an end that fails leaves the error.
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.control("--mode=immediate").output());
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// One of the server's programs, without our own environment.
pub(super) fn program(tools: Option<&Path>, name: &str) -> Command {
    let mut command = match tools {
        Some(folder) => Command::new(folder.join(name)),
        None => Command::new(name),
    };
    let path = std::env::var_os("PATH");
    command.env_clear();
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command
}
