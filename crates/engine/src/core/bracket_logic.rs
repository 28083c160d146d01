//! Exits follow fills: what to send when an entry, an exit or anything else trades, and when exits
//! that should stand do not.

use trader_domain::order::OrderStatus;
use trader_domain::{
    CancelCause, ContingentExits, ExitMode, InstrumentId, NANOS_PER_SECOND, OcoGroupId, OrderId,
    OrderIntent, PositionEffect, Quantity, ReplaceRequest, Rounding, Side, StrategyId, TimeInForce,
    Timestamp,
};

use super::Core;
use super::effects::{Alert, Effects};
use crate::orders::{Bracket, exit_kind, exit_mode, restate_exits};
use crate::portfolio::FillBooking;

/// How long the core waits before it asks again for an exit that was refused or ended by the
/// broker; a change of the session or of the trading state shortens the wait.
const RETRY_NANOS: i64 = NANOS_PER_SECOND;

impl Core {
    pub(super) fn on_bracket_fill(&mut self, booking: &FillBooking, effects: &mut Effects) {
        let Some(entry) = self.orders.get(booking.order) else {
            return;
        };
        let oco = entry.request.oco;
        if !entry.exits.is_none() {
            self.on_entry_fill(booking);
        } else if let Some(index) = self.brackets.of_exit(booking.order) {
            self.on_exit_fill(index, booking, effects);
        } else if let Some(group) = oco.filter(|_| !self.config.venue_links_oco) {
            self.reduce_sibling(group, booking.order, booking.fill.quantity, effects);
        }
        self.trim_brackets(booking.strategy, booking.instrument, effects);
    }

    fn on_entry_fill(&mut self, booking: &FillBooking) {
        let Some(entry) = self.orders.get(booking.order) else {
            return;
        };
        let bracket = Bracket::new(booking.order, &entry.request, entry.exits);
        let index = self
            .brackets
            .of_entry(booking.order)
            .unwrap_or_else(|| self.brackets.push(bracket));
        if let Some(bracket) = self.brackets.get_mut(index) {
            bracket.protected = bracket
                .protected
                .checked_add(booking.fill.quantity)
                .unwrap_or(bracket.protected);
            bracket.stale = true;
        }
    }

    fn on_exit_fill(&mut self, index: usize, booking: &FillBooking, effects: &mut Effects) {
        let Some(bracket) = self.brackets.get_mut(index) else {
            return;
        };
        bracket.unprotect(booking.fill.quantity);
        // A venue that links the exits reduces the other one itself.
        bracket.stale = !self.config.venue_links_oco;
        let first_exit = !std::mem::replace(&mut bracket.exiting, true);
        let entry = bracket.entry;
        if first_exit && self.orders.get(entry).is_some_and(|e| e.life.is_working()) {
            self.cancel(entry, effects);
        }
    }

    /// Exits never cover more than the strategy's position: something else may have reduced it.
    /// The newest bracket shrinks first. Then every exit that does not fit any more is sent, raised,
    /// lowered or cancelled.
    pub(super) fn trim_brackets(
        &mut self,
        strategy: StrategyId,
        instrument: InstrumentId,
        effects: &mut Effects,
    ) {
        if self.brackets.is_empty() {
            return;
        }
        let position = self.portfolio.strategy_position(strategy, instrument);
        for side in [Side::Buy, Side::Sell] {
            let held = if (side == Side::Buy) == position.is_positive() {
                position.abs()
            } else {
                Quantity::ZERO
            };
            let protected = self.brackets.protected(strategy, instrument, side);
            if let Ok(excess) = protected.checked_sub(held) {
                self.shrink(strategy, instrument, side, excess);
            }
        }
        self.align_stale(effects);
    }

    fn shrink(
        &mut self,
        strategy: StrategyId,
        instrument: InstrumentId,
        side: Side,
        mut excess: Quantity,
    ) {
        for index in (0..self.brackets.len()).rev() {
            if !excess.is_positive() {
                break;
            }
            let Some(bracket) = self.brackets.get_mut(index) else {
                continue;
            };
            let other = bracket.strategy != strategy
                || bracket.instrument != instrument
                || bracket.side != side;
            if other || bracket.protected.is_zero() {
                continue;
            }
            let cut = bracket.protected.min(excess);
            bracket.unprotect(cut);
            bracket.stale = true;
            excess = excess.checked_sub(cut).unwrap_or(Quantity::ZERO);
        }
    }

    /// Brings the exits of every bracket that has changed in line with what it protects.
    pub(super) fn align_stale(&mut self, effects: &mut Effects) {
        for index in 0..self.brackets.len() {
            let stale = self
                .brackets
                .get_mut(index)
                .is_some_and(|bracket| std::mem::take(&mut bracket.stale));
            if stale {
                self.align_exits(index, effects);
            }
        }
        self.drop_finished_brackets();
    }

    /// Sends, raises or lowers the exits of one bracket so that each covers what is protected.
    fn align_exits(&mut self, index: usize, effects: &mut Effects) {
        let Some(bracket) = self.brackets.get(index).copied() else {
            return;
        };
        let Some(open) = self.exit_quantity(index) else {
            return;
        };
        let mut all_stand = true;
        for place in 0..bracket.exits.len() {
            let Some(mode) = bracket.mode(place) else {
                continue;
            };
            let live = bracket.exits.get(place).copied().flatten();
            all_stand &= match live.filter(|&exit| self.is_working(exit)) {
                Some(exit) => self.resize_exit(exit, open, effects),
                None if open.is_zero() || bracket.awaits_action => true,
                None => self.send_exit(index, place, (mode, open), effects),
            };
        }
        if all_stand {
            self.brackets.set_retry(index, None);
            if let Some(bracket) = self.brackets.get_mut(index) {
                bracket.alerted = false;
            }
        } else {
            self.ask_again(index, effects);
        }
    }

    fn is_working(&self, order: OrderId) -> bool {
        self.orders
            .get(order)
            .is_some_and(|entry| entry.life.is_working())
    }

    /// Notes that a bracket's exits do not stand as they should; a person is told once.
    fn ask_again(&mut self, index: usize, effects: &mut Effects) {
        let at = self.now.saturating_add(RETRY_NANOS);
        self.brackets.set_retry(index, Some(at));
        if let Some(bracket) = self.brackets.get_mut(index)
            && !std::mem::replace(&mut bracket.alerted, true)
        {
            effects.alerts.push(Alert::Unprotected(bracket.entry));
        }
    }

    fn send_exit(
        &mut self,
        index: usize,
        place: usize,
        (mode, quantity): (ExitMode, Quantity),
        effects: &mut Effects,
    ) -> bool {
        let Some(bracket) = self.brackets.get(index).copied() else {
            return false;
        };
        let intent = OrderIntent {
            kind: exit_kind(mode),
            time_in_force: TimeInForce::Gtc,
            session: bracket.session,
            effect: PositionEffect::ReduceOnly,
            ..OrderIntent::market(bracket.instrument, bracket.side.opposite(), quantity)
        };
        let id = self.take_order_id();
        let other_lives = bracket
            .exits
            .iter()
            .flatten()
            .any(|&exit| self.is_working(exit));
        // A venue regards a group as over once its last order is: later exits are a new group.
        let group = if other_lives {
            bracket.group
        } else {
            OcoGroupId(id.0)
        };
        let request = self.exit_request(bracket.strategy, &intent, (bracket.entry, group), id);
        let sent = self.judge_and_send(request, ContingentExits::NONE, effects);
        if let Some(live) = self.brackets.get_mut(index).filter(|_| sent) {
            live.group = group;
            if let Some(slot) = live.exits.get_mut(place) {
                *slot = Some(id);
            }
        }
        sent
    }

    /// Brings a working exit's open quantity to `open`. `false` when it does not have it, nor is on
    /// the way to it.
    fn resize_exit(&mut self, exit: OrderId, open: Quantity, effects: &mut Effects) -> bool {
        let Some(order) = self.orders.get(exit) else {
            return false;
        };
        let Ok(total) = order.life.filled().checked_add(open) else {
            return false;
        };
        if open.is_zero() {
            self.cancel(exit, effects);
            return true;
        }
        let on_the_way = order.life.status() == OrderStatus::PendingCancel
            || order.life.pending_replace().is_some();
        if on_the_way || total == order.life.ordered() {
            // The broker's answer leads here again.
            return true;
        }
        let terms = ReplaceRequest {
            order: exit,
            quantity: total,
            kind: order.request.kind,
            time_in_force: order.request.time_in_force,
        };
        let shrinks = total < order.life.ordered();
        if self.replace(terms, effects) {
            return true;
        }
        if shrinks {
            // It must not close more than there is. The gate lets every lowering pass that can be
            // said in new terms; one that cannot (a sale marked short that is long by now is a new
            // order) goes, and one that fits is sent when it is gone.
            self.cancel(exit, effects);
        }
        shrinks
    }

    /// An exit that ended without trading whole leaves its position unprotected.
    pub(super) fn on_exit_ended(
        &mut self,
        order: OrderId,
        cause: Option<CancelCause>,
        effects: &mut Effects,
    ) {
        let Some(index) = self.brackets.of_exit(order) else {
            self.drop_finished_brackets();
            return;
        };
        let Some(bracket) = self.brackets.get_mut(index) else {
            return;
        };
        if let Some(slot) = bracket
            .place_of(order)
            .and_then(|place| bracket.exits.get_mut(place))
        {
            *slot = None;
        }
        if bracket.protected.is_positive() {
            match cause {
                // We asked for it when there was nothing to protect, and now there is again.
                Some(CancelCause::Requested) => bracket.stale = true,
                // The other exit traded; its report decides what is left to protect.
                Some(CancelCause::Oco) => {
                    let at = self.now.saturating_add(RETRY_NANOS);
                    self.brackets.set_retry(index, Some(at));
                }
                Some(CancelCause::CorporateAction | CancelCause::Delisted) => {
                    bracket.awaits_action = true;
                }
                Some(CancelCause::Broker | CancelCause::NotFilledAtOnce) | None => {
                    self.ask_again(index, effects);
                }
            }
        }
        self.align_stale(effects);
    }

    /// The broker refused to change or cancel an exit: what stands may not be what should.
    pub(super) fn on_exit_change_refused(&mut self, order: OrderId, effects: &mut Effects) {
        let Some(index) = self.brackets.of_exit(order) else {
            return;
        };
        if self.is_working(order) {
            self.ask_again(index, effects);
        } else if let Some(bracket) = self.brackets.get_mut(index) {
            // It was refused because it had traded whole: what came in since needs an exit of its own.
            bracket.stale = true;
            self.align_stale(effects);
        }
    }

    /// New terms of an exit that we asked for are in force: they are what a later exit of this
    /// bracket repeats. (Those that a venue sets by itself are not: what led to them, a split say,
    /// restates the bracket.)
    pub(super) fn on_exit_replaced(&mut self, order: OrderId, effects: &mut Effects) {
        let Some(index) = self.brackets.of_exit(order) else {
            return;
        };
        let mode = self
            .orders
            .get(order)
            .and_then(|entry| exit_mode(entry.request.kind));
        if let Some(bracket) = self.brackets.get_mut(index)
            && let Some(place) = bracket.place_of(order)
            && mode.is_some()
        {
            bracket.set_mode(place, mode);
        }
        // What has filled since; the other exit has its own answer to wait for.
        let linked =
            self.brackets.get(index).is_some_and(|b| b.exiting) && self.config.venue_links_oco;
        if let Some(open) = self.exit_quantity(index).filter(|_| !linked)
            && self.is_working(order)
            && !self.resize_exit(order, open, effects)
        {
            self.ask_again(index, effects);
        }
        self.align_stale(effects);
    }

    /// What each exit of a bracket has to cover: a fraction of a lot cannot be ordered.
    fn exit_quantity(&self, index: usize) -> Option<Quantity> {
        let bracket = self.brackets.get(index)?;
        let lot = self.instruments.get(bracket.instrument)?.lot;
        let whole = bracket.protected.round_to(lot, Rounding::TowardsZero);
        Some(whole.unwrap_or(bracket.protected))
    }

    /// An execution was taken back: what an entry lost is not protected any more, what an exit had
    /// closed is again.
    pub(super) fn on_bracket_bust(&mut self, order: OrderId, quantity: Quantity) {
        if let Some(index) = self.brackets.of_entry(order) {
            if let Some(bracket) = self.brackets.get_mut(index) {
                bracket.unprotect(quantity);
                bracket.stale = true;
            }
        } else if let Some(index) = self.brackets.of_exit(order) {
            if let Some(bracket) = self.brackets.get_mut(index) {
                bracket.protected = bracket
                    .protected
                    .checked_add(quantity)
                    .unwrap_or(bracket.protected);
                bracket.stale = true;
            }
        } else {
            self.rebuild_bracket(order, quantity);
        }
    }

    /// An exit of a bracket that was over is open again: it stands for itself from now on.
    fn rebuild_bracket(&mut self, exit: OrderId, quantity: Quantity) {
        let Some(request) = self.orders.get(exit).map(|entry| &entry.request) else {
            return;
        };
        let (Some(entry), Some(group)) = (request.parent, request.oco) else {
            return;
        };
        let modes = ContingentExits {
            first: exit_mode(request.kind),
            second: None,
        };
        let bracket = Bracket {
            side: request.side.opposite(),
            group,
            protected: quantity,
            exits: [Some(exit), None],
            exiting: true,
            stale: true,
            ..Bracket::new(entry, request, modes)
        };
        self.brackets.push(bracket);
    }

    /// A strategy or an operator does not want an exit any more: it is not sent again.
    pub(super) fn give_up_exit(&mut self, order: OrderId) {
        if let Some(index) = self.brackets.of_exit(order)
            && let Some(bracket) = self.brackets.get_mut(index)
            && let Some(place) = bracket.place_of(order)
        {
            bracket.set_mode(place, None);
            let (entry, modes) = (bracket.entry, bracket.modes);
            if let Some(entry) = self.orders.get_mut(entry) {
                entry.exits = modes;
            }
        }
    }

    /// Restates the brackets of a split instrument and sends again what the venue removed.
    pub(super) fn split_brackets(
        &mut self,
        instrument: InstrumentId,
        (to, from): (u32, u32),
        effects: &mut Effects,
    ) {
        let Some(tick) = self.instruments.get(instrument).map(|terms| terms.tick) else {
            return;
        };
        for bracket in self.brackets.iter_mut() {
            if bracket.instrument != instrument {
                continue;
            }
            bracket.awaits_action = false;
            bracket.stale = true;
            if !bracket.split(to, from, tick) {
                effects.alerts.push(Alert::Unprotected(bracket.entry));
            }
        }
        self.orders.each_working(|entry| {
            if entry.request.instrument == instrument && !entry.exits.is_none() {
                let (exit_side, ratio) = (entry.request.side.opposite(), (to.into(), from.into()));
                entry.exits = restate_exits(entry.exits, exit_side, ratio, tick);
            }
        });
        self.trim_instrument(instrument, effects);
    }

    /// Trims the brackets of all strategies in one instrument.
    pub(super) fn trim_instrument(&mut self, instrument: InstrumentId, effects: &mut Effects) {
        for index in 0..self.strategies.len() {
            if let Ok(strategy) = u16::try_from(index).map(StrategyId) {
                self.trim_brackets(strategy, instrument, effects);
            }
        }
    }

    /// Something of ours that may have been in the way is gone: exits that were refused in this
    /// instrument are asked for again at once.
    pub(super) fn retry_exits_in(&mut self, instrument: InstrumentId, effects: &mut Effects) {
        if self.brackets.next_retry() == Timestamp::MAX {
            return;
        }
        for bracket in self.brackets.iter_mut() {
            bracket.stale |= bracket.instrument == instrument && bracket.retry_at.is_some();
        }
        self.align_stale(effects);
    }

    /// Asks again for exits whose time has come.
    #[cold]
    pub(super) fn retry_due_exits(&mut self, effects: &mut Effects) {
        let now = self.now;
        for bracket in self.brackets.iter_mut() {
            bracket.stale |= bracket.retry_at.is_some_and(|at| at <= now);
        }
        self.align_stale(effects);
    }

    /// Asks again for all exits that do not stand; called when what refused them may have changed.
    pub(super) fn retry_exits(&mut self, effects: &mut Effects) {
        if self.brackets.is_empty() {
            return;
        }
        for bracket in self.brackets.iter_mut() {
            bracket.stale |= bracket.retry_at.is_some();
        }
        self.align_stale(effects);
    }

    fn drop_finished_brackets(&mut self) {
        if self.brackets.is_empty() {
            return;
        }
        let orders = &self.orders;
        let works = |order: OrderId| orders.get(order).is_some_and(|e| e.life.is_working());
        self.brackets.retain(|bracket| {
            works(bracket.entry)
                || bracket.exits.iter().flatten().any(|&exit| works(exit))
                || (bracket.protected.is_positive() && !bracket.modes.is_none())
        });
    }

    /// Cancels the working orders of an instrument that trades no more.
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
