//! Places for objects, opened with the service and the keys of the configuration.

use trader_archive::{Bounds, Keys, Place, S3Settings};
use trader_config::schema::Config;
use trader_config::value::ArchiveUrl;

use crate::failure::Failure;

/// Opens a place by its address.
pub(crate) fn open(config: &Config, url: &ArchiveUrl) -> Result<Place, Failure> {
    let archive = &config.archive;
    let id = archive.access_key_id.as_ref();
    let secret = archive.secret_access_key.as_ref();
    let keys = id.zip(secret).map(|(id, secret)| Keys {
        id: id.expose().into(),
        secret: secret.expose().into(),
    });
    let settings = S3Settings {
        endpoint: archive.endpoint.as_ref().map(ToString::to_string),
        region: archive.region.to_string(),
        keys,
        bounds: Bounds {
            call: archive.timeout.duration(),
            patience: archive.patience.duration(),
        },
    };
    Ok(Place::open(url.as_str(), &settings)?)
}
