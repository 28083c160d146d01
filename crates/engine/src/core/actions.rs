//! From what strategies ask for to what leaves: numbering, the gate, reservation.

use trader_broker::{GateEvent, Verdict, approve_into, approve_replacement_into};
use trader_domain::order::{CancelStep, OrderStatus};
use trader_domain::{
    ClientOrderId, ContingentExits, InstrumentId, Money, OcoGroupId, OrderId, OrderIntent,
    OrderRequest, OrderSize, Quantity, ReplaceRequest, Rounding, StrategyId, TradingState,
};

use super::Core;
use super::effects::{Alert, Command, Effects};
use crate::orders::OrderStatusChange;
use crate::strategy::Action;

/// How many actions a strategy may ask for in one event before it is taken for a runaway.
const MAX_ACTIONS_PER_EVENT: u32 = 16_384;

/// How old a price may be when a cash amount is turned into a quantity; the gate's own, stricter
/// limit decides afterwards whether the order may leave.
const MAX_SIZING_AGE_NANOS: i64 = i64::MAX;

impl Core {
    #[inline(never)] // most events that have effects are reports, and bring no actions
    pub(super) fn run_actions(&mut self, effects: &mut Effects) {
        let mut batch = std::mem::take(&mut self.handled);
        // Handling an action may add actions (a strategy answers a refusal): they are the next
        // batch.
        while !self.actions.is_empty() {
            std::mem::swap(&mut batch, &mut self.actions);
            for (strategy, action) in &batch {
                if self.admits_action(*strategy, effects) {
                    self.run_action(*strategy, action, effects);
                }
            }
            batch.clear();
        }
        self.handled = batch;
        for slot in &mut self.strategies {
            slot.asked = 0;
        }
    }

    /// Counts an action; a strategy that asks for more than any sane one does is paused, and what it
    /// asked for beyond that is dropped.
    fn admits_action(&mut self, strategy: StrategyId, effects: &mut Effects) -> bool {
        let Some(slot) = self.strategies.get_mut(usize::from(strategy.0)) else {
            return false;
        };
        slot.asked += 1;
        if slot.asked == MAX_ACTIONS_PER_EVENT + 1 {
            slot.paused = true;
            effects.alerts.push(Alert::Runaway(strategy));
        }
        slot.asked <= MAX_ACTIONS_PER_EVENT
    }

    fn run_action(&mut self, strategy: StrategyId, action: &Action, effects: &mut Effects) {
        match *action {
            Action::Submit(id, ref intent, group) => {
                self.propose(strategy, id, intent, group, effects);
            }
            Action::Cancel(order) => {
                if self.is_order_of(strategy, order) {
                    self.give_up_exit(order);
                    self.cancel(order, effects);
                }
            }
            Action::Replace(terms) => {
                if self.is_order_of(strategy, terms.order) {
                    let refused = self.is_paused(strategy) || !self.replace(terms, effects);
                    if refused {
                        self.tell_order_change(terms.order);
                    }
                }
            }
            Action::SetTimer(id, at) => {
                self.timers.insert(id, strategy);
                effects.commands.push(Command::SetTimer { id, at });
            }
        }
    }

    fn is_order_of(&self, strategy: StrategyId, order: OrderId) -> bool {
        self.orders
            .get(order)
            .is_some_and(|entry| entry.request.strategy == strategy)
    }

    fn is_paused(&self, strategy: StrategyId) -> bool {
        self.strategies
            .get(usize::from(strategy.0))
            .is_none_or(|slot| slot.paused)
    }

    fn propose(
        &mut self,
        strategy: StrategyId,
        id: OrderId,
        intent: &OrderIntent,
        oco: Option<OcoGroupId>,
        effects: &mut Effects,
    ) {
        if self.is_paused(strategy) {
            self.tell_refused(strategy, id, intent.instrument);
            return;
        }
        let mut request = self.number(strategy, id, intent, self.size(intent));
        request.oco = oco;
        self.judge_and_send(request, intent.exits, effects);
    }

    /// The order an intent becomes; a quantity that cannot be known is zero, which the gate
    /// refuses with a record like every other refusal.
    pub(super) fn number(
        &self,
        strategy: StrategyId,
        id: OrderId,
        intent: &OrderIntent,
        quantity: Quantity,
    ) -> OrderRequest {
        OrderRequest {
            id,
            client_order_id: ClientOrderId {
                run: self.config.run,
                order: id,
            },
            strategy,
            account: self.config.account_id,
            instrument: intent.instrument,
            side: intent.side,
            quantity,
            kind: intent.kind,
            time_in_force: intent.time_in_force,
            session: intent.session,
            effect: intent.effect,
            legs: intent.legs.clone(),
            parent: intent.parent,
            oco: None,
            locate: intent.locate,
            short_exempt: intent.short_exempt,
            short_mark: None,
            created: self.now,
        }
    }

    fn size(&self, intent: &OrderIntent) -> Quantity {
        if !intent.legs.is_empty() && !intent.exits.is_none() {
            // An exit closes one instrument; what would close a package is not defined.
            return Quantity::ZERO;
        }
        match intent.size {
            OrderSize::Quantity(quantity) => quantity,
            OrderSize::Notional(amount) => self
                .quantity_for(intent.instrument, amount, intent.kind.limit_price())
                .unwrap_or(Quantity::ZERO),
        }
    }

    fn quantity_for(
        &self,
        instrument: InstrumentId,
        amount: Money,
        limit: Option<trader_domain::Price>,
    ) -> Option<Quantity> {
        let terms = self.instruments.get(instrument)?;
        let price = match limit {
            Some(price) => price,
            None => self
                .market
                .mark(instrument)?
                .reference(self.now, MAX_SIZING_AGE_NANOS)
                .ok()?,
        };
        let one = price
            .scale(i64::from(terms.multiplier), 1, Rounding::HalfEven)
            .ok()?;
        let quantity = amount.quantity_at(one, Rounding::TowardsZero).ok()?;
        quantity.round_to(terms.lot, Rounding::TowardsZero).ok()
    }

    /// Judges an order and, when approved, reserves for it and hands it to the driver: one step,
    /// nothing can come between.
    pub(super) fn judge_and_send(
        &mut self,
        request: OrderRequest,
        exits: ContingentExits,
        effects: &mut Effects,
    ) -> bool {
        let (strategy, instrument, id) = (request.strategy, request.instrument, request.id);
        let snapshot = snapshot_of!(self);
        self.risk.catch_up(instrument, &snapshot);
        let place = effects.decisions.next_place();
        let record = &mut place.assessment;
        let judgement = approve_into(
            request,
            &snapshot,
            self.risk.as_ref(),
            self.compliance.as_ref(),
            record,
        );
        (place.order, place.strategy, place.instrument) = (id, strategy, instrument);
        place.approved = judgement.outcome.is_ok();
        place.resized_from = judgement.resized_from;
        match judgement.outcome {
            Ok(approved) => effects.commands.push(Command::Submit(approved)),
            Err(refusal) => {
                if refusal.verdict == Verdict::Halt {
                    self.halt(TradingState::Halted, effects);
                }
                self.tell_refused(strategy, id, instrument);
                return false;
            }
        }
        let Some(Command::Submit(approved)) = effects.commands.last() else {
            return false;
        };
        // Two orders can never be judged against the same reservations.
        assert_eq!(
            approved.snapshot_version(),
            self.version,
            "order judged against another state"
        );
        self.version += 1;
        self.tell_policies(GateEvent::Reserve(approved));
        let request = approved.request();
        let sent = self
            .orders
            .insert(request, exits)
            .and_then(|entry| entry.life.sent().map(|()| entry));
        let Ok(entry) = sent else {
            // No order can be made of it (legs without a ratio, say): nothing leaves.
            effects.commands.pop();
            let now = self.now;
            self.tell_policies(GateEvent::Done { order: id, now });
            self.tell_refused(strategy, id, instrument);
            return false;
        };
        entry.pending = request.quantity;
        self.orders
            .adjust_pending(strategy, instrument, request.side, request.quantity);
        true
    }

    fn tell_refused(&mut self, strategy: StrategyId, order: OrderId, instrument: InstrumentId) {
        let change = OrderStatusChange {
            order,
            instrument,
            status: OrderStatus::Rejected,
            leaves: Quantity::ZERO,
        };
        self.with_strategy(usize::from(strategy.0), |s, context| {
            s.on_order(&change, context);
        });
    }

    pub(super) fn cancel(&mut self, order: OrderId, effects: &mut Effects) {
        let Some(entry) = self.orders.get_mut(order) else {
            return;
        };
        if let Ok(CancelStep::AwaitBroker) = entry.life.cancel_requested() {
            effects.commands.push(Command::Cancel(order));
            let now = self.now;
            self.tell_policies(GateEvent::CancelSent { order, now });
        }
    }

    pub(super) fn cancel_all(&mut self, effects: &mut Effects) {
        let working: Vec<OrderId> = self
            .orders
            .working()
            .map(|entry| entry.request.id)
            .collect();
        for order in working {
            self.give_up_exit(order);
            self.cancel(order, effects);
        }
    }

    /// Judges new terms and, when approved, reserves for them and hands them to the driver. `false`
    /// when they do not leave.
    pub(super) fn replace(&mut self, terms: ReplaceRequest, effects: &mut Effects) -> bool {
        let Some(entry) = self.orders.get(terms.order) else {
            return false;
        };
        // Terms that the order's state does not allow are not worth a judgement.
        let mut life = entry.life;
        if life.replace_requested(terms).is_err() {
            return false;
        }
        let snapshot = snapshot_of!(self);
        self.risk.catch_up(entry.request.instrument, &snapshot);
        let place = effects.decisions.next_place();
        let judgement = approve_replacement_into(
            (&entry.request, entry.life.filled(), terms),
            &snapshot,
            self.risk.as_ref(),
            self.compliance.as_ref(),
            &mut place.assessment,
        );
        place.order = terms.order;
        place.strategy = entry.request.strategy;
        place.instrument = entry.request.instrument;
        place.approved = judgement.outcome.is_ok();
        place.resized_from = None;
        let approved = match judgement.outcome {
            Ok(approved) => approved,
            Err(refusal) => {
                if refusal.verdict == Verdict::Halt {
                    self.halt(TradingState::Halted, effects);
                }
                return false;
            }
        };
        if let Some(entry) = self.orders.get_mut(terms.order) {
            entry.life = life;
        }
        self.version += 1;
        self.tell_policies(GateEvent::ReserveReplacement(&approved));
        effects.commands.push(Command::Replace(approved));
        true
    }

    pub(super) fn take_order_id(&mut self) -> OrderId {
        let id = OrderId(self.next_order);
        self.next_order += 1;
        id
    }

    /// Sets a tighter trading state on the core's own account and tells everybody.
    pub(super) fn halt(&mut self, state: TradingState, effects: &mut Effects) {
        if self.trading_state < state {
            self.trading_state = state;
            self.version += 1;
            let command = trader_domain::OperatorCommand::SetTradingState(state);
            self.tell_policies(GateEvent::Command(command));
            effects.alerts.push(Alert::TradingState(state));
        }
    }

    /// An exit order of a bracket: numbered like any other, judged like any other.
    pub(super) fn exit_request(
        &mut self,
        strategy: StrategyId,
        intent: &OrderIntent,
        (entry, group): (OrderId, OcoGroupId),
        id: OrderId,
    ) -> OrderRequest {
        let mut request = self.number(strategy, id, intent, self.size(intent));
        (request.parent, request.oco) = (Some(entry), Some(group));
        request
    }
}
