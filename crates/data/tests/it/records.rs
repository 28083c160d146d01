//! Recorded answers of vendors become typed records; faulty and unknown ones are set aside, pages are followed.

use serde_json::Value;
use trader_data::gather::put;
use trader_data::record_source::{
    Delivery, FilingSource, NewsSource, RecordRequest, ReferenceSource, Stamp,
};
use trader_data::vendors::{
    Alpaca, AlpacaFeed, Benzinga, Edgar, Massive, VendorRecords, Yahoo, alpaca_actions,
    alpaca_assets, alpaca_calendar, alpaca_news, benzinga_news, edgar_companies, edgar_submissions,
    finnhub_news, finnhub_symbols, massive_dividends, massive_news, massive_splits,
    massive_tickers, yahoo_actions,
};
use trader_domain::{AnnouncedAction, AnnouncedTerms, ListedClass, Timestamp, VendorId};
use trader_storage::store::{MarketStore, RecordKind};
use trader_testkit::http_server::{HttpServer, Reply};

use crate::vendors::{base, link};
use crate::{date, symbol};

const NEWS: &str = include_str!("../data/alpaca_news.json");
const SUBMISSIONS: &str = include_str!("../data/edgar_submissions.json");

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn stamp() -> Stamp {
    Stamp {
        vendor: VendorId(4),
        received: time("2026-01-02T00:00:00Z"),
    }
}

fn january(symbols: &[&str]) -> RecordRequest {
    RecordRequest {
        symbols: symbols.iter().map(|text| symbol(text)).collect(),
        from: date("2023-01-01"),
        to: date("2023-01-31"),
    }
}

/// What is rejected, by reason.
fn reasons<T>(delivery: &Delivery<T>) -> Vec<&'static str> {
    delivery
        .rejects
        .iter()
        .map(|reject| reject.reason)
        .collect()
}

#[test]
fn alpaca_s_news_keep_time_symbols_and_vendor() {
    let page = alpaca_news(NEWS.as_bytes(), stamp()).unwrap();
    let item = &page.delivery.records[0];
    assert_eq!(item.id, "40432158");
    assert_eq!(item.published, time("2024-08-18T20:15:44Z"));
    assert_eq!(
        (item.vendor, item.received),
        (VendorId(4), stamp().received)
    );
    assert_eq!(item.symbols, [symbol("AAPL"), symbol("QCOM")]);
    assert_eq!(
        item.body.as_deref(),
        Some("summary"),
        "the content is empty"
    );
    assert_eq!(
        page.next.as_deref(),
        Some("MTczMDk3MTEwMTAwMDAwMDAwMHw0MTc5OTExNQ==")
    );
    // An item from the future and one of the wrong type are set aside; symbols of other markets are left out.
    let bad = NEWS
        .replace("\"created_at\": \"2024-", "\"created_at\": \"2044-")
        .replace("\"QCOM\"", "\"QCOM\", \"漢\"");
    let page = alpaca_news(bad.as_bytes(), stamp()).unwrap();
    assert_eq!(reasons(&page.delivery), ["inconsistent"]);
    let typed = NEWS.replace("\"headline\": \"headline\"", "\"headline\": 7");
    let page = alpaca_news(typed.as_bytes(), stamp()).unwrap();
    assert_eq!(reasons(&page.delivery), ["malformed"]);
}

#[test]
fn alpaca_s_corporate_actions_of_every_kind_are_read_or_named() {
    let body = include_bytes!("../data/alpaca_actions.json");
    let page = alpaca_actions(body, stamp()).unwrap();
    let of = |name: &str| -> &AnnouncedAction {
        let mut found = page.delivery.records.iter();
        found.find(|action| action.symbol == symbol(name)).unwrap()
    };
    let quantity = |text: &str| text.parse().unwrap();
    assert_eq!(
        of("MNTS").terms,
        AnnouncedTerms::Split {
            to: quantity("1"),
            from: quantity("50")
        }
    );
    assert_eq!(
        of("MSBC").terms,
        AnnouncedTerms::Split {
            to: quantity("1.05"),
            from: quantity("1")
        }
    );
    let dividend = of("FCF");
    assert_eq!(
        dividend.terms,
        AnnouncedTerms::CashDividend {
            amount: "0.125".parse().unwrap(),
            special: false
        }
    );
    assert_eq!(dividend.ex_date, date("2023-05-04"));
    assert_eq!(dividend.payable_date, Some(date("2023-05-19")));
    assert_eq!(
        of("JUPW").terms,
        AnnouncedTerms::SpinOff {
            symbol: symbol("SRM"),
            to: quantity("1"),
            from: quantity("19.35")
        }
    );
    // Unit splits, redemptions and rights have no terms here: they are named, not passed over.
    let text = std::str::from_utf8(body).unwrap();
    let all: Value = serde_json::from_str(text).unwrap();
    let kinds = all["corporate_actions"].as_object().unwrap();
    let total: usize = kinds
        .values()
        .map(|list| list.as_array().unwrap().len())
        .sum();
    let delivery = &page.delivery;
    assert_eq!(delivery.records.len() + delivery.rejects.len(), total);
    assert!(
        reasons(delivery).iter().all(|reason| *reason == "unknown"),
        "{:?}",
        delivery.rejects
    );
    let new = r#"{"corporate_actions":{"tokenisations":[{"id":"1","process_date":"2024-01-01"}]},"next_page_token":null}"#;
    let page = alpaca_actions(new.as_bytes(), stamp()).unwrap();
    assert_eq!(reasons(&page.delivery), ["unknown"]);
}

#[test]
fn listings_of_three_vendors_say_what_they_say_and_no_more() {
    let alpaca = alpaca_assets(include_bytes!("../data/alpaca_assets.json"), stamp()).unwrap();
    let apple = &alpaca.delivery.records[0];
    assert_eq!(
        (apple.class, apple.shortable),
        (ListedClass::Equity, Some(true))
    );
    let body = include_bytes!("../data/massive_tickers.json");
    let massive = massive_tickers(body, stamp()).unwrap();
    let agilent = &massive.delivery.records[0];
    assert_eq!(agilent.symbol, symbol("A"));
    assert_eq!(
        (agilent.shortable, agilent.cik.as_deref()),
        (None, Some("0001090872"))
    );
    assert_eq!(reasons(&massive.delivery).len(), 0);
    let finnhub = r#"[{"symbol":"SPY","description":"SPDR S&P 500","type":"ETP","mic":"ARCX","figi":"BBG000BDTBL9","currency":"USD"},{"description":"x"}]"#;
    let finnhub = finnhub_symbols(finnhub.as_bytes(), stamp())
        .unwrap()
        .delivery;
    assert_eq!(finnhub.records[0].class, ListedClass::Etf);
    assert_eq!(reasons(&finnhub), ["malformed"]);
}

#[test]
fn massive_s_dividends_splits_and_news_are_read_and_other_currencies_refused() {
    let body = include_str!("../data/massive_dividends.json");
    let page = massive_dividends(body.as_bytes(), stamp()).unwrap();
    let first = &page.delivery.records[0];
    assert_eq!(first.declared, Some(date("2020-09-09")));
    assert_eq!(
        first.terms,
        AnnouncedTerms::CashDividend {
            amount: "0.59375".parse().unwrap(),
            special: false
        }
    );
    let ids: std::collections::BTreeSet<&str> = page
        .delivery
        .records
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    assert_eq!(
        ids.len(),
        page.delivery.records.len(),
        "an id names one dividend"
    );
    let euros = body.replacen(
        "\"dividend_type\"",
        "\"currency\":\"EUR\",\"dividend_type\"",
        1,
    );
    let page = massive_dividends(euros.as_bytes(), stamp()).unwrap();
    assert_eq!(reasons(&page.delivery), ["currency"]);
    let page = massive_splits(include_bytes!("../data/massive_splits.json"), stamp()).unwrap();
    let google = &page.delivery.records[0];
    assert_eq!(
        (google.symbol, google.ex_date),
        (symbol("GOOGL"), date("2022-07-18"))
    );
    let page = massive_news(include_bytes!("../data/massive_news.json"), stamp()).unwrap();
    assert_eq!(page.delivery.records[0].source, "MarketWatch");
    assert_eq!(page.delivery.records[0].symbols.len(), 4);
}

#[test]
fn finnhub_s_and_benzinga_s_news_are_read() {
    let body = r#"[{"category":"company","datetime":1672756200,"headline":"h","id":25286,"related":"AAPL","source":"s","summary":"","url":"https://x"},{"datetime":"soon"}]"#;
    let news = finnhub_news(body.as_bytes(), stamp()).unwrap().delivery;
    assert_eq!(news.records[0].published, time("2023-01-03T14:30:00Z"));
    assert_eq!(
        (news.records[0].body.as_ref(), reasons(&news)),
        (None, vec!["malformed"])
    );
    let body = r#"[{"id":1,"author":"","created":"Wed, 17 May 2017 14:20:15 -0400","title":"t","teaser":"x","body":"","stocks":[{"name":"AAPL"}]}]"#;
    let news = benzinga_news(body.as_bytes(), stamp()).unwrap().delivery;
    assert_eq!(news.records[0].published, time("2017-05-17T18:20:15Z"));
    assert_eq!(news.records[0].source, "Benzinga");
}

#[test]
fn sessions_are_in_new_york_s_time() {
    let body = r#"[{"date":"2023-11-24","open":"09:30","close":"13:00"},{"date":"2023-11-25","open":"13:00","close":"09:30"}]"#;
    let days = alpaca_calendar(body.as_bytes()).unwrap().delivery;
    assert_eq!(days.records[0].close, time("2023-11-24T18:00:00Z"));
    assert_eq!(reasons(&days), ["inconsistent"]);
}

#[test]
fn yahoo_s_dividends_are_as_declared_before_later_splits() {
    let chart = r#"{"chart":{"result":[{"meta":{"symbol":"AAPL","currency":"USD"},"events":{
        "dividends":{"1":{"amount":0.20500000,"date":1596807000},"2":{"amount":0.205,"date":1604673000}},
        "splits":{"3":{"date":1598880600,"numerator":4,"denominator":1,"splitRatio":"4:1"}}}}],"error":null}}"#;
    let page = yahoo_actions(chart.as_bytes(), symbol("AAPL"), stamp()).unwrap();
    let amounts: Vec<String> = page
        .delivery
        .records
        .iter()
        .filter_map(|action| match action.terms {
            AnnouncedTerms::CashDividend { amount, .. } => Some(amount.to_string()),
            _ => None,
        })
        .collect();
    // Apple paid 0.82 in August 2020 and 0.205 in November, after the split of 2020-08-31.
    assert_eq!(amounts, ["0.82", "0.205"]);
}

#[test]
fn filings_count_from_the_later_reading_of_their_time() {
    let server = HttpServer::start(|_, _| Reply::json("{}")).unwrap();
    let edgar = Edgar::new(base(&server), base(&server));
    let found = edgar_submissions(&edgar, SUBMISSIONS.as_bytes(), stamp()).unwrap();
    let filing = &found.delivery.records[0];
    assert_eq!(filing.id, "0001790565-22-000015");
    assert_eq!(
        (filing.filer.as_str(), filing.form.as_str()),
        ("0001318605", "4")
    );
    // Written as 16:42:36Z: on New York's clock that is 21:42:36 UTC.
    assert_eq!(filing.published, time("2022-11-30T21:42:36Z"));
    let url = filing.url.as_deref().unwrap();
    assert!(
        url.ends_with("/Archives/edgar/data/1318605/000179056522000015/xslF345X03/edgardoc.xml")
    );
    assert_eq!(
        found.continuations[0].0,
        "CIK0001318605-submissions-001.json"
    );
    // Just received: only the earlier reading is possible.
    let at_once = Stamp {
        received: time("2022-11-30T16:43:00Z"),
        ..stamp()
    };
    let found = edgar_submissions(&edgar, SUBMISSIONS.as_bytes(), at_once).unwrap();
    assert_eq!(
        found.delivery.records[0].published,
        time("2022-11-30T16:42:36Z")
    );
    let short = SUBMISSIONS.replacen("\"form\": [", "\"form\": [\"8-K\",", 1);
    assert!(edgar_submissions(&edgar, short.as_bytes(), stamp()).is_err());
    let list = r#"{"0":{"cik_str":1067983,"ticker":"BRK-B","title":"x"}}"#;
    assert_eq!(
        edgar_companies(list.as_bytes()).unwrap()["BRK-B"],
        1_067_983
    );
}

#[test]
fn pages_of_news_are_followed_and_the_token_is_replaced() {
    let server = HttpServer::start(|_, number| {
        let body = if number == 0 {
            NEWS.to_owned()
        } else {
            // The last page is empty.
            r#"{"news":[],"next_page_token":null}"#.to_owned()
        };
        Reply::json(body)
    })
    .unwrap();
    let vendor = Alpaca::new(base(&server), AlpacaFeed::Sip);
    let source = VendorRecords::new(vendor, link("alpaca"));
    let news = source
        .news(&january(&["AAPL", "BRK.B"]), VendorId(4))
        .unwrap();
    assert_eq!(news.records.len(), 1);
    let asked: Vec<String> = server
        .requests()
        .iter()
        .map(|one| one.target.clone())
        .collect();
    assert_eq!(
        asked[0],
        "/v1beta1/news?start=2023-01-01&end=2023-01-31&sort=asc&limit=50&include_content=true&symbols=AAPL%2CBRK.B"
    );
    assert!(asked[1].ends_with("page_token=MTczMDk3MTEwMTAwMDAwMDAwMHw0MTc5OTExNQ%3D%3D"));
    let no_trading = source.listings(&january(&[]), VendorId(4)).unwrap_err();
    assert!(no_trading.to_string().contains("address of trading"));
}

#[test]
fn benzinga_s_pages_end_with_the_first_that_is_not_full() {
    let item = r#"{"id":1,"created":"Wed, 17 May 2017 14:20:15 -0400","title":"t","stocks":[]}"#;
    let server = HttpServer::start(move |_, number| {
        let count = if number == 0 { 100 } else { 3 };
        Reply::json(format!("[{}]", vec![item; count].join(",")))
    })
    .unwrap();
    let vendor = Benzinga::new(base(&server), "CANARY");
    let source = VendorRecords::new(vendor, link("benzinga"));
    let news = source.news(&january(&["AAPL"]), VendorId(4)).unwrap();
    assert_eq!(news.records.len(), 103);
    let asked = server.requests();
    assert!(asked[0].target.contains("page=0&pageSize=100"));
    assert!(asked[1].target.contains("page=1") && asked.len() == 2);
    assert!(!format!("{source:?}").contains("CANARY"));
}

#[test]
fn what_a_source_needs_or_lacks_is_said() {
    let server = HttpServer::start(|_, _| Reply::json("{}")).unwrap();
    let massive = VendorRecords::new(Massive::new(base(&server)), link("massive"));
    let nobody = massive.actions(&january(&[]), VendorId(1)).unwrap_err();
    assert!(nobody.to_string().contains("which symbols"), "{nobody}");
    let lacking = massive.calendar(&january(&[])).unwrap_err();
    assert_eq!(lacking.to_string(), "massive has no calendar");
    let yahoo = VendorRecords::new(Yahoo::new(base(&server)), link("yahoo"));
    let lacking = yahoo.listings(&january(&[]), VendorId(1)).unwrap_err();
    assert_eq!(lacking.to_string(), "yahoo has no listings");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn filings_are_asked_for_by_company_with_continuations_and_stay_on_the_host() {
    let server = HttpServer::start(|request, _| {
        Reply::json(match request.target.as_str() {
            "/files/company_tickers.json" => {
                r#"{"0":{"cik_str":1318605,"ticker":"TSLA","title":"Tesla"}}"#.to_owned()
            }
            "/submissions/CIK0001318605.json" => SUBMISSIONS.to_owned(),
            _ => {
                let all: Value = serde_json::from_str(SUBMISSIONS).unwrap();
                all["filings"]["recent"].to_string()
            }
        })
    })
    .unwrap();
    let edgar = Edgar::new(base(&server), base(&server));
    let source = VendorRecords::new(edgar, link("edgar"));
    let wanted = |from: &str, to: &str| RecordRequest {
        from: date(from),
        to: date(to),
        ..january(&["TSLA"])
    };
    let recent = source.filings(&wanted("2022-11-30", "2022-12-31"), VendorId(1));
    assert_eq!(recent.unwrap().records.len(), 1);
    assert_eq!(server.requests().len(), 2, "no continuation is that young");
    source
        .filings(&wanted("2013-01-01", "2013-12-31"), VendorId(1))
        .unwrap();
    let asked = server.requests();
    assert_eq!(asked.len(), 4, "the list of companies is asked for once");
    assert_eq!(
        asked[3].target,
        "/submissions/CIK0001318605-submissions-001.json"
    );
    let unknown = RecordRequest {
        symbols: vec![symbol("NOPE")],
        ..wanted("2022-01-01", "2022-01-02")
    };
    let error = source.filings(&unknown, VendorId(1)).unwrap_err();
    assert!(error.to_string().contains("NOPE"), "{error}");
}

#[test]
fn records_are_stored_once_and_rejects_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let body = include_bytes!("../data/alpaca_actions.json");
    let read = |received: &str| {
        let stamp = Stamp {
            received: time(received),
            ..stamp()
        };
        alpaca_actions(body, stamp).unwrap().delivery
    };
    let first = put(&store, "alpaca", "q", &read("2026-01-02T00:00:00Z")).unwrap();
    assert!(
        first.put.added > 5 && first.rejects["unknown"] > 0,
        "{first:?}"
    );
    let file = first.quarantine.unwrap();
    assert!(
        std::fs::read_to_string(file)
            .unwrap()
            .contains("kind unit_splits")
    );
    let again = put(&store, "alpaca", "q", &read("2026-02-02T00:00:00Z")).unwrap();
    assert_eq!((again.put.added, again.put.replaced), (0, 0));
    assert_eq!(again.put.unchanged, first.put.added);
    let months = store.record_periods("alpaca", RecordKind::Actions).unwrap();
    assert!(months.contains(&"2023-05".to_owned()), "{months:?}");
}
