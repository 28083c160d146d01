//! Alpaca's stock bars, market data API v2 (`/v2/stocks/{symbol}/bars`).

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, InvalidHeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Timeframe, Timestamp};
use trader_storage::store::StoredAdjustment;

use super::bars::{BarAsk, BarVendor};
use super::link::{Next, PageFault, address, with_parameter};
use super::rows::{Rows, WireBar, date_in_new_york};

/// Most data points in a page.
const PAGE: &str = "10000";

/// Which trades the bars are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlpacaFeed {
    /// All US exchanges; needs a subscription for the last 15 minutes.
    Sip,
    /// IEX only.
    Iex,
}

impl AlpacaFeed {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Iex => "iex",
        }
    }
}

/// The vendor; raw prices, symbols as they are on the last date asked for (`asof`).
#[derive(Clone, Debug)]
pub struct Alpaca {
    pub(super) base: Url,
    pub(super) trading: Option<Url>,
    pub(super) feed: AlpacaFeed,
}

impl Alpaca {
    /// At this address.
    pub fn new(base: Url, feed: AlpacaFeed) -> Self {
        Self {
            base,
            trading: None,
            feed,
        }
    }

    /// With the address of trading, where assets and the calendar are.
    #[must_use]
    pub fn with_trading(self, trading: Url) -> Self {
        Self {
            trading: Some(trading),
            ..self
        }
    }

    /// The headers that carry the credentials.
    ///
    /// # Errors
    /// When a credential holds characters that a header cannot carry.
    pub fn headers(key_id: &str, secret: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        for (name, value) in [("apca-api-key-id", key_id), ("apca-api-secret-key", secret)] {
            let mut value = HeaderValue::from_str(value)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// The page of one symbol.
#[derive(Deserialize)]
struct Page<'a> {
    /// Null when there are none; what lacks it is no page of bars.
    #[serde(borrow, deserialize_with = "Deserialize::deserialize")]
    bars: Option<Vec<WireBar<'a>>>,
    #[serde(default)]
    symbol: Option<String>,
    next_page_token: Option<String>,
}

impl BarVendor for Alpaca {
    fn name(&self) -> &'static str {
        "alpaca"
    }

    fn timeframes(&self) -> Vec<Timeframe> {
        vec![Timeframe::MINUTE, Timeframe::Session]
    }

    fn adjustment(&self, _timeframe: Timeframe) -> StoredAdjustment {
        StoredAdjustment::Raw
    }

    fn variant(&self) -> String {
        self.feed.word().to_owned()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        let timeframe = match ask.timeframe {
            Timeframe::Session => "1Day",
            Timeframe::MINUTE => "1Min",
            other @ Timeframe::Seconds(_) => return Err(format!("no bars of {other}")),
        };
        // Dates mean whole days in New York (market data API, parameter `start`).
        let (from, to) = (ask.from.to_string(), ask.to.to_string());
        address(
            &self.base,
            &["v2", "stocks", ask.symbol.as_str(), "bars"],
            &[
                ("timeframe", timeframe),
                ("start", &from),
                ("end", &to),
                ("limit", PAGE),
                ("adjustment", "raw"),
                ("asof", &to),
                ("feed", self.feed.word()),
                ("sort", "asc"),
            ],
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
        if let Some(symbol) = page.symbol.filter(|found| found != ask.symbol.as_str()) {
            return Err(format!("bars of {symbol} came for {}", ask.symbol).into());
        }
        for bar in page.bars.unwrap_or_default() {
            rows.push(&time(ask, bar.t), &bar);
        }
        match page.next_page_token {
            None => Ok(Next::End),
            Some(token) => Ok(Next::At(with_parameter(asked, "page_token", &token))),
        }
    }
}

/// Start of the bar as the reader takes it: daily bars carry New York's midnight and are named by its date.
fn time(ask: &BarAsk, text: &RawValue) -> String {
    let text = text.get().trim_matches('"');
    if ask.timeframe != Timeframe::Session {
        return text.to_owned();
    }
    match text.parse::<Timestamp>() {
        Ok(instant) => date_in_new_york(instant).unwrap_or_else(|| text.to_owned()),
        // The reader says what is wrong with it.
        Err(_) => text.to_owned(),
    }
}
