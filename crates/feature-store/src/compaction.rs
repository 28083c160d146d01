//! Compaction: the many small parts that updates leave become one, with the same rows and the same origins.
//!
//! Every update writes a part, so a year of daily updates is 250 small files. [`compact`] copies the rows
//! of the older parts into one file, as they are: no value is computed again, and each row keeps the time at
//! which it could be known. What each part was computed from, when, stays in the manifest
//! ([`Part::merged`]); the calculators' state is that of the last part, so updates continue as before.
//! Computing resumes at the start of a part, so a corrected bar within a compacted part means computing the
//! part anew; who expects corrections of late bars keeps the newest parts apart.
//!
//! The new file is complete before the manifest names it, and what it replaces is removed after: killed at
//! any point, the store reads as before or as after, and `clean` removes what was left over. A reader that
//! runs at the same time sees one or the other.

use std::path::Path;

use trader_storage::{DataError, Existing, TableFormat, TableReader, TableWriter};

use crate::compute::Watch;
use crate::error::StoreError;
use crate::manifest::{Manifest, Origin, Part};
use crate::precompute::remove_dropped;
use crate::store::{FeatureStore, check, damaged, row_columns};

/// What was done for one symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compacted {
    /// `name@version`.
    pub set: String,
    /// The symbol.
    pub symbol: String,
    /// Parts before.
    pub before: usize,
    /// Parts now.
    pub after: usize,
    /// Rows copied.
    pub rows: u64,
}

/// Merges all parts but the `keep` newest into one, symbol by symbol; a symbol with nothing to merge is left
/// alone and not reported. `watch` is told the rows copied so far and can stop the work between chunks:
/// symbols done before stay done.
///
/// # Errors
/// [`StoreError::Busy`] while another process writes, [`StoreError::Damaged`] when a part is not what was
/// written (it stays as it is), [`StoreError::Interrupted`], and reading and writing errors.
pub fn compact(
    store: &FeatureStore,
    keep: usize,
    watch: &mut Watch<'_>,
) -> Result<Vec<Compacted>, StoreError> {
    let _lock = store.lock()?;
    let mut done = Vec::new();
    let mut rows = 0_u64;
    for (folder, manifest) in store.manifests()? {
        let (old, newest) = manifest
            .parts
            .split_at(manifest.parts.len().saturating_sub(keep));
        if old.len() < 2 {
            continue;
        }
        let part = merge(&folder, &manifest, old, &mut |copied| watch(rows + copied))?;
        rows += part.rows;
        let report = Compacted {
            set: manifest.lineage.set.clone(),
            symbol: manifest.symbol.clone(),
            before: manifest.parts.len(),
            after: newest.len() + 1,
            rows: part.rows,
        };
        let mut parts = vec![part];
        parts.extend_from_slice(newest);
        let now = Manifest::new(manifest.symbol.clone(), manifest.lineage.clone(), parts);
        now.write(&folder)?;
        remove_dropped(&folder, &manifest, &now)?;
        done.push(report);
    }
    Ok(done)
}

/// One part with the rows of `parts`, which follow each other.
fn merge(
    folder: &Path,
    manifest: &Manifest,
    parts: &[Part],
    watch: &mut Watch<'_>,
) -> Result<Part, StoreError> {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return Err(damaged(folder, "there is no part to merge"));
    };
    let rows: u64 = parts.iter().map(|part| part.rows).sum();
    let computed = parts.iter().map(|part| part.computed).max().unwrap_or(0);
    // No part that the present manifest names holds this many rows, so none of its files is written over.
    let file = format!("rows-0-{rows}-{computed:x}-{}.parquet", parts.len());
    let columns = row_columns(&manifest.lineage.features);
    let mut writer = TableWriter::create(
        &folder.join(&file),
        columns.clone(),
        TableFormat::Parquet,
        Existing::Replace,
    )
    .map_err(StoreError::File)?;
    let mut copied = 0_u64;
    for part in parts {
        let path = folder.join(&part.file);
        check(&path, &part.fingerprint)?;
        let mut reader = TableReader::open(&path).map_err(StoreError::File)?;
        let names = reader.columns().iter().map(|column| &column.name);
        if !names.eq(columns.iter().map(|column| &column.name)) || reader.rows() != part.rows {
            return Err(damaged(
                &path,
                "has other columns or rows than the manifest says",
            ));
        }
        while let Some(chunk) = reader.next_chunk().map_err(StoreError::File)? {
            if watch(copied).is_break() {
                return Err(StoreError::Interrupted);
            }
            copied += chunk.first().map_or(0, |cells| cells.len() as u64);
            writer.append(&chunk).map_err(|error| match error {
                DataError::Table { detail, .. } => damaged(&path, &detail),
                other => StoreError::File(other),
            })?;
        }
    }
    let fingerprint = writer.finish().map_err(StoreError::File)?;
    Ok(Part {
        file,
        fingerprint: fingerprint.to_string(),
        rows,
        first: first.first,
        computed,
        merged: parts.iter().flat_map(Part::origins).collect(),
        ..last.clone()
    })
}

impl Part {
    /// What this part was made from, piece by piece in the order of its rows: itself, unless it was merged.
    pub fn origins(&self) -> Vec<Origin> {
        if !self.merged.is_empty() {
            return self.merged.clone();
        }
        vec![Origin {
            rows: self.rows,
            first: self.first,
            last: self.last,
            inputs: self.inputs.clone(),
            source: self.source.clone(),
            computed: self.computed,
        }]
    }
}
