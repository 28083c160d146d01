//! [`Parents`]: what the children of each execution algorithm's order have taken of it.

use trader_domain::{OrderId, Quantity};

/// One parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parent {
    order: OrderId,
    /// Its total.
    pub(crate) quantity: Quantity,
    /// What its children have filled or may still fill, units of 10⁻⁹.
    pub(crate) committed: i64,
}

/// All parents at work and the share of each living child.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parents {
    /// Sorted by number.
    parents: Vec<Parent>,
    /// Living children: number, parent, committed units.
    children: Vec<(OrderId, OrderId, i64)>,
}

impl Parents {
    /// A parent; a number that is there already keeps its quantity.
    pub(crate) fn open(&mut self, order: OrderId, quantity: Quantity) {
        if let Err(place) = self.find(order) {
            self.parents.insert(
                place,
                Parent {
                    order,
                    quantity,
                    committed: 0,
                },
            );
        }
    }

    /// No more children: the parent is forgotten.
    pub(crate) fn close(&mut self, order: OrderId) {
        if let Ok(place) = self.find(order) {
            self.parents.remove(place);
        }
    }

    fn find(&self, order: OrderId) -> Result<usize, usize> {
        self.parents
            .binary_search_by_key(&order, |parent| parent.order)
    }

    /// A parent at work.
    pub(crate) fn get(&self, order: OrderId) -> Option<&Parent> {
        self.find(order).ok().and_then(|at| self.parents.get(at))
    }

    /// What a living child has committed.
    pub(crate) fn committed_by(&self, child: OrderId) -> i64 {
        self.children
            .iter()
            .find(|entry| entry.0 == child)
            .map_or(0, |entry| entry.2)
    }

    /// A child has filled or may still fill `committed` units in all.
    pub(crate) fn commit(&mut self, child: OrderId, parent: OrderId, committed: i64) {
        let Ok(at) = self.find(parent) else { return };
        let before = match self.children.iter_mut().find(|entry| entry.0 == child) {
            Some(entry) => std::mem::replace(&mut entry.2, committed),
            None => {
                self.children.push((child, parent, committed));
                0
            }
        };
        if let Some(parent) = self.parents.get_mut(at) {
            parent.committed = parent
                .committed
                .saturating_sub(before)
                .saturating_add(committed);
        }
    }

    /// A child is done; what it filled stays committed.
    pub(crate) fn child_done(&mut self, child: OrderId, parent: OrderId, filled: i64) {
        self.commit(child, parent, filled);
        if let Some(at) = self.children.iter().position(|entry| entry.0 == child) {
            self.children.swap_remove(at);
        }
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        for parent in &self.parents {
            update(&parent.order.0.to_le_bytes());
            update(&parent.committed.to_le_bytes());
        }
    }
}
