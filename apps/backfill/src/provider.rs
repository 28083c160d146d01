//! The vendor that arguments name, with address, key and limits of the configuration.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderMap;
use trader_config::Secret;
use trader_data::HistoricalSource;
use trader_data::http::{HttpClient, HttpSettings};
use trader_data::resilience::{
    BreakerSettings, HealthSettings, ProviderGuard, QuotaLimits, RetryPolicy,
};
use trader_data::vendors::{Alpaca, AlpacaFeed, BarVendor, Massive, VendorBars, saved_quota};
use trader_domain::{Clock, NANOS_PER_SECOND, Timeframe, Timestamp};

use crate::cli::Provider;
use crate::failure::Failure;
use crate::output;
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

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        output::now()
    }
}

/// The source and the vendor's name in the store.
pub(crate) fn open(
    provider: Provider,
    session: &Session,
    timeframe: Option<Timeframe>,
) -> Result<(Box<dyn HistoricalSource>, String), Failure> {
    let config = &session.loaded.config;
    let timeframe = timeframe.ok_or_else(|| {
        Failure::Usage(
            "a vendor must be told the length of the bars: --timeframe 1d or 1m".to_owned(),
        )
    })?;
    match provider {
        Provider::Alpaca | Provider::AlpacaIex => {
            let feed = if provider == Provider::Alpaca {
                AlpacaFeed::Sip
            } else {
                AlpacaFeed::Iex
            };
            let alpaca = &config.alpaca;
            let key = key(alpaca.api_key.as_ref(), "providers.alpaca.api_key")?;
            let secret = alpaca.secret_key.as_ref();
            let secret = self::key(secret, "providers.alpaca.secret_key")?;
            let headers = Alpaca::headers(key.expose(), secret.expose());
            let limits = [alpaca.calls_per_minute, alpaca.calls_per_day, alpaca.burst];
            let vendor = Alpaca::new(url(&alpaca.data_url.to_string())?, feed);
            source(
                vendor,
                sendable(headers, "providers.alpaca")?,
                limits,
                session,
                timeframe,
            )
        }
        Provider::Massive => {
            let polygon = &config.polygon;
            let key = key(polygon.api_key.as_ref(), "providers.polygon.api_key")?;
            let headers = Massive::headers(key.expose());
            let limits = [
                polygon.calls_per_minute,
                polygon.calls_per_day,
                polygon.burst,
            ];
            let vendor = Massive::new(url(&polygon.base_url.to_string())?);
            source(
                vendor,
                sendable(headers, "providers.polygon")?,
                limits,
                session,
                timeframe,
            )
        }
    }
}

fn source<V: BarVendor + 'static>(
    vendor: V,
    headers: HeaderMap,
    limits: [u32; 3],
    session: &Session,
    timeframe: Timeframe,
) -> Result<(Box<dyn HistoricalSource>, String), Failure> {
    let name = vendor.name();
    let [per_minute, per_day, burst] =
        limits.map(|limit| NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
    let limits = QuotaLimits {
        per_minute,
        per_day,
        burst,
    };
    let file = session.quota_file(name);
    let saved = saved_quota(&file).map_err(Failure::Store)?;
    let guard = ProviderGuard::new(limits, saved, BREAKER, HealthSettings::default());
    // Several machines that start together must not wait alike.
    let seed = output::now().nanos().unsigned_abs() ^ u64::from(std::process::id());
    let client = HttpClient::new(name, headers, guard, Arc::new(SystemClock), seed, HTTP)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    let source = VendorBars::new(vendor, client, timeframe, file).map_err(Failure::Source)?;
    Ok((Box::new(source), name.to_owned()))
}

fn key<'a>(secret: Option<&'a Secret>, key: &str) -> Result<&'a Secret, Failure> {
    secret.ok_or_else(|| {
        let variable = key.to_uppercase().replace('.', "__");
        Failure::Usage(format!(
            "there is no {key}; set it in the environment as AI_TRADER_{variable}, or its file as AI_TRADER_{variable}__FILE"
        ))
    })
}

fn url(text: &str) -> Result<Url, Failure> {
    Url::parse(text).map_err(|error| Failure::Usage(format!("{text}: {error}")))
}

fn sendable<E>(headers: Result<HeaderMap, E>, section: &str) -> Result<HeaderMap, Failure> {
    headers.map_err(|_unprintable| {
        Failure::Usage(format!(
            "a key in {section} holds characters that cannot be sent; copy it anew"
        ))
    })
}
