//! Simple moving average.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::rolling::{Level, Window};
use crate::state_fields;

/// Mean of the last `n` observed values. A huge print is gone when it leaves the window (see
/// [`crate::rolling`]).
#[derive(Debug, Clone)]
pub struct Sma {
    window: Window<Level, 1, 3>,
    /// 1/n.
    share: f64,
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
            share: 1.0 / length as f64,
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
            .map_or(f64::NAN, |acc| Level::mean(acc, self.share))]
    }

    fn run(&mut self, [x]: [&[f64]; 1], out: [&mut [f64]; 1]) {
        let share = self.share;
        let (rows, _none) = x.as_chunks();
        let finish = |acc, _| [Level::mean(acc, share)];
        self.window.run_rows(rows, out, finish);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_constant_values_is_that_value_to_the_last_bit() {
        for length in [3, 7, 20, 50] {
            for value in [1e-4, 0.1, 100.3, 1e6] {
                let (mut streamed, mut batch) = (Sma::new(length).unwrap(), [0.0; 700]);
                Sma::new(length).unwrap().run([&[value; 700]], [&mut batch]);
                for (row, batch) in batch.iter().enumerate() {
                    let [streamed] = streamed.step([value]);
                    let expected = if row + 1 < length { f64::NAN } else { value };
                    assert_eq!(streamed.to_bits(), expected.to_bits());
                    assert_eq!(batch.to_bits(), expected.to_bits());
                }
            }
        }
    }
}
