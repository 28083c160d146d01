//! What brokers report: each execution applied exactly once, everything else absorbed by the
//! order's life cycle.

use trader_broker::GateEvent;
use trader_domain::order::{Applied, OrderStateError};
use trader_domain::{
    BrokerReport, CancelCause, Execution, ExecutionBust, ExecutionId, Fill, OrderId, Price,
    Quantity, Registration, ReplaceRequest, ReportKind, TradingState,
};

use super::Core;
use super::effects::{Alert, Effects, FillRecord};
use crate::orders::OrderStatusChange;
use crate::portfolio::FillBooking;
use crate::strategy::FillNotice;

impl Core {
    pub(super) fn on_report(&mut self, report: &BrokerReport, effects: &mut Effects) {
        if self.orders.get(report.order).is_none() {
            effects.alerts.push(Alert::UnknownOrder(*report));
            return;
        }
        match &report.kind {
            ReportKind::Filled(fill) => self.on_fill(report, fill, effects),
            ReportKind::Busted { execution } => self.on_bust(report, *execution, effects),
            ReportKind::Replaced(terms) => self.on_replaced(report, *terms, effects),
            _ => self.on_state(report, effects),
        }
    }

    fn on_fill(&mut self, report: &BrokerReport, fill: &Fill, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        let Some((instrument, side)) = entry.traded(fill.leg) else {
            effects.alerts.push(Alert::IllegalReport(*report));
            return;
        };
        let Ok(applied) = entry.life.apply(&report.kind) else {
            effects.alerts.push(Alert::IllegalReport(*report));
            return;
        };
        let execution = Execution {
            order: report.order,
            instrument,
            side,
            time: report.time,
            fill: *fill,
        };
        if self.executions.insert(execution) != Registration::New {
            // Taking back what was just applied cannot fail, and leaves the order as it was.
            let _as_before = entry.life.bust(fill.leg, fill.quantity, fill.price);
            return;
        }
        let (strategy, kind) = (entry.request.strategy, entry.request.kind);
        let booking = FillBooking {
            strategy,
            order: report.order,
            instrument,
            side,
            fill: *fill,
            time: report.time,
        };
        if self
            .portfolio
            .book(
                &booking,
                &self.instruments,
                self.session.settlement_day(),
                &mut effects.closed,
            )
            .is_err()
        {
            effects.alerts.push(Alert::Arithmetic(instrument));
            self.halt(TradingState::Halted, effects);
        }
        effects.fills.push(FillRecord {
            order: report.order,
            strategy,
            instrument,
            side,
            kind,
            fill: *fill,
            time: report.time,
        });
        if matches!(applied, Applied::OverFill { .. }) {
            effects.alerts.push(Alert::OverFill(report.order));
            self.halt(TradingState::Halted, effects);
        }
        self.after_fill(&booking, effects);
    }

    /// The policies hear of each lot that the present event closed.
    pub(super) fn tell_closed(&mut self, effects: &Effects) {
        for trade in &effects.closed {
            let profit = trade.profit;
            self.tell_policies(GateEvent::TradeClosed { profit });
        }
    }

    fn after_fill(&mut self, booking: &FillBooking, effects: &mut Effects) {
        let FillBooking {
            strategy,
            order,
            instrument,
            side,
            fill,
            ..
        } = *booking;
        self.version += 1;
        let now = self.now;
        self.tell_policies(GateEvent::Filled {
            order,
            instrument,
            side,
            quantity: fill.quantity,
            price: fill.price,
            now,
        });
        self.tell_closed(effects);
        self.refresh_order(order);
        self.on_bracket_fill(booking, effects);
        if self.orders.get(order).is_none_or(|e| e.life.is_terminal()) {
            self.retry_exits_in(instrument, effects);
        }
        self.go_on_flattening(effects);
        let position = self.portfolio.strategy_position(strategy, instrument);
        let notice = FillNotice {
            order,
            instrument,
            side,
            fill,
            position,
        };
        self.with_strategy(usize::from(strategy.0), |s, context| {
            s.on_fill(&notice, context);
        });
    }

    fn on_bust(&mut self, report: &BrokerReport, execution: ExecutionId, effects: &mut Effects) {
        let undone = match self.executions.bust(report.order, execution) {
            ExecutionBust::Reverse(undone) => undone,
            ExecutionBust::Duplicate => return,
            ExecutionBust::Unknown => {
                effects.alerts.push(Alert::UnknownExecution(*report));
                return;
            }
        };
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        let fill = undone.fill;
        let mut life = entry.life;
        if life.bust(fill.leg, fill.quantity, fill.price).is_err() {
            effects.alerts.push(Alert::IllegalReport(*report));
            return;
        }
        entry.life = life;
        let revived = entry.finished && !life.is_terminal();
        entry.finished &= !revived;
        let strategy = entry.request.strategy;
        let booking = FillBooking {
            strategy,
            order: report.order,
            instrument: undone.instrument,
            side: undone.side,
            fill,
            time: undone.time,
        };
        if revived {
            self.orders.revive(report.order);
        }
        if self.portfolio.unbook(&booking, &self.instruments).is_err() {
            effects.alerts.push(Alert::Arithmetic(undone.instrument));
            self.halt(TradingState::Halted, effects);
        }
        self.version += 1;
        self.tell_policies(GateEvent::Busted {
            order: report.order,
            quantity: fill.quantity,
        });
        effects.alerts.push(Alert::Busted(report.order));
        self.refresh_order(report.order);
        self.on_bracket_bust(report.order, fill.quantity);
        self.trim_brackets(strategy, undone.instrument, effects);
        self.tell_order_change(report.order);
    }

    fn on_replaced(&mut self, report: &BrokerReport, terms: ReplaceRequest, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        let mut asked_for = true;
        let applied = match entry.life.apply(&report.kind) {
            Err(OrderStateError::UnexpectedReplace { .. }) => {
                asked_for = false;
                let shrunk_by_sibling = entry.request.oco.is_some()
                    && terms.quantity < entry.life.ordered()
                    && report.time >= entry.terms_since;
                if !shrunk_by_sibling && report.time <= entry.terms_since {
                    // Terms that others have followed since: an old report again.
                    return;
                }
                if !shrunk_by_sibling {
                    effects.alerts.push(Alert::TermsChanged(report.order));
                }
                entry.life.changed_by_venue(terms)
            }
            other => other,
        };
        match applied {
            Ok(Applied::Ignored { .. }) => return,
            Ok(_) => {}
            Err(_illegal) => {
                effects.alerts.push(Alert::IllegalReport(*report));
                return;
            }
        }
        entry.terms_since = entry.terms_since.max(report.time);
        entry.request.quantity = terms.quantity;
        entry.request.kind = terms.kind;
        entry.request.time_in_force = terms.time_in_force;
        self.settle_replacement(report.order, terms.quantity, terms.kind.limit_price());
        self.refresh_order(report.order);
        if asked_for {
            self.on_exit_replaced(report.order, effects);
        }
        self.cut_sibling(report.order, effects);
        self.tell_order_change(report.order);
    }

    fn settle_replacement(&mut self, order: OrderId, quantity: Quantity, limit: Option<Price>) {
        self.version += 1;
        self.tell_policies(GateEvent::ReplacementSettled {
            order,
            quantity,
            limit,
        });
    }

    fn on_state(&mut self, report: &BrokerReport, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        let applied = match entry.life.apply(&report.kind) {
            Ok(Applied::Ignored { .. }) => return,
            Ok(applied) => applied,
            Err(_illegal) => {
                effects.alerts.push(Alert::IllegalReport(*report));
                return;
            }
        };
        let (quantity, limit) = (entry.life.ordered(), entry.request.kind.limit_price());
        let instrument = entry.request.instrument;
        if applied == Applied::ReplaceRefused {
            self.settle_replacement(report.order, quantity, limit);
        }
        self.refresh_order(report.order);
        match applied {
            Applied::Done => {
                let cause = match report.kind {
                    ReportKind::Canceled(cause) => Some(cause),
                    _ => None,
                };
                self.on_exit_ended(report.order, cause, effects);
                if cause == Some(CancelCause::Requested) {
                    // Not after a rejection: two exits would call each other back for ever.
                    self.retry_exits_in(instrument, effects);
                }
            }
            Applied::ReplaceRefused => {
                self.on_exit_change_refused(report.order, effects);
                self.on_cut_refused(report.order, effects);
            }
            Applied::CancelRefused => self.on_exit_change_refused(report.order, effects),
            _ => {}
        }
        self.tell_order_change(report.order);
        self.go_on_flattening(effects);
    }

    /// Brings the strategy's pending quantity in line with the order's life, and files the order
    /// when it is done.
    fn refresh_order(&mut self, order: OrderId) {
        let Some(entry) = self.orders.get_mut(order) else {
            return;
        };
        let status = entry.life.status();
        let leaves = entry.life.leaves_when(status);
        let before = std::mem::replace(&mut entry.pending, leaves);
        let (strategy, instrument, side) = (
            entry.request.strategy,
            entry.request.instrument,
            entry.request.side,
        );
        let done = status.is_terminal();
        let newly_done = done && !std::mem::replace(&mut entry.finished, done);
        if let Ok(change) = leaves.checked_sub(before)
            && !change.is_zero()
        {
            self.orders
                .adjust_pending(strategy, instrument, side, change);
        }
        if newly_done {
            self.version += 1;
            let now = self.now;
            self.tell_policies(GateEvent::Done { order, now });
            self.orders.finish(order);
        }
    }

    pub(super) fn tell_order_change(&mut self, order: OrderId) {
        let Some(entry) = self.orders.get(order) else {
            return;
        };
        let strategy = entry.request.strategy;
        let status = entry.life.status();
        let change = OrderStatusChange {
            order,
            instrument: entry.request.instrument,
            status,
            leaves: entry.life.leaves_when(status),
        };
        self.with_strategy(usize::from(strategy.0), |s, context| {
            s.on_order(&change, context);
        });
    }
}
