//! What happens to an order: it joins the lists, executes, reduces its OCO siblings, ends.

use trader_domain::{
    BrokerReport, CancelCause, Fill, InstrumentId, Money, MoneyError, OrderRequest, Price,
    Quantity, ReplaceRequest, ReportKind, Rounding, Side, Timestamp,
};

use crate::exchange::Exchange;
use crate::fees::FillFacts;
use crate::id_ring::NONE;
use crate::reach::Liquidity;
use crate::working_order::{Style, WorkingOrder};

/// One execution about to happen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Execution {
    pub(crate) quantity: Quantity,
    pub(crate) price: Price,
    /// The price that the market showed before it.
    pub(crate) reference: Price,
    pub(crate) time: Timestamp,
    pub(crate) liquidity: Liquidity,
}

impl Execution {
    /// Its cash value.
    #[inline]
    pub(crate) fn value(&self, multiplier: u32) -> Result<Money, MoneyError> {
        times(self.price.notional(self.quantity), multiplier)
    }
}

/// What became of an order that was to execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did not execute.
    Nothing,
    /// A part executed; the order works on.
    Part,
    /// All of it executed: its slot is free.
    Done,
}

impl WorkingOrder {
    /// Takes new terms; a stop that was triggered stays so unless its type changes.
    pub(crate) fn apply(&mut self, terms: &ReplaceRequest, style: Style, expires: Timestamp) {
        if terms.kind != self.kind || terms.time_in_force != self.time_in_force {
            let trailing = matches!(
                (self.style, style),
                (Style::Trailing(_), Style::Trailing(_))
            );
            self.style = style;
            self.limit = terms.kind.limit_price().unwrap_or(Price::ZERO);
            if !trailing {
                self.trigger = terms.kind.trigger_price().unwrap_or(Price::ZERO);
            }
        }
        self.kind = terms.kind;
        self.quantity = terms.quantity;
        self.time_in_force = terms.time_in_force;
        self.expires = expires;
    }
}

impl Exchange {
    /// Appends an order to its instrument's list.
    pub(crate) fn link(&mut self, slot: u32, instrument: InstrumentId) {
        let Some(market) = self.markets.get_mut(instrument.index()) else {
            return;
        };
        let tail = std::mem::replace(&mut market.tail, slot);
        if market.head == NONE {
            market.head = slot;
        }
        if let Some(last) = self.orders.get_mut(tail) {
            last.next = slot;
        }
        if let Some(order) = self.orders.get_mut(slot) {
            order.previous = tail;
            order.next = NONE;
        }
    }

    /// Takes an order out of its instrument's list.
    pub(crate) fn unlink(&mut self, slot: u32) {
        let Some(order) = self.orders.get(slot) else {
            return;
        };
        let (previous, next, instrument) = (order.previous, order.next, order.instrument);
        if self.cursor == slot {
            self.cursor = next;
        }
        if let Some(before) = self.orders.get_mut(previous) {
            before.next = next;
        }
        if let Some(behind) = self.orders.get_mut(next) {
            behind.previous = previous;
        }
        if let Some(market) = self.market_mut(instrument) {
            if market.head == slot {
                market.head = next;
            }
            if market.tail == slot {
                market.tail = previous;
            }
        }
    }

    /// Enters an order into the ring of its OCO group.
    pub(crate) fn join_oco(&mut self, slot: u32) {
        let Some(group) = self.orders.get(slot).and_then(|order| order.oco) else {
            return;
        };
        let successor = match self.oco_groups.get(group.0) {
            Some(member) => self
                .orders
                .get_mut(member)
                .map(|other| std::mem::replace(&mut other.oco_next, slot)),
            None => self
                .oco_groups
                .insert(group.0, slot)
                .is_ok()
                .then_some(slot),
        };
        if let Some(order) = self.orders.get_mut(slot) {
            // Without a successor the group is over; `end_if_oco_group_is_over` ends the order.
            order.oco_next = successor.unwrap_or(NONE);
        }
    }

    /// An order that comes to an OCO group after its last member left has nothing to do.
    pub(crate) fn end_if_oco_group_is_over(
        &mut self,
        request: &OrderRequest,
        now: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        if request.oco.is_some()
            && let Some(slot) = self.by_id.get(request.id.0)
            && self
                .orders
                .get(slot)
                .is_some_and(|order| order.oco_next == NONE)
        {
            self.end(slot, now, ReportKind::Canceled(CancelCause::Oco), reports);
        }
    }

    fn leave_oco(&mut self, slot: u32) {
        let Some((Some(group), next)) = self
            .orders
            .get(slot)
            .map(|order| (order.oco, order.oco_next))
        else {
            return;
        };
        if next == slot {
            self.oco_groups.finish(group.0);
            return;
        }
        let mut before = next;
        while let Some(other) = self.orders.get_mut(before) {
            if other.oco_next == slot {
                other.oco_next = next;
                self.oco_groups.set(group.0, next);
                return;
            }
            before = other.oco_next;
        }
    }

    /// Ends an order and reports why.
    pub(crate) fn end(
        &mut self,
        slot: u32,
        time: Timestamp,
        kind: ReportKind,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some(order) = self.orders.get(slot) else {
            return;
        };
        let id = order.id;
        let time = time.max(order.arrived);
        self.remove(slot);
        self.outbox.send(id, time, kind, reports);
    }

    /// Takes an order out of everything.
    pub(crate) fn remove(&mut self, slot: u32) {
        let Some(id) = self.orders.get(slot).map(|order| order.id) else {
            return;
        };
        self.unlink(slot);
        self.leave_oco(slot);
        if !self.combinations.is_empty() {
            self.combinations.retain(|other| other.slot != slot);
        }
        self.by_id.finish(id.0);
        self.orders.release(slot);
    }

    /// Executes (a part of) an order. Nothing happens where a value leaves the range of money.
    pub(crate) fn execute(
        &mut self,
        slot: u32,
        execution: Execution,
        reports: &mut Vec<BrokerReport>,
    ) -> Outcome {
        let Some(order) = self.orders.get_mut(slot) else {
            return Outcome::Nothing;
        };
        let Some(market) = self.markets.get(order.instrument.index()) else {
            return Outcome::Nothing;
        };
        let time = execution.time.max(order.arrived);
        let Ok(value) = execution.value(market.multiplier) else {
            return Outcome::Nothing;
        };
        let facts = FillFacts {
            time,
            side: order.side,
            quantity: execution.quantity,
            value,
            liquidity: execution.liquidity,
        };
        let mut costs = order.costs;
        let priced = (
            self.fees.charge(&facts, &mut costs),
            slippage_cost(order.side, &execution, market.multiplier),
            order.filled.checked_add(execution.quantity),
        );
        let (Ok(charge), Ok(slippage), Ok(filled)) = priced else {
            return Outcome::Nothing;
        };
        order.filled = filled;
        order.costs = costs;
        let (id, done) = (order.id, filled >= order.quantity);
        let alone = order.oco_next == NONE || order.oco_next == slot;
        let fill = Fill {
            execution: self.outbox.next_execution(),
            leg: 0,
            quantity: execution.quantity,
            price: execution.price,
            commission: charge.commission,
            fees: charge.fees,
            slippage,
        };
        self.outbox
            .send(id, time, ReportKind::Filled(fill), reports);
        if !alone {
            self.reduce_siblings(slot, execution.quantity, time, reports);
        }
        if done {
            self.remove(slot);
            Outcome::Done
        } else {
            Outcome::Part
        }
    }

    /// One execution takes its quantity from every other order of the group.
    fn reduce_siblings(
        &mut self,
        slot: u32,
        quantity: Quantity,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let mut sibling = self.orders.get(slot).map_or(NONE, |order| order.oco_next);
        while sibling != slot {
            let Some(order) = self.orders.get_mut(sibling) else {
                return;
            };
            let next = order.oco_next;
            let left = order
                .quantity
                .checked_sub(quantity)
                .unwrap_or(Quantity::ZERO);
            if left > order.filled {
                order.quantity = left;
                let terms = ReplaceRequest {
                    order: order.id,
                    quantity: left,
                    kind: order.kind,
                    time_in_force: order.time_in_force,
                };
                let time = time.max(order.arrived);
                self.outbox
                    .send(terms.order, time, ReportKind::Replaced(terms), reports);
            } else {
                self.end(
                    sibling,
                    time,
                    ReportKind::Canceled(CancelCause::Oco),
                    reports,
                );
            }
            sibling = next;
        }
    }

    /// Cancels what an immediate-or-cancel or fill-or-kill order has left.
    pub(crate) fn cancel_rest_if_at_once(
        &mut self,
        slot: u32,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        let at_once = self.orders.get(slot).is_some_and(WorkingOrder::is_at_once);
        if at_once {
            let kind = ReportKind::Canceled(CancelCause::NotFilledAtOnce);
            self.end(slot, time, kind, reports);
        }
    }
}

/// What an execution cost against the price shown before; positive is worse.
fn slippage_cost(side: Side, execution: &Execution, multiplier: u32) -> Result<Money, MoneyError> {
    let worse = match side {
        Side::Buy => execution.price.checked_sub(execution.reference),
        Side::Sell => execution.reference.checked_sub(execution.price),
    }?;
    times(worse.notional(execution.quantity), multiplier)
}

#[inline]
fn times(value: Money, multiplier: u32) -> Result<Money, MoneyError> {
    if multiplier == 1 || value.is_zero() {
        return Ok(value);
    }
    value.scale(i64::from(multiplier), 1, Rounding::HalfEven)
}
