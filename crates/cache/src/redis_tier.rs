//! [`RedisTier`]: entries in a Redis server that may be away at any time.
//!
//! Every call has a short limit. After a failure the server is left alone for a while that doubles up to half a minute;
//! callers meanwhile go on without it. One warning a minute says so.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{
    Client, Commands as _, Connection, ConnectionAddr, IntoConnectionInfo as _, RedisError,
    TlsCertificates,
};
use secrecy::{ExposeSecret as _, SecretString};
use trader_domain::{NANOS_PER_SECOND, Timestamp};

use crate::pattern::Pattern;

/// Before every key, so that the server can hold other things.
const PREFIX: &str = "trader:";
/// First and longest rest after a failure.
const FIRST_REST: i64 = NANOS_PER_SECOND;
const LONGEST_REST: i64 = 30 * NANOS_PER_SECOND;
/// Between two warnings.
const WARN_EVERY: i64 = 60 * NANOS_PER_SECOND;
/// Idle connections kept.
const MOST_IDLE: usize = 8;
/// Keys looked at in one step of a search.
const SCAN: usize = 500;

/// Which server, and how long it may take.
#[derive(Clone)]
pub struct RedisSettings {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Its password, if it wants one.
    pub password: Option<SecretString>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// Certificates (PEM) that sign the server's; those that the system trusts when there are none.
    pub root_certificate: Option<Vec<u8>>,
    /// Limit of connecting, writing and reading, each.
    pub limit: Duration,
}

impl fmt::Debug for RedisSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisSettings({}:{})", self.host, self.port)
    }
}

/// Entries in Redis.
pub struct RedisTier {
    client: Client,
    settings: RedisSettings,
    idle: Mutex<Vec<Connection>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Until when the server is left alone.
    until: Option<Timestamp>,
    rest: i64,
    warned: Option<Timestamp>,
    warnings: u64,
}

/// Whether a server that failed is left alone for a while.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patience {
    AfterFailures,
    None,
}

impl fmt::Debug for RedisTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisTier({:?})", self.settings)
    }
}

impl RedisTier {
    /// A tier on a server; nothing is asked of it yet.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: RedisSettings) -> Result<Self, RedisError> {
        let address = if settings.tls {
            // Whoever composed the program may have chosen another provider of cryptography: that one stays.
            drop(rustls::crypto::ring::default_provider().install_default());
            ConnectionAddr::TcpTls {
                host: settings.host.clone(),
                port: settings.port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(settings.host.clone(), settings.port)
        };
        let mut info = address.into_connection_info()?;
        if let Some(password) = &settings.password {
            let redis = info
                .redis_settings()
                .clone()
                .set_password(password.expose_secret());
            info = info.set_redis_settings(redis);
        }
        let client = match (&settings.root_certificate, settings.tls) {
            (Some(roots), true) => {
                let trusted = TlsCertificates {
                    client_tls: None,
                    root_cert: Some(roots.clone()),
                };
                Client::build_with_tls(info, trusted)?
            }
            _ => Client::open(info)?,
        };
        Ok(Self {
            client,
            settings,
            idle: Mutex::default(),
            state: Mutex::default(),
        })
    }

    /// Warnings so far.
    pub fn warnings(&self) -> u64 {
        self.state().warnings
    }

    pub(crate) fn get(&self, key: &str, now: Timestamp) -> Option<Vec<u8>> {
        let key = format!("{PREFIX}{key}");
        self.with(Patience::AfterFailures, now, |connection| {
            connection.get(&key)
        })
        .flatten()
    }

    pub(crate) fn put(&self, key: &str, bytes: &[u8], ends: Timestamp, now: Timestamp) {
        let left = ends.nanos_since(now) / 1_000_000;
        let Ok(left) = u64::try_from(left) else {
            return;
        };
        if left == 0 {
            return;
        }
        let key = format!("{PREFIX}{key}");
        // A year is for ever here, and more than the server counts to otherwise.
        let left = left.min(365 * 86_400_000);
        let _unit: Option<()> = self.with(Patience::AfterFailures, now, |connection| {
            connection.pset_ex(&key, bytes, left)
        });
    }

    /// Forgets entries. Those of a server that does not answer stay until they end.
    pub(crate) fn remove(&self, pattern: &Pattern, now: Timestamp) {
        let wanted = format!("{PREFIX}{}", pattern.for_redis());
        let _unit: Option<()> = self.with(Patience::None, now, |connection| {
            let mut cursor = 0_u64;
            loop {
                let (next, keys): (u64, Vec<String>) = redis::cmd("SCAN")
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(&wanted)
                    .arg("COUNT")
                    .arg(SCAN)
                    .query(connection)?;
                if !keys.is_empty() {
                    let _removed: u64 = connection.unlink(keys)?;
                }
                if next == 0 {
                    return Ok(());
                }
                cursor = next;
            }
        });
    }

    /// Does `work` on a connection; nothing when the server is away.
    fn with<R>(
        &self,
        patience: Patience,
        now: Timestamp,
        work: impl FnOnce(&mut Connection) -> Result<R, RedisError>,
    ) -> Option<R> {
        if patience == Patience::AfterFailures
            && self.state().until.is_some_and(|until| now < until)
        {
            return None;
        }
        let done = self.connection().and_then(|mut connection| {
            let result = work(&mut connection)?;
            Ok((result, connection))
        });
        match done {
            Ok((result, connection)) => {
                self.healed();
                let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
                if idle.len() < MOST_IDLE {
                    idle.push(connection);
                }
                Some(result)
            }
            Err(error) => {
                self.failed(now, &error);
                None
            }
        }
    }

    fn connection(&self) -> Result<Connection, RedisError> {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = self
            .client
            .get_connection_with_timeout(self.settings.limit)?;
        connection.set_read_timeout(Some(self.settings.limit))?;
        connection.set_write_timeout(Some(self.settings.limit))?;
        Ok(connection)
    }

    fn healed(&self) {
        let mut state = self.state();
        if state.until.take().is_some() {
            state.rest = 0;
            tracing::info!(host = %self.settings.host, "Redis answers again");
        }
    }

    fn failed(&self, now: Timestamp, error: &RedisError) {
        // Connections that were made before the failure are as dead as the one that failed.
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let mut state = self.state();
        state.rest = (state.rest * 2).clamp(FIRST_REST, LONGEST_REST);
        state.until = now
            .nanos()
            .checked_add(state.rest)
            .map(Timestamp::from_nanos);
        let due = state
            .warned
            .is_none_or(|warned| now.nanos_since(warned) >= WARN_EVERY);
        if due {
            state.warned = Some(now);
            state.warnings += 1;
            tracing::warn!(
                host = %self.settings.host,
                port = self.settings.port,
                %error,
                "Redis does not answer; the cache goes on without it (cache.host, cache.port, cache.password, cache.tls)"
            );
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
