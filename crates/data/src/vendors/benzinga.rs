//! Benzinga's news (`/api/v2/news`): pages by number; its key travels in the address, which no message or log shows.

use chrono::DateTime;
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{NewsItem, Symbol, Timestamp};

use super::decode::{Page, RowFault, each, some, symbols, valid_news};
use super::link::{PageFault, address};
use crate::record_source::{RecordRequest, Stamp};

/// Items in a page; a page with fewer is the last one.
pub(super) const PAGE: usize = 100;

/// The vendor.
pub struct Benzinga {
    base: Url,
    key: String,
}

impl std::fmt::Debug for Benzinga {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Benzinga")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl Benzinga {
    /// At this address, with this key.
    pub fn new(base: Url, key: &str) -> Self {
        Self {
            base,
            key: key.to_owned(),
        }
    }

    /// The address of a page, counted from 0.
    pub(super) fn page(&self, request: &RecordRequest, page: usize) -> Result<Url, String> {
        let tickers: Vec<&str> = request.symbols.iter().map(Symbol::as_str).collect();
        let (from, to) = (request.from.to_string(), request.to.to_string());
        let (page, size, tickers) = (page.to_string(), PAGE.to_string(), tickers.join(","));
        let mut query = vec![
            ("dateFrom", from.as_str()),
            ("dateTo", &to),
            ("page", &page),
            ("pageSize", &size),
            ("displayOutput", "full"),
            ("sort", "created:asc"),
        ];
        if !tickers.is_empty() {
            query.push(("tickers", &tickers));
        }
        query.push(("token", &self.key));
        address(&self.base, &["api", "v2", "news"], &query)
    }

    /// The smallest question that needs a key.
    ///
    /// # Errors
    /// When the configured address cannot be a base.
    pub fn check(&self) -> Result<Url, String> {
        let query = [("pageSize", "1"), ("token", self.key.as_str())];
        address(&self.base, &["api", "v2", "news"], &query)
    }
}

#[derive(Deserialize)]
struct WireNews<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    created: String,
    title: String,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    teaser: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    stocks: Vec<Stock>,
}

#[derive(Deserialize)]
struct Stock {
    name: String,
}

/// A page of `/api/v2/news`. Times are as in e-mails: `Wed, 17 May 2017 14:20:15 -0400`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn benzinga_news(body: &[u8], stamp: Stamp) -> Result<Page<NewsItem>, PageFault> {
    let items: Vec<&RawValue> = serde_json::from_slice(body)?;
    let delivery = each(items, |wire: WireNews<'_>| {
        let created = DateTime::parse_from_rfc2822(&wire.created)
            .ok()
            .and_then(|time| Timestamp::from_datetime(time.to_utc()).ok())
            .ok_or_else(|| RowFault::new("time", format!("created is {:.40}", wire.created)))?;
        valid_news(NewsItem {
            id: wire.id.get().trim_matches('"').to_owned(),
            vendor: stamp.vendor,
            published: created,
            received: stamp.received,
            headline: wire.title,
            body: some(wire.body).or(some(wire.teaser)),
            source: some(wire.author).unwrap_or_else(|| "Benzinga".to_owned()),
            symbols: symbols(wire.stocks.iter().map(|stock| stock.name.as_str())),
            url: some(wire.url),
        })
    });
    Ok(Page {
        delivery,
        next: None,
    })
}
