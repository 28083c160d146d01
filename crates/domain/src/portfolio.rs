//! [`PortfolioSnapshot`]: an account at one instant, as an immutable value.
//!
//! The core publishes one after each batch of events; dashboards, reports and reconciliation read it.
//! What follows from the parts (equity, exposures) is computed here, once, so that no two readers
//! disagree. Cloning shares the lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ids::{AccountId, InstrumentId, SectorId};
use crate::money::{Money, MoneyError, Price, Quantity, Rate, Rounding};
use crate::position::Position;
use crate::time::Timestamp;

/// One position, valued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct PositionSnapshot {
    /// What is held.
    pub instrument: InstrumentId,
    /// Its sector, where known.
    pub sector: Option<SectorId>,
    /// Positive long, negative short.
    pub quantity: Quantity,
    /// Average price paid or received, costs not included.
    pub average_cost: Price,
    /// The price it is valued at.
    pub price: Price,
    /// Worth at that price; negative when short.
    pub market_value: Money,
    /// Profit not realised, after the costs of opening.
    pub unrealised: Money,
    /// Profit realised in this instrument so far, after costs.
    pub realised: Money,
}

impl PositionSnapshot {
    /// Values a position; `None` when it is flat.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn value(
        position: &Position,
        sector: Option<SectorId>,
        price: Price,
    ) -> Result<Option<Self>, MoneyError> {
        let Some(average_cost) = position.average_cost()? else {
            return Ok(None);
        };
        Ok(Some(Self {
            instrument: position.instrument(),
            sector,
            quantity: position.quantity(),
            average_cost,
            price,
            market_value: position.market_value(price)?,
            unrealised: position.unrealised(price)?,
            realised: position.realised(),
        }))
    }
}

/// Margin that the account needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct MarginRequirement {
    /// To open what is held (Reg T).
    pub initial: Money,
    /// To keep it.
    pub maintenance: Money,
}

/// Exposure to one sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct SectorExposure {
    /// Which; `None` for instruments without one.
    pub sector: Option<SectorId>,
    /// Worth of long positions; never negative.
    pub long: Money,
    /// Worth of short positions; never positive.
    pub short: Money,
}

/// What a snapshot is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioParts {
    /// When.
    pub time: Timestamp,
    /// Whose.
    pub account: AccountId,
    /// Cash, trades not yet settled included.
    pub cash: Money,
    /// Cash that has settled.
    pub settled_cash: Money,
    /// What may be spent on positions held overnight.
    pub buying_power: Money,
    /// What may be spent on positions closed the same day.
    pub day_trade_buying_power: Money,
    /// Margin needed.
    pub margin: MarginRequirement,
    /// What is held.
    pub positions: Vec<PositionSnapshot>,
}

/// An account at one instant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PortfolioSnapshot {
    time: Timestamp,
    account: AccountId,
    cash: Money,
    settled_cash: Money,
    buying_power: Money,
    day_trade_buying_power: Money,
    margin: MarginRequirement,
    positions: Arc<[PositionSnapshot]>,
    sectors: Arc<[SectorExposure]>,
    long_value: Money,
    short_value: Money,
    equity: Money,
}

impl PortfolioSnapshot {
    /// Takes the parts and computes what follows from them. Positions are sorted by instrument.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn new(parts: PortfolioParts) -> Result<Self, MoneyError> {
        let mut positions = parts.positions;
        positions.sort_by_key(|position| position.instrument);
        let mut sectors: BTreeMap<Option<SectorId>, (Money, Money)> = BTreeMap::new();
        let (mut long_value, mut short_value) = (Money::ZERO, Money::ZERO);
        for position in &positions {
            let worth = position.market_value;
            let (long, short) = sectors.entry(position.sector).or_default();
            if position.quantity.is_negative() {
                *short = short.checked_add(worth)?;
                short_value = short_value.checked_add(worth)?;
            } else {
                *long = long.checked_add(worth)?;
                long_value = long_value.checked_add(worth)?;
            }
        }
        let equity = parts
            .cash
            .checked_add(long_value)?
            .checked_add(short_value)?;
        Ok(Self {
            time: parts.time,
            account: parts.account,
            cash: parts.cash,
            settled_cash: parts.settled_cash,
            buying_power: parts.buying_power,
            day_trade_buying_power: parts.day_trade_buying_power,
            margin: parts.margin,
            positions: positions.into(),
            sectors: sectors
                .into_iter()
                .map(|(sector, (long, short))| SectorExposure {
                    sector,
                    long,
                    short,
                })
                .collect(),
            long_value,
            short_value,
            equity,
        })
    }

    /// When.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Whose.
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Cash, trades not yet settled included.
    pub const fn cash(&self) -> Money {
        self.cash
    }

    /// Cash that has settled.
    pub const fn settled_cash(&self) -> Money {
        self.settled_cash
    }

    /// What may be spent on positions held overnight.
    pub const fn buying_power(&self) -> Money {
        self.buying_power
    }

    /// What may be spent on positions closed the same day.
    pub const fn day_trade_buying_power(&self) -> Money {
        self.day_trade_buying_power
    }

    /// Margin needed.
    pub const fn margin(&self) -> MarginRequirement {
        self.margin
    }

    /// Cash plus the worth of all positions.
    pub const fn equity(&self) -> Money {
        self.equity
    }

    /// Worth of long positions.
    pub const fn long_value(&self) -> Money {
        self.long_value
    }

    /// Worth of short positions; never positive while prices are not negative.
    pub const fn short_value(&self) -> Money {
        self.short_value
    }

    /// Equity above the maintenance margin; negative is a margin call.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn excess_liquidity(&self) -> Result<Money, MoneyError> {
        self.equity.checked_sub(self.margin.maintenance)
    }

    /// Long and short worth together, over equity; `None` without positive equity.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn gross_leverage(&self) -> Result<Option<Rate>, MoneyError> {
        if !self.equity.is_positive() {
            return Ok(None);
        }
        let gross = self.long_value.checked_sub(self.short_value)?;
        Rate::of(gross, self.equity, Rounding::AwayFromZero).map(Some)
    }

    /// What is held, by instrument.
    pub fn positions(&self) -> &[PositionSnapshot] {
        &self.positions
    }

    /// The position in an instrument.
    pub fn position(&self, instrument: InstrumentId) -> Option<&PositionSnapshot> {
        let at = self
            .positions
            .binary_search_by_key(&instrument, |position| position.instrument)
            .ok()?;
        self.positions.get(at)
    }

    /// Exposure by sector; instruments without one come first.
    pub fn sectors(&self) -> &[SectorExposure] {
        &self.sectors
    }
}
