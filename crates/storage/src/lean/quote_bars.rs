//! Quote bars (bid and ask, open to close) and open interest.

use trader_domain::{Price, Quantity, Timestamp};

use super::context::{FieldReader, LeanContext, TickOrder, fields, for_each_row};
use crate::error::DataError;
use crate::options::ReadOptions;
use crate::problem::ProblemKind;

/// Bars of bid and ask as columns. A side that was not quoted in a bar has four zero prices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QuoteBarColumns {
    /// Start of the interval, strictly ascending; for daily bars 00:00 UTC of the trading date.
    pub start: Vec<Timestamp>,
    /// Open, high, low and close of the bid.
    pub bid: Vec<[Price; 4]>,
    /// Last size at the bid.
    pub bid_size: Vec<Quantity>,
    /// Open, high, low and close of the ask.
    pub ask: Vec<[Price; 4]>,
    /// Last size at the ask.
    pub ask_size: Vec<Quantity>,
}

/// Open interest of one contract as columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenInterest {
    /// When it was published.
    pub time: Vec<Timestamp>,
    /// Contracts.
    pub contracts: Vec<Quantity>,
}

/// Reads quote bars: `time,bid open,…,bid size,ask open,…,ask size`.
///
/// # Errors
/// [`DataError`] with the first faulty lines.
pub fn parse_lean_quote_bars(
    bytes: &[u8],
    file: &str,
    context: &LeanContext,
    options: &ReadOptions,
) -> Result<QuoteBarColumns, DataError> {
    let mut reader = FieldReader::new(context, options);
    let mut order = TickOrder::new(options.now);
    let mut bars = QuoteBarColumns::default();
    for_each_row(bytes, file, options.most_problems, |line, _, _| {
        let [time, b1, b2, b3, b4, bid_size, a1, a2, a3, a4, ask_size] = fields::<11>(line)?;
        let start = order.check(reader.time(time)?)?;
        if bars.start.last() == Some(&start) {
            return Err(ProblemKind::Duplicate { time: start });
        }
        let bid = side(&reader, [b1, b2, b3, b4])?;
        let ask = side(&reader, [a1, a2, a3, a4])?;
        let (bid_size, ask_size) = (size(&reader, bid_size)?, size(&reader, ask_size)?);
        bars.start.push(start);
        bars.bid.push(bid);
        bars.ask.push(ask);
        bars.bid_size.push(bid_size);
        bars.ask_size.push(ask_size);
        Ok(())
    })?;
    Ok(bars)
}

/// Reads open interest: `time,contracts`.
///
/// # Errors
/// [`DataError`] with the first faulty lines.
pub fn parse_lean_open_interest(
    bytes: &[u8],
    file: &str,
    context: &LeanContext,
    options: &ReadOptions,
) -> Result<OpenInterest, DataError> {
    let mut reader = FieldReader::new(context, options);
    let mut order = TickOrder::new(options.now);
    let mut found = OpenInterest::default();
    for_each_row(bytes, file, options.most_problems, |line, _, _| {
        let [time, contracts] = fields::<2>(line)?;
        let at = order.check(reader.time(time)?)?;
        found.contracts.push(reader.quantity(contracts)?);
        found.time.push(at);
        Ok(())
    })?;
    Ok(found)
}

fn size(reader: &FieldReader, field: &[u8]) -> Result<Quantity, ProblemKind> {
    if field.is_empty() {
        return Ok(Quantity::ZERO);
    }
    reader.quantity(field)
}

/// Four prices that enclose each other, or four absent ones.
fn side(reader: &FieldReader, fields: [&[u8]; 4]) -> Result<[Price; 4], ProblemKind> {
    let [open, high, low, close] = fields;
    let (open, high) = (reader.quoted(open)?, reader.quoted(high)?);
    let (low, close) = (reader.quoted(low)?, reader.quoted(close)?);
    match (open, high, low, close) {
        (None, None, None, None) => Ok([Price::ZERO; 4]),
        (Some(open), Some(high), Some(low), Some(close)) => {
            if high < open.max(close) || low > open.min(close) {
                return Err(ProblemKind::NotEnclosed {
                    open,
                    high,
                    low,
                    close,
                });
            }
            Ok([open, high, low, close])
        }
        _ => Err(ProblemKind::Null),
    }
}
