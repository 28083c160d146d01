//! Several vendors in an order of preference: who is asked, what is recorded, what happens when nobody delivers.

use trader_data::HistoricalSource as _;
use trader_data::backfill::{Summary, runs};
use trader_data::vendors::{FailoverBars, Finnhub, VendorBars, WatchedBars, Yahoo};
use trader_domain::Timeframe;
use trader_storage::store::MarketStore;
use trader_testkit::http_server::{HttpServer, Reply};

use crate::vendors::{base, fill, january, link};

const FINNHUB: &str =
    r#"{"s":"ok","t":[1672722000],"o":[125.0],"h":[130.9],"l":[124.17],"c":[125.07],"v":[11]}"#;

const YAHOO: &str = r#"{"chart":{"result":[{"meta":{"symbol":"AAPL","dataGranularity":"1d"},
  "timestamp":[1672756200],"indicators":{"quote":[{"open":[125],"high":[131],"low":[124],"close":[125.07],
  "volume":[12]}]}}],"error":null}}"#;

fn bars(finnhub: &HttpServer, yahoo: &HttpServer) -> FailoverBars {
    let day = Timeframe::Session;
    let first = VendorBars::new(Finnhub::new(base(finnhub)), link("finnhub"), day).unwrap();
    let second = VendorBars::new(Yahoo::new(base(yahoo)), link("yahoo"), day).unwrap();
    FailoverBars::new(vec![
        Box::new(first) as Box<dyn WatchedBars>,
        Box::new(second),
    ])
}

fn filled(source: &FailoverBars, symbols: &[&str]) -> (Summary, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let summary = fill(source, &store, &january(symbols, Timeframe::Session));
    let runs = runs(&store).unwrap();
    let done = runs[0].done.values();
    let mut served: Vec<String> = done.filter_map(|unit| unit.vendor.clone()).collect();
    served.extend(
        store
            .series()
            .unwrap()
            .iter()
            .map(|key| key.vendor().to_owned()),
    );
    (summary, served)
}

#[test]
fn the_first_vendor_is_asked_while_it_delivers() {
    let finnhub = HttpServer::start(|_, _| Reply::json(FINNHUB)).unwrap();
    let yahoo = HttpServer::start(|_, _| Reply::json(YAHOO)).unwrap();
    let source = bars(&finnhub, &yahoo);
    assert_eq!(source.capabilities().name, "finnhub,yahoo");
    let (summary, served) = filled(&source, &["AAPL"]);
    assert_eq!(summary.failures.len(), 0);
    assert_eq!(served, ["finnhub", "finnhub"]);
    assert_eq!(yahoo.requests().len(), 0);
}

#[test]
fn the_next_vendor_delivers_what_the_first_cannot_and_is_recorded() {
    for trouble in [
        Reply::status(503, "{}"),
        Reply::status(401, r#"{"error":"Invalid API key"}"#),
        Reply::status(429, "{}").with("retry-after", "3600"),
        Reply::Hangup,
        Reply::json("<html>"),
        Reply::json("{}").with("content-type", "text/html"),
    ] {
        let finnhub = HttpServer::start(move |_, _| trouble.clone()).unwrap();
        let yahoo = HttpServer::start(|_, _| Reply::json(YAHOO)).unwrap();
        let (summary, served) = filled(&bars(&finnhub, &yahoo), &["AAPL"]);
        assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
        assert_eq!(summary.served.get("yahoo"), Some(&1));
        assert_eq!(served, ["yahoo", "yahoo"]);
    }
}

#[test]
fn a_vendor_that_failed_often_is_not_asked_again_for_the_next_units() {
    let finnhub = HttpServer::start(|_, _| Reply::status(503, "{}")).unwrap();
    let yahoo = HttpServer::start(|request, _| {
        let symbol = request.target.split(['/', '?']).nth(4).unwrap_or_default();
        Reply::json(YAHOO.replace("AAPL", symbol))
    })
    .unwrap();
    let symbols = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let (summary, _) = filled(&bars(&finnhub, &yahoo), &symbols);
    assert_eq!(
        summary.served.get("yahoo"),
        Some(&8),
        "{:?}",
        summary.failures
    );
    // Three attempts for each of the first units; then its breaker is open and the coordinator passes it over.
    let asked = finnhub.requests().len();
    assert!((5..=8).contains(&asked), "{asked}");
}

#[test]
fn every_vendor_s_reason_is_told_when_nobody_delivers() {
    let finnhub = HttpServer::start(|_, _| Reply::status(403, r#"{"error":"no access"}"#)).unwrap();
    let yahoo = HttpServer::start(|_, _| Reply::status(404, r#"{"message":"gone"}"#)).unwrap();
    let (summary, served) = filled(&bars(&finnhub, &yahoo), &["AAPL"]);
    let reason = summary.failures.values().next().unwrap();
    assert!(
        reason.contains("finnhub") && reason.contains("no access"),
        "{reason}"
    );
    assert!(
        reason.contains("yahoo") && reason.contains("gone"),
        "{reason}"
    );
    assert_eq!(served.len(), 0);
}
