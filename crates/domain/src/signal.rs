//! The one type of opinion: what a model, scanner or strategy thinks of an instrument.

use thiserror::Error;

use crate::ids::InstrumentId;
use crate::time::Timestamp;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Expected to rise.
    Long,
    /// Expected to fall.
    Short,
    /// No position wanted.
    Flat,
}

/// A share of one in millionths, so that signals compare and hash exactly.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct UnitInterval(u32);

impl TryFrom<u32> for UnitInterval {
    type Error = SignalError;

    /// From millionths.
    fn try_from(millionths: u32) -> Result<Self, SignalError> {
        if millionths > Self::ONE.0 {
            return Err(SignalError::NotInUnitInterval);
        }
        Ok(Self(millionths))
    }
}

impl From<UnitInterval> for u32 {
    fn from(share: UnitInterval) -> Self {
        share.0
    }
}

impl UnitInterval {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// All.
    pub const ONE: Self = Self(1_000_000);

    /// From a float in 0 to 1, rounded to millionths.
    ///
    /// # Errors
    /// [`SignalError::NotInUnitInterval`] for NaN and anything outside.
    pub fn new(value: f64) -> Result<Self, SignalError> {
        if !(0.0..=1.0).contains(&value) {
            return Err(SignalError::NotInUnitInterval);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 10^6 fits"
        )]
        let millionths = (value * 1e6).round() as u32;
        Ok(Self(millionths))
    }

    /// Millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// As a float.
    pub fn get(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

/// Why a signal is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignalError {
    /// Strength or confidence outside 0 to 1, or NaN.
    #[error("strength and confidence must be numbers from 0 to 1")]
    NotInUnitInterval,
    /// Expires before it was made.
    #[error("the signal expires before it was made")]
    ExpiresBeforeCreation,
}

/// An opinion with a shelf life.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Signal {
    /// About what.
    pub instrument: InstrumentId,
    /// Which way.
    pub direction: Direction,
    /// How strong, 0 to 1.
    pub strength: UnitInterval,
    /// How sure, 0 to 1.
    pub confidence: UnitInterval,
    /// When it was made.
    pub created: Timestamp,
    /// Over what time it should come true, in nanoseconds.
    pub horizon_nanos: i64,
    /// From when on it must not be used.
    pub expires: Timestamp,
    /// Who says so.
    pub source: String,
    /// Why, for people.
    pub reasons: Vec<String>,
}

impl Signal {
    /// Checks that it expires after it was made.
    ///
    /// # Errors
    /// [`SignalError::ExpiresBeforeCreation`].
    pub fn validate(&self) -> Result<(), SignalError> {
        if self.expires <= self.created {
            return Err(SignalError::ExpiresBeforeCreation);
        }
        Ok(())
    }

    /// Whether it must not be used any more.
    pub fn is_stale_at(&self, now: Timestamp) -> bool {
        now >= self.expires
    }
}
