//! [`WorkingOrder`]: one order as the exchange works it, and [`Slab`], the store that reuses slots
//! so that an order costs the same after a million others.

use trader_domain::{
    InstrumentId, OcoGroupId, OrderId, OrderKind, Price, Quantity, Session, ShortMark, Side,
    TimeInForce, Timestamp, Trail,
};

use crate::fees::OrderCosts;
use crate::id_ring::NONE;
use crate::queue::QueuePlace;

/// How an order acts now. A stop turns into [`Style::Market`] or [`Style::Limit`] when triggered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// At the first price there is.
    Market,
    /// At `limit` or better.
    Limit,
    /// Waits for `trigger`, then [`Style::Market`].
    Stop,
    /// Waits for `trigger`, then [`Style::Limit`].
    StopLimit,
    /// A stop whose trigger follows the market.
    Trailing(Trail),
    /// In the opening auction, at any price.
    AtOpen,
    /// In the opening auction, at `limit` or better.
    LimitAtOpen,
    /// In the closing auction, at any price.
    AtClose,
    /// In the closing auction, at `limit` or better.
    LimitAtClose,
}

/// One order in the exchange.
#[derive(Debug, Clone)]
pub(crate) struct WorkingOrder {
    pub(crate) id: OrderId,
    pub(crate) instrument: InstrumentId,
    pub(crate) side: Side,
    pub(crate) style: Style,
    /// The terms as last asked for.
    pub(crate) kind: OrderKind,
    pub(crate) time_in_force: TimeInForce,
    pub(crate) session: Session,
    pub(crate) short_mark: Option<ShortMark>,
    pub(crate) quantity: Quantity,
    pub(crate) filled: Quantity,
    /// Worst acceptable price; zero where the style has none.
    pub(crate) limit: Price,
    /// Trigger; zero where the style has none or no price has set it yet.
    pub(crate) trigger: Price,
    /// When it reached the exchange: nothing earlier can fill it.
    pub(crate) arrived: Timestamp,
    /// Works up to and including this instant.
    pub(crate) expires: Timestamp,
    pub(crate) oco: Option<OcoGroupId>,
    /// The next order of the OCO group, in a ring; itself when alone.
    pub(crate) oco_next: u32,
    /// Neighbours in the instrument's list, in order of arrival.
    pub(crate) next: u32,
    pub(crate) previous: u32,
    /// What it has cost so far, for schedules that reckon by order.
    pub(crate) costs: OrderCosts,
    /// Whether it met displayed prices or prints and found nothing to take: it now makes.
    pub(crate) rests: bool,
    pub(crate) queue: QueuePlace,
    /// Whether the slot is in use.
    pub(crate) live: bool,
}

impl WorkingOrder {
    /// What is still to trade.
    pub(crate) fn remaining(&self) -> Quantity {
        self.quantity
            .checked_sub(self.filled)
            .unwrap_or(Quantity::ZERO)
            .max(Quantity::ZERO)
    }

    /// Whether it trades at once or not at all.
    pub(crate) const fn is_at_once(&self) -> bool {
        matches!(self.time_in_force, TimeInForce::Ioc | TimeInForce::Fok)
    }

    /// Whether it trades whole or not at all.
    pub(crate) fn is_fill_or_kill(&self) -> bool {
        self.time_in_force == TimeInForce::Fok
    }

    /// Whether it waits for the opening auction.
    pub(crate) const fn is_for_opening(&self) -> bool {
        matches!(self.style, Style::AtOpen | Style::LimitAtOpen)
    }

    /// Whether it waits for an auction.
    pub(crate) const fn is_for_auction(&self) -> bool {
        matches!(
            self.style,
            Style::AtOpen | Style::LimitAtOpen | Style::AtClose | Style::LimitAtClose
        )
    }

    /// Whether a limit binds it now.
    pub(crate) const fn has_limit(&self) -> bool {
        matches!(
            self.style,
            Style::Limit | Style::LimitAtOpen | Style::LimitAtClose
        )
    }
}

/// Slots of working orders with a free list.
#[derive(Debug)]
pub(crate) struct Slab {
    orders: Vec<WorkingOrder>,
    free: u32,
    live: u32,
}

impl Default for Slab {
    fn default() -> Self {
        Self {
            orders: Vec::new(),
            free: NONE,
            live: 0,
        }
    }
}

impl Slab {
    /// Stores an order; `None` when four billion orders work at once.
    pub(crate) fn insert(&mut self, order: WorkingOrder) -> Option<u32> {
        let slot = if let Some(place) = self.orders.get_mut(self.free as usize) {
            let slot = self.free;
            self.free = place.next;
            *place = order;
            slot
        } else {
            let slot = u32::try_from(self.orders.len())
                .ok()
                .filter(|&slot| slot < NONE - 1)?;
            self.orders.push(order);
            slot
        };
        self.live += 1;
        Some(slot)
    }

    /// The order in a slot.
    pub(crate) fn get(&self, slot: u32) -> Option<&WorkingOrder> {
        self.orders.get(slot as usize).filter(|order| order.live)
    }

    /// The order in a slot, to change it.
    pub(crate) fn get_mut(&mut self, slot: u32) -> Option<&mut WorkingOrder> {
        self.orders
            .get_mut(slot as usize)
            .filter(|order| order.live)
    }

    /// Gives a slot back.
    pub(crate) fn release(&mut self, slot: u32) {
        let free = self.free;
        if let Some(order) = self.get_mut(slot) {
            order.live = false;
            order.next = free;
            self.free = slot;
            self.live -= 1;
        }
    }

    /// How many orders there are.
    pub(crate) const fn live(&self) -> u32 {
        self.live
    }
}
