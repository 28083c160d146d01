//! Watching the pool: how full it is, who waits, who holds a connection for too long.
//!
//! Every operation passes here when it takes a connection and when it gives it back. Warnings come at the edge: once
//! when something gets bad, not for each operation while it is.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::error::DatabaseError;
use crate::settings::PoolSettings;
use crate::telemetry::DatabaseMetrics;

/// Share of the pool from which its use is warned about.
const FULL: f64 = 0.8;

/// A connection that an operation holds for this many deadlines is counted as leaked.
const LEAK_AFTER_DEADLINES: u32 = 2;

/// The pool at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolUse {
    /// Connections in use.
    pub in_use: u32,
    /// Most connections at a time.
    pub most: u32,
    /// Waits longer than the threshold, since the start.
    pub slow_acquires: u64,
    /// Operations that hold, or wait for, a connection much longer than they may, with the time.
    pub leaks: Vec<(&'static str, Duration)>,
}

impl PoolUse {
    /// Part of the pool in use, 0 to 1.
    pub fn share(&self) -> f64 {
        f64::from(self.in_use) / f64::from(self.most.max(1))
    }

    /// Whether more than four fifths are in use.
    pub fn is_nearly_full(&self) -> bool {
        self.share() > FULL
    }
}

/// Watches one pool.
pub(crate) struct Watch {
    pool: PoolSettings,
    metrics: DatabaseMetrics,
    slow: AtomicU64,
    nearly_full: AtomicBool,
    next: AtomicU64,
    holders: Mutex<BTreeMap<u64, Holder>>,
}

/// An operation that needs a connection, and from some point on has one.
struct Holder {
    operation: &'static str,
    since: Instant,
    has_one: bool,
}

/// While it lives, an operation holds or waits for a connection.
pub(crate) struct Held<'a> {
    watch: &'a Watch,
    number: u64,
}

impl Held<'_> {
    /// Waits for a connection and notes when that is slow.
    pub(crate) async fn acquired<T>(
        &self,
        connection: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, sqlx::Error> {
        let start = Instant::now();
        let connection = connection.await;
        self.watch.waited(start.elapsed());
        let connection = connection?;
        if let Some(holder) = self.watch.lock().get_mut(&self.number) {
            holder.has_one = true;
        }
        self.watch.tell_use();
        Ok(connection)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.watch.lock().remove(&self.number);
        self.watch.tell_use();
    }
}

impl Watch {
    pub(crate) fn new(pool: PoolSettings, metrics: DatabaseMetrics) -> Self {
        Self {
            pool,
            metrics,
            slow: AtomicU64::new(0),
            nearly_full: AtomicBool::new(false),
            next: AtomicU64::new(0),
            holders: Mutex::new(BTreeMap::new()),
        }
    }

    /// Notes that an operation begins to need a connection.
    pub(crate) fn hold(&self, operation: &'static str) -> Held<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let holder = Holder {
            operation,
            since: Instant::now(),
            has_one: false,
        };
        self.lock().insert(number, holder);
        Held {
            watch: self,
            number,
        }
    }

    /// Connections in use.
    pub(crate) fn in_use(&self) -> u32 {
        let count = self.lock().values().filter(|holder| holder.has_one).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn waited(&self, waited: Duration) {
        if waited <= self.pool.slow_acquire {
            return;
        }
        self.metrics.slow.increment([]);
        // Each power of two of them: under load they come by the thousand.
        let count = self.slow.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_power_of_two() {
            let waited_ms = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(waited_ms, count, "a database connection was waited for");
        }
    }

    /// The pool now.
    pub(crate) fn pool_use(&self) -> PoolUse {
        let leak_after = self.pool.deadline * LEAK_AFTER_DEADLINES;
        let leaks: Vec<_> = self
            .lock()
            .values()
            .map(|holder| (holder.operation, holder.since.elapsed()))
            .filter(|(_, held)| *held > leak_after)
            .collect();
        for (operation, held) in &leaks {
            tracing::warn!(
                operation,
                held_s = held.as_secs(),
                "a database connection is held for too long"
            );
        }
        PoolUse {
            in_use: self.in_use(),
            most: self.pool.most(),
            slow_acquires: self.slow.load(Ordering::Relaxed),
            leaks,
        }
    }

    /// Counts a failure and logs it.
    pub(crate) fn failed(&self, operation: &'static str, error: &DatabaseError) {
        if matches!(error, DatabaseError::PoolExhausted { .. }) {
            self.metrics.exhausted.increment([operation]);
        }
        self.metrics.failed(operation, &error.to_string());
    }

    /// Counts a repetition.
    pub(crate) fn repeated(&self, operation: &'static str) {
        self.metrics.repeated.increment([operation]);
    }

    /// The pause before the attempt after this one: doubled each time, and different for those who wait together.
    pub(crate) fn pause(&self, attempt: u32, longest: Duration) -> Duration {
        let base = Duration::from_millis(1)
            .saturating_mul(2_u32.saturating_pow(attempt.min(16)))
            .min(longest);
        // A sequence number spread over 0 to 255 (Fibonacci hashing) tells apart who collided.
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let spread = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let part = u32::try_from(spread).unwrap_or(0);
        base / 2 + base * part / 512
    }

    fn tell_use(&self) {
        let in_use = self.in_use();
        let share = f64::from(in_use) / f64::from(self.pool.most().max(1));
        self.metrics.in_use.set([], share);
        let nearly_full = share > FULL;
        if self.nearly_full.swap(nearly_full, Ordering::Relaxed) != nearly_full && nearly_full {
            tracing::warn!(
                in_use,
                most = self.pool.most(),
                "the pool of database connections is nearly full"
            );
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Holder>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
