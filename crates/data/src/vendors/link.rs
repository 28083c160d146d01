//! The line to one vendor: client, a thread for its calls, the record of the used quota, paging.
//!
//! Everything that asks a vendor shares one [`VendorLink`], so that all kinds of data together keep to the vendor's
//! limits and one judgement of its health is made.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use reqwest::Url;
use thiserror::Error;
use tokio::runtime::Runtime;
use trader_domain::Timestamp;
use trader_storage::{DataError, Existing, write_file};

use crate::http::{FetchError, HttpClient};
use crate::resilience::{Health, QuotaState};

/// Pages of one question beyond which something is wrong with the vendor's paging.
const MOST_PAGES: usize = 1_000;

/// Why a question brought nothing.
#[derive(Debug, Error)]
pub enum AskError {
    /// The vendor was asked, or could not be.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The used quota cannot be written down.
    #[error(transparent)]
    Quota(DataError),
    /// The vendor has no such thing, or must be told more.
    #[error("{vendor} {detail}")]
    Unsupported {
        /// Who.
        vendor: String,
        /// What is the matter.
        detail: String,
    },
}

/// Where the next page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// At this address.
    At(Url),
    /// Nowhere: this was the last page.
    End,
}

/// What is wrong with a page as a whole. Faulty records in it are not meant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PageFault {
    /// It is not what the vendor's documents say.
    #[error("{0}")]
    Unusable(String),
    /// It says, with a status that says otherwise, that we ask too much.
    #[error("{0}")]
    Throttled(String),
    /// It says that the key is not good, or not for this.
    #[error("{0}")]
    Unauthorized(String),
    /// It says that the question is wrong, such as an unknown symbol.
    #[error("{0}")]
    Refused(String),
}

impl From<String> for PageFault {
    fn from(detail: String) -> Self {
        Self::Unusable(detail)
    }
}

impl From<serde_json::Error> for PageFault {
    fn from(error: serde_json::Error) -> Self {
        Self::Unusable(error.to_string())
    }
}

/// The line to one vendor.
#[derive(Debug)]
pub struct VendorLink {
    client: HttpClient,
    /// Where the used quota is kept over restarts.
    quota: Mutex<PathBuf>,
    runtime: Runtime,
}

impl VendorLink {
    /// Calls run on a thread of its own. After each question the used quota is written to the file `quota`, from which
    /// [`saved_quota`] takes it up.
    ///
    /// # Errors
    /// [`DataError::Io`] when that thread cannot be started.
    pub fn new(client: HttpClient, quota: PathBuf) -> Result<Self, DataError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|source| DataError::Io {
                file: client.provider().to_owned(),
                doing: "starting a thread for calls",
                source,
            })?;
        Ok(Self {
            client,
            quota: Mutex::new(quota),
            runtime,
        })
    }

    /// The vendor's name.
    pub fn name(&self) -> &str {
        self.client.provider()
    }

    /// The client, for reports.
    pub fn client(&self) -> &HttpClient {
        &self.client
    }

    /// How the vendor is doing.
    pub fn health(&self) -> Health {
        self.client.guard().report(self.client.now()).health
    }

    /// The line's clock.
    pub fn now(&self) -> Timestamp {
        self.client.now()
    }

    /// Asks for a page and those that it leads to, and hands each to `take`.
    ///
    /// # Errors
    /// [`AskError`]; pages before were taken.
    pub fn pages(
        &self,
        first: Result<Url, String>,
        mut take: impl FnMut(&Url, &[u8]) -> Result<Next, PageFault>,
    ) -> Result<(), AskError> {
        let asked = self.runtime.block_on(self.follow(first, &mut take));
        self.save_quota().map_err(AskError::Quota)?;
        Ok(asked?)
    }

    async fn follow(
        &self,
        first: Result<Url, String>,
        take: &mut impl FnMut(&Url, &[u8]) -> Result<Next, PageFault>,
    ) -> Result<(), FetchError> {
        let mut url = first.map_err(|detail| self.client.misconfigured(detail))?;
        for _ in 0..MOST_PAGES {
            let body = self.client.get(&url).await?;
            match take(&url, &body).map_err(|fault| self.client.faulty(&url, fault))? {
                Next::End => return Ok(()),
                Next::At(next) if next == url => {
                    let fault = PageFault::Unusable("the next page is this page".to_owned());
                    return Err(self.client.faulty(&url, fault));
                }
                Next::At(next) => url = next,
            }
        }
        let fault = PageFault::Unusable(format!("no last page among {MOST_PAGES}"));
        Err(self.client.faulty(&url, fault))
    }

    fn save_quota(&self) -> Result<(), DataError> {
        // Questions end on several threads; the file is written by one at a time, with what is used by then.
        let file = self.quota.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = self.client.guard();
        tracing::info!(vendor = self.name(), report = ?guard.report(self.client.now()), "after a question");
        let state = guard.quota_state();
        let text = serde_json::to_vec(&state).map_err(|error| DataError::Io {
            file: file.display().to_string(),
            doing: "writing the used quota",
            source: error.into(),
        })?;
        write_file(&file, &text, Existing::Replace).map(drop)
    }
}

/// The used quota that a run before left behind; nothing used when there is no such file.
///
/// # Errors
/// [`DataError`] when the file cannot be read or is not what this version writes: starting over would exceed the
/// vendor's limits.
pub fn saved_quota(file: &Path) -> Result<QuotaState, DataError> {
    let text = match fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(QuotaState::default()),
        Err(error) => return Err(DataError::from_io(file, "reading the used quota", error)),
    };
    serde_json::from_slice(&text).map_err(|error| DataError::Unsupported {
        file: file.display().to_string(),
        detail: format!("is not a record of a used quota ({error}); remove it to count anew"),
    })
}

/// An address below a base, with a query.
///
/// # Errors
/// When the base cannot have a path.
pub(super) fn address(base: &Url, path: &[&str], query: &[(&str, &str)]) -> Result<Url, String> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| format!("{base} cannot be a base"))?
        .pop_if_empty()
        .extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    Ok(url)
}

/// The same question with a parameter replaced or added: how pages are turned by a token.
pub(super) fn with_parameter(asked: &Url, name: &str, value: &str) -> Url {
    let kept: Vec<(String, String)> = asked
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(known, value)| (known.into_owned(), value.into_owned()))
        .collect();
    let mut next = asked.clone();
    next.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair(name, value);
    next
}

/// The next page on the host that was asked: the vendor's own address may be another one, and the key goes nowhere
/// else.
pub(super) fn on_same_host(asked: &Url, text: &str) -> Result<Url, String> {
    let told = Url::parse(text).map_err(|error| format!("next_url: {error}"))?;
    let mut next = asked.clone();
    next.set_path(told.path());
    next.set_query(told.query());
    Ok(next)
}
