//! A real Redis server on a free port, with nothing kept on disk, that a test can kill, freeze and start again.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::certificates::Identity;

/// How often a server that starts is asked whether it is there.
const ATTEMPTS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(25);

/// A running server; ended when dropped.
#[derive(Debug)]
pub struct RedisServer {
    child: Child,
    port: u16,
    password: Option<String>,
    /// Its certificate and key, where it takes encrypted connections only.
    tls: Option<PathBuf>,
}

impl RedisServer {
    /// Starts a server; `None` when the machine has no `redis-server` (`cargo xtask setup` installs it).
    ///
    /// # Errors
    /// Why it does not start or does not answer.
    pub fn start(password: Option<&str>) -> io::Result<Option<Self>> {
        Self::started(password, None)
    }

    /// As [`Self::start`], taking encrypted connections only.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_encrypted(
        password: Option<&str>,
        identity: &Identity,
    ) -> io::Result<Option<Self>> {
        Self::started(password, Some(identity))
    }

    fn started(password: Option<&str>, identity: Option<&Identity>) -> io::Result<Option<Self>> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let tls = match identity {
            None => None,
            Some(identity) => {
                let folder = std::env::temp_dir()
                    .join(format!("trader-redis-{}-{port}", std::process::id()));
                fs::create_dir_all(&folder)?;
                fs::write(folder.join("server.crt"), &identity.certificate)?;
                fs::write(folder.join("server.key"), &identity.key)?;
                Some(folder)
            }
        };
        let child = match spawn(port, password, tls.as_deref()) {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let server = Self {
            child,
            port,
            password: password.map(str::to_owned),
            tls,
        };
        server.answers()?;
        Ok(Some(server))
    }

    /// Its port on this machine.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once; what it held is lost.
    ///
    /// # Errors
    /// The system's reason.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Starts it again, empty, at the same port.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> io::Result<()> {
        self.child = spawn(self.port, self.password.as_deref(), self.tls.as_deref())?;
        self.answers()
    }

    /// Stops it without ending it: connections are accepted by the system and never answered.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn freeze(&self) -> io::Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When the signal cannot be sent.
    pub fn thaw(&self) -> io::Result<()> {
        self.signal("-CONT")
    }

    fn signal(&self, signal: &str) -> io::Result<()> {
        let status = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("kill {signal} failed")))
        }
    }

    fn answers(&self) -> io::Result<()> {
        for _ in 0..ATTEMPTS {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return Ok(());
            }
            thread::sleep(PAUSE);
        }
        Err(io::Error::other("redis-server does not answer"))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have been killed already.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(folder) = &self.tls {
            drop(fs::remove_dir_all(folder));
        }
    }
}

fn spawn(port: u16, password: Option<&str>, tls: Option<&Path>) -> io::Result<Child> {
    let mut command = Command::new("redis-server");
    command
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args([
            if tls.is_some() {
                "--tls-port"
            } else {
                "--port"
            },
            &port.to_string(),
        ]);
    if let Some(folder) = tls {
        command
            .args(["--port", "0", "--tls-auth-clients", "no", "--tls-cert-file"])
            .arg(folder.join("server.crt"))
            .arg("--tls-key-file")
            .arg(folder.join("server.key"))
            .arg("--tls-ca-cert-file")
            .arg(folder.join("server.crt"));
    }
    if let Some(password) = password {
        command.args(["--requirepass", password]);
    }
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()
}
