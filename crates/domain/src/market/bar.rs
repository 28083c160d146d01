//! A bar: open, high, low, close and volume over an interval.

use thiserror::Error;

use crate::ids::{InstrumentId, VendorId};
use crate::money::{Price, Volume};
use crate::time::{NANOS_PER_DAY, NANOS_PER_SECOND, Timestamp};

/// How long a bar lasts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Timeframe {
    /// This many seconds (60 is a minute bar).
    Seconds(u32),
    /// One trading session.
    Session,
}

impl Timeframe {
    /// One minute.
    pub const MINUTE: Self = Self::Seconds(60);
    /// One hour.
    pub const HOUR: Self = Self::Seconds(3_600);

    /// The nominal length in nanoseconds; a session counts as 24 hours.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::Seconds(seconds) => seconds as i64 * NANOS_PER_SECOND,
            Self::Session => NANOS_PER_DAY,
        }
    }
}

impl std::fmt::Display for Timeframe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session => f.write_str("1d"),
            Self::Seconds(s) if s % 3_600 == 0 => write!(f, "{}h", s / 3_600),
            Self::Seconds(s) if s % 60 == 0 => write!(f, "{}m", s / 60),
            Self::Seconds(s) => write!(f, "{s}s"),
        }
    }
}

/// Prices and volume of one interval, known at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bar {
    /// What traded.
    pub instrument: InstrumentId,
    /// Who delivered it.
    pub vendor: VendorId,
    /// Its length.
    pub timeframe: Timeframe,
    /// Start of the interval.
    pub start: Timestamp,
    /// End of the interval: the bar's event time.
    pub time: Timestamp,
    /// When we had it; the end of the interval in history without receive times.
    pub received: Timestamp,
    /// First price.
    pub open: Price,
    /// Highest price.
    pub high: Price,
    /// Lowest price.
    pub low: Price,
    /// Last price.
    pub close: Price,
    /// Traded volume.
    pub volume: Volume,
    /// Volume-weighted average price, where the vendor gives one.
    pub vwap: Option<Price>,
    /// Number of trades, where the vendor gives one.
    pub trade_count: Option<u32>,
}

/// Why a bar is not consistent in itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BarError {
    /// A price at or below zero.
    #[error("{field} is {found}, a price must be above zero")]
    NotPositive {
        /// Which price.
        field: &'static str,
        /// Its value.
        found: Price,
    },
    /// High below, or low above, another price of the bar.
    #[error("high {high} and low {low} do not enclose open {open} and close {close}")]
    NotEnclosed {
        /// Open.
        open: Price,
        /// High.
        high: Price,
        /// Low.
        low: Price,
        /// Close.
        close: Price,
    },
    /// Volume below zero.
    #[error("volume is {0}, it must not be negative")]
    NegativeVolume(Volume),
    /// End before start, or received before the end.
    #[error("the bar's times are out of order: start, end, received must not decrease")]
    TimesOutOfOrder,
}

impl Bar {
    /// Checks that prices are positive and enclosed, volume is not negative, times in order.
    ///
    /// # Errors
    /// The first [`BarError`] found.
    pub fn validate(&self) -> Result<(), BarError> {
        let prices = [
            ("open", self.open),
            ("high", self.high),
            ("low", self.low),
            ("close", self.close),
        ];
        for (field, found) in prices {
            if !found.is_positive() {
                return Err(BarError::NotPositive { field, found });
            }
        }
        let top = self.open.max(self.close);
        let bottom = self.open.min(self.close);
        if self.high < top || self.low > bottom {
            let Self {
                open,
                high,
                low,
                close,
                ..
            } = *self;
            return Err(BarError::NotEnclosed {
                open,
                high,
                low,
                close,
            });
        }
        if self.volume.is_negative() {
            return Err(BarError::NegativeVolume(self.volume));
        }
        if self.time < self.start || self.received < self.time {
            return Err(BarError::TimesOutOfOrder);
        }
        Ok(())
    }
}
