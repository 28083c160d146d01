//! The market-data store: what is written is read back, nothing else ever is, and damage is found.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::prelude::*;
use trader_domain::{Price, Symbol, Timeframe, Timestamp, Volume};
use trader_storage::store::{
    BarColumn, Effect, LabelRange, Listed, LocalFiles, MarketStore, PriceView, Projection,
    Provenance, ReferenceFiles, SeriesKey, StoreFiles, StoreLock, StoredAdjustment, ViewRequest,
};
use trader_storage::{
    Adjustment, BarColumns, DataError, Fingerprint, OptionalColumns, PriceBasis, ReadOptions,
    SampleSet, open_bars,
};

use crate::time;

const DAY: i64 = 86_400_000_000_000;

fn key(symbol: &str, timeframe: Timeframe) -> SeriesKey {
    let symbol = Symbol::new(symbol).unwrap();
    let (basis, adjustment) = (PriceBasis::Ohlc, StoredAdjustment::Raw);
    SeriesKey::new("test", basis, timeframe, adjustment, symbol).unwrap()
}

fn origin() -> Provenance {
    Provenance {
        run: "00000000000000aa".to_owned(),
        source: Fingerprint::of_bytes(b"a file"),
    }
}

/// Bars at these labels; prices follow from the label and `level`.
fn bars(labels: impl IntoIterator<Item = i64>, level: i64) -> BarColumns {
    let mut columns = BarColumns::with_optional(OptionalColumns {
        volume: true,
        ..OptionalColumns::default()
    });
    for label in labels {
        let base = level + (label / 60_000_000_000).rem_euclid(977);
        let price = |cents: i64| Price::from_units(cents * 10_000_000).unwrap();
        columns.start.push(Timestamp::from_nanos(label));
        columns.open.push(price(base));
        columns.high.push(price(base + 3));
        columns.low.push(price(base - 2));
        columns.close.push(price(base + 1));
        let volume = Volume::from_units(base * 1_000_000).unwrap();
        columns.volume.get_or_insert_default().push(volume);
    }
    columns
}

/// Minute bars of some hours on some days.
fn minutes(days: i64, a_day: i64) -> BarColumns {
    let first = time("2024-06-03T13:30:00Z").nanos();
    bars(
        (0..days).flat_map(|day| {
            (0..a_day).map(move |minute| first + day * DAY + minute * 60_000_000_000)
        }),
        10_000,
    )
}

/// Every file below a folder with its content.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn visit(root: &Path, at: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                visit(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    visit(folder, folder, &mut found);
    found
}

fn small_store(folder: &Path) -> (MarketStore, SeriesKey) {
    let store = MarketStore::create(folder).unwrap();
    let key = key("SPY", Timeframe::MINUTE);
    store.commit(&key, &[minutes(3, 20)], &origin()).unwrap();
    (store, key)
}

#[test]
fn what_is_written_is_read_back_and_writing_it_again_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = small_store(folder.path());
    let read = store.load(&key, LabelRange::ALL).unwrap();
    assert_eq!(read.columns, minutes(3, 20));
    assert_eq!(read.adjustment, Adjustment::Raw);
    let before = content(folder.path());
    assert_eq!(
        before
            .keys()
            .filter(|name| name.ends_with(".parquet"))
            .count(),
        3,
        "one file for each day"
    );
    let again = MarketStore::open(folder.path()).unwrap();
    let done = again.commit(&key, &[minutes(3, 20)], &origin()).unwrap();
    assert_eq!((done.added, done.replaced, done.files), (0, 0, 0));
    assert_eq!(content(folder.path()), before);
    assert_eq!(again.series().unwrap(), [key]);
}

#[test]
fn parts_in_any_order_make_the_same_store_as_the_whole() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, key) = small_store(whole.path());
    let all = minutes(3, 20);
    let store = MarketStore::create(parts.path()).unwrap();
    for range in [25..60, 0..10, 5..30] {
        let labels: Vec<i64> = all.start[range].iter().map(|start| start.nanos()).collect();
        store
            .commit(&key, &[bars(labels, 10_000)], &origin())
            .unwrap();
    }
    assert_eq!(content(whole.path()), content(parts.path()));
}

#[test]
fn a_corrected_bar_replaces_the_old_one_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = small_store(folder.path());
    let label = minutes(1, 1).start[0].nanos();
    let done = store
        .commit(&key, &[bars([label], 20_000)], &origin())
        .unwrap();
    assert_eq!((done.added, done.replaced, done.files), (0, 1, 1));
    let read = store.load(&key, LabelRange::ALL).unwrap();
    assert_eq!(read.columns.len(), 60);
    assert_eq!(read.columns.close[0], bars([label], 20_000).close[0]);
}

#[test]
fn other_parquet_readers_see_the_store_as_a_hive_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _) = small_store(folder.path());
    let options = ReadOptions::new(time("2025-01-01T00:00:00Z"));
    let series = trader_storage::collect_series(
        open_bars(&folder.path().join("vendor=test"), &options)
            .unwrap()
            .as_mut(),
    )
    .unwrap();
    assert_eq!(series.len(), 1);
    assert_eq!(series[0].symbol.as_str(), "SPY");
    assert_eq!(series[0].columns, minutes(3, 20));
}

#[test]
fn a_scan_reads_the_time_and_columns_asked_for_and_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let (store, key) = small_store(folder.path());
    let all = minutes(3, 20);
    let range = LabelRange {
        from: all.start[25],
        until: all.start[38],
    };
    // The files of the other days are not even opened: without them the answer is the same.
    for day in ["2024-06-03", "2024-06-05"] {
        let place = "vendor=test/kind=bars/timeframe=1m/adjustment=raw/symbol=SPY";
        fs::remove_dir_all(folder.path().join(place).join(format!("date={day}"))).unwrap();
    }
    let only = Projection::Only(vec![BarColumn::Close]);
    let mut scan = store.scan(&key, range, only).unwrap();
    let mut columns = BarColumns::default();
    assert!(scan.next_columns(&mut columns).unwrap());
    assert_eq!(columns.start, all.start[25..38]);
    assert_eq!(columns.close, all.close[25..38]);
    assert!(columns.open.is_empty() && columns.volume.is_none_or(|volume| volume.is_empty()));
    assert!(!scan.next_columns(&mut BarColumns::default()).unwrap());
    let error = store.load(&key, LabelRange::ALL).unwrap_err();
    assert!(matches!(error, DataError::Damaged { .. }), "{error}");
}

/// Checks that `store` either says that it is damaged or gives exactly what was written.
fn is_noticed(folder: &Path, key: &SeriesKey) -> bool {
    let Ok(store) = MarketStore::open(folder) else {
        return true;
    };
    let found = store.check(key).unwrap();
    let read = store.load(key, LabelRange::ALL);
    if found.is_empty() {
        return false;
    }
    assert!(
        read.is_err(),
        "damage {found:?} is found by the check and not by the reader"
    );
    true
}

#[test]
fn every_truncation_of_every_file_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let key = key("SPY", Timeframe::MINUTE);
    store.commit(&key, &[minutes(1, 8)], &origin()).unwrap();
    let files = content(folder.path());
    let mut cuts = 0;
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with(".lock")) {
        for length in 0..bytes.len() {
            fs::write(folder.path().join(name), &bytes[..length]).unwrap();
            assert!(
                is_noticed(folder.path(), &key),
                "{name} cut at {length} of {}",
                bytes.len()
            );
            cuts += 1;
        }
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    assert!(cuts > 1_000, "{cuts}");
    assert!(!is_noticed(folder.path(), &key), "the store is whole again");
}

#[test]
fn a_thousand_flipped_bits_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let (_, key) = small_store(folder.path());
    let files: Vec<_> = content(folder.path())
        .into_iter()
        .filter(|(name, _)| !name.ends_with(".lock"))
        .collect();
    let all: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut state = 20_131_007_u64;
    for _ in 0..1_000 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let mut at = usize::try_from(state >> 16).unwrap() % all;
        let bit = 1_u8 << (state >> 13 & 7);
        for (name, bytes) in &files {
            if at < bytes.len() {
                let mut flipped = bytes.clone();
                flipped[at] ^= bit;
                fs::write(folder.path().join(name), &flipped).unwrap();
                assert!(
                    is_noticed(folder.path(), &key),
                    "{name} byte {at} bit {bit}"
                );
                fs::write(folder.path().join(name), bytes).unwrap();
                break;
            }
            at -= bytes.len();
        }
    }
}

/// A disk that fails at the n-th change, leaving what a crash there would leave.
#[derive(Debug)]
struct FailingDisk {
    disk: LocalFiles,
    left: AtomicI64,
}

impl FailingDisk {
    fn step(&self) -> Result<(), DataError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(DataError::DiskFull {
                file: "disk".to_owned(),
                doing: "writing",
            });
        }
        Ok(())
    }
}

impl StoreFiles for FailingDisk {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, DataError> {
        self.disk.read(path)
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send>>, DataError> {
        self.disk.open(path)
    }

    fn write_from(&self, path: &str, content: &mut dyn Read) -> Result<(), DataError> {
        self.step()?;
        self.disk.write_from(path, content)?;
        self.step()
    }

    fn write(&self, files: &[(String, Vec<u8>)]) -> Result<(), DataError> {
        for (path, bytes) in files {
            if let Err(error) = self.step() {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                let half = bytes[..bytes.len() / 2].to_vec();
                self.disk
                    .write(&[(format!("{folder}/.{name}.tmp"), half)])?;
                return Err(error);
            }
            self.disk.write(&[(path.clone(), bytes.clone())])?;
        }
        self.step()
    }

    fn append(&self, path: &str, bytes: &[u8]) -> Result<(), DataError> {
        self.step()?;
        self.disk.append(path, bytes)
    }

    fn list(&self, folder: &str) -> Result<Vec<Listed>, DataError> {
        self.disk.list(folder)
    }

    fn remove(&self, path: &str) -> Result<(), DataError> {
        self.step()?;
        self.disk.remove(path)
    }

    fn lock(&self, name: &str) -> Result<StoreLock, DataError> {
        self.disk.lock(name)
    }

    fn shown(&self, path: &str) -> String {
        self.disk.shown(path)
    }
}

#[test]
fn a_failure_at_any_change_leaves_the_old_or_the_new_series_and_a_second_try_completes_it() {
    let reference = tempfile::tempdir().unwrap();
    let key = key("SPY", Timeframe::MINUTE);
    let (first, second) = (minutes(2, 20), minutes(4, 30));
    let store = MarketStore::create(reference.path()).unwrap();
    store
        .commit(&key, std::slice::from_ref(&first), &origin())
        .unwrap();
    store
        .commit(&key, std::slice::from_ref(&second), &origin())
        .unwrap();
    let wanted = content(reference.path());
    let (mut failures, mut seen_new) = (0, 0);
    for fail_at in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let store = MarketStore::create(folder.path()).unwrap();
        store
            .commit(&key, std::slice::from_ref(&first), &origin())
            .unwrap();
        let disk = LocalFiles::new(folder.path());
        let failing = Arc::new(FailingDisk {
            disk,
            left: AtomicI64::new(fail_at),
        });
        let broken = MarketStore::open_on(failing).unwrap();
        let result = broken.commit(&key, std::slice::from_ref(&second), &origin());
        let read = MarketStore::open(folder.path())
            .unwrap()
            .load(&key, LabelRange::ALL)
            .unwrap();
        assert!(
            read.columns == first || read.columns == second,
            "half a write at {fail_at}"
        );
        seen_new += u32::from(read.columns == second);
        let again = MarketStore::open(folder.path()).unwrap();
        again
            .commit(&key, std::slice::from_ref(&second), &origin())
            .unwrap();
        assert_eq!(
            content(folder.path()),
            wanted,
            "after a failure at {fail_at}"
        );
        if result.is_ok() {
            break;
        }
        failures += 1;
    }
    assert!(failures >= 8 && seen_new >= 2, "{failures} {seen_new}");
}

#[test]
fn pruning_is_exact_and_a_preview_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let key = key("SPY", Timeframe::Session);
    let first = time("2008-01-01T00:00:00Z").nanos();
    store
        .commit(
            &key,
            &[bars((0..2_000).map(|day| first + day * DAY), 10_000)],
            &origin(),
        )
        .unwrap();
    let before = content(folder.path());
    let cutoff = "2011-03-01".parse().unwrap();
    let preview = store.prune(&key, cutoff, Effect::Preview).unwrap();
    assert_eq!(content(folder.path()), before);
    assert_eq!(store.prune(&key, cutoff, Effect::Apply).unwrap(), preview);
    let read = store.load(&key, LabelRange::ALL).unwrap();
    assert_eq!(read.columns.start[0], time("2011-03-01T00:00:00Z"));
    assert_eq!(preview.rows + read.columns.len() as u64, 2_000);
    assert!(store.check(&key).unwrap().is_empty());
}

#[test]
fn a_folder_that_is_no_store_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "x").unwrap();
    let error = MarketStore::create(folder.path()).unwrap_err();
    assert!(error.to_string().contains("thesis.txt"), "{error}");
    assert_eq!(content(folder.path()).len(), 1);
    assert!(matches!(
        MarketStore::open(&folder.path().join("absent")),
        Err(DataError::NotFound { .. })
    ));
}

#[test]
fn a_second_writer_waits_for_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let (_, key) = small_store(folder.path());
    let places = [100, 200, 300, 400].map(|minute| {
        let start = time("2024-06-03T13:30:00Z").nanos() + minute * 60_000_000_000;
        bars((0..20).map(|at| start + at * 60_000_000_000), 10_000)
    });
    std::thread::scope(|scope| {
        for part in &places {
            let store = MarketStore::open(folder.path()).unwrap();
            let key = &key;
            scope.spawn(move || {
                store
                    .commit(key, std::slice::from_ref(part), &origin())
                    .unwrap()
            });
        }
    });
    let store = MarketStore::open(folder.path()).unwrap();
    assert_eq!(
        store.load(&key, LabelRange::ALL).unwrap().columns.len(),
        60 + 80
    );
    assert!(store.check(&key).unwrap().is_empty());
}

#[test]
fn closes_only_and_vendor_adjusted_series_keep_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let sample = SampleSet::StocksClose.load("AAPL").unwrap();
    let key = SeriesKey::new(
        "skfolio",
        sample.basis,
        sample.timeframe,
        StoredAdjustment::of(sample.adjustment).unwrap(),
        sample.symbol,
    )
    .unwrap();
    store
        .commit(&key, std::slice::from_ref(&sample.columns), &origin())
        .unwrap();
    let read = store.load(&key, LabelRange::ALL).unwrap();
    assert_eq!(read.fingerprint(), sample.fingerprint());
    let request = ViewRequest {
        vendor: "skfolio".to_owned(),
        symbol: sample.symbol,
        timeframe: sample.timeframe,
        as_of: "2022-12-31".parse().unwrap(),
        from: None,
        prices: PriceView::SplitsAndDividends,
    };
    let error = store.view(&request).unwrap_err().to_string();
    assert!(error.contains("factor file"), "{error}");
}

#[test]
fn reference_names_that_would_leave_the_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = MarketStore::create(folder.path()).unwrap();
    let before = content(folder.path());
    for name in [
        "../x",
        "a/b",
        "",
        ".",
        "..",
        "/etc/passwd",
        "a\0b",
        "A",
        "x\\y",
        "%2e%2e",
    ] {
        let files = ReferenceFiles {
            permanent: name.to_owned(),
            map: None,
            factors: None,
        };
        assert!(store.put_reference("lean", &files).is_err(), "{name}");
        assert!(
            SeriesKey::new(
                name,
                PriceBasis::Ohlc,
                Timeframe::MINUTE,
                StoredAdjustment::Raw,
                Symbol::new("X").unwrap()
            )
            .is_err()
        );
    }
    assert_eq!(content(folder.path()), before);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_symbol_is_stored_inside_the_store_and_found_again(text in "[ -~]{1,24}") {
        let Ok(symbol) = Symbol::new(&text) else { return Ok(()) };
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("store");
        let store = MarketStore::create(&folder).unwrap();
        let key = SeriesKey::new("test", PriceBasis::Ohlc, Timeframe::Session, StoredAdjustment::Raw, symbol).unwrap();
        store.commit(&key, &[bars([19_000 * DAY], 10_000)], &origin()).unwrap();
        prop_assert_eq!(store.series().unwrap(), vec![key]);
        prop_assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
    }
}
