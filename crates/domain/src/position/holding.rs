//! [`Position`]: the open lots of one instrument, their totals, and how fills change them.

use std::collections::VecDeque;

use crate::ids::InstrumentId;
use crate::money::{Money, MoneyError, Price, Quantity, Rounding};
use crate::order::Side;
use crate::position::{ClosedLot, Lot, LotId, LotMethod, LotSelection, PositionError};
use crate::time::Timestamp;

/// What a position needs to know of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionFill {
    /// When it traded.
    pub time: Timestamp,
    /// Bought or sold.
    pub side: Side,
    /// How much; positive.
    pub quantity: Quantity,
    /// At what price a share (or, for options, a share of the underlying).
    pub price: Price,
    /// Commission and fees; negative is a rebate.
    pub costs: Money,
}

/// What a fill did to a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillEffect {
    /// How much was opened; positive.
    pub opened: Quantity,
    /// How much was closed; positive.
    pub closed: Quantity,
    /// Profit realised, after the costs of opening and closing.
    pub realised: Money,
    /// The change of cash: what was received or paid, less costs.
    pub cash: Money,
    /// The lot that was opened, to name it in a later bust.
    pub lot: Option<LotId>,
}

/// The position in one instrument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub(super) instrument: InstrumentId,
    pub(super) multiplier: u32,
    /// Signed: positive is long.
    pub(super) quantity: Quantity,
    /// By time of opening, then number.
    pub(super) lots: VecDeque<Lot>,
    /// Sum over `lots`.
    pub(super) value: Money,
    /// Sum over `lots`.
    pub(super) costs: Money,
    pub(super) realised: Money,
    pub(super) realised_costs: Money,
    pub(super) next_lot: u64,
}

/// The total of what a closing takes, worked out before anything changes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Closing {
    /// Lots looked at.
    steps: usize,
    quantity: Quantity,
    value: Money,
    costs: Money,
    pub(super) profit: Money,
    closing_costs: Money,
}

impl Position {
    /// No position in `instrument`; `multiplier` is the number of underlying units in a contract
    /// (1 for shares).
    ///
    /// # Errors
    /// [`PositionError::ZeroMultiplier`].
    pub fn new(instrument: InstrumentId, multiplier: u32) -> Result<Self, PositionError> {
        if multiplier == 0 {
            return Err(PositionError::ZeroMultiplier);
        }
        Ok(Self {
            instrument,
            multiplier,
            quantity: Quantity::ZERO,
            lots: VecDeque::new(),
            value: Money::ZERO,
            costs: Money::ZERO,
            realised: Money::ZERO,
            realised_costs: Money::ZERO,
            next_lot: 1,
        })
    }

    /// Applies a fill: opens, closes, or closes all and opens the other way. Closed lots are
    /// appended to `closed`.
    ///
    /// # Errors
    /// [`PositionError`]; position and `closed` are unchanged then.
    pub fn apply_fill(
        &mut self,
        fill: &PositionFill,
        selection: LotSelection<'_>,
        closed: &mut Vec<ClosedLot>,
    ) -> Result<FillEffect, PositionError> {
        if !fill.quantity.is_positive() {
            return Err(PositionError::QuantityNotPositive(fill.quantity));
        }
        let value = self.notional(fill.price, fill.quantity)?;
        let cash = match fill.side {
            Side::Buy => value.negated(),
            Side::Sell => value,
        }
        .checked_sub(fill.costs)?;
        let closing_quantity = if self.side() == Some(fill.side.opposite()) {
            fill.quantity.min(self.quantity.abs())
        } else {
            Quantity::ZERO
        };
        let opening_quantity = fill.quantity.checked_sub(closing_quantity)?;
        if closing_quantity.is_zero() {
            let lot = self.open(fill.time, fill.side, fill.quantity, value, fill.costs)?;
            return Ok(FillEffect {
                opened: fill.quantity,
                closed: Quantity::ZERO,
                realised: Money::ZERO,
                cash,
                lot: Some(lot),
            });
        }
        let closing_value = self.notional(fill.price, closing_quantity)?;
        let closing_costs =
            fill.costs
                .pro_rata(closing_quantity, fill.quantity, Rounding::Floor)?;
        let opening_value = value.checked_sub(closing_value)?;
        let opening_costs = fill.costs.checked_sub(closing_costs)?;
        let closing = self.close(
            fill.time,
            selection,
            (closing_quantity, closing_value, closing_costs),
            closed,
        )?;
        let lot = if opening_quantity.is_zero() {
            None
        } else {
            // The position is flat now: opening adds to zero and cannot overflow.
            Some(self.open(
                fill.time,
                fill.side,
                opening_quantity,
                opening_value,
                opening_costs,
            )?)
        };
        Ok(FillEffect {
            opened: opening_quantity,
            closed: closing_quantity,
            realised: closing.profit,
            cash,
            lot,
        })
    }

    /// Opens a lot on `side`, which is the position's own or the position is flat.
    pub(super) fn open(
        &mut self,
        opened: Timestamp,
        side: Side,
        quantity: Quantity,
        value: Money,
        costs: Money,
    ) -> Result<LotId, PositionError> {
        let lot = Lot {
            id: LotId(self.next_lot),
            opened,
            basis_quantity: quantity,
            basis_value: value,
            basis_costs: costs,
            left: quantity,
        };
        self.adopt(lot, side)?;
        self.next_lot += 1;
        Ok(lot.id)
    }

    /// Takes a lot in, at its place by time of opening.
    pub(super) fn adopt(&mut self, lot: Lot, side: Side) -> Result<(), PositionError> {
        let signed = match side {
            Side::Buy => lot.left,
            Side::Sell => lot.left.negated(),
        };
        let quantity = self.quantity.checked_add(signed)?;
        let value = self.value.checked_add(lot.value()?)?;
        let costs = self.costs.checked_add(lot.costs()?)?;
        self.quantity = quantity;
        self.value = value;
        self.costs = costs;
        // Almost always the back; only a merger or a bust brings an older lot.
        let younger = self
            .lots
            .iter()
            .rev()
            .take_while(|other| (other.opened, other.id) > (lot.opened, lot.id))
            .count();
        self.lots.insert(self.lots.len() - younger, lot);
        Ok(())
    }

    /// Closes a quantity (at most what is open) for a total value and total costs.
    pub(super) fn close(
        &mut self,
        time: Timestamp,
        selection: LotSelection<'_>,
        terms: (Quantity, Money, Money),
        closed: &mut Vec<ClosedLot>,
    ) -> Result<Closing, PositionError> {
        let before = closed.len();
        let planned = self
            .plan(time, selection, terms, closed)
            .and_then(|closing| Ok((closing, self.totals_after(&closing)?)));
        match planned {
            Ok((closing, totals)) => {
                self.commit(
                    selection,
                    &closing,
                    closed.get(before..).unwrap_or_default(),
                );
                (
                    self.quantity,
                    self.value,
                    self.costs,
                    self.realised,
                    self.realised_costs,
                ) = totals;
                Ok(closing)
            }
            Err(error) => {
                closed.truncate(before);
                Err(error)
            }
        }
    }

    /// Works out which lots close with what result, without changing anything.
    fn plan(
        &self,
        time: Timestamp,
        selection: LotSelection<'_>,
        (quantity, value, costs): (Quantity, Money, Money),
        closed: &mut Vec<ClosedLot>,
    ) -> Result<Closing, PositionError> {
        let opened_by = self.side().unwrap_or(Side::Buy);
        let mut total = Closing::default();
        let (mut value_left, mut costs_left) = (value, costs);
        let mut missing = quantity;
        while missing.is_positive() {
            let Some(lot) = self.pick(selection, total.steps)? else {
                return Err(PositionError::LotsTooSmall { missing });
            };
            let part = missing.min(lot.left);
            let rest = missing.checked_sub(part)?;
            let (lot_value, lot_costs) = lot.take(part)?;
            // What remains is a function of what is still missing: the shares add up to the total.
            let value_after = value.pro_rata(rest, quantity, Rounding::Floor)?;
            let costs_after = costs.pro_rata(rest, quantity, Rounding::Floor)?;
            let close_value = value_left.checked_sub(value_after)?;
            let close_costs = costs_left.checked_sub(costs_after)?;
            (value_left, costs_left, missing) = (value_after, costs_after, rest);
            let (cost, proceeds) = match opened_by {
                Side::Buy => (lot_value, close_value),
                Side::Sell => (close_value, lot_value),
            };
            let profit = proceeds
                .checked_sub(cost)?
                .checked_sub(lot_costs)?
                .checked_sub(close_costs)?;
            closed.push(ClosedLot {
                instrument: self.instrument,
                lot: lot.id,
                opened_by,
                opened: lot.opened,
                closed: time,
                quantity: part,
                cost,
                proceeds,
                opening_costs: lot_costs,
                closing_costs: close_costs,
                profit,
            });
            total.steps += 1;
            total.quantity = total.quantity.checked_add(part)?;
            total.value = total.value.checked_add(lot_value)?;
            total.costs = total.costs.checked_add(lot_costs)?;
            total.profit = total.profit.checked_add(profit)?;
            total.closing_costs = total.closing_costs.checked_add(close_costs)?;
        }
        Ok(total)
    }

    fn totals_after(
        &self,
        closing: &Closing,
    ) -> Result<(Quantity, Money, Money, Money, Money), PositionError> {
        let quantity = if self.quantity.is_positive() {
            self.quantity.checked_sub(closing.quantity)?
        } else {
            self.quantity.checked_add(closing.quantity)?
        };
        let paid = closing.costs.checked_add(closing.closing_costs)?;
        Ok((
            quantity,
            self.value.checked_sub(closing.value)?,
            self.costs.checked_sub(closing.costs)?,
            self.realised.checked_add(closing.profit)?,
            self.realised_costs.checked_add(paid)?,
        ))
    }

    /// Takes what was planned out of the lots.
    fn commit(&mut self, selection: LotSelection<'_>, closing: &Closing, parts: &[ClosedLot]) {
        for (step, part) in parts.iter().enumerate().take(closing.steps) {
            let Some(index) = self.index_of_pick(selection, step) else {
                continue;
            };
            if let Some(lot) = self.lots.get_mut(index) {
                // The plan took at most what was left.
                lot.left = lot
                    .left
                    .checked_sub(part.quantity)
                    .unwrap_or(Quantity::ZERO);
            }
        }
        match selection {
            LotSelection::Method(_) => {
                while self.lots.front().is_some_and(|lot| lot.left.is_zero()) {
                    self.lots.pop_front();
                }
                while self.lots.back().is_some_and(|lot| lot.left.is_zero()) {
                    self.lots.pop_back();
                }
            }
            LotSelection::Specific(_) => self.lots.retain(|lot| !lot.left.is_zero()),
        }
    }

    fn pick(
        &self,
        selection: LotSelection<'_>,
        step: usize,
    ) -> Result<Option<&Lot>, PositionError> {
        if let LotSelection::Specific(ids) = selection {
            let Some(&id) = ids.get(step) else {
                return Ok(None);
            };
            if ids.iter().take(step).any(|&earlier| earlier == id) {
                return Err(PositionError::DuplicateLot(id));
            }
            if self.index_of(id).is_none() {
                return Err(PositionError::UnknownLot(id));
            }
        }
        Ok(self
            .index_of_pick(selection, step)
            .and_then(|index| self.lots.get(index)))
    }

    fn index_of_pick(&self, selection: LotSelection<'_>, step: usize) -> Option<usize> {
        match selection {
            LotSelection::Method(LotMethod::Fifo) => Some(step),
            LotSelection::Method(LotMethod::Lifo) => self.lots.len().checked_sub(step + 1),
            LotSelection::Specific(ids) => self.index_of(*ids.get(step)?),
        }
    }

    pub(super) fn index_of(&self, id: LotId) -> Option<usize> {
        self.lots.iter().position(|lot| lot.id == id)
    }

    pub(super) fn notional(&self, price: Price, quantity: Quantity) -> Result<Money, MoneyError> {
        let value = price.notional(quantity);
        if self.multiplier == 1 {
            return Ok(value);
        }
        value.times(i64::from(self.multiplier))
    }

    /// The instrument.
    pub const fn instrument(&self) -> InstrumentId {
        self.instrument
    }

    /// Units of the underlying in one contract; 1 for shares.
    pub const fn multiplier(&self) -> u32 {
        self.multiplier
    }

    /// How much is held: positive long, negative short.
    #[inline]
    pub const fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// [`Side::Buy`] when long, [`Side::Sell`] when short, `None` when flat.
    #[inline]
    pub const fn side(&self) -> Option<Side> {
        if self.quantity.is_positive() {
            Some(Side::Buy)
        } else if self.quantity.is_negative() {
            Some(Side::Sell)
        } else {
            None
        }
    }

    /// Whether nothing is held.
    #[inline]
    pub const fn is_flat(&self) -> bool {
        self.quantity.is_zero()
    }

    /// The open lots, oldest first.
    pub fn lots(&self) -> impl ExactSizeIterator<Item = &Lot> {
        self.lots.iter()
    }

    /// What the open lots were bought (or, short, sold) for, without commission and fees; never
    /// negative while prices are not.
    #[inline]
    pub const fn open_value(&self) -> Money {
        self.value
    }

    /// Commission and fees of opening what is open.
    #[inline]
    pub const fn open_costs(&self) -> Money {
        self.costs
    }

    /// Profit of everything closed so far, after all costs of opening and closing it.
    #[inline]
    pub const fn realised(&self) -> Money {
        self.realised
    }

    /// The costs that [`Self::realised`] is net of.
    #[inline]
    pub const fn realised_costs(&self) -> Money {
        self.realised_costs
    }

    /// The average price of what is open, without commission and fees, rounded half-even at 10⁻⁹;
    /// `None` when flat.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when a corporate action made the average leave a price's range.
    pub fn average_cost(&self) -> Result<Option<Price>, MoneyError> {
        if self.is_flat() {
            return Ok(None);
        }
        let units = i128::from(self.quantity.abs().units()) * i128::from(self.multiplier);
        let average = Rounding::HalfEven.divide(self.value.units(), units)?;
        let overflow = |_range| MoneyError::Overflow {
            kind: "Price",
            operation: "average cost",
        };
        Price::from_units(i64::try_from(average).map_err(overflow)?).map(Some)
    }

    /// What is held is worth at `price`: negative when short.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn market_value(&self, price: Price) -> Result<Money, MoneyError> {
        self.notional(price, self.quantity)
    }

    /// Profit that closing at `price` without further costs would realise. The costs of opening
    /// are taken off, so that `realised + unrealised` is the change of equity.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn unrealised(&self, price: Price) -> Result<Money, MoneyError> {
        let worth = self.market_value(price)?;
        let paid = if self.quantity.is_negative() {
            self.value.negated()
        } else {
            self.value
        };
        worth.checked_sub(paid)?.checked_sub(self.costs)
    }
}
