//! What the market shows: bars, quotes, trades, books, trading status.
//!
//! Every record names its instrument, its vendor, when it happened (`time`) and when we received
//! it (`received`). A record is never visible to a strategy before its `received` time.

mod bar;
mod book;
mod quote;
mod status;
mod trade;

pub use bar::{Bar, BarError, Timeframe};
pub use book::{Book, BookDelta, BookSide};
pub use quote::Quote;
pub use status::{HaltReason, LuldBands, StatusKind, TradingStatus};
pub use trade::{Trade, TradeConditions};
