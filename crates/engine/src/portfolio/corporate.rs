//! Corporate actions and busts as ledger events: shares and cash change, value is conserved.

use trader_domain::corporate_action::DividendReceivable;
use trader_domain::position::{BustedFill, MergerTerms, PositionFill};
use trader_domain::{
    CorporateAction, CorporateActionKind, InstrumentId, Instruments, Money, Price, Quantity,
    Rounding, Side, StrategyId, Timestamp,
};

use super::Portfolio;
use super::ledger::{ClosedBy, ClosedTrade, FillBooking, LedgerError};
use crate::core::{CashReason, CashRecord};

/// Where an action's entries go: cash that moved, lots that it closed.
pub(crate) struct ActionRecords<'a> {
    /// Cash received or paid.
    pub moved: &'a mut Vec<CashRecord>,
    /// Lots closed, as trades.
    pub closed: &'a mut Vec<ClosedTrade>,
}

impl Portfolio {
    /// Applies a corporate action to positions and cash; what moved and what was closed is noted.
    ///
    /// # Errors
    /// [`LedgerError`]; the core halts then.
    pub(crate) fn apply_action(
        &mut self,
        action: &CorporateAction,
        now: Timestamp,
        records: &mut ActionRecords<'_>,
    ) -> Result<(), LedgerError> {
        let id = action.instrument;
        match action.kind {
            CorporateActionKind::Split {
                to,
                from,
                cash_in_lieu,
            } => self.split(id, (to, from), cash_in_lieu, now, records),
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
                self.merge(id, into, &terms, (now, CashReason::Merger), records)
            }
            CorporateActionKind::Delisting { value } => {
                let terms = MergerTerms {
                    to: 0,
                    from: 1,
                    cash: value,
                };
                self.merge(id, None, &terms, (now, CashReason::Delisting), records)
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
        records: &mut ActionRecords<'_>,
    ) -> Result<(), LedgerError> {
        let held = self
            .held
            .get_mut(id.index())
            .ok_or(LedgerError::UnknownInstrument(id))?;
        let (new, old) = (i64::from(to), i64::from(from));
        let rescale = |price: Price| price.scale(old, new, Rounding::HalfEven);
        let mark = held.mark.map(rescale).transpose()?;
        (held.high, held.low) = (rescale(held.high)?, rescale(held.low)?);
        let range = (held.high, held.low);
        self.lots_closed.clear();
        let effect = held
            .position
            .split(now, (to, from), cash_in_lieu, &mut self.lots_closed)?;
        self.totals.realised = self.totals.realised.checked_add(effect.realised)?;
        self.note_action(id, CashReason::CashInLieu, range, records);
        self.receive_now(id, effect.cash, (now, CashReason::CashInLieu), records)?;
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
        records: &mut ActionRecords<'_>,
    ) -> Result<(), LedgerError> {
        if into == Some(id) {
            return Err(LedgerError::MergerIntoItself(id));
        }
        let unknown = LedgerError::UnknownInstrument;
        let held = self.held.get(id.index()).ok_or(unknown(id))?;
        let range = (held.high, held.low);
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
        self.note_action(id, reason, range, records);
        self.receive_now(id, effect.cash, (now, reason), records)?;
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

    /// Lots that an action closed, as trades of whoever held the most.
    fn note_action(
        &mut self,
        id: InstrumentId,
        reason: CashReason,
        range: (Price, Price),
        records: &mut ActionRecords<'_>,
    ) {
        let mut largest = (StrategyId(0), Quantity::ZERO);
        for (row, index) in self.strategy_positions.iter().zip(0..) {
            let held = row.get(id.index()).map_or(Quantity::ZERO, |q| q.abs());
            // The first of equals, so that a replay names the same one.
            if held > largest.1 {
                largest = (StrategyId(index), held);
            }
        }
        let strategy = largest.0;
        self.note_closed(
            (strategy, id, ClosedBy::Action(reason)),
            range,
            records.closed,
        );
    }

    fn receive_now(
        &mut self,
        id: InstrumentId,
        amount: Money,
        (now, reason): (Timestamp, CashReason),
        records: &mut ActionRecords<'_>,
    ) -> Result<(), LedgerError> {
        if amount.is_zero() {
            return Ok(());
        }
        self.receive(amount)?;
        records.moved.push(CashRecord {
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
