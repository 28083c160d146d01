//! What can be traded: its kind, tick, lot and the dense table that gives each one its index.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::ids::{InstrumentId, SectorId, Symbol};
use crate::money::{Price, Quantity};
use crate::option_contract::OptionContract;

/// What an instrument is.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetClass {
    /// A common stock.
    Equity,
    /// An exchange-traded fund.
    Etf,
    /// An index or rate: has a price, cannot be traded.
    Index,
    /// A listed option.
    Option(OptionContract),
    /// A spot currency pair, such as `BTC/USD`.
    Crypto,
}

/// The smallest price step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TickRule {
    /// SEC Rule 612 (sub-penny rule): 0.01 at or above 1.00, 0.0001 below.
    SubPenny,
    /// Listed options outside the penny programme: 0.05 below 3.00, 0.10 at or above.
    OptionNickelDime,
    /// Listed options in the penny programme: 0.01 below 3.00, 0.05 at or above.
    OptionPennyNickel,
    /// The same step at every price.
    Fixed(Price),
}

const DOLLAR: Price = Price::whole(1);
const THREE_DOLLARS: Price = Price::whole(3);

impl TickRule {
    /// The step at `price`.
    #[inline]
    pub const fn tick_at(self, price: Price) -> Price {
        let below_dollar = price.units() < DOLLAR.units();
        let below_three = price.units() < THREE_DOLLARS.units();
        match self {
            Self::SubPenny if below_dollar => Price::from_small_units(100_000),
            Self::SubPenny => Price::from_small_units(10_000_000),
            Self::OptionNickelDime if below_three => Price::from_small_units(50_000_000),
            Self::OptionNickelDime => Price::from_small_units(100_000_000),
            Self::OptionPennyNickel if below_three => Price::from_small_units(10_000_000),
            Self::OptionPennyNickel => Price::from_small_units(50_000_000),
            Self::Fixed(step) => step,
        }
    }

    /// Whether `price` is on the grid.
    #[inline]
    pub const fn accepts(self, price: Price) -> bool {
        price.is_multiple_of(self.tick_at(price))
    }
}

/// Which reference-data tier sets the LULD band width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LuldTier {
    /// S&P 500, Russell 1000 and selected ETPs.
    Tier1,
    /// All other NMS stocks.
    Tier2,
    /// Outside the LULD plan (options, crypto, indices).
    None,
}

/// Whether and how shares can be borrowed for a short sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Borrow {
    /// On the broker's easy-to-borrow list: the list is the locate.
    Easy,
    /// Each short sale needs a locate of its own (Reg SHO Rule 203(b)(1)).
    NeedsLocate,
    /// Cannot be sold short.
    Unavailable,
}

/// One tradable (or observable) thing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Instrument {
    /// The symbol at the start of the run.
    pub symbol: Symbol,
    /// What it is.
    pub class: AssetClass,
    /// Price grid.
    pub tick: TickRule,
    /// Smallest order quantity and quantity step; 10⁻⁹ for fractional trading.
    pub lot: Quantity,
    /// Units of the underlying in one contract: 1 for shares, usually 100 for options.
    pub multiplier: u32,
    /// The sector, where known.
    pub sector: Option<SectorId>,
    /// The industry within the sector, where known.
    pub industry: Option<SectorId>,
    /// Whether orders are allowed at all.
    pub tradable: bool,
    /// Whether and how it can be sold short.
    pub borrow: Borrow,
    /// Whether it can be held on margin.
    pub marginable: bool,
    /// LULD tier.
    pub luld: LuldTier,
}

impl Instrument {
    /// A US stock with whole-share lots, shortable, easy to borrow, marginable.
    pub const fn equity(symbol: Symbol) -> Self {
        Self {
            symbol,
            class: AssetClass::Equity,
            tick: TickRule::SubPenny,
            lot: Quantity::ONE,
            multiplier: 1,
            sector: None,
            industry: None,
            tradable: true,
            borrow: Borrow::Easy,
            marginable: true,
            luld: LuldTier::Tier1,
        }
    }

    /// The cash value of `quantity` at `price`, exact.
    ///
    /// # Errors
    /// [`crate::MoneyError::Overflow`].
    #[inline]
    pub fn notional(
        &self,
        price: Price,
        quantity: Quantity,
    ) -> Result<crate::Money, crate::MoneyError> {
        let value = price.notional(quantity);
        if self.multiplier == 1 {
            return Ok(value);
        }
        value.times(i64::from(self.multiplier))
    }
}

/// Why an instrument could not be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InstrumentError {
    /// The symbol is already in the table.
    #[error("instrument `{0}` is already in the table")]
    Duplicate(Symbol),
    /// More than 2³² − 1 instruments.
    #[error("the instrument table is full")]
    Full,
    /// A lot or multiplier that is not positive.
    #[error("instrument `{0}` needs a positive lot and multiplier")]
    NotPositive(Symbol),
    /// An index that is not in the table.
    #[error("there is no instrument {0} in the table")]
    Unknown(InstrumentId),
}

/// The run's instruments; an [`InstrumentId`] is the position here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instruments {
    list: Vec<Instrument>,
    by_symbol: BTreeMap<Symbol, InstrumentId>,
}

impl Instruments {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an instrument.
    ///
    /// # Errors
    /// [`InstrumentError`].
    pub fn add(&mut self, instrument: Instrument) -> Result<InstrumentId, InstrumentError> {
        let symbol = instrument.symbol;
        if !instrument.lot.is_positive() || instrument.multiplier == 0 {
            return Err(InstrumentError::NotPositive(symbol));
        }
        if self.by_symbol.contains_key(&symbol) {
            return Err(InstrumentError::Duplicate(symbol));
        }
        let id =
            InstrumentId(u32::try_from(self.list.len()).map_err(|_full| InstrumentError::Full)?);
        self.by_symbol.insert(symbol, id);
        self.list.push(instrument);
        Ok(id)
    }

    /// The instrument with this index.
    #[inline]
    pub fn get(&self, id: InstrumentId) -> Option<&Instrument> {
        self.list.get(id.index())
    }

    /// The index of a symbol.
    pub fn find(&self, symbol: &Symbol) -> Option<InstrumentId> {
        self.by_symbol.get(symbol).copied()
    }

    /// A symbol change: the index stays, the old symbol no longer resolves.
    ///
    /// # Errors
    /// [`InstrumentError::Duplicate`] when another instrument has the new symbol,
    /// [`InstrumentError::Unknown`].
    pub fn rename(&mut self, id: InstrumentId, symbol: Symbol) -> Result<(), InstrumentError> {
        if self
            .by_symbol
            .get(&symbol)
            .is_some_and(|&other| other != id)
        {
            return Err(InstrumentError::Duplicate(symbol));
        }
        let instrument = self
            .list
            .get_mut(id.index())
            .ok_or(InstrumentError::Unknown(id))?;
        self.by_symbol.remove(&instrument.symbol);
        instrument.symbol = symbol;
        self.by_symbol.insert(symbol, id);
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// All with their indexes, in order of addition.
    pub fn iter(&self) -> impl Iterator<Item = (InstrumentId, &Instrument)> {
        (0_u32..).map(InstrumentId).zip(&self.list)
    }
}
