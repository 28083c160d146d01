//! Series of ticks on disk: commit, read, check, prune, revise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use chrono::NaiveDate;
use trader_domain::{Price, Quantity, Symbol, Timestamp, TradeConditions};

use super::codec::{decode, encode, schema};
use super::key::{TickKey, TickKind};
use super::manifest::{TickEntry, TickManifest};
use super::quote::StoredQuote;
use super::row::{Identity, TickRow, TickText};
use super::trade::StoredTrade;
use crate::error::DataError;
use crate::fingerprint::Fingerprint;
use crate::store::files::StoreLock;
use crate::store::market_store::{Effect, MANIFEST, MarketStore, Provenance, Pruned};
use crate::table::{Cells, ColumnSpec};

/// What a write of ticks changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct TickCommitted {
    /// Ticks that were not there.
    pub added: u64,
    /// Ticks that replaced others of the same identity that said something else.
    pub replaced: u64,
    /// Files written.
    pub files: u64,
}

impl TickCommitted {
    /// The sum of two writes.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            added: self.added.saturating_add(other.added),
            replaced: self.replaced.saturating_add(other.replaced),
            files: self.files.saturating_add(other.files),
        }
    }
}

/// What a vendor says later about a print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// It is taken back.
    Cancel {
        /// Its identifier.
        id: TickText,
        /// Its price.
        price: Price,
        /// Its size.
        size: Quantity,
    },
    /// Another one takes its place.
    Correct {
        /// The identifier of the one that was wrong.
        id: TickText,
        /// What is right; it is stored at the time of the one that it replaces.
        corrected: StoredTrade,
    },
}

/// What revisions came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revised {
    /// Revisions that changed something.
    pub applied: u64,
    /// Revisions that were applied before.
    pub known: u64,
    /// Revisions of prints that are not stored.
    pub unmatched: u64,
    /// Times of the prints concerned: bars over them must be made anew.
    pub times: BTreeSet<Timestamp>,
}

impl MarketStore {
    /// Every series of ticks, in the order of vendor, kind and symbol.
    ///
    /// # Errors
    /// [`DataError`] when folders cannot be listed.
    pub fn tick_series(&self) -> Result<Vec<TickKey>, DataError> {
        let mut keys = Vec::new();
        for vendor in self.files.list("")? {
            if !vendor.is_folder || !vendor.name.starts_with("vendor=") {
                continue;
            }
            for kind in TickKind::ALL {
                let folder = format!("{}/kind={}", vendor.name, kind.name());
                for entry in self.files.list(&folder)? {
                    if entry.is_folder {
                        keys.extend(TickKey::of_folder(&format!("{folder}/{}", entry.name)));
                    }
                }
            }
        }
        keys.sort();
        Ok(keys)
    }

    /// A series' manifest; `None` when nothing was ever stored of it.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when it is not whole.
    pub fn tick_manifest(&self, key: &TickKey) -> Result<Option<TickManifest>, DataError> {
        let path = format!("{}/{MANIFEST}", key.folder());
        let Some(bytes) = self.files.read(&path)? else {
            return Ok(None);
        };
        let shown = self.files.shown(&path);
        let manifest = TickManifest::parse(&bytes, &shown)?;
        if manifest.key != *key {
            return Err(DataError::Damaged {
                file: shown,
                detail: format!("it is the manifest of {}", manifest.key),
            });
        }
        Ok(Some(manifest))
    }

    /// Puts checked ticks into a series: all of them become visible at once. Ticks that are there already change
    /// nothing. Prints without an identifier or a number are told apart by what they say and how many alike there are,
    /// so each write must hold all of an instant.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] for times outside the years 1946 to 2199; otherwise why reading or writing failed.
    /// The series is then as it was.
    pub fn commit_ticks<R: TickRow>(
        &self,
        vendor: &str,
        symbol: Symbol,
        rows: &[R],
        provenance: &Provenance,
    ) -> Result<TickCommitted, DataError> {
        let key = TickKey::new(vendor, R::KIND, symbol)?;
        if rows.is_empty() {
            return Ok(TickCommitted::default());
        }
        let mut days: BTreeMap<NaiveDate, Vec<R>> = BTreeMap::new();
        for row in rows {
            let day = TickKey::day_of(row.time()).ok_or_else(|| DataError::Unsupported {
                file: key.to_string(),
                detail: format!(
                    "has a tick at {}, outside the years 1946 to 2199",
                    row.time()
                ),
            })?;
            days.entry(day).or_default().push(*row);
        }
        let _lock = self.lock_ticks(&key)?;
        let before = self.tick_manifest(&key)?;
        let mut after = before
            .clone()
            .unwrap_or_else(|| TickManifest::new(key.clone()));
        let (mut done, mut files) = (TickCommitted::default(), Vec::new());
        for (day, new) in days {
            let stored = match after.entries.get(&day) {
                None => Vec::new(),
                Some(entry) => self.read_day::<R>(&key, day, entry)?,
            };
            let (merged, change) = merge(stored, &new);
            if change == TickCommitted::default() {
                continue;
            }
            done = done.plus(change);
            files.push(prepared(&mut after, day, &merged, provenance)?);
        }
        done.files = files.len() as u64;
        self.publish_ticks(before.as_ref(), &after, &files)?;
        Ok(done)
    }

    /// The ticks of a day in the order of time; none when there are none.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when the file is not as it was written.
    pub fn ticks<R: TickRow>(
        &self,
        vendor: &str,
        symbol: Symbol,
        day: NaiveDate,
    ) -> Result<Vec<R>, DataError> {
        let key = TickKey::new(vendor, R::KIND, symbol)?;
        let manifest = self.tick_manifest(&key)?;
        match manifest
            .as_ref()
            .and_then(|manifest| manifest.entries.get(&day))
        {
            Some(entry) => self.read_day(&key, day, entry),
            None => Ok(Vec::new()),
        }
    }

    /// A day as columns with the vendor's name in every row, for files.
    ///
    /// # Errors
    /// As [`Self::ticks`].
    pub fn tick_cells(&self, key: &TickKey, day: NaiveDate) -> Result<Vec<Cells>, DataError> {
        fn cells<R: TickRow>(rows: &[R], key: &TickKey) -> Vec<Cells> {
            let mut cells = R::cells(rows);
            cells.push(Cells::Text(vec![Some(key.vendor().to_owned()); rows.len()]));
            cells
        }
        let (vendor, symbol) = (key.vendor(), key.symbol());
        Ok(match key.kind() {
            TickKind::Trades => cells(&self.ticks::<StoredTrade>(vendor, symbol, day)?, key),
            TickKind::Quotes => cells(&self.ticks::<StoredQuote>(vendor, symbol, day)?, key),
        })
    }

    /// The columns of [`Self::tick_cells`].
    pub fn tick_columns(kind: TickKind) -> Vec<ColumnSpec> {
        match kind {
            TickKind::Trades => schema::<StoredTrade>(),
            TickKind::Quotes => schema::<StoredQuote>(),
        }
    }

    /// Checks everything of a series: what is damaged, by day where a day's file is concerned.
    ///
    /// # Errors
    /// [`DataError`] when folders or files cannot be read at all.
    pub fn check_ticks(
        &self,
        key: &TickKey,
    ) -> Result<Vec<(Option<NaiveDate>, DataError)>, DataError> {
        let manifest = match self.tick_manifest(key) {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return self.orphaned(key),
            Err(error) if error.is_damage() => {
                return Ok(vec![(None, error)]);
            }
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for (day, entry) in &manifest.entries {
            let read = match key.kind() {
                TickKind::Trades => self.read_day::<StoredTrade>(key, *day, entry).map(drop),
                TickKind::Quotes => self.read_day::<StoredQuote>(key, *day, entry).map(drop),
            };
            match read {
                Ok(()) => {}
                Err(error) if error.is_damage() => found.push((Some(*day), error)),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Removes the days before a New York date.
    ///
    /// # Errors
    /// [`DataError`] when the series cannot be read or written; it is then as it was.
    pub fn prune_ticks(
        &self,
        key: &TickKey,
        before: NaiveDate,
        effect: Effect,
    ) -> Result<Pruned, DataError> {
        let _lock = match effect {
            Effect::Preview => StoreLock::none(),
            Effect::Apply => self.lock_ticks(key)?,
        };
        let Some(old) = self.tick_manifest(key)? else {
            return Ok(Pruned::default());
        };
        let mut after = old.clone();
        let kept = after.entries.split_off(&before);
        let mut pruned = Pruned::default();
        for entry in after.entries.values() {
            pruned.rows += entry.rows;
            pruned.files += 1;
            pruned.bytes += entry.bytes;
        }
        after.entries = kept;
        if effect == Effect::Apply {
            self.publish_ticks(Some(&old), &after, &[])?;
        }
        Ok(pruned)
    }

    /// Takes damaged days out of a series, or all of it when its manifest is damaged, so that it can be filled again.
    ///
    /// # Errors
    /// As [`Self::commit_ticks`].
    pub fn forget_ticks(&self, key: &TickKey, days: &[Option<NaiveDate>]) -> Result<(), DataError> {
        if days.contains(&None) {
            let _lock = self.files.lock(&key.lock_name())?;
            self.files.remove(&format!("{}/{MANIFEST}", key.folder()))?;
            return self.sweep_ticks(key);
        }
        let _lock = self.lock_ticks(key)?;
        let Some(old) = self.tick_manifest(key)? else {
            return Ok(());
        };
        let mut after = old.clone();
        after.entries.retain(|day, _| !days.contains(&Some(*day)));
        self.publish_ticks(Some(&old), &after, &[])
    }

    /// Applies what a vendor said later about prints, each with the time of the message and the time at which we had
    /// it. Prints are looked for on the message's New York day and the stored day before it. A print that is taken back
    /// or replaced stays, marked [`TradeConditions::CANCELED`] with the time at which we knew.
    ///
    /// # Errors
    /// As [`Self::commit_ticks`].
    pub fn revise_trades(
        &self,
        vendor: &str,
        symbol: Symbol,
        revisions: &[(Timestamp, Timestamp, Revision)],
        provenance: &Provenance,
    ) -> Result<Revised, DataError> {
        let key = TickKey::new(vendor, TickKind::Trades, symbol)?;
        let _lock = self.lock_ticks(&key)?;
        let mut revised = Revised::default();
        let Some(before) = self.tick_manifest(&key)? else {
            revised.unmatched = revisions.len() as u64;
            return Ok(revised);
        };
        let mut days: BTreeMap<NaiveDate, Vec<StoredTrade>> = BTreeMap::new();
        let mut changed = BTreeSet::new();
        for (said, known, revision) in revisions {
            let last = TickKey::day_of(*said).unwrap_or(NaiveDate::MAX);
            let mut end = End::Unmatched;
            for (day, entry) in before.entries.range(..=last).rev().take(2) {
                let rows = match days.entry(*day) {
                    std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::btree_map::Entry::Vacant(new) => {
                        new.insert(self.read_day(&key, *day, entry)?)
                    }
                };
                end = revise(rows, *known, revision, &mut revised.times);
                if end == End::Applied {
                    changed.insert(*day);
                }
                if end != End::Unmatched {
                    break;
                }
            }
            match end {
                End::Applied => revised.applied += 1,
                End::Known => revised.known += 1,
                End::Unmatched => revised.unmatched += 1,
            }
        }
        let (mut after, mut files) = (before.clone(), Vec::new());
        for day in changed {
            if let Some(rows) = days.get(&day) {
                let (ordered, _) = merge(Vec::new(), rows);
                files.push(prepared(&mut after, day, &ordered, provenance)?);
            }
        }
        self.publish_ticks(Some(&before), &after, &files)?;
        Ok(revised)
    }

    fn read_day<R: TickRow>(
        &self,
        key: &TickKey,
        day: NaiveDate,
        entry: &TickEntry,
    ) -> Result<Vec<R>, DataError> {
        let path = path(key, day, &entry.file());
        let shown = self.files.shown(&path);
        let damaged = |detail: String| DataError::Damaged {
            file: shown.clone(),
            detail,
        };
        let Some(bytes) = self.files.read(&path)? else {
            return Err(damaged("the file is missing".to_owned()));
        };
        if bytes.len() as u64 != entry.bytes {
            let detail = format!("it has {} bytes instead of {}", bytes.len(), entry.bytes);
            return Err(damaged(detail));
        }
        if Fingerprint::of_bytes(&bytes).to_string() != entry.blake3 {
            return Err(damaged(
                "its content does not match its checksum".to_owned(),
            ));
        }
        decode(bytes, key, entry.rows, &shown)
    }

    /// Writes files, then the manifest that names them, then removes what it names no longer.
    fn publish_ticks(
        &self,
        before: Option<&TickManifest>,
        after: &TickManifest,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), DataError> {
        if before == Some(after) {
            return Ok(());
        }
        self.files.write(files)?;
        let manifest = format!("{}/{MANIFEST}", after.key.folder());
        self.files.write(&[(manifest, after.render()?)])?;
        for (day, entry) in before.iter().flat_map(|manifest| &manifest.entries) {
            let kept = after.entries.get(day);
            if kept.is_none_or(|kept| kept.blake3 != entry.blake3) {
                self.files.remove(&path(&after.key, *day, &entry.file()))?;
            }
        }
        Ok(())
    }

    /// Data files without a manifest: it was removed, or the first write never ended.
    fn orphaned(&self, key: &TickKey) -> Result<Vec<(Option<NaiveDate>, DataError)>, DataError> {
        let folder = key.folder();
        for entry in self.files.list(&folder)? {
            let files = self.files.list(&format!("{folder}/{}", entry.name))?;
            if entry.is_folder && files.iter().any(|file| file.name.ends_with(".parquet")) {
                let damage = DataError::Damaged {
                    file: self.files.shown(&format!("{folder}/{MANIFEST}")),
                    detail: "it is missing beside data files".to_owned(),
                };
                return Ok(vec![(None, damage)]);
            }
        }
        Ok(Vec::new())
    }

    fn lock_ticks(&self, key: &TickKey) -> Result<StoreLock, DataError> {
        let lock = self.files.lock(&key.lock_name())?;
        let first = self
            .swept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key.folder());
        if first {
            self.sweep_ticks(key)?;
        }
        Ok(lock)
    }

    /// Removes what a crash left: temporary files, and data files that the manifest does not name.
    fn sweep_ticks(&self, key: &TickKey) -> Result<(), DataError> {
        let folder = key.folder();
        let manifest = self.tick_manifest(key)?;
        for entry in self.files.list(&folder)? {
            if !entry.is_folder {
                if entry.name.starts_with('.') {
                    self.files.remove(&format!("{folder}/{}", entry.name))?;
                }
                continue;
            }
            let day = entry.name.strip_prefix("date=");
            let Some(day) = day.and_then(|day| day.parse::<NaiveDate>().ok()) else {
                continue;
            };
            let named = manifest
                .as_ref()
                .and_then(|manifest| manifest.entries.get(&day))
                .map(TickEntry::file);
            for file in self.files.list(&format!("{folder}/{}", entry.name))? {
                let is_ours = file.name.starts_with('.') || file.name.ends_with(".parquet");
                if is_ours && named.as_ref() != Some(&file.name) {
                    let path = format!("{folder}/{}/{}", entry.name, file.name);
                    self.files.remove(&path)?;
                }
            }
        }
        Ok(())
    }
}

fn path(key: &TickKey, day: NaiveDate, file: &str) -> String {
    format!("{}/date={day}/{file}", key.folder())
}

/// A day's file; its entry goes into the manifest.
fn prepared<R: TickRow>(
    manifest: &mut TickManifest,
    day: NaiveDate,
    rows: &[R],
    provenance: &Provenance,
) -> Result<(String, Vec<u8>), DataError> {
    let ends = rows.first().zip(rows.last());
    let (first, last) = ends.ok_or_else(|| DataError::NoRows {
        file: manifest.key.to_string(),
    })?;
    let bytes = encode(&manifest.key, rows)?;
    let source: String = provenance.source.to_string().chars().take(16).collect();
    let old = manifest.entries.get(&day);
    let mut sources = old.map(|old| old.sources.clone()).unwrap_or_default();
    if let Err(at) = sources.binary_search(&source) {
        sources.insert(at, source);
    }
    let entry = TickEntry::new(
        day,
        bytes.len() as u64,
        Fingerprint::of_bytes(&bytes).to_string(),
        rows.len() as u64,
        (first.time(), last.time()),
        provenance.run.clone(),
        sources,
    );
    let path = path(&manifest.key, day, &entry.file());
    manifest.entries.insert(day, entry);
    Ok((path, bytes))
}

/// Identities with a number that tells apart ticks alike that nobody names.
fn numbered<R: TickRow>(rows: &[R]) -> Vec<(Identity, u32)> {
    let mut alike: BTreeMap<Identity, u32> = BTreeMap::new();
    rows.iter()
        .map(|row| {
            let identity = row.identity();
            if !matches!(identity, Identity::Content(..)) {
                return (identity, 0);
            }
            let count = alike.entry(identity).or_default();
            *count += 1;
            (identity, *count)
        })
        .collect()
}

/// Puts `new` into `stored`; in the order of time, the vendor's number, and arrival.
fn merge<R: TickRow>(stored: Vec<R>, new: &[R]) -> (Vec<R>, TickCommitted) {
    let mut places: BTreeMap<(Identity, u32), usize> =
        numbered(&stored).into_iter().zip(0..).collect();
    let (mut rows, mut done) = (stored, TickCommitted::default());
    for (row, identity) in new.iter().zip(numbered(new)) {
        match places.get(&identity).and_then(|place| rows.get_mut(*place)) {
            Some(known) => {
                let updated = known.updated(row);
                if updated != *known {
                    *known = updated;
                    done.replaced += 1;
                }
            }
            None => {
                places.insert(identity, rows.len());
                rows.push(*row);
                done.added += 1;
            }
        }
    }
    rows.sort_by_key(|row| (row.time(), row.sequence()));
    (rows, done)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Applied,
    Known,
    Unmatched,
}

/// Applies one revision to the prints of a day.
fn revise(
    rows: &mut Vec<StoredTrade>,
    known: Timestamp,
    revision: &Revision,
    times: &mut BTreeSet<Timestamp>,
) -> End {
    let concerned = |row: &StoredTrade| match revision {
        Revision::Cancel { id, price, size } => {
            row.id == *id && row.price == *price && row.size == *size
        }
        Revision::Correct { id, corrected } => {
            row.id == *id && (corrected.exchange.is_empty() || row.exchange == corrected.exchange)
        }
    };
    let Some(row) = rows.iter_mut().find(|row| concerned(row)) else {
        return End::Unmatched;
    };
    let (time, sequence, original) = (row.time, row.sequence, row.id);
    match revision {
        Revision::Cancel { .. } => {
            if row.is_canceled() {
                return End::Known;
            }
            row.conditions = row.conditions.with(TradeConditions::CANCELED);
            row.revised = Some(known);
        }
        Revision::Correct { corrected, .. } => {
            let right = StoredTrade {
                time,
                sequence: corrected.sequence.or(sequence),
                received: row.received,
                tape: if corrected.tape.is_empty() {
                    row.tape
                } else {
                    corrected.tape
                },
                revised: Some(known),
                replaces: original,
                ..*corrected
            };
            if corrected.id.is_empty() || corrected.id == original {
                // The vendor keeps the identifier: the print itself changes.
                let right = StoredTrade {
                    id: original,
                    ..right
                };
                let same = |row: &StoredTrade| StoredTrade {
                    revised: None,
                    ..*row
                };
                if same(row) == same(&right) {
                    return End::Known;
                }
                *row = right;
            } else {
                if row.is_canceled() {
                    return End::Known;
                }
                row.conditions = row.conditions.with(TradeConditions::CANCELED);
                row.revised = Some(known);
                rows.push(StoredTrade {
                    received: Some(known),
                    ..right
                });
            }
        }
    }
    times.insert(time);
    End::Applied
}
