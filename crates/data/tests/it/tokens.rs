//! Tokens of a service: one call for many callers, renewed in time, three attempts, never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::Url;
use trader_data::http::{FetchFault, HttpClient, TokenSettings};
use trader_data::record_source::{PostSource, RecordRequest};
use trader_data::vendors::{Reddit, VendorLink, VendorRecords};
use trader_domain::{NANOS_PER_SECOND, SimulatedClock, Timestamp, VendorId};
use trader_testkit::http_server::{HttpServer, Reply, Request};

use crate::http_faults::client_at;
use crate::{date, symbol};

/// What the service of tokens and the service behind it do.
struct Service {
    server: HttpServer,
    clock: Arc<SimulatedClock>,
    client: Arc<HttpClient>,
}

fn is_token(request: &Request) -> bool {
    request.target == "/token"
}

impl Service {
    fn new(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let server = HttpServer::start(answer).unwrap();
        let clock = Arc::new(SimulatedClock::default());
        clock.advance_to(Timestamp::from_nanos(1_700_000_000 * NANOS_PER_SECOND));
        let settings = TokenSettings {
            url: Url::parse(&format!("{}/token", server.url())).unwrap(),
            client_id: "application".to_owned(),
            client_secret: "CANARY_SECRET".to_owned(),
        };
        let client = client_at("reddit", Arc::clone(&clock) as Arc<_>).with_tokens(settings);
        Self {
            server,
            clock,
            client: Arc::new(client),
        }
    }

    fn wait(&self, seconds: i64) {
        use trader_domain::Clock as _;
        let now = self.clock.now();
        self.clock
            .advance_to(now.saturating_add(seconds * NANOS_PER_SECOND));
    }

    /// Calls at once; gives their faults.
    fn ask(&self, calls: usize) -> Vec<FetchFault> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let url = Url::parse(&format!("{}/posts", self.server.url())).unwrap();
        runtime.block_on(async {
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..calls {
                let (client, url) = (Arc::clone(&self.client), url.clone());
                tasks.spawn(async move { client.get(&url).await });
            }
            let ended = tasks.join_all().await;
            let faults = ended.into_iter().filter_map(Result::err);
            faults
                .inspect(|error| assert!(!format!("{error} {error:?}").contains("CANARY")))
                .map(|error| error.fault)
                .collect()
        })
    }

    fn tokens_asked(&self) -> usize {
        self.server
            .requests()
            .iter()
            .filter(|one| is_token(one))
            .count()
    }
}

/// Tokens `CANARY_1`, `CANARY_2` … each good for a thousand seconds; calls need the newest.
fn in_order() -> impl Fn(&Request, usize) -> Reply + Send + Sync + 'static {
    let given = AtomicUsize::new(0);
    move |request, _| {
        if is_token(request) {
            let number = given.fetch_add(1, Ordering::SeqCst) + 1;
            return Reply::json(format!(
                r#"{{"access_token":"CANARY_{number}","token_type":"bearer","expires_in":1000}}"#
            ));
        }
        let newest = format!("Bearer CANARY_{}", given.load(Ordering::SeqCst));
        if request.header("authorization") == Some(&newest) {
            Reply::json("[]")
        } else {
            Reply::status(401, r#"{"message":"expired"}"#)
        }
    }
}

#[test]
fn many_callers_cause_one_call_for_a_token_that_is_renewed_at_four_fifths_of_its_life() {
    let service = Service::new(in_order());
    assert!(service.ask(8).is_empty());
    assert_eq!(service.tokens_asked(), 1);
    let asked = service.server.requests();
    let first = asked.iter().find(|one| is_token(one)).unwrap();
    assert_eq!(first.method, "POST");
    assert_eq!(first.body, b"grant_type=client_credentials");
    // application:CANARY_SECRET
    assert_eq!(
        first.header("authorization"),
        Some("Basic YXBwbGljYXRpb246Q0FOQVJZX1NFQ1JFVA==")
    );
    service.wait(799);
    assert!(service.ask(1).is_empty());
    assert_eq!(service.tokens_asked(), 1);
    service.wait(1);
    assert!(service.ask(8).is_empty());
    assert_eq!(service.tokens_asked(), 2);
}

#[test]
fn a_token_taken_back_before_its_time_is_replaced_once() {
    let inner = in_order();
    let revoked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&revoked);
    let service = Service::new(move |request, number| {
        if !is_token(request) && flag.swap(false, Ordering::SeqCst) {
            return Reply::status(401, r#"{"message":"revoked"}"#);
        }
        inner(request, number)
    });
    assert!(service.ask(1).is_empty());
    revoked.store(true, Ordering::SeqCst);
    assert!(service.ask(1).is_empty());
    assert_eq!(service.tokens_asked(), 2);
    let service = Service::new(|request, _| {
        if is_token(request) {
            return Reply::json(r#"{"access_token":"CANARY","expires_in":60}"#);
        }
        Reply::status(401, "{}")
    });
    let faults = service.ask(1);
    assert!(matches!(
        faults[0],
        FetchFault::Unauthorized { status: 401, .. }
    ));
    assert_eq!(service.tokens_asked(), 2, "not for ever");
}

#[test]
fn three_attempts_are_made_and_what_is_still_good_is_used_meanwhile() {
    let broken = Arc::new(AtomicBool::new(false));
    let (flag, inner) = (Arc::clone(&broken), in_order());
    let service = Service::new(move |request, number| {
        if is_token(request) && flag.load(Ordering::SeqCst) {
            return Reply::status(503, "{}");
        }
        inner(request, number)
    });
    assert!(service.ask(1).is_empty());
    broken.store(true, Ordering::SeqCst);
    service.wait(900);
    assert!(
        service.ask(1).is_empty(),
        "the old token is good for another while"
    );
    assert_eq!(service.tokens_asked(), 4);
    service.wait(200);
    let faults = service.ask(1);
    assert!(matches!(faults[0], FetchFault::Token(_)), "{faults:?}");
    assert_eq!(service.tokens_asked(), 7);
    broken.store(false, Ordering::SeqCst);
    assert!(service.ask(1).is_empty());
}

#[test]
fn answers_without_a_usable_token_are_refused_without_showing_them() {
    for answer in [
        r#"{"access_token":"CANARY"}"#,
        r#"{"access_token":"CANARY\n","expires_in":5}"#,
        r#"{"access_token":"CANARY","token_type":"mac","expires_in":5}"#,
        r#"{"error":"invalid_client CANARY"}"#,
        "CANARY",
    ] {
        let service = Service::new(move |_, _| Reply::json(answer));
        let faults = service.ask(1);
        assert!(matches!(faults[0], FetchFault::Token(_)), "{answer}");
        assert_eq!(service.tokens_asked(), 1, "{answer}");
    }
}

#[test]
fn posts_are_read_until_they_are_too_old_and_only_those_that_name_the_symbol() {
    let post = |id: &str, title: &str, day: i64| {
        format!(
            r#"{{"kind":"t3","data":{{"id":"{id}","author":"a","title":"{title}","selftext":"","created_utc":{}.0,"ups":12,"num_comments":3}}}}"#,
            1_672_756_200 + day * 86_400
        )
    };
    let pages = [
        format!(
            r#"{{"kind":"Listing","data":{{"after":"t3_b","children":[{},{},{{"kind":"t5","data":{{}}}}]}}}}"#,
            post("a", "AAPL up", 1),
            post("b", "apples", 0)
        ),
        format!(
            r#"{{"kind":"Listing","data":{{"after":"t3_c","children":[{},{{"kind":"t3","data":{{"id":1}}}}]}}}}"#,
            post("c", "old $AAPL", -9)
        ),
    ];
    let inner = in_order();
    let service = Service::new(move |request, number| {
        if is_token(request) {
            return inner(request, number);
        }
        Reply::json(pages[usize::from(request.target.contains("after=t3_b"))].clone())
    });
    let client = Arc::into_inner(service.client).unwrap();
    let quota = tempfile::tempdir().unwrap().keep().join("quota.json");
    let link = Arc::new(VendorLink::new(client, quota).unwrap());
    let vendor = Reddit::new(Url::parse(&service.server.url()).unwrap());
    let source = VendorRecords::new(vendor, link);
    let request = RecordRequest {
        symbols: vec![symbol("AAPL")],
        from: date("2023-01-03"),
        to: date("2023-01-31"),
    };
    let found = source.posts(&request, VendorId(2)).unwrap();
    assert_eq!(found.records.len(), 1);
    let post = &found.records[0];
    assert_eq!((post.id.as_str(), post.likes, post.replies), ("a", 12, 3));
    assert_eq!(post.text, "AAPL up");
    assert_eq!(found.rejects.len(), 1);
    assert_eq!(service.server.requests().len(), 3, "a token and two pages");
}
