//! Every parser of outside bytes, each with real inputs.

mod domain;
mod files;

pub use domain::{identifiers, money, occ_symbol, timestamp};
pub use files::{config, csv_bars};

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
    Target {
        name: "config",
        feed: config,
        seeds: files::config_seeds,
        words: &[
            "[risk]",
            "${HOME}",
            "{ file = \"x\" }",
            "{ command = [\"x\"] }",
            "\"\"\"",
            "[[",
            "= ",
            "true",
        ],
    },
    Target {
        name: "csv_bars",
        feed: csv_bars,
        seeds: files::csv_seeds,
        words: &[
            "\n",
            ",",
            ";",
            "\t",
            "\"",
            "date",
            "volume",
            "adj_close",
            "2024-03-10",
            "02:30:00",
            "Z",
        ],
    },
];

/// Seeds from text.
fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
