//! `verify`, `gaps`, `export` and `prune`: damage is found, only what is missing is filled, old bars go.

use std::path::PathBuf;

use crate::program::{Scratch, assert_same, files, june, minutes};

/// A store with two symbols over seven days, and its source.
fn filled() -> Scratch {
    let scratch = Scratch::new();
    scratch.file("in/AAA.csv", minutes(&june(7), 30, 10_000));
    scratch.file("in/BBB.csv", minutes(&june(7), 30, 20_000));
    scratch.succeed(&["run", "--from-dir", "in"]);
    scratch
}

fn data_file(scratch: &Scratch, symbol: &str, day: &str) -> PathBuf {
    let store = scratch.path().join("market-data");
    let name = files(&store)
        .into_keys()
        .find(|name| name.contains(&format!("symbol={symbol}/date={day}/")))
        .unwrap();
    store.join(name)
}

#[test]
fn a_flipped_bit_is_found_and_repaired_without_touching_anything_else() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let bad = data_file(&scratch, "AAA", "2024-06-05");
    let mut bytes = std::fs::read(&bad).unwrap();
    bytes[100] ^= 4;
    std::fs::write(&bad, bytes).unwrap();
    let error = scratch.fail(7, &["verify"]);
    assert!(error.contains("1 damaged"), "{error}");
    let allowed = "store.vendors=local: export=allow";
    scratch.fail(
        5,
        &[
            "export",
            "--out",
            "out",
            "--symbols",
            "AAA",
            "--set",
            allowed,
        ],
    );
    scratch.fail(7, &["gaps"]);
    let untouched = data_file(&scratch, "AAA", "2024-06-06");
    let written = std::fs::metadata(&untouched).unwrap().modified().unwrap();
    let report = scratch.json(&["gaps", "--repair", "--from-dir", "in", "--json"]);
    assert_eq!(report["repaired"][0]["added"], 30);
    assert_eq!(
        std::fs::metadata(&untouched).unwrap().modified().unwrap(),
        written
    );
    let without_records = |store: std::collections::BTreeMap<String, Vec<u8>>| {
        store
            .into_iter()
            .filter(|(name, _)| name.ends_with(".parquet"))
            .collect()
    };
    assert_same(
        &without_records(scratch.store("market-data")),
        &without_records(before),
    );
    scratch.succeed(&["verify"]);
}

#[test]
fn a_damaged_manifest_loses_its_series_and_the_series_is_read_again() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let name = before
        .keys()
        .find(|name| name.contains("symbol=BBB/_manifest"))
        .unwrap();
    let path = scratch.path().join("market-data").join(name);
    let mut bytes = before[name].clone();
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&path, bytes).unwrap();
    scratch.fail(7, &["verify"]);
    let report = scratch.json(&["gaps", "--repair", "--from-dir", "in", "--json"]);
    assert_eq!(report["repaired"][0]["added"], 210);
    scratch.succeed(&["verify"]);
}

#[test]
fn missing_days_are_shown_and_filled_from_a_source_that_has_them() {
    let scratch = Scratch::new();
    let days = june(7);
    let some: Vec<_> = days
        .iter()
        .copied()
        .filter(|day| *day != days[2] && *day != days[4])
        .collect();
    scratch.file("in/AAA.csv", minutes(&some, 30, 10_000));
    scratch.succeed(&["run", "--from-dir", "in"]);
    let error = scratch.fail(7, &["gaps"]);
    assert!(error.contains("2 trading days"), "{error}");
    scratch.file("full/AAA.csv", minutes(&days, 30, 90_000));
    let report = scratch.json(&["gaps", "--repair", "--from-dir", "full", "--json"]);
    assert_eq!(report["repaired"][0]["added"], 60);
    assert_eq!(
        report["repaired"][0]["replaced"], 0,
        "other days stay as they are"
    );
    let verified = scratch.json(&["verify", "--json"]);
    assert_eq!(verified[0]["completeness"]["trading_days"], 7);
    assert_eq!(verified[0]["completeness"]["empty_intervals"], 7 * 360);
}

#[test]
fn an_export_read_back_is_the_same_series() {
    let scratch = filled();
    let refused = scratch.fail(8, &["export", "--out", "none"]);
    assert!(refused.contains("without a rule are refused"), "{refused}");
    assert!(!scratch.path().join("none").exists());
    let allowed = "store.vendors=local: export=allow";
    for format in ["csv", "parquet"] {
        let out = format!("out-{format}");
        scratch.succeed(&[
            "export",
            "--out",
            &out,
            "--format",
            format,
            "--symbols",
            "AAA",
            "--set",
            allowed,
        ]);
        let name = format!("AAA.1m.bars.local.unknown.{format}");
        let back = format!("back-{format}/AAA.{format}");
        let bytes = std::fs::read(scratch.path().join(&out).join(&name)).unwrap();
        if format == "csv" {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(
                text.lines().nth(1).unwrap().ends_with(",local"),
                "every row names its vendor"
            );
        }
        scratch.file(&back, bytes);
        let (from, store) = (format!("back-{format}"), format!("store-{format}"));
        scratch.succeed(&["run", "--from-dir", &from, "--store", &store]);
        let series = |store: &str| {
            let mut files = scratch.store(store);
            files.retain(|name, _| name.contains("symbol=AAA") && name.ends_with(".parquet"));
            files
        };
        assert_same(&series(&store), &series("market-data"));
        let again = [
            "export",
            "--out",
            &out,
            "--format",
            format,
            "--symbols",
            "AAA",
            "--set",
            allowed,
        ];
        scratch.fail(5, &again);
        let noted =
            std::fs::read_to_string(scratch.path().join(&out).join("export-decisions.jsonl"));
        let noted = noted.unwrap();
        assert!(
            noted.contains(
                r#""vendor":"local","rule":"local: archive=365 keep=forever export=allow""#
            ),
            "{noted}"
        );
    }
}

#[test]
fn pruning_removes_old_days_and_a_dry_run_removes_nothing() {
    let scratch = filled();
    let before = scratch.store("market-data");
    let prune = ["prune", "--before", "2024-06-06", "--json"];
    let planned = scratch.json(&[&prune[..], &["--dry-run"]].concat());
    assert_same(&scratch.store("market-data"), &before);
    let done = scratch.json(&prune);
    assert_eq!(done["rows"], planned["rows"]);
    assert_eq!(done["rows"], 2 * 3 * 30);
    scratch.succeed(&["verify"]);
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["first"], "2024-06-06T13:30:00Z");
    scratch.fail(2, &["prune"]);
}
