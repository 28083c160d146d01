//! The database that the configuration names, opened for one command.

use secrecy::SecretString;
use trader_config::schema::{Config, DatabaseKind, DatabaseTls};
use trader_database::{
    Backups, Blocking, Database, DatabaseMetrics, Keep, Migrator, PoolSettings, Server, Target, Tls,
};
use trader_telemetry::{Metrics, Operations};

use crate::failure::Failure;
use crate::output;

/// An open database and the runtime that waits for it. It is drained and closed with the value.
pub(crate) struct OpenDatabase {
    pub(crate) database: Database,
    pub(crate) blocking: Blocking,
}

impl Drop for OpenDatabase {
    fn drop(&mut self) {
        self.blocking.wait(self.database.close());
    }
}

impl OpenDatabase {
    /// Opens it, whatever its tables are.
    pub(crate) fn open(config: &Config) -> Result<Self, Failure> {
        let blocking = Blocking::new()?;
        let metrics = Metrics::new();
        let operations =
            Operations::register(&metrics).map_err(trader_database::DatabaseError::from)?;
        let metrics = DatabaseMetrics::register(&metrics, operations)
            .map_err(trader_database::DatabaseError::from)?;
        let database = blocking.wait(Database::open(target(config)?, pool(config), metrics))?;
        Ok(Self { database, blocking })
    }

    /// Opens it for keeping something. A new embedded database gets its tables; any other must have them.
    pub(crate) fn ready(config: &Config) -> Result<Self, Failure> {
        let open = Self::open(config)?;
        let migrator = Migrator::new(&open.database);
        let is_embedded = matches!(open.database.target(), Target::Sqlite { .. });
        if is_embedded && open.blocking.wait(migrator.plan())?.from == 0 {
            open.blocking.wait(migrator.apply(output::now()))?;
        }
        open.blocking.wait(migrator.require_current())?;
        Ok(open)
    }

    /// Opens it for reading; `None` when it is an embedded one that nobody made yet.
    pub(crate) fn existing(config: &Config) -> Result<Option<Self>, Failure> {
        match target(config)? {
            Target::Sqlite { file } if !file.exists() => Ok(None),
            _ => Self::ready(config).map(Some),
        }
    }
}

/// Which database the configuration names.
pub(crate) fn target(config: &Config) -> Result<Target, Failure> {
    let database = &config.database;
    if database.kind == DatabaseKind::Sqlite {
        let file = database.file.as_path().to_owned();
        return Ok(Target::Sqlite { file });
    }
    let missing = |key: &str| Failure::Usage(format!("`database.kind = \"postgres\"` needs {key}"));
    let host = database
        .host
        .as_ref()
        .ok_or_else(|| missing("database.host"))?;
    let name = database
        .name
        .as_ref()
        .ok_or_else(|| missing("database.name"))?;
    let user = database
        .user
        .as_ref()
        .ok_or_else(|| missing("database.user"))?;
    let password = database.password.as_ref();
    let root_certificate = database.root_certificate.as_ref();
    Ok(Target::Postgres(Server {
        host: host.to_string(),
        port: database.port,
        name: name.as_str().to_owned(),
        user: user.as_str().to_owned(),
        password: password.map(|secret| SecretString::from(secret.expose())),
        tls: match database.tls {
            DatabaseTls::Disable => Tls::Disable,
            DatabaseTls::Require => Tls::Require,
            DatabaseTls::VerifyFull => Tls::VerifyFull,
        },
        root_certificate: root_certificate.map(|file| file.as_path().to_owned()),
    }))
}

/// The backups that the configuration names.
pub(crate) fn backups(config: &Config) -> Result<Backups, Failure> {
    let backup = &config.backup;
    let key = backup.key.as_ref().ok_or_else(|| {
        Failure::Usage(
            "backups are sealed, and there is no backup.key: set AI_TRADER_BACKUP__KEY__FILE to a file with at least 32 \
             random characters, and keep a copy of it elsewhere"
                .to_owned(),
        )
    })?;
    let tools = backup.tools.as_ref();
    Ok(Backups::new(
        backup.folder.as_path().to_owned(),
        SecretString::from(key.expose()),
        tools.map(|folder| folder.as_path().to_owned()),
    ))
}

/// Which backups stay.
pub(crate) fn keep(config: &Config) -> Keep {
    let backup = &config.backup;
    Keep {
        newest: backup.keep,
        daily: backup.keep_daily,
        weekly: backup.keep_weekly,
        monthly: backup.keep_monthly,
    }
}

fn pool(config: &Config) -> PoolSettings {
    let database = &config.database;
    PoolSettings {
        size: database.pool_size,
        overflow: database.pool_overflow,
        acquire_timeout: database.acquire_timeout.duration(),
        deadline: database.deadline.duration(),
        recycle: database.recycle.duration(),
        test_before_use: database.test_before_use,
        slow_acquire: database.slow_acquire.duration(),
    }
}
