//! Tokens of a service with OAuth: got with an application's credentials, kept, renewed in time, by one caller at once.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Client, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};
use trader_domain::{Clock, Timestamp};

use super::answer;
use super::error::FetchFault;
use crate::resilience::{RetryPolicy, TokenLife, TokenNeed};

/// Longest answer of a service of tokens, bytes.
const LONGEST: usize = 64 * 1024;

/// Calls for one token.
const ATTEMPTS: u32 = 3;

/// How to get tokens: the grant of an application's own credentials (RFC 6749, 4.4).
pub struct TokenSettings {
    /// The address that hands out tokens.
    pub url: Url,
    /// The application's name there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl std::fmt::Debug for TokenSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSettings")
            .field("url", &self.url.as_str())
            .finish_non_exhaustive()
    }
}

/// The token of one service. Nothing shows it.
pub(super) struct TokenKeeper {
    settings: TokenSettings,
    clock: Arc<dyn Clock>,
    /// The lock is held while a token is got: others wait for the same one.
    held: Mutex<Option<Held>>,
}

struct Held {
    header: HeaderValue,
    life: TokenLife,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<i64>,
}

impl TokenKeeper {
    pub(super) fn new(settings: TokenSettings, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            clock,
            held: Mutex::new(None),
        }
    }

    /// The header that carries a good token, renewed if its time has come.
    pub(super) async fn header(
        &self,
        client: &Client,
        limit: Duration,
        retry: RetryPolicy,
    ) -> Result<HeaderValue, FetchFault> {
        let mut held = self.held.lock().await;
        let need = held.as_ref().map_or(TokenNeed::Replacement, |one| {
            one.life.need(self.clock.now())
        });
        if let (TokenNeed::Nothing, Some(one)) = (need, held.as_ref()) {
            return Ok(one.header.clone());
        }
        match self.obtain(client, limit, retry).await {
            Ok(new) => {
                let header = new.header.clone();
                *held = Some(new);
                Ok(header)
            }
            Err(fault) => {
                tracing::error!(alert = "token", host = ?self.settings.url.host_str(), %fault, ?need, "no token could be had");
                match (need, held.as_ref()) {
                    // Still good; the next call tries again.
                    (TokenNeed::Renewal, Some(one)) => Ok(one.header.clone()),
                    _ => Err(FetchFault::Token(Box::new(fault))),
                }
            }
        }
    }

    /// The service does not accept this token: it is used no more.
    pub(super) async fn refused(&self, header: &HeaderValue) {
        let mut held = self.held.lock().await;
        // Another caller may have got a new one meanwhile.
        if held.as_ref().is_some_and(|one| one.header == *header) {
            *held = None;
        }
    }

    async fn obtain(
        &self,
        client: &Client,
        limit: Duration,
        retry: RetryPolicy,
    ) -> Result<Held, FetchFault> {
        let policy = RetryPolicy {
            attempts: ATTEMPTS,
            ..retry
        };
        let mut attempt = 1;
        loop {
            let fault = match self.once(client, limit).await {
                Ok(held) => return Ok(held),
                Err(fault) => fault,
            };
            // Half of the wait that is allowed: one caller asks, there is nobody to be out of step with.
            let Some(wait) = policy.wait(attempt, fault.kind(), 1 << 63) else {
                return Err(fault);
            };
            sleep(Duration::from_nanos(wait.unsigned_abs())).await;
            attempt += 1;
        }
    }

    async fn once(&self, client: &Client, limit: Duration) -> Result<Held, FetchFault> {
        let began = self.clock.now();
        let call = async {
            let asked = client
                .post(self.settings.url.clone())
                .basic_auth(&self.settings.client_id, Some(&self.settings.client_secret))
                .header("content-type", "application/x-www-form-urlencoded")
                .body("grant_type=client_credentials")
                .send()
                .await;
            answer::body(asked.map_err(FetchFault::transport)?, LONGEST, began).await
        };
        let body = timeout(limit, call)
            .await
            .map_err(|_elapsed| FetchFault::Timeout(limit))??;
        held(&body, began)
    }
}

/// The token of an answer. Errors name no part of it.
fn held(body: &[u8], obtained: Timestamp) -> Result<Held, FetchFault> {
    let fault = |detail: &str| FetchFault::Content(format!("the service of tokens {detail}"));
    let answer: Answer =
        serde_json::from_slice(body).map_err(|_shows_the_body| fault("sent no access_token"))?;
    let bearer = answer
        .token_type
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !bearer {
        return Err(fault("sent a token that is no bearer token"));
    }
    let life = TokenLife::of_answer(obtained, answer.expires_in, &answer.access_token)
        .ok_or_else(|| fault("does not say how long the token is good"))?;
    let mut header = HeaderValue::from_str(&format!("Bearer {}", answer.access_token))
        .map_err(|_unprintable| fault("sent a token that no header can carry"))?;
    header.set_sensitive(true);
    Ok(Held { header, life })
}
