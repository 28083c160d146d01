//! Massive's (formerly Polygon's) aggregates (`/v2/aggs/ticker/{symbol}/range/...`).

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, InvalidHeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Timeframe, Timestamp};
use trader_storage::store::StoredAdjustment;

use super::bars::{BarAsk, BarVendor};
use super::link::{Next, PageFault, address, on_same_host};
use super::rows::{Rows, WireBar, date_in_new_york};

/// Most base aggregates in a page.
const PAGE: &str = "50000";

/// The vendor; prices not adjusted for splits.
#[derive(Clone, Debug)]
pub struct Massive {
    pub(super) base: Url,
}

impl Massive {
    /// At this address.
    pub fn new(base: Url) -> Self {
        Self { base }
    }

    /// The header that carries the key.
    ///
    /// # Errors
    /// When the key holds characters that a header cannot carry.
    pub fn headers(key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(&format!("Bearer {key}"))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value);
        Ok(headers)
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    status: String,
    #[serde(default)]
    ticker: Option<String>,
    #[serde(default)]
    adjusted: Option<bool>,
    #[serde(borrow, default)]
    results: Vec<WireBar<'a>>,
    #[serde(default)]
    next_url: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

impl BarVendor for Massive {
    fn name(&self) -> &'static str {
        "massive"
    }

    fn timeframes(&self) -> Vec<Timeframe> {
        vec![Timeframe::MINUTE, Timeframe::Session]
    }

    fn adjustment(&self, _timeframe: Timeframe) -> StoredAdjustment {
        StoredAdjustment::Raw
    }

    fn variant(&self) -> String {
        String::new()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        let timespan = match ask.timeframe {
            Timeframe::Session => "day",
            Timeframe::MINUTE => "minute",
            other @ Timeframe::Seconds(_) => return Err(format!("no bars of {other}")),
        };
        let (from, to) = (ask.from.to_string(), ask.to.to_string());
        let symbol = ask.symbol.as_str();
        address(
            &self.base,
            &[
                "v2", "aggs", "ticker", symbol, "range", "1", timespan, &from, &to,
            ],
            &[("adjusted", "false"), ("sort", "asc"), ("limit", PAGE)],
        )
    }

    fn page(
        &self,
        ask: &BarAsk,
        asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, PageFault> {
        let page: Page<'_> = serde_json::from_slice(body)?;
        // DELAYED is what cheaper subscriptions get: complete but fifteen minutes old.
        if !matches!(page.status.as_str(), "OK" | "DELAYED") {
            let said = page.error.unwrap_or_default();
            return Err(format!("status {}: {said}", page.status).into());
        }
        if let Some(ticker) = page.ticker.filter(|found| found != ask.symbol.as_str()) {
            return Err(format!("bars of {ticker} came for {}", ask.symbol).into());
        }
        if page.adjusted == Some(true) {
            return Err("adjusted prices came where raw ones were asked for"
                .to_owned()
                .into());
        }
        for bar in &page.results {
            rows.push(&time(ask, bar.t), bar);
        }
        match page.next_url {
            None => Ok(Next::End),
            Some(text) => Ok(Next::At(on_same_host(asked, &text)?)),
        }
    }
}

/// Start of the bar from milliseconds since 1970; daily bars are named by New York's date.
fn time(ask: &BarAsk, text: &RawValue) -> String {
    let text = text.get();
    let instant = text
        .parse::<i64>()
        .ok()
        .and_then(|millis| millis.checked_mul(1_000_000))
        .map(Timestamp::from_nanos);
    match instant {
        Some(instant) if ask.timeframe == Timeframe::Session => {
            date_in_new_york(instant).unwrap_or_else(|| text.to_owned())
        }
        Some(instant) => instant.to_string(),
        // The reader says what is wrong with it.
        None => text.to_owned(),
    }
}
