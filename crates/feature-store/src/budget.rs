//! How much memory a computation may take, and how the work is cut to fit.
//!
//! The need is computed before anything is allocated. Per row of a series in memory: its prices,
//! volume and optional columns, twice over because vectors grow by doubling. Per row of a chunk: what
//! the set reads, what it gives, and the cells handed to the table writer. The writer itself holds one
//! row group of cells and its encoded form. A test holds a counting allocator against these bounds.

use trader_features::FeatureSet;

use crate::error::StoreError;

/// Bytes of one bar in memory: start, four prices, volume, and the optional columns.
const BAR_BYTES: u64 = 8 * 6 + 16 + 8 + 8;
/// Rows of one row group, which the table writer holds.
const GROUP_ROWS: u64 = 65_536;
/// Most and fewest rows of a chunk.
const CHUNK: (u64, u64) = (1_024, 65_536);
/// Bytes per cell in a chunk: the value in the table and in its option.
const CELL_BYTES: u64 = 8 + 16;
/// What the program needs besides: encoders' dictionaries, file buffers.
const FIXED: u64 = 8 << 20;

/// How wide the rows of a feature set are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    features: u64,
    inputs: u64,
}

impl Shape {
    /// Of a set.
    pub fn of(set: &FeatureSet) -> Self {
        Self {
            features: set.features().len() as u64,
            inputs: set.inputs().len() as u64,
        }
    }
}

/// The limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryBudget {
    bytes: u64,
}

impl MemoryBudget {
    /// At most this many bytes.
    pub const fn new(bytes: u64) -> Self {
        Self { bytes }
    }

    /// Bytes that a series of `rows` bars takes while and after it is read.
    pub const fn series_bytes(rows: u64) -> u64 {
        rows.saturating_mul(2 * BAR_BYTES)
    }

    /// Bytes that computing and writing a set of this shape takes beyond the series, with chunks of `rows`.
    pub const fn work_bytes(shape: Shape, rows: u64) -> u64 {
        let row = (shape.features + 2) * CELL_BYTES + (shape.inputs + 2) * 8;
        FIXED + Self::writer_bytes(shape.features + 2) + rows * row
    }

    /// Bytes that a table writer takes: a row group as cells, and again while it is encoded.
    pub(crate) const fn writer_bytes(columns: u64) -> u64 {
        (GROUP_ROWS * (16 + 16)).saturating_mul(columns)
    }

    /// Whether `needed` bytes are allowed.
    ///
    /// # Errors
    /// [`StoreError::Memory`].
    pub fn fits(&self, needed: u64, what: &str) -> Result<(), StoreError> {
        if needed <= self.bytes {
            return Ok(());
        }
        Err(StoreError::Memory {
            what: what.to_owned(),
            needed,
            budget: self.bytes,
        })
    }

    /// How many rows a chunk may have, with `resident` bytes of series in memory.
    ///
    /// # Errors
    /// [`StoreError::Memory`] when not even the smallest chunk fits.
    pub fn chunk_rows(&self, shape: Shape, resident: u64, what: &str) -> Result<usize, StoreError> {
        let (fewest, most) = CHUNK;
        let needed = resident.saturating_add(Self::work_bytes(shape, fewest));
        if needed > self.bytes {
            return Err(StoreError::Memory {
                what: what.to_owned(),
                needed,
                budget: self.bytes,
            });
        }
        let mut rows = most;
        while rows > fewest && resident.saturating_add(Self::work_bytes(shape, rows)) > self.bytes {
            rows /= 2;
        }
        Ok(usize::try_from(rows.max(fewest)).unwrap_or(1_024))
    }

    /// Cuts symbols, given with their rows, into batches whose series fit into memory together.
    ///
    /// # Errors
    /// [`StoreError::Memory`] when one symbol alone does not fit.
    pub fn batches<T: Clone + std::fmt::Display>(
        &self,
        shape: Shape,
        resident: u64,
        symbols: &[(T, u64)],
    ) -> Result<Vec<Vec<T>>, StoreError> {
        let work = resident.saturating_add(Self::work_bytes(shape, CHUNK.0));
        let mut batches: Vec<Vec<T>> = Vec::new();
        let mut used = u64::MAX;
        for (symbol, rows) in symbols {
            let bytes = Self::series_bytes(*rows);
            let alone = work.saturating_add(bytes);
            if alone > self.bytes {
                return Err(StoreError::Memory {
                    what: format!("{symbol} with {rows} bars"),
                    needed: alone,
                    budget: self.bytes,
                });
            }
            if used.saturating_add(bytes) > self.bytes {
                batches.push(Vec::new());
                used = work;
            }
            used = used.saturating_add(bytes);
            if let Some(batch) = batches.last_mut() {
                batch.push(symbol.clone());
            }
        }
        Ok(batches)
    }
}
