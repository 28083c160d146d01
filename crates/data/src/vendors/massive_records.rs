//! Massive's news, tickers, splits and dividends, from bytes to records.

use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{
    AnnouncedAction, AnnouncedTerms, ListedClass, Listing, ListingStatus, NewsItem,
};

use super::decode::{
    Page, RowFault, date, each, optional_date, quantity, rounded_price, some, symbol, symbols,
    time, valid, valid_news,
};
use super::link::PageFault;
use crate::record_source::Stamp;

/// What all lists have in common.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(default)]
    status: Option<String>,
    #[serde(borrow, default)]
    results: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    next_url: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// The elements of a list and the next page's address. A good status may carry an error.
pub(super) fn elements(body: &[u8]) -> Result<(Vec<&RawValue>, Option<String>), PageFault> {
    let body: Body<'_> = serde_json::from_slice(body)?;
    let said = || {
        let text = body.error.clone().or_else(|| body.message.clone());
        let text = text.unwrap_or_default();
        format!("{text:.200}")
    };
    match body.status.as_deref() {
        // Some recorded lists carry no status at all; what has neither is no list.
        None if body.error.is_none() && body.results.is_some() => {}
        Some("OK" | "DELAYED") => {}
        Some("NOT_AUTHORIZED") => return Err(PageFault::Unauthorized(said())),
        other => {
            return Err(PageFault::Unusable(format!(
                "status {other:.40?}: {}",
                said()
            )));
        }
    }
    Ok((body.results.unwrap_or_default(), some(body.next_url)))
}

#[derive(Deserialize)]
struct WireNews {
    id: String,
    publisher: Publisher,
    title: String,
    published_utc: String,
    #[serde(default)]
    article_url: Option<String>,
    #[serde(default)]
    tickers: Vec<String>,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Publisher {
    name: String,
}

/// A page of `/v2/reference/news`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_news(body: &[u8], stamp: Stamp) -> Result<Page<NewsItem>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: WireNews| {
        valid_news(NewsItem {
            id: wire.id,
            vendor: stamp.vendor,
            published: time("published_utc", &wire.published_utc)?,
            received: stamp.received,
            headline: wire.title,
            body: some(wire.description),
            source: wire.publisher.name,
            symbols: symbols(wire.tickers.iter().map(String::as_str)),
            url: some(wire.article_url),
        })
    });
    Ok(Page { delivery, next })
}

#[derive(Deserialize)]
struct WireTicker {
    ticker: String,
    name: String,
    market: String,
    #[serde(default)]
    primary_exchange: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    active: bool,
    #[serde(default)]
    cik: Option<String>,
    #[serde(default)]
    composite_figi: Option<String>,
    #[serde(default)]
    delisted_utc: Option<String>,
}

/// A page of `/v3/reference/tickers`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_tickers(body: &[u8], stamp: Stamp) -> Result<Page<Listing>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: WireTicker| {
        let class = match (wire.market.as_str(), wire.kind.as_deref()) {
            ("stocks" | "otc", Some("ETF" | "ETV" | "ETN" | "ETS")) => ListedClass::Etf,
            ("stocks" | "otc", Some("CS" | "PFD" | "ADRC" | "ADRP" | "FUND" | "OS" | "GDR")) => {
                ListedClass::Equity
            }
            ("indices", _) => ListedClass::Index,
            ("crypto", _) => ListedClass::Crypto,
            _ => ListedClass::Other,
        };
        let status = if wire.active {
            ListingStatus::Active
        } else {
            ListingStatus::Inactive
        };
        valid(Listing {
            id: wire.ticker.clone(),
            vendor: stamp.vendor,
            symbol: symbol("ticker", &wire.ticker)?,
            name: wire.name,
            exchange: some(wire.primary_exchange),
            class,
            status,
            tradable: None,
            marginable: None,
            shortable: None,
            easy_to_borrow: None,
            fractionable: None,
            cik: some(wire.cik),
            figi: some(wire.composite_figi),
            listed: None,
            delisted: optional_date("delisted_utc", wire.delisted_utc.as_deref())?,
            received: stamp.received,
        })
    });
    Ok(Page { delivery, next })
}

#[derive(Deserialize)]
struct WireSplit<'a> {
    #[serde(default)]
    id: Option<String>,
    ticker: String,
    execution_date: String,
    #[serde(borrow)]
    split_from: &'a RawValue,
    #[serde(borrow)]
    split_to: &'a RawValue,
}

/// A page of `/v3/reference/splits`. A split without an id is named by what it is.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_splits(body: &[u8], stamp: Stamp) -> Result<Page<AnnouncedAction>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: WireSplit<'_>| {
        let (to, from) = (
            quantity("split_to", wire.split_to)?,
            quantity("split_from", wire.split_from)?,
        );
        let named = format!("{}-{}-{to}-{from}", wire.ticker, wire.execution_date);
        valid(AnnouncedAction {
            id: wire.id.unwrap_or(named),
            vendor: stamp.vendor,
            symbol: symbol("ticker", &wire.ticker)?,
            terms: AnnouncedTerms::Split { to, from },
            ex_date: date("execution_date", &wire.execution_date)?,
            record_date: None,
            payable_date: None,
            declared: None,
            received: stamp.received,
        })
    });
    Ok(Page { delivery, next })
}

#[derive(Deserialize)]
struct WireDividend<'a> {
    #[serde(default)]
    id: Option<String>,
    ticker: String,
    #[serde(borrow)]
    cash_amount: &'a RawValue,
    #[serde(default)]
    currency: Option<String>,
    dividend_type: String,
    ex_dividend_date: String,
    #[serde(default)]
    declaration_date: Option<String>,
    #[serde(default)]
    record_date: Option<String>,
    #[serde(default)]
    pay_date: Option<String>,
}

/// A page of `/v3/reference/dividends`. Amounts in other currencies than dollars are rejected.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_dividends(body: &[u8], stamp: Stamp) -> Result<Page<AnnouncedAction>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: WireDividend<'_>| {
        if let Some(other) = wire.currency.filter(|currency| currency != "USD") {
            return Err(RowFault::new(
                "currency",
                format!("it is paid in {other:.10}"),
            ));
        }
        let special = match wire.dividend_type.as_str() {
            "CD" => false,
            "SC" | "LT" | "ST" => true,
            other => {
                return Err(RowFault::new(
                    "unknown",
                    format!("dividend type {other:.20}"),
                ));
            }
        };
        let amount = rounded_price("cash_amount", wire.cash_amount)?;
        let named = format!(
            "{}-{}-{}-{amount}",
            wire.ticker, wire.ex_dividend_date, wire.dividend_type
        );
        valid(AnnouncedAction {
            id: wire.id.unwrap_or(named),
            vendor: stamp.vendor,
            symbol: symbol("ticker", &wire.ticker)?,
            terms: AnnouncedTerms::CashDividend { amount, special },
            ex_date: date("ex_dividend_date", &wire.ex_dividend_date)?,
            record_date: optional_date("record_date", wire.record_date.as_deref())?,
            payable_date: optional_date("pay_date", wire.pay_date.as_deref())?,
            declared: optional_date("declaration_date", wire.declaration_date.as_deref())?,
            received: stamp.received,
        })
    });
    Ok(Page { delivery, next })
}
