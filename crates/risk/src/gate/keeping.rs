//! Keeping: how events change reservations and counters.

use trader_broker::{AccountKind, Proposal, Snapshot};
use trader_domain::{
    Money, OperatorCommand, OrderId, OrderKind, OrderRequest, Quantity, ReplaceRequest, Side,
    TradingState,
};

use super::Gate;
use crate::checks::BPS;
use crate::judge::divide_up;
use crate::ledger::{Booked, Slot, Terms};
use crate::parents::Parents;
use crate::subject::worst_price;

impl Gate {
    pub(super) fn on_reserve(&mut self, request: &OrderRequest, snapshot: &Snapshot<'_>) {
        self.flow.on_order(request, snapshot.now);
        self.sums.touch(request.instrument);
        let holding = snapshot
            .holding(request.instrument)
            .copied()
            .unwrap_or_default();
        self.day_trades
            .synchronise(request.instrument, holding.quantity);
        let Some(booked) = self.book(request, request.quantity, request.kind, snapshot) else {
            self.ledger.set_fault();
            return;
        };
        let mut slot = Slot::new(request.id, request.instrument, request.side, booked);
        slot.oco = request.oco;
        slot.parent = request.parent;
        if !request.legs.is_empty() {
            match self.package_reservation(request, snapshot) {
                Some(package) => slot.package = package,
                None => self.ledger.set_fault(),
            }
        }
        self.ledger.reserve(slot);
        if let Some(parent) = request.parent {
            self.parents
                .commit(request.id, parent, request.quantity.units());
        }
        if let Some(locate) = request.locate.filter(|_| request.side == Side::Sell) {
            let short = self.short_part(request.id, snapshot);
            self.locates.draw(request.id, locate, short);
        }
    }

    /// The part of a working sale that is beyond what is held and not sold by others.
    fn short_part(&self, order: OrderId, snapshot: &Snapshot<'_>) -> Quantity {
        let short = self.ledger.get(order).and_then(|slot| {
            let held = snapshot.holding(slot.instrument)?.quantity.units().max(0);
            let base = self
                .ledger
                .base(slot.instrument, slot.side, order, slot.oco)?;
            let beyond = |sold: i64| sold.saturating_sub(held).max(0);
            let all = self.ledger.load(slot.instrument).sell.quantity;
            Quantity::from_units(beyond(all) - beyond(base.sell.quantity)).ok()
        });
        short.unwrap_or(Quantity::ZERO)
    }

    /// What an approved order reserves: its whole open quantity at its worst price.
    pub(super) fn book(
        &self,
        request: &OrderRequest,
        total: Quantity,
        kind: OrderKind,
        snapshot: &Snapshot<'_>,
    ) -> Option<Booked> {
        let instrument = snapshot.instruments.get(request.instrument)?;
        let reference = snapshot
            .mark(request.instrument)?
            .reference(snapshot.now, self.limits.reference_age_nanos)
            .ok()?;
        let worst = worst_price(kind, request.side, reference, self.limits.market_reserve)?;
        // The legs of a package are not the underlying: what it ties up is reserved as a whole.
        let total = if request.legs.is_empty() {
            total
        } else {
            Quantity::ZERO
        };
        Some(Booked {
            total,
            limit: kind.limit_price(),
            terms: Terms {
                open: total,
                price: worst.price,
                cost: worst.cost,
                slippage: worst.slippage,
                multiplier: i64::from(instrument.multiplier),
            },
        })
    }

    /// What an approved package ties up beyond what its account's options tie up already. The book
    /// is large: in a place of its own, it takes no room on the stack of every other order.
    #[inline(never)]
    pub(super) fn package_reservation(
        &self,
        request: &OrderRequest,
        snapshot: &Snapshot<'_>,
    ) -> Option<i128> {
        let subject = self.subject(Proposal::New(request), snapshot);
        let book = self.option_book(snapshot)?;
        let before = book.with_package(&subject, 0)?;
        let after = book.with_package(&subject, subject.open.units())?;
        let more = after.cash.checked_sub(before.cash)?.max(0);
        more.checked_add(subject.package_cost(subject.open.units())?)
    }

    pub(super) fn on_reserve_replacement(
        &mut self,
        terms: &ReplaceRequest,
        snapshot: &Snapshot<'_>,
    ) {
        self.flow.on_replacement(snapshot.now);
        let Some(slot) = self.ledger.get(terms.order).copied() else {
            self.ledger.set_fault();
            return;
        };
        let booked = snapshot
            .instruments
            .get(slot.instrument)
            .and_then(|instrument| {
                let reference = snapshot
                    .mark(slot.instrument)?
                    .reference(snapshot.now, self.limits.reference_age_nanos)
                    .ok()?;
                let worst =
                    worst_price(terms.kind, slot.side, reference, self.limits.market_reserve)?;
                Some(Booked {
                    total: terms.quantity,
                    limit: terms.kind.limit_price(),
                    terms: Terms {
                        open: terms.quantity.checked_sub(slot.filled).ok()?,
                        price: worst.price,
                        cost: worst.cost,
                        slippage: worst.slippage,
                        multiplier: i64::from(instrument.multiplier),
                    },
                })
            });
        self.sums.touch(slot.instrument);
        match booked {
            Some(booked) => self.ledger.reserve_replacement(terms.order, booked),
            None => self.ledger.set_fault(),
        }
        if slot.side == Side::Sell {
            let short = self.short_part(terms.order, snapshot);
            self.locates.draw_more(terms.order, short);
        }
        self.recommit(terms.order);
    }

    /// Brings a child's share of its parent up to date.
    pub(super) fn recommit(&mut self, order: OrderId) {
        if let Some(slot) = self.ledger.get(order) {
            commit(&mut self.parents, slot);
        }
    }

    /// A part of an order traded.
    pub(super) fn on_fill(&mut self, order: OrderId, quantity: Quantity) {
        if let Some(slot) = self.ledger.fill(order, quantity) {
            self.sums.touch(slot.instrument);
            commit(&mut self.parents, slot);
        }
        self.flow.on_fill();
    }

    pub(super) fn on_done(&mut self, order: OrderId) {
        let Some(slot) = self.ledger.release(order) else {
            return;
        };
        if let Some(parent) = slot.parent {
            self.parents.child_done(order, parent, slot.filled.units());
        }
        self.locates.give_back(order, slot.current.terms.open);
        self.sums.touch(slot.instrument);
    }

    pub(super) fn on_new_day(&mut self, day: i32, snapshot: &Snapshot<'_>) {
        self.flow.on_new_day();
        self.locates.expire(snapshot.now);
        let excess = self.maintenance_excess(snapshot);
        // De minimis: the lesser of $1,000 and 5 % of equity.
        let equity = snapshot.account.equity.units().max(0);
        let tolerated = Money::whole(1_000).units().min(equity / 20);
        let deficit = excess.is_none_or(|excess| excess < -tolerated);
        let is_margin = snapshot.account.kind == AccountKind::Margin;
        self.day_trades
            .on_new_day(day, excess, is_margin && deficit);
        self.halt.day = TradingState::Active;
    }

    /// Equity less maintenance requirement; `None` when either is not known.
    fn maintenance_excess(&mut self, snapshot: &Snapshot<'_>) -> Option<i128> {
        let basis = self.basis(snapshot);
        let required = self.sums.maintenance(snapshot, &self.ledger, basis)?;
        if snapshot.account.unpriced_positions > 0 {
            return None;
        }
        let equity = snapshot.account.equity.units();
        equity.checked_sub(divide_up::<BPS>(required))
    }

    pub(super) fn on_command(&mut self, command: OperatorCommand) {
        if let OperatorCommand::SetTradingState(state) = command {
            self.halt.ordered = state;
            if state == TradingState::Active {
                self.halt.day = TradingState::Active;
                self.halt.latched = TradingState::Active;
            }
        }
    }
}

/// Brings an order's share of its parent up to date.
fn commit(parents: &mut Parents, slot: &Slot) {
    let Some(parent) = slot.parent else { return };
    let open = slot
        .pending
        .map_or(slot.current.terms.open, |pending| {
            pending.terms.open.max(slot.current.terms.open)
        })
        .units();
    let committed = slot.filled.units().saturating_add(open);
    parents.commit(slot.order, parent, committed);
}
