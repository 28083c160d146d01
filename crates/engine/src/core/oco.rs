//! Pairs of OCO orders at venues that do not link them: an execution of one shrinks the other.

use trader_domain::{OcoGroupId, OrderId, Quantity, ReplaceRequest};

use super::Core;
use super::effects::Effects;

impl Core {
    /// Keeps the link of two OCO orders for venues that do not: the other one shrinks by what traded.
    pub(super) fn reduce_sibling(
        &mut self,
        group: OcoGroupId,
        traded: OrderId,
        quantity: Quantity,
        effects: &mut Effects,
    ) {
        let other = other_of(group, traded);
        if let Some(sibling) = self.orders.get_mut(other)
            && sibling.request.oco == Some(group)
        {
            sibling.oco_cut = sibling
                .oco_cut
                .checked_add(quantity)
                .unwrap_or(Quantity::MAX);
            self.cut_sibling(other, effects);
        }
    }

    /// Sends what an OCO order still has to shrink by, unless a change is on its way already.
    pub(super) fn cut_sibling(&mut self, order: OrderId, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(order) else {
            return;
        };
        let on_the_way = entry.life.pending_replace().is_some();
        if entry.oco_cut.is_zero() || on_the_way || !entry.life.is_working() {
            return;
        }
        let cut = std::mem::take(&mut entry.oco_cut);
        let total = entry.life.ordered().checked_sub(cut);
        let Some(quantity) = total.ok().filter(|&total| total > entry.life.filled()) else {
            return self.cancel(order, effects);
        };
        let terms = ReplaceRequest {
            order,
            quantity,
            kind: entry.request.kind,
            time_in_force: entry.request.time_in_force,
        };
        if !self.replace(terms, effects) {
            // Two orders must never trade more than one: without a way to shrink it, it goes.
            self.cancel(order, effects);
        }
    }

    /// The broker refused new terms of an order that may have had to shrink.
    pub(super) fn on_cut_refused(&mut self, order: OrderId, effects: &mut Effects) {
        if self.config.venue_links_oco || self.brackets.of_exit(order).is_some() {
            return;
        }
        let sibling = self
            .orders
            .get(order)
            .and_then(|entry| entry.request.oco)
            .and_then(|group| self.orders.get(other_of(group, order)));
        if sibling.is_some_and(|sibling| sibling.life.filled().is_positive()) {
            self.cancel(order, effects);
        }
    }
}

/// The other order of a pair: `Context::submit_oco` numbers the two consecutively and names the
/// group after the first.
const fn other_of(group: OcoGroupId, order: OrderId) -> OrderId {
    if order.0 == group.0 {
        OrderId(group.0.saturating_add(1))
    } else {
        OrderId(group.0)
    }
}
