//! Splits, stock dividends, mergers and dividend entitlements, applied to lots.
//!
//! This is the book's accounting: every amount is conserved and every lot keeps the day on which
//! it was opened. It is not tax advice; what a merger's cash means for taxes depends on the deal.

use crate::money::{Money, Price, Quantity, Rounding};
use crate::order::Side;
use crate::position::{ClosedLot, Lot, LotId, LotSelection, Position, PositionError};
use crate::time::Timestamp;

/// What a corporate action did to cash and profit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CorporateEffect {
    /// The change of cash; negative when a short pays.
    pub cash: Money,
    /// Profit realised.
    pub realised: Money,
}

/// What a holder gets for each share in a merger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergerTerms {
    /// Shares of the acquirer …
    pub to: u32,
    /// … for this many old shares.
    pub from: u32,
    /// Cash for each old share.
    pub cash: Price,
}

impl Position {
    /// `to` shares for every `from`: splits, reverse splits and stock dividends (5 % is 105 for
    /// 100). Cost and opening times stay.
    ///
    /// With `cash_in_lieu` (the price of one old share), only whole new shares stay, and the rest is
    /// closed for cash, oldest lots first, rounded half-up to cents. Without it fractions are held,
    /// rounded towards zero at 10⁻⁹ in total.
    ///
    /// # Errors
    /// [`PositionError`]; position and `closed` are unchanged then.
    pub fn split(
        &mut self,
        time: Timestamp,
        (to, from): (u32, u32),
        cash_in_lieu: Option<Price>,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<CorporateEffect, PositionError> {
        if to == 0 || from == 0 {
            return Err(PositionError::BadRatio { to, from });
        }
        self.atomically(closed, |position, closed| {
            let mut cash = Money::ZERO;
            let mut target = scaled(position.quantity.abs(), to, from)?;
            if let Some(price) = cash_in_lieu {
                target = target.round_to(Quantity::ONE, Rounding::TowardsZero)?;
                let needed = target.scale(i64::from(from), i64::from(to), Rounding::Ceiling)?;
                let fraction = position.quantity.abs().checked_sub(needed)?;
                cash = position.pay_off(time, fraction, price, closed)?;
            } else if target.is_zero() {
                cash = position.pay_off(time, position.quantity.abs(), Price::ZERO, closed)?;
            }
            position.rescale(target)?;
            Ok(cash)
        })
    }

    /// What a cash dividend of `amount` a share owes to this position; negative when a short owes it.
    ///
    /// # Errors
    /// [`crate::MoneyError::Overflow`].
    pub fn dividend(&self, amount: Price) -> Result<Money, crate::MoneyError> {
        self.market_value(amount)
    }

    /// Turns this position into cash and, where `into` is given, shares of the acquirer, which is
    /// then flat here. Lots keep their opening times and their cost less the cash received; cash
    /// above a lot's cost is realised, as a closed lot of quantity zero. Shares that meet an opposite
    /// position in the acquirer close it, oldest lots first. Without `into` all is closed for the cash.
    ///
    /// # Errors
    /// [`PositionError`]; both positions and `closed` are unchanged then.
    pub fn merge(
        &mut self,
        into: Option<&mut Self>,
        time: Timestamp,
        terms: &MergerTerms,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<CorporateEffect, PositionError> {
        let Some(into) = into else {
            return self.atomically(closed, |position, closed| {
                position.pay_off(time, position.quantity.abs(), terms.cash, closed)
            });
        };
        let MergerTerms { to, from, cash } = *terms;
        if to == 0 || from == 0 {
            return Err(PositionError::BadRatio { to, from });
        }
        let mut target = into.clone();
        let earned_before = target.realised;
        let mut effect = self.atomically(closed, |position, closed| {
            let Some(side) = position.side() else {
                return Ok(Money::ZERO);
            };
            let paid = position.return_capital(time, cash, closed)?;
            let shares = scaled(position.quantity.abs(), to, from)?;
            if shares.is_zero() {
                position.pay_off(time, position.quantity.abs(), Price::ZERO, closed)?;
            }
            position.rescale(shares)?;
            for lot in std::mem::take(&mut position.lots) {
                target.receive(time, lot, side, closed)?;
            }
            position.quantity = Quantity::ZERO;
            position.value = Money::ZERO;
            position.costs = Money::ZERO;
            Ok(paid)
        })?;
        effect.realised = target
            .realised
            .checked_sub(earned_before)
            .and_then(|earned| effect.realised.checked_add(earned))?;
        *into = target;
        Ok(effect)
    }

    /// Runs a change that returns the cash it moves; an error leaves everything as it was.
    pub(super) fn atomically(
        &mut self,
        closed: &mut Vec<ClosedLot>,
        change: impl FnOnce(&mut Self, &mut Vec<ClosedLot>) -> Result<Money, PositionError>,
    ) -> Result<CorporateEffect, PositionError> {
        let before = closed.len();
        let mut after = self.clone();
        let done = change(&mut after, closed).and_then(|cash| {
            let realised = after.realised.checked_sub(self.realised)?;
            Ok(CorporateEffect { cash, realised })
        });
        match done {
            Ok(effect) => {
                *self = after;
                Ok(effect)
            }
            Err(error) => {
                closed.truncate(before);
                Err(error)
            }
        }
    }

    /// Closes `quantity` at `price` for cash rounded to cents; returns the signed cash.
    fn pay_off(
        &mut self,
        time: Timestamp,
        quantity: Quantity,
        price: Price,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<Money, PositionError> {
        let Some(side) = self.side().filter(|_| quantity.is_positive()) else {
            return Ok(Money::ZERO);
        };
        let value = self
            .notional(price, quantity)?
            .round_to_cents(Rounding::HalfUp)?;
        let terms = (quantity, value, Money::ZERO);
        self.close(time, LotSelection::FIFO, terms, closed)?;
        Ok(match side {
            Side::Buy => value,
            Side::Sell => value.negated(),
        })
    }

    /// Spreads a new total quantity (positive) over the lots in proportion; value and costs stay.
    fn rescale(&mut self, target: Quantity) -> Result<(), PositionError> {
        let old_total = i128::from(self.quantity.abs().units());
        if old_total == 0 {
            return Ok(());
        }
        let new_total = i128::from(target.units());
        let (mut old_sum, mut new_sum) = (0_i128, 0_i128);
        let (mut spare_value, mut spare_costs) = (Money::ZERO, Money::ZERO);
        let mut kept = std::collections::VecDeque::with_capacity(self.lots.len());
        for lot in &self.lots {
            // Shares of running totals: the parts add up to the target exactly.
            old_sum += i128::from(lot.left.units());
            let upto = Rounding::Floor.divide(old_sum * new_total, old_total)?;
            let part = quantity_of(upto - new_sum)?;
            new_sum = upto;
            let value = lot.value()?.checked_add(spare_value)?;
            let costs = lot.costs()?.checked_add(spare_costs)?;
            if part.is_zero() {
                // Less than 10⁻⁹ of a share: what it cost goes to the next lot.
                (spare_value, spare_costs) = (value, costs);
                continue;
            }
            (spare_value, spare_costs) = (Money::ZERO, Money::ZERO);
            kept.push_back(Lot {
                basis_quantity: part,
                basis_value: value,
                basis_costs: costs,
                left: part,
                ..*lot
            });
        }
        self.lots = kept;
        self.quantity = if self.quantity.is_negative() {
            target.negated()
        } else {
            target
        };
        Ok(())
    }

    /// Pays `cash` a share against the cost of each lot; returns the signed cash.
    fn return_capital(
        &mut self,
        time: Timestamp,
        cash: Price,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<Money, PositionError> {
        let Some(side) = self.side().filter(|_| !cash.is_zero()) else {
            return Ok(Money::ZERO);
        };
        let instrument = self.instrument;
        let multiplier = i64::from(self.multiplier);
        let mut paid = Money::ZERO;
        for lot in &mut self.lots {
            let due = cash.notional(lot.left).times(multiplier)?;
            paid = paid.checked_add(due)?;
            let (value, costs) = (lot.value()?, lot.costs()?);
            let covered = due.min(value);
            let excess = due.checked_sub(covered)?;
            *lot = Lot {
                basis_quantity: lot.left,
                basis_value: value.checked_sub(covered)?,
                basis_costs: costs,
                ..*lot
            };
            self.value = self.value.checked_sub(covered)?;
            if excess.is_zero() {
                continue;
            }
            let (cost, proceeds) = match side {
                Side::Buy => (Money::ZERO, excess),
                Side::Sell => (excess, Money::ZERO),
            };
            let profit = proceeds.checked_sub(cost)?;
            self.realised = self.realised.checked_add(profit)?;
            closed.push(ClosedLot {
                instrument,
                lot: lot.id,
                opened_by: side,
                opened: lot.opened,
                closed: time,
                quantity: Quantity::ZERO,
                cost,
                proceeds,
                opening_costs: Money::ZERO,
                closing_costs: Money::ZERO,
                profit,
            });
        }
        Ok(match side {
            Side::Buy => paid,
            Side::Sell => paid.negated(),
        })
    }

    /// Takes over a lot of the acquired instrument; an opposite position is closed by it first.
    fn receive(
        &mut self,
        time: Timestamp,
        lot: Lot,
        side: Side,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<(), PositionError> {
        let (value, costs) = (lot.value()?, lot.costs()?);
        let mut rest = Lot {
            id: LotId(self.next_lot),
            basis_value: value,
            basis_costs: costs,
            ..lot
        };
        if self.side() == Some(side.opposite()) {
            let part = lot.left.min(self.quantity.abs());
            let part_value = value.pro_rata(part, lot.left, Rounding::Floor)?;
            let part_costs = costs.pro_rata(part, lot.left, Rounding::Floor)?;
            let terms = (part, part_value, part_costs);
            self.close(time, LotSelection::FIFO, terms, closed)?;
            rest.left = lot.left.checked_sub(part)?;
            rest.basis_quantity = rest.left;
            rest.basis_value = value.checked_sub(part_value)?;
            rest.basis_costs = costs.checked_sub(part_costs)?;
        }
        if rest.left.is_zero() {
            return Ok(());
        }
        self.adopt(rest, side)?;
        self.next_lot += 1;
        Ok(())
    }
}

fn scaled(quantity: Quantity, to: u32, from: u32) -> Result<Quantity, crate::MoneyError> {
    quantity.scale(i64::from(to), i64::from(from), Rounding::TowardsZero)
}

fn quantity_of(units: i128) -> Result<Quantity, PositionError> {
    let units = i64::try_from(units).map_err(|_range| crate::MoneyError::Overflow {
        kind: "Quantity",
        operation: "splitting lots",
    })?;
    Ok(Quantity::from_units(units)?)
}
