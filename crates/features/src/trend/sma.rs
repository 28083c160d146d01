//! Simple moving average.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::rolling::{Sum, Window};
use crate::state_fields;

/// Mean of the last `n` observed values. A huge print is gone, to the last bit, when it leaves the
/// window (see [`crate::rolling`]).
#[derive(Debug, Clone)]
pub struct Sma {
    window: Window<Sum, 1, 1>,
}

state_fields!(Sma { window });

impl Sma {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("sma", length)?;
        Ok(Self {
            window: Window::new(length),
        })
    }
}

impl Kernel<1, 1> for Sma {
    fn warm_up(&self) -> [usize; 1] {
        [self.window.length() - 1]
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 1] {
        [self
            .window
            .push(row)
            .map_or(f64::NAN, |[sum]| sum / self.window.length() as f64)]
    }
    fn run(&mut self, columns: [&[f64]; 1], out: [&mut [f64]; 1]) {
        let length = self.window.length() as f64;
        self.window
            .run(columns, out, |row| row, |[sum], _| [sum / length]);
    }
}
