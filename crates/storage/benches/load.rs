//! Rows per second of the readers, on one core: `cargo bench -p trader-storage`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_domain::{Timeframe, Timestamp};
use trader_storage::lean::{LeanContext, LeanPrices, parse_lean_trade_ticks};
use trader_storage::{
    BarBatch, BarStream as _, CsvBars, Existing, ReadOptions, SampleSet, TableFormat, open_bars,
    parse_csv_bars, write_bars,
};

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

fn parquet(criterion: &mut Criterion) {
    let options = ReadOptions::new("2030-01-01T00:00:00Z".parse().unwrap());
    let series = parse_csv_bars(minute_csv().as_bytes(), "ABC", &options)
        .unwrap()
        .remove(0);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ABC.parquet");
    write_bars(&path, &series, TableFormat::Parquet, Existing::Replace).unwrap();
    let mut group = criterion.benchmark_group("parquet");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    group.bench_function("stream 1M minute bars", |bencher| {
        bencher.iter(|| {
            let mut reader = open_bars(&path, &options).unwrap();
            let mut batch = BarBatch::default();
            let mut rows = 0;
            while reader.next_batch(&mut batch).unwrap() {
                rows += batch.columns.len();
            }
            rows
        });
    });
    group.bench_function("fingerprint 1M minute bars", |bencher| {
        bencher.iter(|| black_box(&series).fingerprint());
    });
    group.finish();
}

fn sample(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sample");
    group.sample_size(10);
    group.bench_function("SPX, 5031 rows", |bencher| {
        bencher.iter(|| SampleSet::IndexOhlcv.load("SPX").unwrap());
    });
    group.bench_function("20 stocks, 166260 rows", |bencher| {
        bencher.iter(|| SampleSet::StocksClose.load_all().unwrap());
    });
    group.finish();
}

fn lean(criterion: &mut Criterion) {
    // One day of a busy stock's trades: milliseconds, deci-cents, size, exchange, conditions.
    let mut text = String::new();
    for row in 0..250_000_u32 {
        writeln!(
            text,
            "{},{},{},P,{},0",
            14_400_000 + row * 200,
            1_394_000 + row % 977,
            100 + row % 7,
            if row % 3 == 0 { "20000020" } else { "1" }
        )
        .unwrap();
    }
    let options = ReadOptions::new("2030-01-01T00:00:00Z".parse().unwrap());
    let context = LeanContext {
        prices: LeanPrices::DeciCents,
        timeframe: Timeframe::Seconds(1),
        day: "2013-10-07".parse().ok(),
    };
    let mut group = criterion.benchmark_group("lean");
    group
        .throughput(Throughput::Elements(250_000))
        .sample_size(10);
    group.bench_function("parse 250k trade ticks", |bencher| {
        bencher.iter(|| {
            parse_lean_trade_ticks(black_box(text.as_bytes()), "ticks", &context, &options).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, csv, parquet, sample, lean);
criterion_main!(benches);
