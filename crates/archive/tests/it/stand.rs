//! A store with days of bars, and archives to move them to.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use trader_archive::{Archive, ArchiveError, Bounds, Keys, Place, S3Settings};
use trader_domain::{Price, Symbol, Timeframe, Timestamp, Volume};
use trader_storage::store::{LabelRange, MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{BarColumns, Fingerprint, OptionalColumns, PriceBasis};
use trader_testkit_s3::{KEY_ID, S3Server, SECRET};

pub(crate) const BUCKET: &str = "cold";

/// Noon in New York on 3 June 2024.
const FIRST: i64 = 1_717_430_400;

pub(crate) fn key(symbol: &str) -> SeriesKey {
    SeriesKey::new(
        "alpaca",
        PriceBasis::Ohlc,
        Timeframe::MINUTE,
        StoredAdjustment::Raw,
        Symbol::new(symbol).unwrap(),
    )
    .unwrap()
}

pub(crate) fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-01-02T00:00:00Z".parse().unwrap()
}

pub(crate) fn never() -> bool {
    false
}

/// Minutes of one day; prices differ by `cents`.
pub(crate) fn day(day: i64, minutes: std::ops::Range<i64>, cents: i64) -> BarColumns {
    let mut columns = BarColumns::with_optional(OptionalColumns {
        volume: true,
        ..OptionalColumns::default()
    });
    for minute in minutes {
        let price =
            |more: i64| Price::from_units((10_000 + cents + minute + more) * 10_000_000).unwrap();
        let seconds = FIRST + day * 86_400 + minute * 60;
        columns
            .start
            .push(Timestamp::from_nanos(seconds * 1_000_000_000));
        columns.open.push(price(0));
        columns.high.push(price(2));
        columns.low.push(price(-2));
        columns.close.push(price(1));
        columns
            .volume
            .as_mut()
            .unwrap()
            .push(Volume::from_units((100 + minute) * 1_000_000).unwrap());
    }
    columns
}

pub(crate) fn put(store: &MarketStore, key: &SeriesKey, columns: &[BarColumns]) {
    let origin = Provenance {
        run: "0123456789abcdef".to_owned(),
        source: Fingerprint::of_bytes(b"source"),
    };
    store.commit(key, columns, &origin).unwrap();
}

/// A store with ten days of these symbols, from 3 to 12 June 2024.
pub(crate) fn store(folder: &Path, symbols: &[&str]) -> MarketStore {
    let store = MarketStore::create(folder).unwrap();
    for symbol in symbols {
        let days: Vec<BarColumns> = (0..10).map(|number| day(number, 0..60, number)).collect();
        put(&store, &key(symbol), &days);
    }
    store
}

pub(crate) fn bars(store: &MarketStore, key: &SeriesKey) -> BarColumns {
    store.load(key, LabelRange::ALL).unwrap().columns
}

pub(crate) fn local(folder: &Path) -> Archive {
    let url = format!("file://{}", folder.display());
    Archive::open(Place::open(&url, &settings("http://127.0.0.1:1", KEY_ID, SECRET)).unwrap())
        .unwrap()
}

pub(crate) fn settings(endpoint: &str, id: &str, secret: &str) -> S3Settings {
    S3Settings {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        keys: Some(Keys {
            id: id.into(),
            secret: secret.into(),
        }),
        bounds: Bounds {
            call: Duration::from_millis(1_500),
            patience: Duration::from_secs(3),
        },
    }
}

pub(crate) fn on_s3(server: &S3Server) -> Archive {
    opened(&server.url(), BUCKET, SECRET).unwrap()
}

pub(crate) fn opened(endpoint: &str, bucket: &str, secret: &str) -> Result<Archive, ArchiveError> {
    let url = format!("s3://{bucket}/a/b");
    Archive::open(Place::open(&url, &settings(endpoint, KEY_ID, secret))?)
}

/// Every file below a folder but locks, by its path.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("_locks") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
}
