//! The order manager's memory: every order the core has proposed, by number.
//!
//! Working orders and the most recent finished ones are in a slab; a ring translates order numbers
//! (which are consecutive) to slots, so a look-up is two array reads. Finished orders stay until
//! `retained` newer ones have finished: fills that arrive late still find them.

mod brackets;

use std::collections::VecDeque;

use trader_domain::order::{OrderStateError, OrderStatus};
use trader_domain::{
    ContingentExits, InstrumentId, OrderId, OrderRequest, Quantity, Side, StrategyId,
};

pub(crate) use brackets::{Bracket, Brackets, exit_kind, exit_mode, restate_exits};
pub use entry::OrderEntry;

mod entry;

/// A change of an order that its strategy is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderStatusChange {
    /// Which order.
    pub order: OrderId,
    /// In which instrument.
    pub instrument: InstrumentId,
    /// Where it stands now.
    pub status: OrderStatus,
    /// What is left to trade.
    pub leaves: Quantity,
}

const GONE: u32 = u32::MAX;

/// All orders that still matter.
#[derive(Debug, Clone)]
pub(crate) struct Orders {
    slots: Vec<OrderEntry>,
    free: Vec<u32>,
    /// `ring[n]` is the slot of order `base + n`.
    ring: VecDeque<u32>,
    base: u64,
    finished: VecDeque<OrderId>,
    retained: usize,
    working: usize,
    /// Signed working quantity, `[strategy][instrument]`.
    pending: Vec<Vec<Quantity>>,
}

impl Orders {
    pub(crate) fn new(strategies: usize, instruments: usize, retained: usize, first: u64) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            ring: VecDeque::new(),
            base: first,
            finished: VecDeque::with_capacity(retained + 1),
            retained,
            working: 0,
            pending: vec![vec![Quantity::ZERO; instruments]; strategies],
        }
    }

    /// Adds a proposed order under its number; numbers skipped (refused proposals) stay empty.
    pub(crate) fn insert(
        &mut self,
        request: &OrderRequest,
        exits: ContingentExits,
    ) -> Result<&mut OrderEntry, OrderStateError> {
        let slot = if let Some(&slot) = self.free.last() {
            self.slots[slot as usize].replace_by(request, exits)?;
            self.free.pop();
            slot
        } else {
            self.slots.push(OrderEntry::new(request.clone(), exits)?);
            u32::try_from(self.slots.len() - 1).unwrap_or(GONE)
        };
        let offset = usize::try_from(request.id.0.saturating_sub(self.base)).unwrap_or(usize::MAX);
        while self.ring.len() <= offset {
            self.ring.push_back(GONE);
        }
        self.ring[offset] = slot;
        self.working += 1;
        Ok(&mut self.slots[slot as usize])
    }

    fn slot(&self, order: OrderId) -> Option<usize> {
        let offset = usize::try_from(order.0.checked_sub(self.base)?).ok()?;
        self.ring
            .get(offset)
            .copied()
            .filter(|&slot| slot != GONE)
            .map(|slot| slot as usize)
    }

    pub(crate) fn get(&self, order: OrderId) -> Option<&OrderEntry> {
        self.slots.get(self.slot(order)?)
    }

    pub(crate) fn get_mut(&mut self, order: OrderId) -> Option<&mut OrderEntry> {
        let slot = self.slot(order)?;
        self.slots.get_mut(slot)
    }

    /// Marks an order as finished; forgets the oldest finished one beyond the retained number.
    pub(crate) fn finish(&mut self, order: OrderId) {
        self.working = self.working.saturating_sub(1);
        self.finished.push_back(order);
        if self.finished.len() > self.retained
            && let Some(oldest) = self.finished.pop_front()
        {
            self.forget(oldest);
        }
    }

    /// A bust brought a finished order back to life.
    pub(crate) fn revive(&mut self, order: OrderId) {
        if let Some(place) = self.finished.iter().position(|&done| done == order) {
            self.finished.remove(place);
            self.working += 1;
        }
    }

    fn forget(&mut self, order: OrderId) {
        let Some(slot) = self.slot(order) else { return };
        if let Ok(offset) = usize::try_from(order.0 - self.base)
            && let Some(place) = self.ring.get_mut(offset)
        {
            *place = GONE;
        }
        if let Ok(slot) = u32::try_from(slot) {
            self.free.push(slot);
        }
        while self.ring.front() == Some(&GONE) {
            self.ring.pop_front();
            self.base += 1;
        }
    }

    /// Working orders, to be changed, in the order of their numbers.
    pub(crate) fn each_working(&mut self, mut change: impl FnMut(&mut OrderEntry)) {
        for &slot in self.ring.iter().filter(|&&slot| slot != GONE) {
            if let Some(entry) = self.slots.get_mut(slot as usize)
                && entry.life.is_working()
            {
                change(entry);
            }
        }
    }

    /// Working orders in the order of their numbers.
    pub(crate) fn working(&self) -> impl Iterator<Item = &OrderEntry> {
        self.ring
            .iter()
            .filter(|&&slot| slot != GONE)
            .filter_map(|&slot| self.slots.get(slot as usize))
            .filter(|entry| entry.life.is_working())
    }

    pub(crate) const fn working_count(&self) -> usize {
        self.working
    }

    pub(crate) fn pending(&self, strategy: StrategyId) -> &[Quantity] {
        self.pending
            .get(usize::from(strategy.0))
            .map_or(&[], Vec::as_slice)
    }

    /// Adds to (or takes from) what works for a strategy in an instrument.
    pub(crate) fn adjust_pending(
        &mut self,
        strategy: StrategyId,
        instrument: InstrumentId,
        side: Side,
        change: Quantity,
    ) {
        let cell = self
            .pending
            .get_mut(usize::from(strategy.0))
            .and_then(|row| row.get_mut(instrument.index()));
        if let Some(cell) = cell {
            let signed = if side == Side::Buy {
                change
            } else {
                change.negated()
            };
            // Both are bounded by order quantities that the gate accepted.
            *cell = cell.checked_add(signed).unwrap_or(*cell);
        }
    }
}
