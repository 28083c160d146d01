//! Every parser of outside bytes, each with real inputs.

mod archive;
mod backups;
mod cache;
mod domain;
mod features;
mod files;
mod market_files;
mod state;
mod streams;
mod text;
mod vendors;

pub use archive::archive_record;
pub use backups::{backup_manifest, wal_name};
pub use cache::cache_entry;
pub use domain::{identifiers, money, occ_symbol, timestamp};
pub use features::{calculators, sample_statistics};
pub use files::{config, csv_bars};
pub use market_files::{lean_archive, lean_text, parquet_bars, series_manifest, tick_manifest};
pub use state::{feature_snapshot, journal, journal_record};
pub use streams::{stream_json, stream_msgpack};
pub use text::news_text;
pub use vendors::vendors;

use crate::{Target, Verdict};

macro_rules! target {
    ($feed:ident, $seeds:path, $($word:literal),*) => {
        Target { name: stringify!($feed), feed: $feed, seeds: $seeds, words: &[$($word),*] }
    };
}

/// Every target.
pub const ALL: &[Target] = &[
    target!(money, domain::money_seeds, "-", "+", "."),
    target!(identifiers, domain::identifier_seeds, "at-"),
    target!(
        timestamp,
        domain::timestamp_seeds,
        "Z",
        "+14:00",
        "-00:00",
        "24:00:00"
    ),
    target!(occ_symbol, domain::occ_symbol_seeds, "C", "P", "0000"),
    target!(
        config,
        files::config_seeds,
        "[risk]",
        "${HOME}",
        "{ file = \"x\" }",
        "{ command = [\"x\"] }",
        "\"\"\"",
        "[[",
        "= ",
        "true"
    ),
    target!(
        csv_bars,
        files::csv_seeds,
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
        "Z"
    ),
    target!(
        parquet_bars,
        market_files::parquet_seeds,
        "PAR1",
        "open",
        "close"
    ),
    target!(
        lean_archive,
        market_files::archive_seeds,
        "PK\u{1}\u{2}",
        "PK\u{5}\u{6}",
        "../"
    ),
    target!(
        lean_text,
        market_files::lean_seeds,
        "\n",
        ",",
        "20501231",
        "_call_",
        "86400000"
    ),
    target!(
        archive_record,
        archive::record_seeds,
        "\"sha256\"",
        "\"object\"",
        "date=",
        "../",
        "\\n"
    ),
    target!(cache_entry, cache::entry_seeds, "TCA1", "answers:"),
    target!(
        series_manifest,
        market_files::manifest_seeds,
        "\n",
        "decade=",
        "date=",
        "../",
        "\"rows\":",
        "symbol=%2E"
    ),
    target!(
        tick_manifest,
        market_files::tick_manifest_seeds,
        "\n",
        "\"date\":",
        "\"rows\":",
        "18446744073709551615",
        "symbol=%2E"
    ),
    target!(
        backup_manifest,
        backups::manifest_seeds,
        "\"rows\":",
        "18446744073709551615",
        "../",
        "base-"
    ),
    target!(
        wal_name,
        backups::wal_name_seeds,
        ".partial",
        ".backup",
        ".history",
        "FF"
    ),
    target!(journal, state::journal_seeds, "AITRJRNL"),
    target!(journal_record, state::record_seeds, "\0\0\0\0"),
    target!(
        news_text,
        text::news_seeds,
        "not ",
        " but ",
        "n't",
        "$",
        "NASDAQ: ",
        "Inc",
        "!",
        "\u{1f680}"
    ),
    target!(
        stream_json,
        streams::json_seeds,
        "\"T\":",
        "\"ev\":",
        "[[",
        "1e9",
        "null"
    ),
    target!(stream_msgpack, streams::msgpack_seeds, "\u{1}", "\0\0\0\0"),
    target!(feature_snapshot, state::snapshot_seeds, "FSN1"),
    target!(calculators, features::number_seeds, "\0\0\0\0"),
    target!(sample_statistics, features::sample_seeds, "\0\0\0\0"),
    target!(
        vendors,
        vendors::vendor_seeds,
        "null",
        "\"status\":\"OK\"",
        "\"next_page_token\":",
        "1e999",
        "-1",
        "\u{0}"
    ),
];

/// Seeds from text.
fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Accepted when one of several parsers accepted.
fn any(verdicts: &[Verdict]) -> Verdict {
    if verdicts.contains(&Verdict::Accepted) {
        Verdict::Accepted
    } else {
        Verdict::Refused
    }
}
