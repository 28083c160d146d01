//! Every vendor's answers, each bad in every way: what it ends in, how often is asked, and that nothing faulty is
//! stored. One table for all, one test for each vendor.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Url;
use trader_data::gather::{Kept, put};
use trader_data::http::{FetchFault, TokenSettings};
use trader_data::record_source::{
    Delivery, FilingSource, NewsSource, PostSource, RecordRequest, ReferenceSource,
};
use trader_data::vendors::{
    Alpaca, AlpacaFeed, AlphaVantage, AskError, BarVendor, Benzinga, Edgar, Finnhub, Massive,
    Reddit, VendorBars, VendorLink, VendorRecords, Yahoo,
};
use trader_domain::{Timeframe, VendorId};
use trader_storage::store::MarketStore;
use trader_testkit::http_server::{HttpServer, Reply};

use crate::http_faults::{Wall, client_at};
use crate::vendors::{base, fill, january, link};
use crate::{date, symbol};

/// What a question came to: the fault's kind, records stored, records set aside.
type Ended = (Option<&'static str>, u64, u64);

/// A vendor's good answer, and what becomes of it when a part is replaced. An empty part means all of it.
struct Table {
    ask: fn(&HttpServer) -> Ended,
    good: &'static str,
    stored: u64,
    changed: &'static [(&'static str, &'static str, Ended)],
}

fn kind(fault: &FetchFault) -> &'static str {
    match fault {
        FetchFault::Throttled { .. } => "throttled",
        FetchFault::Server { .. } => "server",
        FetchFault::CutShort(_) => "cut_short",
        FetchFault::Timeout(_) => "timeout",
        FetchFault::ContentType { .. } => "content_type",
        FetchFault::Unauthorized { .. } => "unauthorized",
        FetchFault::Content(_) => "content",
        FetchFault::Refused { .. } => "refused",
        other => panic!("{other}"),
    }
}

/// The kind by the words of a backfill's summary, which keeps no types.
fn kind_of_words(reason: &str) -> &'static str {
    let known = [
        ("that we ask too much", "throttled"),
        ("the provider answers", "server"),
        ("cut short", "cut_short"),
        ("no complete answer", "timeout"),
        ("not JSON", "content_type"),
        ("the key is not accepted", "unauthorized"),
        ("cannot be used", "content"),
        ("refuses the request", "refused"),
    ];
    let found = known.iter().find(|(words, _)| reason.contains(words));
    found.unwrap_or_else(|| panic!("{reason}")).1
}

fn store() -> (tempfile::TempDir, MarketStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    (folder, store)
}

fn bars<V: BarVendor>(vendor: V, timeframe: Timeframe) -> Ended {
    let line = link(vendor.name());
    let source = VendorBars::new(vendor, line, timeframe).unwrap();
    let (_folder, store) = store();
    let summary = fill(&source, &store, &january(&["AAPL"], timeframe));
    let in_store: u64 = store
        .series()
        .unwrap()
        .iter()
        .map(|key| store.manifest(key).unwrap().unwrap().rows())
        .sum();
    assert_eq!(in_store, summary.added);
    let fault = summary
        .failures
        .values()
        .next()
        .map(|reason| kind_of_words(reason));
    // A unit that cannot be used is itself set aside, with its reason.
    let units = u64::from(fault.is_some());
    let rejects: u64 = summary.rejects.values().sum();
    (fault, summary.added, rejects - units)
}

fn records<T: Kept>(asked: Result<Delivery<T>, AskError>) -> Ended {
    let delivery = match asked {
        Ok(delivery) => delivery,
        Err(AskError::Fetch(error)) => return (Some(kind(&error.fault)), 0, 0),
        Err(other) => panic!("{other}"),
    };
    let (_folder, store) = store();
    let gathered = put(&store, "vendor", "question", &delivery).unwrap();
    (None, gathered.put.added, gathered.rejects.values().sum())
}

fn wanted(symbols: &[&str], from: &str, to: &str) -> RecordRequest {
    RecordRequest {
        symbols: symbols.iter().map(|text| symbol(text)).collect(),
        from: date(from),
        to: date(to),
    }
}

fn apple() -> RecordRequest {
    wanted(&["AAPL"], "2023-01-01", "2023-01-31")
}

fn posts(server: &HttpServer) -> Ended {
    let tokens = TokenSettings {
        url: Url::parse(&format!("{}/token", server.url())).unwrap(),
        client_id: "application".to_owned(),
        client_secret: "CANARY_SECRET".to_owned(),
    };
    let client = client_at("reddit", Arc::new(Wall)).with_tokens(tokens);
    let quota = tempfile::tempdir().unwrap().keep().join("quota.json");
    let line = Arc::new(VendorLink::new(client, quota).unwrap());
    records(VendorRecords::new(Reddit::new(base(server)), line).posts(&apple(), VendorId(1)))
}

/// Serves what leads to the question itself, which is answered by `reply`; counts the questions.
fn serve(reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> (HttpServer, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = HttpServer::start(move |request, _| match request.target.as_str() {
        "/token" => Reply::json(r#"{"access_token":"T","token_type":"bearer","expires_in":999}"#),
        "/files/company_tickers.json" => {
            Reply::json(r#"{"0":{"cik_str":1318605,"ticker":"TSLA","title":"Tesla"}}"#)
        }
        _ => reply(count.fetch_add(1, Ordering::SeqCst)),
    })
    .unwrap();
    (server, asked)
}

/// Asks while the server always says this.
fn against(table: &Table, reply: Reply) -> (Ended, usize) {
    let (server, asked) = serve(move |_| reply.clone());
    let ended = (table.ask)(&server);
    (ended, asked.load(Ordering::SeqCst))
}

fn survives(table: &Table) {
    let good = table.good.as_bytes();
    let sound = (None, table.stored, 0);
    assert_eq!(against(table, Reply::json(good)), (sound, 1));
    let limit = Reply::status(429, "{}");
    let cut = Reply::CutShort {
        body: good.to_vec(),
        sent: good.len() / 2,
    };
    let drip = Reply::Drip {
        body: good.to_vec(),
        pause: Duration::from_millis(20),
    };
    let page = Reply::status(200, "<html>").with("content-type", "text/html");
    let faults = [
        ("throttled", 3, limit.clone()),
        ("throttled", 1, limit.clone().with("retry-after", "60")),
        ("server", 3, Reply::status(500, "{}")),
        ("server", 3, Reply::status(503, "<html>down</html>")),
        ("cut_short", 3, cut),
        ("timeout", 3, drip),
        ("content_type", 1, page),
        ("content", 1, Reply::json(&good[..good.len() / 2])),
        ("content", 1, Reply::json("")),
        ("content", 1, Reply::json(r#"{"surprise":true}"#)),
        ("refused", 1, Reply::status(422, r#"{"message":"no"}"#)),
    ];
    for (expected, attempts, reply) in faults {
        let shown = format!("{reply:?}");
        let ended = against(table, reply);
        assert_eq!(ended, ((Some(expected), 0, 0), attempts), "{shown:.120}");
    }
    for &(from, to, expected) in table.changed {
        let body = if from.is_empty() {
            to.to_owned()
        } else {
            assert!(table.good.contains(from), "{from}");
            table.good.replacen(from, to, 1)
        };
        let (ended, attempts) = against(table, Reply::json(body));
        assert_eq!((ended, attempts), (expected, 1), "{from} -> {to}");
    }
    // What passes is overcome: a limit, then a short answer, then a good one.
    let whole = table.good;
    let (server, asked) = serve(move |number| match number {
        0 => Reply::status(429, "{}").with("retry-after", "0"),
        1 => Reply::CutShort {
            body: whole.into(),
            sent: 3,
        },
        _ => Reply::json(whole),
    });
    assert_eq!((table.ask)(&server), sound);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

/// A key that has ended: said once, asked once, nothing stored.
fn tells_of_an_expired_key(table: &Table) {
    let expired = Reply::status(401, r#"{"message":"token expired"}"#);
    assert_eq!(against(table, expired), ((Some("unauthorized"), 0, 0), 1));
}

const CONTENT: Ended = (Some("content"), 0, 0);
const NOTHING: Ended = (None, 0, 0);

#[test]
fn bars_of_alpaca() {
    let table = Table {
        ask: |server| {
            bars(
                Alpaca::new(base(server), AlpacaFeed::Sip),
                Timeframe::MINUTE,
            )
        },
        good: r#"{"symbol":"AAPL","bars":[{"t":"2023-01-03T14:30:00Z","o":100.1,"h":100.3,"l":100.05,"c":100.2,"v":1200,"n":7,"vw":100.15},{"t":"2023-01-03T14:31:00Z","o":100.2,"h":100.3,"l":100.1,"c":100.25,"v":800,"n":5,"vw":100.2}],"next_page_token":null}"#,
        stored: 2,
        changed: &[
            ("\"o\":100.1", "\"o\":true", (None, 1, 1)),
            ("\"o\":100.1", "\"o\":[1,2]", (None, 1, 1)),
            (
                "\"t\":\"2023-01-03T14:30:00Z\"",
                "\"t\":\"soon\"",
                (None, 1, 1),
            ),
            ("\"l\":100.05", "\"l\":100.5", (None, 1, 1)),
            (
                "\"vw\":100.15",
                "\"vw\":100.15,\"session\":\"overnight\"",
                (None, 2, 0),
            ),
            ("\"AAPL\"", "\"TSLA\"", CONTENT),
            (
                "",
                r#"{"symbol":"AAPL","bars":null,"next_page_token":null}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"symbol":"AAPL","bars":[],"next_page_token":null}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"code":42910000,"message":"rate limit exceeded"}"#,
                CONTENT,
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn bars_of_massive() {
    let table = Table {
        ask: |server| bars(Massive::new(base(server)), Timeframe::Session),
        good: r#"{"ticker":"AAPL","adjusted":false,"status":"OK","results":[{"t":1672722000000,"o":125.07,"h":130.9,"l":124.17,"c":125.07,"v":112117470,"n":1021065,"vw":125.725},{"t":1672808400000,"o":126,"h":128,"l":125,"c":127,"v":9,"n":2,"vw":126.5}]}"#,
        stored: 2,
        changed: &[
            ("\"o\":125.07", "\"o\":null", (None, 1, 1)),
            ("\"v\":112117470", "\"v\":-1", (None, 1, 1)),
            ("\"h\":130.9", "\"h\":{}", (None, 1, 1)),
            ("\"status\":\"OK\"", "\"status\":\"DELAYED\"", (None, 2, 0)),
            ("\"status\":\"OK\"", "\"status\":\"PARTIAL\"", CONTENT),
            ("\"AAPL\"", "\"TSLA\"", CONTENT),
            ("\"adjusted\":false", "\"adjusted\":true", CONTENT),
            (
                "",
                r#"{"ticker":"AAPL","adjusted":false,"status":"OK","results":[]}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"status":"ERROR","error":"Unknown API Key"}"#,
                CONTENT,
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn bars_of_finnhub() {
    let table = Table {
        ask: |server| bars(Finnhub::new(base(server)), Timeframe::Session),
        good: r#"{"s":"ok","t":[1672722000,1672790400],"o":[125.0,126],"h":[130.9,128.5],"l":[124.17,125.25],"c":[125.07,126.36],"v":[112117471,89113633]}"#,
        stored: 2,
        changed: &[
            ("[125.0,", "[\"x\",", (None, 1, 1)),
            ("[1672722000,", "[null,", (None, 1, 1)),
            ("[130.9,", "[1.9,", (None, 1, 1)),
            ("[125.0,", "[", CONTENT),
            ("\"s\":\"ok\"", "\"s\":\"stale\"", CONTENT),
            ("", r#"{"s":"no_data"}"#, NOTHING),
            ("", r#"{"s":"ok"}"#, NOTHING),
            (
                "",
                r#"{"error":"You don't have access to this resource."}"#,
                CONTENT,
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn bars_of_alpha_vantage() {
    let table = Table {
        ask: |server| {
            bars(
                AlphaVantage::new(base(server), "CANARY"),
                Timeframe::Session,
            )
        },
        good: r#"{"Meta Data":{"2. Symbol":"AAPL","5. Time Zone":"US/Eastern"},"Time Series (Daily)":{"2023-01-04":{"1. open":"126.00","2. high":"128.00","3. low":"125.00","4. close":"127.00","5. volume":"9"},"2023-01-03":{"1. open":"125.07","2. high":"130.90","3. low":"124.17","4. close":"125.07","5. volume":"112117471"}}}"#,
        stored: 2,
        changed: &[
            ("\"126.00\"", "\"abc\"", (None, 1, 1)),
            ("\"126.00\"", "{}", (None, 1, 1)),
            ("\"125.00\"", "\"129.00\"", (None, 1, 1)),
            ("\"1. open\":\"126.00\",", "", CONTENT),
            ("\"AAPL\"", "\"TSLA\"", CONTENT),
            ("Time Series (Daily)", "Time Series (Weekly)", CONTENT),
            (
                "",
                r#"{"Meta Data":{"2. Symbol":"AAPL"},"Time Series (Daily)":{}}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"Note":"Our standard API call frequency is 5 calls per minute."}"#,
                (Some("throttled"), 0, 0),
            ),
            (
                "",
                r#"{"Information":"This is a premium endpoint."}"#,
                (Some("unauthorized"), 0, 0),
            ),
            (
                "",
                r#"{"Error Message":"Invalid API call."}"#,
                (Some("refused"), 0, 0),
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn bars_of_yahoo() {
    let table = Table {
        ask: |server| bars(Yahoo::new(base(server)), Timeframe::Session),
        good: r#"{"chart":{"result":[{"meta":{"currency":"USD","symbol":"AAPL","dataGranularity":"1d"},"timestamp":[1672756200,1672842600],"indicators":{"quote":[{"open":[125.07,126],"high":[130.9,128.5],"low":[124.17,125.25],"close":[125.07,126.36],"volume":[112117471,89113633]}]}}],"error":null}}"#,
        stored: 2,
        changed: &[
            ("\"open\":[125.07,", "\"open\":[\"x\",", (None, 1, 1)),
            ("\"open\":[125.07,", "\"open\":[null,", (None, 1, 1)),
            ("[130.9,", "[0,", (None, 1, 1)),
            ("\"open\":[125.07,", "\"open\":[", CONTENT),
            ("\"AAPL\"", "\"TSLA\"", CONTENT),
            ("\"1d\"", "\"3mo\"", CONTENT),
            (
                "",
                r#"{"chart":{"result":[{"meta":{"symbol":"AAPL","dataGranularity":"1d"},"indicators":{"quote":[{}]}}],"error":null}}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}"#,
                (Some("refused"), 0, 0),
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn corporate_actions_of_yahoo() {
    let table = Table {
        ask: |server| {
            let source = VendorRecords::new(Yahoo::new(base(server)), link("yahoo"));
            records(source.actions(&apple(), VendorId(1)))
        },
        good: r#"{"chart":{"result":[{"meta":{"symbol":"AAPL","currency":"USD"},"events":{"dividends":{"1":{"amount":0.23,"date":1672756200}}}}],"error":null}}"#,
        stored: 1,
        changed: &[
            ("0.23", "\"lots\"", (None, 0, 1)),
            ("0.23", "-0.23", (None, 0, 1)),
            ("\"USD\"", "\"GBP\"", (None, 0, 1)),
            ("\"AAPL\"", "\"TSLA\"", CONTENT),
            (
                "",
                r#"{"chart":{"result":[{"meta":{"symbol":"AAPL"}}],"error":null}}"#,
                NOTHING,
            ),
            (
                "",
                r#"{"chart":{"result":null,"error":{"code":"Unauthorized"}}}"#,
                (Some("refused"), 0, 0),
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn news_of_alpaca() {
    let table = Table {
        ask: |server| {
            let vendor = Alpaca::new(base(server), AlpacaFeed::Sip);
            let source = VendorRecords::new(vendor, link("alpaca"));
            // Two symbols are asked for, the page holds one.
            let request = wanted(&["AAPL", "MSFT"], "2023-01-01", "2023-01-31");
            records(source.news(&request, VendorId(1)))
        },
        good: r#"{"news":[{"id":1,"headline":"h","author":"a","created_at":"2023-01-03T14:30:00Z","updated_at":"2023-01-03T14:30:00Z","summary":"s","content":"","url":"https://example.com","images":[],"symbols":["AAPL"],"source":"benzinga"}],"next_page_token":null}"#,
        stored: 1,
        changed: &[
            ("\"headline\":\"h\"", "\"headline\":7", (None, 0, 1)),
            ("2023-01-03T14:30:00Z", "yesterday", (None, 0, 1)),
            (
                "\"source\":\"benzinga\"",
                "\"source\":\"tokenwire\",\"tier\":3",
                (None, 1, 0),
            ),
            ("", r#"{"news":[],"next_page_token":null}"#, NOTHING),
            ("", r#"{"message":"forbidden."}"#, CONTENT),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn news_of_massive() {
    let table = Table {
        ask: |server| {
            let source = VendorRecords::new(Massive::new(base(server)), link("massive"));
            records(source.news(&apple(), VendorId(1)))
        },
        good: r#"{"status":"OK","results":[{"id":"1","publisher":{"name":"p"},"title":"t","published_utc":"2023-01-03T14:30:00Z","article_url":"https://example.com","tickers":["AAPL"],"description":"d"}]}"#,
        stored: 1,
        changed: &[
            ("\"title\":\"t\"", "\"title\":{}", (None, 0, 1)),
            ("2023-01-03T14:30:00Z", "1672756200", (None, 0, 1)),
            (
                "\"description\":\"d\"",
                "\"insights\":[{\"sentiment\":\"euphoric\"}]",
                (None, 1, 0),
            ),
            ("\"status\":\"OK\"", "\"status\":\"NEW\"", CONTENT),
            ("", r#"{"status":"OK","results":[]}"#, NOTHING),
            (
                "",
                r#"{"status":"NOT_AUTHORIZED","message":"upgrade"}"#,
                (Some("unauthorized"), 0, 0),
            ),
            ("", r#"{"status":"ERROR","error":"exceeded"}"#, CONTENT),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn news_of_finnhub() {
    let table = Table {
        ask: |server| {
            let source = VendorRecords::new(Finnhub::new(base(server)), link("finnhub"));
            records(source.news(&apple(), VendorId(1)))
        },
        good: r#"[{"category":"company","datetime":1672756200,"headline":"h","id":25286,"related":"AAPL","source":"s","summary":"","url":"https://example.com"}]"#,
        stored: 1,
        changed: &[
            ("1672756200", "\"soon\"", (None, 0, 1)),
            ("\"headline\":\"h\"", "\"headline\":null", (None, 0, 1)),
            (
                "\"category\":\"company\"",
                "\"category\":\"tokens\"",
                (None, 1, 0),
            ),
            ("", "[]", NOTHING),
            ("", r#"{"error":"Invalid API key"}"#, CONTENT),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn news_of_benzinga() {
    let table = Table {
        ask: |server| {
            let vendor = Benzinga::new(base(server), "CANARY");
            let source = VendorRecords::new(vendor, link("benzinga"));
            let request = wanted(&["AAPL", "MSFT"], "2023-01-01", "2023-01-31");
            records(source.news(&request, VendorId(1)))
        },
        good: r#"[{"id":1,"author":"a","created":"Tue, 03 Jan 2023 14:20:15 -0400","title":"t","teaser":"x","body":"","stocks":[{"name":"AAPL"}]}]"#,
        stored: 1,
        changed: &[
            ("Tue, 03 Jan 2023", "Some day", (None, 0, 1)),
            ("\"title\":\"t\"", "\"title\":[]", (None, 0, 1)),
            (
                "\"stocks\":[{\"name\":\"AAPL\"}]",
                "\"stocks\":[{\"name\":\"AAPL\",\"kind\":\"new\"}]",
                (None, 1, 0),
            ),
            ("", "[]", NOTHING),
            (
                "",
                r#"{"ok":false,"errors":[{"code":"auth_failed"}]}"#,
                CONTENT,
            ),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

#[test]
fn filings_of_edgar() {
    let table = Table {
        ask: |server| {
            let vendor = Edgar::new(base(server), base(server));
            let source = VendorRecords::new(vendor, link("edgar"));
            let request = wanted(&["TSLA"], "2022-11-30", "2022-12-31");
            records(source.filings(&request, VendorId(1)))
        },
        good: include_str!("../data/edgar_submissions.json"),
        stored: 1,
        changed: &[
            ("2022-11-30T16:42:36.000Z", "at noon", (None, 0, 1)),
            (
                "\"form\": [\n    \"4\"",
                "\"form\": [\n    \"4/Z-NEW\"",
                (None, 1, 0),
            ),
            ("\"form\": [\n    \"4\"", "\"form\": [\n    4", (None, 0, 1)),
            ("\"form\": [", "\"form\": [\"8-K\",", CONTENT),
            ("", r#"{"message":"Undeclared automated tool"}"#, CONTENT),
        ],
    };
    survives(&table);
    tells_of_an_expired_key(&table);
}

const POSTS: Table = Table {
    ask: posts,
    good: r#"{"kind":"Listing","data":{"after":null,"children":[{"kind":"t3","data":{"id":"a","author":"x","title":"AAPL up","selftext":"","created_utc":1672756200.0,"ups":12,"num_comments":3}}]}}"#,
    stored: 1,
    changed: &[
        ("\"ups\":12", "\"ups\":\"many\"", (None, 0, 1)),
        ("1672756200.0", "null", (None, 0, 1)),
        ("\"kind\":\"t3\"", "\"kind\":\"t9\"", NOTHING),
        ("AAPL up", "MSFT up", NOTHING),
        (
            "",
            r#"{"kind":"Listing","data":{"after":null,"children":[]}}"#,
            NOTHING,
        ),
        ("", r#"{"error":403,"reason":"private"}"#, CONTENT),
    ],
};

#[test]
fn posts_of_reddit() {
    survives(&POSTS);
}

#[test]
fn an_expired_token_of_reddit_is_replaced_once() {
    let (server, asked) = serve(|number| match number {
        0 => Reply::status(401, r#"{"message":"expired"}"#),
        _ => Reply::json(POSTS.good),
    });
    assert_eq!(posts(&server), (None, 1, 0));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    let expired = Reply::status(401, r#"{"message":"expired"}"#);
    assert_eq!(against(&POSTS, expired), ((Some("unauthorized"), 0, 0), 2));
}
