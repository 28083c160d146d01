//! [`Place`]: the object storage that an archive is in, by its address.

use std::fmt;
use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::client::{HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::runtime::Runtime;

use crate::error::ArchiveError;

/// What opens an S3 bucket.
#[derive(Clone)]
pub struct Keys {
    /// Id of the key.
    pub id: SecretString,
    /// The key.
    pub secret: SecretString,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(***)")
    }
}

/// How an S3-compatible service is reached.
#[derive(Clone, Debug)]
pub struct S3Settings {
    /// Address of a service other than Amazon's, such as `https://minio.example.org:9000`.
    pub endpoint: Option<String>,
    /// Region of the bucket.
    pub region: String,
    /// Key; without one nothing can be opened.
    pub keys: Option<Keys>,
    /// Bounds of calls.
    pub bounds: Bounds,
}

/// How long a service may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// One call, a part of an object included.
    pub call: Duration,
    /// A call with all its repetitions.
    pub patience: Duration,
}

/// Where an archive is.
#[derive(Debug)]
pub struct Place {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) prefix: Path,
    pub(crate) runtime: Runtime,
    shown: String,
}

impl Place {
    /// Opens `file:///FOLDER` or `s3://BUCKET/PREFIX`. A bucket is not asked for yet; a folder is made.
    ///
    /// # Errors
    /// [`ArchiveError::Address`] and [`ArchiveError::NoKey`] say what to set.
    pub fn open(url: &str, s3: &S3Settings) -> Result<Self, ArchiveError> {
        let wrong = |detail: &str| ArchiveError::Address {
            url: url.to_owned(),
            detail: detail.to_owned(),
        };
        let (objects, prefix): (Arc<dyn ObjectStore>, Path) =
            if let Some(folder) = url.strip_prefix("file://") {
                if !folder.starts_with('/') {
                    return Err(wrong("names no absolute folder"));
                }
                (local(FilePath::new(folder))?, Path::default())
            } else if let Some(rest) = url.strip_prefix("s3://") {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if bucket.is_empty() {
                    return Err(wrong("names no bucket"));
                }
                let prefix = Path::parse(prefix.trim_end_matches('/'))
                    .map_err(|error| wrong(&format!("has a prefix that is no path ({error})")))?;
                (
                    bucket_of(bucket, s3).map_err(|error| match error {
                        BucketError::NoKey(key, variable) => ArchiveError::NoKey { key, variable },
                        BucketError::Builder(error) => wrong(&error.to_string()),
                        BucketError::Client(detail) => wrong(&detail),
                    })?,
                    prefix,
                )
            } else {
                return Err(wrong("is of no kind that is known"));
            };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(ArchiveError::Thread)?;
        Ok(Self {
            objects,
            prefix,
            runtime,
            shown: url.trim_end_matches('/').to_owned(),
        })
    }

    /// The address, as it is shown to people.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Where an object of this name is; the whole place for an empty one.
    pub(crate) fn at(&self, name: &str) -> Path {
        let mut path = self.prefix.clone();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            path = path.join(part);
        }
        path
    }

    pub(crate) fn failed(
        &self,
        name: &str,
        doing: &'static str,
        error: &object_store::Error,
    ) -> ArchiveError {
        ArchiveError::of(&self.shown, name, doing, error)
    }

    pub(crate) fn damaged(&self, name: &str, detail: &str) -> ArchiveError {
        ArchiveError::Damaged {
            place: self.shown.clone(),
            object: name.to_owned(),
            detail: detail.to_owned(),
        }
    }
}

/// A folder, whose files are flushed to the disk before they have their names.
fn local(folder: &FilePath) -> Result<Arc<dyn ObjectStore>, ArchiveError> {
    let failed = |detail: String| ArchiveError::Unreachable {
        place: format!("file://{}", folder.display()),
        doing: "making the folder",
        detail,
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    let store =
        LocalFileSystem::new_with_prefix(folder).map_err(|error| failed(error.to_string()))?;
    Ok(Arc::new(store.with_fsync(true)))
}

enum BucketError {
    NoKey(&'static str, &'static str),
    Builder(object_store::Error),
    Client(String),
}

/// The client of all calls: bounded, following no redirects with our signature.
#[derive(Debug)]
struct OwnClient(reqwest::Client);

impl HttpConnector for OwnClient {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.0.clone()))
    }
}

fn bucket_of(bucket: &str, s3: &S3Settings) -> Result<Arc<dyn ObjectStore>, BucketError> {
    // Without keys the client would look for those of the machine it runs on, and trade with somebody else's.
    let keys = s3.keys.as_ref().ok_or(BucketError::NoKey(
        "archive.access_key_id",
        "ARCHIVE__ACCESS_KEY_ID",
    ))?;
    // Whoever composed the program may have chosen another provider of cryptography: that one stays.
    drop(rustls::crypto::ring::default_provider().install_default());
    let plain = s3
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = reqwest::Client::builder()
        .timeout(s3.bounds.call)
        .connect_timeout(s3.bounds.call.min(Duration::from_secs(10)))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("ai-trader/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| BucketError::Client(error.to_string()))?;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_region(&s3.region)
        .with_access_key_id(keys.id.expose_secret())
        .with_secret_access_key(keys.secret.expose_secret())
        .with_checksum_algorithm(Checksum::SHA256)
        .with_allow_http(plain)
        .with_http_connector(OwnClient(client))
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: 10,
            retry_timeout: s3.bounds.patience,
        });
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Arc::new(builder.build().map_err(BucketError::Builder)?))
}
