//! [`Database`]: the one handle to either database, and the one way in which statements reach it.
//!
//! Apps open it, pass it to whoever implements against a repository, and close it at the end. Every operation has a
//! deadline, waits for a connection at most so long, and is repeated as a whole where another transaction was in the
//! way. `SQLite` begins writes with its write lock, `PostgreSQL` runs them serializable, so that both give the same
//! results whatever runs at the same time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, PgPool, SqlitePool};

use crate::error::{DatabaseError, Fault, Meaning, meaning};
use crate::health::{PoolUse, Watch};
use crate::settings::{PoolSettings, Server, Target, Tls};
use crate::telemetry::DatabaseMetrics;

/// Attempts at a transaction that others keep getting into the way of.
const ATTEMPTS: u32 = 12;
/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_millis(80);
/// Connections beyond the pool's size are closed when they had nothing to do for so long.
const IDLE: Duration = Duration::from_secs(60);

/// An open database. Copies share the connections.
#[derive(Clone)]
pub struct Database(Arc<Inner>);

struct Inner {
    engine: Engine,
    target: Target,
    pool: PoolSettings,
    watch: Watch,
}

/// Which driver.
pub(crate) enum Engine {
    /// Embedded.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Database({})", self.0.target.shown())
    }
}

impl Database {
    /// Opens the database and makes sure that it answers. Tables are [`crate::Migrator`]'s business.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] and [`DatabaseError::Deadline`] when it does not answer,
    /// [`DatabaseError::Settings`] when the file or certificate cannot be used.
    pub async fn open(
        target: Target,
        pool: PoolSettings,
        metrics: DatabaseMetrics,
    ) -> Result<Self, DatabaseError> {
        let engine = match &target {
            Target::Sqlite { file } => {
                let options = SqliteConnectOptions::new()
                    .filename(file)
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // A commit is on the disk when it is reported.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(pool.deadline)
                    .disable_statement_logging();
                let pool = SqlitePoolOptions::new()
                    .max_connections(pool.most())
                    .acquire_timeout(pool.acquire_timeout)
                    .max_lifetime(pool.recycle)
                    .idle_timeout(IDLE)
                    .test_before_acquire(pool.test_before_use)
                    .connect_lazy_with(options);
                Engine::Sqlite(pool)
            }
            Target::Postgres(server) => Engine::Postgres(
                PgPoolOptions::new()
                    .max_connections(pool.most())
                    .min_connections(pool.size)
                    .acquire_timeout(pool.acquire_timeout)
                    .max_lifetime(pool.recycle)
                    .idle_timeout(IDLE)
                    .test_before_acquire(pool.test_before_use)
                    .connect_lazy_with(connection(server)),
            ),
        };
        let database = Self(Arc::new(Inner {
            engine,
            target,
            pool,
            watch: Watch::new(pool, metrics),
        }));
        crate::engine::with_connection!(database, "open", connection => {
            sqlx::query("SELECT 1").execute(&mut *connection).await?;
            Ok(())
        })?;
        Ok(database)
    }

    /// Which database this is.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// How full the pool is, and what is wrong with it.
    pub fn pool_use(&self) -> PoolUse {
        self.0.watch.pool_use()
    }

    /// Lets what is being done end, takes nothing new, and closes all connections.
    pub async fn close(&self) {
        match &self.0.engine {
            Engine::Sqlite(pool) => pool.close().await,
            Engine::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn watch(&self) -> &Watch {
        &self.0.watch
    }

    /// Does something until it succeeds, within the deadline; repeats it only after conflicts.
    pub(crate) async fn attempt<T, F, R>(
        &self,
        operation: &'static str,
        action: F,
    ) -> Result<T, DatabaseError>
    where
        F: Fn() -> R,
        R: Future<Output = Result<T, Fault>>,
    {
        let deadline = self.0.pool.deadline;
        let outcome = tokio::time::timeout(deadline, self.repeat(operation, action))
            .await
            .unwrap_or(Err(DatabaseError::Deadline {
                operation,
                deadline,
            }));
        if let Err(error) = &outcome {
            self.0.watch.failed(operation, error);
        }
        outcome
    }

    /// Does something without a deadline, once: backups, migrations.
    pub(crate) async fn once<T, R>(
        &self,
        operation: &'static str,
        action: R,
    ) -> Result<T, DatabaseError>
    where
        R: Future<Output = Result<T, Fault>>,
    {
        let outcome = action
            .await
            .map_err(|fault| self.named(operation, fault, 1));
        if let Err(error) = &outcome {
            self.0.watch.failed(operation, error);
        }
        outcome
    }

    async fn repeat<T, F, R>(&self, operation: &'static str, action: F) -> Result<T, DatabaseError>
    where
        F: Fn() -> R,
        R: Future<Output = Result<T, Fault>>,
    {
        let mut attempt = 1;
        loop {
            let fault = match action().await {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            let again = matches!(&fault, Fault::Sql(error) if meaning(error) == Meaning::Conflict);
            if !again || attempt == ATTEMPTS {
                return Err(self.named(operation, fault, attempt));
            }
            self.0.watch.repeated(operation);
            tokio::time::sleep(self.0.watch.pause(attempt, LONGEST_PAUSE)).await;
            attempt += 1;
        }
    }

    fn named(&self, operation: &'static str, fault: Fault, attempts: u32) -> DatabaseError {
        let source = match fault {
            Fault::Own(error) => return error,
            Fault::Sql(error) => error,
        };
        match meaning(&source) {
            Meaning::Conflict => DatabaseError::Conflict {
                operation,
                attempts,
                source,
            },
            Meaning::NoneFree if self.all_in_use() => DatabaseError::PoolExhausted {
                operation,
                most: self.0.pool.most(),
                waited: self.0.pool.acquire_timeout,
            },
            Meaning::NoneFree | Meaning::Unavailable => {
                DatabaseError::Unavailable { operation, source }
            }
            Meaning::Full => DatabaseError::Full { operation, source },
            Meaning::Closed => DatabaseError::Closed { operation },
            Meaning::Refused => DatabaseError::Refused { operation, source },
        }
    }

    /// Whether connections are missing because all are in use, and not because none can be made.
    fn all_in_use(&self) -> bool {
        self.0.watch.in_use() >= self.0.pool.most()
    }
}

/// Options of a connection to a server. Every setting that `PG...` variables could make is made here.
pub(crate) fn connection(server: &Server) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&server.host)
        .port(server.port)
        .database(&server.name)
        .username(&server.user)
        .password(
            server
                .password
                .as_ref()
                .map_or("", |secret| secret.expose_secret()),
        )
        .application_name("ai-trader")
        .ssl_mode(match server.tls {
            Tls::Disable => PgSslMode::Disable,
            Tls::Require => PgSslMode::Require,
            Tls::VerifyFull => PgSslMode::VerifyFull,
        })
        .disable_statement_logging();
    if let Some(file) = &server.root_certificate {
        options = options.ssl_root_cert(file);
    }
    options
}
