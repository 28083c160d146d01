//! [`MarketStore`]: series of bars on disk, written in steps that are visible whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use trader_domain::{Symbol, Timestamp};

use super::codec::{Expected, Projection, decode, encode};
use super::files::{LocalFiles, StoreFiles, StoreLock};
use super::key::{Partition, SeriesKey, label_of_date};
use super::manifest::{Entry, Manifest, file_name};
use super::merge::merge;
use super::pages::{Packer, Unpacker};
use super::sealed::{SealedLines, open_seal};
use crate::columns::BarColumns;
use crate::error::DataError;
use crate::fingerprint::Fingerprint;

/// The file that marks a folder as a store.
const MARKER: &str = "_store.jsonl";
pub(super) const MANIFEST: &str = "_manifest.jsonl";

#[derive(serde::Serialize)]
struct Marker {
    format: &'static str,
    version: u32,
}

/// Where bars come from, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The ingest run: 16 hexadecimal digits.
    pub run: String,
    /// Digest of the source.
    pub source: Fingerprint,
}

/// What a write changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Committed {
    /// Bars at times where there was none.
    pub added: u64,
    /// Bars that replaced others that said something else.
    pub replaced: u64,
    /// Files written.
    pub files: u64,
}

impl Committed {
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

/// What a pruning removes, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Bars.
    pub rows: u64,
    /// Files that go or become shorter.
    pub files: u64,
    /// Bytes of files that go.
    pub bytes: u64,
}

/// Whether to do it or only to say what would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Only count.
    Preview,
    /// Do it.
    Apply,
}

/// A store of market data; see [`crate::store`].
#[derive(Debug, Clone)]
pub struct MarketStore {
    pub(super) files: Arc<dyn StoreFiles>,
    /// Series whose leftovers were swept since the store was opened.
    pub(super) swept: Arc<Mutex<BTreeSet<String>>>,
}

impl MarketStore {
    /// Opens the store in a folder, or makes one there if the folder is empty or absent.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the folder holds something else.
    pub fn create(folder: &Path) -> Result<Self, DataError> {
        Self::create_on(Arc::new(LocalFiles::new(folder)))
    }

    /// As [`Self::create`], on other files.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_on(files: Arc<dyn StoreFiles>) -> Result<Self, DataError> {
        if files.read(MARKER)?.is_some() {
            return Self::open_on(files);
        }
        let entries = files.list("")?;
        // A crash while the store was made leaves these and nothing else.
        let ours = |name: &str| name.starts_with('.') || name == "_locks";
        if let Some(other) = entries.iter().find(|entry| !ours(&entry.name)) {
            return Err(not_a_store(&files.shown(""), &other.name));
        }
        files.write(&[(MARKER.to_owned(), marker()?)])?;
        Ok(Self::on(files))
    }

    /// Opens the store in a folder.
    ///
    /// # Errors
    /// [`DataError::NotFound`] when there is nothing, [`DataError::Unsupported`] when it is no store of this version.
    pub fn open(folder: &Path) -> Result<Self, DataError> {
        Self::open_on(Arc::new(LocalFiles::new(folder)))
    }

    /// As [`Self::open`], on other files.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_on(files: Arc<dyn StoreFiles>) -> Result<Self, DataError> {
        let shown = files.shown(MARKER);
        let Some(bytes) = files.read(MARKER)? else {
            return Err(DataError::NotFound { file: shown });
        };
        open_seal(&bytes, &shown)?;
        if bytes != marker()? {
            return Err(DataError::Unsupported {
                file: shown,
                detail: "is of another version; use the program that wrote it".to_owned(),
            });
        }
        Ok(Self::on(files))
    }

    fn on(files: Arc<dyn StoreFiles>) -> Self {
        Self {
            files,
            swept: Arc::default(),
        }
    }

    /// Where its files are, for records kept beside the series; their names begin with `_`.
    pub fn files(&self) -> &Arc<dyn StoreFiles> {
        &self.files
    }

    /// The folder, as it is shown to people.
    pub fn shown(&self) -> String {
        self.files.shown("")
    }

    /// Every series, in the order of vendor, kind, timeframe, adjustment and symbol.
    ///
    /// # Errors
    /// [`DataError`] when folders cannot be listed.
    pub fn series(&self) -> Result<Vec<SeriesKey>, DataError> {
        let mut folders = vec![String::new()];
        for key in ["vendor=", "kind=", "timeframe=", "adjustment=", "symbol="] {
            let mut deeper = Vec::new();
            for folder in &folders {
                for entry in self.files.list(folder)? {
                    if entry.is_folder && entry.name.starts_with(key) {
                        let separator = if folder.is_empty() { "" } else { "/" };
                        deeper.push(format!("{folder}{separator}{}", entry.name));
                    }
                }
            }
            folders = deeper;
        }
        let mut keys: Vec<SeriesKey> = folders
            .iter()
            .filter_map(|folder| SeriesKey::of_folder(folder))
            .collect();
        keys.sort();
        Ok(keys)
    }

    /// The series of a symbol, whoever delivered it.
    ///
    /// # Errors
    /// As [`Self::series`].
    pub fn series_of(&self, symbol: Symbol) -> Result<Vec<SeriesKey>, DataError> {
        let mut keys = self.series()?;
        keys.retain(|key| key.symbol() == symbol);
        Ok(keys)
    }

    /// A series' manifest; `None` when nothing was ever stored of it.
    ///
    /// # Errors
    /// [`DataError::Damaged`] when it is not whole.
    pub fn manifest(&self, key: &SeriesKey) -> Result<Option<Manifest>, DataError> {
        let path = format!("{}/{MANIFEST}", key.folder());
        let Some(bytes) = self.files.read(&path)? else {
            return Ok(None);
        };
        let shown = self.files.shown(&path);
        let manifest = Manifest::parse(&bytes, &shown)?;
        if manifest.key != *key {
            return Err(DataError::Damaged {
                file: shown,
                detail: format!("it is the manifest of {}", manifest.key),
            });
        }
        Ok(Some(manifest))
    }

    /// Puts bars into a series: all of them become visible at once. Bars that are there already change nothing.
    ///
    /// `chunks` hold the bars of whole or partial partitions, each in the order of time.
    ///
    /// # Errors
    /// [`DataError::Unsupported`] when the series has other columns; otherwise why writing failed. The series is then
    /// as it was.
    pub fn commit(
        &self,
        key: &SeriesKey,
        chunks: &[BarColumns],
        provenance: &Provenance,
    ) -> Result<Committed, DataError> {
        let Some(first) = chunks.iter().find(|chunk| !chunk.is_empty()) else {
            return Ok(Committed::default());
        };
        let _lock = self.lock_and_sweep(key)?;
        let before = self.manifest(key)?;
        let mut manifest = before
            .clone()
            .unwrap_or_else(|| Manifest::new(key.clone(), first.optional()));
        let (mut done, mut files) = (Committed::default(), Vec::new());
        let mut packer = Packer::default();
        for (partition, new) in by_partition(key, chunks)? {
            if new.optional() != manifest.optional {
                return Err(other_columns(key));
            }
            let (columns, added, replaced) = match manifest.entries.get(&partition) {
                None => {
                    let rows = new.len() as u64;
                    (new, rows, 0)
                }
                Some(entry) => {
                    let mut stored = BarColumns::with_optional(manifest.optional);
                    self.read_entry(&manifest, partition, entry, &mut stored)?;
                    let (columns, merged) = merge(&stored, &new);
                    if merged.added == 0 && merged.replaced == 0 {
                        continue;
                    }
                    (columns, merged.added, merged.replaced)
                }
            };
            let old = manifest.entries.get(&partition);
            let (path, bytes, entry) =
                prepared(key, partition, &columns, old, provenance, &mut packer)?;
            files.push((path, bytes));
            manifest.entries.insert(partition, entry);
            done.added += added;
            done.replaced += replaced;
        }
        done.files = files.len() as u64;
        self.publish(key, before.as_ref(), &manifest, &files)?;
        Ok(done)
    }

    /// Removes bars labelled before a New York date.
    ///
    /// # Errors
    /// [`DataError`] when the series cannot be read or written; it is then as it was.
    pub fn prune(
        &self,
        key: &SeriesKey,
        before: chrono::NaiveDate,
        effect: Effect,
    ) -> Result<Pruned, DataError> {
        let _lock = match effect {
            Effect::Preview => StoreLock::none(),
            Effect::Apply => self.lock_and_sweep(key)?,
        };
        let (Some(old), Some(cutoff)) =
            (self.manifest(key)?, label_of_date(before, key.timeframe()))
        else {
            return Ok(Pruned::default());
        };
        let (mut manifest, mut files, mut pruned) = (old.clone(), Vec::new(), Pruned::default());
        let mut packer = Packer::default();
        for (partition, entry) in &old.entries {
            if entry.first >= cutoff {
                continue;
            }
            pruned.files += 1;
            manifest.entries.remove(partition);
            if entry.last < cutoff {
                pruned.rows += entry.rows;
                pruned.bytes += entry.bytes;
                continue;
            }
            let mut columns = BarColumns::with_optional(old.optional);
            self.read_entry(&old, *partition, entry, &mut columns)?;
            let keep: Vec<bool> = columns.start.iter().map(|start| *start >= cutoff).collect();
            pruned.rows += keep.iter().filter(|keep| !**keep).count() as u64;
            columns.retain(&keep);
            let origin = Provenance {
                run: entry.run.clone(),
                source: Fingerprint::of_bytes(&[]),
            };
            let (path, bytes, mut shorter) =
                prepared(key, *partition, &columns, None, &origin, &mut packer)?;
            shorter.sources.clone_from(&entry.sources);
            files.push((path, bytes));
            manifest.entries.insert(*partition, shorter);
        }
        if effect == Effect::Apply && pruned.files > 0 {
            self.publish(key, Some(&old), &manifest, &files)?;
        }
        Ok(pruned)
    }

    /// Takes partitions out of a series, so that they can be filled again.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn forget(&self, key: &SeriesKey, partitions: &[Partition]) -> Result<(), DataError> {
        let _lock = self.lock_and_sweep(key)?;
        let Some(old) = self.manifest(key)? else {
            return Ok(());
        };
        let mut manifest = old.clone();
        manifest
            .entries
            .retain(|partition, _| !partitions.contains(partition));
        self.publish(key, Some(&old), &manifest, &[])
    }

    /// Removes what a crash of an earlier process left in a series' folder; every write does so by itself.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn sweep_leftovers(&self, key: &SeriesKey) -> Result<(), DataError> {
        self.lock_and_sweep(key).map(drop)
    }

    /// Removes a manifest that is damaged and with it the series, so that it can be filled again.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn forget_damaged_manifest(&self, key: &SeriesKey) -> Result<(), DataError> {
        let _lock = self.files.lock(&key.lock_name())?;
        self.files.remove(&format!("{}/{MANIFEST}", key.folder()))?;
        self.sweep(key)
    }

    /// Writes files, then the manifest that names them, then removes what it names no longer.
    pub(super) fn publish(
        &self,
        key: &SeriesKey,
        before: Option<&Manifest>,
        after: &Manifest,
        files: &[(String, Vec<u8>)],
    ) -> Result<(), DataError> {
        if before == Some(after) {
            return Ok(());
        }
        let folder = key.folder();
        self.files.write(files)?;
        self.files
            .write(&[(format!("{folder}/{MANIFEST}"), after.render()?)])?;
        for (partition, entry) in before.iter().flat_map(|manifest| &manifest.entries) {
            let kept = after.entries.get(partition);
            if kept.is_none_or(|kept| kept.file != entry.file) {
                self.files
                    .remove(&format!("{folder}/{partition}/{}", entry.file))?;
            }
        }
        Ok(())
    }

    /// The bytes of a partition's file, checked.
    pub(super) fn checked_bytes(
        &self,
        key: &SeriesKey,
        partition: Partition,
        entry: &Entry,
    ) -> Result<Vec<u8>, DataError> {
        let path = format!("{}/{partition}/{}", key.folder(), entry.file);
        let damaged = |detail: String| DataError::Damaged {
            file: self.files.shown(&path),
            detail,
        };
        let Some(bytes) = self.files.read(&path)? else {
            return Err(damaged("the file is missing".to_owned()));
        };
        if bytes.len() as u64 != entry.bytes {
            return Err(damaged(format!(
                "it has {} bytes instead of {}",
                bytes.len(),
                entry.bytes
            )));
        }
        if Fingerprint::of_bytes(&bytes).to_string() != entry.blake3 {
            return Err(damaged(
                "its content does not match its checksum".to_owned(),
            ));
        }
        Ok(bytes)
    }

    pub(super) fn read_entry(
        &self,
        manifest: &Manifest,
        partition: Partition,
        entry: &Entry,
        into: &mut BarColumns,
    ) -> Result<(), DataError> {
        let (all, mut unpacker) = (Projection::All, Unpacker::default());
        self.read_columns(manifest, partition, entry, &all, &mut unpacker, into)
    }

    /// The columns asked for of a partition; a scan keeps its unpacker from one to the next.
    pub(super) fn read_columns(
        &self,
        manifest: &Manifest,
        partition: Partition,
        entry: &Entry,
        projection: &Projection,
        unpacker: &mut Unpacker,
        into: &mut BarColumns,
    ) -> Result<(), DataError> {
        let bytes = self.checked_bytes(&manifest.key, partition, entry)?;
        let file = self.files.shown(&format!(
            "{}/{partition}/{}",
            manifest.key.folder(),
            entry.file
        ));
        let expected = Expected {
            key: &manifest.key,
            optional: manifest.optional,
            rows: usize::try_from(entry.rows).unwrap_or(usize::MAX),
            file: &file,
        };
        decode(bytes, &expected, projection, unpacker, into)
    }

    pub(super) fn lock_and_sweep(&self, key: &SeriesKey) -> Result<StoreLock, DataError> {
        let lock = self.files.lock(&key.lock_name())?;
        let folder = key.folder();
        let first = self
            .swept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(folder);
        if first {
            self.sweep(key)?;
        }
        Ok(lock)
    }

    /// Removes what a crash left: temporary files, and data files that the manifest does not name.
    fn sweep(&self, key: &SeriesKey) -> Result<(), DataError> {
        let folder = key.folder();
        let manifest = self.manifest(key)?;
        for entry in self.files.list(&folder)? {
            if entry.name.starts_with('.') && !entry.is_folder {
                self.files.remove(&format!("{folder}/{}", entry.name))?;
            }
            let Some(partition) = Partition::parse(&entry.name).filter(|_| entry.is_folder) else {
                continue;
            };
            let named = manifest
                .as_ref()
                .and_then(|manifest| manifest.entries.get(&partition));
            for file in self.files.list(&format!("{folder}/{partition}"))? {
                let is_ours = file.name.starts_with('.') || file.name.ends_with(".parquet");
                if is_ours && named.is_none_or(|named| named.file != file.name) {
                    self.files
                        .remove(&format!("{folder}/{partition}/{}", file.name))?;
                }
            }
        }
        Ok(())
    }
}

fn marker() -> Result<Vec<u8>, DataError> {
    let mut lines = SealedLines::default();
    lines.push(&Marker {
        format: "market data store",
        version: 1,
    })?;
    Ok(lines.seal())
}

fn not_a_store(folder: &str, other: &str) -> DataError {
    DataError::Unsupported {
        file: folder.to_owned(),
        detail: format!(
            "is no market data store: it holds `{}`; name a store, or a folder that is empty or not there yet",
            crate::error::excerpt(other.as_bytes(), 60)
        ),
    }
}

pub(super) fn other_columns(key: &SeriesKey) -> DataError {
    DataError::Unsupported {
        file: key.to_string(),
        detail: "is stored with other columns (volume, vwap, trades or adjusted close); \
                 import these files under another vendor's name"
            .to_owned(),
    }
}

/// The file of a partition and its manifest entry.
pub(super) fn prepared(
    key: &SeriesKey,
    partition: Partition,
    columns: &BarColumns,
    old: Option<&Entry>,
    provenance: &Provenance,
    packer: &mut Packer,
) -> Result<(String, Vec<u8>, Entry), DataError> {
    let bytes = encode(key, columns, packer)?;
    let blake3 = Fingerprint::of_bytes(&bytes).to_string();
    let ends = columns.start.first().zip(columns.start.last());
    let (first, last) = ends.ok_or_else(|| DataError::NoRows {
        file: key.to_string(),
    })?;
    let source: String = provenance.source.to_string().chars().take(16).collect();
    let mut sources: Vec<String> = old.map(|old| old.sources.clone()).unwrap_or_default();
    if let Err(at) = sources.binary_search(&source) {
        sources.insert(at, source);
    }
    let entry = Entry {
        file: file_name(&blake3),
        bytes: bytes.len() as u64,
        rows: columns.len() as u64,
        first: *first,
        last: *last,
        run: provenance.run.clone(),
        sources,
        blake3,
    };
    let path = format!("{}/{partition}/{}", key.folder(), entry.file);
    Ok((path, bytes, entry))
}

/// Cuts chunks at the limits of partitions and joins the parts that belong together.
fn by_partition(
    key: &SeriesKey,
    chunks: &[BarColumns],
) -> Result<BTreeMap<Partition, BarColumns>, DataError> {
    let outside = || DataError::Unsupported {
        file: key.to_string(),
        detail: "has bars outside the years 1900 to 2199 (1946 on for intraday bars)".to_owned(),
    };
    let mut parts: BTreeMap<Partition, BarColumns> = BTreeMap::new();
    for chunk in chunks {
        let mut at = 0;
        while let Some(label) = chunk.start.get(at) {
            let partition = Partition::of(*label, key.timeframe()).ok_or_else(outside)?;
            let until = partition.until(key.timeframe()).ok_or_else(outside)?;
            let rest: &[Timestamp] = chunk.start.get(at..).unwrap_or_default();
            let end = at + rest.partition_point(|label| *label < until).max(1);
            let part = chunk.slice(at, end);
            let joined = match parts.remove(&partition) {
                Some(before) => merge(&before, &part).0,
                None => part,
            };
            parts.insert(partition, joined);
            at = end;
        }
    }
    Ok(parts)
}
