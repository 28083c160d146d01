//! Tick files of LEAN data folders as rows of the store, and rows of the store as LEAN's columns, which runs read.

use std::path::Path;

use chrono::NaiveDate;
use trader_domain::{Price, Symbol};
use trader_storage::lean::{LeanFolder, QuoteTickColumns, TradeTickColumns};
use trader_storage::store::{StoredQuote, StoredTrade, TickKind, TickText};
use trader_storage::{DataError, ReadOptions};

/// The ticks of a LEAN data folder.
#[derive(Debug, Clone)]
pub struct LeanTicks {
    folder: LeanFolder,
    options: ReadOptions,
}

impl LeanTicks {
    /// The folder that holds `equity`, or the one above it.
    ///
    /// # Errors
    /// [`DataError::NoFiles`] when neither is a LEAN folder.
    pub fn open(root: &Path, options: ReadOptions) -> Result<Self, DataError> {
        Ok(Self {
            folder: LeanFolder::open(root)?,
            options,
        })
    }

    /// The days of which there are ticks of a symbol.
    ///
    /// # Errors
    /// [`DataError`] when the folder cannot be listed.
    pub fn days(&self, symbol: Symbol, kind: TickKind) -> Result<Vec<NaiveDate>, DataError> {
        let kind = match kind {
            TickKind::Trades => "trade",
            TickKind::Quotes => "quote",
        };
        self.folder.tick_days(&ticker(symbol), kind)
    }

    /// The trades of a day.
    ///
    /// # Errors
    /// [`DataError`] with the first faulty lines, or why the file cannot be read.
    pub fn trades(&self, symbol: Symbol, day: NaiveDate) -> Result<Vec<StoredTrade>, DataError> {
        let ticks = self
            .folder
            .trade_ticks(&ticker(symbol), day, &self.options)?;
        Ok(lean_trades(&ticks))
    }

    /// The quotes of a day.
    ///
    /// # Errors
    /// As [`Self::trades`].
    pub fn quotes(&self, symbol: Symbol, day: NaiveDate) -> Result<Vec<StoredQuote>, DataError> {
        let ticks = self
            .folder
            .quote_ticks(&ticker(symbol), day, &self.options)?;
        Ok(lean_quotes(&ticks))
    }
}

fn ticker(symbol: Symbol) -> String {
    symbol.as_str().to_ascii_lowercase()
}

/// Hexadecimal, as the files have it; at most 8 digits.
fn code(number: u32) -> TickText {
    TickText::from(&format!("{number:X}")).unwrap_or_default()
}

fn letter(byte: u8) -> TickText {
    let mut text = TickText::new();
    if byte != b' ' {
        // One character always fits.
        text.push(char::from(byte));
    }
    text
}

/// Trades as rows; LEAN says neither when a trade was received nor its identifier.
pub fn lean_trades(ticks: &TradeTickColumns) -> Vec<StoredTrade> {
    let prices = ticks.time.iter().zip(&ticks.price).zip(&ticks.size);
    let rest = ticks
        .exchange
        .iter()
        .zip(&ticks.conditions)
        .zip(&ticks.vendor_conditions);
    prices
        .zip(rest)
        .map(
            |(((time, price), size), ((exchange, conditions), codes))| StoredTrade {
                time: *time,
                received: None,
                price: *price,
                size: *size,
                exchange: letter(*exchange),
                conditions: *conditions,
                codes: code(*codes),
                tape: TickText::new(),
                id: TickText::new(),
                sequence: None,
                revised: None,
                replaces: TickText::new(),
            },
        )
        .collect()
}

/// One-sided quotes as rows. What LEAN marks as suspicious keeps the mark `S` behind its conditions.
pub fn lean_quotes(ticks: &QuoteTickColumns) -> Vec<StoredQuote> {
    let side = |price: &Price| Some(*price).filter(|price| *price != Price::ZERO);
    let bids = ticks.time.iter().zip(&ticks.bid).zip(&ticks.bid_size);
    let asks = ticks.ask.iter().zip(&ticks.ask_size);
    let rest = ticks
        .exchange
        .iter()
        .zip(&ticks.vendor_conditions)
        .zip(&ticks.suspicious);
    bids.zip(asks)
        .zip(rest)
        .map(
            |((((time, bid), bid_size), (ask, ask_size)), ((exchange, codes), suspicious))| {
                let mark = if *suspicious { " S" } else { "" };
                let (bid, ask) = (side(bid), side(ask));
                let at =
                    |side: Option<Price>| side.map_or_else(TickText::new, |_| letter(*exchange));
                StoredQuote {
                    time: *time,
                    received: None,
                    bid,
                    bid_size: *bid_size,
                    bid_exchange: at(bid),
                    ask,
                    ask_size: *ask_size,
                    ask_exchange: at(ask),
                    codes: TickText::from(&format!("{}{mark}", code(*codes))).unwrap_or_default(),
                    tape: TickText::new(),
                    sequence: None,
                }
            },
        )
        .collect()
}

/// Stored trades as columns of a day. Prints that were taken back stay, marked as such, and count for nothing.
pub fn trade_columns(rows: &[StoredTrade]) -> TradeTickColumns {
    let mut columns = TradeTickColumns::default();
    for row in rows {
        columns.time.push(row.time);
        columns.price.push(row.price);
        columns.size.push(row.size);
        columns.exchange.push(first_byte(row.exchange));
        columns.conditions.push(row.conditions);
        columns
            .vendor_conditions
            .push(u32::from_str_radix(&row.codes, 16).unwrap_or(0));
    }
    columns
}

/// Stored quotes as columns of a day.
pub fn quote_columns(rows: &[StoredQuote]) -> QuoteTickColumns {
    let mut columns = QuoteTickColumns::default();
    for row in rows {
        let suspicious = row.codes.strip_suffix(" S");
        let codes = suspicious.unwrap_or(&row.codes);
        columns.time.push(row.time);
        columns.bid.push(row.bid.unwrap_or(Price::ZERO));
        columns.bid_size.push(row.bid_size);
        columns.ask.push(row.ask.unwrap_or(Price::ZERO));
        columns.ask_size.push(row.ask_size);
        let exchange = if row.bid.is_some() {
            row.bid_exchange
        } else {
            row.ask_exchange
        };
        columns.exchange.push(first_byte(exchange));
        columns
            .vendor_conditions
            .push(u32::from_str_radix(codes, 16).unwrap_or(0));
        columns.suspicious.push(suspicious.is_some());
    }
    columns
}

fn first_byte(text: TickText) -> u8 {
    text.bytes().next().unwrap_or(b' ')
}
