//! Alpaca's news, corporate actions, assets and calendar, from bytes to records.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{
    AnnouncedAction, AnnouncedTerms, ListedClass, Listing, ListingStatus, NewsItem, Price,
    Quantity, eastern_instant,
};

use super::decode::{
    Page, RowFault, date, each, optional_date, price, quantity, some, symbol, symbols, time, valid,
    valid_news,
};
use super::link::PageFault;
use crate::record_source::{Delivery, Stamp, VendorSession};

#[derive(Deserialize)]
struct NewsBody<'a> {
    #[serde(borrow)]
    news: Vec<&'a RawValue>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct WireNews<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    headline: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    content: Option<String>,
    created_at: String,
    source: String,
    symbols: Vec<String>,
    #[serde(default)]
    url: Option<String>,
}

/// A page of `/v1beta1/news`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_news(body: &[u8], stamp: Stamp) -> Result<Page<NewsItem>, PageFault> {
    let page: NewsBody<'_> = serde_json::from_slice(body)?;
    let delivery = each(page.news, |wire: WireNews<'_>| {
        valid_news(NewsItem {
            id: wire.id.get().trim_matches('"').to_owned(),
            vendor: stamp.vendor,
            published: time("created_at", &wire.created_at)?,
            received: stamp.received,
            headline: wire.headline,
            body: some(wire.content).or(some(wire.summary)),
            source: wire.source,
            symbols: symbols(wire.symbols.iter().map(String::as_str)),
            url: some(wire.url),
        })
    });
    Ok(Page {
        delivery,
        next: some(page.next_page_token),
    })
}

#[derive(Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "the vendor's own fields, copied as they come"
)]
struct WireAsset {
    id: String,
    class: String,
    exchange: String,
    symbol: String,
    name: String,
    status: String,
    tradable: bool,
    marginable: bool,
    shortable: bool,
    easy_to_borrow: bool,
    fractionable: bool,
}

/// The list of `/v2/assets`. Classes that the documents do not name yet count as [`ListedClass::Other`].
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_assets(body: &[u8], stamp: Stamp) -> Result<Page<Listing>, PageFault> {
    let assets: Vec<&RawValue> = serde_json::from_slice(body)?;
    let delivery = each(assets, |wire: WireAsset| {
        let status = match wire.status.as_str() {
            "active" => ListingStatus::Active,
            "inactive" => ListingStatus::Inactive,
            other => return Err(RowFault::new("unknown", format!("status {other:.40}"))),
        };
        let name = if wire.name.trim().is_empty() {
            wire.symbol.clone()
        } else {
            wire.name
        };
        valid(Listing {
            id: wire.id,
            vendor: stamp.vendor,
            symbol: symbol("symbol", &wire.symbol)?,
            name,
            exchange: some(Some(wire.exchange)),
            class: match wire.class.as_str() {
                "us_equity" => ListedClass::Equity,
                "us_option" => ListedClass::Option,
                "crypto" => ListedClass::Crypto,
                _ => ListedClass::Other,
            },
            status,
            tradable: Some(wire.tradable),
            marginable: Some(wire.marginable),
            shortable: Some(wire.shortable),
            easy_to_borrow: Some(wire.easy_to_borrow),
            fractionable: Some(wire.fractionable),
            cik: None,
            figi: None,
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

#[derive(Deserialize)]
struct WireDay {
    date: String,
    open: String,
    close: String,
}

/// The list of `/v2/calendar`: days with hours of regular trading on New York's clock.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_calendar(body: &[u8]) -> Result<Page<VendorSession>, PageFault> {
    let days: Vec<&RawValue> = serde_json::from_slice(body)?;
    let delivery = each(days, |wire: WireDay| {
        let date = date("date", &wire.date)?;
        let session = VendorSession {
            date,
            open: clock("open", date, &wire.open)?,
            close: clock("close", date, &wire.close)?,
        };
        if session.open < session.close {
            Ok(session)
        } else {
            Err(RowFault::new("inconsistent", "it closes before it opens"))
        }
    });
    Ok(Page {
        delivery,
        next: None,
    })
}

fn clock(
    field: &'static str,
    date: NaiveDate,
    text: &str,
) -> Result<trader_domain::Timestamp, RowFault> {
    let fault = |detail: String| RowFault::new("time", format!("{field}: {detail}"));
    let time =
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|error| fault(error.to_string()))?;
    eastern_instant(date, time).map_err(|error| fault(error.to_string()))
}

#[derive(Deserialize)]
struct ActionsBody<'a> {
    #[serde(borrow)]
    corporate_actions: BTreeMap<String, Vec<&'a RawValue>>,
    next_page_token: Option<String>,
}

/// All fields of all kinds: which of them a kind has is checked where they are used.
#[derive(Deserialize)]
struct WireAction<'a> {
    id: String,
    process_date: String,
    symbol: Option<String>,
    source_symbol: Option<String>,
    new_symbol: Option<String>,
    old_symbol: Option<String>,
    acquirer_symbol: Option<String>,
    acquiree_symbol: Option<String>,
    ex_date: Option<String>,
    effective_date: Option<String>,
    record_date: Option<String>,
    payable_date: Option<String>,
    #[serde(borrow)]
    rate: Option<&'a RawValue>,
    #[serde(borrow)]
    new_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    old_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    source_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    acquirer_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    acquiree_rate: Option<&'a RawValue>,
    #[serde(borrow)]
    cash_rate: Option<&'a RawValue>,
    special: Option<bool>,
}

/// A page of `/v1/corporate-actions`. Kinds that have no terms here (unit splits, rights, redemptions, partial calls,
/// reorganizations, and those to come) are rejected as `unknown`, so that nobody takes them for handled.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_actions(body: &[u8], stamp: Stamp) -> Result<Page<AnnouncedAction>, PageFault> {
    let page: ActionsBody<'_> = serde_json::from_slice(body)?;
    let mut delivery = Delivery::default();
    for (kind, actions) in page.corporate_actions {
        delivery.extend(each(actions, |wire: WireAction<'_>| {
            wire.read(&kind, stamp)
        }));
    }
    Ok(Page {
        delivery,
        next: some(page.next_page_token),
    })
}

impl WireAction<'_> {
    fn read(&self, kind: &str, stamp: Stamp) -> Result<AnnouncedAction, RowFault> {
        let (whose, terms) = self.terms(kind)?;
        let days = [&self.ex_date, &self.effective_date];
        let day = days.into_iter().flatten().find(|text| !text.is_empty());
        valid(AnnouncedAction {
            id: self.id.clone(),
            vendor: stamp.vendor,
            symbol: symbol("symbol", text("symbol", whose)?)?,
            terms,
            ex_date: date("ex_date", day.unwrap_or(&self.process_date))?,
            record_date: optional_date("record_date", self.record_date.as_deref())?,
            payable_date: optional_date("payable_date", self.payable_date.as_deref())?,
            declared: None,
            received: stamp.received,
        })
    }

    /// Whose action it is, and what happens.
    fn terms(&self, kind: &str) -> Result<(Option<&String>, AnnouncedTerms), RowFault> {
        let ratio = |field, raw: Option<&RawValue>| quantity(field, number(field, raw)?);
        let cash = |field, raw: Option<&RawValue>| price(field, number(field, raw)?);
        Ok(match kind {
            "forward_splits" | "reverse_splits" => (
                self.symbol.as_ref(),
                AnnouncedTerms::Split {
                    to: ratio("new_rate", self.new_rate)?,
                    from: ratio("old_rate", self.old_rate)?,
                },
            ),
            "stock_dividends" => {
                let more = ratio("rate", self.rate)?;
                let to = more
                    .checked_add(Quantity::ONE)
                    .map_err(|error| RowFault::new("number", error.to_string()))?;
                let from = Quantity::ONE;
                (self.symbol.as_ref(), AnnouncedTerms::Split { to, from })
            }
            "cash_dividends" => (
                self.symbol.as_ref(),
                AnnouncedTerms::CashDividend {
                    amount: cash("rate", self.rate)?,
                    special: self.special.unwrap_or(false),
                },
            ),
            "spin_offs" => (
                self.source_symbol.as_ref(),
                AnnouncedTerms::SpinOff {
                    symbol: symbol("new_symbol", text("new_symbol", self.new_symbol.as_ref())?)?,
                    to: ratio("new_rate", self.new_rate)?,
                    from: ratio("source_rate", self.source_rate)?,
                },
            ),
            "cash_mergers" => (
                self.acquiree_symbol.as_ref(),
                AnnouncedTerms::Merger {
                    into: None,
                    to: Quantity::ZERO,
                    from: Quantity::ONE,
                    cash: cash("rate", self.rate)?,
                },
            ),
            "stock_mergers" | "stock_and_cash_mergers" => {
                let into = text("acquirer_symbol", self.acquirer_symbol.as_ref())?;
                let paid = match kind {
                    "stock_mergers" => Price::ZERO,
                    _ => cash("cash_rate", self.cash_rate)?,
                };
                let terms = AnnouncedTerms::Merger {
                    into: Some(symbol("acquirer_symbol", into)?),
                    to: ratio("acquirer_rate", self.acquirer_rate)?,
                    from: ratio("acquiree_rate", self.acquiree_rate)?,
                    cash: paid,
                };
                (self.acquiree_symbol.as_ref(), terms)
            }
            "name_changes" => {
                let new = text("new_symbol", self.new_symbol.as_ref())?;
                let symbol = symbol("new_symbol", new)?;
                (
                    self.old_symbol.as_ref(),
                    AnnouncedTerms::SymbolChange { symbol },
                )
            }
            "worthless_removals" => (
                self.symbol.as_ref(),
                AnnouncedTerms::Removal { cash: Price::ZERO },
            ),
            other => return Err(RowFault::new("unknown", format!("kind {other:.60}"))),
        })
    }
}

fn text<'a>(field: &'static str, text: Option<&'a String>) -> Result<&'a str, RowFault> {
    text.map(String::as_str)
        .ok_or_else(|| RowFault::new("malformed", format!("there is no {field}")))
}

fn number<'a>(field: &'static str, raw: Option<&'a RawValue>) -> Result<&'a RawValue, RowFault> {
    raw.ok_or_else(|| RowFault::new("malformed", format!("there is no {field}")))
}
