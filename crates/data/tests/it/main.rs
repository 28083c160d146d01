//! Behaviour of sources, backfill and views, one sentence per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it skips"
)]

mod failover;
mod http_faults;
mod lean;
mod more_bars;
mod options;
mod real_clients;
mod records;
mod streams;
mod ticks;
mod tokens;
mod vendor_faults;
mod vendors;
mod views;

use chrono::NaiveDate;
use trader_data::backfill::{Again, Observer, Progress, Settings, Summary, run};
use trader_data::{DateRange, HistoricalSource, HistoryRequest, SymbolMeaning};
use trader_domain::{Symbol, Timestamp};
use trader_storage::ReadOptions;
use trader_storage::store::MarketStore;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

fn now() -> Timestamp {
    "2024-01-01T00:00:00Z".parse().unwrap()
}

fn request(symbols: &[&str]) -> HistoryRequest {
    HistoryRequest {
        symbols: symbols.iter().map(|text| symbol(text)).collect(),
        meaning: SymbolMeaning::Securities,
        dates: DateRange::default(),
        timeframe: None,
        only: None,
        today: date("2024-01-01"),
    }
}

fn settings(vendor: &str) -> Settings {
    Settings {
        vendor: vendor.to_owned(),
        adjustment: None,
        workers: 2,
        options: ReadOptions::new(now()),
        again: Again::WhenChanged,
    }
}

/// Nobody watches, nobody interrupts.
struct Alone;

impl Observer for Alone {
    fn progress(&self, _progress: Progress) {}

    fn is_interrupted(&self) -> bool {
        false
    }
}

fn fill(source: &dyn HistoricalSource, store: &MarketStore, request: &HistoryRequest) -> Summary {
    run(source, store, request, &settings("lean"), &Alone).unwrap()
}
