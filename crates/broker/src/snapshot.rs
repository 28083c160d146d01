//! The immutable view of the account and the market against which one order is judged.

use thiserror::Error;
use trader_domain::{
    HaltReason, InstrumentId, Instruments, LuldBands, Money, Price, Timestamp, Volume,
};

use crate::holdings::{Holding, Holdings};

/// Which part of the trading day it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MarketPhase {
    /// No trading.
    #[default]
    Closed,
    /// 04:00 to 09:30 New York.
    PreMarket,
    /// 09:30 to 16:00 (13:00 on half days).
    Regular,
    /// 16:00 to 20:00 (17:00 on half days).
    AfterHours,
    /// A market that never closes (crypto), or history without intraday times.
    Continuous,
}

/// Cash or margin.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// Everything is paid in full, with settled funds; no short sales.
    #[default]
    Cash,
    /// Reg T margin.
    Margin,
}

/// The account at the snapshot's instant; all values in the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// Cash or margin.
    pub kind: AccountKind,
    /// Trade-date cash, short-sale proceeds included.
    pub cash: Money,
    /// The part of `cash` that has settled.
    pub settled_cash: Money,
    /// Market value of long positions.
    pub long_value: Money,
    /// Market value of short positions as a positive number.
    pub short_value: Money,
    /// `cash + long_value − short_value`.
    pub equity: Money,
    /// Equity at the start of the trading day.
    pub day_start_equity: Money,
    /// Highest equity so far.
    pub peak_equity: Money,
    /// Open positions, long and short.
    pub positions: u32,
    /// Closed trades lost in a row.
    pub loss_streak: u32,
    /// Whether any held position has no known market value; equity is then not known.
    pub unpriced_positions: u32,
}

/// What is known of an instrument's market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// Last price, of a trade or bar close.
    pub last: Option<Price>,
    /// When.
    pub last_time: Timestamp,
    /// Best bid; `None` without a quote or when the side is empty.
    pub bid: Option<Price>,
    /// Best offer.
    pub ask: Option<Price>,
    /// When the quote was set.
    pub quote_time: Timestamp,
    /// Close of the previous session.
    pub previous_close: Option<Price>,
    /// Average daily volume.
    pub average_daily_volume: Option<Volume>,
    /// LULD bands in force.
    pub luld: Option<LuldBands>,
    /// Why it is halted, if it is.
    pub halted: Option<HaltReason>,
    /// Whether the Rule 201 restriction is on.
    pub short_restricted: bool,
    /// Whether it was delisted.
    pub delisted: bool,
}

/// Why there is no reference price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Never seen a price.
    #[error("no price has been seen")]
    Missing,
    /// The newest price is too old.
    #[error("the newest price is {age_nanos} ns old")]
    Stale {
        /// Its age.
        age_nanos: i64,
    },
}

impl Mark {
    /// The reference for collars and values: the midpoint of a fresh two-sided quote, else a fresh
    /// last price.
    ///
    /// # Errors
    /// [`ReferenceError`]; there is no fallback price.
    pub fn reference(&self, now: Timestamp, max_age_nanos: i64) -> Result<Price, ReferenceError> {
        if let (Some(bid), Some(ask)) = (self.bid, self.ask)
            && ask >= bid
            && now.nanos_since(self.quote_time) <= max_age_nanos
        {
            let sum = i128::from(bid.units()) + i128::from(ask.units());
            if let Some(mid) = i64::try_from(sum / 2)
                .ok()
                .and_then(|u| Price::from_units(u).ok())
            {
                return Ok(mid);
            }
        }
        let last = self.last.ok_or(ReferenceError::Missing)?;
        let age_nanos = now.nanos_since(self.last_time);
        if age_nanos > max_age_nanos {
            return Err(ReferenceError::Stale { age_nanos });
        }
        Ok(last)
    }
}

/// Everything a policy may look at. Borrowed from the core's state, so it cannot change while an
/// order is judged; `version` changes with every reservation, so no two orders are approved against
/// the same one.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot<'a> {
    /// Counts changes of the state behind.
    pub version: u64,
    /// The core's time.
    pub now: Timestamp,
    /// The state's own time: of the last event that changed it.
    pub taken: Timestamp,
    /// Phase of the primary market.
    pub phase: MarketPhase,
    /// All instruments.
    pub instruments: &'a Instruments,
    /// By instrument index.
    pub marks: &'a [Mark],
    /// By instrument.
    pub holdings: &'a Holdings,
    /// The account.
    pub account: &'a Account,
}

impl Snapshot<'_> {
    /// The market of an instrument; `None` for an index outside the table.
    pub fn mark(&self, instrument: InstrumentId) -> Option<&Mark> {
        self.marks.get(instrument.index())
    }

    /// The position in an instrument; `None` for an index outside the table.
    pub fn holding(&self, instrument: InstrumentId) -> Option<&Holding> {
        self.holdings.get(instrument)
    }
}
