//! Finding damage: every byte of every file against its digest, every file against the manifests.

use super::key::{Partition, SeriesKey};
use super::market_store::{MANIFEST, MarketStore};
use crate::columns::BarColumns;
use crate::error::DataError;

/// Something in a store that is not as it was written.
#[derive(Debug)]
pub struct Damage {
    /// The partition, where one file is concerned.
    pub partition: Option<Partition>,
    /// What was found.
    pub error: DataError,
}

impl MarketStore {
    /// Checks everything of a series; nothing found means every bar reads back as it was written.
    ///
    /// # Errors
    /// [`DataError`] when folders or files cannot be read at all.
    pub fn check(&self, key: &SeriesKey) -> Result<Vec<Damage>, DataError> {
        let manifest = match self.manifest(key) {
            Ok(Some(manifest)) => manifest,
            Ok(None) => return self.check_orphan(key),
            Err(error) if error.is_damage() => {
                return Ok(vec![Damage {
                    partition: None,
                    error,
                }]);
            }
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        let mut columns = BarColumns::with_optional(manifest.optional());
        for (partition, entry) in manifest.entries() {
            match self.read_entry(&manifest, *partition, entry, &mut columns) {
                Ok(()) => {}
                Err(error) if error.is_damage() => found.push(Damage {
                    partition: Some(*partition),
                    error,
                }),
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Data files without a manifest: the manifest was removed, or the first write never ended. Only the first is
    /// damage, but nobody can tell them apart.
    fn check_orphan(&self, key: &SeriesKey) -> Result<Vec<Damage>, DataError> {
        let folder = key.folder();
        for entry in self.files.list(&folder)? {
            if !entry.is_folder {
                continue;
            }
            let files = self.files.list(&format!("{folder}/{}", entry.name))?;
            if files.iter().any(|file| file.name.ends_with(".parquet")) {
                return Ok(vec![Damage {
                    partition: None,
                    error: DataError::Damaged {
                        file: self.files.shown(&format!("{folder}/{MANIFEST}")),
                        detail: "it is missing beside data files".to_owned(),
                    },
                }]);
            }
        }
        Ok(Vec::new())
    }
}
