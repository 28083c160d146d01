//! Trades and quotes: read from a LEAN folder, shown, verified, repaired, exported and pruned.

use std::path::PathBuf;

use crate::program::{Scratch, files};

/// Two days of two trades and a day of two one-sided quotes, made up, in LEAN's format.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lean");
const ALLOWED: &str = "store.vendors=lean: export=allow";

/// A store with all of them.
fn filled() -> Scratch {
    let scratch = Scratch::new();
    for kind in ["trades", "quotes"] {
        scratch.succeed(&run(kind, &[]));
    }
    scratch
}

fn run<'a>(kind: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["run", "--data", kind, "--from-dir", FOLDER];
    arguments.extend(["--symbols", "IBM"]);
    arguments.extend(more);
    arguments
}

fn stored(scratch: &Scratch, part: &str) -> PathBuf {
    let store = scratch.path().join("market-data");
    let name = files(&store)
        .into_keys()
        .find(|name| name.contains(part))
        .unwrap();
    store.join(name)
}

#[test]
fn what_was_read_is_shown_and_the_same_again_changes_nothing() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let report = scratch.json(&run("trades", &["--json"]));
    assert_eq!(
        (&report["rows"], &report["added"]),
        (&4.into(), &0.into()),
        "{report}"
    );
    assert_eq!(scratch.store("market-data"), before);
    let status = scratch.succeed(&["status"]);
    assert!(
        status.contains("trades") && status.contains("quotes"),
        "{status}"
    );
    scratch.succeed(&["verify"]);
}

#[test]
fn a_damaged_day_is_found_refused_and_written_anew_by_a_repeat() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let bad = stored(&scratch, "kind=trades/symbol=IBM/date=2013-10-09/");
    let mut bytes = std::fs::read(&bad).unwrap();
    bytes[100] ^= 4;
    std::fs::write(&bad, bytes).unwrap();
    let error = scratch.fail(7, &["verify"]);
    assert!(error.contains("1 damaged"), "{error}");
    scratch.fail(5, &run("trades", &[]));
    let report = scratch.json(&run("trades", &["--repeat", "--json"]));
    assert_eq!(report["added"], 2, "only the damaged day: {report}");
    scratch.succeed(&["verify"]);
    assert_eq!(scratch.store("market-data"), before);
}

#[test]
fn a_damaged_manifest_takes_its_series_and_a_repeat_reads_it_again() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let manifest = stored(&scratch, "kind=trades/symbol=IBM/_manifest");
    let mut bytes = std::fs::read(&manifest).unwrap();
    bytes.pop();
    std::fs::write(&manifest, bytes).unwrap();
    scratch.fail(7, &["verify"]);
    scratch.fail(5, &run("trades", &[]));
    let report = scratch.json(&run("trades", &["--repeat", "--json"]));
    assert_eq!(report["added"], 4, "{report}");
    scratch.succeed(&["verify"]);
    assert_eq!(scratch.store("market-data"), before);
}

#[test]
fn exports_ask_the_vendors_rule_and_refuse_what_says_nothing_about_ticks() {
    let scratch = filled();
    let export = ["export", "--data", "trades", "--out", "out"];
    scratch.fail(8, &export);
    let with = |more: &[&'static str]| [&export[..], &["--set", ALLOWED], more].concat();
    for flags in [
        ["--timeframe", "1m"],
        ["--known-at", "2013-10-09T00:00:00Z"],
        ["--as-of", "2013-10-09"],
    ] {
        let error = scratch.fail(2, &with(&flags));
        assert!(error.contains("leave it out"), "{error}");
    }
    assert!(!scratch.path().join("out").exists());
    scratch.succeed(&with(&["--from", "2013-10-09"]));
    let text = std::fs::read_to_string(scratch.path().join("out/IBM.trades.lean.csv")).unwrap();
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 3, "{text}");
    assert!(rows[1].starts_with("2013-10-09T13:30:00Z,,179.05,200,P,"));
    let noted = std::fs::read_to_string(scratch.path().join("out/export-decisions.jsonl")).unwrap();
    assert!(
        noted.contains("\"what\":\"trades\"") && noted.contains("export=allow"),
        "{noted}"
    );
    let error = scratch.fail(
        2,
        &[
            "export", "--data", "chains", "--out", "more", "--set", ALLOWED,
        ],
    );
    assert!(error.contains("no such chains"), "{error}");
}

#[test]
fn pruning_takes_old_days_of_ticks() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let prune = ["prune", "--before", "2013-10-09", "--json"];
    let preview = scratch.json(&[&prune[..], &["--dry-run"]].concat());
    assert_eq!(preview["rows"], 2, "{preview}");
    assert_eq!(scratch.store("market-data"), before);
    scratch.json(&prune);
    let left = scratch.store("market-data");
    assert!(!left.keys().any(|name| name.contains("date=2013-10-08")));
    scratch.succeed(&["verify"]);
}
