//! A vendor's bad answers, each one: what is tried again, what is told, what never leaks.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use trader_data::http::{FetchError, FetchFault, HttpClient, HttpSettings};
use trader_data::resilience::{
    BreakerSettings, HealthSettings, ProviderGuard, QuotaLimits, QuotaState, RetryPolicy,
};
use trader_data::vendors::Massive;
use trader_domain::{Clock, NANOS_PER_SECOND, Timestamp};
use trader_testkit::http_server::{HttpServer, Reply, Request};

const MILLISECOND: i64 = 1_000_000;

fn limits(per_minute: u32, per_day: u32) -> QuotaLimits {
    let some = |count| NonZeroU32::new(count).unwrap();
    QuotaLimits {
        per_minute: some(per_minute),
        per_day: some(per_day),
        burst: some(per_minute),
    }
}

fn settings() -> HttpSettings {
    HttpSettings {
        timeout: Duration::from_millis(400),
        longest_body: 10_000,
        in_flight: 4,
        longest_pace: Duration::from_secs(1),
        retry: RetryPolicy {
            attempts: 3,
            first_wait_nanos: MILLISECOND,
            longest_wait_nanos: 4 * MILLISECOND,
            longest_told_nanos: NANOS_PER_SECOND / 10,
        },
    }
}

/// The waits here are real, so the clock is.
pub(crate) struct Wall;

impl Clock for Wall {
    #[allow(
        clippy::disallowed_methods,
        reason = "the waits in these tests are real"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_nanos(i64::try_from(since.unwrap().as_nanos()).unwrap())
    }
}

fn client_with(limits: QuotaLimits, settings: HttpSettings) -> HttpClient {
    named_client("vendor", limits, settings)
}

fn named_client(name: &str, limits: QuotaLimits, settings: HttpSettings) -> HttpClient {
    clocked_client(name, limits, settings, Arc::new(Wall))
}

/// With a clock that is moved by hand.
pub(crate) fn client_at(name: &str, clock: Arc<dyn Clock>) -> HttpClient {
    clocked_client(name, limits(1_000, 10_000), settings(), clock)
}

fn clocked_client(
    name: &str,
    limits: QuotaLimits,
    settings: HttpSettings,
    clock: Arc<dyn Clock>,
) -> HttpClient {
    let breaker = BreakerSettings {
        failures: 5,
        open_nanos: 60 * NANOS_PER_SECOND,
        longest_open_nanos: 60 * NANOS_PER_SECOND,
    };
    let guard = ProviderGuard::new(
        limits,
        QuotaState::default(),
        breaker,
        HealthSettings::default(),
    );
    let headers = Massive::headers("CANARY_SECRET").unwrap();
    HttpClient::new(name, headers, guard, clock, 1, settings).unwrap()
}

fn client(name: &str) -> HttpClient {
    named_client(name, limits(1_000, 10_000), settings())
}

/// With room for recorded answers.
pub(crate) fn roomy_client(name: &str) -> HttpClient {
    let settings = HttpSettings {
        longest_body: 1_000_000,
        ..settings()
    };
    named_client(name, limits(1_000, 10_000), settings)
}

fn fetch(client: &HttpClient, server: &HttpServer) -> Result<Vec<u8>, FetchError> {
    let url = Url::parse(&format!("{}/v2/bars?apikey=CANARY_SECRET", server.url())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(client.get(&url))
}

/// The error when every answer is this one, and how often was asked.
fn always(reply: Reply) -> (FetchFault, usize) {
    let server = HttpServer::start(move |_, _| reply.clone()).unwrap();
    let error = fetch(&client("vendor"), &server).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("CANARY"), "a key in a message: {text}");
    assert_eq!(error.path, "/v2/bars");
    (error.fault, server.requests().len())
}

/// Answers with these in turn, then with a good body.
fn in_turn(bad: Vec<Reply>) -> impl Fn(&Request, usize) -> Reply + Send + Sync + 'static {
    move |_, number| {
        bad.get(number)
            .cloned()
            .unwrap_or_else(|| Reply::json("[1]"))
    }
}

#[test]
fn what_passes_is_tried_again_until_it_is_good() {
    let cut = Reply::CutShort {
        body: b"[1, 2, 3]".to_vec(),
        sent: 4,
    };
    for bad in [
        Reply::status(500, "{}"),
        Reply::status(502, "<html>"),
        Reply::status(503, ""),
        Reply::status(408, "{}"),
        Reply::status(429, "{}"),
        Reply::status(429, "{}").with("retry-after", "0"),
        Reply::Hangup,
        Reply::Garbage(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec()),
        cut,
    ] {
        let server = HttpServer::start(in_turn(vec![bad.clone(), bad.clone()])).unwrap();
        let body =
            fetch(&client("vendor"), &server).unwrap_or_else(|error| panic!("{bad:?}: {error}"));
        assert_eq!(body, b"[1]");
        assert_eq!(server.requests().len(), 3);
    }
}

#[test]
fn what_stays_bad_ends_with_its_reason() {
    let (fault, asked) = always(Reply::status(503, r#"{"message":"maintenance"}"#));
    assert!(
        matches!(&fault, FetchFault::Server { status: 503, message } if message == "maintenance")
    );
    assert_eq!(asked, 3);
    let (fault, asked) = always(Reply::Silence);
    assert!(matches!(fault, FetchFault::Timeout(_)));
    assert_eq!(asked, 3);
    let drip = Reply::Drip {
        body: b"[1, 2, 3, 4, 5, 6, 7, 8, 9]".to_vec(),
        pause: Duration::from_millis(50),
    };
    let (fault, asked) = always(drip);
    assert!(
        matches!(fault, FetchFault::Timeout(_)),
        "slow from start to end"
    );
    assert_eq!(asked, 3);
}

#[test]
fn what_asking_again_does_not_mend_is_asked_once() {
    let told = |status: u16| always(Reply::status(status, r#"{"message":"no"}"#));
    for status in [401, 403] {
        let (fault, asked) = told(status);
        assert!(matches!(fault, FetchFault::Unauthorized { .. }));
        assert_eq!(asked, 1);
    }
    for status in [400, 404, 422] {
        let (fault, asked) = told(status);
        assert!(matches!(fault, FetchFault::Refused { .. }));
        assert_eq!(asked, 1);
    }
    let page = Reply::status(200, "<html>Sign in</html>").with("content-type", "text/html");
    let (fault, asked) = always(page);
    assert!(matches!(fault, FetchFault::ContentType { .. }));
    assert_eq!(asked, 1);
    let (fault, asked) = always(Reply::json(vec![b' '; 10_001]));
    assert!(matches!(fault, FetchFault::TooLong { limit: 10_000 }));
    assert_eq!(asked, 1);
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = HttpServer::start(|_, _| Reply::json("[1]")).unwrap();
    let target = elsewhere.url();
    let (fault, asked) = always(Reply::status(302, "").with("location", &target));
    assert!(matches!(fault, FetchFault::Redirect { status: 302 }));
    assert_eq!(asked, 1);
    assert_eq!(elsewhere.requests(), []);
}

#[test]
fn a_wait_that_is_too_long_ends_the_call_and_holds_back_the_next() {
    let reply = Reply::status(429, "{}").with("retry-after", "60");
    let server = HttpServer::start(move |_, _| reply.clone()).unwrap();
    let client = client("vendor");
    let fault = fetch(&client, &server).unwrap_err().fault;
    assert!(
        matches!(fault, FetchFault::Throttled { wait_nanos: Some(wait) } if wait == 60 * NANOS_PER_SECOND)
    );
    let fault = fetch(&client, &server).unwrap_err().fault;
    assert!(matches!(fault, FetchFault::TooBusy { .. }), "{fault}");
    assert_eq!(server.requests().len(), 1, "the vendor is left alone");
}

#[test]
fn a_service_that_is_down_is_not_asked_any_more() {
    let server = HttpServer::start(|_, _| Reply::Hangup).unwrap();
    let client = client("vendor");
    for _ in 0..2 {
        fetch(&client, &server).unwrap_err();
    }
    let fault = fetch(&client, &server).unwrap_err().fault;
    assert!(matches!(fault, FetchFault::CircuitOpen { .. }), "{fault}");
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn the_day_s_quota_counts_attempts_and_is_not_exceeded() {
    let server = HttpServer::start(in_turn(vec![Reply::status(500, "{}")])).unwrap();
    let client = client_with(limits(100, 3), settings());
    fetch(&client, &server).unwrap();
    fetch(&client, &server).unwrap();
    let fault = fetch(&client, &server).unwrap_err().fault;
    assert!(matches!(fault, FetchFault::DayUsedUp { .. }));
    assert_eq!(server.requests().len(), 3);
    let report = client.guard().report(Wall.now());
    assert_eq!((report.calls, report.failed, report.left_today), (3, 1, 0));
}
