//! A hit in memory: `cargo bench -p trader-cache`. The specification wants it below a microsecond.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use trader_cache::{Bounds, Cache, Key, Kind, Layers, Lifetimes};
use trader_domain::SimulatedClock;

fn hit(criterion: &mut Criterion) {
    let clock = Arc::new(SimulatedClock::at("2026-01-05T15:00:00Z".parse().unwrap()));
    let bounds = Bounds {
        entries: 10_000,
        bytes: 64 << 20,
    };
    let cache = Cache::new(bounds, Lifetimes::default(), Layers::default(), clock);
    let keys: Vec<Key> = (0..1_000)
        .map(|number| Key::new(Kind::Answers, &["alpaca", &number.to_string()]).unwrap())
        .collect();
    for key in &keys {
        cache.get_answer(key, || Ok::<_, ()>(vec![1; 200])).unwrap();
    }
    let mut at = 0;
    criterion.bench_function("hit in memory", |bencher| {
        bencher.iter(|| {
            at = (at + 7) % keys.len();
            black_box(cache.get_answer(&keys[at], || Err(())).unwrap())
        });
    });
}

criterion_group!(benches, hit);
criterion_main!(benches);
