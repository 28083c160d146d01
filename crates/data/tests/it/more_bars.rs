//! Bars of Finnhub, Alpha Vantage and Yahoo: what is asked, what is stored, what is refused.

use trader_data::backfill::Summary;
use trader_data::vendors::{AlphaVantage, BarVendor, Finnhub, VendorBars, Yahoo};
use trader_data::{DateRange, HistoryRequest};
use trader_domain::{Timeframe, Timestamp};
use trader_storage::store::{LabelRange, MarketStore, StoredAdjustment};
use trader_testkit::http_server::{HttpServer, Reply};

use crate::vendors::{base, fill, january, link};
use crate::{date, request};

/// Runs against a server that always says this; gives the summary, the stored bars and what was asked first.
fn stored<V: BarVendor>(
    body: &'static str,
    wanted: &HistoryRequest,
    vendor: impl Fn(&HttpServer) -> V,
) -> (Summary, Vec<(Timestamp, String)>, String) {
    let server = HttpServer::start(move |_, _| Reply::json(body)).unwrap();
    let vendor = vendor(&server);
    let line = link(vendor.name());
    let source = VendorBars::new(vendor, line, wanted.timeframe.unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let summary = fill(&source, &store, wanted);
    let mut bars = Vec::new();
    for key in store.series().unwrap() {
        let columns = store.load(&key, LabelRange::ALL).unwrap().columns;
        let closes = columns.close.iter().map(ToString::to_string);
        bars.extend(columns.start.iter().copied().zip(closes));
    }
    let asked = server.requests()[0].target.clone();
    (summary, bars, asked)
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const YAHOO: &str = r#"{"chart":{"result":[{"meta":{"currency":"USD","symbol":"BRK-B","dataGranularity":"1d",
  "regularMarketTime":1672953000,"currentTradingPeriod":{"regular":{"start":1672929000,"end":1672952400}}},
  "timestamp":[1672756200,1672842600,1672929000],
  "events":{"dividends":{"1672842600":{"amount":0.24,"date":1672842600}}},
  "indicators":{"quote":[{"open":[309.8999938964844,null,311.5],"high":[313.0199890136719,null,312],
  "low":[308.0,null,309.25],"close":[309.9100036621094,null,310.01],"volume":[3549900,null,2100000]}],
  "adjclose":[{"adjclose":[1,null,2]}]}}],"error":null}}"#;

#[test]
fn yahoo_s_widened_floats_become_prices_and_days_without_a_trade_are_left_out() {
    let wanted = january(&["BRK.B"], Timeframe::Session);
    let (summary, bars, asked) = stored(YAHOO, &wanted, |server| Yahoo::new(base(server)));
    assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
    assert_eq!(summary.served.get("yahoo"), Some(&1));
    assert_eq!(
        bars,
        [
            (time("2023-01-03T00:00:00Z"), "309.91".to_owned()),
            (time("2023-01-05T00:00:00Z"), "310.01".to_owned())
        ]
    );
    // Midnight in New York on both ends, the last day included.
    assert_eq!(
        asked,
        "/v8/finance/chart/BRK-B?period1=1672722000&period2=1675227600&interval=1d&events=div%2Csplits"
    );
    let key = summary.series.first().unwrap();
    assert!(format!("{key:?}").contains("Vendor"), "{key:?}");
    assert_eq!(
        Yahoo::new(reqwest::Url::parse("http://x").unwrap()).adjustment(Timeframe::Session),
        StoredAdjustment::Vendor
    );
}

#[test]
fn yahoo_s_bar_of_a_running_session_is_not_taken() {
    let body: &'static str = Box::leak(YAHOO.replace("1672952400", "1672999999").into_boxed_str());
    let wanted = january(&["BRK.B"], Timeframe::Session);
    let (_, bars, _) = stored(body, &wanted, |server| Yahoo::new(base(server)));
    assert_eq!(bars.len(), 1);
}

#[test]
fn yahoo_s_answers_about_something_else_are_refused() {
    for (from, to) in [
        ("\"BRK-B\"", "\"BRK-A\""),
        ("\"1d\"", "\"1wk\""),
        ("[1672756200,1672842600,", "["),
        ("\"result\":[", "\"result\":[], \"x\":["),
        ("\"error\":null", "\"error\":{\"code\":\"Not Found\"}"),
    ] {
        let body: &'static str = Box::leak(YAHOO.replace(from, to).into_boxed_str());
        let wanted = january(&["BRK.B"], Timeframe::Session);
        let (summary, bars, _) = stored(body, &wanted, |server| Yahoo::new(base(server)));
        assert_eq!((summary.failures.len(), bars.len()), (1, 0), "{from}");
    }
}

#[test]
fn finnhub_s_columns_become_rows() {
    // Older daily candles carry New York's midnight, newer ones UTC's.
    let body = r#"{"s":"ok","t":[1672722000,1672790400],"o":[125.0,126],"h":[130.9,128.5],
        "l":[124.17,125.25],"c":[125.07,126.36],"v":[112117471,89113633]}"#;
    let wanted = january(&["AAPL"], Timeframe::Session);
    let (summary, bars, asked) = stored(body, &wanted, |server| Finnhub::new(base(server)));
    assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
    assert_eq!(
        bars,
        [
            (time("2023-01-03T00:00:00Z"), "125.07".to_owned()),
            (time("2023-01-04T00:00:00Z"), "126.36".to_owned())
        ]
    );
    assert_eq!(
        asked,
        "/stock/candle?symbol=AAPL&resolution=D&from=1672635600&to=1675227599"
    );
    let none = r#"{"s":"no_data"}"#;
    let (summary, bars, _) = stored(none, &wanted, |server| Finnhub::new(base(server)));
    assert_eq!((summary.failures.len(), bars.len()), (0, 0));
    for bad in [
        r#"{"s":"ok","t":[1],"o":[],"h":[1],"l":[1],"c":[1],"v":[1]}"#,
        r#"{"s":"error"}"#,
        "[]",
    ] {
        let (summary, ..) = stored(bad, &wanted, |server| Finnhub::new(base(server)));
        assert_eq!(summary.failures.len(), 1, "{bad}");
    }
}

/// A recorded answer of the service's intraday series (from the tests of the Python package `alpha_vantage`, MIT).
const INTRADAY: &str = include_str!("../data/alpha_vantage_intraday.json");

#[test]
fn alpha_vantage_s_times_are_new_york_s_and_the_key_stays_out_of_messages() {
    let wanted = HistoryRequest {
        dates: DateRange {
            from: Some(date("2017-12-18")),
            to: Some(date("2017-12-18")),
        },
        timeframe: Some(Timeframe::MINUTE),
        ..request(&["MSFT"])
    };
    let vendor = |server: &HttpServer| AlphaVantage::new(base(server), "CANARYKEY");
    let (summary, bars, asked) = stored(INTRADAY, &wanted, vendor);
    assert_eq!(summary.failures.len(), 0, "{:?}", summary.failures);
    assert_eq!(bars.len(), 100);
    assert_eq!(bars[99].0, time("2017-12-18T19:56:00Z"), "{:?}", bars[99]);
    assert!(asked.contains("month=2017-12") && asked.contains("apikey=CANARYKEY"));
    for refusal in [
        r#"{"Note":"Our standard API call frequency is 5 calls per minute, key CANARYKEY."}"#,
        r#"{"Information":"CANARYKEY: this is a premium endpoint"}"#,
        r#"{"Error Message":"Invalid API call for CANARYKEY"}"#,
        r#"{"Meta Data":{"2. Symbol":"TSLA"},"Time Series (1min)":{}}"#,
        r#"{"Meta Data":{"2. Symbol":"MSFT","6. Time Zone":"Mars"},"Time Series (1min)":{}}"#,
        "{}",
    ] {
        let (summary, bars, _) = stored(refusal, &wanted, vendor);
        let reason = summary.failures.values().next().unwrap();
        assert!(bars.is_empty() && !reason.contains("CANARY"), "{reason}");
    }
}
