//! Donchian channel: the range of the last `n` bars.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::rolling::{Extremes, Window};
use crate::state_fields;

/// Inputs (high, low); outputs (highest high, their middle, lowest low), the current bar included.
#[derive(Debug, Clone)]
pub struct Donchian {
    window: Window<Extremes, 2, 2>,
}

state_fields!(Donchian { window });

impl Donchian {
    /// Over `length` bars.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("donchian", length)?;
        Ok(Self {
            window: Window::new(length),
        })
    }
}

impl Kernel<2, 3> for Donchian {
    fn warm_up(&self) -> [usize; 3] {
        [self.window.length() - 1; 3]
    }

    #[inline]
    fn step(&mut self, row: [f64; 2]) -> [f64; 3] {
        match self.window.push(row) {
            Some([high, low]) => [high, 0.5 * (high + low), low],
            None => [f64::NAN; 3],
        }
    }

    fn run(&mut self, columns: [&[f64]; 2], [upper, middle, lower]: [&mut [f64]; 3]) {
        self.window
            .run_extremes(columns, [&mut *upper, &mut *lower]);
        for ((middle, upper), lower) in middle.iter_mut().zip(upper).zip(lower) {
            *middle = 0.5 * (*upper + *lower);
        }
    }
}
