//! [`Ledger`]: everything that approved orders may still do, kept in constant time a change.
//!
//! Orders live in a slab and in one list an instrument; each change of an order shifts the sums of
//! its instrument and side and the totals by the difference. Of an OCO group only the largest
//! member counts, because one execution reduces the others. A sum that does not fit, or a release
//! of more than was reserved, sets [`Ledger::fault`]: the gate then approves nothing.

mod order_index;
mod reservation;

use std::collections::VecDeque;

use trader_domain::{InstrumentId, OcoGroupId, OrderId, Price, Quantity, Side};

pub(crate) use reservation::{Reservation, SideLoad, Terms};

use order_index::OrderIndex;

const NOWHERE: u32 = u32::MAX;

/// How many released orders are remembered for busts.
const REMEMBERED: usize = 1_024;

/// What became of a bust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Busted {
    /// The order works (again) and is reserved for.
    Reserved,
    /// The order was cancelled before: nothing can trade any more.
    Nothing,
    /// The order is too old to be known: whether it can trade again is not known either.
    Unknown,
}

/// Terms together with what identifies them in a broker's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Booked {
    /// Total quantity, filled part included.
    pub(crate) total: Quantity,
    /// Limit price, where the type has one.
    pub(crate) limit: Option<Price>,
    /// What is still open and at what worst price.
    pub(crate) terms: Terms,
}

/// One working order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) order: OrderId,
    pub(crate) instrument: InstrumentId,
    pub(crate) side: Side,
    pub(crate) oco: Option<OcoGroupId>,
    pub(crate) parent: Option<OrderId>,
    pub(crate) filled: Quantity,
    pub(crate) current: Booked,
    pub(crate) pending: Option<Booked>,
    /// Cash or margin that a multi-leg order ties up beyond the sums, units of 10⁻¹⁸.
    pub(crate) package: i128,
    next: u32,
    previous: u32,
}

impl Slot {
    /// An order about to leave.
    pub(crate) fn new(
        order: OrderId,
        instrument: InstrumentId,
        side: Side,
        booked: Booked,
    ) -> Self {
        Self {
            order,
            instrument,
            side,
            oco: None,
            parent: None,
            filled: Quantity::ZERO,
            current: booked,
            pending: None,
            package: 0,
            next: NOWHERE,
            previous: NOWHERE,
        }
    }

    /// What is open follows from what was ordered and what has filled.
    fn reopen(&mut self) -> Option<()> {
        let filled = self.filled;
        for booked in std::iter::once(&mut self.current).chain(self.pending.as_mut()) {
            booked.terms.open = difference(booked.total, filled)?;
        }
        Some(())
    }

    fn reservation(&self) -> Option<Reservation> {
        let current = self.current.terms.reservation()?;
        match self.pending {
            None => Some(current),
            Some(pending) => Some(current.max(pending.terms.reservation()?)),
        }
    }
}

/// The working orders of one instrument.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InstrumentLoad {
    pub(crate) buy: SideLoad,
    pub(crate) sell: SideLoad,
    pub(crate) orders: u32,
    head: u32,
}

/// An instrument without working orders.
const IDLE: InstrumentLoad = InstrumentLoad {
    buy: SideLoad::NONE,
    sell: SideLoad::NONE,
    orders: 0,
    head: NOWHERE,
};

impl InstrumentLoad {
    const fn side(&self, side: Side) -> SideLoad {
        match side {
            Side::Buy => self.buy,
            Side::Sell => self.sell,
        }
    }
}

/// An instrument's load without one order and its OCO group.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Base {
    /// Purchases (without the group, when the order is one).
    pub(crate) buy: SideLoad,
    /// Sales (without the group, when the order is one).
    pub(crate) sell: SideLoad,
    /// The largest other member of the group; zero without a group.
    pub(crate) group: Reservation,
    /// The order itself as it is reserved now; zero for a new one.
    pub(crate) own: Reservation,
    /// Other working orders in the instrument.
    pub(crate) orders: u32,
}

impl Base {
    /// Whether the order is new and of no OCO group with reservations.
    pub(crate) const fn is_alone(&self) -> bool {
        self.own.quantity == 0 && self.group.quantity == 0
    }
}

/// Sums over all working orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    /// Worst-case notional of purchases, units of 10⁻¹⁸.
    pub(crate) buys: i128,
    /// Cash that purchases may take.
    pub(crate) cost: i128,
    /// Worst-case notional of sales.
    pub(crate) sells: i128,
    /// Instant loss.
    pub(crate) slippage: i128,
    /// Requirements of multi-leg orders.
    pub(crate) packages: i128,
    /// How many orders.
    pub(crate) orders: u32,
}

/// All reservations.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    slots: Vec<Slot>,
    free: Vec<u32>,
    index: OrderIndex,
    /// The last orders that were released, oldest first: a busted execution brings one back.
    released: VecDeque<Slot>,
    loads: Vec<InstrumentLoad>,
    totals: Totals,
    fault: bool,
}

impl Ledger {
    /// A ledger with room for `instruments`.
    pub(crate) fn with_instruments(instruments: usize) -> Self {
        Self {
            loads: vec![IDLE; instruments],
            released: VecDeque::with_capacity(REMEMBERED),
            ..Self::default()
        }
    }

    /// Whether a sum stopped adding up; nothing may be approved then.
    pub(crate) const fn fault(&self) -> bool {
        self.fault
    }

    /// Notes that the books do not add up.
    pub(crate) const fn set_fault(&mut self) {
        self.fault = true;
    }

    /// Sums over all orders.
    pub(crate) const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The working orders of one instrument.
    #[inline]
    pub(crate) fn load(&self, instrument: InstrumentId) -> &InstrumentLoad {
        self.loads.get(instrument.index()).unwrap_or(&IDLE)
    }

    /// A working order.
    pub(crate) fn get(&self, order: OrderId) -> Option<&Slot> {
        let place = self.index.get(order)?;
        self.at(place)
    }

    fn at(&self, place: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(place).ok()?)
    }

    fn at_mut(&mut self, place: u32) -> Option<&mut Slot> {
        self.slots.get_mut(usize::try_from(place).ok()?)
    }

    /// The load of an instrument without `order` and without the other members of `oco`.
    pub(crate) fn base(
        &self,
        instrument: InstrumentId,
        side: Side,
        order: OrderId,
        oco: Option<OcoGroupId>,
    ) -> Option<Base> {
        let load = self.load(instrument);
        let mut base = Base {
            buy: load.buy,
            sell: load.sell,
            orders: load.orders,
            ..Base::default()
        };
        let own = self.get(order);
        if own.is_some() {
            base.orders = base.orders.saturating_sub(1);
        }
        if own.is_none() && oco.is_none() {
            return Some(base);
        }
        base.own = own.map_or(Some(Reservation::default()), Slot::reservation)?;
        let counted = match oco {
            None => base.own,
            Some(group) => {
                base.group = self.group(instrument, side, group, Some(order))?;
                base.group.max(base.own)
            }
        };
        match side {
            Side::Buy => base.buy = base.buy.minus(counted)?,
            Side::Sell => base.sell = base.sell.minus(counted)?,
        }
        Some(base)
    }

    /// The largest member of an OCO group, figure by figure.
    fn group(
        &self,
        instrument: InstrumentId,
        side: Side,
        group: OcoGroupId,
        except: Option<OrderId>,
    ) -> Option<Reservation> {
        let mut largest = Reservation::default();
        let mut place = self.loads.get(instrument.index())?.head;
        while let Some(slot) = self.at(place) {
            if slot.oco == Some(group) && slot.side == side && Some(slot.order) != except {
                largest = largest.max(slot.reservation()?);
            }
            place = slot.next;
        }
        Some(largest)
    }

    /// The part of the sums that an order (or its group) makes up now.
    fn contribution(&self, place: u32) -> Option<Reservation> {
        let slot = self.at(place)?;
        match slot.oco {
            None => slot.reservation(),
            Some(group) => self.group(slot.instrument, slot.side, group, None),
        }
    }

    fn shift(
        &mut self,
        instrument: InstrumentId,
        side: Side,
        before: Option<Reservation>,
        after: Option<Reservation>,
    ) {
        if before.is_some() && before == after {
            // Nothing was reserved any more, or as much as before.
            return;
        }
        let shifted = (|| {
            let load = self.loads.get_mut(instrument.index())?;
            let old = load.side(side);
            let (less, more) = (before?, after?);
            // An order comes, goes or trades whole: one of the two is nothing.
            let rest = if less.is_nothing() {
                old
            } else {
                old.minus(less)?
            };
            let new = if more.is_nothing() {
                rest
            } else {
                rest.plus(more)?
            };
            let totals = &mut self.totals;
            let notional = match side {
                Side::Buy => &mut totals.buys,
                Side::Sell => &mut totals.sells,
            };
            *notional = notional
                .checked_add(new.notional)?
                .checked_sub(old.notional)?;
            totals.cost = totals.cost.checked_add(new.cost)?.checked_sub(old.cost)?;
            totals.slippage = totals
                .slippage
                .checked_add(new.slippage)?
                .checked_sub(old.slippage)?;
            match side {
                Side::Buy => load.buy = new,
                Side::Sell => load.sell = new,
            }
            Some(())
        })();
        if shifted.is_none() {
            self.fault = true;
        }
    }

    /// Applies a change to a working order and shifts the sums by the difference.
    fn change(
        &mut self,
        order: OrderId,
        change: impl FnOnce(&mut Slot) -> Option<()>,
    ) -> Option<&Slot> {
        let place = self.index.get(order)?;
        let before = self.contribution(place);
        let changed = self.at_mut(place).and_then(change);
        let after = changed.and_then(|()| self.contribution(place));
        let &Slot {
            instrument, side, ..
        } = self.at(place)?;
        self.shift(instrument, side, before, after);
        self.at(place)
    }

    /// Takes an order in. A number that is already there is a fault: it would be reserved twice.
    pub(crate) fn reserve(&mut self, mut slot: Slot) {
        if self.index.get(slot.order).is_some() {
            self.fault = true;
            return;
        }
        let instrument = slot.instrument;
        if instrument.index() >= self.loads.len() {
            self.loads.resize(instrument.index() + 1, IDLE);
        }
        let before = match slot.oco {
            None => Some(Reservation::default()),
            Some(group) => self.group(instrument, slot.side, group, None),
        };
        let Some(place) = self.place_for() else {
            self.fault = true;
            return;
        };
        let head = match self.loads.get_mut(instrument.index()) {
            Some(load) => {
                load.orders = load.orders.saturating_add(1);
                std::mem::replace(&mut load.head, place)
            }
            None => NOWHERE,
        };
        slot.next = head;
        slot.previous = NOWHERE;
        if let Some(first) = self.at_mut(head) {
            first.previous = place;
        }
        match self.at_mut(place) {
            Some(room) => *room = slot,
            None => self.slots.push(slot),
        }
        self.index.insert(slot.order, place);
        self.totals.orders = self.totals.orders.saturating_add(1);
        match self.totals.packages.checked_add(slot.package) {
            Some(sum) => self.totals.packages = sum,
            None => self.fault = true,
        }
        let after = self.contribution(place);
        self.shift(instrument, slot.side, before, after);
    }

    fn place_for(&mut self) -> Option<u32> {
        if let Some(place) = self.free.pop() {
            return Some(place);
        }
        u32::try_from(self.slots.len())
            .ok()
            .filter(|&place| place != NOWHERE)
    }

    /// New terms are on their way: covers old and new.
    pub(crate) fn reserve_replacement(&mut self, order: OrderId, booked: Booked) {
        self.change(order, |slot| {
            slot.pending = Some(match slot.pending {
                None => booked,
                // A second replacement before the first was answered: cover all three.
                Some(earlier) => larger(earlier, booked),
            });
            Some(())
        });
    }

    /// The broker answered a replacement with what works from now on.
    pub(crate) fn settle_replacement(
        &mut self,
        order: OrderId,
        total: Quantity,
        limit: Option<Price>,
    ) {
        self.change(order, |slot| {
            let matches = |booked: &Booked| booked.total == total && booked.limit == limit;
            let mut booked = match (slot.current, slot.pending.take()) {
                (current, None) => current,
                (current, Some(pending)) if !matches(&current) && matches(&pending) => pending,
                (current, Some(pending)) if matches(&current) && !matches(&pending) => current,
                (current, Some(pending)) => larger(current, pending),
            };
            booked.total = total;
            booked.limit = limit;
            slot.current = booked;
            slot.reopen()
        });
    }

    /// A part of an order traded. Gives the order as it is now.
    pub(crate) fn fill(&mut self, order: OrderId, quantity: Quantity) -> Option<&Slot> {
        self.change(order, |slot| {
            slot.filled = slot.filled.checked_add(quantity).ok()?;
            slot.reopen()
        })
    }

    /// An execution was taken back. While the order lives it may trade that quantity again; one
    /// that ended because it was filled lives again.
    pub(crate) fn bust(&mut self, order: OrderId, quantity: Quantity) -> Busted {
        if self.index.get(order).is_none() {
            let Some(place) = self.released.iter().position(|slot| slot.order == order) else {
                return Busted::Unknown;
            };
            let Some(mut slot) = self.released.remove(place) else {
                return Busted::Unknown;
            };
            if slot.current.terms.open.is_positive() {
                self.released.push_back(slot);
                return Busted::Nothing;
            }
            slot.pending = None;
            self.reserve(slot);
        }
        self.change(order, |slot| {
            slot.filled = difference(slot.filled, quantity)?;
            slot.reopen()
        });
        Busted::Reserved
    }

    /// The order can trade no more: releases what is left of it.
    pub(crate) fn release(&mut self, order: OrderId) -> Option<&Slot> {
        let place = self.index.remove(order)?;
        let before = self.contribution(place);
        let &Slot {
            instrument,
            side,
            oco,
            package,
            next,
            previous,
            ..
        } = self.at(place)?;
        match self.at_mut(previous) {
            Some(previous) => previous.next = next,
            None => {
                if let Some(load) = self.loads.get_mut(instrument.index()) {
                    load.head = next;
                }
            }
        }
        if let Some(next) = self.at_mut(next) {
            next.previous = previous;
        }
        if let Some(load) = self.loads.get_mut(instrument.index()) {
            load.orders = load.orders.saturating_sub(1);
        }
        self.free.push(place);
        self.totals.orders = self.totals.orders.saturating_sub(1);
        self.totals.packages = self.totals.packages.saturating_sub(package);
        let after = match oco {
            None => Some(Reservation::default()),
            Some(group) => self.group(instrument, side, group, None),
        };
        self.shift(instrument, side, before, after);
        if self.released.len() == REMEMBERED {
            self.released.pop_front();
        }
        let slot = self.slots.get(usize::try_from(place).ok()?)?;
        self.released.push_back(*slot);
        Some(slot)
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        update(&[u8::from(self.fault)]);
        update(&self.totals.orders.to_le_bytes());
        for sum in [
            self.totals.buys,
            self.totals.sells,
            self.totals.cost,
            self.totals.slippage,
            self.totals.packages,
        ] {
            update(&sum.to_le_bytes());
        }
        for (place, load) in self
            .loads
            .iter()
            .enumerate()
            .filter(|(_, load)| load.orders > 0)
        {
            update(&place.to_le_bytes());
            for side in [load.buy, load.sell] {
                update(&side.quantity.to_le_bytes());
                update(&side.notional.to_le_bytes());
                update(&side.cost.to_le_bytes());
                update(&side.slippage.to_le_bytes());
                update(&side.unit_price.to_le_bytes());
            }
        }
    }
}

/// `whole − part`, not below zero.
fn difference(whole: Quantity, part: Quantity) -> Option<Quantity> {
    Some(whole.checked_sub(part).ok()?.max(Quantity::ZERO))
}

fn larger(one: Booked, other: Booked) -> Booked {
    Booked {
        total: one.total.max(other.total),
        limit: other.limit,
        terms: Terms {
            open: one.terms.open.max(other.terms.open),
            price: one.terms.price.max(other.terms.price),
            cost: one.terms.cost.max(other.terms.cost),
            slippage: one.terms.slippage.max(other.terms.slippage),
            multiplier: one.terms.multiplier.max(other.terms.multiplier),
        },
    }
}
