//! Vendors' history of trades and quotes: a day of one symbol, all pages.

use chrono::NaiveDate;
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Price, Quantity, Symbol, Timeframe, TradeConditions, VendorId};
use trader_storage::store::{StoredQuote, StoredTrade, TickKey, TickText, label_of_date};

use super::alpaca::Alpaca;
use super::decode::{Page, RowFault, count, each, nanos, price, quantity, some, time};
use super::failover::Watched;
use super::link::{AskError, PageFault, address, on_same_host, with_parameter};
use super::massive::Massive;
use super::massive_records::elements;
use super::records::VendorRecords;
use crate::record_source::{Delivery, Stamp};
use crate::streams::sale_conditions::{Plan, of_letter, of_massive};

/// Shares of a round lot, in which quotes were sized.
const ROUND_LOT: i64 = 100;

/// From this day on Alpaca gives sizes of quotes in shares; before, in round lots.
const ALPACA_IN_SHARES: Option<NaiveDate> = NaiveDate::from_ymd_opt(2025, 11, 3);

/// A vendor with a history of trades and quotes.
pub trait TickSource: Watched {
    /// The trades of a New York day, in the order of time.
    ///
    /// # Errors
    /// [`AskError`].
    fn trades(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredTrade>, AskError>;

    /// The quotes of a New York day, in the order of time.
    ///
    /// # Errors
    /// [`AskError`].
    fn quotes(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredQuote>, AskError>;
}

#[derive(Deserialize)]
struct AlpacaPage<'a> {
    #[serde(borrow)]
    trades: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    quotes: Option<Vec<&'a RawValue>>,
    symbol: Option<String>,
    next_page_token: Option<String>,
}

impl AlpacaPage<'_> {
    /// A page must be about the symbol that was asked for.
    fn about(&self, symbol: Symbol) -> Result<(), PageFault> {
        match self.symbol.as_deref() {
            Some(other) if other != symbol.as_str() => Err(PageFault::Unusable(format!(
                "the page is about {other:.20} instead of {symbol}"
            ))),
            _ => Ok(()),
        }
    }
}

#[derive(Deserialize)]
struct AlpacaTrade<'a> {
    t: String,
    #[serde(borrow)]
    i: &'a RawValue,
    x: String,
    #[serde(borrow)]
    p: &'a RawValue,
    #[serde(borrow)]
    s: &'a RawValue,
    #[serde(default)]
    c: Option<Vec<String>>,
    #[serde(default)]
    z: String,
    #[serde(default)]
    u: Option<String>,
}

/// A page of `/v2/stocks/{symbol}/trades`.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_trades(body: &[u8], symbol: Symbol) -> Result<Page<StoredTrade>, PageFault> {
    let page: AlpacaPage<'_> = serde_json::from_slice(body)?;
    page.about(symbol)?;
    let delivery = each(page.trades.unwrap_or_default(), |wire: AlpacaTrade<'_>| {
        let plan = if wire.z == "C" { Plan::Utp } else { Plan::Cta };
        let codes = wire.c.unwrap_or_default();
        let mut conditions = TradeConditions::REGULAR;
        for code in &codes {
            let letter = match code.as_bytes() {
                [letter] => *letter,
                _ => b'?',
            };
            conditions = conditions.with(of_letter(letter, plan));
        }
        match wire.u.as_deref() {
            None | Some("" | "corrected") => {}
            Some("canceled" | "incorrect") => {
                conditions = conditions.with(TradeConditions::CANCELED);
            }
            Some(other) => return Err(RowFault::new("unknown", format!("update {other:.20}"))),
        }
        Ok(StoredTrade {
            time: time("t", &wire.t)?,
            received: None,
            price: price("p", wire.p)?,
            size: quantity("s", wire.s)?,
            exchange: short("x", &wire.x)?,
            conditions,
            codes: short("c", &codes.join(","))?,
            tape: short("z", &wire.z)?,
            id: short("i", wire.i.get().trim_matches('"'))?,
            sequence: None,
            revised: None,
            replaces: TickText::new(),
        })
    });
    Ok(Page {
        delivery,
        next: some(page.next_page_token),
    })
}

#[derive(Deserialize)]
struct AlpacaQuote<'a> {
    t: String,
    #[serde(default)]
    bx: String,
    #[serde(borrow)]
    bp: &'a RawValue,
    #[serde(borrow)]
    bs: &'a RawValue,
    #[serde(default)]
    ax: String,
    #[serde(borrow)]
    ap: &'a RawValue,
    #[serde(borrow, rename = "as")]
    sold: &'a RawValue,
    #[serde(default)]
    c: Option<Vec<String>>,
    #[serde(default)]
    z: String,
}

/// A page of `/v2/stocks/{symbol}/quotes` of a day, which decides whether sizes are shares.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn alpaca_quotes(
    body: &[u8],
    symbol: Symbol,
    day: NaiveDate,
) -> Result<Page<StoredQuote>, PageFault> {
    let page: AlpacaPage<'_> = serde_json::from_slice(body)?;
    page.about(symbol)?;
    let in_shares = ALPACA_IN_SHARES.is_some_and(|first| day >= first);
    let shares = |field, raw| match in_shares {
        true => quantity(field, raw),
        false => lots(field, raw),
    };
    let delivery = each(page.quotes.unwrap_or_default(), |wire: AlpacaQuote<'_>| {
        Ok(StoredQuote {
            time: time("t", &wire.t)?,
            received: None,
            bid: Some(price("bp", wire.bp)?),
            bid_size: shares("bs", wire.bs)?,
            bid_exchange: short("bx", wire.bx.trim())?,
            ask: Some(price("ap", wire.ap)?),
            ask_size: shares("as", wire.sold)?,
            ask_exchange: short("ax", wire.ax.trim())?,
            codes: short("c", &wire.c.unwrap_or_default().join(","))?,
            tape: short("z", &wire.z)?,
            sequence: None,
        })
    });
    Ok(Page {
        delivery,
        next: some(page.next_page_token),
    })
}

#[derive(Deserialize)]
struct MassiveTrade<'a> {
    #[serde(borrow)]
    sip_timestamp: &'a RawValue,
    #[serde(borrow)]
    price: &'a RawValue,
    #[serde(borrow)]
    size: &'a RawValue,
    exchange: i64,
    #[serde(default)]
    trf_id: Option<i64>,
    id: String,
    #[serde(borrow)]
    sequence_number: &'a RawValue,
    #[serde(default)]
    conditions: Vec<i64>,
    #[serde(default)]
    correction: Option<i64>,
    #[serde(default)]
    tape: Option<i64>,
}

/// A page of `/v3/trades/{ticker}`. The consolidated tape's correction codes: prints that were corrected (1), marked
/// erroneous (7) or cancelled (8) later, and the records that say so (10, 11), count for nothing; 12 is what is right.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_trades(body: &[u8]) -> Result<Page<StoredTrade>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: MassiveTrade<'_>| {
        let mut conditions = TradeConditions::REGULAR;
        for number in &wire.conditions {
            conditions = conditions.with(of_massive(*number));
        }
        match wire.correction {
            None | Some(0 | 12) => {}
            Some(1 | 7 | 8 | 10 | 11) => {
                conditions = conditions.with(TradeConditions::CANCELED);
            }
            Some(other) => return Err(RowFault::new("unknown", format!("correction {other}"))),
        }
        Ok(StoredTrade {
            time: nanos("sip_timestamp", wire.sip_timestamp)?,
            received: None,
            price: price("price", wire.price)?,
            size: quantity("size", wire.size)?,
            exchange: venue(wire.exchange, wire.trf_id)?,
            conditions,
            codes: listed(&wire.conditions)?,
            tape: tape(wire.tape)?,
            id: short("id", &wire.id)?,
            sequence: Some(count("sequence_number", wire.sequence_number)?),
            revised: None,
            replaces: TickText::new(),
        })
    });
    Ok(Page { delivery, next })
}

#[derive(Deserialize)]
struct MassiveQuote<'a> {
    #[serde(borrow)]
    sip_timestamp: &'a RawValue,
    #[serde(borrow)]
    sequence_number: &'a RawValue,
    #[serde(borrow, default)]
    bid_price: Option<&'a RawValue>,
    #[serde(borrow, default)]
    bid_size: Option<&'a RawValue>,
    #[serde(default)]
    bid_exchange: Option<i64>,
    #[serde(borrow, default)]
    ask_price: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ask_size: Option<&'a RawValue>,
    #[serde(default)]
    ask_exchange: Option<i64>,
    #[serde(default)]
    conditions: Vec<i64>,
    #[serde(default)]
    tape: Option<i64>,
}

/// A page of `/v3/quotes/{ticker}`. A side that is left out is empty; sizes are round lots.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn massive_quotes(body: &[u8]) -> Result<Page<StoredQuote>, PageFault> {
    let (results, next) = elements(body)?;
    let delivery = each(results, |wire: MassiveQuote<'_>| {
        let side = |raw: Option<&RawValue>| raw.map_or(Ok(Price::ZERO), |raw| price("price", raw));
        let shares =
            |raw: Option<&RawValue>| raw.map_or(Ok(Quantity::ZERO), |raw| lots("size", raw));
        let at = |exchange: Option<i64>| match exchange {
            None => Ok(TickText::new()),
            Some(number) => venue(number, None),
        };
        Ok(StoredQuote {
            time: nanos("sip_timestamp", wire.sip_timestamp)?,
            received: None,
            bid: Some(side(wire.bid_price)?),
            bid_size: shares(wire.bid_size)?,
            bid_exchange: at(wire.bid_exchange)?,
            ask: Some(side(wire.ask_price)?),
            ask_size: shares(wire.ask_size)?,
            ask_exchange: at(wire.ask_exchange)?,
            codes: listed(&wire.conditions)?,
            tape: tape(wire.tape)?,
            sequence: Some(count("sequence_number", wire.sequence_number)?),
        })
    });
    Ok(Page { delivery, next })
}

fn short(field: &'static str, text: &str) -> Result<TickText, RowFault> {
    TickText::from(text)
        .map_err(|_long| RowFault::new("malformed", format!("{field} is too long: {text:.40}")))
}

fn listed(numbers: &[i64]) -> Result<TickText, RowFault> {
    let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    short("conditions", &texts.join(","))
}

/// The exchange's number; of trades off exchange with that of the facility that reported them, since identifiers are
/// unique for both together.
fn venue(exchange: i64, facility: Option<i64>) -> Result<TickText, RowFault> {
    match facility.filter(|facility| *facility != 0) {
        None => short("exchange", &exchange.to_string()),
        Some(facility) => short("exchange", &format!("{exchange}/{facility}")),
    }
}

fn tape(number: Option<i64>) -> Result<TickText, RowFault> {
    match number {
        None => Ok(TickText::new()),
        Some(1) => short("tape", "A"),
        Some(2) => short("tape", "B"),
        Some(3) => short("tape", "C"),
        Some(other) => Err(RowFault::new("unknown", format!("tape {other}"))),
    }
}

fn lots(field: &'static str, raw: &RawValue) -> Result<Quantity, RowFault> {
    let units = quantity(field, raw)?.units().checked_mul(ROUND_LOT);
    units
        .and_then(|units| Quantity::from_units(units).ok())
        .ok_or_else(|| RowFault::new("number", format!("{field} is too large")))
}

/// First instant of a New York day and of the next, as text.
fn bounds(day: NaiveDate) -> Result<(String, String), String> {
    let start = |day: Option<NaiveDate>| {
        day.and_then(|day| label_of_date(day, Timeframe::MINUTE))
            .map(|time| time.to_string())
            .ok_or_else(|| "the day is outside the calendar".to_owned())
    };
    Ok((start(Some(day))?, start(day.succ_opt())?))
}

impl VendorRecords<Alpaca> {
    fn ticks_of(&self, symbol: Symbol, day: NaiveDate, kind: &str) -> Result<Url, String> {
        let (from, until) = bounds(day)?;
        let as_of = day.to_string();
        address(
            &self.vendor.base,
            &["v2", "stocks", symbol.as_str(), kind],
            &[
                ("start", from.as_str()),
                ("end", &until),
                ("asof", &as_of),
                ("feed", self.vendor.feed.word()),
                ("sort", "asc"),
                ("limit", "10000"),
            ],
        )
    }
}

fn by_token(asked: &Url, token: &str) -> Result<Url, String> {
    Ok(with_parameter(asked, "page_token", token))
}

/// Alpaca's `end` is inclusive: what belongs to the next day is left to it.
fn within<T>(
    mut delivery: Delivery<T>,
    day: NaiveDate,
    of: impl Fn(&T) -> Option<NaiveDate>,
) -> Delivery<T> {
    delivery.records.retain(|row| of(row) == Some(day));
    delivery
}

impl TickSource for VendorRecords<Alpaca> {
    fn trades(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredTrade>, AskError> {
        let first = self.ticks_of(symbol, day, "trades");
        let decode = |body: &[u8], _stamp: Stamp| alpaca_trades(body, symbol);
        let all = self.collect(first, VendorId::INTERNAL, decode, by_token)?;
        Ok(within(all, day, |row| TickKey::day_of(row.time)))
    }

    fn quotes(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredQuote>, AskError> {
        let first = self.ticks_of(symbol, day, "quotes");
        let decode = |body: &[u8], _stamp: Stamp| alpaca_quotes(body, symbol, day);
        let all = self.collect(first, VendorId::INTERNAL, decode, by_token)?;
        Ok(within(all, day, |row| TickKey::day_of(row.time)))
    }
}

impl VendorRecords<Massive> {
    fn ticks_of(&self, symbol: Symbol, day: NaiveDate, kind: &str) -> Result<Url, String> {
        let (from, until) = bounds(day)?;
        address(
            &self.vendor.base,
            &["v3", kind, symbol.as_str()],
            &[
                ("timestamp.gte", from.as_str()),
                ("timestamp.lt", &until),
                ("order", "asc"),
                ("sort", "timestamp"),
                ("limit", "50000"),
            ],
        )
    }
}

impl TickSource for VendorRecords<Massive> {
    fn trades(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredTrade>, AskError> {
        let first = self.ticks_of(symbol, day, "trades");
        let decode = |body: &[u8], _stamp: Stamp| massive_trades(body);
        self.collect(first, VendorId::INTERNAL, decode, on_same_host)
    }

    fn quotes(&self, symbol: Symbol, day: NaiveDate) -> Result<Delivery<StoredQuote>, AskError> {
        let first = self.ticks_of(symbol, day, "quotes");
        let decode = |body: &[u8], _stamp: Stamp| massive_quotes(body);
        self.collect(first, VendorId::INTERNAL, decode, on_same_host)
    }
}
