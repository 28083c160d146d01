//! Multi-leg orders: all legs at once, whole or not at all.
//!
//! Legs trade at what their own markets show: at the other side of quotes (a buyer at the offer)
//! when every leg was quoted since the order arrived and shows enough size, or at the opens of
//! bars that begin together. There is no complex-order book to improve on that. Market and limit
//! orders for the day, GTC and GTD are taken; a limit is the net price of one unit: positive is
//! paid, negative received by the buyer of the combination.

use arrayvec::ArrayVec;
use trader_domain::{
    BrokerReport, CancelCause, Fill, InstrumentId, Leg, OrderKind, OrderRequest, Price, Quantity,
    RejectReason, ReportKind, Rounding, Session, Side, TimeInForce, Timestamp,
};

use crate::config::DisplayedSize;
use crate::exchange::Exchange;
use crate::execution::Execution;
use crate::fees::{Charge, FillFacts};
use crate::market::Market;
use crate::reach::Liquidity;

/// The legs of a working order.
#[derive(Debug, Clone)]
pub(crate) struct Combination {
    pub(crate) slot: u32,
    legs: ArrayVec<Leg, 4>,
}

/// A leg ready to trade.
#[derive(Debug, Clone, Copy)]
struct PricedLeg {
    instrument: InstrumentId,
    side: Side,
    execution: Execution,
}

/// Which data prices the legs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    Quotes,
    /// Bars that begin at this instant.
    BarsFrom(Timestamp),
}

/// Checks what is special of a multi-leg order.
pub(crate) fn check_legs(request: &OrderRequest, markets: &[Market]) -> Result<(), RejectReason> {
    let kind = matches!(request.kind, OrderKind::Market | OrderKind::Limit { .. });
    let time_in_force = matches!(
        request.time_in_force,
        TimeInForce::Day | TimeInForce::Gtc | TimeInForce::Gtd(_)
    );
    if !kind || !time_in_force || request.session == Session::Extended || request.oco.is_some() {
        return Err(RejectReason::Unsupported);
    }
    if !request.quantity.is_positive() || !request.quantity.is_multiple_of(Quantity::ONE) {
        return Err(RejectReason::InvalidQuantity);
    }
    for leg in &request.legs {
        let market = crate::entry::tradable(markets, leg.instrument)?;
        let whole_lots = request
            .quantity
            .scale(i64::from(leg.ratio), 1, Rounding::Floor)
            .is_ok_and(|quantity| quantity.is_positive() && quantity.is_multiple_of(market.lot));
        if !whole_lots {
            return Err(RejectReason::InvalidQuantity);
        }
    }
    Ok(())
}

impl Exchange {
    /// Remembers the legs of an order that was entered.
    pub(crate) fn add_combination(&mut self, slot: u32, legs: &ArrayVec<Leg, 4>) {
        self.combinations.push(Combination {
            slot,
            legs: legs.clone(),
        });
    }

    /// A leg's market moved: orders whose legs all have a price now may trade.
    #[cold]
    pub(crate) fn match_combinations(
        &mut self,
        instrument: InstrumentId,
        time: Timestamp,
        bar_start: Option<Timestamp>,
        reports: &mut Vec<BrokerReport>,
    ) {
        let mut index = 0;
        while let Some(combination) = self.combinations.get(index) {
            let slot = combination.slot;
            let concerned = combination
                .legs
                .iter()
                .any(|leg| leg.instrument == instrument);
            let basis = bar_start.map_or(Basis::Quotes, Basis::BarsFrom);
            if concerned
                && self.may_act(slot, bar_start.unwrap_or(time))
                && let Some(legs) = self.priced_legs(index, time, basis)
            {
                self.execute_legs(slot, &legs, basis, reports);
            }
            // An order that traded has left the list, and the next one is in its place.
            let stays = self.combinations.get(index).map(|c| c.slot) == Some(slot);
            index += usize::from(stays);
        }
    }

    /// All legs with their prices, if every leg has one and together they keep the limit.
    fn priced_legs(
        &self,
        index: usize,
        time: Timestamp,
        basis: Basis,
    ) -> Option<ArrayVec<PricedLeg, 4>> {
        let combination = self.combinations.get(index)?;
        let order = self.orders.get(combination.slot)?;
        let mut legs = ArrayVec::new();
        let mut net: i128 = 0;
        for leg in &combination.legs {
            let side = match order.side {
                Side::Buy => leg.side,
                Side::Sell => leg.side.opposite(),
            };
            let market = self.markets.get(leg.instrument.index())?;
            let quantity = order
                .remaining()
                .scale(i64::from(leg.ratio), 1, Rounding::Floor)
                .ok()?;
            let price = self.leg_price(market, side, quantity, order.arrived, basis)?;
            net += i128::from(price.units()) * i128::from(leg.ratio) * i128::from(side.sign());
            let execution = Execution {
                quantity,
                price,
                reference: price,
                time: match basis {
                    Basis::Quotes => time,
                    Basis::BarsFrom(start) => start,
                },
                liquidity: Liquidity::Taken,
            };
            legs.try_push(PricedLeg {
                instrument: leg.instrument,
                side,
                execution,
            })
            .ok()?;
        }
        // A seller of the combination receives what its buyer pays.
        let limit = i128::from(order.limit.units()) * i128::from(order.side.sign());
        let kept = order.kind == OrderKind::Market || net <= limit;
        kept.then_some(legs)
    }

    fn leg_price(
        &self,
        market: &Market,
        side: Side,
        quantity: Quantity,
        arrived: Timestamp,
        basis: Basis,
    ) -> Option<Price> {
        if !market.is_open() {
            return None;
        }
        let price = match basis {
            Basis::Quotes => {
                let level = market.offered(side, 0)?;
                let enough = self.config.displayed_size == DisplayedSize::Unlimited
                    || level.left() >= quantity;
                (market.quote.time >= arrived && enough).then_some(level.price)?
            }
            Basis::BarsFrom(start) => {
                let bar = market.bar;
                let enough = self.volume_left(market, &bar) >= quantity;
                (bar.start == start && start >= arrived && bar.is_consistent() && enough)
                    .then_some(bar.open)?
            }
        };
        market.within_bands(price).then_some(price)
    }

    /// Trades all legs; when the cost of any cannot be expressed, none.
    fn execute_legs(
        &mut self,
        slot: u32,
        legs: &[PricedLeg],
        basis: Basis,
        reports: &mut Vec<BrokerReport>,
    ) {
        let Some(charges) = self.charges_of(slot, legs) else {
            return;
        };
        let Some(order) = self.orders.get_mut(slot) else {
            return;
        };
        order.filled = order.quantity;
        let (id, arrived) = (order.id, order.arrived);
        for (number, (leg, charge)) in (0_u8..).zip(legs.iter().zip(charges)) {
            let fill = Fill {
                execution: self.outbox.next_execution(),
                leg: number,
                quantity: leg.execution.quantity,
                price: leg.execution.price,
                commission: charge.commission,
                fees: charge.fees,
                slippage: trader_domain::Money::ZERO,
            };
            let time = leg.execution.time.max(arrived);
            self.outbox
                .send(id, time, ReportKind::Filled(fill), reports);
            if let Some(market) = self.market_mut(leg.instrument) {
                market.note_used(leg.side, leg.execution.quantity, basis);
            }
        }
        self.remove(slot);
    }

    /// What each leg costs; `None` when any cannot be expressed.
    fn charges_of(&mut self, slot: u32, legs: &[PricedLeg]) -> Option<ArrayVec<Charge, 4>> {
        let order = self.orders.get_mut(slot)?;
        let mut costs = order.costs;
        let mut charges = ArrayVec::new();
        for leg in legs {
            let market = self.markets.get(leg.instrument.index())?;
            let facts = FillFacts {
                time: leg.execution.time.max(order.arrived),
                side: leg.side,
                quantity: leg.execution.quantity,
                value: leg.execution.value(market.multiplier).ok()?,
                liquidity: leg.execution.liquidity,
            };
            charges
                .try_push(self.fees.charge(&facts, &mut costs).ok()?)
                .ok()?;
        }
        order.costs = costs;
        Some(charges)
    }

    /// Cancels the multi-leg orders that have a leg in an instrument.
    pub(crate) fn cancel_combinations(
        &mut self,
        instrument: InstrumentId,
        cause: CancelCause,
        time: Timestamp,
        reports: &mut Vec<BrokerReport>,
    ) {
        while let Some(slot) = self
            .combinations
            .iter()
            .find(|c| c.legs.iter().any(|leg| leg.instrument == instrument))
            .map(|c| c.slot)
        {
            self.end(slot, time, ReportKind::Canceled(cause), reports);
        }
    }
}

impl Market {
    /// Notes what a leg took of what it traded against.
    fn note_used(&mut self, side: Side, quantity: Quantity, basis: Basis) {
        match basis {
            Basis::Quotes => self.take_offered(side, 0, quantity),
            Basis::BarsFrom(_) => {
                let used = self.bar.used.checked_add(quantity);
                self.bar.used = used.unwrap_or(Quantity::MAX);
            }
        }
    }
}
