//! A `PostgreSQL` server of the test's own: made in a scratch folder, stopped and removed with the value.
//!
//! It listens on 127.0.0.1 only, with a password. A server refuses to run as root; then it runs as the system's user
//! `postgres`. It can be killed, frozen and started again, as real ones are.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::certificates::Identity;

/// Where Debian keeps the programs, by version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The password of [`PostgresServer::USER`].
const PASSWORD: &str = "scratch server password";

/// A running server.
#[derive(Debug)]
pub struct PostgresServer {
    folder: PathBuf,
    tools: PathBuf,
    port: u16,
}

impl PostgresServer {
    /// Its superuser.
    pub const USER: &str = "trader";
    /// Its database.
    pub const DATABASE: &str = "trader";

    /// Makes and starts one, in a folder of its own in the system's folder for temporary files.
    ///
    /// # Errors
    /// A message that says what is missing or failed.
    pub fn start() -> Result<Self, String> {
        let tools = tools().ok_or_else(|| {
            format!("no PostgreSQL server in {DEBIAN} or the path: cargo xtask setup installs it")
        })?;
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let server = Self {
            folder: std::env::temp_dir()
                .join(format!("trader-postgres-{}-{port}", std::process::id())),
            tools,
            port,
        };
        server.create()?;
        server.resume_from_stop()?;
        server.psql("postgres", &format!("CREATE DATABASE {}", Self::DATABASE))?;
        Ok(server)
    }

    /// Starts what was restored into the folder `data` below a folder beside its own data; see
    /// [`PostgresServer::beside`].
    ///
    /// # Errors
    /// When it does not start; its log is part of the message.
    pub fn of_restored(&self, folder: &str) -> Result<Self, String> {
        let port = free_port().map_err(|error| format!("no free port: {error}"))?;
        let server = Self {
            folder: self.beside(folder),
            tools: self.tools.clone(),
            port,
        };
        server.resume_from_stop()?;
        Ok(server)
    }

    /// A path beside its data, in a folder that its user may write.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Changes settings, and starts it again with them.
    ///
    /// # Errors
    /// What the server says.
    pub fn configure(&self, settings: &[(&str, &str)]) -> Result<(), String> {
        for (name, value) in settings {
            let value = value.replace('\'', "''");
            self.psql("postgres", &format!("ALTER SYSTEM SET {name} = '{value}'"))?;
        }
        self.stop()?;
        self.resume_from_stop()
    }

    /// Lets it show a certificate, and starts it again; who connects may encrypt from then on.
    ///
    /// # Errors
    /// What cannot be written, or the server says.
    pub fn show(&self, identity: &Identity) -> Result<(), String> {
        let files = [
            (self.data().join("server.crt"), &identity.certificate),
            (self.data().join("server.key"), &identity.key),
        ];
        for (path, content) in files {
            let failed = |error: io::Error| format!("{}: {error}", path.display());
            fs::write(&path, content).map_err(failed)?;
            let private = fs::Permissions::from_mode(0o600);
            fs::set_permissions(&path, private).map_err(failed)?;
            if is_root() {
                finished(Command::new("chown").arg("postgres").arg(&path))?;
            }
        }
        self.configure(&[("ssl", "on")])
    }

    /// Its TCP port on 127.0.0.1.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The password of [`PostgresServer::USER`].
    pub const fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The folder with `pg_dump` and its like.
    pub fn tools(&self) -> &Path {
        &self.tools
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Ends it at once, as a crash would.
    ///
    /// # Errors
    /// When it was not running.
    pub fn kill(&self) -> Result<(), String> {
        self.control(&["stop", "--mode=immediate", "--silent"])
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// When it was not running.
    pub fn stop(&self) -> Result<(), String> {
        self.control(&["stop", "--mode=fast", "--silent"])
    }

    /// Starts it again, on the same port with the same data.
    ///
    /// # Errors
    /// When it does not start; its log is part of the message.
    pub fn resume_from_stop(&self) -> Result<(), String> {
        let log = self.folder.join("log");
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories='' -c max_connections=40 \
             -c shared_buffers=16MB -c fsync=off",
            self.port
        );
        self.control(&[
            "start",
            "--wait",
            "--silent",
            &format!("--log={}", log.display()),
            &format!("--options={options}"),
        ])
        .map_err(|error| {
            let log = fs::read_to_string(log).unwrap_or_default();
            format!("{error}\n{log}")
        })
    }

    /// Stops every process of the server in its tracks: connections stay open and nothing answers.
    ///
    /// # Errors
    /// When a process is gone.
    pub fn freeze(&self) -> Result<(), String> {
        self.signal("-STOP")
    }

    /// Lets a frozen server go on.
    ///
    /// # Errors
    /// When a process is gone.
    pub fn thaw(&self) -> Result<(), String> {
        self.signal("-CONT")
    }

    /// Runs a statement as superuser and gives what it prints.
    ///
    /// # Errors
    /// What the server says.
    pub fn psql(&self, database: &str, statement: &str) -> Result<String, String> {
        let mut command = Command::new(self.tools.join("psql"));
        command
            .args([
                "-X",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                "127.0.0.1",
                "-p",
            ])
            .arg(self.port.to_string())
            .args(["-U", Self::USER, "-d", database, "-c", statement])
            .env("PGPASSWORD", PASSWORD);
        let output = finished(&mut command)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn create(&self) -> Result<(), String> {
        let failed = |error: io::Error| format!("{}: {error}", self.folder.display());
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let password = self.folder.join("password");
        fs::write(&password, PASSWORD).map_err(failed)?;
        if is_root() {
            finished(
                Command::new("chown")
                    .args(["-R", "postgres"])
                    .arg(&self.folder),
            )?;
        }
        let mut command = self.as_server("initdb");
        command
            .arg("--pgdata")
            .arg(self.data())
            .args([
                "--username",
                Self::USER,
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                // Segments of the log of 1 MiB: those who archive them have less to do.
                "--wal-segsize=1",
            ])
            .args(["--locale=C", "--no-sync", "--pwfile"])
            .arg(&password);
        finished(&mut command).map(drop)
    }

    fn control(&self, arguments: &[&str]) -> Result<(), String> {
        let mut command = self.as_server("pg_ctl");
        command.arg("--pgdata").arg(self.data()).args(arguments);
        // A server that inherits a pipe would keep it open.
        let output = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| format!("pg_ctl: {error}"))?;
        if output.success() {
            Ok(())
        } else {
            Err(format!("pg_ctl {}: {output}", arguments.join(" ")))
        }
    }

    /// One of its programs, as the user that may run the server.
    fn as_server(&self, program: &str) -> Command {
        self.as_its_user(&self.tools.join(program))
    }

    /// A program, run in its folder as the user that may run the server.
    pub fn as_its_user(&self, path: &Path) -> Command {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args([
                    "--reuid=postgres",
                    "--regid=postgres",
                    "--clear-groups",
                    "--",
                ])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir(&self.folder);
        command
    }

    fn signal(&self, signal: &str) -> Result<(), String> {
        let file = self.data().join("postmaster.pid");
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let main = text.lines().next().unwrap_or_default().trim().to_owned();
        let mut all = vec![main.clone()];
        // Children first known to the system: `/proc/PID/task/PID/children`.
        let children = fs::read_to_string(format!("/proc/{main}/task/{main}/children"));
        all.extend(
            children
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned),
        );
        finished(Command::new("kill").arg(signal).args(&all)).map(drop)
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // A frozen server does not end, one that was killed cannot be stopped: both are fine.
        drop(self.thaw());
        drop(self.kill());
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// The newest version's programs.
fn tools() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("initdb").is_file())
    };
    versions
        .pop()
        .map(|(_, folder)| folder)
        .filter(|folder| folder.join("initdb").is_file())
        .or_else(in_path)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

fn finished(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().to_owned();
    let shown = |name: &OsStr| name.to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{}: {error}", shown(&name)))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{}: {}: {said}", shown(&name), output.status))
}
