//! Finnhub's company news and lists of symbols, from bytes to records.

use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{ListedClass, Listing, ListingStatus, NewsItem};

use super::decode::{Page, each, seconds, some, symbol, symbols, valid, valid_news};
use super::link::PageFault;
use crate::record_source::Stamp;

#[derive(Deserialize)]
struct WireNews<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    datetime: &'a RawValue,
    headline: String,
    source: String,
    #[serde(default)]
    related: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    url: Option<String>,
}

/// The list of `/company-news`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn finnhub_news(body: &[u8], stamp: Stamp) -> Result<Page<NewsItem>, PageFault> {
    let items: Vec<&RawValue> = serde_json::from_slice(body)?;
    let delivery = each(items, |wire: WireNews<'_>| {
        valid_news(NewsItem {
            id: wire.id.get().trim_matches('"').to_owned(),
            vendor: stamp.vendor,
            published: seconds("datetime", wire.datetime)?,
            received: stamp.received,
            headline: wire.headline,
            body: some(wire.summary),
            source: wire.source,
            symbols: symbols(wire.related.unwrap_or_default().split(',')),
            url: some(wire.url),
        })
    });
    Ok(Page {
        delivery,
        next: None,
    })
}

#[derive(Deserialize)]
struct WireSymbol {
    symbol: String,
    description: String,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    mic: Option<String>,
    #[serde(default)]
    figi: Option<String>,
}

/// The list of `/stock/symbol`: what is listed now.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn finnhub_symbols(body: &[u8], stamp: Stamp) -> Result<Page<Listing>, PageFault> {
    let items: Vec<&RawValue> = serde_json::from_slice(body)?;
    let delivery = each(items, |wire: WireSymbol| {
        let class = match wire.kind.as_deref() {
            Some("ETP") => ListedClass::Etf,
            Some("Common Stock" | "ADR" | "REIT" | "Closed-End Fund" | "Preference" | "MLP") => {
                ListedClass::Equity
            }
            Some("Index") => ListedClass::Index,
            Some("Crypto") => ListedClass::Crypto,
            _ => ListedClass::Other,
        };
        let name = some(Some(wire.description)).unwrap_or_else(|| wire.symbol.clone());
        valid(Listing {
            id: wire.symbol.clone(),
            vendor: stamp.vendor,
            symbol: symbol("symbol", &wire.symbol)?,
            name,
            exchange: some(wire.mic),
            class,
            status: ListingStatus::Active,
            tradable: None,
            marginable: None,
            shortable: None,
            easy_to_borrow: None,
            fractionable: None,
            cik: None,
            figi: some(wire.figi),
            listed: None,
            delisted: None,
            received: stamp.received,
        })
    });
    Ok(Page {
        delivery,
        next: None,
    })
}
