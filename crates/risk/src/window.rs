//! [`WindowCounter`]: how often something happened in the last so many nanoseconds.
//!
//! Used for message rates and for the loop throttle. It needs neither a list of instants nor an
//! allocation: time is cut into slices, and the count covers at least the window (at most a
//! sixteenth more), so a limit checked against it is never exceeded in any window.

use trader_domain::Timestamp;

/// Slices that make up one window.
const SLICES: i64 = 16;
/// The window's slices and the running one.
const SLOTS: usize = 17;

/// A count over a sliding window, never too low.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WindowCounter {
    slice_nanos: i64,
    newest: i64,
    /// From when on nothing counts any more.
    empty_from: i64,
    slots: [u32; SLOTS],
    total: u64,
}

impl WindowCounter {
    /// Counts over `window_nanos` (at least one nanosecond).
    pub(crate) fn new(window_nanos: i64) -> Self {
        Self {
            slice_nanos: (window_nanos.max(1).saturating_add(SLICES - 1) / SLICES).max(1),
            newest: 0,
            empty_from: i64::MAX,
            slots: [0; SLOTS],
            total: 0,
        }
    }

    /// The same events counted over another window; never fewer than fall into it.
    pub(crate) fn over(&self, window_nanos: i64, now: Timestamp) -> Self {
        let mut other = Self::new(window_nanos);
        if other.slice_nanos == self.slice_nanos {
            return self.clone();
        }
        // A longer window may hold events that this one has forgotten; all it ever held within its
        // slots is carried over.
        for _ in 0..self.total {
            other.record(now);
        }
        other
    }

    fn slice_of(&self, now: Timestamp) -> i64 {
        // Time that runs backwards counts into the newest slice.
        now.nanos().div_euclid(self.slice_nanos).max(self.newest)
    }

    fn slot(slice: i64) -> usize {
        usize::try_from(slice.rem_euclid(SLICES + 1)).unwrap_or(0)
    }

    /// How often it happened in the window that ends `now`.
    pub(crate) fn count(&self, now: Timestamp) -> u64 {
        if self.total == 0 || now.nanos() >= self.empty_from {
            return 0;
        }
        let age = self.slice_of(now) - self.newest;
        if age == 0 {
            return self.total;
        }
        (0..=SLICES - age)
            .filter_map(|back| self.slots.get(Self::slot(self.newest - back)))
            .map(|&count| u64::from(count))
            .sum()
    }

    /// It happened once more.
    pub(crate) fn record(&mut self, now: Timestamp) {
        let slice = self.slice_of(now);
        let passed = slice - self.newest;
        if passed > SLICES {
            self.slots = [0; SLOTS];
            self.total = 0;
        } else {
            for step in 1..=passed {
                if let Some(expired) = self.slots.get_mut(Self::slot(self.newest + step)) {
                    self.total -= u64::from(*expired);
                    *expired = 0;
                }
            }
        }
        self.newest = slice;
        self.empty_from = slice
            .saturating_add(SLICES + 1)
            .saturating_mul(self.slice_nanos);
        if let Some(slot) = self.slots.get_mut(Self::slot(slice))
            && *slot < u32::MAX
        {
            *slot += 1;
            self.total += 1;
        }
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        update(&self.newest.to_le_bytes());
        for slot in self.slots {
            update(&slot.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::WindowCounter;
    use trader_domain::Timestamp;

    #[test]
    fn it_never_counts_less_than_the_window_holds() {
        let window = 1_000;
        let mut counter = WindowCounter::new(window);
        let mut seen: Vec<i64> = Vec::new();
        let mut now = 1_700_000_000_000_000_000_i64;
        for step in 0..2_000_i64 {
            now += (step * 7_919) % 97;
            let exact = seen.iter().filter(|&&t| now - t < window).count() as u64;
            let generous = seen.iter().filter(|&&t| now - t < 1_100).count() as u64;
            let found = counter.count(Timestamp::from_nanos(now));
            assert!(
                found >= exact && found <= generous,
                "{exact} {found} {generous}"
            );
            counter.record(Timestamp::from_nanos(now));
            seen.push(now);
        }
    }

    #[test]
    fn a_long_silence_empties_it() {
        let mut counter = WindowCounter::new(1_000);
        counter.record(Timestamp::from_nanos(5));
        assert_eq!(counter.count(Timestamp::from_nanos(900)), 1);
        assert_eq!(counter.count(Timestamp::from_nanos(10_000)), 0);
    }
}
