//! Flattening: everything is cancelled, then every position closed with a market order through the
//! gate.
//!
//! A closing order can pass the gate only when no other working order closes the same position:
//! bracket exits have to be gone first. So a position waits until the cancellations in its
//! instrument are answered. One whose closing order is refused (a closed market, a halt) is alerted
//! and asked for again when the session or the trading state changes.

use trader_domain::order::OrderStatus;
use trader_domain::{ContingentExits, InstrumentId, OrderIntent, Side, StrategyId};

use super::Core;
use super::effects::{Alert, Effects};

/// A strategy's position that has to be closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closing {
    strategy: StrategyId,
    instrument: InstrumentId,
    /// Whether the closing order was refused and waits for another session or trading state.
    refused: bool,
}

impl Core {
    pub(super) fn flatten(&mut self, effects: &mut Effects) {
        self.cancel_all(effects);
        self.closings.clear();
        for strategy in 0..self.strategies.len() {
            let Ok(strategy) = u16::try_from(strategy).map(StrategyId) else {
                continue;
            };
            let held = self.portfolio.strategy_positions(strategy);
            let open = held
                .iter()
                .enumerate()
                .filter(|(_, quantity)| !quantity.is_zero());
            self.closings.extend(open.filter_map(|(index, _)| {
                Some(Closing {
                    strategy,
                    instrument: InstrumentId(u32::try_from(index).ok()?),
                    refused: false,
                })
            }));
        }
        self.go_on_flattening(effects);
    }

    /// Closes what no cancellation is pending for any more.
    pub(super) fn go_on_flattening(&mut self, effects: &mut Effects) {
        if self.closings.is_empty() {
            return;
        }
        let mut waiting = std::mem::take(&mut self.closings);
        waiting.retain_mut(|closing| {
            closing.refused || self.has_pending_cancel(closing.instrument) || {
                closing.refused = !self.close_position(*closing, effects);
                closing.refused
            }
        });
        self.closings = waiting;
    }

    /// Tries again what was refused.
    pub(super) fn retry_flattening(&mut self, effects: &mut Effects) {
        for closing in &mut self.closings {
            closing.refused = false;
        }
        self.go_on_flattening(effects);
    }

    fn has_pending_cancel(&self, instrument: InstrumentId) -> bool {
        self.orders.working().any(|entry| {
            entry.request.instrument == instrument
                && entry.life.status() == OrderStatus::PendingCancel
        })
    }

    fn close_position(&mut self, closing: Closing, effects: &mut Effects) -> bool {
        let Closing {
            strategy,
            instrument,
            ..
        } = closing;
        let held = self.portfolio.strategy_position(strategy, instrument);
        if held.is_zero() {
            return true;
        }
        let side = if held.is_positive() {
            Side::Sell
        } else {
            Side::Buy
        };
        let intent = OrderIntent::market(instrument, side, held.abs()).reduce_only();
        let order = self.take_order_id();
        let request = self.number(strategy, order, &intent, held.abs());
        let sent = self.judge_and_send(request, ContingentExits::NONE, effects);
        if !sent {
            let alert = Alert::NotFlattened {
                strategy,
                instrument,
            };
            effects.alerts.push(alert);
        }
        sent
    }
}
