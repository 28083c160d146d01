//! History from vendors over HTTP.
//!
//! A vendor says how its addresses and its pages look ([`BarVendor`]); [`VendorBars`] does the rest: units of work,
//! paging, and handing the rows to the same reader that checks every row of a file. Numbers keep the digits that the
//! vendor sent: they are never read as floating point.
//!
//! - [`Alpaca`] reads `/v2/stocks/{symbol}/bars`.
//! - [`Massive`] (formerly Polygon) reads `/v2/aggs/ticker/{symbol}/range/...`.

mod alpaca;
mod bars;
mod massive;
mod rows;

pub use alpaca::{Alpaca, AlpacaFeed};
pub use bars::{BarAsk, BarVendor, Next, VendorBars, saved_quota};
pub use massive::Massive;
