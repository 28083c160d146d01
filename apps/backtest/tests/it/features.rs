//! `backtest features`: what is written, what is refused, and that it is whole or absent.

use std::process::{Command, Stdio};

use crate::program::{Scratch, walk};

fn lines(scratch: &Scratch, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(scratch.path().join(name)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_named_set_and_expressions_become_columns() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(300, 5));
    let result = scratch.json(&[
        "features",
        "--bars",
        "bars.csv",
        "--set",
        "momentum",
        "--feature",
        "rsi_14",
        "--feature",
        "hot = rsi_14 > 70",
        "--feature",
        "close / sma_5 - 1",
        "--out",
        "out.csv",
        "--json",
    ]);
    let written = lines(&scratch, "out.csv");
    assert_eq!(
        written[0],
        "symbol,timestamp,available,rsi_14,stoch_k_14_3_3,willr_14,cci_20,roc_10,mom_10,hot,((close / sma_5) - 1)"
    );
    assert_eq!(written.len(), 301);
    // Warming up is empty, not zero; a bar can be known when it ends.
    assert_eq!(
        written[1],
        "BARS,2020-01-01T00:00:00Z,2020-01-01T00:01:00Z,,,,,,,,"
    );
    assert!(!written[300].contains(",,"), "{}", written[300]);
    assert_eq!(result["rows"], 300);
    assert_eq!(result["symbols"], 1);
    assert_eq!(result["set"], "adhoc@1");
    // The average and two rules are new; the RSI is there already.
    let alone = scratch.json(&[
        "features",
        "--bars",
        "bars.csv",
        "--set",
        "momentum",
        "--out",
        "alone.csv",
        "--json",
    ]);
    let calculators = |result: &serde_json::Value| result["calculators"].as_u64().unwrap();
    assert_eq!(calculators(&result), calculators(&alone) + 3);
    for field in [
        "features",
        "warm_up",
        "out",
        "out_fingerprint",
        "data",
        "data_fingerprint",
        "version",
        "cpu_seconds",
        "wall_seconds",
    ] {
        assert!(!result[field].is_null(), "{field}");
    }
}

#[test]
fn csv_and_parquet_hold_the_same_and_runs_repeat() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(200, 6));
    let run = |out: &str| {
        scratch.json(&[
            "features", "--bars", "bars.csv", "--set", "basic", "--out", out, "--json",
        ])
    };
    let (one, two) = (run("one.parquet"), run("two.parquet"));
    assert_eq!(one["out_fingerprint"], two["out_fingerprint"]);
    run("one.csv");
    let mut table = trader_storage::TableReader::open(&scratch.path().join("one.parquet")).unwrap();
    let rsi = table
        .columns()
        .iter()
        .position(|c| c.name == "rsi_14")
        .unwrap();
    let cells = table.next_chunk().unwrap().unwrap();
    let trader_storage::Cells::Float(values) = &cells[rsi] else {
        panic!("not floats");
    };
    let text: Vec<String> = lines(&scratch, "one.csv")[1..]
        .iter()
        .map(|line| line.split(',').nth(rsi).unwrap().to_owned())
        .collect();
    let shown: Vec<String> = values
        .iter()
        .map(|value| value.map_or_else(String::new, |value| value.to_string()))
        .collect();
    assert_eq!(text, shown);
}

#[test]
fn a_sample_of_many_symbols_with_a_benchmark_is_one_table() {
    let scratch = Scratch::new();
    let result = scratch.json(&[
        "features",
        "--sample",
        "stocks-close",
        "--symbols",
        "AAPL,JPM",
        "--benchmark",
        "AAPL",
        "--feature",
        "relative = close / benchmark",
        "--out",
        "out.csv",
        "--json",
    ]);
    assert_eq!(result["symbols"], 2);
    let written = lines(&scratch, "out.csv");
    let apple: Vec<&String> = written.iter().filter(|l| l.starts_with("AAPL,")).collect();
    assert!(apple.len() > 100);
    assert!(apple.iter().all(|line| line.ends_with(",1")));
    assert!(written.iter().any(|line| line.starts_with("JPM,")));
}

#[test]
fn configured_sets_are_versioned_and_listed() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(50, 7));
    scratch.file(
        "own.toml",
        "[features]\nsets = [\"mine@1: sma_3\", \"mine@2: sma_5; wide = max(high - low, 0.5)\"]\n",
    );
    let run = |set: &str, out: &str| {
        scratch.json(&[
            "features", "--bars", "bars.csv", "--set", set, "--out", out, "--config", "own.toml",
            "--json",
        ])
    };
    assert_eq!(run("mine", "a.csv")["set"], "mine@2");
    assert_eq!(run("mine@1", "b.csv")["features"][0], "sma_3");
    let listed = scratch.json(&["list", "feature-sets", "--config", "own.toml", "--json"]);
    let named: Vec<(&str, u64)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|set| {
            (
                set["name"].as_str().unwrap(),
                set["version"].as_u64().unwrap(),
            )
        })
        .collect();
    assert!(
        named.contains(&("mine", 2)) && named.contains(&("basic", 1)),
        "{named:?}"
    );
    scratch.file("bad.toml", "[features]\nsets = [\"basic@1: sma_3\"]\n");
    let error = scratch.fail(
        4,
        &[
            "features", "--bars", "bars.csv", "--set", "basic", "--out", "c.csv", "--config",
            "bad.toml",
        ],
    );
    assert!(error.contains("next version"), "{error}");
}

#[test]
fn the_catalogue_says_what_each_feature_takes() {
    let scratch = Scratch::new();
    let text = scratch.succeed(&["list", "features"]);
    for word in ["rsi_14", "warm-up", "cost O(1)", "`length` (window, rows"] {
        assert!(text.contains(word) || word == "rsi_14", "{word}");
    }
    let listed = scratch.json(&["list", "features", "--json"]);
    let rsi = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "rsi")
        .unwrap();
    assert_eq!(rsi["warm_up"], "14");
    for field in [
        "parameters",
        "cost",
        "description",
        "inputs",
        "outputs",
        "convention",
    ] {
        assert!(!rsi[field].is_null(), "{field}");
    }
}

#[test]
fn wrong_choices_are_explained() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(60, 8));
    scratch.file("closes.csv", "date,close\n2020-01-02,10\n2020-01-03,11\n");
    let run = |code: i32, rest: &[&str]| {
        scratch.fail(
            code,
            &[&["features", "--bars", "bars.csv"][..], rest].concat(),
        )
    };
    let out = ["--out", "out.csv"];
    let with = |rest: &[&'static str]| [rest, &out[..]].concat();
    assert!(run(2, &with(&["--feature", "ris_14"])).contains("rsi_14"));
    assert!(run(2, &with(&["--feature", "rsi_14 >"])).contains("position 9"));
    assert!(run(2, &with(&["--feature", "rsi_14 + (close > 2)"])).contains("condition"));
    assert!(run(2, &with(&["--set", "basci"])).contains("basic@1"));
    assert!(run(2, &with(&["--set", "basic@7"])).contains("basic@1"));
    assert!(run(2, &with(&[])).contains("--feature"));
    assert!(run(2, &["--set", "basic", "--out", "out.txt"]).contains(".parquet"));
    assert!(run(3, &with(&["--feature", "bid"])).contains("bid"));
    assert!(run(3, &with(&["--feature", "benchmark"])).contains("benchmark"));
    assert!(run(2, &with(&["--feature", "close", "--benchmark", "SPY"])).contains("SPY"));
    assert!(run(2, &with(&["--feature", "close", "--symbols", "SPY"])).contains("BARS"));
    let error = scratch.fail(
        3,
        &[
            "features",
            "--bars",
            "closes.csv",
            "--feature",
            "atr_14",
            "--out",
            "out.csv",
        ],
    );
    assert!(
        error.contains("high"),
        "closes alone have no range: {error}"
    );
    assert!(
        scratch
            .fail(2, &["features", "--feature", "close", "--out", "o.csv"])
            .contains("--bars")
    );
    assert!(!scratch.path().join("out.csv").exists());
}

#[test]
fn a_file_is_replaced_only_when_asked() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(60, 9));
    scratch.file("out.csv", "mine");
    let base = [
        "features",
        "--bars",
        "bars.csv",
        "--feature",
        "close",
        "--out",
        "out.csv",
    ];
    let error = scratch.fail(5, &base);
    assert!(error.contains("--overwrite"), "{error}");
    assert_eq!(lines(&scratch, "out.csv"), ["mine"]);
    scratch.succeed(&[&base[..], &["--overwrite"]].concat());
    assert_eq!(lines(&scratch, "out.csv").len(), 61);
    // Faulty rows: the old file stays.
    scratch.file(
        "bars.csv",
        "timestamp,open,high,low,close,volume\n2020-01-02,10,8,9,10,1\n",
    );
    scratch.fail(3, &[&base[..], &["--overwrite"]].concat());
    assert_eq!(lines(&scratch, "out.csv").len(), 61);
}

#[test]
fn too_little_memory_is_said_before_work() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(60, 10));
    scratch.file("own.toml", "[features]\nmemory = \"16MiB\"\n");
    let error = scratch.fail(
        4,
        &[
            "features", "--bars", "bars.csv", "--set", "trend", "--out", "out.csv", "--config",
            "own.toml",
        ],
    );
    assert!(error.contains("features.memory"), "{error}");
}

/// The configuration is a pipe: the program waits in it, is told to stop, and goes on to find that out.
#[test]
#[cfg(unix)]
fn an_interrupt_leaves_nothing_behind() {
    use std::io::Write as _;
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(500, 11));
    let pipe = scratch.path().join("own.toml");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut child = Command::new(env!("CARGO_BIN_EXE_backtest"))
        .args([
            "features", "--bars", "bars.csv", "--set", "basic", "--out", "out.csv",
        ])
        .args(["--config", "own.toml"])
        .current_dir(scratch.path())
        .env_clear()
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut writer = std::fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    writer
        .write_all(b"[features]\nmemory = \"2GiB\"\n")
        .unwrap();
    drop(writer);
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let left: Vec<String> = std::fs::read_dir(scratch.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("out"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn prepared_features_are_standardized_as_training_rows_say() {
    let scratch = Scratch::new();
    // Three days of minutes; the first two are learned from.
    scratch.file("bars.csv", walk(3 * 1_440, 12));
    let base = [
        "features",
        "--bars",
        "bars.csv",
        "--feature",
        "close",
        "--out",
    ];
    let prepare = ["--prepare", "zscore", "--train-until", "2020-01-03"];
    scratch.succeed(&[&base[..], &["out.csv"], &prepare].concat());
    let values: Vec<f64> = lines(&scratch, "out.csv")[1..]
        .iter()
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    // 2020-01-03 begins at 05:00 UTC in New York: bars that had ended before are learned from.
    let training = &values[..2 * 1_440 + 5 * 60 - 1];
    let mean = training.iter().sum::<f64>() / training.len() as f64;
    let variance = training.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / training.len() as f64;
    assert!(
        mean.abs() < 1e-9 && (variance - 1.0).abs() < 1e-9,
        "{mean} {variance}"
    );
    let text = std::fs::read_to_string(scratch.path().join("out.preparation.txt")).unwrap();
    let fitted = trader_features::preparation::FittedPreparation::from_text(&text).unwrap();
    assert_eq!(fitted.training().rows, training.len());
    let run = |rest: &[&str]| scratch.fail(2, &[&base[..], &["no.csv"], rest].concat());
    assert!(run(&["--prepare", "zscore"]).contains("--train-until"));
    assert!(run(&["--prepare", "zscor", "--train-until", "2020-01-03"]).contains("zscore"));
    assert!(run(&["--prepare", "bfill:3", "--train-until", "2020-01-03"]).contains("ffill"));
    assert!(run(&["--prepare", "zscore", "--train-until", "2019-01-03"]).contains("longer"));
    assert!(!scratch.path().join("no.csv").exists());
}

#[test]
fn a_store_is_updated_verified_listed_and_cleaned() {
    let scratch = Scratch::new();
    let all = walk(400, 13);
    let part: Vec<&str> = all.lines().take(301).collect();
    scratch.file("bars.csv", part.join("\n"));
    let update = [
        "feature-store",
        "update",
        "--bars",
        "bars.csv",
        "--set",
        "basic",
        "--json",
    ];
    let verify = [
        "feature-store",
        "verify",
        "--bars",
        "bars.csv",
        "--set",
        "basic",
    ];
    assert_eq!(scratch.json(&update)["computed_rows"], 300);
    assert_eq!(scratch.json(&update)["computed_rows"], 0);
    scratch.file("bars.csv", &all);
    assert!(scratch.fail(8, &verify).contains("not in both"));
    let grown = scratch.json(&update);
    assert_eq!(grown["computed_rows"], 100);
    assert_eq!(grown["actions"]["extended"], 1);
    assert!(scratch.succeed(&verify).contains("0 differ"));
    let listed = scratch.json(&["feature-store", "list", "--json"]);
    assert_eq!(listed[0]["rows"], 400);
    assert_eq!(listed[0]["source"], "bars.csv");
    let compact = ["feature-store", "compact", "--json"];
    let compacted = scratch.json(&compact);
    assert_eq!(compacted["parts_before"], 2);
    assert_eq!(compacted["parts"], 1);
    assert_eq!(scratch.json(&compact)["symbols"], 0);
    assert_eq!(scratch.json(&update)["computed_rows"], 0);
    assert!(scratch.succeed(&verify).contains("0 differ"));
    let clean = scratch.json(&["feature-store", "clean", "--older-than", "30", "--json"]);
    assert_eq!(clean["old"].as_array().unwrap().len(), 0);
    let folder = scratch
        .path()
        .join("feature-store/basic@1/1m/symbol=BARS/manifest.json");
    std::fs::write(folder, "{").unwrap();
    assert!(scratch.fail(5, &verify).contains("--rebuild"));
    scratch.succeed(&[&update[..], &["--rebuild"]].concat());
    assert!(
        scratch
            .fail(
                2,
                &[
                    "feature-store",
                    "verify",
                    "--bars",
                    "bars.csv",
                    "--set",
                    "none"
                ]
            )
            .contains("basic@1")
    );
}
