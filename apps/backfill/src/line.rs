//! Lines to vendors: address, key and limits of the configuration, one line for each vendor.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use trader_config::Secret;
use trader_data::http::{HttpClient, HttpSettings, TokenSettings};
use trader_data::resilience::{
    BreakerSettings, HealthSettings, ProviderGuard, QuotaLimits, RetryPolicy,
};
use trader_data::vendors::{Alpaca, Edgar, Finnhub, Massive, Reddit, VendorLink, saved_quota};
use trader_domain::NANOS_PER_SECOND;

use crate::failure::Failure;
use crate::output::{self, SystemClock};
use crate::session::Session;

/// Bounds of calls: a page of ten thousand bars is about 1 MB and takes seconds on a slow line.
const HTTP: HttpSettings = HttpSettings {
    timeout: Duration::from_secs(60),
    longest_body: 64 * 1024 * 1024,
    in_flight: 4,
    longest_pace: Duration::from_secs(120),
    retry: RetryPolicy {
        attempts: 5,
        first_wait_nanos: NANOS_PER_SECOND / 2,
        longest_wait_nanos: 30 * NANOS_PER_SECOND,
        longest_told_nanos: 120 * NANOS_PER_SECOND,
    },
};

/// Ten calls in a row without an answer, then half a minute of rest, doubled up to five minutes.
const BREAKER: BreakerSettings = BreakerSettings {
    failures: 10,
    open_nanos: 30 * NANOS_PER_SECOND,
    longest_open_nanos: 300 * NANOS_PER_SECOND,
};

/// The lines of a command; a vendor that is named twice has one.
pub(crate) struct Lines<'a> {
    session: &'a Session,
    open: BTreeMap<&'static str, Arc<VendorLink>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self {
            session,
            open: BTreeMap::new(),
        }
    }

    pub(crate) fn alpaca(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let alpaca = &self.session.loaded.config.alpaca;
        let id = key(alpaca.api_key.as_ref(), "providers.alpaca.api_key")?;
        let secret = key(alpaca.secret_key.as_ref(), "providers.alpaca.secret_key")?;
        let headers = sendable(
            Alpaca::headers(id.expose(), secret.expose()),
            "providers.alpaca",
        )?;
        let limits = [alpaca.calls_per_minute, alpaca.calls_per_day, alpaca.burst];
        self.line("alpaca", headers, limits)
    }

    pub(crate) fn massive(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let polygon = &self.session.loaded.config.polygon;
        let key = key(polygon.api_key.as_ref(), "providers.polygon.api_key")?;
        let headers = sendable(Massive::headers(key.expose()), "providers.polygon")?;
        let limits = [
            polygon.calls_per_minute,
            polygon.calls_per_day,
            polygon.burst,
        ];
        self.line("massive", headers, limits)
    }

    pub(crate) fn finnhub(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let finnhub = &self.session.loaded.config.finnhub;
        let key = key(finnhub.api_key.as_ref(), "providers.finnhub.api_key")?;
        let headers = sendable(Finnhub::headers(key.expose()), "providers.finnhub")?;
        let limits = [
            finnhub.calls_per_minute,
            finnhub.calls_per_day,
            finnhub.burst,
        ];
        self.line("finnhub", headers, limits)
    }

    /// The line and the key, which travels in the address.
    pub(crate) fn alpha_vantage(&mut self) -> Result<(Arc<VendorLink>, &'a Secret), Failure> {
        let vantage = &self.session.loaded.config.alpha_vantage;
        let key = key(vantage.api_key.as_ref(), "providers.alpha_vantage.api_key")?;
        let limits = [
            vantage.calls_per_minute,
            vantage.calls_per_day,
            vantage.burst,
        ];
        Ok((self.line("alpha_vantage", HeaderMap::new(), limits)?, key))
    }

    pub(crate) fn yahoo(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let yahoo = &self.session.loaded.config.yahoo;
        let limits = [yahoo.calls_per_minute, yahoo.calls_per_day, yahoo.burst];
        self.line("yahoo", HeaderMap::new(), limits)
    }

    /// The line and the key, which travels in the address.
    pub(crate) fn benzinga(&mut self) -> Result<(Arc<VendorLink>, &'a Secret), Failure> {
        let benzinga = &self.session.loaded.config.benzinga;
        let key = key(benzinga.api_key.as_ref(), "providers.benzinga.api_key")?;
        let limits = [
            benzinga.calls_per_minute,
            benzinga.calls_per_day,
            benzinga.burst,
        ];
        // Without this header it answers in XML.
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok((self.line("benzinga", headers, limits)?, key))
    }

    pub(crate) fn edgar(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let edgar = &self.session.loaded.config.edgar;
        let agent = edgar.user_agent.as_ref().ok_or_else(|| {
            Failure::Usage(
                "the SEC wants to know who asks: set providers.edgar.user_agent to \"Company Name admin@company.com\""
                    .to_owned(),
            )
        })?;
        let headers = sendable(Edgar::headers(agent.as_str()), "providers.edgar")?;
        let limits = [edgar.calls_per_minute, edgar.calls_per_day, edgar.burst];
        self.line("edgar", headers, limits)
    }

    pub(crate) fn reddit(&mut self) -> Result<Arc<VendorLink>, Failure> {
        let reddit = &self.session.loaded.config.reddit;
        let id = key(reddit.client_id.as_ref(), "providers.reddit.client_id")?;
        let secret = key(
            reddit.client_secret.as_ref(),
            "providers.reddit.client_secret",
        )?;
        let agent = reddit.user_agent.as_ref().ok_or_else(|| {
            Failure::Usage(
                "Reddit wants to know who asks: set providers.reddit.user_agent to \"platform:application:version (by /u/name)\""
                    .to_owned(),
            )
        })?;
        let headers = sendable(Reddit::headers(agent.as_str()), "providers.reddit")?;
        let limits = [reddit.calls_per_minute, reddit.calls_per_day, reddit.burst];
        let tokens = TokenSettings {
            url: url(&reddit.token_url.to_string())?,
            client_id: id.expose().to_owned(),
            client_secret: secret.expose().to_owned(),
        };
        self.line_with("reddit", headers, limits, Some(tokens))
    }

    fn line(
        &mut self,
        name: &'static str,
        headers: HeaderMap,
        limits: [u32; 3],
    ) -> Result<Arc<VendorLink>, Failure> {
        self.line_with(name, headers, limits, None)
    }

    fn line_with(
        &mut self,
        name: &'static str,
        headers: HeaderMap,
        limits: [u32; 3],
        tokens: Option<TokenSettings>,
    ) -> Result<Arc<VendorLink>, Failure> {
        if let Some(open) = self.open.get(name) {
            return Ok(Arc::clone(open));
        }
        let [per_minute, per_day, burst] =
            limits.map(|limit| NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
        let limits = QuotaLimits {
            per_minute,
            per_day,
            burst,
        };
        let file = self.session.quota_file(name);
        let saved = saved_quota(&file).map_err(Failure::Store)?;
        let guard = ProviderGuard::new(limits, saved, BREAKER, HealthSettings::default());
        // Several machines that start together must not wait alike.
        let seed = output::now().nanos().unsigned_abs() ^ u64::from(std::process::id());
        let client = HttpClient::new(name, headers, guard, Arc::new(SystemClock), seed, HTTP)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let client = match tokens {
            Some(tokens) => client.with_tokens(tokens),
            None => client,
        };
        let line = Arc::new(VendorLink::new(client, file).map_err(Failure::Source)?);
        self.open.insert(name, Arc::clone(&line));
        Ok(line)
    }
}

/// A secret that must be configured.
///
/// # Errors
/// Where to put it.
pub(crate) fn key<'a>(secret: Option<&'a Secret>, key: &str) -> Result<&'a Secret, Failure> {
    secret.ok_or_else(|| {
        let variable = key.to_uppercase().replace('.', "__");
        Failure::Usage(format!(
            "there is no {key}; set it in the environment as AI_TRADER_{variable}, or its file as AI_TRADER_{variable}__FILE"
        ))
    })
}

/// A configured address.
pub(crate) fn url(text: &str) -> Result<Url, Failure> {
    Url::parse(text).map_err(|error| Failure::Usage(format!("{text}: {error}")))
}

fn sendable<E>(headers: Result<HeaderMap, E>, section: &str) -> Result<HeaderMap, Failure> {
    headers.map_err(|_unprintable| {
        Failure::Usage(format!(
            "a key in {section} holds characters that cannot be sent; copy it anew"
        ))
    })
}
