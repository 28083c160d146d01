//! Bars per second into the market-data store and out of it, on one core: `cargo bench -p trader-storage --bench store`.
//!
//! Files are in memory, so that the figures are the program's and not the disk's. Figures are CPU time: what other
//! programs do on the machine does not count.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cpu_time::ProcessTime;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trader_domain::{Symbol, Timeframe, Timestamp};
use trader_storage::store::{
    BarColumn, LabelRange, Listed, MarketStore, Projection, Provenance, SeriesKey, StoreFiles,
    StoreLock, StoredAdjustment,
};
use trader_storage::{
    BarColumns, DataError, FaultPolicy, Fingerprint, PriceBasis, ReadOptions, parse_csv_bars,
};

const DAYS: i64 = 2_560;
const A_DAY: i64 = 390;
const ROWS: u64 = (DAYS * A_DAY) as u64;

/// CPU time of all threads of the process.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = ProcessTime;
    type Value = Duration;

    fn start(&self) -> ProcessTime {
        ProcessTime::now()
    }

    fn end(&self, began: ProcessTime) -> Duration {
        began.elapsed()
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_secs_f64() * 1e9
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// A disk that costs nothing.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl StoreFiles for Memory {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DataError> {
        Ok(self.0.lock().unwrap().get(path).cloned())
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send>>, DataError> {
        let content = self.read(path)?;
        Ok(content.map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn Read + Send>))
    }

    fn write_from(&self, path: &str, content: &mut dyn Read) -> Result<(), DataError> {
        let mut bytes = Vec::new();
        content
            .read_to_end(&mut bytes)
            .map_err(|error| DataError::from_io(Path::new(path), "writing", error))?;
        self.write(&[(path.to_owned(), bytes)])
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError> {
        self.0.lock().unwrap().extend(files.iter().cloned());
        Ok(())
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), DataError> {
        let mut files = self.0.lock().unwrap();
        files.entry(path.to_owned()).or_default().extend(bytes);
        Ok(())
    }

    fn list(&self, _folder: &str) -> Result<Vec<Listed>, DataError> {
        Ok(Vec::new())
    }

    fn remove(&self, path: &str) -> Result<(), DataError> {
        self.0.lock().unwrap().remove(path);
        Ok(())
    }

    fn lock(&self, _name: &str) -> Result<StoreLock, DataError> {
        Ok(StoreLock::none())
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// A million bars over seven years of days, on a random walk in cents.
fn csv(step: i64, a_day: i64, days: i64) -> String {
    let mut text = "timestamp,open,high,low,close,volume\n".to_owned();
    let (mut state, mut cents) = (1_u64, 10_000_i64);
    for row in 0..days * a_day {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let open = cents;
        cents = (cents + i64::try_from(state >> 60).unwrap() - 7).max(1_000);
        let (high, low) = (open.max(cents) + 2, open.min(cents) - 2);
        let seconds = 1_451_917_860 + (row / a_day) * 86_400 + (row % a_day) * step;
        let at = Timestamp::from_nanos(seconds * 1_000_000_000).to_datetime();
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

fn key(timeframe: Timeframe) -> SeriesKey {
    SeriesKey::new(
        "bench",
        PriceBasis::Ohlc,
        timeframe,
        StoredAdjustment::Raw,
        Symbol::new("ABC").unwrap(),
    )
    .unwrap()
}

fn commit(columns: BarColumns, timeframe: Timeframe) -> (MarketStore, SeriesKey) {
    let store = MarketStore::create_on(Arc::new(Memory::default())).unwrap();
    let key = key(timeframe);
    let origin = Provenance {
        run: "0000000000000001".to_owned(),
        source: Fingerprint::of_bytes(b"bench"),
    };
    store.commit(&key, &[columns], &origin).unwrap();
    (store, key)
}

fn bench(criterion: &mut Criterion<CpuTime>) {
    let mut options = ReadOptions::new("2030-01-01T00:00:00Z".parse().unwrap());
    options.faults = FaultPolicy::SetAside;
    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    for (name, seconds, a_day, days) in [
        ("minute bars, a file a day", 60, A_DAY, DAYS),
        ("second bars, a file a day", 1, A_DAY * 40, DAYS / 40),
    ] {
        let text = csv(seconds, a_day, days);
        let timeframe = Timeframe::Seconds(u32::try_from(seconds).unwrap());
        options.timeframe = Some(timeframe);
        let parse = || parse_csv_bars(black_box(text.as_bytes()), "ABC", &options).unwrap();
        group.bench_function(format!("{name}: CSV, checks, Parquet"), |bencher| {
            bencher.iter(|| commit(parse().remove(0).columns, timeframe));
        });
        let columns = parse().remove(0).columns;
        group.bench_function(format!("{name}: Parquet alone"), |bencher| {
            bencher.iter(|| commit(columns.clone(), timeframe));
        });
        let (store, key) = commit(columns, timeframe);
        for (what, projection) in [
            ("scan", Projection::All),
            ("scan of closes", Projection::Only(vec![BarColumn::Close])),
        ] {
            group.bench_function(format!("{name}: {what}"), |bencher| {
                bencher.iter(|| {
                    let mut scan = store
                        .scan(&key, LabelRange::ALL, projection.clone())
                        .unwrap();
                    let mut columns = BarColumns::default();
                    let mut rows = 0;
                    while scan.next_columns(&mut columns).unwrap() {
                        rows += columns.close.len();
                    }
                    assert_eq!(rows as u64, ROWS);
                });
            });
        }
    }
    group.finish();
}

criterion_group!(
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = bench
);
criterion_main!(benches);
