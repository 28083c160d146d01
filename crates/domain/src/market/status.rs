//! Halts, pauses and limit-up/limit-down bands.

use crate::ids::InstrumentId;
use crate::money::Price;
use crate::time::Timestamp;

/// Why trading stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltReason {
    /// News pending or released.
    News,
    /// A LULD trading pause.
    LuldPause,
    /// A market-wide circuit breaker.
    MarketWide,
    /// Regulatory concern or SEC suspension.
    Regulatory,
    /// Not yet opened after an IPO.
    Ipo,
    /// The venue's own trouble, or a reason not known to us.
    Other,
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusKind {
    /// Trading stopped.
    Halted(HaltReason),
    /// Trading resumed.
    Resumed,
    /// New LULD bands.
    Bands(LuldBands),
    /// The Rule 201 short-sale restriction began (no short sale at or below the best bid).
    ShortSaleRestricted,
    /// The restriction ended.
    ShortSaleUnrestricted,
}

/// Prices outside which nothing may trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct LuldBands {
    /// Lower band.
    pub lower: Price,
    /// Upper band.
    pub upper: Price,
}

/// A change of an instrument's trading status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TradingStatus {
    /// For which instrument.
    pub instrument: InstrumentId,
    /// When.
    pub time: Timestamp,
    /// When we knew.
    pub received: Timestamp,
    /// What.
    pub kind: StatusKind,
}
