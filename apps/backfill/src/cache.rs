//! The cache of the configuration: memory, Redis where it is enabled, files.

use std::sync::Arc;

use trader_cache::{Bounds, Cache, FileTier, Layers, Lifetimes, RedisSettings, RedisTier};
use trader_config::schema::Config;
use trader_config::value::FilePath;

use crate::failure::Failure;
use crate::output::SystemClock;

/// Certificates in a file.
fn certificates(file: &FilePath) -> Result<Vec<u8>, Failure> {
    std::fs::read(file.as_path()).map_err(|source| Failure::File {
        path: file.as_path().display().to_string(),
        action: "reading cache.root_certificate",
        source,
    })
}

/// Opens the cache; a Redis that does not answer is no error, now or later.
pub(crate) fn open(config: &Config) -> Result<Arc<Cache>, Failure> {
    let cache = &config.cache;
    let redis = match (&cache.host, cache.enabled) {
        (Some(host), true) => {
            let settings = RedisSettings {
                host: host.to_string(),
                port: cache.port,
                password: cache.password.as_ref().map(|text| text.expose().into()),
                tls: cache.tls,
                root_certificate: cache
                    .root_certificate
                    .as_ref()
                    .map(certificates)
                    .transpose()?,
                limit: cache.limit.duration(),
            };
            let tier = RedisTier::new(settings).map_err(|error| {
                Failure::Usage(format!("cache.host, cache.port, cache.tls: {error}"))
            })?;
            Some(Arc::new(tier))
        }
        _ => None,
    };
    let folder = cache.folder.as_path();
    let files =
        FileTier::open(folder, cache.file_size.bytes()).map_err(|source| Failure::File {
            path: folder.display().to_string(),
            action: "opening the cache",
            source,
        })?;
    let layers = Layers {
        redis,
        files: Some(files),
    };
    let bounds = Bounds {
        entries: u64::from(cache.entries),
        bytes: cache.memory.bytes(),
    };
    let lifetimes = Lifetimes {
        quotes: cache.quotes.duration(),
        prices: cache.prices.duration(),
        closed: cache.closed.duration(),
        answers: cache.answers.duration(),
    };
    Ok(Arc::new(Cache::new(
        bounds,
        lifetimes,
        layers,
        Arc::new(SystemClock),
    )))
}
