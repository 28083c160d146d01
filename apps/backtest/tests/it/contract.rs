//! The fixed contract for scripts: the crossover study of issue and README, checked against the rule
//! computed here in integers.

use crate::program::{Scratch, walk};

const ARGUMENTS: [&str; 16] = [
    "run",
    "--bars",
    "bars.csv",
    "--strategy",
    "sma-crossover",
    "--param",
    "fast=10",
    "--param",
    "slow=30",
    "--param",
    "quantity=100",
    "--cash",
    "1000000",
    "--costs",
    "none",
    "--json",
];

/// Fills, round trips (an open one included) and final equity in cents.
fn reference(csv: &str, fast: usize, slow: usize) -> (u64, u64, i64) {
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let rows: Vec<(i64, i64)> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cents(cells[1]), cents(cells[4]))
        })
        .collect();
    let sum = |end: usize, n: usize| rows[end + 1 - n..=end].iter().map(|row| row.1).sum::<i64>();
    let compare = |at: usize| {
        (at + 1 >= slow).then(|| {
            (sum(at, fast) * slow.cast_signed() as i64)
                .cmp(&(sum(at, slow) * fast.cast_signed() as i64))
        })
    };
    let (mut cash, mut held, mut fills, mut trades) = (100_000_000_i64, 0_i64, 0, 0);
    let mut wanted: Option<i64> = None;
    for (at, row) in rows.iter().enumerate() {
        if let Some(change) = wanted.take() {
            cash -= change * row.0;
            held += change;
            fills += 1;
            trades += u64::from(change > 0);
        }
        if at == 0 {
            continue;
        }
        if let (Some(before), Some(now)) = (compare(at - 1), compare(at)) {
            if now.is_gt() && before.is_le() && held == 0 {
                wanted = Some(100);
            } else if now.is_lt() && before.is_ge() && held > 0 {
                wanted = Some(-100);
            }
        }
    }
    (fills, trades, cash + held * rows.last().unwrap().1)
}

#[test]
fn the_crossover_study_equals_the_rule_in_integers() {
    for seed in [1, 2, 3] {
        let scratch = Scratch::new();
        let csv = walk(6_000, seed);
        scratch.file("bars.csv", &csv);
        let result = scratch.json(&[&ARGUMENTS[..], &["--fill", "next-open"]].concat());
        let (fills, trades, equity) = reference(&csv, 10, 30);
        assert!(fills > 50, "a study without trades shows nothing");
        assert_eq!(result["bars"], 6_000);
        assert_eq!(result["fills"], fills, "seed {seed}");
        assert_eq!(result["trades"], trades, "seed {seed}");
        let expected = format!("{}.{:02}", equity / 100, equity % 100);
        assert_eq!(result["final_equity"], expected, "seed {seed}");
    }
}

#[test]
fn all_promised_fields_are_there() {
    let scratch = Scratch::new();
    scratch.file("bars.csv", walk(500, 9));
    let result = scratch.json(&ARGUMENTS);
    for field in [
        "bars",
        "orders",
        "fills",
        "trades",
        "final_equity",
        "load_cpu_seconds",
        "run_cpu_seconds",
        "wall_seconds",
        "state_hash",
        "version",
    ] {
        assert!(!result[field].is_null(), "{field}");
    }
    assert!(result["final_equity"].is_string());
}

#[test]
fn two_runs_give_the_same_bytes_but_for_the_times() {
    let run = || {
        let scratch = Scratch::new();
        scratch.file("bars.csv", walk(2_000, 4));
        let mut result = scratch.json(&ARGUMENTS);
        for time in ["load_cpu_seconds", "run_cpu_seconds", "wall_seconds"] {
            result[time] = serde_json::Value::Null;
        }
        let folder = scratch.path().join(result["run_folder"].as_str().unwrap());
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                (
                    path.file_name().unwrap().to_string_lossy().into_owned(),
                    std::fs::read(&path).unwrap(),
                )
            })
            .collect();
        files.sort();
        (result, files)
    };
    let (first, second) = (run(), run());
    assert_eq!(first.0, second.0);
    assert!(
        first.1.len() >= 10,
        "{:?}",
        first.1.iter().map(|file| &file.0).collect::<Vec<_>>()
    );
    for (a, b) in first.1.iter().zip(&second.1) {
        assert_eq!(a.0, b.0);
        assert!(a.1 == b.1, "{} differs between two runs", a.0);
    }
}
