//! [`OrderIndex`]: from an order's number to its place in the slab, in constant time.
//!
//! An open-addressing table with a fixed hash: the same orders give the same table in every run,
//! nothing iterates over it, and it allocates only while the number of working orders grows.

use trader_domain::OrderId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    order: OrderId,
    place: u32,
}

/// A map from working orders to places.
#[derive(Debug, Clone, Default)]
pub(super) struct OrderIndex {
    entries: Vec<Option<Entry>>,
    used: usize,
}

impl OrderIndex {
    const SMALLEST: usize = 64;

    fn home(&self, order: OrderId) -> usize {
        // Orders are numbered consecutively: the low bits alone spread them perfectly.
        usize::try_from(order.0 & u64::from(u32::MAX)).unwrap_or(0) & (self.entries.len() - 1)
    }

    fn next(&self, at: usize) -> usize {
        (at + 1) & (self.entries.len() - 1)
    }

    /// The place of an order.
    pub(super) fn get(&self, order: OrderId) -> Option<u32> {
        self.find(order)
            .and_then(|at| self.entries.get(at).copied().flatten())
            .map(|entry| entry.place)
    }

    fn find(&self, order: OrderId) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let mut at = self.home(order);
        while let Some(entry) = self.entries.get(at).copied().flatten() {
            if entry.order == order {
                return Some(at);
            }
            at = self.next(at);
        }
        None
    }

    /// Notes the place of a new order.
    pub(super) fn insert(&mut self, order: OrderId, place: u32) {
        if (self.used + 1) * 2 > self.entries.len() {
            self.grow();
        }
        let mut at = self.home(order);
        while self.entries.get(at).copied().flatten().is_some() {
            at = self.next(at);
        }
        if let Some(slot) = self.entries.get_mut(at) {
            *slot = Some(Entry { order, place });
            self.used += 1;
        }
    }

    /// Forgets an order and closes the gap, so that no search ends too early.
    pub(super) fn remove(&mut self, order: OrderId) -> Option<u32> {
        let mut hole = self.find(order)?;
        let removed = self.entries.get_mut(hole)?.take()?;
        self.used -= 1;
        let mask = self.entries.len() - 1;
        let mut at = self.next(hole);
        while let Some(entry) = self.entries.get(at).copied().flatten() {
            let from_home = at.wrapping_sub(self.home(entry.order)) & mask;
            let from_hole = at.wrapping_sub(hole) & mask;
            if from_home >= from_hole {
                self.entries.swap(hole, at);
                hole = at;
            }
            at = self.next(at);
        }
        Some(removed.place)
    }

    fn grow(&mut self) {
        let size = (self.entries.len() * 2).max(Self::SMALLEST);
        let old = std::mem::replace(&mut self.entries, vec![None; size]);
        self.used = 0;
        for entry in old.into_iter().flatten() {
            self.insert(entry.order, entry.place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OrderIndex;
    use std::collections::BTreeMap;
    use trader_domain::OrderId;

    #[test]
    fn it_agrees_with_an_ordered_map_under_churn() {
        let mut index = OrderIndex::default();
        let mut model = BTreeMap::new();
        let mut state = 12_345_u64;
        for step in 0..20_000_u32 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Collisions on purpose: numbers far apart share low bits.
            let order = OrderId(((state >> 33) % 97) * 64 + (state >> 60) % 3);
            if state & 1 == 0 && !model.contains_key(&order) {
                index.insert(order, step);
                model.insert(order, step);
            } else {
                assert_eq!(index.remove(order), model.remove(&order));
            }
            assert_eq!(index.get(order), model.get(&order).copied());
        }
        for (&order, &place) in &model {
            assert_eq!(index.get(order), Some(place));
        }
    }
}
