//! `run --provider`: bars of a vendor that is replayed here, keys, limits over two runs, refusals.

use trader_testkit::http_server::{HttpServer, Reply, Request};

use crate::program::Scratch;

const KEY: &str = concat!("PK", "CANARY0123456789AB");
const SECRET: &str = "canarysecret0123456789abcdef0123456789abcd";

fn answer(request: &Request) -> Reply {
    if request.header("apca-api-key-id") != Some(KEY)
        || request.header("apca-api-secret-key") != Some(SECRET)
    {
        return Reply::status(401, r#"{"message":"unauthorized"}"#);
    }
    let bar = |minute: u32| {
        format!(
            r#"{{"t":"2024-06-03T14:{minute}:00Z","o":100.1,"h":100.3,"l":100.05,"c":100.2,"v":12,"n":7,"vw":100.15}}"#
        )
    };
    let rows = [bar(30), bar(31)].join(",");
    Reply::json(format!(
        r#"{{"symbol":"AAPL","bars":[{rows}],"next_page_token":null}}"#
    ))
}

/// Runs `backfill run` against the server with these keys; gives exit code, output and error.
fn run(
    scratch: &Scratch,
    url: &str,
    keys: [&str; 2],
    more: &[&str],
) -> (Option<i32>, String, String) {
    let address = format!("providers.alpaca.data_url={url}");
    let fixed = [
        "run",
        "--provider",
        "alpaca",
        "--symbols",
        "AAPL",
        "--from",
        "2024-06-03",
        "--to",
        "2024-06-03",
        "--set",
        &address,
        "--set",
        "logging.level=trace",
        "--json",
    ];
    let mut command = scratch.command(&[&fixed[..], more].concat());
    for (name, value) in ["API_KEY", "SECRET_KEY"].iter().zip(keys) {
        if !value.is_empty() {
            command.env(format!("AI_TRADER_PROVIDERS__ALPACA__{name}"), value);
        }
    }
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Everything written below the folder, as text.
fn written(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&written(&path));
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    text
}

#[test]
fn a_vendor_s_bars_get_into_the_store_and_its_keys_nowhere() {
    let server = HttpServer::start(|request, _| answer(request)).unwrap();
    let scratch = Scratch::new();
    let (code, out, error) = run(
        &scratch,
        &server.url(),
        [KEY, SECRET],
        &["--timeframe", "1m"],
    );
    assert_eq!(code, Some(0), "{error}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report["added"], &report["vendor"]),
        (&2.into(), &"alpaca".into())
    );
    let status = scratch.json(&["status", "--json"]);
    assert_eq!(status["series"][0]["vendor"], "alpaca");
    let everything = [written(scratch.path()), out, error].concat();
    assert!(!everything.contains(KEY) && !everything.contains(SECRET));
    // The second run asks nothing, and the quota remembers the first.
    let (code, ..) = run(
        &scratch,
        &server.url(),
        [KEY, SECRET],
        &["--timeframe", "1m"],
    );
    assert_eq!((code, server.requests().len()), (Some(0), 1));
    let quota = scratch.path().join("market-data/_quota-alpaca.json");
    let quota: serde_json::Value = serde_json::from_slice(&std::fs::read(quota).unwrap()).unwrap();
    assert_eq!(quota["used_today"], 1);
    let limit = [
        "--timeframe",
        "1m",
        "--repeat",
        "--set",
        "providers.alpaca.calls_per_day=1",
    ];
    let (code, _, error) = run(&scratch, &server.url(), [KEY, SECRET], &limit);
    assert_eq!(code, Some(3), "{error}");
    assert!(error.contains("quota is used up"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn wrong_and_missing_keys_are_named_without_showing_them() {
    let server = HttpServer::start(|request, _| answer(request)).unwrap();
    let scratch = Scratch::new();
    let wrong = "wrongcanary0123456789abcdef0123456789abcde";
    let (code, out, error) = run(
        &scratch,
        &server.url(),
        [KEY, wrong],
        &["--timeframe", "1m"],
    );
    assert_eq!(code, Some(3), "{error}");
    assert!(
        error.contains("the key is not accepted (401): unauthorized"),
        "{error}"
    );
    let everything = [written(scratch.path()), out, error].concat();
    assert!(!everything.contains(wrong));
    let (code, _, error) = run(&scratch, &server.url(), [KEY, ""], &["--timeframe", "1m"]);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("AI_TRADER_PROVIDERS__ALPACA__SECRET_KEY"),
        "{error}"
    );
}

#[test]
fn what_a_vendor_must_be_told_is_asked_for() {
    let server = HttpServer::start(|request, _| answer(request)).unwrap();
    let scratch = Scratch::new();
    let (code, _, error) = run(&scratch, &server.url(), [KEY, SECRET], &[]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("--timeframe"), "{error}");
    let both = ["--timeframe", "1m", "--from-dir", "."];
    let (code, _, error) = run(&scratch, &server.url(), [KEY, SECRET], &both);
    assert_eq!(code, Some(2), "{error}");
    scratch.fail(2, &["run"]);
}

/// Runs `backfill run --data ...` with these settings.
fn gather(scratch: &Scratch, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = scratch.command(&[&["run", "--json"], arguments].concat());
    command.env("AI_TRADER_PROVIDERS__ALPACA__API_KEY", KEY);
    command.env("AI_TRADER_PROVIDERS__ALPACA__SECRET_KEY", SECRET);
    command.env(
        "AI_TRADER_PROVIDERS__BENZINGA__API_KEY",
        "CANARYBENZINGA0123456789",
    );
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn news_of_the_next_vendor_are_stored_when_the_first_fails() {
    let broken =
        HttpServer::start(|_, _| Reply::status(403, r#"{"message":"forbidden"}"#)).unwrap();
    let news = r#"[{"id":1,"created":"Mon, 03 Jun 2024 14:20:15 -0400","title":"t","stocks":[{"name":"AAPL"}]}]"#;
    let good = HttpServer::start(move |_, _| Reply::json(news)).unwrap();
    let scratch = Scratch::new();
    let set = [
        format!("providers.alpaca.data_url={}", broken.url()),
        format!("providers.benzinga.base_url={}", good.url()),
    ];
    let arguments = [
        "--data",
        "news",
        "--provider",
        "alpaca,benzinga",
        "--symbols",
        "AAPL",
        "--from",
        "2024-06-03",
        "--to",
        "2024-06-03",
        "--set",
        &set[0],
        "--set",
        &set[1],
        "--set",
        "logging.level=trace",
    ];
    let (code, out, error) = gather(&scratch, &arguments);
    assert_eq!(code, Some(0), "{error}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["kinds"]["news"]["added"], 1);
    assert_eq!(report["served"]["benzinga"], 1);
    let everything = [written(scratch.path()), out, error].concat();
    for secret in [KEY, SECRET, "CANARYBENZINGA"] {
        assert!(!everything.contains(secret), "{secret}");
    }
    assert!(everything.contains(r#""headline":"t""#));
    let (code, out, _) = gather(&scratch, &arguments);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["kinds"]["news"]["unchanged"]),
        (Some(0), &1.into())
    );
}

#[test]
fn what_records_need_is_asked_for() {
    let scratch = Scratch::new();
    let from = ["--from", "2024-06-03", "--symbols", "TSLA"];
    let ask = |arguments: &[&str]| gather(&scratch, &[&from[..], arguments].concat());
    let (code, _, error) = ask(&["--data", "filings", "--provider", "edgar"]);
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("providers.edgar.user_agent"), "{error}");
    let (code, _, error) = ask(&["--data", "news", "--provider", "yahoo"]);
    assert_eq!(code, Some(2), "{error}");
    let (code, _, error) = ask(&["--data", "news", "--from-dir", "."]);
    assert_eq!(code, Some(2), "{error}");
    let (code, ..) = gather(&scratch, &["--data", "news", "--provider", "alpaca"]);
    assert_eq!(code, Some(2), "no first day");
}

const LEVELS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];

#[test]
fn each_vendor_s_verdict_is_told_and_no_level_of_logging_shows_a_key() {
    let server = HttpServer::start(|request, _| match request.target.as_str() {
        "/v2/account" if request.header("apca-api-key-id") == Some(KEY) => {
            Reply::json(r#"{"status":"ACTIVE","account_blocked":false}"#)
        }
        target if target.starts_with("/quote") => {
            Reply::status(401, r#"{"error":"API key expired"}"#)
        }
        target if target.starts_with("/query") => {
            Reply::json(r#"{"Error Message":"the parameter apikey CANARYALPHA67890 is invalid"}"#)
        }
        target if target.starts_with("/v8") => Reply::status(404, r#"{"message":"gone"}"#),
        _ => Reply::status(403, r#"{"message":"You are not entitled to this data"}"#),
    })
    .unwrap();
    let set: Vec<String> = [
        "alpaca.trading_url",
        "polygon.base_url",
        "finnhub.base_url",
        "alpha_vantage.base_url",
        "yahoo.base_url",
    ]
    .iter()
    .map(|key| format!("providers.{key}={}", server.url()))
    .collect();
    let keys = [
        ("ALPACA__API_KEY", KEY),
        ("ALPACA__SECRET_KEY", SECRET),
        ("POLYGON__API_KEY", "CANARYpolygon0123456789abcdef012"),
        ("FINNHUB__API_KEY", "canaryfinnhub0123456789"),
        ("ALPHA_VANTAGE__API_KEY", "CANARYALPHA67890"),
        ("BENZINGA__API_KEY", "short"),
    ];
    for level in LEVELS {
        let scratch = Scratch::new();
        let level = format!("logging.level={level}");
        let mut arguments = vec!["check-credentials", "--json", "--set", &level];
        arguments.extend(set.iter().flat_map(|one| ["--set", one.as_str()]));
        let mut command = scratch.command(&arguments);
        for (name, value) in keys {
            command.env(format!("AI_TRADER_PROVIDERS__{name}"), value);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(4));
        let verdicts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let of = |name: &str| verdicts[name]["verdict"].as_str().unwrap();
        assert_eq!(of("alpaca"), "valid");
        assert_eq!(of("massive"), "lacks_permission");
        assert_eq!(of("finnhub"), "expired");
        assert_eq!(of("alpha-vantage"), "invalid");
        assert_eq!(of("benzinga"), "invalid");
        assert_eq!(of("yahoo"), "unreachable");
        assert_eq!(of("edgar"), "not_set");
        assert_eq!(of("reddit"), "not_set");
        let texts = [output.stdout, output.stderr].concat();
        let everything = [written(scratch.path()), String::from_utf8(texts).unwrap()].concat();
        for (name, value) in keys {
            assert!(
                name == "BENZINGA__API_KEY" || !everything.contains(value),
                "{name} at {level}"
            );
        }
    }
}

#[test]
fn a_vendor_that_is_named_must_have_credentials_of_the_right_kind() {
    let scratch = Scratch::new();
    let error = scratch.fail(4, &["check-credentials", "--provider", "massive"]);
    assert!(
        error.contains("not set: providers.polygon.api_key"),
        "{error}"
    );
    let mut command = scratch.command(&["check-credentials", "--provider", "alpaca"]);
    command.env(
        "AI_TRADER_PROVIDERS__ALPACA__API_KEY",
        KEY.replace("PK", "AK"),
    );
    command.env("AI_TRADER_PROVIDERS__ALPACA__SECRET_KEY", SECRET);
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("paper and live mixed up"), "{error}");
}

#[test]
fn settled_days_that_were_asked_for_before_come_from_the_cache_into_another_store() {
    let server = HttpServer::start(|request, _| answer(request)).unwrap();
    let scratch = Scratch::new();
    let to = |store: &'static str, more: &[&str]| {
        let args = [&["--timeframe", "1m", "--store", store], more].concat();
        let (code, out, error) = run(&scratch, &server.url(), [KEY, SECRET], &args);
        assert_eq!(code, Some(0), "{error}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["added"], 2);
        server.requests().len()
    };
    assert_eq!(to("first", &["--cache"]), 1);
    assert_eq!(to("second", &["--cache"]), 1);
    assert_eq!(to("third", &[]), 2);
    // A Redis that is not there, and a folder that was emptied, cost nothing but the question.
    std::fs::remove_dir_all(scratch.path().join("market-cache")).unwrap();
    let away = [
        "cache.enabled=true",
        "cache.host=127.0.0.1",
        "cache.port=1",
        "cache.tls=false",
    ];
    let away: Vec<&str> = away.iter().flat_map(|set| ["--set", set]).collect();
    assert_eq!(to("fourth", &[&["--cache"][..], &away].concat()), 3);
    let everything = written(&scratch.path().join("market-cache"));
    assert!(!everything.contains(KEY) && !everything.contains(SECRET));
}
