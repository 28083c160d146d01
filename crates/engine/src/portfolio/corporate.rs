//! Corporate actions and busts as ledger events: shares and cash change, value is conserved.

use trader_domain::corporate_action::DividendReceivable;
use trader_domain::position::{BustedFill, MergerTerms, PositionFill};
use trader_domain::{
    CorporateAction, CorporateActionKind, InstrumentId, Instruments, Money, Price, Quantity,
    Rounding, Side, Timestamp,
};

use super::Portfolio;
use super::ledger::{FillBooking, LedgerError};
use crate::core::{CashReason, CashRecord};

impl Portfolio {
    /// Applies a corporate action to positions and cash; cash that moves is noted in `moved`.
    ///
    /// # Errors
    /// [`LedgerError`]; the core halts then.
    pub(crate) fn apply_action(
        &mut self,
        action: &CorporateAction,
        now: Timestamp,
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        let id = action.instrument;
        match action.kind {
            CorporateActionKind::Split {
                to,
                from,
                cash_in_lieu,
            } => self.split(id, (to, from), cash_in_lieu, now, moved),
            CorporateActionKind::CashDividend { amount, payable } => {
                self.entitle(id, amount, payable)
            }
            CorporateActionKind::Merger {
                into,
                to,
                from,
                cash,
            } => {
                let terms = MergerTerms { to, from, cash };
                self.merge(id, into, &terms, (now, CashReason::Merger), moved)
            }
            CorporateActionKind::Delisting { value } => {
                let terms = MergerTerms {
                    to: 0,
                    from: 1,
                    cash: value,
                };
                self.merge(id, None, &terms, (now, CashReason::Delisting), moved)
            }
            CorporateActionKind::SymbolChange { .. } => Ok(()),
        }
    }

    fn split(
        &mut self,
        id: InstrumentId,
        (to, from): (u32, u32),
        cash_in_lieu: Option<Price>,
        now: Timestamp,
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        let held = self
            .held
            .get_mut(id.index())
            .ok_or(LedgerError::UnknownInstrument(id))?;
        let (new, old) = (i64::from(to), i64::from(from));
        let rescale = |price: Price| price.scale(old, new, Rounding::HalfEven);
        let mark = held.mark.map(rescale).transpose()?;
        (held.high, held.low) = (rescale(held.high)?, rescale(held.low)?);
        self.lots_closed.clear();
        let effect = held
            .position
            .split(now, (to, from), cash_in_lieu, &mut self.lots_closed)?;
        self.totals.realised = self.totals.realised.checked_add(effect.realised)?;
        self.receive_now(id, effect.cash, (now, CashReason::CashInLieu), moved)?;
        self.rescale_strategies(id, new, old)?;
        self.revalue(id, mark)
    }

    fn rescale_strategies(
        &mut self,
        id: InstrumentId,
        to: i64,
        from: i64,
    ) -> Result<(), LedgerError> {
        for row in &mut self.strategy_positions {
            if let Some(cell) = row.get_mut(id.index()) {
                *cell = cell.scale(to, from, Rounding::TowardsZero)?;
            }
        }
        self.settle_rounding(id)
    }

    /// What rounding each strategy's share has left over goes to the largest holder, so that the
    /// strategies' positions still add up to the account's.
    fn settle_rounding(&mut self, id: InstrumentId) -> Result<(), LedgerError> {
        let mut left = self
            .position(id)
            .map_or(Quantity::ZERO, trader_domain::Position::quantity);
        let mut largest: Option<&mut Quantity> = None;
        for row in &mut self.strategy_positions {
            let Some(cell) = row.get_mut(id.index()) else {
                continue;
            };
            left = left.checked_sub(*cell)?;
            if largest
                .as_ref()
                .is_none_or(|known| cell.abs() > known.abs())
            {
                largest = Some(cell);
            }
        }
        if let Some(cell) = largest {
            *cell = cell.checked_add(left)?;
        }
        Ok(())
    }

    fn entitle(
        &mut self,
        id: InstrumentId,
        amount: Price,
        payable: Timestamp,
    ) -> Result<(), LedgerError> {
        let held = self
            .held
            .get(id.index())
            .ok_or(LedgerError::UnknownInstrument(id))?;
        let owed = held.position.dividend(amount)?;
        if owed.is_zero() {
            return Ok(());
        }
        self.totals.dividends = self.totals.dividends.checked_add(owed)?;
        self.accrued = self.accrued.checked_add(owed)?;
        self.receivables.push(DividendReceivable {
            instrument: id,
            payable,
            amount: owed,
        });
        self.refresh_equity()
    }

    fn merge(
        &mut self,
        id: InstrumentId,
        into: Option<InstrumentId>,
        terms: &MergerTerms,
        (now, reason): (Timestamp, CashReason),
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        if into == Some(id) {
            return Err(LedgerError::MergerIntoItself(id));
        }
        let unknown = LedgerError::UnknownInstrument;
        self.lots_closed.clear();
        let effect = match into {
            None => {
                let held = self.held.get_mut(id.index()).ok_or(unknown(id))?;
                held.position
                    .merge(None, now, terms, &mut self.lots_closed)?
            }
            Some(other) => {
                let pair = self.held.get_disjoint_mut([id.index(), other.index()]);
                let [held, target] = pair.map_err(|_not_in_table| unknown(other))?;
                held.position.merge(
                    Some(&mut target.position),
                    now,
                    terms,
                    &mut self.lots_closed,
                )?
            }
        };
        self.totals.realised = self.totals.realised.checked_add(effect.realised)?;
        self.receive_now(id, effect.cash, (now, reason), moved)?;
        for row in &mut self.strategy_positions {
            let moved_shares = row
                .get_mut(id.index())
                .map(std::mem::take)
                .unwrap_or_default();
            if let Some(target) = into.and_then(|other| row.get_mut(other.index())) {
                let shares = moved_shares.scale(
                    i64::from(terms.to),
                    i64::from(terms.from),
                    Rounding::TowardsZero,
                )?;
                *target = target.checked_add(shares)?;
            }
        }
        self.revalue(id, None)?;
        if let Some(other) = into {
            self.settle_rounding(other)?;
            let mark = self.mark_price(other);
            self.revalue(other, mark)?;
        }
        Ok(())
    }

    fn receive_now(
        &mut self,
        id: InstrumentId,
        amount: Money,
        (now, reason): (Timestamp, CashReason),
        moved: &mut Vec<CashRecord>,
    ) -> Result<(), LedgerError> {
        if amount.is_zero() {
            return Ok(());
        }
        self.receive(amount)?;
        moved.push(CashRecord {
            time: now,
            instrument: Some(id),
            reason,
            amount,
        });
        Ok(())
    }

    /// Takes a booked execution back.
    ///
    /// # Errors
    /// [`LedgerError`]; the core halts then.
    pub(crate) fn unbook(
        &mut self,
        booking: &FillBooking,
        instruments: &Instruments,
    ) -> Result<(), LedgerError> {
        let id = booking.instrument;
        let terms = instruments
            .get(id)
            .ok_or(LedgerError::UnknownInstrument(id))?;
        let held = self
            .held
            .get_mut(id.index())
            .ok_or(LedgerError::UnknownInstrument(id))?;
        let fill = booking.fill;
        let costs = fill.commission.checked_add(fill.fees)?;
        let busted = BustedFill {
            fill: PositionFill {
                time: booking.time,
                side: booking.side,
                quantity: fill.quantity,
                price: fill.price,
                costs,
            },
            lot: None,
            time: booking.time,
        };
        self.lots_closed.clear();
        let effect = held.position.bust(&busted, &[], &mut self.lots_closed)?;
        let mark = held.mark;
        let value = terms.notional(fill.price, fill.quantity)?;
        self.totals.turnover = self.totals.turnover.checked_sub(value)?;
        self.totals.commission = self.totals.commission.checked_sub(fill.commission)?;
        self.totals.fees = self.totals.fees.checked_sub(fill.fees)?;
        self.totals.slippage = self.totals.slippage.checked_sub(fill.slippage)?;
        self.totals.realised = self.totals.realised.checked_add(effect.realised)?;
        self.totals.fills = self.totals.fills.saturating_sub(1);
        self.receive(effect.cash)?;
        let undone = match booking.side {
            Side::Buy => fill.quantity.negated(),
            Side::Sell => fill.quantity,
        };
        if let Some(cell) = self
            .strategy_positions
            .get_mut(usize::from(booking.strategy.0))
            .and_then(|row| row.get_mut(id.index()))
        {
            *cell = cell.checked_add(undone)?;
        }
        self.revalue(id, mark)
    }
}
