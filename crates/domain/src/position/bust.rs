//! Taking an execution back that the venue has cancelled.

use crate::money::{Money, Quantity};
use crate::order::Side;
use crate::position::{
    ClosedLot, FillEffect, Lot, LotId, LotSelection, Position, PositionError, PositionFill,
};
use crate::time::Timestamp;

/// A fill that was applied and is void now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BustedFill {
    /// The fill as it was applied.
    pub fill: PositionFill,
    /// The lot that it opened ([`FillEffect::lot`]), where it opened one.
    pub lot: Option<LotId>,
    /// When it was taken back.
    pub time: Timestamp,
}

impl Position {
    /// Takes a fill back. `closed_by_it` are the closed lots that the fill produced, where the caller
    /// still has them.
    ///
    /// - What is left of the lot it opened disappears, without a profit.
    /// - The lots it closed come back with their opening time and cost, and the profit is taken back.
    /// - What later fills have built upon (its lot was sold since, or the position has turned to
    ///   the other side) cannot be taken back as such: it is traded back at the same price, oldest
    ///   lots first. Quantity, cash and total profit are the same as if the fill had never been; the
    ///   split of the profit between realised and unrealised is that of the trade back.
    ///
    /// # Errors
    /// [`PositionError`]; position and `closed` are unchanged then.
    pub fn bust(
        &mut self,
        busted: &BustedFill,
        closed_by_it: &[ClosedLot],
        closed: &mut Vec<ClosedLot>,
    ) -> Result<FillEffect, PositionError> {
        let fill = busted.fill;
        if !fill.quantity.is_positive() {
            return Err(PositionError::QuantityNotPositive(fill.quantity));
        }
        let mut had_closed = Quantity::ZERO;
        for lot in closed_by_it {
            let belongs =
                lot.instrument == self.instrument && lot.opened_by == fill.side.opposite();
            if !belongs {
                return Err(PositionError::ForeignLots);
            }
            had_closed = had_closed.checked_add(lot.quantity)?;
        }
        if had_closed > fill.quantity {
            return Err(PositionError::ForeignLots);
        }
        let value = self.notional(fill.price, fill.quantity)?;
        let cash = match fill.side {
            Side::Buy => value,
            Side::Sell => value.negated(),
        }
        .checked_add(fill.costs)?;
        let mut opened = Quantity::ZERO;
        let mut back = Quantity::ZERO;
        let mut lot = None;
        let effect = self.atomically(closed, |position, closed| {
            let had_opened = fill.quantity.checked_sub(had_closed)?;
            let (removed, mut costs_back) = position.remove_lot(busted, had_opened)?;
            back = removed;
            let mut rest = fill.quantity.checked_sub(removed)?;
            if position.side() != Some(fill.side) {
                for part in closed_by_it {
                    position.reopen(part)?;
                    rest = rest.checked_sub(part.quantity)?;
                    opened = opened.checked_add(part.quantity)?;
                    costs_back = costs_back.checked_add(part.closing_costs)?;
                }
            }
            let costs = costs_back.checked_sub(fill.costs)?;
            if rest.is_positive() {
                let trade_back = PositionFill {
                    time: busted.time,
                    side: fill.side.opposite(),
                    quantity: rest,
                    price: fill.price,
                    costs,
                };
                let traded = position.apply_fill(&trade_back, LotSelection::FIFO, closed)?;
                opened = opened.checked_add(traded.opened)?;
                back = back.checked_add(traded.closed)?;
                lot = traded.lot;
            } else if !costs.is_zero() {
                return Err(PositionError::ForeignLots);
            }
            Ok(cash)
        })?;
        Ok(FillEffect {
            opened,
            closed: back,
            realised: effect.realised,
            cash,
            lot,
        })
    }

    /// Removes what is left of the lot that the fill opened; returns its quantity and costs.
    fn remove_lot(
        &mut self,
        busted: &BustedFill,
        had_opened: Quantity,
    ) -> Result<(Quantity, Money), PositionError> {
        let open = busted
            .lot
            .filter(|_| self.side() == Some(busted.fill.side))
            .and_then(|id| self.index_of(id))
            .and_then(|index| self.lots.get(index));
        let Some(&lot) = open.filter(|_| had_opened.is_positive()) else {
            return Ok((Quantity::ZERO, Money::ZERO));
        };
        let part = lot.left.min(had_opened);
        let (value, costs) = lot.take(part)?;
        if value != self.notional(busted.fill.price, part)? {
            // A corporate action has changed its cost: only trading back conserves the cash.
            return Ok((Quantity::ZERO, Money::ZERO));
        }
        // Closed for what it cost with its costs given back: no profit, so no line in a report.
        let mut nothing = Vec::with_capacity(1);
        let terms = (part, value, costs.negated());
        self.close(
            busted.time,
            LotSelection::Specific(&[lot.id]),
            terms,
            &mut nothing,
        )?;
        Ok((part, costs))
    }

    /// Brings a closed lot back and takes its profit back.
    fn reopen(&mut self, part: &ClosedLot) -> Result<(), PositionError> {
        let side = part.opened_by;
        let value = match side {
            Side::Buy => part.cost,
            Side::Sell => part.proceeds,
        };
        let mut lot = Lot {
            id: part.lot,
            opened: part.opened,
            basis_quantity: part.quantity,
            basis_value: value,
            basis_costs: part.opening_costs,
            left: part.quantity,
        };
        if let Some(open) = self
            .index_of(part.lot)
            .and_then(|index| self.lots.remove(index))
        {
            lot.left = open.left.checked_add(part.quantity)?;
            lot.basis_quantity = lot.left;
            lot.basis_value = open.value()?.checked_add(value)?;
            lot.basis_costs = open.costs()?.checked_add(part.opening_costs)?;
            let signed = match side {
                Side::Buy => open.left,
                Side::Sell => open.left.negated(),
            };
            self.quantity = self.quantity.checked_sub(signed)?;
            self.value = self.value.checked_sub(open.value()?)?;
            self.costs = self.costs.checked_sub(open.costs()?)?;
        }
        self.adopt(lot, side)?;
        self.realised = self.realised.checked_sub(part.profit)?;
        self.realised_costs = self
            .realised_costs
            .checked_sub(part.opening_costs)?
            .checked_sub(part.closing_costs)?;
        Ok(())
    }
}
