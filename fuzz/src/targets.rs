//! Every parser of outside bytes, each with real inputs.

mod domain;

pub use domain::{identifiers, money, occ_symbol, timestamp};

use crate::Target;

/// Every target.
pub const ALL: &[Target] = &[
    Target {
        name: "money",
        feed: money,
        seeds: domain::money_seeds,
        words: &["-", "+", "."],
    },
    Target {
        name: "identifiers",
        feed: identifiers,
        seeds: domain::identifier_seeds,
        words: &["at-"],
    },
    Target {
        name: "timestamp",
        feed: timestamp,
        seeds: domain::timestamp_seeds,
        words: &["Z", "+14:00", "-00:00", "24:00:00"],
    },
    Target {
        name: "occ_symbol",
        feed: occ_symbol,
        seeds: domain::occ_symbol_seeds,
        words: &["C", "P", "0000"],
    },
];

/// Seeds from text.
fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
