//! The last `n` values of a stream.

use crate::error::FeatureError;
use crate::snapshot::{Reader, State, Writer, refused};

/// A ring of the last `n` values; allocated once.
#[derive(Debug, PartialEq)]
pub struct Ring {
    values: Vec<f64>,
    next: usize,
    full: bool,
}

impl Clone for Ring {
    fn clone(&self) -> Self {
        Self {
            values: self.values.clone(),
            next: self.next,
            full: self.full,
        }
    }

    /// Reuses the allocation; `peek` relies on it.
    fn clone_from(&mut self, source: &Self) {
        self.values.clone_from(&source.values);
        self.next = source.next;
        self.full = source.full;
    }
}

impl Ring {
    /// An empty ring for `length` values (at least one).
    pub fn new(length: usize) -> Self {
        Self {
            values: vec![0.0; length.max(1)],
            next: 0,
            full: false,
        }
    }

    /// Adds a value; gives the one that falls out, NaN while the ring is filling.
    #[inline]
    pub fn push(&mut self, value: f64) -> f64 {
        let slot = &mut self.values[self.next];
        let old = std::mem::replace(slot, value);
        self.next += 1;
        let out = if self.full { old } else { f64::NAN };
        if self.next == self.values.len() {
            self.next = 0;
            self.full = true;
        }
        out
    }

    /// Whether `n` values have come.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// How many values it holds at most.
    pub fn capacity(&self) -> usize {
        self.values.len()
    }

    /// The value that the next push drops; meaningless until full.
    #[inline]
    pub fn oldest(&self) -> f64 {
        self.values[self.next]
    }

    /// Older part, then newer part.
    #[inline]
    pub fn parts(&self) -> (&[f64], &[f64]) {
        let (newer, older) = self.values.split_at(self.next);
        if self.full {
            (older, newer)
        } else {
            (&[], newer)
        }
    }

    /// Oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = f64> + '_ {
        let (older, newer) = self.parts();
        older.iter().chain(newer).copied()
    }
}

impl State for Ring {
    fn save(&self, writer: &mut Writer) {
        self.values.save(writer);
        writer.word(self.next as u64);
        self.full.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.values.load(reader)?;
        let next = reader.word()?;
        if next >= self.values.len() as u64 {
            return Err(refused("ring position out of range"));
        }
        self.next = usize::try_from(next).map_err(|_wide| refused("ring position"))?;
        self.full.load(reader)
    }
}
