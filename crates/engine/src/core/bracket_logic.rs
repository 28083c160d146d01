//! Exits follow fills: what to send when an entry, an exit or anything else trades.

use trader_domain::{
    ContingentExits, ExitMode, InstrumentId, OcoGroupId, OrderId, OrderIntent, OrderKind,
    PositionEffect, Quantity, ReplaceRequest, Session, Side, StrategyId, TimeInForce,
};

use super::Core;
use super::effects::{Alert, Effects};
use crate::orders::Bracket;
use crate::portfolio::FillBooking;

impl Core {
    pub(super) fn on_bracket_fill(&mut self, booking: &FillBooking, effects: &mut Effects) {
        let Some(entry) = self.orders.get(booking.order) else {
            return;
        };
        let (exits, session, oco) = (entry.exits, entry.request.session, entry.request.oco);
        if !exits.is_none() {
            self.on_entry_fill(booking, exits, session, effects);
        } else if let Some(index) = self.brackets.of_exit(booking.order) {
            self.on_exit_fill(index, booking, effects);
        } else if oco.is_some() && !self.config.venue_links_oco {
            self.reduce_siblings(booking.order, booking.fill.quantity, effects);
        }
        if !self.brackets.is_empty() {
            self.trim_brackets(booking.strategy, booking.instrument, effects);
        }
    }

    fn on_entry_fill(
        &mut self,
        booking: &FillBooking,
        modes: ContingentExits,
        session: Session,
        effects: &mut Effects,
    ) {
        let index = match self.brackets.of_entry(booking.order) {
            Some(index) => index,
            None => {
                self.brackets.push(Bracket {
                    entry: booking.order,
                    strategy: booking.strategy,
                    instrument: booking.instrument,
                    side: booking.side,
                    group: OcoGroupId(booking.order.0),
                    modes,
                    session,
                    exits: [None, None],
                    protected: Quantity::ZERO,
                    exiting: false,
                    unprotected: false,
                });
                self.brackets.len() - 1
            }
        };
        let Some(bracket) = self.brackets.get_mut(index) else {
            return;
        };
        bracket.protected = bracket
            .protected
            .checked_add(booking.fill.quantity)
            .unwrap_or(bracket.protected);
        self.align_exits(index, effects);
    }

    fn on_exit_fill(&mut self, index: usize, booking: &FillBooking, effects: &mut Effects) {
        let Some(bracket) = self.brackets.get_mut(index) else {
            return;
        };
        let left = bracket
            .protected
            .checked_sub(booking.fill.quantity)
            .unwrap_or(Quantity::ZERO);
        bracket.protected = if left.is_negative() {
            Quantity::ZERO
        } else {
            left
        };
        let first_exit = !std::mem::replace(&mut bracket.exiting, true);
        let entry = bracket.entry;
        if !self.config.venue_links_oco {
            self.reduce_siblings(booking.order, booking.fill.quantity, effects);
        }
        if first_exit && self.orders.get(entry).is_some_and(|e| e.life.is_working()) {
            self.cancel(entry, effects);
        }
        self.drop_finished_brackets();
    }

    /// Sends, raises or lowers the exits of one bracket so that each covers what is protected.
    fn align_exits(&mut self, index: usize, effects: &mut Effects) {
        let Some(bracket) = self.brackets.get(index).copied() else {
            return;
        };
        let modes = [bracket.modes.first, bracket.modes.second];
        for (place, mode) in modes.into_iter().enumerate() {
            let Some(mode) = mode else { continue };
            match bracket.exits.get(place).copied().flatten() {
                Some(exit) => self.resize_exit(exit, bracket.protected, effects),
                None => {
                    let intent = OrderIntent {
                        kind: exit_kind(mode),
                        time_in_force: TimeInForce::Gtc,
                        session: bracket.session,
                        effect: PositionEffect::ReduceOnly,
                        ..OrderIntent::market(
                            bracket.instrument,
                            bracket.side.opposite(),
                            bracket.protected,
                        )
                    };
                    let request = self.exit_request(
                        bracket.strategy,
                        &intent,
                        bracket.entry,
                        bracket.group,
                        bracket.protected,
                    );
                    let id = request.id;
                    let sent = self.judge_and_send(request, ContingentExits::NONE, effects);
                    if let Some(live) = self.brackets.get_mut(index) {
                        if sent {
                            if let Some(slot) = live.exits.get_mut(place) {
                                *slot = Some(id);
                            }
                        } else {
                            live.unprotected = true;
                            effects.alerts.push(Alert::Unprotected(bracket.entry));
                        }
                    }
                }
            }
        }
    }

    /// Brings a working exit's open quantity to `open`.
    fn resize_exit(&mut self, exit: OrderId, open: Quantity, effects: &mut Effects) {
        let Some(order) = self.orders.get(exit) else {
            return;
        };
        if !order.life.is_working() {
            return;
        }
        let current = order
            .life
            .pending_replace()
            .map_or(order.life.ordered(), |asked| asked.quantity);
        let Ok(total) = order.life.filled().checked_add(open) else {
            return;
        };
        if total == current {
            return;
        }
        if open.is_zero() {
            self.cancel(exit, effects);
            return;
        }
        let terms = ReplaceRequest {
            order: exit,
            quantity: total,
            kind: order.request.kind,
            time_in_force: order.request.time_in_force,
        };
        self.replace(terms, effects);
    }

    /// Keeps OCO links for venues that do not: the others of the group shrink by what traded.
    fn reduce_siblings(&mut self, traded: OrderId, quantity: Quantity, effects: &mut Effects) {
        let Some(group) = self.orders.get(traded).and_then(|entry| entry.request.oco) else {
            return;
        };
        let siblings: arrayvec::ArrayVec<(OrderId, Quantity), 4> = self
            .orders
            .working()
            .filter(|entry| entry.request.oco == Some(group) && entry.request.id != traded)
            .map(|entry| (entry.request.id, entry.life.leaves()))
            .take(4)
            .collect();
        for (sibling, leaves) in siblings {
            let left = leaves.checked_sub(quantity).unwrap_or(Quantity::ZERO);
            let open = if left.is_positive() {
                left
            } else {
                Quantity::ZERO
            };
            self.resize_exit(sibling, open, effects);
        }
    }

    /// Exits never cover more than the strategy's position: something else may have reduced it.
    /// The newest bracket shrinks first.
    pub(super) fn trim_brackets(
        &mut self,
        strategy: StrategyId,
        instrument: InstrumentId,
        effects: &mut Effects,
    ) {
        let position = self.portfolio.strategy_position(strategy, instrument);
        for side in [Side::Buy, Side::Sell] {
            let held = if (side == Side::Buy) == position.is_positive() {
                position.abs()
            } else {
                Quantity::ZERO
            };
            let protected = self.brackets.protected(strategy, instrument, side);
            let Ok(mut excess) = protected.checked_sub(held) else {
                continue;
            };
            for index in (0..self.brackets.len()).rev() {
                if !excess.is_positive() {
                    break;
                }
                let Some(bracket) = self.brackets.get_mut(index) else {
                    continue;
                };
                if bracket.strategy != strategy
                    || bracket.instrument != instrument
                    || bracket.side != side
                {
                    continue;
                }
                let cut = bracket.protected.min(excess);
                bracket.protected = bracket.protected.checked_sub(cut).unwrap_or(Quantity::ZERO);
                excess = excess.checked_sub(cut).unwrap_or(Quantity::ZERO);
                self.align_exits(index, effects);
            }
        }
        self.drop_finished_brackets();
    }

    /// An exit that ended without trading leaves its position unprotected, unless its sibling
    /// ended it.
    pub(super) fn on_exit_ended(&mut self, order: OrderId, effects: &mut Effects) {
        let ended = self
            .orders
            .get(order)
            .is_some_and(|entry| entry.life.is_terminal());
        if ended
            && let Some(index) = self.brackets.of_exit(order)
            && let Some(bracket) = self.brackets.get_mut(index)
        {
            let still_covered = bracket.exits.iter().flatten().any(|&exit| exit != order);
            for exit in &mut bracket.exits {
                if *exit == Some(order) {
                    *exit = None;
                }
            }
            if bracket.protected.is_positive() && !bracket.exiting && !still_covered {
                bracket.unprotected = true;
                effects.alerts.push(Alert::Unprotected(bracket.entry));
            }
        }
        self.drop_finished_brackets();
    }

    /// Asks again for exits that were refused; called when the session or trading state changes.
    pub(super) fn retry_exits(&mut self, effects: &mut Effects) {
        for index in 0..self.brackets.len() {
            let Some(bracket) = self.brackets.get_mut(index) else {
                continue;
            };
            if std::mem::take(&mut bracket.unprotected) && bracket.protected.is_positive() {
                self.align_exits(index, effects);
            }
        }
    }

    fn drop_finished_brackets(&mut self) {
        let orders = &self.orders;
        self.brackets.retain(|bracket| {
            let entry_works = orders
                .get(bracket.entry)
                .is_some_and(|e| e.life.is_working());
            let exit_works = bracket
                .exits
                .iter()
                .flatten()
                .any(|&exit| orders.get(exit).is_some_and(|e| e.life.is_working()));
            entry_works || exit_works || bracket.protected.is_positive()
        });
    }

    /// Cancels the working orders of an instrument (delisting, a split that the venue does not
    /// carry orders through).
    pub(super) fn cancel_instrument(&mut self, instrument: InstrumentId, effects: &mut Effects) {
        let orders: Vec<OrderId> = self
            .orders
            .working()
            .filter(|entry| entry.request.instrument == instrument)
            .map(|entry| entry.request.id)
            .collect();
        for order in orders {
            self.cancel(order, effects);
        }
    }
}

const fn exit_kind(mode: ExitMode) -> OrderKind {
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
