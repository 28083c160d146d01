//! Runs looked at afterwards: report, compare, list.

use crate::program::{Scratch, walk};

fn study<'a>(strategy: &'a str, out: &'a str) -> Vec<&'a str> {
    vec![
        "run",
        "--bars",
        "bars.csv",
        "--strategy",
        strategy,
        "--out",
        out,
        "--quiet",
    ]
}

#[test]
fn a_run_can_be_shown_compared_and_listed() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(3_000, 5));
    scratch.succeed(&study("sma-crossover", "runs"));
    scratch.succeed(&study("donchian-breakout", "runs"));
    let runs = scratch.runs();
    assert_eq!(runs.len(), 2, "{runs:?}");
    let [a, b] = [0, 1].map(|i| format!("runs/{}", runs[i]));
    let shown = scratch.succeed(&["report", &a]);
    assert!(shown.contains("final equity"), "{shown}");
    let compared = scratch.succeed(&["compare", &a, &b]);
    assert!(
        compared.contains("donchian-breakout") && compared.contains("sma-crossover"),
        "{compared}"
    );
    assert!(scratch.json(&["compare", &a, &b, "--json"]).is_object());
    assert_eq!(
        scratch
            .json(&["list", "runs", "--json"])
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn every_strategy_runs_on_one_or_two_symbols_and_passes_the_look_ahead_check() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(1_500, 6));
    for strategy in [
        "buy-and-hold",
        "sma-crossover",
        "ema-crossover",
        "zscore-reversion",
        "rsi2-reversion",
        "donchian-breakout",
    ] {
        scratch.succeed(&[
            "run",
            "--bars",
            "bars.csv",
            "--strategy",
            strategy,
            "--check-lookahead",
            "--quiet",
        ]);
    }
    for strategy in ["momentum", "pairs"] {
        scratch.succeed(&[
            "run",
            "--sample",
            "stocks-close",
            "--symbols",
            "AAPL,MSFT,KO,PEP,JPM,BAC",
            "--from",
            "2015-01-01",
            "--strategy",
            strategy,
            "--check-lookahead",
            "--quiet",
        ]);
    }
}

#[test]
fn the_period_of_a_run_is_what_was_run_over() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(5_000, 5));
    let days = ["--from", "2020-01-02", "--to", "2020-01-02"];
    scratch.succeed(&[&study("sma-crossover", "runs")[..], &days].concat());
    let name = scratch.runs().remove(0);
    let text = std::fs::read_to_string(scratch.path().join("runs").join(name).join("run.json"));
    let facts: serde_json::Value = serde_json::from_str(&text.unwrap()).unwrap();
    // The second of January in New York.
    assert_eq!(facts["period"][0], "2020-01-02T05:00:00Z");
    assert_eq!(facts["period"][1], "2020-01-03T04:59:00Z");
}

#[test]
fn a_foreign_folder_is_not_a_run() {
    let scratch = Scratch::new();
    scratch.file("run.json", "{\"format\": true}");
    let error = scratch.fail(5, &["report", "."]);
    assert!(error.contains("run.json"), "{error}");
    let error = scratch.fail(5, &["report", "nowhere"]);
    assert!(error.contains("nowhere"), "{error}");
}

#[test]
fn a_journalled_run_replays_to_the_same_state_and_a_damaged_journal_is_refused() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(800, 11));
    let base = [
        "run",
        "--bars",
        "bars.csv",
        "--strategy",
        "sma-crossover",
        "--dry-run",
    ];
    let run = scratch.json(&[&base[..], &["--journal", "run.journal", "--json"]].concat());
    let again = scratch.succeed(&[&base[..], &["--replay", "run.journal"]].concat());
    assert!(
        again.contains(run["state_hash"].as_str().unwrap()),
        "{again}"
    );
    // Another parameter is another run.
    let other = [&base[..], &["--replay", "run.journal", "--param", "fast=3"]].concat();
    assert!(scratch.fail(6, &other).contains("differs"));
    // A journal is never overwritten.
    let twice = [&base[..], &["--journal", "run.journal"]].concat();
    assert!(scratch.fail(5, &twice).contains("run.journal"));
    let mut bytes = std::fs::read(scratch.path().join("run.journal")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    scratch.file("damaged.journal", bytes);
    let damaged = [&base[..], &["--replay", "damaged.journal"]].concat();
    assert!(scratch.fail(5, &damaged).contains("damaged at byte"));
}
