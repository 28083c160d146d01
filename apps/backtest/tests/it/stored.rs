//! Runs on a market-data store: the same result as on the files it was filled from, and a record that says whose
//! data it was.

use trader_domain::Timestamp;
use trader_storage::store::{MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{Fingerprint, ReadOptions, load_bars};

use crate::program::{Scratch, walk};

/// Puts a file of bars into a store in the folder `market-data`.
fn store(scratch: &Scratch, vendor: &str) {
    let file = scratch.file("ABC.csv", walk(2_000, 3));
    let mut series = load_bars(&file, &ReadOptions::new(Timestamp::MAX)).unwrap();
    let series = series.remove(0);
    let key = SeriesKey::new(
        vendor,
        series.basis,
        series.timeframe,
        StoredAdjustment::of(series.adjustment).unwrap(),
        series.symbol,
    )
    .unwrap();
    let origin = Provenance {
        run: "0000000000000001".to_owned(),
        source: Fingerprint::of_file(&file).unwrap(),
    };
    MarketStore::create(&scratch.path().join("market-data"))
        .unwrap()
        .commit(&key, &[series.columns], &origin)
        .unwrap();
}

const STUDY: [&str; 6] = [
    "run",
    "--strategy",
    "sma-crossover",
    "--resolution",
    "minute",
    "--json",
];

#[test]
fn a_run_on_a_store_is_the_run_on_its_source_and_names_the_vendor() {
    let scratch = Scratch::new();
    store(&scratch, "acme");
    let on_file = scratch.json(&[
        "run",
        "--bars",
        "ABC.csv",
        "--strategy",
        "sma-crossover",
        "--json",
    ]);
    let on_store = scratch.json(&[&STUDY[..], &["--store"]].concat());
    assert_eq!(on_store["state_hash"], on_file["state_hash"]);
    assert_eq!(on_store["data_fingerprint"], on_file["data_fingerprint"]);
    let folder = on_store["run_folder"].as_str().unwrap();
    let text = std::fs::read_to_string(scratch.path().join(folder).join("run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(run["vendor"], "acme");
    assert_eq!(run["adjustment"], "not stated");
    assert_eq!(run["data_fingerprint"], on_store["data_fingerprint"]);
    let report = std::fs::read_to_string(scratch.path().join(folder).join("report.html")).unwrap();
    assert!(report.contains("acme"), "the report names the vendor");
}

#[test]
fn what_a_store_cannot_give_is_said() {
    let scratch = Scratch::new();
    let error = scratch.fail(2, &[&STUDY[..], &["--store", "absent"]].concat());
    assert!(error.contains("backfill run"), "{error}");
    store(&scratch, "acme");
    store(&scratch, "other");
    let error = scratch.fail(2, &[&STUDY[..], &["--store"]].concat());
    assert!(error.contains("--vendor: acme, other"), "{error}");
    let chosen = [&STUDY[..], &["--store", "market-data", "--vendor", "acme"]].concat();
    scratch.succeed(&chosen);
    scratch.fail(3, &[&chosen[..], &["--symbols", "XYZ"]].concat());
    let total = scratch.fail(3, &[&chosen[..], &["--adjust", "total"]].concat());
    assert!(total.contains("factor file"), "{total}");
    scratch.fail(
        2,
        &[
            "run",
            "--bars",
            "ABC.csv",
            "--strategy",
            "sma-crossover",
            "--vendor",
            "acme",
        ],
    );
}

#[test]
fn a_damaged_store_stops_the_run() {
    let scratch = Scratch::new();
    store(&scratch, "acme");
    let mut folders = vec![scratch.path().join("market-data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "parquet") {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[50] ^= 1;
                std::fs::write(&path, bytes).unwrap();
            }
        }
    }
    let error = scratch.fail(3, &[&STUDY[..], &["--store"]].concat());
    assert!(error.contains("is damaged"), "{error}");
}
