//! Booking fills: lots, cash, settlement, results.

use chrono::NaiveDate;
use thiserror::Error;
use trader_broker::{Account, AccountKind};
use trader_domain::position::{LotSelection, PositionError, PositionFill};
use trader_domain::{
    ExecutionId, Fill, InstrumentId, Instruments, Money, MoneyError, OrderId, Price, Quantity,
    Rounding, Side, StrategyId, Timestamp,
};

use crate::core::CashReason;

use super::Portfolio;

/// Why a booking is impossible. The core halts then: a ledger that cannot hold what the broker
/// reports is no base for another order.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// An amount left its range.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The position cannot take it.
    #[error(transparent)]
    Position(#[from] PositionError),
    /// The instrument is not in the table.
    #[error("instrument {0} is not in the run's table")]
    UnknownInstrument(InstrumentId),
    /// A merger of an instrument into itself.
    #[error("instrument {0} cannot merge into itself")]
    MergerIntoItself(InstrumentId),
}

/// A fill with what the ledger must know of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillBooking {
    /// Whose.
    pub strategy: StrategyId,
    /// Which order.
    pub order: OrderId,
    /// What traded.
    pub instrument: InstrumentId,
    /// Bought or sold.
    pub side: Side,
    /// The execution.
    pub fill: Fill,
    /// When, at the broker.
    pub time: Timestamp,
}

/// What closed a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedBy {
    /// An execution of an order.
    Execution(ExecutionId),
    /// A corporate action that took the shares: a merger, a delisting, a fraction paid out in cash.
    Action(CashReason),
}

/// A lot that was closed: one round trip or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosedTrade {
    /// Whose closing order it was; when no order closed it, who held the most of the instrument.
    pub strategy: StrategyId,
    /// In which instrument.
    pub instrument: InstrumentId,
    /// Side of the opening: buy is a long trade.
    pub opened_by: Side,
    /// What closed it.
    pub closed_by: ClosedBy,
    /// How much.
    pub quantity: Quantity,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was closed.
    pub closed: Timestamp,
    /// Paid for it, without costs.
    pub cost: Money,
    /// Got for it, without costs.
    pub proceeds: Money,
    /// Commission and fees of opening and closing.
    pub costs: Money,
    /// `proceeds − cost − costs`.
    pub profit: Money,
    /// Highest price seen while the instrument's position was open.
    pub high: Price,
    /// Lowest price seen while the instrument's position was open.
    pub low: Price,
}

/// Sums since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Commissions paid.
    pub commission: Money,
    /// Regulatory and exchange fees paid.
    pub fees: Money,
    /// Slippage, as the venue reported it; already inside the prices.
    pub slippage: Money,
    /// Realised profit after costs.
    pub realised: Money,
    /// Dividends received less dividends owed.
    pub dividends: Money,
    /// Borrow fees paid.
    pub borrow_fees: Money,
    /// Interest paid.
    pub interest: Money,
    /// Value bought plus value sold.
    pub turnover: Money,
    /// Executions booked.
    pub fills: u64,
    /// Lots closed.
    pub closed_lots: u64,
    /// Lots closed with a profit.
    pub winners: u64,
}

impl Portfolio {
    /// Books one execution; closed lots go to `closed`.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub(crate) fn book(
        &mut self,
        booking: &FillBooking,
        instruments: &Instruments,
        settlement: NaiveDate,
        closed: &mut Vec<ClosedTrade>,
    ) -> Result<(), LedgerError> {
        let index = booking.instrument.index();
        let unknown = || LedgerError::UnknownInstrument(booking.instrument);
        let terms = instruments.get(booking.instrument).ok_or_else(unknown)?;
        let held = self.held.get_mut(index).ok_or_else(unknown)?;
        let fill = booking.fill;
        let costs = fill.commission.checked_add(fill.fees)?;
        let position_fill = PositionFill {
            time: booking.time,
            side: booking.side,
            quantity: fill.quantity,
            price: fill.price,
            costs,
        };
        let value = terms.notional(fill.price, fill.quantity)?;
        let mut totals = self.totals;
        totals.turnover = totals.turnover.checked_add(value)?;
        totals.commission = totals.commission.checked_add(fill.commission)?;
        totals.fees = totals.fees.checked_add(fill.fees)?;
        totals.slippage = totals.slippage.checked_add(fill.slippage)?;
        let was_flat = held.position.is_flat();
        self.lots_closed.clear();
        let selection = LotSelection::Method(self.config.lot_method);
        let effect = held
            .position
            .apply_fill(&position_fill, selection, &mut self.lots_closed)?;
        if was_flat {
            (held.high, held.low) = (fill.price, fill.price);
        } else {
            (held.high, held.low) = (held.high.max(fill.price), held.low.min(fill.price));
        }
        totals.realised = totals.realised.checked_add(effect.realised)?;
        totals.fills += 1;
        let (high, low) = (held.high, held.low);
        if !effect.opened.is_zero() && !effect.closed.is_zero() {
            (held.high, held.low) = (fill.price, fill.price);
        }
        let mark = held.mark.or(Some(fill.price));
        self.totals = totals;
        let by = ClosedBy::Execution(fill.execution);
        self.note_closed(
            (booking.strategy, booking.instrument, by),
            (high, low),
            closed,
        );
        // Equity follows with the position's new value.
        self.move_cash(effect.cash, settlement)?;
        self.adjust_strategy(booking.strategy, index, booking.side, fill.quantity)?;
        self.revalue(booking.instrument, mark)
    }

    /// Notes the lots that were just closed as trades.
    pub(super) fn note_closed(
        &mut self,
        (strategy, instrument, closed_by): (StrategyId, InstrumentId, ClosedBy),
        (high, low): (Price, Price),
        closed: &mut Vec<ClosedTrade>,
    ) {
        for lot in &self.lots_closed {
            self.totals.closed_lots += 1;
            if lot.profit.is_negative() {
                self.account.loss_streak = self.account.loss_streak.saturating_add(1);
            } else {
                self.account.loss_streak = 0;
                self.totals.winners += u64::from(lot.profit.is_positive());
            }
            closed.push(ClosedTrade {
                strategy,
                instrument,
                opened_by: lot.opened_by,
                closed_by,
                quantity: lot.quantity,
                opened: lot.opened,
                closed: lot.closed,
                cost: lot.cost,
                proceeds: lot.proceeds,
                // Both parts are shares of amounts that were added up without overflow.
                costs: lot
                    .opening_costs
                    .checked_add(lot.closing_costs)
                    .unwrap_or(Money::MAX),
                profit: lot.profit,
                high,
                low,
            });
        }
    }

    /// Moves cash; in a cash account the proceeds of a sale settle later. Equity is left to the caller.
    fn move_cash(&mut self, amount: Money, settlement: NaiveDate) -> Result<(), LedgerError> {
        self.account.cash = self.account.cash.checked_add(amount)?;
        if self.account.kind == AccountKind::Cash && amount.is_positive() {
            match self.unsettled.back_mut() {
                Some((day, pending)) if *day == settlement => {
                    *pending = pending.checked_add(amount)?;
                }
                _ => self.unsettled.push_back((settlement, amount)),
            }
        } else {
            self.account.settled_cash = self.account.settled_cash.checked_add(amount)?;
        }
        Ok(())
    }

    /// Cash that comes in (or, negative, goes out) settled.
    pub(super) fn receive(&mut self, amount: Money) -> Result<(), LedgerError> {
        self.account.cash = self.account.cash.checked_add(amount)?;
        self.account.settled_cash = self.account.settled_cash.checked_add(amount)?;
        self.refresh_equity()
    }

    pub(super) fn refresh_equity(&mut self) -> Result<(), LedgerError> {
        self.account.equity = equity(&self.account, self.accrued)?;
        Ok(())
    }

    fn adjust_strategy(
        &mut self,
        strategy: StrategyId,
        index: usize,
        side: Side,
        quantity: Quantity,
    ) -> Result<(), LedgerError> {
        let cell = self
            .strategy_positions
            .get_mut(usize::from(strategy.0))
            .and_then(|row| row.get_mut(index));
        if let Some(cell) = cell {
            *cell = match side {
                Side::Buy => cell.checked_add(quantity)?,
                Side::Sell => cell.checked_sub(quantity)?,
            };
        }
        Ok(())
    }
}

/// `price × quantity × multiplier`, signed like the quantity.
pub(super) fn market_value(
    price: Price,
    quantity: Quantity,
    multiplier: u32,
) -> Result<Money, MoneyError> {
    let value = price.notional(quantity);
    if multiplier == 1 {
        return Ok(value);
    }
    value.scale(i64::from(multiplier), 1, Rounding::HalfEven)
}

/// What the account is worth.
pub(super) fn equity(account: &Account, accrued: Money) -> Result<Money, MoneyError> {
    account
        .cash
        .checked_add(account.long_value)?
        .checked_sub(account.short_value)?
        .checked_add(accrued)
}

/// An open value with the sign of its position.
pub(super) const fn signed(value: Money, quantity: Quantity) -> Money {
    if quantity.is_negative() {
        value.negated()
    } else {
        value
    }
}

/// Takes an old market value out of the account's sums and puts the new one in.
pub(super) fn shift(account: &mut Account, old: Money, new: Money) -> Result<(), MoneyError> {
    if old.is_negative() {
        account.short_value = account.short_value.checked_add(old)?;
    } else {
        account.long_value = account.long_value.checked_sub(old)?;
    }
    if new.is_negative() {
        account.short_value = account.short_value.checked_sub(new)?;
    } else {
        account.long_value = account.long_value.checked_add(new)?;
    }
    Ok(())
}
