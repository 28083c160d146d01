//! Options of Alpaca and Massive: contracts and chains with quotes, from bytes to records, and behind the trait.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{
    ExerciseStyle, OptionChain, OptionContract, OptionQuote, Price, Symbol, Timestamp, VendorId,
};

use super::alpaca::Alpaca;
use super::decode::{
    Page, RowFault, count, each, nanos, price, quantity, rate, reject, some, symbol, time,
};
use super::link::{AskError, PageFault, address, on_same_host, with_parameter};
use super::massive::Massive;
use super::massive_records::elements;
use super::records::VendorRecords;
use crate::record_source::{
    Delivery, ListedOption, OptionsCapabilities, OptionsSource, RecordRequest, Reject, Stamp,
};

/// A quote with the instant that it is of.
type TimedQuote = (OptionQuote, Timestamp);

#[derive(Deserialize)]
struct ContractsBody<'a> {
    #[serde(borrow)]
    option_contracts: Vec<&'a RawValue>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct WireContract<'a> {
    #[serde(alias = "ticker")]
    symbol: String,
    #[serde(alias = "underlying_ticker")]
    underlying_symbol: String,
    #[serde(alias = "exercise_style")]
    style: String,
    expiration_date: NaiveDate,
    #[serde(borrow)]
    strike_price: &'a RawValue,
    #[serde(borrow, alias = "shares_per_contract", alias = "multiplier")]
    size: &'a RawValue,
    #[serde(borrow, default)]
    open_interest: Option<&'a RawValue>,
}

/// A page of Alpaca's `/v2/options/contracts`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_contracts(body: &[u8]) -> Result<Page<ListedOption>, PageFault> {
    let page: ContractsBody<'_> = serde_json::from_slice(body)?;
    Ok(Page {
        delivery: each(page.option_contracts, |wire: WireContract<'_>| {
            contract(&wire)
        }),
        next: some(page.next_page_token),
    })
}

/// A page of Massive's `/v3/reference/options/contracts`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_contracts(body: &[u8]) -> Result<Page<ListedOption>, PageFault> {
    let (results, next) = elements(body)?;
    Ok(Page {
        delivery: each(results, |wire: WireContract<'_>| contract(&wire)),
        next,
    })
}

fn contract(wire: &WireContract<'_>) -> Result<ListedOption, RowFault> {
    let contract = occ(&wire.symbol, &wire.style)?;
    let strike = price("strike_price", wire.strike_price)?;
    if contract.expiry != wire.expiration_date || contract.strike != strike {
        let detail = "its symbol says another expiry or strike than its fields";
        return Err(RowFault::new("inconsistent", detail));
    }
    let size = count("shares_per_contract", wire.size)?;
    let known = wire.open_interest.filter(|raw| raw.get() != "null");
    Ok(ListedOption {
        contract,
        symbol: contract
            .occ_symbol()
            .map_err(|error| RowFault::new("symbol", error.to_string()))?,
        underlying: symbol("underlying", &wire.underlying_symbol)?,
        multiplier: u32::try_from(size)
            .map_err(|error| RowFault::new("number", error.to_string()))?,
        open_interest: known.map(|raw| count("open_interest", raw)).transpose()?,
    })
}

/// Terms from a symbol; Massive writes `O:` before it.
fn occ(text: &str, style: &str) -> Result<OptionContract, RowFault> {
    let style = match style {
        "american" => ExerciseStyle::American,
        "european" => ExerciseStyle::European,
        other => return Err(RowFault::new("unknown", format!("style {other:.20}"))),
    };
    let text = text.strip_prefix("O:").unwrap_or(text);
    OptionContract::parse_occ(text, style)
        .map_err(|error| RowFault::new("symbol", error.to_string()))
}

#[derive(Deserialize)]
struct SnapshotsBody<'a> {
    #[serde(borrow)]
    snapshots: BTreeMap<String, &'a RawValue>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct AlpacaSnapshot<'a> {
    #[serde(borrow, default, rename = "latestQuote")]
    quote: Option<AlpacaQuote<'a>>,
    #[serde(borrow, default, rename = "latestTrade")]
    trade: Option<AlpacaTrade<'a>>,
    #[serde(borrow, default, rename = "dailyBar")]
    bar: Option<AlpacaBar<'a>>,
    #[serde(borrow, default, rename = "impliedVolatility")]
    volatility: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct AlpacaQuote<'a> {
    t: String,
    #[serde(borrow)]
    bp: &'a RawValue,
    #[serde(borrow)]
    bs: &'a RawValue,
    #[serde(borrow)]
    ap: &'a RawValue,
    #[serde(borrow, rename = "as")]
    ask_size: &'a RawValue,
}

#[derive(Deserialize)]
struct AlpacaTrade<'a> {
    #[serde(borrow)]
    p: &'a RawValue,
}

#[derive(Deserialize)]
struct AlpacaBar<'a> {
    #[serde(borrow)]
    v: &'a RawValue,
}

/// A page of Alpaca's `/v1beta1/options/snapshots/{underlying}`. It does not say open interest, which counts as 0 here
/// ([`OptionsCapabilities::open_interest`] says so); all its equity options are American. Contracts without a quote are
/// left out.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_chain(body: &[u8]) -> Result<Page<TimedQuote>, PageFault> {
    let page: SnapshotsBody<'_> = serde_json::from_slice(body)?;
    let mut delivery = Delivery::default();
    for (name, raw) in page.snapshots {
        let wire: Result<AlpacaSnapshot<'_>, _> = serde_json::from_str(raw.get());
        match wire
            .map_err(RowFault::from)
            .and_then(|wire| wire.read(&name))
        {
            Ok(quote) => delivery.records.extend(quote),
            Err(fault) => delivery.rejects.push(reject(raw.get(), fault)),
        }
    }
    Ok(Page {
        delivery,
        next: some(page.next_page_token),
    })
}

impl AlpacaSnapshot<'_> {
    fn read(&self, name: &str) -> Result<Option<TimedQuote>, RowFault> {
        let Some(quote) = &self.quote else {
            return Ok(None);
        };
        let contract = occ(name, "american")?;
        let sides = [("bp", quote.bp), ("ap", quote.ap)].map(|(field, raw)| price(field, raw));
        let [bid, ask] = sides;
        let read = OptionQuote {
            contract,
            bid: there(bid?),
            bid_size: quantity("bs", quote.bs)?,
            ask: there(ask?),
            ask_size: quantity("as", quote.ask_size)?,
            last: self
                .trade
                .as_ref()
                .map(|trade| price("p", trade.p))
                .transpose()?,
            volume: self.bar.as_ref().map_or(Ok(0), |bar| count("v", bar.v))?,
            open_interest: 0,
            implied_volatility: self
                .volatility
                .map(|raw| rate("impliedVolatility", raw))
                .transpose()?,
        };
        Ok(Some((read, time("t", &quote.t)?)))
    }
}

/// A price of zero means that there is no quote on that side.
fn there(price: Price) -> Option<Price> {
    (!price.is_zero()).then_some(price)
}

#[derive(Deserialize)]
struct MassiveSnapshot<'a> {
    details: Details,
    #[serde(borrow, default)]
    day: Option<Day<'a>>,
    #[serde(borrow, default)]
    last_quote: Option<MassiveQuote<'a>>,
    #[serde(borrow, default)]
    last_trade: Option<MassiveTrade<'a>>,
    #[serde(borrow, default)]
    open_interest: Option<&'a RawValue>,
    #[serde(borrow, default)]
    implied_volatility: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Details {
    ticker: String,
    exercise_style: String,
}

#[derive(Deserialize)]
struct Day<'a> {
    #[serde(borrow, default)]
    volume: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MassiveQuote<'a> {
    #[serde(borrow)]
    bid: &'a RawValue,
    #[serde(borrow)]
    bid_size: &'a RawValue,
    #[serde(borrow)]
    ask: &'a RawValue,
    #[serde(borrow)]
    ask_size: &'a RawValue,
    #[serde(borrow)]
    last_updated: &'a RawValue,
}

#[derive(Deserialize)]
struct MassiveTrade<'a> {
    #[serde(borrow)]
    price: &'a RawValue,
}

/// A page of Massive's `/v3/snapshot/options/{underlying}`. Contracts without a quote (cheaper subscriptions have none)
/// are left out.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_chain(body: &[u8]) -> Result<Page<TimedQuote>, PageFault> {
    let (results, next) = elements(body)?;
    let quotes = each(results, |wire: MassiveSnapshot<'_>| wire.read());
    Ok(Page {
        delivery: Delivery {
            records: quotes.records.into_iter().flatten().collect(),
            rejects: quotes.rejects,
        },
        next,
    })
}

impl MassiveSnapshot<'_> {
    fn read(&self) -> Result<Option<TimedQuote>, RowFault> {
        let Some(quote) = &self.last_quote else {
            return Ok(None);
        };
        let volume = self.day.as_ref().and_then(|day| day.volume);
        let read = OptionQuote {
            contract: occ(&self.details.ticker, &self.details.exercise_style)?,
            bid: there(price("bid", quote.bid)?),
            bid_size: quantity("bid_size", quote.bid_size)?,
            ask: there(price("ask", quote.ask)?),
            ask_size: quantity("ask_size", quote.ask_size)?,
            last: self
                .last_trade
                .as_ref()
                .map(|trade| price("price", trade.price))
                .transpose()?,
            volume: volume.map_or(Ok(0), |raw| count("volume", raw))?,
            open_interest: self
                .open_interest
                .map_or(Ok(0), |raw| count("open_interest", raw))?,
            implied_volatility: self
                .implied_volatility
                .map(|raw| rate("implied_volatility", raw))
                .transpose()?,
        };
        Ok(Some((read, nanos("last_updated", quote.last_updated)?)))
    }
}

/// A chain of quotes of their underlying: those on other roots (adjusted contracts), from the future or twice are
/// rejected one by one, so that one of them does not cost the chain. Its time is that of its newest quote.
fn chain_of(
    underlying: Symbol,
    stamp: Stamp,
    found: Delivery<TimedQuote>,
) -> (Option<OptionChain>, Vec<Reject>) {
    let mut rejects = found.rejects;
    let (mut good, mut newest): (Vec<OptionQuote>, _) = (Vec::new(), Timestamp::MIN);
    let both = (stamp.received, stamp.received);
    let mut seen = std::collections::BTreeSet::new();
    for (quote, at) in found.records {
        let name = quote.contract.occ_symbol().map(|symbol| symbol.to_string());
        let alone = OptionChain::new(underlying, stamp.vendor, both, None, vec![quote]);
        let fault = match (alone, name) {
            (Err(error), _) => Some(error.to_string()),
            (_, Err(error)) => Some(error.to_string()),
            _ if at > stamp.received => Some("it is from the future".to_owned()),
            (Ok(_), Ok(name)) => (!seen.insert(name)).then(|| "it is there twice".to_owned()),
        };
        match fault {
            Some(detail) => rejects.push(reject(
                &format!("{quote:?}"),
                RowFault::new("inconsistent", detail),
            )),
            None => {
                newest = newest.max(at);
                good.push(quote);
            }
        }
    }
    if good.is_empty() {
        return (None, rejects);
    }
    let times = (newest, stamp.received);
    let chain = OptionChain::new(underlying, stamp.vendor, times, None, good);
    (chain.ok(), rejects)
}

impl<V> VendorRecords<V> {
    fn chained(
        &self,
        underlying: Symbol,
        vendor: VendorId,
        found: Delivery<TimedQuote>,
    ) -> Result<(OptionChain, Vec<Reject>), AskError> {
        let received = self.link.now();
        match chain_of(underlying, Stamp { vendor, received }, found) {
            (Some(chain), rejects) => Ok((chain, rejects)),
            (None, rejects) => Err(AskError::Unsupported {
                vendor: self.link.name().to_owned(),
                detail: format!(
                    "has no usable option quote on {underlying} ({} were rejected)",
                    rejects.len()
                ),
            }),
        }
    }
}

impl OptionsSource for VendorRecords<Alpaca> {
    fn options_capabilities(&self) -> OptionsCapabilities {
        OptionsCapabilities {
            contracts: true,
            chains: true,
            open_interest: false,
        }
    }

    fn contracts(&self, request: &RecordRequest) -> Result<Delivery<ListedOption>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        let trading = self.trading()?;
        self.each_symbol(request, |symbol| {
            let query = [
                ("underlying_symbols", symbol.as_str()),
                ("expiration_date_gte", &from),
                ("expiration_date_lte", &to),
                ("limit", "10000"),
            ];
            let first = address(trading, &["v2", "options", "contracts"], &query);
            let decode = |body: &[u8], _stamp| alpaca_contracts(body);
            let turn = |asked: &_, token: &str| Ok(with_parameter(asked, "page_token", token));
            self.collect(first, VendorId::INTERNAL, decode, turn)
        })
    }

    fn chain(
        &self,
        underlying: Symbol,
        vendor: VendorId,
    ) -> Result<(OptionChain, Vec<Reject>), AskError> {
        let path = ["v1beta1", "options", "snapshots", underlying.as_str()];
        let first = address(&self.vendor.base, &path, &[("limit", "1000")]);
        let decode = |body: &[u8], _stamp| alpaca_chain(body);
        let turn = |asked: &_, token: &str| Ok(with_parameter(asked, "page_token", token));
        let found = self.collect(first, vendor, decode, turn)?;
        self.chained(underlying, vendor, found)
    }
}

impl OptionsSource for VendorRecords<Massive> {
    fn options_capabilities(&self) -> OptionsCapabilities {
        OptionsCapabilities {
            contracts: true,
            chains: true,
            open_interest: true,
        }
    }

    fn contracts(&self, request: &RecordRequest) -> Result<Delivery<ListedOption>, AskError> {
        let (from, to) = (request.from.to_string(), request.to.to_string());
        self.each_symbol(request, |symbol| {
            let query = [
                ("underlying_ticker", symbol.as_str()),
                ("expiration_date.gte", &from),
                ("expiration_date.lte", &to),
                ("limit", "1000"),
            ];
            let path = ["v3", "reference", "options", "contracts"];
            let first = address(&self.vendor.base, &path, &query);
            let decode = |body: &[u8], _stamp| massive_contracts(body);
            self.collect(first, VendorId::INTERNAL, decode, on_same_host)
        })
    }

    fn chain(
        &self,
        underlying: Symbol,
        vendor: VendorId,
    ) -> Result<(OptionChain, Vec<Reject>), AskError> {
        let path = ["v3", "snapshot", "options", underlying.as_str()];
        let first = address(&self.vendor.base, &path, &[("limit", "250")]);
        let decode = |body: &[u8], _stamp| massive_chain(body);
        let found = self.collect(first, vendor, decode, on_same_host)?;
        self.chained(underlying, vendor, found)
    }
}
