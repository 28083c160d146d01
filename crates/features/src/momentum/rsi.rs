//! Wilder's relative strength index.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::rolling::{larger, ratio};
use crate::state_fields;
use crate::trend::Ema;

/// Wilder's averages of upward and of downward moves, seeded with the mean of the first `n`.
#[derive(Debug, Clone)]
pub struct GainsAndLosses {
    length: usize,
    gains: Ema,
    losses: Ema,
    last: f64,
}

state_fields!(GainsAndLosses {
    gains,
    losses,
    last
});

impl GainsAndLosses {
    /// Over `length` moves.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        let average = Ema::wilder(length)?;
        Ok(Self {
            length,
            gains: average.clone(),
            losses: average,
            last: f64::NAN,
        })
    }

    /// Consumes a value; NaN until there were `n` moves.
    #[inline]
    pub fn next(&mut self, x: f64) -> (f64, f64) {
        let change = x - std::mem::replace(&mut self.last, x);
        if change.is_nan() {
            return (f64::NAN, f64::NAN);
        }
        (
            self.gains.next(larger(change, 0.0)),
            self.losses.next(larger(-change, 0.0)),
        )
    }
}

/// `100 * gains / (gains + losses)`, 0..100; missing while nothing has moved.
#[derive(Debug, Clone)]
pub struct Rsi {
    averages: GainsAndLosses,
}

state_fields!(Rsi { averages });

impl Rsi {
    /// Over `length` moves.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            averages: GainsAndLosses::new(length)?,
        })
    }
}

impl Kernel<1, 1> for Rsi {
    fn warm_up(&self) -> [usize; 1] {
        [self.averages.length]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let (gain, loss) = self.averages.next(x);
        [100.0 * ratio(gain, gain + loss)]
    }
}

/// Chande's momentum oscillator with Wilder's averages, -100..100; missing while nothing has moved.
#[derive(Debug, Clone)]
pub(super) struct Cmo {
    averages: GainsAndLosses,
}

state_fields!(Cmo { averages });

impl Cmo {
    pub(super) fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            averages: GainsAndLosses::new(length)?,
        })
    }
}

impl Kernel<1, 1> for Cmo {
    fn warm_up(&self) -> [usize; 1] {
        [self.averages.length]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        let (gain, loss) = self.averages.next(x);
        [100.0 * ratio(gain - loss, gain + loss)]
    }
}
