//! Behaviour of the cache, one sentence per test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says when it skips"
)]

mod entries;
mod files;
mod memory;
mod redis;

use std::sync::Arc;

use trader_cache::{Bounds, Cache, Key, Kind, Layers, Lifetimes};
use trader_domain::{Clock as _, SimulatedClock, Timestamp};

/// Roomy bounds.
const ROOM: Bounds = Bounds {
    entries: 1_000,
    bytes: 8 << 20,
};

fn clock() -> Arc<SimulatedClock> {
    Arc::new(SimulatedClock::at("2026-01-05T15:00:00Z".parse().unwrap()))
}

fn later(clock: &SimulatedClock, seconds: u64) {
    let seconds = i64::try_from(seconds).unwrap();
    let then = clock.now().nanos() + seconds * 1_000_000_000;
    clock.advance_to(Timestamp::from_nanos(then));
}

fn cache(bounds: Bounds, layers: Layers, clock: &Arc<SimulatedClock>) -> Cache {
    Cache::new(bounds, Lifetimes::default(), layers, Arc::clone(clock) as _)
}

fn key(kind: Kind, name: &str) -> Key {
    Key::new(kind, &["alpaca", name]).unwrap()
}

/// An answer from the cache or from this load; true when it was loaded.
fn answer(cache: &Cache, name: &str, content: &[u8]) -> (Vec<u8>, bool) {
    let mut loaded = false;
    let found = cache.get_answer(&key(Kind::Answers, name), || {
        loaded = true;
        Ok::<_, ()>(content.to_vec())
    });
    (found.unwrap().to_vec(), loaded)
}
