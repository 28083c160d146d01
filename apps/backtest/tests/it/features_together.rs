//! `backtest features` over several symbols: where each stands among the others, and what another one's
//! bars had said by then.

use trader_domain::Timestamp;
use trader_storage::store::{MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{Fingerprint, ReadOptions, load_bars};

use crate::program::{Scratch, walk};

fn lines(scratch: &Scratch, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(scratch.path().join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Three symbols by the day; CCC has no second day.
fn three(scratch: &Scratch) {
    scratch.file(
        "AAA.csv",
        "date,close\n2020-01-02,10\n2020-01-03,11\n2020-01-06,12\n",
    );
    scratch.file(
        "BBB.csv",
        "date,close\n2020-01-02,20\n2020-01-03,10\n2020-01-06,30\n",
    );
    scratch.file("CCC.csv", "date,close\n2020-01-02,15\n2020-01-06,5\n");
}

const THREE: [&str; 7] = [
    "features", "--bars", "AAA.csv", "--bars", "BBB.csv", "--bars", "CCC.csv",
];

fn features<'a>(list: &[&'a str]) -> Vec<&'a str> {
    list.iter().flat_map(|one| ["--feature", *one]).collect()
}

#[test]
fn symbols_are_compared_moment_by_moment() {
    let scratch = Scratch::new();
    three(&scratch);
    let chosen = features(&[
        "cs_rank(close)",
        "first = cs_rank(close) >= 3",
        "cs_z(ret_1) > 0 and close > 10",
        "ret_1",
    ]);
    let result = scratch.json(&[&THREE[..], &chosen, &["--out", "out.csv", "--json"]].concat());
    assert_eq!(
        lines(&scratch, "out.csv"),
        [
            "symbol,date,available,cs_rank(close),first,((cs_z(ret_1) > 0) and (close > 10)),ret_1",
            "AAA,2020-01-02,2020-01-02T21:00:00Z,1,0,0,",
            "BBB,2020-01-02,2020-01-02T21:00:00Z,3,1,,",
            "CCC,2020-01-02,2020-01-02T21:00:00Z,2,0,,",
            // Without CCC there are two.
            "AAA,2020-01-03,2020-01-03T21:00:00Z,2,0,1,0.10000000000000009",
            "BBB,2020-01-03,2020-01-03T21:00:00Z,1,0,0,-0.5",
            "AAA,2020-01-06,2020-01-06T21:00:00Z,2,0,0,0.09090909090909083",
            "BBB,2020-01-06,2020-01-06T21:00:00Z,3,1,1,2",
            "CCC,2020-01-06,2020-01-06T21:00:00Z,1,0,0,-0.6666666666666667",
        ]
    );
    assert_eq!(result["symbols"], 3);
    assert_eq!(result["rows"], 8);
    // The same numbers in a table that is prepared, symbol by symbol.
    scratch.succeed(
        &[
            &THREE[..],
            &features(&["cs_rank(close)"]),
            &["--out", "prepared.csv", "--prepare", "minmax"],
            &["--train-until", "2020-01-07"],
        ]
        .concat(),
    );
    assert_eq!(
        lines(&scratch, "prepared.csv")[1..4],
        [
            "AAA,2020-01-02,2020-01-02T21:00:00Z,0",
            "AAA,2020-01-03,2020-01-03T21:00:00Z,0.5",
            "AAA,2020-01-06,2020-01-06T21:00:00Z,0.5",
        ]
    );
}

#[test]
fn sectors_are_asked_for_where_they_matter() {
    let scratch = Scratch::new();
    three(&scratch);
    let chosen = features(&["cs_neutral(close)"]);
    let base = [&THREE[..], &chosen, &["--out", "out.csv"]].concat();
    let error = scratch.fail(2, &base);
    assert!(error.contains("AAA is in none; say --sector"), "{error}");
    let error = scratch.fail(2, &[&base[..], &["--sector", "tech=AAA,BBB"]].concat());
    assert!(error.contains("CCC"), "{error}");
    let error = scratch.fail(
        2,
        &[
            &base[..],
            &["--sector", "tech=AAA,BBB", "--sector", "oil=BBB"],
        ]
        .concat(),
    );
    assert!(error.contains("BBB is in two sectors"), "{error}");
    assert!(
        scratch
            .fail(2, &[&base[..], &["--sector", "AAA"]].concat())
            .contains("NAME=A,B")
    );
    scratch.succeed(
        &[
            &base[..],
            &["--sector", "tech=AAA,BBB", "--sector", "oil=CCC"],
        ]
        .concat(),
    );
    let written = lines(&scratch, "out.csv");
    assert!(
        written[1].ends_with(",-5") && written[2].ends_with(",5"),
        "{written:?}"
    );
    assert!(
        written[3].ends_with("Z,"),
        "alone in its sector: {written:?}"
    );
}

/// Minutes before and after the close of 2020-01-02 in New York, beside daily closes of another symbol.
fn two_lengths(scratch: &Scratch, second: &str) {
    scratch.file(
        "AAA.csv",
        "timestamp,close\n2020-01-02 20:58:00,10\n2020-01-02 20:59:00,11\n2020-01-03 14:30:00,12\n\
         2020-01-03 20:59:00,13\n",
    );
    scratch.file(
        "SPY.csv",
        format!("date,close\n2020-01-02,320\n2020-01-03,{second}\n"),
    );
}

const TWO: [&str; 7] = [
    "features",
    "--bars",
    "AAA.csv",
    "--bars",
    "SPY.csv",
    "--symbols",
    "AAA",
];

#[test]
fn another_symbol_is_seen_as_it_was_known() {
    let scratch = Scratch::new();
    two_lengths(&scratch, "325");
    let chosen = features(&["close@SPY", "over = close / vix", "sma_2(close@SPY)"]);
    let rest = ["--market", "vix=SPY", "--out", "out.csv"];
    scratch.succeed(&[&TWO[..], &chosen, &rest].concat());
    let closes = |name: &str| -> Vec<String> {
        let cell = |line: &String| line.split(',').nth(3).unwrap().to_owned();
        lines(&scratch, name)[1..].iter().map(cell).collect()
    };
    // A day's close is known when the day is over: at 21:00 UTC, with the last minute.
    assert_eq!(closes("out.csv"), ["", "320", "320", "325"]);
    assert!(lines(&scratch, "out.csv")[2].ends_with(",320,0.034375,"));
    // What came later changes nothing before it.
    two_lengths(&scratch, "200");
    scratch.succeed(
        &[
            &TWO[..],
            &chosen,
            &["--market", "vix=SPY", "--out", "other.csv"],
        ]
        .concat(),
    );
    assert_eq!(
        lines(&scratch, "out.csv")[..4],
        lines(&scratch, "other.csv")[..4]
    );
    // What is too old is missing.
    let rest = ["--max-age", "1h", "--out", "young.csv"];
    scratch.succeed(&[&TWO[..], &features(&["close@SPY"]), &rest].concat());
    assert_eq!(closes("young.csv"), ["", "320", "", "200"]);
}

#[test]
fn a_missing_second_symbol_is_named() {
    let scratch = Scratch::new();
    two_lengths(&scratch, "325");
    let run = |code: i32, chosen: &[&'static str], rest: &[&'static str]| {
        let all = [&TWO[..], &features(chosen), rest, &["--out", "out.csv"]].concat();
        scratch.fail(code, &all)
    };
    let error = run(2, &["rel_strength_5(close,close@XLK)"], &[]);
    assert!(
        error.contains("`close@XLK`") && error.contains("it has AAA, SPY"),
        "{error}"
    );
    let error = run(2, &["vix"], &[]);
    assert!(error.contains("--market vix=SYMBOL"), "{error}");
    assert!(run(2, &["vix"], &["--market", "vix"]).contains("COLUMN=SYMBOL"));
    assert!(run(2, &["vix"], &["--market", "vxi=SPY"]).contains("sector, vix, rate"));
    assert!(run(2, &["vix"], &["--market", "vix=VIX"]).contains("no bars of VIX"));
    assert!(run(2, &["close"], &["--benchmark", "VIX"]).contains("no bars of VIX"));
    assert!(run(2, &["close@SPY"], &["--max-age", "week"]).contains("2h"));
    assert!(run(2, &["sma_5(cs_rank)"], &[]).contains("which compares symbols"));
    // SPY has closes only.
    assert!(run(3, &["high@SPY"], &[]).contains("high@SPY"));
    let all = ["features", "--bars", "AAA.csv", "--bars", "SPY.csv"];
    let error = scratch.fail(
        2,
        &[
            &all[..],
            &features(&["cs_rank(close)"]),
            &["--out", "out.csv"],
        ]
        .concat(),
    );
    assert!(error.contains("bars of one length"), "{error}");
    let twice = ["features", "--bars", "AAA.csv", "--bars", "AAA.csv"];
    let error = scratch.fail(
        2,
        &[
            &twice[..],
            &features(&["cs_rank(close)"]),
            &["--out", "out.csv"],
        ]
        .concat(),
    );
    assert!(error.contains("AAA twice"), "{error}");
    assert!(!scratch.path().join("out.csv").exists());
}

#[test]
fn kept_features_read_other_symbols_too() {
    let scratch = Scratch::new();
    two_lengths(&scratch, "325");
    scratch.file(
        "own.toml",
        "[features]\nsets = [\"pair@1: close / close@SPY; rate\", \"ranks@1: cs_rank(close)\"]\n",
    );
    let command = |verb: &'static str, set: &'static str, rest: &[&'static str]| {
        [
            &["feature-store", verb, "--set", set, "--config", "own.toml"][..],
            &TWO[1..],
            rest,
        ]
        .concat()
    };
    let update = command("update", "pair", &["--market", "rate=SPY", "--json"]);
    assert_eq!(scratch.json(&update)["computed_rows"], 4);
    assert_eq!(scratch.json(&update)["computed_rows"], 0);
    scratch.succeed(&command("verify", "pair", &["--market", "rate=SPY"]));
    // Another symbol for the same column is another origin.
    let other = command("update", "pair", &["--market", "rate=AAA", "--json"]);
    assert_eq!(scratch.json(&other)["actions"]["lineage-changed"], 1);
    scratch.succeed(&update);
    // The other symbol's last bar is corrected: the rows that saw it are computed anew.
    two_lengths(&scratch, "326");
    let changed = scratch.json(&update);
    assert_eq!(changed["actions"]["inputs-changed"], 1, "{changed}");
    let error = scratch.fail(2, &command("update", "ranks", &[]));
    assert!(error.contains("`backtest features`"), "{error}");
}

#[test]
fn a_market_store_gives_bars_for_features() {
    let scratch = Scratch::new();
    let store = MarketStore::create(&scratch.path().join("market-data")).unwrap();
    for (name, seed) in [("ABC.csv", 3), ("XYZ.csv", 4)] {
        let file = scratch.file(name, walk(300, seed));
        let series = load_bars(&file, &ReadOptions::new(Timestamp::MAX))
            .unwrap()
            .remove(0);
        let adjustment = StoredAdjustment::of(series.adjustment).unwrap();
        let key = SeriesKey::new(
            "acme",
            series.basis,
            series.timeframe,
            adjustment,
            series.symbol,
        );
        let origin = Provenance {
            run: "0000000000000001".to_owned(),
            source: Fingerprint::of_file(&file).unwrap(),
        };
        store
            .commit(&key.unwrap(), &[series.columns], &origin)
            .unwrap();
    }
    let chosen = features(&["cs_rank(ret_5)", "rsi_14", "close / close@XYZ"]);
    let run = |source: &[&'static str], out: &'static str| {
        let rest = ["--out", out, "--json"];
        scratch.json(&[&["features"], source, &chosen, &rest].concat())
    };
    let files = run(&["--bars", "ABC.csv", "--bars", "XYZ.csv"], "files.csv");
    let stored = run(&["--store", "--resolution", "minute"], "stored.csv");
    assert_eq!(stored["out_fingerprint"], files["out_fingerprint"]);
    let one = ["--store", "--resolution", "minute", "--symbols", "ABC"];
    scratch.succeed(
        &[
            &["features"],
            &one[..],
            &features(&["close@XYZ"]),
            &["--out", "one.csv"],
        ]
        .concat(),
    );
    assert_eq!(lines(&scratch, "one.csv").len(), 301);
    let refused = |rest: &[&'static str]| {
        let all = [
            &["features"],
            rest,
            &features(&["close@NONE"]),
            &["--out", "no.csv"],
        ]
        .concat();
        let error = scratch.run(&all);
        assert!(!error.status.success());
        String::from_utf8(error.stderr).unwrap()
    };
    assert!(refused(&one).contains("NONE"));
    assert!(refused(&["--store", "--resolution", "tick"]).contains("bars, not ticks"));
    assert!(refused(&["--bars", "ABC.csv", "--vendor", "acme"]).contains("--store"));
}

/// Golden data: LEAN's sample folder, <https://github.com/QuantConnect/Lean>, Apache-2.0.
#[test]
fn a_lean_folder_gives_bars_for_features() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean/Data"
    );
    if !std::path::Path::new(folder).exists() {
        println!("skipped: no LEAN folder at {folder}");
        return;
    }
    let scratch = Scratch::new();
    let chosen = features(&[
        "cs_rank(ret_20)",
        "corr_20(ret_1,ret_1@SPY)",
        "index = rsi_14@SPY",
    ]);
    let run = |rest: &[&str]| {
        let out = ["--out", "out.csv", "--overwrite"];
        scratch.run(&[&["features", "--lean", folder], rest, &chosen, &out].concat())
    };
    let symbols = ["--symbols", "aapl,bac"];
    let output = run(&symbols);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    assert!(error.contains("--adjust total"), "{error}");
    let written = lines(&scratch, "out.csv");
    assert!(written.len() > 8_000);
    assert!(!written.iter().any(|line| line.starts_with("SPY,")));
    let output = run(&[&symbols[..], &["--adjust", "total"]].concat());
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let output = run(&["--symbols", "aapl,nothere"]);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("NOTHERE daily")
    );
    let output = run(&[]);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("--symbols")
    );
}
