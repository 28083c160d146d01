//! Exits attached to entries: sized to what the entry has filled, one cancelling the other.
//!
//! Semantics (those that users of other engines had to fight for):
//! - exits exist only for filled quantity; a further fill of the entry raises them;
//! - an execution of one exit reduces the other by the same quantity;
//! - once an exit has traded, what is left of the entry is cancelled: no re-entry;
//! - when the position is reduced by anything else, exits shrink with it, oldest bracket last.

use trader_domain::{
    ContingentExits, InstrumentId, OcoGroupId, OrderId, Quantity, Session, Side, StrategyId,
};

/// One entry with its exits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bracket {
    pub(crate) entry: OrderId,
    pub(crate) strategy: StrategyId,
    pub(crate) instrument: InstrumentId,
    /// Side of the entry.
    pub(crate) side: Side,
    pub(crate) group: OcoGroupId,
    /// What the entry asked for; kept here because the entry may be forgotten before its exits.
    pub(crate) modes: ContingentExits,
    pub(crate) session: Session,
    /// The exit orders, in the order of [`trader_domain::ContingentExits`].
    pub(crate) exits: [Option<OrderId>; 2],
    /// Filled by the entry and not yet closed again.
    pub(crate) protected: Quantity,
    /// Whether an exit has traded: the entry may not add any more.
    pub(crate) exiting: bool,
    /// Whether an exit was refused and has to be asked for again.
    pub(crate) unprotected: bool,
}

/// All brackets that still protect something or whose entry still works.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brackets {
    live: Vec<Bracket>,
}

impl Brackets {
    pub(crate) fn push(&mut self, bracket: Bracket) {
        self.live.push(bracket);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Bracket> {
        self.live.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut Bracket> {
        self.live.get_mut(index)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Bracket> {
        self.live.iter()
    }

    pub(crate) fn of_entry(&self, entry: OrderId) -> Option<usize> {
        self.live.iter().position(|bracket| bracket.entry == entry)
    }

    pub(crate) fn of_exit(&self, exit: OrderId) -> Option<usize> {
        self.live
            .iter()
            .position(|bracket| bracket.exits.contains(&Some(exit)))
    }

    /// Drops brackets for which `done` holds, keeping the order of the rest.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&Bracket) -> bool) {
        self.live.retain(|bracket| keep(bracket));
    }

    /// How much one strategy's brackets protect on one side of an instrument.
    pub(crate) fn protected(
        &self,
        strategy: StrategyId,
        instrument: InstrumentId,
        side: Side,
    ) -> Quantity {
        self.live
            .iter()
            .filter(|b| b.strategy == strategy && b.instrument == instrument && b.side == side)
            .try_fold(Quantity::ZERO, |sum, b| sum.checked_add(b.protected))
            .unwrap_or(Quantity::MAX)
    }
}
