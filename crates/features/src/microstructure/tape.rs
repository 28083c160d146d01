//! From market events to the rows that microstructure calculators read.
//!
//! Live: [`Tape::apply`] gives one row an event. History: [`TapeColumns`] collects them. A trade is
//! joined with the quote that had been received before it.

use trader_domain::{MarketEvent, Quote, StatusKind, Trade, TradeConditions};

use crate::columns::Columns;
use crate::error::FeatureError;

/// Prints that do not say who met whom at what market: priced elsewhere or earlier, taken back, or
/// in doubt.
const NOT_AT_THE_MARKET: [TradeConditions; 8] = [
    TradeConditions::OUT_OF_SEQUENCE,
    TradeConditions::AVERAGE_PRICE,
    TradeConditions::DERIVATIVELY_PRICED,
    TradeConditions::CONTINGENT,
    TradeConditions::PRIOR_REFERENCE,
    TradeConditions::OFFICIAL,
    TradeConditions::CANCELED,
    TradeConditions::SUSPICIOUS,
];

/// What an event of one instrument means to calculators.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TapeRow {
    /// A new market: bid, ask, bid size, ask size; zeros where a side is empty or trading halted.
    Quote([f64; 4]),
    /// A trade: price, size, and the market it met as in [`TapeRow::Quote`].
    Trade {
        /// Price.
        price: f64,
        /// Size.
        size: f64,
        /// Bid, ask, bid size, ask size before the trade.
        quote: [f64; 4],
    },
}

/// The market of one instrument, as events made it.
///
/// A halt empties the market (a row of zeros, so that nothing is compared across it); quotes and
/// trades reported while it lasts are passed over, and so are prints that did not meet the market.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    quote: [f64; 4],
    halted: bool,
}

impl Tape {
    /// Before the first event.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one event of the instrument, in the order received.
    pub fn apply(&mut self, event: &MarketEvent) -> Option<TapeRow> {
        match event {
            MarketEvent::Quote(quote) if !self.halted => {
                self.quote = numbers(quote);
                Some(TapeRow::Quote(self.quote))
            }
            MarketEvent::Trade(trade) if !self.halted && met_the_market(trade) => {
                Some(TapeRow::Trade {
                    price: trade.price.to_f64_lossy(),
                    size: trade.size.to_f64_lossy(),
                    quote: self.quote,
                })
            }
            MarketEvent::Status(status) => match status.kind {
                StatusKind::Halted(_) => {
                    self.halted = true;
                    self.quote = [0.0; 4];
                    Some(TapeRow::Quote(self.quote))
                }
                StatusKind::Resumed => {
                    self.halted = false;
                    None
                }
                StatusKind::Bands(_)
                | StatusKind::ShortSaleRestricted
                | StatusKind::ShortSaleUnrestricted => None,
            },
            _ => None,
        }
    }
}

fn numbers(quote: &Quote) -> [f64; 4] {
    [
        quote.bid.to_f64_lossy(),
        quote.ask.to_f64_lossy(),
        quote.bid_size.to_f64_lossy(),
        quote.ask_size.to_f64_lossy(),
    ]
}

fn met_the_market(trade: &Trade) -> bool {
    let conditions = trade.conditions;
    trade.price.is_positive()
        && trade.size.is_positive()
        && !NOT_AT_THE_MARKET
            .iter()
            .any(|other| conditions.contains(*other))
}

/// Rows of a tape as columns: quotes and trades each with their own.
#[derive(Debug, Clone, Default)]
pub struct TapeColumns {
    quotes: [Vec<f64>; 4],
    trades: [Vec<f64>; 6],
}

const QUOTE_COLUMNS: [&str; 4] = ["bid", "ask", "bid_size", "ask_size"];
const TRADE_COLUMNS: [&str; 6] = [
    "trade_price",
    "trade_size",
    "bid",
    "ask",
    "bid_size",
    "ask_size",
];

impl TapeColumns {
    /// Adds one row.
    pub fn push(&mut self, row: TapeRow) {
        match row {
            TapeRow::Quote(quote) => fill(&mut self.quotes, quote),
            TapeRow::Trade { price, size, quote } => {
                let [bid, ask, bids, asks] = quote;
                fill(&mut self.trades, [price, size, bid, ask, bids, asks]);
            }
        }
    }

    /// One row for each change of the market.
    ///
    /// # Errors
    /// None in fact: the columns grow together.
    pub fn quotes(&self) -> Result<Columns<'_>, FeatureError> {
        named(&QUOTE_COLUMNS, &self.quotes)
    }

    /// One row for each trade, with the market it met.
    ///
    /// # Errors
    /// As [`TapeColumns::quotes`].
    pub fn trades(&self) -> Result<Columns<'_>, FeatureError> {
        named(&TRADE_COLUMNS, &self.trades)
    }
}

fn fill<const N: usize>(columns: &mut [Vec<f64>; N], row: [f64; N]) {
    for (column, value) in columns.iter_mut().zip(row) {
        column.push(value);
    }
}

fn named<'a>(names: &[&'static str], columns: &'a [Vec<f64>]) -> Result<Columns<'a>, FeatureError> {
    names
        .iter()
        .zip(columns)
        .try_fold(Columns::new(), |all, (name, column)| all.with(name, column))
}
