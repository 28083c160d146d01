//! Simple moving average.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::state_fields;
use crate::window_sum::WindowSum;

/// Mean of the last `n` observed values. Each sum holds only what is in its window (see
/// [`WindowSum`]), so a huge print is gone, to the last bit, when it leaves.
#[derive(Debug, Clone)]
pub struct Sma {
    sum: WindowSum,
}

state_fields!(Sma { sum });

impl Sma {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        Ok(Self {
            sum: WindowSum::new("sma", length)?,
        })
    }
}

impl Kernel<1, 1> for Sma {
    fn warm_up(&self) -> [usize; 1] {
        [self.sum.length() - 1]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 1] {
        [self.sum.push(x) / self.sum.length() as f64]
    }
}
