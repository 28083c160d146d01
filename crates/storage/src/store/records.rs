//! Records in the store: news, corporate actions, listings, filings, posts, options, trading days.
//!
//! One sealed file of JSON lines for each vendor, kind and day (or month), by id. Putting the same record again changes
//! nothing: the first time at which we had it stays, because decisions may use a record from then on. A record that says
//! something else than the stored one of the same id replaces it and is counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trader_domain::Timestamp;

use super::key::is_vendor;
use super::market_store::{Effect, MarketStore};
use super::sealed::{SealedLines, open_seal, parse};
use crate::error::{DataError, excerpt};

/// Fields that do not make a record another one: when we had it, and the run's index of its vendor, which the folder
/// names.
const RECEIVED: &str = "received";
const VENDOR: &str = "vendor";

/// The kinds of records, by their folder names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordKind {
    /// News.
    News,
    /// Announced corporate actions.
    Actions,
    /// Listings.
    Listings,
    /// Trading days as a vendor plans them.
    Sessions,
    /// Filings with a regulator.
    Filings,
    /// Posts on social media.
    Posts,
    /// Listed options.
    Contracts,
    /// Chains of options with quotes, as they were at an instant.
    Chains,
}

impl RecordKind {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::News,
        Self::Actions,
        Self::Listings,
        Self::Sessions,
        Self::Filings,
        Self::Posts,
        Self::Contracts,
        Self::Chains,
    ];

    /// The word in paths and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::News => "news",
            Self::Actions => "actions",
            Self::Listings => "listings",
            Self::Sessions => "sessions",
            Self::Filings => "filings",
            Self::Posts => "posts",
            Self::Contracts => "contracts",
            Self::Chains => "chains",
        }
    }
}

/// What putting records came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RecordsPut {
    /// Records whose id was not there.
    pub added: u64,
    /// Records that say something else than those stored under their id.
    pub replaced: u64,
    /// Records that were there already.
    pub unchanged: u64,
}

/// A line of a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    record: Value,
}

impl MarketStore {
    /// Puts records of one day (`2024-06-03`) or month (`2024-06`) under their ids.
    ///
    /// # Errors
    /// [`DataError`] when a name is none, what is there is damaged, or writing failed.
    pub fn put_records(
        &self,
        vendor: &str,
        kind: RecordKind,
        period: &str,
        records: BTreeMap<String, Value>,
    ) -> Result<RecordsPut, DataError> {
        let path = path(vendor, kind, period)?;
        let _lock = self.files.lock(&format!("{vendor}-{}.lock", kind.name()))?;
        let before = self.files.read(&path)?;
        let mut stored = match &before {
            Some(bytes) => lines(bytes, &self.files.shown(&path))?,
            None => BTreeMap::new(),
        };
        let mut put = RecordsPut::default();
        for (id, mut record) in records {
            if let Value::Object(fields) = &mut record {
                fields.remove(VENDOR);
            }
            let known = stored.get(&id);
            match known {
                Some(known) if same(known, &record) => {
                    put.unchanged += 1;
                    continue;
                }
                Some(_) => put.replaced += 1,
                None => put.added += 1,
            }
            stored.insert(id, record);
        }
        if put.added + put.replaced == 0 {
            return Ok(put);
        }
        self.files.write(&[(path, sealed(stored)?)])?;
        Ok(put)
    }

    /// The vendors that there is a folder of, in the order of names.
    ///
    /// # Errors
    /// [`DataError`] when the folder cannot be listed.
    pub fn vendors(&self) -> Result<Vec<String>, DataError> {
        let entries = self.files.list("")?;
        let mut names: Vec<String> = entries
            .iter()
            .filter_map(|entry| entry.name.strip_prefix("vendor=").map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    /// Removes the records of a vendor that were received before an instant, as its licence or the retention asks; gives
    /// how many. A record that does not say when it was received stays.
    ///
    /// # Errors
    /// [`DataError`] when a file is damaged or cannot be written; what was removed by then stays removed.
    pub fn forget_records(
        &self,
        vendor: &str,
        kind: RecordKind,
        received_before: Timestamp,
        effect: Effect,
    ) -> Result<u64, DataError> {
        let _lock = self.files.lock(&format!("{vendor}-{}.lock", kind.name()))?;
        let mut forgotten = 0;
        for period in self.record_periods(vendor, kind)? {
            let stored = self.records(vendor, kind, &period)?;
            let all = stored.len();
            let kept: BTreeMap<String, Value> = stored
                .into_iter()
                .filter(|(_, record)| {
                    let received = record.get(RECEIVED).and_then(Value::as_i64);
                    received.is_none_or(|received| received >= received_before.nanos())
                })
                .collect();
            let gone = all.saturating_sub(kept.len());
            forgotten += gone as u64;
            if gone == 0 || effect == Effect::Preview {
                continue;
            }
            let path = path(vendor, kind, &period)?;
            if kept.is_empty() {
                self.files.remove(&path)?;
            } else {
                self.files.write(&[(path, sealed(kept)?)])?;
            }
        }
        Ok(forgotten)
    }

    /// The records of a day or month, by id; nothing when there are none. They carry no `vendor`: who asks knows it.
    ///
    /// # Errors
    /// [`DataError`] when a name is none or the file is damaged.
    pub fn records(
        &self,
        vendor: &str,
        kind: RecordKind,
        period: &str,
    ) -> Result<BTreeMap<String, Value>, DataError> {
        let path = path(vendor, kind, period)?;
        match self.files.read(&path)? {
            Some(bytes) => lines(&bytes, &self.files.shown(&path)),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Which vendors have records of which kinds.
    ///
    /// # Errors
    /// [`DataError`] when folders cannot be listed.
    pub fn record_series(&self) -> Result<Vec<(String, RecordKind)>, DataError> {
        let mut found = Vec::new();
        for entry in self.files.list("")? {
            let Some(vendor) = entry
                .name
                .strip_prefix("vendor=")
                .filter(|_| entry.is_folder)
            else {
                continue;
            };
            for kind in RecordKind::ALL {
                if is_vendor(vendor) && !self.record_periods(vendor, kind)?.is_empty() {
                    found.push((vendor.to_owned(), kind));
                }
            }
        }
        Ok(found)
    }

    /// The days or months of which there are records, ascending.
    ///
    /// # Errors
    /// [`DataError`] when the folder cannot be listed.
    pub fn record_periods(&self, vendor: &str, kind: RecordKind) -> Result<Vec<String>, DataError> {
        let folder = format!("vendor={vendor}/kind={}", kind.name());
        let names = self.files.list(&folder)?.into_iter();
        Ok(names
            .filter(|entry| !entry.name.starts_with('.'))
            .filter_map(|entry| entry.name.strip_suffix(".jsonl").map(str::to_owned))
            .collect())
    }
}

fn sealed(records: BTreeMap<String, Value>) -> Result<Vec<u8>, DataError> {
    let mut sealed = SealedLines::default();
    for (id, record) in records {
        sealed.push(&Line { id, record })?;
    }
    Ok(sealed.seal())
}

fn path(vendor: &str, kind: RecordKind, period: &str) -> Result<String, DataError> {
    let is_period =
        matches!(period.len(), 7 | 10) && period.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !is_vendor(vendor) || !is_period {
        return Err(DataError::Unsupported {
            file: excerpt(format!("{vendor}/{period}").as_bytes(), 60),
            detail: "is no vendor and day or month".to_owned(),
        });
    }
    Ok(format!(
        "vendor={vendor}/kind={}/{period}.jsonl",
        kind.name()
    ))
}

/// Whether two records say the same, whenever each was received.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let without = |fields: &serde_json::Map<String, Value>| {
                let mut fields = fields.clone();
                fields.remove(RECEIVED);
                fields
            };
            without(one) == without(other)
        }
        _ => one == other,
    }
}

fn lines(bytes: &[u8], shown: &str) -> Result<BTreeMap<String, Value>, DataError> {
    let mut found = BTreeMap::new();
    for line in open_seal(bytes, shown)? {
        let Line { id, record } = parse(line, shown)?;
        found.insert(id, record);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::json;

    use super::*;

    fn put(store: &MarketStore, headline: &str, received: u64) -> RecordsPut {
        let record = json!({"headline": headline, "vendor": 3, "received": received});
        let records = BTreeMap::from([("7".to_owned(), record)]);
        store
            .put_records("alpaca", RecordKind::News, "2024-06-03", records)
            .unwrap()
    }

    #[test]
    fn the_first_time_of_receipt_stays_and_another_text_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let store = MarketStore::create(folder.path()).unwrap();
        assert_eq!(put(&store, "one", 5).added, 1);
        assert_eq!(put(&store, "one", 9).unchanged, 1);
        let stored = |store: &MarketStore| {
            store
                .records("alpaca", RecordKind::News, "2024-06-03")
                .unwrap()
        };
        assert_eq!(
            stored(&store)["7"],
            json!({"headline": "one", "received": 5})
        );
        assert_eq!(put(&store, "two", 9).replaced, 1);
        assert_eq!(
            stored(&store)["7"],
            json!({"headline": "two", "received": 9})
        );
        let periods = store.record_periods("alpaca", RecordKind::News).unwrap();
        assert_eq!(periods, ["2024-06-03"]);
    }

    #[test]
    fn vendors_are_listed_with_the_kinds_they_have() {
        let folder = tempfile::tempdir().unwrap();
        let store = MarketStore::create(folder.path()).unwrap();
        put(&store, "one", 5);
        let record = BTreeMap::from([("1".to_owned(), json!({"a": 1}))]);
        store
            .put_records("edgar", RecordKind::Filings, "2024-05", record)
            .unwrap();
        let both = [
            ("alpaca".to_owned(), RecordKind::News),
            ("edgar".to_owned(), RecordKind::Filings),
        ];
        assert_eq!(store.record_series().unwrap(), both);
    }

    #[test]
    fn a_damaged_file_is_found_and_names_stay_in_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = MarketStore::create(folder.path()).unwrap();
        put(&store, "one", 5);
        let file = folder
            .path()
            .join("vendor=alpaca/kind=news/2024-06-03.jsonl");
        let bytes = std::fs::read(&file).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(&file, &bytes[..cut]).unwrap();
            let read = store.records("alpaca", RecordKind::News, "2024-06-03");
            assert!(read.is_err(), "cut at {cut}");
        }
        for (vendor, period) in [
            ("../x", "2024-06"),
            ("alpaca", "../../a"),
            ("alpaca", "2024"),
        ] {
            assert!(store.records(vendor, RecordKind::News, period).is_err());
        }
    }

    #[test]
    fn what_was_received_before_an_instant_is_forgotten_and_a_preview_forgets_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = MarketStore::create(folder.path()).unwrap();
        for (id, day, received) in [
            ("1", "2024-06-03", 5),
            ("2", "2024-06-03", 9),
            ("3", "2024-06-04", 5),
        ] {
            let records = BTreeMap::from([(id.to_owned(), json!({"received": received}))]);
            store
                .put_records("alpaca", RecordKind::News, day, records)
                .unwrap();
        }
        let forget = |effect| {
            let before = Timestamp::from_nanos(9);
            store
                .forget_records("alpaca", RecordKind::News, before, effect)
                .unwrap()
        };
        assert_eq!(forget(Effect::Preview), 2);
        assert_eq!(
            store
                .records("alpaca", RecordKind::News, "2024-06-03")
                .unwrap()
                .len(),
            2
        );
        assert_eq!(forget(Effect::Apply), 2);
        assert_eq!(forget(Effect::Apply), 0);
        let left = store
            .records("alpaca", RecordKind::News, "2024-06-03")
            .unwrap();
        assert_eq!(left.keys().collect::<Vec<_>>(), ["2"]);
        assert_eq!(
            store.record_periods("alpaca", RecordKind::News).unwrap(),
            ["2024-06-03"]
        );
        assert_eq!(store.vendors().unwrap(), ["alpaca"]);
        assert_eq!(
            store
                .forget_records("nobody", RecordKind::News, Timestamp::MAX, Effect::Apply)
                .unwrap(),
            0
        );
    }
}
