//! Vendors' bars from a replayed service to the store: pages, faulty rows, other hosts, a second run.

use std::sync::Arc;

use reqwest::Url;
use trader_data::backfill::{Summary, run};
use trader_data::vendors::{Alpaca, AlpacaFeed, Massive, VendorBars, VendorLink};
use trader_data::{DateRange, HistoricalSource, HistoryRequest};
use trader_domain::Timeframe;
use trader_storage::store::MarketStore;
use trader_testkit::http_server::{HttpServer, Reply, Request};

use crate::http_faults::roomy_client;
use crate::{Alone, date, request, settings};

pub(crate) fn january(symbols: &[&str], timeframe: Timeframe) -> HistoryRequest {
    HistoryRequest {
        dates: DateRange {
            from: Some(date("2023-01-03")),
            to: Some(date("2023-01-31")),
        },
        timeframe: Some(timeframe),
        ..request(symbols)
    }
}

pub(crate) fn fill(
    source: &dyn HistoricalSource,
    store: &MarketStore,
    wanted: &HistoryRequest,
) -> Summary {
    let vendor = source.capabilities().name;
    run(source, store, wanted, &settings(&vendor), &Alone).unwrap()
}

fn fill_once(source: &dyn HistoricalSource, wanted: &HistoryRequest) -> Summary {
    let folder = tempfile::tempdir().unwrap();
    fill(source, &MarketStore::create(folder.path()).unwrap(), wanted)
}

/// A file for the used quota; leaked with its folder, as tests may.
fn quota() -> std::path::PathBuf {
    tempfile::tempdir().unwrap().keep().join("quota.json")
}

pub(crate) fn link(name: &str) -> Arc<VendorLink> {
    Arc::new(VendorLink::new(roomy_client(name), quota()).unwrap())
}

fn alpaca(server: &HttpServer) -> VendorBars<Alpaca> {
    let vendor = Alpaca::new(base(server), AlpacaFeed::Sip);
    VendorBars::new(vendor, link("alpaca"), Timeframe::MINUTE).unwrap()
}

fn massive(server: &HttpServer) -> VendorBars<Massive> {
    let vendor = Massive::new(base(server));
    VendorBars::new(vendor, link("massive"), Timeframe::Session).unwrap()
}

pub(crate) fn base(server: &HttpServer) -> Url {
    Url::parse(&server.url()).unwrap()
}

/// Minute bars in two pages; the second holds a bar whose high is below its low.
fn alpaca_pages(request: &Request) -> Reply {
    let bar = |time: &str, high: &str| {
        format!(
            r#"{{"t":"2023-01-03T14:{time}:00Z","o":100.10,"h":{high},"l":100.05,"c":100.2,"v":1200,"n":7,"vw":100.15}}"#
        )
    };
    let (rows, token) = if request.target.contains("page_token=second%2Fpage") {
        ([bar("32", "100.30"), bar("33", "99")], "null")
    } else {
        (
            [bar("30", "100.30"), bar("31", "100.25")],
            r#""second/page""#,
        )
    };
    let rows = rows.join(",");
    Reply::json(format!(
        r#"{{"symbol":"AAPL","bars":[{rows}],"next_page_token":{token}}}"#
    ))
}

#[test]
fn pages_are_followed_and_faulty_rows_are_set_aside() {
    let server = HttpServer::start(|request, _| alpaca_pages(request)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let source = alpaca(&server);
    let wanted = january(&["AAPL"], Timeframe::MINUTE);
    let summary = fill(&source, &store, &wanted);
    assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
    let rejects: u64 = summary.rejects.values().sum();
    assert_eq!((summary.added, rejects), (3, 1));
    let asked = server.requests();
    assert_eq!(asked.len(), 2);
    let first = &asked[0].target;
    let expected = "/v2/stocks/AAPL/bars?timeframe=1Min&start=2023-01-03&end=2023-01-31&limit=10000\
         &adjustment=raw&asof=2023-01-31&feed=sip&sort=asc";
    assert_eq!(first, expected);
    // What is done and settled is not asked for again.
    let again = fill(&source, &store, &wanted);
    assert_eq!((again.unchanged, again.added), (1, 0));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_unit_that_fails_is_named_and_the_others_are_stored() {
    let server = HttpServer::start(|request, _| {
        if request.target.contains("/TSLA/") {
            return Reply::status(422, r#"{"message":"invalid symbol: TSLA"}"#);
        }
        alpaca_pages(request)
    })
    .unwrap();
    let wanted = january(&["AAPL", "TSLA"], Timeframe::MINUTE);
    let summary = fill_once(&alpaca(&server), &wanted);
    assert_eq!(summary.added, 3);
    let (unit, reason) = summary.failures.first_key_value().unwrap();
    assert!(unit.contains("TSLA"), "{unit}");
    assert!(reason.contains("invalid symbol"), "{reason}");
}

/// Two pages of a daily bar each; the next address is on a host that was not asked.
fn massive_pages(number: usize, other: &str) -> Reply {
    // Midnight in New York: 05:00 UTC in winter.
    let millis = 1_672_722_000_000_i64 + 86_400_000 * i64::try_from(number).unwrap();
    let next = if number == 0 {
        format!(r#","next_url":"{other}/v2/aggs/next?cursor=bGltaXQ""#)
    } else {
        String::new()
    };
    Reply::json(format!(
        r#"{{"ticker":"AAPL","adjusted":false,"status":"OK","results":[{{"t":{millis},"o":125.07,
           "h":130.9,"l":124.17,"c":125.07,"v":1.1211747e+08,"n":1021065,"vw":125.725}}]{next}}}"#
    ))
}

#[test]
fn daily_bars_are_named_by_new_york_s_date_and_the_key_stays_on_the_host() {
    let elsewhere = Arc::new(HttpServer::start(|_, _| Reply::json("{}")).unwrap());
    let other = elsewhere.url();
    let server = HttpServer::start(move |_, number| massive_pages(number, &other)).unwrap();
    let summary = fill_once(&massive(&server), &january(&["AAPL"], Timeframe::Session));
    assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
    assert_eq!(summary.added, 2);
    let asked = server.requests();
    let keys = asked.iter().map(|request| request.header("authorization"));
    assert!(
        keys.into_iter()
            .all(|key| key == Some("Bearer CANARY_SECRET"))
    );
    assert_eq!(
        asked[0].target,
        "/v2/aggs/ticker/AAPL/range/1/day/2023-01-03/2023-01-31?adjusted=false&sort=asc&limit=50000"
    );
    assert_eq!(asked[1].target, "/v2/aggs/next?cursor=bGltaXQ");
    assert_eq!(
        elsewhere.requests().len(),
        0,
        "the key went to another host"
    );
}

#[test]
fn an_answer_about_something_else_or_of_another_shape_is_refused() {
    for body in [
        r#"{"ticker":"TSLA","adjusted":false,"status":"OK","results":[]}"#,
        r#"{"ticker":"AAPL","adjusted":true,"status":"OK","results":[]}"#,
        r#"{"status":"ERROR","error":"Unknown API Key"}"#,
        r#"{"results":[]}"#,
        r#"{"status":"OK","results":[{"t":1}]}"#,
        r#"{"status":"OK","results":"#,
    ] {
        let server = HttpServer::start(move |_, _| Reply::json(body)).unwrap();
        let summary = fill_once(&massive(&server), &january(&["AAPL"], Timeframe::Session));
        assert_eq!((summary.added, summary.failures.len()), (0, 1), "{body}");
    }
}

#[test]
fn endless_paging_ends() {
    let body = r#"{"symbol":"AAPL","bars":null,"next_page_token":"same"}"#;
    let server = HttpServer::start(move |_, _| Reply::json(body)).unwrap();
    let summary = fill_once(&alpaca(&server), &january(&["AAPL"], Timeframe::MINUTE));
    let reason = summary.failures.values().next().unwrap();
    assert!(reason.contains("this page"), "{reason}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_source_says_what_it_must_be_told() {
    let server = HttpServer::start(|_, _| Reply::json("{}")).unwrap();
    let source = alpaca(&server);
    let wanted = january(&["AAPL"], Timeframe::MINUTE);
    let refused = |wanted: HistoryRequest| source.plan(&wanted).unwrap_err().to_string();
    let nobody = HistoryRequest {
        symbols: vec![],
        ..wanted.clone()
    };
    assert!(refused(nobody).contains("which symbols"));
    let open = HistoryRequest {
        dates: DateRange::default(),
        ..wanted
    };
    assert!(refused(open).contains("the first date"));
    let hours = VendorBars::new(
        Massive::new(base(&server)),
        link("massive"),
        Timeframe::HOUR,
    );
    assert!(hours.unwrap_err().to_string().contains("it has"));
}
