//! Alpaca's stock bars, market data API v2 (`/v2/stocks/{symbol}/bars`).

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, InvalidHeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Timeframe, Timestamp};

use super::bars::{BarAsk, BarVendor, Next};
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
    const fn word(self) -> &'static str {
        match self {
            Self::Sip => "sip",
            Self::Iex => "iex",
        }
    }
}

/// The vendor; raw prices, symbols as they are on the last date asked for (`asof`).
#[derive(Clone, Debug)]
pub struct Alpaca {
    base: Url,
    feed: AlpacaFeed,
}

impl Alpaca {
    /// At this address.
    pub fn new(base: Url, feed: AlpacaFeed) -> Self {
        Self { base, feed }
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
    #[serde(borrow)]
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

    fn variant(&self) -> String {
        self.feed.word().to_owned()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| format!("{} cannot be a base", self.base))?
            .pop_if_empty()
            .extend(["v2", "stocks", ask.symbol.as_str(), "bars"]);
        let timeframe = match ask.timeframe {
            Timeframe::Session => "1Day",
            Timeframe::MINUTE => "1Min",
            other @ Timeframe::Seconds(_) => return Err(format!("no bars of {other}")),
        };
        // Dates mean whole days in New York (market data API, parameter `start`).
        url.query_pairs_mut()
            .append_pair("timeframe", timeframe)
            .append_pair("start", &ask.from.to_string())
            .append_pair("end", &ask.to.to_string())
            .append_pair("limit", PAGE)
            .append_pair("adjustment", "raw")
            .append_pair("asof", &ask.to.to_string())
            .append_pair("feed", self.feed.word())
            .append_pair("sort", "asc");
        Ok(url)
    }

    fn page(
        &self,
        ask: &BarAsk,
        asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, String> {
        let page: Page<'_> = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        if let Some(symbol) = page.symbol.filter(|found| found != ask.symbol.as_str()) {
            return Err(format!("bars of {symbol} came for {}", ask.symbol));
        }
        for bar in page.bars.unwrap_or_default() {
            rows.push(&time(ask, bar.t), &bar);
        }
        match page.next_page_token {
            None => Ok(Next::End),
            Some(token) => {
                let kept: Vec<(String, String)> = asked
                    .query_pairs()
                    .filter(|(name, _)| name != "page_token")
                    .map(|(name, value)| (name.into_owned(), value.into_owned()))
                    .collect();
                let mut next = asked.clone();
                next.query_pairs_mut()
                    .clear()
                    .extend_pairs(kept)
                    .append_pair("page_token", &token);
                Ok(Next::At(next))
            }
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
