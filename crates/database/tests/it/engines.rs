//! Databases of both kinds, empty or with their tables, for one test.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use trader_database::{
    Blocking, Database, DatabaseMetrics, Migrator, PoolSettings, Server, Target, Tls,
};
use trader_domain::Timestamp;
use trader_telemetry::{Metrics, Operations};
use trader_testkit::postgres::PostgresServer;

/// Generous: a test judges results, not speed.
pub(crate) const PATIENT: PoolSettings = PoolSettings {
    size: 2,
    overflow: 8,
    acquire_timeout: Duration::from_secs(60),
    deadline: Duration::from_secs(60),
    recycle: Duration::from_secs(600),
    test_before_use: true,
    slow_acquire: Duration::from_secs(30),
};

/// A kind of database, and where new ones of it are made.
pub(crate) enum Engines {
    Sqlite(tempfile::TempDir),
    Postgres(PostgresServer),
}

static NEXT: AtomicU32 = AtomicU32::new(0);

impl Engines {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(PostgresServer::start().unwrap())
    }

    /// A new database without tables.
    pub(crate) fn target(&self) -> Target {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        match self {
            Self::Sqlite(folder) => Target::Sqlite {
                file: folder.path().join(format!("{number}.db")),
            },
            Self::Postgres(server) => {
                let name = format!("scratch_{number}");
                server
                    .psql("postgres", &format!("CREATE DATABASE {name}"))
                    .unwrap();
                Target::Postgres(of_server(server, &name))
            }
        }
    }

    /// A new database with its tables.
    pub(crate) async fn database(&self, pool: PoolSettings) -> Database {
        let database = open(self.target(), pool).await;
        Migrator::new(&database)
            .apply(Timestamp::EPOCH)
            .await
            .unwrap();
        database
    }
}

pub(crate) fn of_server(server: &PostgresServer, name: &str) -> Server {
    Server {
        host: "127.0.0.1".into(),
        port: server.port(),
        name: name.into(),
        user: PostgresServer::USER.into(),
        password: Some(SecretString::from(server.password())),
        tls: Tls::Disable,
        root_certificate: None,
    }
}

pub(crate) fn metrics() -> DatabaseMetrics {
    let metrics = Metrics::new();
    let operations = Operations::register(&metrics).unwrap();
    DatabaseMetrics::register(&metrics, operations).unwrap()
}

pub(crate) async fn open(target: Target, pool: PoolSettings) -> Database {
    Database::open(target, pool, metrics()).await.unwrap()
}

/// Runs something on a new database of each kind.
pub(crate) fn on_both(test: impl AsyncFn(Database)) {
    let blocking = Blocking::new().unwrap();
    for engines in [Engines::sqlite(), Engines::postgres()] {
        blocking.wait(async {
            let database = engines.database(PATIENT).await;
            test(database.clone()).await;
            database.close().await;
        });
    }
}
