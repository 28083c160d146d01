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
//!
//! Everything else comes as records, each page decoded by a function from bytes: news (Alpaca, Massive, Finnhub,
//! [`Benzinga`]), listings (Alpaca, Massive, Finnhub), corporate actions (Alpaca, Massive, Yahoo), trading days (Alpaca),
//! trades and quotes ([`TickSource`]: Alpaca, Massive), filings ([`Edgar`]), posts ([`Reddit`]), options (Alpaca, Massive). [`VendorRecords`] puts them behind the traits of [`record_source`](crate::record_source).

mod alpaca;
mod alpaca_records;
mod alpha_vantage;
mod bars;
mod benzinga;
mod credentials;
mod decode;
mod edgar;
mod failover;
mod finnhub;
mod finnhub_records;
mod link;
mod massive;
mod massive_records;
mod options;
mod records;
mod reddit;
mod rows;
mod ticks;
mod yahoo;
mod yahoo_records;

pub use alpaca::{Alpaca, AlpacaFeed};
pub use alpaca_records::{alpaca_actions, alpaca_assets, alpaca_calendar, alpaca_news};
pub use alpha_vantage::{AlphaVantage, alpha_vantage_accepts};
pub use bars::{BarAsk, BarVendor, VendorBars};
pub use benzinga::{Benzinga, benzinga_news};
pub use credentials::{Verdict, alpaca_account, check_credentials};
pub use decode::Page;
pub use edgar::{
    Edgar, Filer, Submissions, edgar_companies, edgar_continuation, edgar_submissions,
};
pub use failover::{AllFailed, Failover, FailoverBars, Watched, WatchedBars};
pub use finnhub::Finnhub;
pub use finnhub_records::{finnhub_news, finnhub_symbols};
pub use link::{AskError, Next, PageFault, VendorLink, saved_quota};
pub use massive::Massive;
pub use massive_records::{massive_dividends, massive_news, massive_splits, massive_tickers};
pub use options::{alpaca_chain, alpaca_contracts, massive_chain, massive_contracts};
pub use records::VendorRecords;
pub use reddit::{Reddit, reddit_posts};
pub use rows::Rows;
pub use ticks::{TickSource, alpaca_quotes, alpaca_trades, massive_quotes, massive_trades};
pub use yahoo::Yahoo;
pub use yahoo_records::yahoo_actions;
