//! Live streams against a local server that misbehaves in every way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use trader_data::streams::{
    AlpacaStream, Body, Channel, Encoding, Filled, GapFiller, LiveStream, MassiveStream, NextEvent,
    Notice, Outage, PoolNews, PoolSettings, SessionSettings, StreamFault, StreamSettings,
    StreamingSource, Topic,
};
use trader_domain::{NANOS_PER_SECOND, Timestamp};
use trader_testkit::stream_server::{Dialect, Step, StreamServer};

use crate::http_faults::Wall;
use crate::symbol;

pub(super) const KEY: &str = "CANARY_SECRET";
const MILLISECOND: i64 = NANOS_PER_SECOND / 1_000;

pub(super) fn topics(symbols: &[&str], channels: &[Channel]) -> BTreeSet<Topic> {
    let mut all = BTreeSet::new();
    for text in symbols {
        let symbol = symbol(text);
        all.extend(channels.iter().map(|&channel| Topic { channel, symbol }));
    }
    all
}

pub(super) fn settings(connections: usize, buffer: usize) -> StreamSettings {
    StreamSettings {
        pool: PoolSettings {
            connections,
            session: SessionSettings {
                answer_nanos: 2 * NANOS_PER_SECOND,
                silence_nanos: 2 * NANOS_PER_SECOND,
                ping_nanos: 300 * MILLISECOND,
                first_wait_nanos: 20 * MILLISECOND,
                longest_wait_nanos: 100 * MILLISECOND,
            },
            ..PoolSettings::default()
        },
        buffer,
        settle: Duration::ZERO,
        ..StreamSettings::default()
    }
}

pub(super) fn alpaca(server: &StreamServer, encoding: Encoding) -> Arc<dyn StreamingSource> {
    Arc::new(AlpacaStream::new(
        &server.url("/v2/iex"),
        "KEY",
        KEY,
        encoding,
    ))
}

pub(super) fn start(
    source: Arc<dyn StreamingSource>,
    topics: &BTreeSet<Topic>,
    settings: StreamSettings,
) -> LiveStream {
    LiveStream::start(
        source,
        topics,
        settings,
        Arc::new(Wall),
        3,
        None,
        Arc::new(|_| true),
    )
    .unwrap()
}

pub(super) fn trade(name: &str, id: u32) -> Value {
    json!({"T": "t", "i": id, "S": name, "x": "D", "p": 126.55, "s": 1, "t": "2024-02-22T15:51:44.208Z", "c": ["@"], "z": "C"})
}

pub(super) fn quote(name: &str, nanos: u32) -> Value {
    let time = format!("2024-02-22T15:51:45.{nanos:09}Z");
    json!({"T": "q", "S": name, "bx": "U", "bp": 87.66, "bs": 100, "ax": "Q", "ap": 87.68, "as": 400, "t": time, "c": ["R"], "z": "C"})
}

/// Identifiers of the next prints, until so many came or none comes any more.
fn prints(stream: &LiveStream, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    while ids.len() < count {
        match stream.next(Duration::from_secs(5)) {
            NextEvent::Event(event) => {
                if let Body::Trade(print) = event.body {
                    ids.push(print.id.to_string());
                }
            }
            NextEvent::Nothing | NextEvent::Over(_) => break,
        }
    }
    ids
}

/// Notices until one of them is what is looked for.
fn await_notice(stream: &LiveStream, wanted: impl Fn(&Notice) -> bool) -> Notice {
    for _ in 0..500 {
        if let Some(found) = stream.notices().into_iter().find(&wanted) {
            return found;
        }
        let _event = stream.next(Duration::from_millis(10));
    }
    panic!("no such notice");
}

#[test]
fn both_vendors_and_encodings_are_read() {
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let server = StreamServer::start(Dialect::Alpaca, KEY, |_| {
            vec![
                Step::Welcome,
                Step::Send(vec![trade("AAPL", 1), trade("AAPL", 2)]),
            ]
        })
        .unwrap();
        let stream = start(
            alpaca(&server, encoding),
            &topics(&["AAPL"], &[Channel::Trades]),
            settings(3, 100),
        );
        assert_eq!(prints(&stream, 2), ["1", "2"]);
        let heard = server.heard();
        assert!(
            heard[0].contains("auth") && heard[1].contains(r#""trades":["AAPL"]"#),
            "{heard:?}"
        );
    }
    let server = StreamServer::start(Dialect::Massive, KEY, |_| {
        let print = json!({"ev": "T", "sym": "MSFT", "x": 4, "i": "12345", "z": 3, "p": 114.125, "s": 100, "c": [0], "t": 1_536_036_818_784_i64, "q": 3_681_328});
        vec![Step::Welcome, Step::Send(vec![print.clone(), print])]
    })
    .unwrap();
    let source: Arc<dyn StreamingSource> =
        Arc::new(MassiveStream::new(&server.url("/stocks"), KEY));
    let stream = start(
        source,
        &topics(&["MSFT"], &[Channel::Trades]),
        settings(3, 100),
    );
    assert_eq!(prints(&stream, 1), ["12345"]);
    let _wait = stream.next(Duration::from_millis(100));
    assert_eq!(stream.report().sequencing.duplicates, 1);
}

#[test]
fn every_way_of_breaking_ends_in_the_same_subscriptions_and_a_told_gap() {
    let breaks: [(&str, Step); 5] = [
        ("closed", Step::Close),
        ("closed", Step::Truncate),
        ("closed", Step::Cut),
        ("mute", Step::Mute),
        ("mute", Step::Idle),
    ];
    for (reason, broken) in breaks {
        let shown = format!("{broken:?}");
        let server = StreamServer::start(Dialect::Alpaca, KEY, move |number| {
            if number == 0 {
                vec![
                    Step::Welcome,
                    Step::Send(vec![trade("AAPL", 1)]),
                    broken.clone(),
                ]
            } else {
                vec![
                    Step::Welcome,
                    Step::Send(vec![trade("AAPL", 1), trade("AAPL", 2)]),
                ]
            }
        })
        .unwrap();
        let wanted = topics(&["AAPL", "MSFT"], &[Channel::Trades]);
        let stream = start(alpaca(&server, Encoding::Json), &wanted, settings(1, 100));
        assert_eq!(
            prints(&stream, 2),
            ["1", "2"],
            "{shown}: the repeated print is dropped"
        );
        let gap = await_notice(&stream, |notice| matches!(notice, Notice::Gap { .. }));
        let Notice::Gap {
            outage,
            filled,
            missing,
        } = gap
        else {
            panic!()
        };
        assert_eq!(
            (outage.topics, filled, missing.len()),
            (wanted, 0, 2),
            "{shown}"
        );
        let report = stream.report();
        assert_eq!(
            report.pool.faults.get(reason),
            Some(&1),
            "{shown}: {report:?}"
        );
        assert_eq!(
            (
                report.healthy,
                report.live_topics,
                report.sequencing.duplicates
            ),
            (1, 2, 1)
        );
        let subscriptions: Vec<String> = server
            .heard()
            .into_iter()
            .filter(|text| text.contains("subscribe"))
            .collect();
        assert_eq!(subscriptions.len(), 2);
        assert_eq!(subscriptions[0], subscriptions[1], "{shown}");
    }
}

#[test]
fn a_storm_of_cuts_ends_when_the_server_is_well_again() {
    let server = StreamServer::start(Dialect::Alpaca, KEY, |number| match number {
        0..10 => vec![Step::Cut],
        10..13 => vec![Step::RefuseConnection("406", "connection limit exceeded")],
        _ => vec![Step::Welcome, Step::Send(vec![trade("AAPL", 7)])],
    })
    .unwrap();
    let stream = start(
        alpaca(&server, Encoding::Json),
        &topics(&["AAPL"], &[Channel::Trades]),
        settings(1, 100),
    );
    assert_eq!(prints(&stream, 1), ["7"]);
    let faults = stream.report().pool.faults;
    assert_eq!(
        (faults.get("closed"), faults.get("connection_limit")),
        (Some(&10), Some(&3))
    );
}

#[test]
fn what_a_second_connection_was_refused_comes_over_the_first() {
    let server = StreamServer::start(Dialect::Alpaca, KEY, |number| {
        if number == 0 {
            let all: Vec<Value> = ["A", "B", "C"].iter().map(|name| trade(name, 1)).collect();
            vec![
                Step::Welcome,
                Step::Answer(Duration::from_millis(300)),
                Step::Send(all),
            ]
        } else {
            vec![Step::RefuseConnection("406", "connection limit exceeded")]
        }
    })
    .unwrap();
    let wanted = topics(&["A", "B", "C"], &[Channel::Trades]);
    let stream = start(alpaca(&server, Encoding::Json), &wanted, settings(3, 100));
    assert_eq!(prints(&stream, 3).len(), 3);
    let report = stream.report();
    assert_eq!((report.healthy, report.live_topics), (1, 3), "{report:?}");
    assert_eq!(report.pool.faults.get("connection_limit"), Some(&2));
}

#[test]
fn wrong_and_expired_keys_end_the_stream_with_their_type() {
    let server = StreamServer::start(Dialect::Alpaca, "another", |_| vec![Step::Welcome]).unwrap();
    let wanted = topics(&["A"], &[Channel::Trades]);
    let stream = start(alpaca(&server, Encoding::Json), &wanted, settings(1, 100));
    let NextEvent::Over(fault) = stream.next(Duration::from_secs(5)) else {
        panic!("goes on")
    };
    assert!(matches!(fault, StreamFault::Unauthorized(_)), "{fault}");
    assert!(!fault.to_string().contains("CANARY"));
    let server = StreamServer::start(Dialect::Massive, KEY, |_| {
        vec![Step::RefuseKey("auth_failed", "token expired")]
    })
    .unwrap();
    let source: Arc<dyn StreamingSource> =
        Arc::new(MassiveStream::new(&server.url("/stocks"), KEY));
    let stream = start(source, &wanted, settings(1, 100));
    let over = stream.next(Duration::from_secs(5));
    assert!(
        matches!(over, NextEvent::Over(StreamFault::TokenExpired(_))),
        "{over:?}"
    );
    assert_eq!(server.connections(), 1, "nobody knocks again");
}

#[test]
fn bad_frames_are_counted_and_the_good_ones_pass() {
    let server = StreamServer::start(Dialect::Alpaca, KEY, |_| {
        vec![
            Step::Welcome,
            Step::SendText("[{\"T\":".to_owned()),
            Step::Send(vec![
                trade("AAPL", 1),
                json!({"T": "new"}),
                json!({"T": "t"}),
                trade("AAPL", 2),
            ]),
        ]
    })
    .unwrap();
    let stream = start(
        alpaca(&server, Encoding::Json),
        &topics(&["AAPL"], &[Channel::Trades]),
        settings(1, 100),
    );
    assert_eq!(prints(&stream, 2), ["1", "2"]);
    let bad = stream.report().pool.bad;
    let counts = ["frame", "unknown_kind", "missing_field"].map(|reason| bad.get(reason).copied());
    assert_eq!(counts, [Some(1), Some(1), Some(1)]);
    let told = stream
        .notices()
        .into_iter()
        .filter(|notice| matches!(notice, Notice::Pool(PoolNews::Bad(_))));
    assert_eq!(told.count(), 3);
}

#[test]
fn ten_times_too_much_stays_within_the_buffer_and_loses_no_print() {
    const FRAMES: u32 = 200;
    let server = StreamServer::start(Dialect::Alpaca, KEY, |_| {
        let frame = |number: u32| {
            let mut all: Vec<Value> = (0..50).map(|n| quote("AAPL", number * 50 + n)).collect();
            all.push(trade("AAPL", number));
            Step::Send(all)
        };
        let mut steps = vec![Step::Welcome];
        steps.extend((0..FRAMES).map(frame));
        steps
    })
    .unwrap();
    let wanted = topics(&["AAPL"], &[Channel::Trades, Channel::Quotes]);
    let stream = start(alpaca(&server, Encoding::Json), &wanted, settings(1, 64));
    let mut ids = Vec::new();
    while ids.len() < FRAMES as usize {
        let NextEvent::Event(event) = stream.next(Duration::from_secs(5)) else {
            panic!("ended after {}", ids.len())
        };
        match event.body {
            Body::Trade(print) => ids.push(print.id.to_string()),
            // The reader is slower than the server.
            _ => std::thread::sleep(Duration::from_micros(300)),
        }
    }
    let expected: Vec<String> = (0..FRAMES).map(|number| number.to_string()).collect();
    assert_eq!(ids, expected);
    let buffer = stream.report().buffer;
    assert!(
        buffer.high_water <= 64 && buffer.conflated > 1_000,
        "{buffer:?}"
    );
}

struct OneEvent(std::sync::Mutex<Option<trader_data::streams::StreamEvent>>);

impl GapFiller for OneEvent {
    fn fill(&self, outage: &Outage, received: Timestamp) -> Filled {
        assert!(outage.from < outage.until && outage.until <= received);
        Filled {
            events: self.0.lock().unwrap().take().into_iter().collect(),
            missing: Vec::new(),
        }
    }
}

#[test]
fn what_history_has_of_the_gap_comes_through_the_stream() {
    let server = StreamServer::start(Dialect::Alpaca, KEY, |number| {
        let mut steps = vec![
            Step::Welcome,
            Step::Send(vec![trade("AAPL", if number == 0 { 1 } else { 11 })]),
        ];
        if number == 0 {
            steps.push(Step::Cut);
        }
        steps
    })
    .unwrap();
    let source = alpaca(&server, Encoding::Json);
    let decoded = source.decode(
        &trader_data::streams::Frame::Text(json!([trade("AAPL", 5)]).to_string()),
        crate::now(),
    );
    let Some(trader_data::streams::Incoming::Event(missed)) = decoded.into_iter().next() else {
        panic!()
    };
    let filler: Arc<dyn GapFiller> = Arc::new(OneEvent(std::sync::Mutex::new(Some(missed))));
    let wanted = topics(&["AAPL"], &[Channel::Trades]);
    let stream = LiveStream::start(
        source,
        &wanted,
        settings(1, 100),
        Arc::new(Wall),
        3,
        Some(filler),
        Arc::new(|_| true),
    )
    .unwrap();
    let mut ids = prints(&stream, 3);
    ids.sort_unstable();
    assert_eq!(ids, ["1", "11", "5"]);
}
