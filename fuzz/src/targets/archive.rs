//! Records of an archive: bytes that a bucket, and whoever else writes to it, hands us.

use sha2::{Digest as _, Sha256};
use trader_archive::{Archive, Bounds, Place, Record, S3Settings};
use trader_domain::Timestamp;
use trader_storage::store::{MarketStore, Provenance, SeriesKey, StoredAdjustment};
use trader_storage::{Fingerprint, SampleSet};

use crate::Verdict;

/// A record: as it comes, and under a seal that fits, since the digest keeps everything else out.
///
/// # Panics
/// When a record that was accepted names an object outside its series, or does not print back to itself.
pub fn archive_record(data: &[u8]) -> Verdict {
    let digest: String = Sha256::digest(data)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let sealed = [data, format!("{{\"sha256\":\"{digest}\"}}\n").as_bytes()].concat();
    for bytes in [data, &sealed] {
        let Ok(record) = Record::parse(bytes, "fuzzed", "record.jsonl") else {
            continue;
        };
        for line in record.lines().values() {
            assert!(line.object.starts_with(&record.key().folder()));
            assert!(
                !line
                    .object
                    .split('/')
                    .any(|part| matches!(part, "" | "." | ".."))
            );
        }
        let again = record
            .render()
            .map(|bytes| Record::parse(&bytes, "again", "record.jsonl"));
        assert!(matches!(again, Ok(Ok(again)) if again == record));
        return Verdict::Accepted;
    }
    Verdict::Refused
}

/// The record that an archive writes, without its last line, the seal.
pub(super) fn record_seeds() -> Vec<Vec<u8>> {
    let written = || {
        let folder = tempfile::tempdir().ok()?;
        let series = SampleSet::IndexOhlcv.load("SPX").ok()?;
        let adjustment = StoredAdjustment::of(series.adjustment)?;
        let (basis, timeframe) = (series.basis, series.timeframe);
        let key = SeriesKey::new("fuzz", basis, timeframe, adjustment, series.symbol).ok()?;
        let origin = Provenance {
            run: "0000000000000001".to_owned(),
            source: Fingerprint::of_bytes(b"fuzz"),
        };
        let store = MarketStore::create(&folder.path().join("store")).ok()?;
        store.commit(&key, &[series.columns], &origin).ok()?;
        let minute = std::time::Duration::from_secs(60);
        let settings = S3Settings {
            endpoint: None,
            region: "us-east-1".to_owned(),
            keys: None,
            bounds: Bounds {
                call: minute,
                patience: minute,
            },
        };
        let url = format!("file://{}", folder.path().join("cold").display());
        let archive = Archive::open(Place::open(&url, &settings).ok()?).ok()?;
        let before = chrono::NaiveDate::from_ymd_opt(2100, 1, 1)?;
        let now: Timestamp = "2026-01-02T00:00:00Z".parse().ok()?;
        archive.run(&store, &key, before, now, &|| false).ok()?;
        let bytes = archive.records(None).ok()?.first()?.render().ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (lines, _seal) = text.trim_end().rsplit_once('\n')?;
        Some(format!("{lines}\n").into_bytes())
    };
    written().into_iter().collect()
}
