//! The account's ledger: cash, positions by lot, what they are worth, what they earned.
//!
//! Invariant (asserted by property tests): `equity = cash + long value − short value + dividends owed`, and cash is
//! the exact sum of every booking; nothing is rounded except where a rule says so (interest,
//! borrow fees: half-up to the cent).

mod account;
mod corporate;
mod daily;
mod ledger;

pub use account::{AccountConfig, Financing};
pub(crate) use corporate::ActionRecords;
pub use ledger::{ClosedBy, ClosedTrade, FillBooking, LedgerError, Totals};

use std::collections::VecDeque;

use chrono::NaiveDate;
use trader_broker::{Account, Holdings};
use trader_domain::corporate_action::DividendReceivable;
use trader_domain::position::{ClosedLot, Position};
use trader_domain::{InstrumentId, Instruments, Money, Price, Quantity, StrategyId};

use crate::fingerprint::Fingerprint;

/// One instrument's position with its market value.
#[derive(Debug, Clone)]
struct Held {
    position: Position,
    /// The mark the value was computed with; `None` before the first price.
    mark: Option<Price>,
    /// Highest and lowest price while the position was open.
    high: Price,
    low: Price,
}

impl Held {
    /// The usual case of a new price, shares long or short at a price above zero as before: the
    /// account's sums move by the difference, and what the position is worth comes back. Nothing is
    /// changed and `None` is given where that is not so or a sum leaves its range.
    #[inline(always)] // at every price of what is held
    fn move_to(&mut self, price: Price, account: &mut Account) -> Option<Money> {
        let quantity = self.position.quantity();
        let before = self.mark.filter(|before| before.is_positive())?;
        if !price.is_positive() || self.position.multiplier() != 1 {
            return None;
        }
        // Both above zero: their difference has 64 bits.
        let step = i128::from(price.units() - before.units());
        let change = Money::from_units(step * i128::from(quantity.units())).ok()?;
        let equity = account.equity.checked_add(change).ok()?;
        if quantity.is_negative() {
            account.short_value = account.short_value.checked_sub(change).ok()?;
        } else {
            account.long_value = account.long_value.checked_add(change).ok()?;
        }
        account.equity = equity;
        account.peak_equity = account.peak_equity.max(equity);
        self.mark = Some(price);
        Some(price.notional(quantity))
    }
}

/// What a new price did to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marking {
    /// Nothing: the instrument is not held.
    Unmoved,
    /// Its value has changed.
    Moved,
    /// A value would leave its range.
    Impossible,
}

/// Cash, positions and results of one account.
#[derive(Debug, Clone)]
pub struct Portfolio {
    config: AccountConfig,
    held: Vec<Held>,
    holdings: Holdings,
    account: Account,
    /// Sale proceeds on their way: cash accounts may not use them to pay in full.
    unsettled: VecDeque<(NaiveDate, Money)>,
    receivables: Vec<DividendReceivable>,
    /// Sum over `receivables`: an asset from the ex-date on, because the price has lost it.
    accrued: Money,
    strategy_positions: Vec<Vec<Quantity>>,
    totals: Totals,
    /// Reused by every fill.
    lots_closed: Vec<ClosedLot>,
}

impl Portfolio {
    pub(crate) fn new(
        config: &AccountConfig,
        strategies: usize,
        instruments: &Instruments,
    ) -> Self {
        let held: Vec<Held> = instruments
            .iter()
            .filter_map(|(id, terms)| {
                // The instrument table refuses a multiplier of zero.
                let position = Position::new(id, terms.multiplier).ok()?;
                Some(Held {
                    position,
                    mark: None,
                    high: Price::ZERO,
                    low: Price::ZERO,
                })
            })
            .collect();
        let account = Account {
            kind: config.kind,
            cash: config.opening_cash,
            settled_cash: config.opening_cash,
            equity: config.opening_cash,
            day_start_equity: config.opening_cash,
            peak_equity: config.opening_cash,
            ..Account::default()
        };
        Self {
            config: config.clone(),
            holdings: Holdings::with_instruments(held.len()),
            strategy_positions: vec![vec![Quantity::ZERO; held.len()]; strategies],
            held,
            account,
            unsettled: VecDeque::new(),
            receivables: Vec::new(),
            accrued: Money::ZERO,
            totals: Totals::default(),
            lots_closed: Vec::new(),
        }
    }

    /// Cash, equity and the like, as the gate sees them.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Positions as the gate sees them, by instrument.
    pub const fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// Sums since the start: realised profit, costs by kind, volume traded.
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The position in an instrument, with its lots.
    pub fn position(&self, instrument: InstrumentId) -> Option<&Position> {
        self.held.get(instrument.index()).map(|held| &held.position)
    }

    /// All positions, by instrument.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.held.iter().map(|held| &held.position)
    }

    /// The price a position is valued at; `None` while no price was seen.
    pub fn mark_price(&self, instrument: InstrumentId) -> Option<Price> {
        self.held.get(instrument.index()).and_then(|held| held.mark)
    }

    /// One strategy's positions, by instrument.
    pub fn strategy_positions(&self, strategy: StrategyId) -> &[Quantity] {
        self.strategy_positions
            .get(usize::from(strategy.0))
            .map_or(&[], Vec::as_slice)
    }

    /// One strategy's position in one instrument.
    pub fn strategy_position(&self, strategy: StrategyId, instrument: InstrumentId) -> Quantity {
        self.strategy_positions(strategy)
            .get(instrument.index())
            .copied()
            .unwrap_or(Quantity::ZERO)
    }

    /// Values a position at a new price, and notes the extremes of the event for the excursions of
    /// open trades. When a value leaves its range the account is unchanged.
    #[inline(always)] // at every bar and print
    pub(crate) fn mark(
        &mut self,
        instrument: InstrumentId,
        price: Price,
        high: Price,
        low: Price,
    ) -> Marking {
        let Some(held) = self.held.get_mut(instrument.index()) else {
            return Marking::Unmoved;
        };
        let quantity = held.position.quantity();
        if quantity.is_zero() {
            held.mark = Some(price);
            return Marking::Unmoved;
        }
        held.high = held.high.max(high);
        held.low = held.low.min(low);
        let same_position = self
            .holdings
            .get(instrument)
            .is_some_and(|holding| holding.quantity == quantity);
        if same_position && let Some(value) = held.move_to(price, &mut self.account) {
            self.holdings.revalue(instrument, value);
            return Marking::Moved;
        }
        self.revalue_at(instrument, price)
    }

    #[inline(never)]
    fn revalue_at(&mut self, instrument: InstrumentId, price: Price) -> Marking {
        match self.revalue(instrument, Some(price)) {
            Ok(()) => Marking::Moved,
            Err(_out_of_range) => Marking::Impossible,
        }
    }

    /// Recomputes one position's value and the account's sums.
    fn revalue(
        &mut self,
        instrument: InstrumentId,
        price: Option<Price>,
    ) -> Result<(), LedgerError> {
        let index = instrument.index();
        let (Some(held), Some(holding)) = (self.held.get_mut(index), self.holdings.get(instrument))
        else {
            return Ok(());
        };
        let quantity = held.position.quantity();
        let value = match price {
            Some(price) => ledger::market_value(price, quantity, held.position.multiplier())?,
            // Without a price the position is carried at cost, and counted as unpriced.
            None => ledger::signed(held.position.open_value(), quantity),
        };
        let mut account = self.account;
        ledger::shift(&mut account, holding.market_value, value)?;
        account.equity = ledger::equity(&account, self.accrued)?;
        let was_unpriced = held.mark.is_none() && !holding.quantity.is_zero();
        let is_unpriced = price.is_none() && !quantity.is_zero();
        account.unpriced_positions =
            account.unpriced_positions + u32::from(is_unpriced) - u32::from(was_unpriced);
        account.positions = account.positions + u32::from(!quantity.is_zero())
            - u32::from(!holding.quantity.is_zero());
        account.peak_equity = account.peak_equity.max(account.equity);
        held.mark = price;
        if let Some(holding) = self.holdings.change(instrument) {
            holding.market_value = value;
            holding.quantity = quantity;
        }
        self.account = account;
        Ok(())
    }

    pub(crate) fn fingerprint(&self, into: &mut Fingerprint) {
        into.money(self.account.cash);
        into.money(self.account.settled_cash);
        into.money(self.account.equity);
        into.money(self.account.peak_equity);
        into.money(self.account.day_start_equity);
        into.unsigned(u64::from(self.account.loss_streak));
        for held in &self.held {
            into.signed(held.position.quantity().units());
            into.money(held.position.open_value());
            into.money(held.position.realised());
        }
        for row in &self.strategy_positions {
            for quantity in row {
                into.signed(quantity.units());
            }
        }
        for (day, amount) in &self.unsettled {
            into.bytes(day.to_string().as_bytes());
            into.money(*amount);
        }
        for receivable in &self.receivables {
            into.signed(receivable.payable.nanos());
            into.money(receivable.amount);
        }
    }
}
