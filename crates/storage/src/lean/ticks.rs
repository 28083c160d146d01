//! Tick files: single trades, and single sides of quotes.

use trader_domain::{Price, Quantity, Timestamp, TradeConditions};

use super::context::{FieldReader, LeanContext, TickOrder, fields, for_each_row};
use crate::error::{DataError, excerpt};
use crate::options::ReadOptions;
use crate::problem::ProblemKind;
use crate::text::decimal::NumberFault;

/// Trades of one day as columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TradeTickColumns {
    /// When, ascending; several may share an instant.
    pub time: Vec<Timestamp>,
    /// Price.
    pub price: Vec<Price>,
    /// Shares.
    pub size: Vec<Quantity>,
    /// Exchange letter.
    pub exchange: Vec<u8>,
    /// Conditions in the domain's terms, the vendor's suspicion included.
    pub conditions: Vec<TradeConditions>,
    /// Conditions as the file has them.
    pub vendor_conditions: Vec<u32>,
}

/// One-sided quotes of one day as columns; a price of zero means that the tick says nothing of that side.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuoteTickColumns {
    /// When, ascending; several may share an instant.
    pub time: Vec<Timestamp>,
    /// Bid, or zero.
    pub bid: Vec<Price>,
    /// Shares at the bid.
    pub bid_size: Vec<Quantity>,
    /// Ask, or zero.
    pub ask: Vec<Price>,
    /// Shares at the ask.
    pub ask_size: Vec<Quantity>,
    /// Exchange letter.
    pub exchange: Vec<u8>,
    /// Conditions as the file has them.
    pub vendor_conditions: Vec<u32>,
    /// The vendor distrusts the tick.
    pub suspicious: Vec<bool>,
}

/// Reads trades: `time,price,size,exchange,conditions,suspicious`.
///
/// # Errors
/// [`DataError`] with the first faulty lines.
pub fn parse_lean_trade_ticks(
    bytes: &[u8],
    file: &str,
    context: &LeanContext,
    options: &ReadOptions,
) -> Result<TradeTickColumns, DataError> {
    let mut reader = FieldReader::new(context, options);
    let mut order = TickOrder::new(options.now);
    let mut ticks = TradeTickColumns::default();
    for_each_row(bytes, file, options.most_problems, |line, _, _| {
        let [time, price, size, exchange, conditions, suspicious] = fields::<6>(line)?;
        let at = order.check(reader.time(time)?)?;
        let price = reader.price(price)?;
        if !price.is_positive() {
            return Err(ProblemKind::NotPositive { found: price });
        }
        let size = reader.quantity(size)?;
        let code = hexadecimal(conditions)?;
        let mut known = domain_conditions(code);
        if flag(suspicious)? {
            known = known.with(TradeConditions::SUSPICIOUS);
        }
        let exchange = exchange_letter(exchange)?;
        ticks.time.push(at);
        ticks.price.push(price);
        ticks.size.push(size);
        ticks.exchange.push(exchange);
        ticks.conditions.push(known);
        ticks.vendor_conditions.push(code);
        Ok(())
    })?;
    Ok(ticks)
}

/// Reads quotes: `time,bid,bid size,ask,ask size,exchange,conditions,suspicious`.
///
/// # Errors
/// [`DataError`] with the first faulty lines.
pub fn parse_lean_quote_ticks(
    bytes: &[u8],
    file: &str,
    context: &LeanContext,
    options: &ReadOptions,
) -> Result<QuoteTickColumns, DataError> {
    let mut reader = FieldReader::new(context, options);
    let mut order = TickOrder::new(options.now);
    let mut ticks = QuoteTickColumns::default();
    for_each_row(bytes, file, options.most_problems, |line, _, _| {
        let [
            time,
            bid,
            bid_size,
            ask,
            ask_size,
            exchange,
            conditions,
            suspicious,
        ] = fields::<8>(line)?;
        let at = order.check(reader.time(time)?)?;
        let (bid, ask) = (reader.quoted(bid)?, reader.quoted(ask)?);
        let (bid_size, ask_size) = (reader.quantity(bid_size)?, reader.quantity(ask_size)?);
        let code = hexadecimal(conditions)?;
        let doubted = flag(suspicious)?;
        let exchange = exchange_letter(exchange)?;
        ticks.time.push(at);
        ticks.bid.push(bid.unwrap_or(Price::ZERO));
        ticks.bid_size.push(bid_size);
        ticks.ask.push(ask.unwrap_or(Price::ZERO));
        ticks.ask_size.push(ask_size);
        ticks.exchange.push(exchange);
        ticks.vendor_conditions.push(code);
        ticks.suspicious.push(doubted);
        Ok(())
    })?;
    Ok(ticks)
}

/// What LEAN's condition flags mean for last, high/low and volume (names in LEAN's `TradeConditionFlags`).
fn domain_conditions(code: u32) -> TradeConditions {
    const TABLE: [(u32, TradeConditions); 11] = [
        // Cash, next day, seller: not regular-way settlement, so like contingent trades they count for volume only.
        (0xE, TradeConditions::CONTINGENT),
        (0x20, TradeConditions::INTERMARKET_SWEEP),
        // Opening and reopening prints.
        (0x140, TradeConditions::OPENING),
        (0x80, TradeConditions::CLOSING),
        (0x200, TradeConditions::DERIVATIVELY_PRICED),
        // Form T and extended hours.
        (0x2400, TradeConditions::EXTENDED_HOURS),
        // Sold last (reported late) and out of sequence.
        (0x4800, TradeConditions::OUT_OF_SEQUENCE),
        (0x0010_0000, TradeConditions::AVERAGE_PRICE),
        (0x0500_0000, TradeConditions::OFFICIAL),
        (0x0200_0000, TradeConditions::PRIOR_REFERENCE),
        (0x8000_0000, TradeConditions::ODD_LOT),
    ];
    TABLE
        .iter()
        .filter(|(flags, _)| code & flags != 0)
        .fold(TradeConditions::REGULAR, |known, (_, condition)| {
            known.with(*condition)
        })
}

fn hexadecimal(field: &[u8]) -> Result<u32, ProblemKind> {
    if field.is_empty() {
        return Ok(0);
    }
    std::str::from_utf8(field)
        .ok()
        .and_then(|text| u32::from_str_radix(text, 16).ok())
        .ok_or_else(|| not_a_number(field))
}

fn flag(field: &[u8]) -> Result<bool, ProblemKind> {
    match field {
        b"0" => Ok(false),
        b"1" => Ok(true),
        _ => Err(not_a_number(field)),
    }
}

/// The letter of an exchange; blank when the field is empty.
fn exchange_letter(field: &[u8]) -> Result<u8, ProblemKind> {
    match field {
        [] => Ok(b' '),
        [letter] if letter.is_ascii_graphic() => Ok(*letter),
        _ => Err(ProblemKind::Symbol {
            found: excerpt(field, 40),
        }),
    }
}

#[cold]
fn not_a_number(field: &[u8]) -> ProblemKind {
    ProblemKind::Number {
        found: excerpt(field, 40),
        fault: NumberFault::NotANumber,
        decimals: 0,
    }
}
