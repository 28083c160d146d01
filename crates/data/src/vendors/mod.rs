//! History from vendors over HTTP.
//!
//! A vendor says how its addresses and its pages look; the rest is done once for all: [`VendorLink`] follows pages
//! within the vendor's limits, [`VendorBars`] makes units of work of bars and hands the rows to the same reader that
//! checks every row of a file, [`Failover`] asks the next vendor when one fails. Numbers keep the digits that the
//! vendor sent: they are never read as floating point.
//!
//! | vendor | bars | prices |
//! |---|---|---|
//! | [`Alpaca`] | a minute, a day | raw |
//! | [`Massive`] (formerly Polygon) | a minute, a day | raw |
//! | [`Finnhub`] | a minute, a day | a minute raw, a day for splits |
//! | [`AlphaVantage`] | a minute, a day | raw |
//! | [`Yahoo`] | a day | for splits |

mod alpaca;
mod alpha_vantage;
mod bars;
mod failover;
mod finnhub;
mod link;
mod massive;
mod rows;
mod yahoo;

pub use alpaca::{Alpaca, AlpacaFeed};
pub use alpha_vantage::AlphaVantage;
pub use bars::{BarAsk, BarVendor, VendorBars};
pub use failover::{AllFailed, Failover, FailoverBars, Watched, WatchedBars};
pub use finnhub::Finnhub;
pub use link::{AskError, Next, PageFault, VendorLink, saved_quota};
pub use massive::Massive;
pub use rows::Rows;
pub use yahoo::Yahoo;
