//! What an app passes in: where the database is, and how its connections are kept.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Which database.
#[derive(Clone, Debug)]
pub enum Target {
    /// A file of this machine, made when it is not there.
    Sqlite {
        /// The file.
        file: PathBuf,
    },
    /// A `PostgreSQL` server.
    Postgres(Server),
}

impl Target {
    /// For messages: the file, or `postgres://USER@HOST:PORT/NAME` without the password.
    pub fn shown(&self) -> String {
        match self {
            Self::Sqlite { file } => format!("sqlite://{}", file.display()),
            Self::Postgres(server) => format!(
                "postgres://{}@{}:{}/{}",
                server.user, server.host, server.port, server.name
            ),
        }
    }
}

/// How to reach a `PostgreSQL` database.
#[derive(Clone, Debug)]
pub struct Server {
    /// DNS name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Database.
    pub name: String,
    /// Role.
    pub user: String,
    /// Its password, where the server asks for one.
    pub password: Option<SecretString>,
    /// How the connection is protected.
    pub tls: Tls,
    /// Certificates (PEM) that sign the server's; those that the system trusts when there is none.
    pub root_certificate: Option<PathBuf>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Disable,
    /// Encrypted, any certificate.
    Require,
    /// Encrypted, certificate and name checked.
    VerifyFull,
}

/// How connections are kept, and how long anything may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSettings {
    /// Connections that stay open when nothing is to do.
    pub size: u32,
    /// Connections that are opened beyond `size` under load.
    pub overflow: u32,
    /// Longest wait for a free connection.
    pub acquire_timeout: Duration,
    /// Longest time that an operation takes, waits and repetitions included; then it fails.
    pub deadline: Duration,
    /// Age at which a connection is replaced.
    pub recycle: Duration,
    /// Whether a connection is tried before each use.
    pub test_before_use: bool,
    /// A wait for a connection from here on is counted and warned about.
    pub slow_acquire: Duration,
}

impl PoolSettings {
    /// Most connections at a time.
    pub const fn most(&self) -> u32 {
        self.size.saturating_add(self.overflow)
    }
}
