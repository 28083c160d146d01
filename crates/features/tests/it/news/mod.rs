//! News: scores against the reference, and what features make of it at a bar's close.

mod features;
mod linking;
mod reading;

use trader_domain::{NewsItem, Timestamp, VendorId};

/// A minute in nanoseconds.
pub(crate) const MINUTE: i64 = 60_000_000_000;

/// An item received `minute` minutes after the epoch.
pub(crate) fn item(id: &str, minute: i64, headline: &str) -> NewsItem {
    NewsItem {
        id: id.to_owned(),
        vendor: VendorId::INTERNAL,
        published: Timestamp::from_nanos(minute * MINUTE),
        received: Timestamp::from_nanos(minute * MINUTE),
        headline: headline.to_owned(),
        body: None,
        source: "Reuters".to_owned(),
        symbols: Vec::new(),
        url: None,
    }
}

/// (headline, negative, neutral, positive, compound) of the golden file.
pub(crate) fn headlines() -> Vec<(String, [f64; 4])> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/news_vader.csv");
    let text = std::fs::read_to_string(path).expect("golden file");
    let rows = text.lines().skip(1).map(|line| {
        let (_, rest) = line.split_once(',').expect("id");
        let fields: Vec<&str> = rest.rsplitn(5, ',').collect();
        let number = |index: usize| fields[index].parse::<f64>().expect("number");
        let headline = fields[4].trim_matches('"').to_owned();
        (headline, [number(3), number(2), number(1), number(0)])
    });
    rows.collect()
}
