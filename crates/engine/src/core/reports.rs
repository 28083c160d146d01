//! What brokers report: each execution applied exactly once, everything else absorbed by the
//! order's life cycle.

use trader_broker::GateEvent;
use trader_domain::order::{Applied, OrderStateError};
use trader_domain::{
    BrokerReport, Execution, ExecutionBust, ExecutionId, Fill, OrderId, Registration,
    ReplaceRequest, ReportKind, TradingState,
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
        let mut life = entry.life;
        let Ok(applied) = life.apply(&report.kind) else {
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
            return;
        }
        entry.life = life;
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
        for index in 0..effects.closed.len() {
            if let Some(trade) = effects.closed.get(index) {
                let profit = trade.profit;
                self.tell_policies(GateEvent::TradeClosed { profit });
            }
        }
        self.refresh_order(order);
        self.on_bracket_fill(booking, effects);
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
        let ExecutionBust::Reverse(undone) = self.executions.bust(report.order, execution) else {
            return;
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
        entry.finished = entry.finished && life.is_terminal();
        let strategy = entry.request.strategy;
        let booking = FillBooking {
            strategy,
            order: report.order,
            instrument: undone.instrument,
            side: undone.side,
            fill,
            time: undone.time,
        };
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
        self.trim_brackets(strategy, undone.instrument, effects);
    }

    fn on_replaced(&mut self, report: &BrokerReport, terms: ReplaceRequest, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        let applied = match entry.life.apply(&report.kind) {
            Err(OrderStateError::UnexpectedReplace { .. })
                if entry.request.oco.is_some() && terms.quantity < entry.life.ordered() =>
            {
                // The venue reduced this leg because its sibling traded.
                entry.life.reduce_ordered(terms.quantity)
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
        entry.request.quantity = terms.quantity;
        entry.request.kind = terms.kind;
        entry.request.time_in_force = terms.time_in_force;
        self.version += 1;
        self.tell_policies(GateEvent::ReplacementSettled {
            order: report.order,
            quantity: terms.quantity,
            limit: terms.kind.limit_price(),
        });
        self.refresh_order(report.order);
        self.tell_order_change(report.order);
    }

    fn on_state(&mut self, report: &BrokerReport, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(report.order) else {
            return;
        };
        match entry.life.apply(&report.kind) {
            Ok(Applied::Ignored { .. }) => return,
            Ok(Applied::ReplaceRefused) => {
                let (quantity, limit) = (entry.life.ordered(), entry.request.kind.limit_price());
                self.version += 1;
                self.tell_policies(GateEvent::ReplacementSettled {
                    order: report.order,
                    quantity,
                    limit,
                });
            }
            Ok(_) => {}
            Err(_illegal) => {
                effects.alerts.push(Alert::IllegalReport(*report));
                return;
            }
        }
        self.refresh_order(report.order);
        self.on_exit_ended(report.order, effects);
        self.tell_order_change(report.order);
    }

    /// Brings the strategy's pending quantity in line with the order's life, and files the order
    /// when it is done.
    fn refresh_order(&mut self, order: OrderId) {
        let Some(entry) = self.orders.get_mut(order) else {
            return;
        };
        let leaves = entry.life.leaves();
        let before = std::mem::replace(&mut entry.pending, leaves);
        let (strategy, instrument, side) = (
            entry.request.strategy,
            entry.request.instrument,
            entry.request.side,
        );
        let done = entry.life.is_terminal();
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

    fn tell_order_change(&mut self, order: OrderId) {
        let Some(entry) = self.orders.get(order) else {
            return;
        };
        let strategy = entry.request.strategy;
        let change = OrderStatusChange {
            order,
            instrument: entry.request.instrument,
            status: entry.life.status(),
            leaves: entry.life.leaves(),
        };
        self.with_strategy(usize::from(strategy.0), |s, context| {
            s.on_order(&change, context);
        });
    }
}
