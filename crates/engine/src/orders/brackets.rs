//! Exits attached to entries: sized to what the entry has filled, one cancelling the other.
//!
//! Semantics (those that users of other engines had to fight for):
//! - exits exist only for filled quantity; a further fill of the entry raises them;
//! - an execution of one exit reduces the other by the same quantity;
//! - once an exit has traded, what is left of the entry is cancelled: no re-entry. Should the entry
//!   trade all the same before the cancellation reaches it, that is protected too;
//! - when the position is reduced by anything else, exits shrink with it, newest bracket first;
//! - exits that are refused or ended by the broker are alerted and asked for again;
//! - an exit that its strategy or an operator cancels stays cancelled.

use trader_domain::{
    ContingentExits, ExitMode, InstrumentId, MoneyError, OcoGroupId, OrderId, OrderKind,
    OrderRequest, Price, Quantity, Rounding, Session, Side, StrategyId, TickRule, Timestamp, Trail,
};

/// One entry with its exits.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts of one bracket; every combination occurs"
)]
pub(crate) struct Bracket {
    pub(crate) entry: OrderId,
    pub(crate) strategy: StrategyId,
    pub(crate) instrument: InstrumentId,
    /// Side of the entry.
    pub(crate) side: Side,
    /// The OCO group of the exits that live.
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
    /// Whether the exits have to be brought in line with `protected` in this event.
    pub(crate) stale: bool,
    /// Whether the venue removed the exits for a corporate action that has not been applied yet:
    /// prices and quantities of before must not be sent again.
    pub(crate) awaits_action: bool,
    /// Whether it is known to be without (all of) its exits and a person was told.
    pub(crate) alerted: bool,
    /// When exits that do not stand as they should are asked for again.
    pub(crate) retry_at: Option<Timestamp>,
}

impl Bracket {
    /// A bracket of an order that protects nothing yet.
    pub(crate) const fn new(entry: OrderId, order: &OrderRequest, modes: ContingentExits) -> Self {
        Self {
            entry,
            strategy: order.strategy,
            instrument: order.instrument,
            side: order.side,
            group: OcoGroupId(entry.0),
            modes,
            session: order.session,
            exits: [None, None],
            protected: Quantity::ZERO,
            exiting: false,
            stale: false,
            awaits_action: false,
            alerted: false,
            retry_at: None,
        }
    }

    pub(crate) fn mode(&self, place: usize) -> Option<ExitMode> {
        if place == 0 {
            self.modes.first
        } else {
            self.modes.second
        }
    }

    pub(crate) fn set_mode(&mut self, place: usize, mode: Option<ExitMode>) {
        if place == 0 {
            self.modes.first = mode;
        } else {
            self.modes.second = mode;
        }
    }

    /// Which of its exits an order is.
    pub(crate) fn place_of(&self, exit: OrderId) -> Option<usize> {
        self.exits.iter().position(|&known| known == Some(exit))
    }

    /// Takes a quantity away; what is left is never negative.
    pub(crate) fn unprotect(&mut self, quantity: Quantity) {
        self.protected = self
            .protected
            .checked_sub(quantity)
            .ok()
            .filter(|left| left.is_positive())
            .unwrap_or(Quantity::ZERO);
    }

    /// Restates quantity and prices after a split, prices rounded away from an earlier execution.
    /// `false` when an exit has no price after it and is given up.
    pub(crate) fn split(&mut self, to: u32, from: u32, tick: TickRule) -> bool {
        let (to, from) = (i64::from(to), i64::from(from));
        self.protected = self
            .protected
            .scale(to, from, Rounding::TowardsZero)
            .unwrap_or(self.protected);
        let asked = self.modes.iter().count();
        self.modes = restate_exits(self.modes, self.side.opposite(), (to, from), tick);
        self.modes.iter().count() == asked
    }
}

/// Exits with their prices restated after a split; one that would have no price is left out.
pub(crate) fn restate_exits(
    modes: ContingentExits,
    exit_side: Side,
    ratio: (i64, i64),
    tick: TickRule,
) -> ContingentExits {
    let restated = |mode| restate(mode, exit_side, ratio, tick).ok().flatten();
    ContingentExits {
        first: modes.first.and_then(restated),
        second: modes.second.and_then(restated),
    }
}

/// The exit's prices after a split: triggers away from the market (they must not fire because of
/// rounding), limits away from it too (they must not trade at a worse price).
fn restate(
    mode: ExitMode,
    side: Side,
    (to, from): (i64, i64),
    tick: TickRule,
) -> Result<Option<ExitMode>, MoneyError> {
    let (trigger_rounding, limit_rounding) = match side {
        Side::Sell => (Rounding::Floor, Rounding::Ceiling),
        Side::Buy => (Rounding::Ceiling, Rounding::Floor),
    };
    let scaled = |price: Price, rounding| {
        let exact = price.scale(from, to, rounding)?;
        exact.round_to(tick.tick_at(exact), rounding)
    };
    let positive = |price: Price| price.is_positive();
    Ok(match mode {
        ExitMode::TakeProfit { price } => Some(scaled(price, limit_rounding)?)
            .filter(|price| positive(*price))
            .map(|price| ExitMode::TakeProfit { price }),
        ExitMode::StopLoss { trigger, limit } => {
            // A stop limit's limit bounds how badly it may trade: it rounds with the trigger.
            let limit = limit
                .map(|limit| scaled(limit, trigger_rounding))
                .transpose()?;
            Some(scaled(trigger, trigger_rounding)?)
                .filter(|trigger| positive(*trigger) && limit.is_none_or(positive))
                .map(|trigger| ExitMode::StopLoss { trigger, limit })
        }
        ExitMode::Trailing {
            trail: Trail::Amount(amount),
        } => Some(amount.scale(from, to, Rounding::Ceiling)?)
            .filter(|amount| positive(*amount))
            .map(|amount| ExitMode::Trailing {
                trail: Trail::Amount(amount),
            }),
        percent @ ExitMode::Trailing { .. } => Some(percent),
    })
}

/// The order type that an exit is sent as.
pub(crate) const fn exit_kind(mode: ExitMode) -> OrderKind {
    match mode {
        ExitMode::TakeProfit { price } => OrderKind::Limit { price },
        ExitMode::StopLoss {
            trigger,
            limit: None,
        } => OrderKind::Stop { trigger },
        ExitMode::StopLoss {
            trigger,
            limit: Some(price),
        } => OrderKind::StopLimit { trigger, price },
        ExitMode::Trailing { trail } => OrderKind::TrailingStop { trail },
    }
}

/// What kind of exit an order type is; `None` for one that no exit is sent as.
pub(crate) const fn exit_mode(kind: OrderKind) -> Option<ExitMode> {
    match kind {
        OrderKind::Limit { price } => Some(ExitMode::TakeProfit { price }),
        OrderKind::Stop { trigger } => Some(ExitMode::StopLoss {
            trigger,
            limit: None,
        }),
        OrderKind::StopLimit { trigger, price } => Some(ExitMode::StopLoss {
            trigger,
            limit: Some(price),
        }),
        OrderKind::TrailingStop { trail } => Some(ExitMode::Trailing { trail }),
        _ => None,
    }
}

/// All brackets that still protect something or whose entry still works.
#[derive(Debug, Clone)]
pub(crate) struct Brackets {
    live: Vec<Bracket>,
    /// The earliest `retry_at`.
    next_retry: Timestamp,
}

impl Default for Brackets {
    fn default() -> Self {
        Self {
            live: Vec::new(),
            next_retry: Timestamp::MAX,
        }
    }
}

impl Brackets {
    pub(crate) fn push(&mut self, bracket: Bracket) -> usize {
        self.live.push(bracket);
        self.live.len() - 1
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

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Bracket> {
        self.live.iter_mut()
    }

    pub(crate) fn of_entry(&self, entry: OrderId) -> Option<usize> {
        self.live.iter().position(|bracket| bracket.entry == entry)
    }

    pub(crate) fn of_exit(&self, exit: OrderId) -> Option<usize> {
        self.live
            .iter()
            .position(|bracket| bracket.place_of(exit).is_some())
    }

    /// Drops brackets for which `keep` does not hold, keeping the order of the rest.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&Bracket) -> bool) {
        self.live.retain(keep);
        self.note_retries();
    }

    /// When the next bracket asks again; [`Timestamp::MAX`] when none has to.
    #[inline]
    pub(crate) const fn next_retry(&self) -> Timestamp {
        self.next_retry
    }

    /// Sets or clears the instant at which a bracket asks again.
    pub(crate) fn set_retry(&mut self, index: usize, at: Option<Timestamp>) {
        if let Some(bracket) = self.live.get_mut(index) {
            bracket.retry_at = at;
        }
        self.note_retries();
    }

    fn note_retries(&mut self) {
        let times = self.live.iter().filter_map(|bracket| bracket.retry_at);
        self.next_retry = times.min().unwrap_or(Timestamp::MAX);
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
