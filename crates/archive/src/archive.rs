//! [`Archive`]: partitions out of a store, proven copies of them, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use chrono::NaiveDate;
use serde::Serialize;
use trader_domain::Timestamp;
use trader_storage::DataError;
use trader_storage::store::{Committed, Entry, MarketStore, Partition, SeriesKey};

use crate::error::ArchiveError;
use crate::place::Place;
use crate::record::{FOLDER, MOST_BYTES, Record, RecordLine, object_name};
use crate::stream::{Seen, digest};

/// Partitions between two records: what an interruption may cause to be compared again.
const STEP: usize = 256;

/// An archive at a place.
#[derive(Debug)]
pub struct Archive {
    place: Place,
}

/// What a run did with one series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Archived {
    /// Partitions that are in the archive now and no longer in the store.
    pub partitions: u64,
    /// Bars in them.
    pub rows: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Objects that were sent; the others were there from a run before.
    pub sent: u64,
}

/// What came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Bars that the store did not have.
    pub rows: u64,
    /// Files written.
    pub files: u64,
}

/// What a check of objects found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Objects that are there and whole.
    pub whole: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The others.
    pub faults: Vec<ArchiveError>,
}

/// Dates wanted, inclusive; all of them where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// First date.
    pub from: Option<NaiveDate>,
    /// Last date.
    pub to: Option<NaiveDate>,
}

impl Dates {
    fn meet(self, partition: Partition) -> bool {
        partition.dates().is_some_and(|(first, last)| {
            self.from.is_none_or(|from| last >= from) && self.to.is_none_or(|to| first <= to)
        })
    }
}

impl Archive {
    /// The archive at a place.
    ///
    /// # Errors
    /// [`ArchiveError`] when the place cannot be listed: wrong key, no bucket, no service.
    pub fn open(place: Place) -> Result<Self, ArchiveError> {
        let archive = Self { place };
        archive.place.probe()?;
        Ok(archive)
    }

    /// Where it is, as shown to people.
    pub fn shown(&self) -> &str {
        self.place.shown()
    }

    /// Moves the partitions of a series that end before a date into the archive. `stop` is asked between partitions.
    ///
    /// # Errors
    /// [`ArchiveError`]; what was not moved by then is in the store, and the same call goes on from there.
    pub fn run(
        &self,
        store: &MarketStore,
        key: &SeriesKey,
        before: NaiveDate,
        now: Timestamp,
        stop: &dyn Fn() -> bool,
    ) -> Result<Archived, ArchiveError> {
        let _lock = store.files().lock("archive.lock")?;
        let mut done = Archived::default();
        let Some(manifest) = store.manifest(key)? else {
            return Ok(done);
        };
        let is_due =
            |partition: Partition| partition.dates().is_some_and(|(_, last)| last < before);
        let due: Vec<Partition> = manifest
            .entries()
            .keys()
            .copied()
            .filter(|partition| is_due(*partition))
            .collect();
        if due.is_empty() {
            // An earlier run may have died between the manifest and the files that it names no longer.
            store.sweep_leftovers(key)?;
            return Ok(done);
        }
        let mut records = self.records(Some(key))?;
        for step in due.chunks(STEP) {
            let chosen = manifest.restricted(|partition, _| step.contains(&partition));
            let mut lines = BTreeMap::new();
            for (partition, entry) in chosen.entries() {
                if stop() {
                    return Err(ArchiveError::Interrupted);
                }
                let (line, sent) = self.copied(store, key, *partition, entry)?;
                done.sent += u64::from(sent);
                lines.insert(*partition, line);
            }
            let known = |partition: &Partition| {
                let line = lines.get(partition);
                records
                    .iter()
                    .any(|record| record.lines().get(partition) == line)
            };
            let fresh = chosen.restricted(|partition, _| !known(&partition));
            if !fresh.entries().is_empty() {
                let latest = records.iter().map(Record::archived_at).max();
                let after = latest.and_then(|latest| latest.nanos().checked_add(1));
                let record = Record {
                    archived_at: after.map_or(now, |after| now.max(Timestamp::from_nanos(after))),
                    lines: lines
                        .iter()
                        .filter(|(partition, _)| fresh.entries().contains_key(partition))
                        .map(|(partition, line)| (*partition, line.clone()))
                        .collect(),
                    manifest: fresh,
                };
                self.write(&record)?;
                records.push(record);
            }
            let kept = chosen
                .entries()
                .iter()
                .map(|(partition, entry)| (*partition, entry.blake3.clone()))
                .collect();
            for partition in store.release(key, &kept)? {
                if let Some(entry) = chosen.entries().get(&partition) {
                    done.partitions += 1;
                    done.rows = done.rows.saturating_add(entry.rows);
                    done.bytes = done.bytes.saturating_add(entry.bytes);
                }
            }
        }
        Ok(done)
    }

    /// Every record, or those of a series, in the order of series and time.
    ///
    /// # Errors
    /// [`ArchiveError`] when one cannot be read or is damaged.
    pub fn records(&self, key: Option<&SeriesKey>) -> Result<Vec<Record>, ArchiveError> {
        let folder = key.map_or(FOLDER.to_owned(), |key| {
            format!("{FOLDER}/{}", key.folder())
        });
        let mut records = Vec::new();
        for path in self.place.names(&folder)? {
            let bytes = self.place.small(&path, MOST_BYTES)?;
            let record = Record::parse(&bytes, self.shown(), path.as_ref())?;
            if path != self.place.at(&Record::name(record.key(), &bytes)) {
                return Err(self
                    .place
                    .damaged(path.as_ref(), "its name belongs to other content"));
            }
            records.push(record);
        }
        records.sort_by(|a, b| (a.key(), a.archived_at).cmp(&(b.key(), b.archived_at)));
        Ok(records)
    }

    /// Reads every object of these records and compares it with its SHA-256. `stop` is asked between objects.
    ///
    /// # Errors
    /// [`ArchiveError`] when the service fails; damaged and missing objects are found, not errors.
    pub fn verify(
        &self,
        records: &[Record],
        stop: &dyn Fn() -> bool,
    ) -> Result<Checked, ArchiveError> {
        let (mut checked, mut seen) = (Checked::default(), BTreeSet::new());
        for line in records.iter().flat_map(|record| record.lines().values()) {
            if stop() {
                return Err(ArchiveError::Interrupted);
            }
            if !seen.insert(&line.object) {
                continue;
            }
            match self.whole(line) {
                Ok(()) => {
                    checked.whole += 1;
                    checked.bytes = checked.bytes.saturating_add(line.bytes);
                }
                Err(fault @ (ArchiveError::Missing { .. } | ArchiveError::Damaged { .. })) => {
                    checked.faults.push(fault);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(checked)
    }

    /// Brings partitions of one series back that meet these dates. Bars that the store has hold; of several archived
    /// versions of a partition the newer hold against the older.
    ///
    /// # Errors
    /// [`ArchiveError`]; what came back by then stays, whole, and the same call goes on from there.
    pub fn restore(
        &self,
        store: &MarketStore,
        records: &[Record],
        dates: Dates,
        stop: &dyn Fn() -> bool,
    ) -> Result<Restored, ArchiveError> {
        let _lock = store.files().lock("archive.lock")?;
        let mut newest_first: Vec<&Record> = records.iter().collect();
        newest_first.sort_by_key(|record| std::cmp::Reverse(record.archived_at));
        let mut restored = Restored::default();
        for record in newest_first {
            let wanted: Vec<Partition> = record
                .lines()
                .keys()
                .copied()
                .filter(|partition| dates.meet(*partition))
                .collect();
            for step in wanted.chunks(STEP) {
                if stop() {
                    return Err(ArchiveError::Interrupted);
                }
                let done = self.adopted(store, record, step)?;
                restored.rows = restored.rows.saturating_add(done.added);
                restored.files = restored.files.saturating_add(done.files);
            }
        }
        Ok(restored)
    }

    fn adopted(
        &self,
        store: &MarketStore,
        record: &Record,
        step: &[Partition],
    ) -> Result<Committed, ArchiveError> {
        let chosen = record
            .manifest()
            .restricted(|partition, _| step.contains(&partition));
        let mut failed = None;
        let adopted = store.adopt(&chosen, &mut |partition, _| {
            let Some(line) = record.lines().get(&partition) else {
                return Err(DataError::NotFound {
                    file: partition.to_string(),
                });
            };
            match self.place.get(&line.object) {
                Ok(content) => Ok(Box::new(content) as Box<dyn Read + Send>),
                Err(error) => {
                    failed = Some(error);
                    Err(DataError::NotFound {
                        file: line.object.clone(),
                    })
                }
            }
        });
        match (adopted, failed) {
            (Ok(done), _) => Ok(done),
            (Err(_), Some(error)) => Err(error),
            (Err(error), None) => {
                // The store only knows that a stream was wrong; which object it was, and how, is told by reading again.
                for partition in step {
                    if let Some(line) = record.lines().get(partition) {
                        self.whole(line)?;
                    }
                }
                Err(error.into())
            }
        }
    }

    /// A proven copy of a partition, and whether it had to be sent.
    fn copied(
        &self,
        store: &MarketStore,
        key: &SeriesKey,
        partition: Partition,
        entry: &Entry,
    ) -> Result<(RecordLine, bool), ArchiveError> {
        let open = || store.open_partition(key, partition, entry);
        let unreadable = |source| {
            ArchiveError::Store(DataError::Io {
                file: format!("{key} {partition}"),
                doing: "reading what is to be archived",
                source,
            })
        };
        let own = digest(&mut open()?).map_err(unreadable)?;
        if own.bytes != entry.bytes || own.blake3 != entry.blake3 {
            return Err(ArchiveError::Store(DataError::Damaged {
                file: format!("{key} {partition}"),
                detail: "its content does not match its checksum".to_owned(),
            }));
        }
        let line = RecordLine {
            object: object_name(key, partition, &own.sha256),
            bytes: own.bytes,
            sha256: own.sha256.clone(),
        };
        let is_there = self.place.length(&line.object)? == Some(own.bytes)
            && self.place.seen(&line.object)? == own;
        if !is_there {
            let sent: Seen = self.place.put(&line.object, &mut open()?)?;
            if sent != own || self.place.seen(&line.object)? != own {
                return Err(self
                    .place
                    .damaged(&line.object, "what was read back is not what was sent"));
            }
        }
        Ok((line, !is_there))
    }

    /// Writes a record and reads it back.
    fn write(&self, record: &Record) -> Result<(), ArchiveError> {
        let bytes = record.render()?;
        let name = Record::name(record.key(), &bytes);
        self.place.put(&name, &mut bytes.as_slice())?;
        if self.place.small(&self.place.at(&name), MOST_BYTES)? == bytes {
            Ok(())
        } else {
            Err(self
                .place
                .damaged(&name, "what was read back is not what was sent"))
        }
    }

    fn whole(&self, line: &RecordLine) -> Result<(), ArchiveError> {
        let seen = self.place.seen(&line.object)?;
        if seen.bytes != line.bytes {
            let detail = format!("it has {} bytes instead of {}", seen.bytes, line.bytes);
            return Err(self.place.damaged(&line.object, &detail));
        }
        if seen.sha256 != line.sha256 {
            let detail = "its content does not match its SHA-256";
            return Err(self.place.damaged(&line.object, detail));
        }
        Ok(())
    }
}
