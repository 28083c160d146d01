//! What every command begins with: configuration, logging, the store.

use std::path::PathBuf;
use std::sync::Arc;

use trader_config::{Loaded, NamedFile, Sources, Variables, load};
use trader_domain::Clock;
use trader_startup::start_logging;
use trader_storage::store::MarketStore;
use trader_telemetry::Logging;

use crate::cli::{CommonArgs, StoreArgs};
use crate::failure::Failure;
use crate::output::SystemClock;

/// Configuration and logging of a running command.
pub(crate) struct Session {
    pub(crate) loaded: Loaded,
    folder: PathBuf,
    _logging: Logging,
}

impl Session {
    pub(crate) fn start(args: &StoreArgs) -> Result<Self, Failure> {
        let mut session = Self::without_store(&args.common)?;
        if let Some(folder) = &args.store {
            session.folder.clone_from(folder);
        }
        Ok(session)
    }

    /// For commands that have nothing to do with a store.
    pub(crate) fn without_store(args: &CommonArgs) -> Result<Self, Failure> {
        let loaded = load(&Sources {
            directory: None,
            file: args.config.clone().map(NamedFile::Path),
            variables: Variables::of_process(),
            overrides: args.set.clone(),
            ..Sources::default()
        })?;
        for warning in &loaded.warnings {
            tracing::warn!(%warning, "configuration");
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let logging = start_logging(&loaded.config, &clock)?;
        let folder = loaded.config.store.folder.as_path().to_owned();
        Ok(Self {
            loaded,
            folder,
            _logging: logging,
        })
    }

    /// The store, made if it is not there.
    pub(crate) fn create_store(&self) -> Result<MarketStore, Failure> {
        MarketStore::create(&self.folder).map_err(Failure::Store)
    }

    /// Where the used quota of a vendor is kept.
    pub(crate) fn quota_file(&self, vendor: &str) -> PathBuf {
        self.folder.join(format!("_quota-{vendor}.json"))
    }

    /// The store.
    pub(crate) fn store(&self) -> Result<MarketStore, Failure> {
        MarketStore::open(&self.folder).map_err(|error| match error {
            trader_storage::DataError::NotFound { .. } => Failure::Usage(format!(
                "{}: there is no market-data store; make one with `backfill run`, or name it with --store",
                self.folder.display()
            )),
            error => Failure::Store(error),
        })
    }
}
