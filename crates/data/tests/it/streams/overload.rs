//! Ten times more than the reader takes, for a while: memory stays flat, no print is lost, and the counters tell exactly
//! what became of every quote.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use trader_data::streams::{Body, Channel, Encoding, NextEvent};
use trader_testkit::Tier;
use trader_testkit::stream_server::{Dialect, Flood, Step, StreamServer};

use super::live::{KEY, alpaca, quote, settings, start, topics, trade};

/// Messages in a frame; the last one is a print.
const FRAME: u32 = 100;

/// Frames a second at most.
const FRAMES: u64 = 50;

/// Events that may wait.
const BUFFER: usize = 1_024;

/// What the flood may add to the process, both ends of the connection included, once it is under way.
const MOST_GROWTH: u64 = 8 << 20;

const SYMBOLS: [&str; 8] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// Bytes of the process in memory, where the system tells.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

/// A server that floods the first connection and counts what it offers.
fn flooding(frames: u64, offered: Arc<AtomicU64>) -> StreamServer {
    StreamServer::start(Dialect::Alpaca, KEY, move |connection| {
        // Silence after the flood is a fault by itself: it must not begin again.
        if connection > 0 {
            return vec![Step::Welcome];
        }
        let offered = Arc::clone(&offered);
        let frame = move |number: u64| {
            let number = u32::try_from(number).unwrap();
            let mut all: Vec<_> = (1..FRAME)
                .map(|at| {
                    let name = SYMBOLS[(at % 8) as usize];
                    quote(name, number * FRAME + at)
                })
                .collect();
            all.push(trade("A", number));
            offered.fetch_add(u64::from(FRAME), Ordering::SeqCst);
            all
        };
        let flood = Flood {
            frames,
            pause: Duration::from_millis(1_000 / FRAMES),
            frame: Arc::new(frame),
        };
        vec![Step::Welcome, Step::Flood(flood)]
    })
    .unwrap()
}

#[test]
fn torture_ten_times_too_much_for_a_while_keeps_memory_flat_and_every_print() {
    let frames = FRAMES * Tier::current().pick(5, 60);
    let sent = Arc::new(AtomicU64::new(0));
    let server = flooding(frames, Arc::clone(&sent));
    let wanted = topics(&SYMBOLS, &[Channel::Trades, Channel::Quotes]);
    let stream = start(
        alpaca(&server, Encoding::Json),
        &wanted,
        settings(1, BUFFER),
    );
    let all = frames * u64::from(FRAME);
    let (mut taken, mut quotes, mut prints) = (0, 0, Vec::new());
    let (mut before, mut most) = (None, 0);
    loop {
        // One of ten that were offered; all that is left when nothing more is.
        while sent.load(Ordering::SeqCst) < (10 * (taken + 1)).min(all) {
            std::thread::sleep(Duration::from_millis(1));
        }
        match stream.next(Duration::from_secs(2)) {
            NextEvent::Event(event) => match event.body {
                Body::Trade(print) => prints.push(print.id.to_string()),
                Body::Quote(_) => quotes += 1,
                other => panic!("{other:?}"),
            },
            NextEvent::Nothing if prints.len() as u64 == frames => break,
            NextEvent::Nothing => panic!("stuck after {taken} of {all}"),
            NextEvent::Over(fault) => panic!("{fault}"),
        }
        taken += 1;
        // Under way once a fifth has passed.
        if taken * 50 >= all && taken % 100 == 0 {
            let now = resident();
            before = before.or(now);
            most = most.max(now.unwrap_or(0));
        }
    }
    let expected: Vec<String> = (0..frames).map(|number| number.to_string()).collect();
    assert_eq!(prints, expected, "a print was lost, repeated or moved");
    let report = stream.report();
    let buffer = report.buffer;
    assert_eq!(
        quotes + buffer.conflated,
        all - frames,
        "every quote was seen or counted: {report:?}"
    );
    assert_eq!(buffer.accepted, all);
    assert_eq!(buffer.accepted - buffer.conflated, taken);
    assert!(buffer.high_water <= BUFFER, "{buffer:?}");
    assert!(buffer.conflated * 10 >= all * 8, "{buffer:?}");
    match before {
        Some(before) => {
            let growth = most.saturating_sub(before);
            println!("{all} offered, {taken} taken, grown by {growth} bytes from {before}");
            assert!(growth <= MOST_GROWTH, "grown by {growth} bytes");
        }
        None => println!("skipped: the system does not say how much memory is used"),
    }
}
