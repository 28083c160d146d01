//! `backfill archive`: out and back through a folder and an S3-compatible service, the vendors' rules, what is said when
//! something is missing.

use std::collections::BTreeMap;

use trader_testkit_s3::{KEY_ID, S3Server, SECRET};

use crate::program::{Scratch, assert_same, june, minutes};

/// A store with eight days of two symbols of the vendor `local`.
fn stored() -> Scratch {
    let scratch = Scratch::new();
    for symbol in ["AAA", "BBB"] {
        scratch.file(&format!("in/{symbol}.csv"), minutes(&june(8), 60, 10_000));
    }
    scratch.succeed(&["run", "--from-dir", "in", "--quiet"]);
    scratch
}

/// What is in the store, locks aside.
fn data(scratch: &Scratch) -> BTreeMap<String, Vec<u8>> {
    let mut files = scratch.store("market-data");
    files.retain(|name, _| !name.starts_with("_locks"));
    files
}

/// Runs with the server's address and these keys; gives exit code, output and error.
fn on_s3(
    scratch: &Scratch,
    server: &S3Server,
    secret: &str,
    args: &[&str],
) -> (Option<i32>, String, String) {
    let endpoint = format!("archive.endpoint={}", server.url());
    let set = ["--set", "archive.url=s3://cold/a", "--set", &endpoint];
    let mut command = scratch.command(&[args, &set, &["--set", "archive.patience=2s"]].concat());
    command.env("AI_TRADER_ARCHIVE__ACCESS_KEY_ID", KEY_ID);
    if !secret.is_empty() {
        command.env("AI_TRADER_ARCHIVE__SECRET_ACCESS_KEY", secret);
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn old_days_go_to_a_bucket_and_come_back_to_the_byte() {
    let server = S3Server::start(&["cold"]);
    let scratch = stored();
    let before = data(&scratch);
    let run = |args: &[&str]| {
        let (code, out, error) = on_s3(&scratch, &server, SECRET, args);
        assert_eq!(code, Some(0), "{error}");
        serde_json::from_str::<serde_json::Value>(&out).unwrap()
    };
    // Without a limit the rule of the vendor counts: 365 days, and June 2024 is longer ago.
    let report = run(&["archive", "run", "--json"]);
    assert_eq!(report["series"].as_object().unwrap().len(), 2);
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["rows"], 0);
    let list = run(&["archive", "list", "--json", "--symbols", "AAA"]);
    assert_eq!(
        (&list[0]["partitions"], &list[0]["rows"]),
        (&8.into(), &480.into())
    );
    let verified = run(&["archive", "verify", "--json"]);
    assert_eq!(verified["whole"], 16);
    run(&["archive", "restore", "--json"]);
    assert_same(&data(&scratch), &before);
    scratch.succeed(&["verify", "--symbols", "AAA,BBB"]);
}

#[test]
fn wrong_and_missing_keys_are_named_and_shown_nowhere() {
    let server = S3Server::start(&["cold"]);
    let scratch = stored();
    let wrong = "wrong-canary-secret";
    let (code, out, error) = on_s3(
        &scratch,
        &server,
        wrong,
        &["archive", "run", "--set", "logging.level=trace"],
    );
    assert_eq!(code, Some(5), "{error}");
    assert!(error.contains("archive.secret_access_key"), "{error}");
    assert!(!format!("{out}{error}").contains(wrong), "{error}");
    let (code, _, error) = on_s3(&scratch, &server, "", &["archive", "list"]);
    assert_eq!(code, Some(4), "{error}");
    assert!(error.contains("AI_TRADER_ARCHIVE__"), "{error}");
    let error = scratch.fail(2, &["archive", "list"]);
    assert!(error.contains("archive.url"), "{error}");
}

#[test]
fn a_damaged_object_is_reported_and_stays_out_of_the_store() {
    let scratch = stored();
    let url = format!("archive.url=file://{}/cold", scratch.path().display());
    let folder = ["--set", &url];
    scratch.succeed(&[&["archive", "run"][..], &folder].concat());
    let cold = scratch.store("cold");
    let victim = cold.keys().find(|name| name.ends_with(".parquet")).unwrap();
    scratch.file(&format!("cold/{victim}"), "x");
    scratch.fail(7, &[&["archive", "verify"][..], &folder].concat());
    let error = scratch.fail(7, &[&["archive", "restore"][..], &folder].concat());
    assert!(error.contains("is damaged"), "{error}");
}

#[test]
fn the_rule_of_a_vendor_decides_on_archive_export_and_how_long_its_data_stays() {
    let scratch = stored();
    let url = format!("archive.url=file://{}/cold", scratch.path().display());
    let rule = "store.vendors=local: archive=never keep=30 export=refuse";
    let with = |args: &[&str]| {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let more = ["--set", &url, "--set", rule].map(str::to_owned);
        [args, more.to_vec()].concat()
    };
    let args = |list: &[&str]| -> Vec<String> { with(list) };
    let succeed = |list: &[&str]| {
        let owned = args(list);
        let borrowed: Vec<&str> = owned.iter().map(String::as_str).collect();
        scratch.succeed(&borrowed)
    };
    let before = scratch.store("market-data");
    succeed(&["archive", "run"]);
    assert_same(&scratch.store("market-data"), &before);
    let owned = args(&["export", "--out", "files"]);
    let borrowed: Vec<&str> = owned.iter().map(String::as_str).collect();
    let error = scratch.fail(8, &borrowed);
    assert!(
        error.contains("store.vendors refuses exports of local"),
        "{error}"
    );
    assert!(!scratch.path().join("files").exists());
    succeed(&["prune", "--by-vendor", "--dry-run"]);
    assert_same(&scratch.store("market-data"), &before);
    succeed(&["prune", "--by-vendor"]);
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["rows"], 0);
    // Without a rule data stays.
    let other = stored();
    other.succeed(&["prune", "--by-vendor"]);
    assert_same(&other.store("market-data"), &before);
}
