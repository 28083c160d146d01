//! Vendors' records behind the traits that callers ask: addresses, pages, loops over symbols.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Days;
use reqwest::Url;
use trader_domain::{AnnouncedAction, Filing, Listing, NewsItem, Symbol, Timestamp, VendorId};

use super::alpaca::Alpaca;
use super::alpaca_records::{alpaca_actions, alpaca_assets, alpaca_calendar, alpaca_news};
use super::benzinga::{Benzinga, PAGE, benzinga_news};
use super::decode::Page;
use super::edgar::{Edgar, edgar_companies, edgar_continuation, edgar_submissions};
use super::failover::Watched;
use super::finnhub::Finnhub;
use super::finnhub_records::{finnhub_news, finnhub_symbols};
use super::link::{AskError, Next, PageFault, VendorLink, address, on_same_host, with_parameter};
use super::massive::Massive;
use super::massive_records::{massive_dividends, massive_news, massive_splits, massive_tickers};
use super::yahoo::{Yahoo, chart};
use super::yahoo_records::yahoo_actions;
use crate::record_source::{
    Coverage, Delivery, FilingSource, NewsCapabilities, NewsSource, RecordRequest,
    ReferenceCapabilities, ReferenceSource, Stamp, VendorSession,
};
use crate::resilience::Health;

/// Days between acceptance and filing, weekends and holidays included.
const DAYS_TO_FILE: Days = Days::new(7);

/// A vendor with its line, for everything but bars.
#[derive(Debug)]
pub struct VendorRecords<V> {
    pub(super) vendor: V,
    pub(super) link: Arc<VendorLink>,
}

impl<V> VendorRecords<V> {
    /// The vendor over this line.
    pub fn new(vendor: V, link: Arc<VendorLink>) -> Self {
        Self { vendor, link }
    }

    /// Follows pages that are turned as `turn` says.
    pub(super) fn collect<T>(
        &self,
        first: Result<Url, String>,
        vendor: VendorId,
        decode: impl Fn(&[u8], Stamp) -> Result<Page<T>, PageFault>,
        turn: impl Fn(&Url, &str) -> Result<Url, String>,
    ) -> Result<Delivery<T>, AskError> {
        let mut all = Delivery::default();
        self.link.pages(first, |asked, body| {
            let received = self.link.now();
            let page = decode(body, Stamp { vendor, received })?;
            all.extend(page.delivery);
            Ok(match page.next {
                None => Next::End,
                Some(next) => Next::At(turn(asked, &next)?),
            })
        })?;
        Ok(all)
    }

    /// The same for each symbol, one after the other.
    pub(super) fn each_symbol<T>(
        &self,
        request: &RecordRequest,
        ask: impl Fn(Symbol) -> Result<Delivery<T>, AskError>,
    ) -> Result<Delivery<T>, AskError> {
        if request.symbols.is_empty() {
            return Err(AskError::Unsupported {
                vendor: self.link.name().to_owned(),
                detail: "must be told which symbols".to_owned(),
            });
        }
        let mut all = Delivery::default();
        for &symbol in &request.symbols {
            all.extend(ask(symbol)?);
        }
        Ok(all)
    }
}

impl<V: Send + Sync> Watched for VendorRecords<V> {
    fn vendor(&self) -> &str {
        self.link.name()
    }

    fn health(&self) -> Health {
        self.link.health()
    }

    fn now(&self) -> Timestamp {
        self.link.now()
    }
}

/// A page's token goes into this parameter of Alpaca's.
fn by_token(asked: &Url, token: &str) -> Result<Url, String> {
    Ok(with_parameter(asked, "page_token", token))
}

fn no_more(_asked: &Url, _next: &str) -> Result<Url, String> {
    Err("another page was named".to_owned())
}

fn joined(symbols: &[Symbol]) -> String {
    let texts: Vec<&str> = symbols.iter().map(Symbol::as_str).collect();
    texts.join(",")
}

impl NewsSource for VendorRecords<Alpaca> {
    fn news_capabilities(&self) -> NewsCapabilities {
        NewsCapabilities {
            coverage: Coverage::Whole,
            full_text: true,
        }
    }

    fn news(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<NewsItem>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        let symbols = joined(&request.symbols);
        let mut query = vec![
            ("start", from.as_str()),
            ("end", &to),
            ("sort", "asc"),
            ("limit", "50"),
            ("include_content", "true"),
        ];
        if !symbols.is_empty() {
            query.push(("symbols", &symbols));
        }
        let first = address(&self.vendor.base, &["v1beta1", "news"], &query);
        self.collect(first, vendor, alpaca_news, by_token)
    }
}

impl ReferenceSource for VendorRecords<Alpaca> {
    fn reference_capabilities(&self) -> ReferenceCapabilities {
        ReferenceCapabilities {
            listings: Some(Coverage::Whole),
            actions: Some(Coverage::Whole),
            calendar: true,
        }
    }

    fn listings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Listing>, AskError> {
        let first = address(self.trading()?, &["v2", "assets"], &[]);
        let mut all = self.collect(first, vendor, alpaca_assets, no_more)?;
        only(&mut all, &request.symbols, |listing| listing.symbol);
        Ok(all)
    }

    fn actions(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<AnnouncedAction>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        let symbols = joined(&request.symbols);
        let mut query = vec![
            ("start", from.as_str()),
            ("end", &to),
            ("limit", "1000"),
            ("sort", "asc"),
        ];
        if !symbols.is_empty() {
            query.push(("symbols", &symbols));
        }
        let first = address(&self.vendor.base, &["v1", "corporate-actions"], &query);
        self.collect(first, vendor, alpaca_actions, by_token)
    }

    fn calendar(&self, request: &RecordRequest) -> Result<Delivery<VendorSession>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        let query = [("start", from.as_str()), ("end", &to)];
        let first = address(self.trading()?, &["v2", "calendar"], &query);
        let decode = |body: &[u8], _stamp| alpaca_calendar(body);
        self.collect(first, VendorId::INTERNAL, decode, no_more)
    }
}

impl VendorRecords<Alpaca> {
    pub(super) fn trading(&self) -> Result<&Url, AskError> {
        self.vendor
            .trading
            .as_ref()
            .ok_or_else(|| AskError::Unsupported {
                vendor: self.link.name().to_owned(),
                detail: "was given no address of trading, where reference data is".to_owned(),
            })
    }
}

/// Keeps the symbols that were asked for, all when none were named.
fn only<T>(delivery: &mut Delivery<T>, symbols: &[Symbol], of: impl Fn(&T) -> Symbol) {
    if !symbols.is_empty() {
        delivery
            .records
            .retain(|record| symbols.contains(&of(record)));
    }
}

impl NewsSource for VendorRecords<Massive> {
    fn news_capabilities(&self) -> NewsCapabilities {
        NewsCapabilities {
            coverage: Coverage::BySymbol,
            full_text: false,
        }
    }

    fn news(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<NewsItem>, AskError> {
        let from = format!("{}T00:00:00Z", request.from);
        let to = format!("{}T23:59:59Z", request.to);
        self.each_symbol(request, |symbol| {
            let query = [
                ("ticker", symbol.as_str()),
                ("published_utc.gte", &from),
                ("published_utc.lte", &to),
                ("order", "asc"),
                ("sort", "published_utc"),
                ("limit", "1000"),
            ];
            let first = address(&self.vendor.base, &["v2", "reference", "news"], &query);
            self.collect(first, vendor, massive_news, on_same_host)
        })
    }
}

impl ReferenceSource for VendorRecords<Massive> {
    fn reference_capabilities(&self) -> ReferenceCapabilities {
        ReferenceCapabilities {
            listings: Some(Coverage::Whole),
            actions: Some(Coverage::BySymbol),
            calendar: false,
        }
    }

    fn listings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Listing>, AskError> {
        let path = ["v3", "reference", "tickers"];
        if request.symbols.is_empty() {
            let query = [("market", "stocks"), ("active", "true"), ("limit", "1000")];
            let first = address(&self.vendor.base, &path, &query);
            return self.collect(first, vendor, massive_tickers, on_same_host);
        }
        self.each_symbol(request, |symbol| {
            let query = [("ticker", symbol.as_str()), ("limit", "1000")];
            let first = address(&self.vendor.base, &path, &query);
            self.collect(first, vendor, massive_tickers, on_same_host)
        })
    }

    fn actions(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<AnnouncedAction>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        self.each_symbol(request, |symbol| {
            let splits = [
                ("ticker", symbol.as_str()),
                ("execution_date.gte", &from),
                ("execution_date.lte", &to),
                ("limit", "1000"),
            ];
            let first = address(&self.vendor.base, &["v3", "reference", "splits"], &splits);
            let mut all = self.collect(first, vendor, massive_splits, on_same_host)?;
            let dividends = [
                ("ticker", symbol.as_str()),
                ("ex_dividend_date.gte", &from),
                ("ex_dividend_date.lte", &to),
                ("limit", "1000"),
            ];
            let path = ["v3", "reference", "dividends"];
            let first = address(&self.vendor.base, &path, &dividends);
            all.extend(self.collect(first, vendor, massive_dividends, on_same_host)?);
            Ok(all)
        })
    }
}

impl NewsSource for VendorRecords<Finnhub> {
    fn news_capabilities(&self) -> NewsCapabilities {
        NewsCapabilities {
            coverage: Coverage::BySymbol,
            full_text: false,
        }
    }

    fn news(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<NewsItem>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        self.each_symbol(request, |symbol| {
            let query = [("symbol", symbol.as_str()), ("from", &from), ("to", &to)];
            let first = address(&self.vendor.base, &["company-news"], &query);
            self.collect(first, vendor, finnhub_news, no_more)
        })
    }
}

impl ReferenceSource for VendorRecords<Finnhub> {
    fn reference_capabilities(&self) -> ReferenceCapabilities {
        ReferenceCapabilities {
            listings: Some(Coverage::Whole),
            actions: None,
            calendar: false,
        }
    }

    fn listings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Listing>, AskError> {
        let query = [("exchange", "US")];
        let first = address(&self.vendor.base, &["stock", "symbol"], &query);
        let mut all = self.collect(first, vendor, finnhub_symbols, no_more)?;
        only(&mut all, &request.symbols, |listing| listing.symbol);
        Ok(all)
    }
}

impl NewsSource for VendorRecords<Benzinga> {
    fn news_capabilities(&self) -> NewsCapabilities {
        NewsCapabilities {
            coverage: Coverage::Whole,
            full_text: true,
        }
    }

    fn news(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<NewsItem>, AskError> {
        let first = self.vendor.page(request, 0);
        let number = Mutex::new(0_usize);
        let decode = |body: &[u8], stamp: Stamp| {
            let mut page = benzinga_news(body, stamp)?;
            let count = page.delivery.records.len() + page.delivery.rejects.len();
            if count >= PAGE {
                let mut number = number.lock().unwrap_or_else(PoisonError::into_inner);
                *number += 1;
                page.next = Some(number.to_string());
            }
            Ok(page)
        };
        let turn = |asked: &Url, number: &str| Ok(with_parameter(asked, "page", number));
        self.collect(first, vendor, decode, turn)
    }
}

impl ReferenceSource for VendorRecords<Yahoo> {
    fn reference_capabilities(&self) -> ReferenceCapabilities {
        ReferenceCapabilities {
            listings: None,
            actions: Some(Coverage::BySymbol),
            calendar: false,
        }
    }

    fn actions(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<AnnouncedAction>, AskError> {
        // To the present: dividends are as declared only with all later splits known.
        let today = self.link.now().utc_date();
        self.each_symbol(request, |symbol| {
            let first = chart(&self.vendor.base, symbol, (request.from, today));
            let decode = |body: &[u8], stamp| yahoo_actions(body, symbol, stamp);
            let mut all = self.collect(first, vendor, decode, no_more)?;
            all.records
                .retain(|action| (request.from..=request.to).contains(&action.ex_date));
            Ok(all)
        })
    }
}

impl FilingSource for VendorRecords<Edgar> {
    fn filings(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Filing>, AskError> {
        let companies = self.companies()?;
        let mut all = self.each_symbol(request, |symbol| {
            let ticker = symbol.as_str().replace('.', "-");
            match companies.get(&ticker) {
                Some(&cik) => self.of_company(cik, request, vendor),
                None => Err(AskError::Unsupported {
                    vendor: self.link.name().to_owned(),
                    detail: format!("knows no company with the ticker {symbol}"),
                }),
            }
        })?;
        let wanted = |at: Timestamp| {
            trader_domain::EasternTime::at(at)
                .is_ok_and(|eastern| (request.from..=request.to).contains(&eastern.date))
        };
        all.records.retain(|filing| wanted(filing.published));
        Ok(all)
    }
}

impl VendorRecords<Edgar> {
    /// CIK by ticker; asked for once.
    fn companies(&self) -> Result<&BTreeMap<String, u64>, AskError> {
        if let Some(known) = self.vendor.known.get() {
            return Ok(known);
        }
        let mut found = BTreeMap::new();
        self.link.pages(self.vendor.companies(), |_asked, body| {
            found = edgar_companies(body)?;
            Ok(Next::End)
        })?;
        Ok(self.vendor.known.get_or_init(|| found))
    }

    fn of_company(
        &self,
        cik: u64,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<Filing>, AskError> {
        let mut found = None;
        let stamp = || Stamp {
            vendor,
            received: self.link.now(),
        };
        self.link
            .pages(self.vendor.submissions(cik), |_asked, body| {
                found = Some(edgar_submissions(&self.vendor, body, stamp())?);
                Ok(Next::End)
            })?;
        let Some(found) = found else {
            return Ok(Delivery::default());
        };
        let mut all = found.delivery;
        for (name, first, last) in found.continuations {
            // What is accepted on an evening or a holiday is filed up to some days later.
            let late = request
                .to
                .checked_add_days(DAYS_TO_FILE)
                .unwrap_or(request.to);
            if last < request.from || first > late {
                continue;
            }
            self.link
                .pages(self.vendor.continuation(&name), |_asked, body| {
                    let more = edgar_continuation(&self.vendor, body, &found.filer, stamp())?;
                    all.extend(more);
                    Ok(Next::End)
                })?;
        }
        Ok(all)
    }
}
