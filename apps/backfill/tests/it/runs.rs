//! `run` and `status`: what gets into the store, what does not, and what is said about it.

use crate::program::{Scratch, assert_same, june, minutes, sample};

#[test]
fn the_shipped_data_is_imported_and_a_second_run_finds_nothing_to_do() {
    let scratch = Scratch::new();
    let from = sample("index-ohlcv");
    let run = ["run", "--from-dir", &from, "--vendor", "arch", "--json"];
    let first = scratch.json(&run);
    assert_eq!(first["rows"], 10_062);
    assert_eq!(first["added"], 10_062);
    assert_eq!(first["missing_days"], 0);
    assert_eq!(first["series"], 2);
    let before = scratch.store("market-data");
    let second = scratch.json(&run);
    assert_eq!(
        (&second["added"], &second["unchanged"]),
        (&0.into(), &2.into())
    );
    let repeated = scratch.json(&[&run[..], &["--repeat"]].concat());
    assert_eq!(
        (&repeated["added"], &repeated["files"]),
        (&0.into(), &0.into())
    );
    assert_same(&scratch.store("market-data"), &before);
    scratch.succeed(&["verify"]);
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["vendor"], "arch");
    assert_eq!(status["runs"][0]["done"], 2);
}

#[test]
fn faulty_rows_are_quarantined_with_reason_place_and_text_and_nothing_else_is_lost() {
    let scratch = Scratch::new();
    let mut rows: Vec<String> = minutes(&june(1), 10, 10_000)
        .lines()
        .map(str::to_owned)
        .collect();
    let faulty = [
        (
            3,
            "2024-06-03 13:32:00,100,99,98,100,5",
            "range-not-enclosing",
        ),
        (
            4,
            "2024-06-03 13:33:00,-1,100,-1,100,5",
            "price-not-positive",
        ),
        (
            5,
            "2024-06-03 13:34:00,100,101,99,100,-5",
            "negative-volume",
        ),
        (6, "2024-06-03 13:29:00,100,101,99,100,5", "unsorted"),
        (7, "2024-06-03 13:36:00,100,101,99,abc,5", "number"),
        (8, "2024-06-03 13:37:00,100,101,99", "field-count"),
        (9, "not a time,100,101,99,100,5", "time"),
        (
            10,
            "2024-06-03 13:39:00,100,999999,99,999999,5",
            "implausible-move",
        ),
    ];
    for (line, text, _) in &faulty {
        (*text).clone_into(&mut rows[line - 1]);
    }
    scratch.file("in/ABC.csv", rows.join("\n") + "\n");
    let report = scratch.json(&["run", "--from-dir", "in", "--json"]);
    assert_eq!(report["rows"], 2, "{report}");
    let quarantine = report["quarantine"].as_str().unwrap();
    let text =
        std::fs::read_to_string(scratch.path().join(quarantine).join("000000.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), faulty.len());
    for ((line, raw, reason), found) in faulty.iter().zip(&lines) {
        assert_eq!(found["line"], *line);
        assert_eq!(found["raw"], *raw);
        assert_eq!(found["reason"], *reason);
        assert_eq!(report["rejects"][reason], 1);
        assert!(found["file"].as_str().unwrap().ends_with("ABC.csv"));
    }
}

#[test]
fn a_file_that_cannot_be_used_fails_alone_and_is_tried_again_when_it_is_put_right() {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(2), 5, 10_000));
    scratch.file("in/BAD.csv", [0xFF_u8, 0xFE, 0, 1, 2, 3, 10, 10]);
    let error = scratch.fail(3, &["run", "--from-dir", "in"]);
    assert!(
        error.contains("BAD.csv") && error.contains("1 of 2"),
        "{error}"
    );
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["rows"], 10);
    assert_eq!(status["runs"][0]["failed"], 1);
    scratch.file("in/BAD.csv", minutes(&june(1), 5, 20_000));
    let report = scratch.json(&["run", "--from-dir", "in", "--json"]);
    assert_eq!(report["unchanged"], 1);
    assert_eq!(report["added"], 5);
}

#[test]
fn symbols_dates_and_universe_choose_what_is_stored() {
    let scratch = Scratch::new();
    let mut all = "symbol,timestamp,open,high,low,close,volume\n".to_owned();
    for symbol in ["AAA", "BBB", "CCC"] {
        for line in minutes(&june(3), 4, 10_000).lines().skip(1) {
            all.push_str(&format!("{symbol},{line}\n"));
        }
    }
    scratch.file("in/all.csv", &all);
    scratch.file("symbols.txt", "# two of them\nAAA\nBBB\n");
    let report = scratch.json(&[
        "run",
        "--from-dir",
        "in",
        "--symbols-file",
        "symbols.txt",
        "--from",
        "2024-06-04",
        "--to",
        "2024-06-04",
        "--json",
    ]);
    assert_eq!((&report["rows"], &report["series"]), (&8.into(), &2.into()));
    scratch.file("known.txt", "AAA\nCCC\n");
    let report = scratch.json(&[
        "run",
        "--from-dir",
        "in",
        "--universe",
        "known.txt",
        "--store",
        "other",
        "--json",
    ]);
    assert_eq!(report["rejects"]["unknown-symbol"], 12);
    assert_eq!(report["rows"], 24);
}

#[test]
fn a_changed_source_is_read_again_and_corrections_are_counted() {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(2), 5, 10_000));
    scratch.succeed(&["run", "--from-dir", "in"]);
    let corrected = minutes(&june(3), 5, 10_000).replacen(",100.01,", ",100.02,", 1);
    scratch.file("in/ABC.csv", corrected);
    let report = scratch.json(&["run", "--from-dir", "in", "--json"]);
    assert_eq!(
        (&report["added"], &report["replaced"]),
        (&5.into(), &1.into()),
        "{report}"
    );
}

#[test]
fn wrong_use_says_what_and_leaves_nothing() {
    let scratch = Scratch::new();
    scratch.file("in/ABC.csv", minutes(&june(1), 5, 10_000));
    scratch.fail(2, &["run"]);
    scratch.fail(3, &["run", "--from-dir", "absent"]);
    scratch.fail(
        2,
        &[
            "run",
            "--from-dir",
            "in",
            "--from",
            "2024-02-02",
            "--to",
            "2024-02-01",
        ],
    );
    scratch.fail(2, &["run", "--from-dir", "in", "--timeframe", "1w"]);
    scratch.fail(4, &["run", "--from-dir", "in", "--set", "store.workers=0"]);
    scratch.fail(2, &["status"]);
    assert!(!scratch.path().join("market-data").exists());
    scratch.file("busy/thesis.txt", "x");
    let error = scratch.fail(5, &["run", "--from-dir", "in", "--store", "busy"]);
    assert!(error.contains("thesis.txt"), "{error}");
    scratch.fail(5, &["run", "--from-dir", "in", "--vendor", "../x"]);
}

#[test]
fn symbols_that_would_leave_the_store_stay_in_it() {
    let scratch = Scratch::new();
    let hostile = [
        "../../../etc/passwd",
        "..",
        ".",
        "/etc/passwd",
        "..\\..\\x",
        "%2e%2e%2f",
        "~root",
        "$HOME",
        "a/../../b",
        "vendor=x/../..",
        "-rf",
        "*",
        "|cat",
        ";ls",
        "`id`",
        "con",
        "nul.txt",
        "a:b",
        "..%2f..",
        "....//",
    ];
    let mut text = "symbol,timestamp,open,high,low,close,volume\n".to_owned();
    for symbol in hostile {
        text.push_str(&format!("{symbol},2024-06-03 13:30:00,100,101,99,100,5\n"));
        text.push_str(&format!("{symbol},2024-06-03 13:31:00,100,101,99,100,5\n"));
    }
    scratch.file("in/all.csv", &text);
    let report = scratch.json(&["run", "--from-dir", "in", "--json"]);
    let rejected = report["rejects"]["symbol"].as_u64().unwrap_or(0);
    assert_eq!(
        report["rows"].as_u64().unwrap() + rejected,
        2 * hostile.len() as u64
    );
    let mut outside: Vec<String> = std::fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    outside.sort();
    assert_eq!(outside, ["in", "market-data", "trader.db"]);
    scratch.succeed(&["verify"]);
}
