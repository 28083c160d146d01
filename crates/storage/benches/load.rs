//! Rows per second of the readers, on one core: `cargo bench -p trader-storage`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_domain::Timestamp;
use trader_storage::{BarBatch, BarStream as _, CsvBars, ReadOptions, parse_csv_bars};

const ROWS: u64 = 1_000_000;

/// One million minute bars as text, the shape of the peers' file: `2016-01-04 14:31:00,100.01,...`.
fn minute_csv() -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    let mut state = 1_u64;
    let mut cents = 10_000_i64;
    let start: i64 = 1_451_917_860;
    for row in 0..ROWS {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let step = i64::try_from(state >> 60).unwrap() - 7;
        let open = cents;
        cents = (cents + step).max(1_000);
        let (high, low) = (open.max(cents) + 2, open.min(cents) - 2);
        let at = Timestamp::from_nanos((start + i64::try_from(row).unwrap() * 60) * 1_000_000_000)
            .to_datetime();
        let price = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
        writeln!(
            text,
            "{},{},{},{},{},{}",
            at.format("%Y-%m-%d %H:%M:%S"),
            price(open),
            price(high),
            price(low),
            price(cents),
            state >> 50
        )
        .unwrap();
    }
    text
}

fn csv(criterion: &mut Criterion) {
    let text = minute_csv();
    let options = ReadOptions::new("2030-01-01T00:00:00Z".parse().unwrap());
    let mut group = criterion.benchmark_group("csv");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    group.bench_function("load 1M minute bars", |bencher| {
        bencher.iter(|| parse_csv_bars(black_box(text.as_bytes()), "ABC", &options).unwrap());
    });
    group.bench_function("stream 1M minute bars", |bencher| {
        bencher.iter(|| {
            let mut reader = CsvBars::new(black_box(text.as_bytes()), "ABC", &options).unwrap();
            let mut batch = BarBatch::default();
            let mut rows = 0;
            while reader.next_batch(&mut batch).unwrap() {
                rows += batch.columns.len();
            }
            rows
        });
    });
    group.finish();
}

criterion_group!(benches, csv);
criterion_main!(benches);
