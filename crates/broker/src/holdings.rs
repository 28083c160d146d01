//! [`Holdings`]: the positions of one account by instrument, in the order in which they changed.
//!
//! The core's portfolio writes them; policies read them through the snapshot. A policy that keeps
//! sums over all positions remembers the [`Holdings::version`] they are of and brings them up to
//! date from [`Holdings::changed_since`]: what it costs is what has changed, not what is held. There
//! is no way to change a position that this list does not show.

use trader_domain::{InstrumentId, Money, Quantity};

/// One position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holding {
    /// Signed quantity; negative is short.
    pub quantity: Quantity,
    /// Signed market value at the last mark.
    pub market_value: Money,
}

/// No line.
const NONE: u32 = u32::MAX;

/// A position with its place in the list of changes.
#[derive(Debug, Clone, Copy)]
struct Line {
    holding: Holding,
    /// The version that its last change made; zero for one that never changed.
    changed: u64,
    newer: u32,
    older: u32,
}

/// All positions of one account.
#[derive(Debug, Clone)]
pub struct Holdings {
    lines: Vec<Line>,
    newest: u32,
    version: u64,
}

impl Default for Holdings {
    fn default() -> Self {
        Self::with_instruments(0)
    }
}

impl Holdings {
    /// Nothing held, in a table of `count` instruments.
    pub fn with_instruments(count: usize) -> Self {
        let flat = Line {
            holding: Holding::default(),
            changed: 0,
            newer: NONE,
            older: NONE,
        };
        Self {
            lines: vec![flat; count],
            newest: NONE,
            version: 0,
        }
    }

    /// How many instruments the table has.
    pub const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether the table has no instrument.
    pub const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Counts changes: the same version of the same holdings is the same positions.
    #[inline]
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The position in an instrument; `None` for an index outside the table.
    #[inline]
    pub fn get(&self, instrument: InstrumentId) -> Option<&Holding> {
        self.lines.get(instrument.index()).map(|line| &line.holding)
    }

    /// All positions, by instrument.
    pub fn iter(&self) -> impl Iterator<Item = &Holding> {
        self.lines.iter().map(|line| &line.holding)
    }

    /// The position in an instrument, to be changed; `None` for an index outside the table.
    #[inline]
    pub fn change(&mut self, instrument: InstrumentId) -> Option<&mut Holding> {
        let version = self.version + 1;
        self.lines.get_mut(instrument.index())?.changed = version;
        self.version = version;
        if self.newest != instrument.0 {
            self.move_to_front(instrument.0);
        }
        self.lines
            .get_mut(instrument.index())
            .map(|line| &mut line.holding)
    }

    /// The same quantity is worth something else; nothing happens for an index outside the table.
    #[inline(always)] // at every price of what is held
    pub fn revalue(&mut self, instrument: InstrumentId, market_value: Money) {
        let version = self.version + 1;
        let Some(line) = self.lines.get_mut(instrument.index()) else {
            return;
        };
        line.changed = version;
        line.holding.market_value = market_value;
        self.version = version;
        if self.newest != instrument.0 {
            self.move_to_front(instrument.0);
        }
    }

    /// Adds an instrument that was added to the run's table.
    pub fn add_instrument(&mut self) {
        let mut more = Self::with_instruments(1);
        self.lines.append(&mut more.lines);
    }

    #[inline(never)]
    fn move_to_front(&mut self, moved: u32) {
        let (newer, older) = self
            .line(moved)
            .map_or((NONE, NONE), |line| (line.newer, line.older));
        if let Some(line) = self.line_mut(newer) {
            line.older = older;
        }
        if let Some(line) = self.line_mut(older) {
            line.newer = newer;
        }
        let before = std::mem::replace(&mut self.newest, moved);
        if let Some(line) = self.line_mut(before) {
            line.newer = moved;
        }
        if let Some(line) = self.line_mut(moved) {
            (line.newer, line.older) = (NONE, before);
        }
    }

    fn line(&self, index: u32) -> Option<&Line> {
        self.lines.get(index as usize)
    }

    fn line_mut(&mut self, index: u32) -> Option<&mut Line> {
        self.lines.get_mut(index as usize)
    }

    /// The instruments whose position changed after `version`, each once, latest change first.
    pub fn changed_since(&self, version: u64) -> impl Iterator<Item = InstrumentId> + '_ {
        let mut next = self.newest;
        std::iter::from_fn(move || {
            let line = self.line(next).filter(|line| line.changed > version)?;
            Some(InstrumentId(std::mem::replace(&mut next, line.older)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Holding, Holdings};
    use std::collections::BTreeMap;
    use trader_domain::{InstrumentId, Quantity};

    #[test]
    fn every_change_is_listed_once_and_the_latest_first() {
        let mut holdings = Holdings::with_instruments(7);
        let mut last = BTreeMap::new();
        let mut state = 9_u64;
        for step in 1..=2_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let id = InstrumentId(u32::try_from((state >> 33) % 7).unwrap());
            holdings.change(id).unwrap().quantity = Quantity::whole(1);
            last.insert(id, step);
            assert_eq!(holdings.version(), step);
            let since = step.saturating_sub((state >> 50) % 12);
            let mut expected: Vec<_> = last.iter().filter(|entry| *entry.1 > since).collect();
            expected.sort_by_key(|entry| std::cmp::Reverse(entry.1));
            let found: Vec<_> = holdings.changed_since(since).collect();
            assert_eq!(
                found,
                expected.iter().map(|entry| *entry.0).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn what_is_not_in_the_table_cannot_change() {
        let mut holdings = Holdings::with_instruments(1);
        assert_eq!(holdings.change(InstrumentId(1)), None);
        assert_eq!(holdings.version(), 0);
        holdings.add_instrument();
        assert_eq!(
            holdings.change(InstrumentId(1)).copied(),
            Some(Holding::default())
        );
        let changed: Vec<_> = holdings.changed_since(0).collect();
        assert_eq!(changed, [InstrumentId(1)]);
    }
}
