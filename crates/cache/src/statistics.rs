//! How often what was asked for was there.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of one tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TierStatistics {
    /// Asked for and there.
    pub hits: u64,
    /// Asked for and not there, or ended.
    pub misses: u64,
}

/// Counts since the cache was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Memory.
    pub memory: TierStatistics,
    /// Redis.
    pub redis: TierStatistics,
    /// Files.
    pub files: TierStatistics,
    /// Asked of the source.
    pub loads: u64,
    /// Entries in memory now.
    pub entries: u64,
    /// Their weight in bytes.
    pub bytes: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counter {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Counter {
    pub(crate) fn count(&self, hit: bool) {
        let counter = if hit { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> TierStatistics {
        TierStatistics {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}
