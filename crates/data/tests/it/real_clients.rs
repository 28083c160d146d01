//! The vendors' own Python clients, unmodified, read the same replayed services as our sources and find as much.
//!
//! Shows that what the tests replay is the real protocol. Run by hand, because it installs packages:
//! `cargo nextest run -p trader-data --run-ignored only real_clients`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use trader_data::record_source::{NewsSource, OptionsSource, RecordRequest, ReferenceSource};
use trader_data::vendors::{Alpaca, AlpacaFeed, Massive, VendorRecords};
use trader_domain::VendorId;
use trader_testkit::http_server::{HttpServer, Reply, Request};

use crate::vendors::{base, link};
use crate::{date, symbol};

const PACKAGES: [&str; 3] = [
    "alpaca-py==0.44.0",
    "massive==2.9.1",
    "polygon-api-client==1.16.3",
];

/// The recorded body of a path, each list as one page; pages behind a token or cursor are empty.
fn replayed(request: &Request) -> Reply {
    let path = request.target.split('?').next().unwrap();
    if request.target.contains("page_token=") || request.target.contains("cursor=") {
        let empty = match path {
            "/v1beta1/news" => r#"{"news":[],"next_page_token":null}"#,
            "/v1/corporate-actions" => r#"{"corporate_actions":{},"next_page_token":null}"#,
            "/v2/stocks/trades" => r#"{"trades":{},"next_page_token":null}"#,
            "/v2/stocks/quotes" => r#"{"quotes":{},"next_page_token":null}"#,
            _ => r#"{"status":"OK","results":[]}"#,
        };
        return Reply::json(empty);
    }
    Reply::json(match path {
        "/v2/stocks/bars" => concat!(
            r#"{"bars":{"AAPL":[{"t":"2023-01-03T14:30:00Z","o":130,"h":131,"l":129,"c":130.5,"v":1200,"#,
            r#""n":7,"vw":130.2}]},"next_page_token":null}"#
        ),
        "/v2/stocks/trades" => include_str!("../data/alpaca_trades.json"),
        "/v2/stocks/quotes" => include_str!("../data/alpaca_quotes.json"),
        "/v1beta1/news" => include_str!("../data/alpaca_news.json"),
        "/v1/corporate-actions" => include_str!("../data/alpaca_actions.json"),
        "/v1beta1/options/snapshots/AAPL" => include_str!("../data/alpaca_chain.json"),
        "/v2/assets" => include_str!("../data/alpaca_assets.json"),
        "/v2/calendar" => r#"[{"date":"2023-01-03","open":"09:30","close":"16:00"}]"#,
        "/v2/options/contracts" => include_str!("../data/alpaca_contracts.json"),
        "/v2/reference/news" => include_str!("../data/massive_news.json"),
        "/v3/reference/tickers" => include_str!("../data/massive_tickers.json"),
        "/v3/reference/splits" => include_str!("../data/massive_splits.json"),
        "/v3/reference/dividends" => include_str!("../data/massive_dividends.json"),
        "/v3/reference/options/contracts" => include_str!("../data/massive_contracts.json"),
        "/v3/snapshot/options/AAPL" => include_str!("../data/massive_chain.json"),
        path if path.starts_with("/v2/aggs/") => concat!(
            r#"{"ticker":"AAPL","adjusted":false,"status":"OK","results":[{"t":1672722000000,"o":125.07,"#,
            r#""h":130.9,"l":124.17,"c":125.07,"v":112117470,"n":1021065,"vw":125.725}]}"#
        ),
        _ => return Reply::status(404, r#"{"message":"not recorded"}"#),
    })
}

/// An interpreter with the packages; `None` when they cannot be had.
fn python() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vendor-clients");
    let python = folder.join("bin/python");
    let run = |program: &str, arguments: &[&str]| {
        let ended = Command::new(program).args(arguments).output();
        ended.is_ok_and(|output| output.status.success())
    };
    let place = folder.to_str()?;
    let python = python.to_str()?;
    let has = || run(python, &["-c", "import alpaca.data, massive, polygon"]);
    if has() {
        return Some(python.to_owned());
    }
    let install = [&["-m", "pip", "install", "-q"][..], &PACKAGES].concat();
    let made = run("python3", &["-m", "venv", place]) && run(python, &install);
    (made && has()).then(|| python.to_owned())
}

#[test]
#[ignore = "installs Python packages, which takes minutes; see the file's head"]
fn the_vendors_own_clients_find_what_our_sources_find() {
    let Some(python) = python() else {
        println!("skipped: {PACKAGES:?} cannot be installed here");
        return;
    };
    let server = HttpServer::start(|request, _| replayed(request)).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/real_clients.py");
    let output = Command::new(python)
        .args([script, &server.url()])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let theirs: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (ours, actions_of_massive) = ours(&server);
    for (kind, count) in ours {
        assert_eq!(theirs[kind], count, "{kind}: {theirs}");
        assert!(count > 0, "{kind}");
    }
    for (kind, count) in theirs.as_object().unwrap() {
        if let Some(kind) = kind.strip_prefix("polygon ") {
            assert_eq!(
                count,
                &theirs[format!("massive {kind}")],
                "{kind}: {theirs}"
            );
        }
    }
    let theirs_of = |kind: &str| usize::try_from(theirs[kind].as_u64().unwrap()).unwrap();
    assert_eq!(
        theirs_of("massive splits") + theirs_of("massive dividends"),
        actions_of_massive
    );
    assert_eq!(theirs["alpaca trades"], 2);
    assert_eq!(
        (&theirs["alpaca bars"], &theirs["massive bars"]),
        (&1.into(), &1.into())
    );
}

/// How much our sources find, by kind, and how many splits and dividends of Massive.
fn ours(server: &HttpServer) -> (Vec<(&'static str, usize)>, usize) {
    let request = RecordRequest {
        symbols: vec![symbol("AAPL")],
        from: date("2023-01-01"),
        to: date("2023-01-31"),
    };
    let everything = RecordRequest {
        symbols: vec![],
        ..request.clone()
    };
    let vendor = VendorId(1);
    let alpaca = Alpaca::new(base(server), AlpacaFeed::Sip).with_trading(base(server));
    let alpaca = VendorRecords::new(alpaca, link("alpaca"));
    let massive = VendorRecords::new(Massive::new(base(server)), link("massive"));
    let actions = alpaca.actions(&request, vendor).unwrap();
    let chain = |source: &dyn OptionsSource| source.chain(symbol("AAPL"), vendor).unwrap().0;
    let found = vec![
        (
            "alpaca news",
            alpaca.news(&request, vendor).unwrap().records.len(),
        ),
        (
            "alpaca actions",
            actions.records.len() + actions.rejects.len(),
        ),
        ("alpaca chain", chain(&alpaca).quotes().len()),
        (
            "alpaca assets",
            alpaca.listings(&everything, vendor).unwrap().records.len(),
        ),
        (
            "alpaca sessions",
            alpaca.calendar(&request).unwrap().records.len(),
        ),
        (
            "alpaca contracts",
            alpaca.contracts(&request).unwrap().records.len(),
        ),
        (
            "massive news",
            massive.news(&request, vendor).unwrap().records.len(),
        ),
        (
            "massive tickers",
            massive.listings(&everything, vendor).unwrap().records.len(),
        ),
        (
            "massive contracts",
            massive.contracts(&request).unwrap().records.len(),
        ),
        ("massive chain", chain(&massive).quotes().len()),
    ];
    let both = massive.actions(&request, vendor).unwrap().records.len();
    (found, both)
}
