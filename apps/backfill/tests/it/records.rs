//! Records of the database: read back as they were known, and forgotten when a rule asks for it.

use serde_json::Value;
use trader_testkit::http_server::{HttpServer, Reply};

use crate::program::Scratch;

const ALLOWED: [&str; 3] = ["--set", "store.vendors=benzinga: export=allow", "--json"];

/// One item of news of June 2024, received today.
fn with_news() -> Scratch {
    let news = r#"[{"id":1,"created":"Mon, 03 Jun 2024 14:20:15 -0400","title":"t","stocks":[{"name":"AAPL"}]}]"#;
    let server = HttpServer::start(move |_, _| Reply::json(news)).unwrap();
    let scratch = Scratch::new();
    let address = format!("providers.benzinga.base_url={}", server.url());
    let what = [
        "run",
        "--data",
        "news",
        "--provider",
        "benzinga",
        "--symbols",
        "AAPL",
    ];
    let when = [
        "--from",
        "2024-06-03",
        "--to",
        "2024-06-03",
        "--set",
        &address,
    ];
    let mut command = scratch.command(&[&what[..], &when].concat());
    command.env(
        "AI_TRADER_PROVIDERS__BENZINGA__API_KEY",
        "0123456789abcdef0123",
    );
    let output = command.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    scratch
}

#[test]
fn records_are_exported_as_they_were_known_where_a_rule_allows_it() {
    let scratch = with_news();
    let export = ["export", "--data", "news", "--out", "out"];
    let refused = scratch.fail(8, &export);
    assert!(refused.contains("refuses exports of benzinga"), "{refused}");
    assert!(!scratch.path().join("out").exists());
    let done = scratch.json(&[&export[..], &ALLOWED].concat());
    assert_eq!(done["records"], 1);
    let text = std::fs::read_to_string(scratch.path().join("out/news.jsonl")).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&record["vendor"], &record["headline"]),
        (&"benzinga".into(), &"t".into())
    );
    scratch.fail(5, &[&export[..], &ALLOWED].concat());
    // Nobody had it in 2024, and of others there is nothing.
    for (out, flag, value) in [
        ("early", "--known-at", "2024-12-31T00:00:00Z"),
        ("other", "--symbols", "MSFT"),
        ("later", "--from", "2024-06-04"),
    ] {
        let export = ["export", "--data", "news", "--out", out, flag, value];
        assert_eq!(
            scratch.json(&[&export[..], &ALLOWED].concat())["records"],
            0,
            "{flag}"
        );
    }
    let options = ["export", "--data", "chains", "--out", "x"];
    scratch.fail(2, &[&options[..], &ALLOWED].concat());
    let bars = ["export", "--out", "x", "--known-at", "2024-12-31T00:00:00Z"];
    scratch.fail(2, &bars);
}

#[test]
fn what_may_not_stay_goes_from_database_and_store_and_is_noted() {
    let scratch = with_news();
    let removed = |arguments: &[&str]| {
        let report = scratch.json(&[&["forget", "--json"], arguments].concat());
        report["removed"].as_array().unwrap().clone()
    };
    let history = || scratch.json(&["forget", "--history", "--json"]);
    // Received today: no rule asks for it to go; a day far ahead does.
    let rule = ["--by-vendor", "--set", "store.vendors=*: keep=30"];
    assert!(removed(&rule).is_empty());
    assert!(removed(&["--by-vendor"]).is_empty());
    let all = ["--before", "2199-01-01"];
    assert!(removed(&[&all[..], &["--vendor", "alpaca"]].concat()).is_empty());
    let planned = removed(&[&all[..], &["--dry-run"]].concat());
    assert_eq!(planned.len(), 1);
    assert_eq!(
        (&planned[0]["database"], &planned[0]["store"]),
        (&1.into(), &1.into())
    );
    assert_eq!(history(), Value::Array(Vec::new()));
    assert_eq!(removed(&all), planned);
    assert!(removed(&all).is_empty());
    let note = &history()[0];
    assert_eq!(
        (&note["vendor"], &note["versions"], &note["reason"]),
        (&"benzinga".into(), &1.into(), &"asked for by date".into())
    );
    let export = ["export", "--data", "news", "--out", "out"];
    let nothing = scratch.fail(2, &[&export[..], &ALLOWED].concat());
    assert!(nothing.contains("no news"), "{nothing}");
    let left = scratch.store("market-data");
    assert!(!left.keys().any(|name| name.contains("2024-06-03.jsonl")));
    scratch.fail(2, &["forget"]);
}
