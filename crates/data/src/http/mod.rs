//! Calls to a provider over HTTP: one GET with everything around it.
//!
//! [`HttpClient::get`] asks the [`ProviderGuard`] whether the call may go, waits for the pace, limits how many calls
//! are on their way, bounds the time from connecting to the last byte and the size of the body, checks status and
//! content type, and tries again what may be tried again. Redirects are not followed, because credentials would travel
//! with them. What failed is a [`FetchError`] that names provider and path, never the query or a header: keys travel
//! there.

mod answer;
mod error;
mod token;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::{Client, redirect};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use trader_domain::{Clock, NANOS_PER_SECOND, Timestamp};

use crate::resilience::{FailureKind, ProviderGuard, Refusal, RetryPolicy};
use crate::vendors::PageFault;

pub use reqwest::Url;

pub use error::{FetchError, FetchFault};
use token::TokenKeeper;
pub use token::TokenSettings;

/// How long calls are held back after a body that says, without a number, that we ask too much.
const HOLD_NANOS: i64 = 60 * NANOS_PER_SECOND;

/// Bounds of the calls to one provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpSettings {
    /// From connecting to the last byte of the body.
    pub timeout: Duration,
    /// Longest body, bytes, after decompression.
    pub longest_body: usize,
    /// Calls on their way at once.
    pub in_flight: usize,
    /// Longest wait for the pace of the quota; beyond it the call fails.
    pub longest_pace: Duration,
    /// What is tried again.
    pub retry: RetryPolicy,
}

/// The calls to one provider.
pub struct HttpClient {
    provider: String,
    client: Client,
    guard: ProviderGuard,
    permits: Semaphore,
    clock: Arc<dyn Clock>,
    /// State of the generator of jitter (`SplitMix64`).
    jitter: Mutex<u64>,
    settings: HttpSettings,
    token: Option<TokenKeeper>,
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

impl HttpClient {
    /// A client that sends these headers with every call; credentials among them must be marked sensitive.
    ///
    /// # Errors
    /// [`FetchError`] when the machine has no usable TLS set-up.
    pub fn new(
        provider: &str,
        headers: HeaderMap<HeaderValue>,
        guard: ProviderGuard,
        clock: Arc<dyn Clock>,
        jitter_seed: u64,
        settings: HttpSettings,
    ) -> Result<Self, FetchError> {
        // Whoever composed the program may have chosen another provider of cryptography: that one stays.
        drop(rustls::crypto::ring::default_provider().install_default());
        // Some services want to know who asks, and say how.
        let ours = HeaderValue::from_static(concat!("ai-trader/", env!("CARGO_PKG_VERSION")));
        let agent = headers.get(USER_AGENT).cloned().unwrap_or(ours);
        let client = Client::builder()
            .default_headers(headers)
            .redirect(redirect::Policy::none())
            .connect_timeout(settings.timeout)
            .user_agent(agent)
            .build()
            .map_err(|error| FetchError::new(provider, "", FetchFault::Setup(error.to_string())))?;
        Ok(Self {
            provider: provider.to_owned(),
            client,
            guard,
            permits: Semaphore::new(settings.in_flight),
            clock,
            jitter: Mutex::new(jitter_seed),
            settings,
            token: None,
        })
    }

    /// With tokens that are got and renewed as these settings say; they go to the configured host only, as all calls do.
    #[must_use]
    pub fn with_tokens(self, settings: TokenSettings) -> Self {
        Self {
            token: Some(TokenKeeper::new(settings, Arc::clone(&self.clock))),
            ..self
        }
    }

    /// The provider's guard, for reports and for saving its quota.
    pub fn guard(&self) -> &ProviderGuard {
        &self.guard
    }

    /// The JSON body of a GET.
    ///
    /// # Errors
    /// [`FetchError`], after the attempts that the policy allows.
    pub async fn get(&self, url: &Url) -> Result<Vec<u8>, FetchError> {
        let _permit = self
            .permits
            .acquire()
            .await
            .map_err(|_closed| self.error(url, FetchFault::Stopped))?;
        let mut attempt = 1;
        let mut renewed = false;
        loop {
            self.admitted(url).await?;
            let fault = match self.with_token(url, &mut renewed).await {
                Ok(body) => return Ok(body),
                Err(fault) => fault,
            };
            let kind = fault.kind();
            self.guard.failed(self.clock.now(), kind);
            let Some(wait) = self.settings.retry.wait(attempt, kind, self.random()) else {
                return Err(self.error(url, fault));
            };
            tracing::warn!(
                provider = %self.provider,
                path = url.path(),
                attempt,
                wait_ms = wait / 1_000_000,
                fault = %fault,
                "a call failed and is tried again"
            );
            sleep(nanos(wait)).await;
            attempt += 1;
        }
    }

    /// One attempt with a token, where the service has tokens. One that is refused may have been taken back before its
    /// time: once in a question another one is got.
    async fn with_token(&self, url: &Url, renewed: &mut bool) -> Result<Vec<u8>, FetchFault> {
        let Some(keeper) = &self.token else {
            return self.once(url, None).await;
        };
        let (limit, retry) = (self.settings.timeout, self.settings.retry);
        let token = keeper.header(&self.client, limit, retry).await?;
        match self.once(url, Some(&token)).await {
            Err(FetchFault::Unauthorized { status: 401, .. }) if !*renewed => {
                *renewed = true;
                keeper.refused(&token).await;
                let token = keeper.header(&self.client, limit, retry).await?;
                self.once(url, Some(&token)).await
            }
            outcome => outcome,
        }
    }

    /// Waits until the guard lets the call go, within bounds.
    async fn admitted(&self, url: &Url) -> Result<(), FetchError> {
        loop {
            let now = self.clock.now();
            match self.guard.admit(now) {
                Ok(()) => return Ok(()),
                Err(Refusal::Pace(then)) => {
                    let wait = nanos(then.nanos_since(now));
                    if wait > self.settings.longest_pace {
                        return Err(self.error(url, FetchFault::TooBusy { until: then }));
                    }
                    sleep(wait).await;
                }
                Err(Refusal::DayUsedUp(until)) => {
                    return Err(self.error(url, FetchFault::DayUsedUp { until }));
                }
                Err(Refusal::CircuitOpen(until)) => {
                    return Err(self.error(url, FetchFault::CircuitOpen { until }));
                }
            }
        }
    }

    /// One attempt, with its end reported to the guard when it is good.
    async fn once(&self, url: &Url, token: Option<&HeaderValue>) -> Result<Vec<u8>, FetchFault> {
        let began = self.clock.now();
        let limit = self.settings.longest_body;
        let call = async {
            let mut request = self.client.get(url.clone());
            if let Some(token) = token {
                request = request.header(AUTHORIZATION, token);
            }
            let response = request.send().await;
            answer::body(response.map_err(FetchFault::transport)?, limit, began).await
        };
        let body = timeout(self.settings.timeout, call)
            .await
            .map_err(|_elapsed| FetchFault::Timeout(self.settings.timeout))??;
        let now = self.clock.now();
        self.guard.answered(now, now.nanos_since(began));
        Ok(body)
    }

    fn random(&self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        let mut state = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn error(&self, url: &Url, fault: FetchFault) -> FetchError {
        FetchError::new(&self.provider, url.path(), fault)
    }

    /// A body that arrived whole and is no answer to the question: one that cannot be used counts against the
    /// provider, one that says that we ask too much holds calls back for a minute.
    pub(crate) fn faulty(&self, url: &Url, fault: PageFault) -> FetchError {
        let (kind, fault) = match fault {
            PageFault::Unusable(detail) => (FailureKind::Transient, FetchFault::Content(detail)),
            PageFault::Throttled(message) => {
                tracing::warn!(provider = %self.provider, %message, "the provider says that we ask too much");
                let wait_nanos = Some(HOLD_NANOS);
                (
                    FailureKind::Throttled { wait_nanos },
                    FetchFault::Throttled { wait_nanos },
                )
            }
            PageFault::Unauthorized(message) => (
                FailureKind::Permanent,
                FetchFault::Unauthorized {
                    status: 200,
                    message,
                },
            ),
            PageFault::Refused(message) => (
                FailureKind::Permanent,
                FetchFault::Refused {
                    status: 200,
                    message,
                },
            ),
        };
        self.guard.failed(self.clock.now(), kind);
        self.error(url, fault)
    }

    /// Who is asked.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The client's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// An address cannot be made of the configuration.
    pub(crate) fn misconfigured(&self, detail: String) -> FetchError {
        FetchError::new(&self.provider, "", FetchFault::Address(detail))
    }
}

/// A wait; none when it is negative.
fn nanos(count: i64) -> Duration {
    Duration::from_nanos(u64::try_from(count).unwrap_or(0))
}
