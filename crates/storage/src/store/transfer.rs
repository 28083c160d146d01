//! Partitions on their way out of a store and back: what an archive needs.
//!
//! A partition leaves in three steps: its file is read ([`MarketStore::open_partition`]), kept elsewhere, and only then
//! taken out of the series ([`MarketStore::release`]), which refuses what was written anew meanwhile. It comes back
//! through [`MarketStore::adopt`], which checks every byte and never overrules bars that are there.

use std::collections::BTreeMap;
use std::io::{self, Read};

use super::codec::{Expected, Projection, decode};
use super::key::{Partition, SeriesKey};
use super::manifest::{Entry, Manifest};
use super::market_store::{Committed, MarketStore, Provenance, other_columns, prepared};
use super::merge::merge;
use super::pages::{Packer, Unpacker};
use crate::columns::BarColumns;
use crate::error::DataError;
use crate::fingerprint::Fingerprint;

/// Opens the file of a partition wherever it is kept.
pub type OpenPartition<'a> =
    &'a mut dyn FnMut(Partition, &Entry) -> Result<Box<dyn Read + Send>, DataError>;

impl MarketStore {
    /// The bytes of a partition's file, as a stream. They are not checked: whoever copies them compares them with
    /// [`Entry::bytes`] and [`Entry::blake3`].
    ///
    /// # Errors
    /// [`DataError::Damaged`] when the file is missing.
    pub fn open_partition(
        &self,
        key: &SeriesKey,
        partition: Partition,
        entry: &Entry,
    ) -> Result<Box<dyn Read + Send>, DataError> {
        let path = path(key, partition, entry);
        self.files.open(&path)?.ok_or_else(|| DataError::Damaged {
            file: self.files.shown(&path),
            detail: "the file is missing".to_owned(),
        })
    }

    /// Takes partitions out of a series that are kept elsewhere now, each with the BLAKE3 of what is kept. A partition
    /// that says something else by now stays. Gives those that went.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn release(
        &self,
        key: &SeriesKey,
        kept: &BTreeMap<Partition, String>,
    ) -> Result<Vec<Partition>, DataError> {
        let _lock = self.lock_and_sweep(key)?;
        let Some(old) = self.manifest(key)? else {
            return Ok(Vec::new());
        };
        let mut manifest = old.clone();
        let mut gone = Vec::new();
        manifest.entries.retain(|partition, entry| {
            let same = kept
                .get(partition)
                .is_some_and(|kept| *kept == entry.blake3);
            if same {
                gone.push(*partition);
            }
            !same
        });
        self.publish(key, Some(&old), &manifest, &[])?;
        Ok(gone)
    }

    /// Puts partitions back: all of them become visible at once. Where the series has bars of its own in a partition,
    /// these hold, and what they lack is added.
    ///
    /// # Errors
    /// [`DataError::Corrupt`] when content is not what `archived` says; [`DataError::Unsupported`] when the series has
    /// other columns; otherwise as [`Self::commit`]. The series is then as it was.
    pub fn adopt(
        &self,
        archived: &Manifest,
        open: OpenPartition<'_>,
    ) -> Result<Committed, DataError> {
        let key = archived.key();
        let _lock = self.lock_and_sweep(key)?;
        let before = self.manifest(key)?;
        let mut manifest = before
            .clone()
            .unwrap_or_else(|| Manifest::new(key.clone(), archived.optional()));
        if manifest.optional() != archived.optional() {
            return Err(other_columns(key));
        }
        let (mut done, mut merged) = (Committed::default(), Vec::new());
        for (partition, entry) in archived.entries() {
            let content = |open: OpenPartition<'_>| {
                Ok::<_, DataError>(Checked::new(open(*partition, entry)?, entry))
            };
            match manifest.entries.get(partition) {
                Some(own) if own.blake3 == entry.blake3 => {}
                None => {
                    self.files
                        .write_from(&path(key, *partition, entry), &mut content(open)?)?;
                    manifest.entries.insert(*partition, entry.clone());
                    done.added = done.added.saturating_add(entry.rows);
                    done.files += 1;
                }
                Some(own) => {
                    let name = path(key, *partition, entry);
                    let mut bytes = Vec::new();
                    content(open)?
                        .read_to_end(&mut bytes)
                        .map_err(|error| DataError::from_io_named(&name, "reading", error))?;
                    let own = own.clone();
                    let Some((bytes, entry, added)) =
                        self.joined_with_own(&manifest, *partition, (&own, entry), bytes)?
                    else {
                        continue;
                    };
                    merged.push((path(key, *partition, &entry), bytes));
                    manifest.entries.insert(*partition, entry);
                    done.added = done.added.saturating_add(added);
                    done.files += 1;
                }
            }
        }
        self.publish(key, before.as_ref(), &manifest, &merged)?;
        Ok(done)
    }

    /// Own bars and archived ones as one partition; `None` when the archived ones add nothing.
    fn joined_with_own(
        &self,
        manifest: &Manifest,
        partition: Partition,
        (own, archived): (&Entry, &Entry),
        bytes: Vec<u8>,
    ) -> Result<Option<(Vec<u8>, Entry, u64)>, DataError> {
        let key = manifest.key();
        let mut stored = BarColumns::with_optional(manifest.optional());
        self.read_entry(manifest, partition, own, &mut stored)?;
        let mut back = BarColumns::with_optional(manifest.optional());
        let expected = Expected {
            key,
            optional: manifest.optional(),
            rows: usize::try_from(archived.rows).unwrap_or(usize::MAX),
            file: &path(key, partition, archived),
        };
        decode(
            bytes,
            &expected,
            &Projection::All,
            &mut Unpacker::default(),
            &mut back,
        )?;
        let (columns, _) = merge(&back, &stored);
        let added = (columns.len() as u64).saturating_sub(own.rows);
        if added == 0 {
            return Ok(None);
        }
        let origin = Provenance {
            run: own.run.clone(),
            source: Fingerprint::of_bytes(&[]),
        };
        let (_, bytes, mut entry) = prepared(
            key,
            partition,
            &columns,
            None,
            &origin,
            &mut Packer::default(),
        )?;
        entry.sources.clone_from(&own.sources);
        entry.sources.extend(archived.sources.iter().cloned());
        entry.sources.sort();
        entry.sources.dedup();
        Ok(Some((bytes, entry, added)))
    }
}

impl Manifest {
    /// The same series with some of its partitions only.
    #[must_use]
    pub fn restricted(&self, wanted: impl Fn(Partition, &Entry) -> bool) -> Self {
        let mut manifest = Self::new(self.key.clone(), self.optional);
        for (partition, entry) in &self.entries {
            if wanted(*partition, entry) {
                manifest.entries.insert(*partition, entry.clone());
            }
        }
        manifest
    }
}

fn path(key: &SeriesKey, partition: Partition, entry: &Entry) -> String {
    format!("{}/{partition}/{}", key.folder(), entry.file)
}

/// A stream that fails at its end when it was not what an entry says.
struct Checked {
    inner: Box<dyn Read + Send>,
    hasher: blake3::Hasher,
    left: u64,
    blake3: String,
}

impl Checked {
    fn new(inner: Box<dyn Read + Send>, entry: &Entry) -> Self {
        Self {
            inner,
            hasher: blake3::Hasher::new(),
            left: entry.bytes,
            blake3: entry.blake3.clone(),
        }
    }
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let invalid = |detail: &str| io::Error::new(io::ErrorKind::InvalidData, detail.to_owned());
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| invalid("it is longer than what was stored"))?;
        self.hasher.update(read);
        if count == 0 {
            if self.left > 0 {
                return Err(invalid("it is shorter than what was stored"));
            }
            if Fingerprint::from_hasher(&self.hasher).to_string() != self.blake3 {
                return Err(invalid("its content does not match its checksum"));
            }
        }
        Ok(count)
    }
}
