//! Rolling mean and standard deviation, and distance from the mean in standard deviations.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::require_length;
use crate::rolling::{Moments, Window, moments, ratio};
use crate::state_fields;

/// Outputs (mean, population standard deviation) of the last `n` values.
#[derive(Debug, Clone)]
pub struct StandardDeviation {
    window: Window<Moments, 1, 4>,
}

state_fields!(StandardDeviation { window });

impl StandardDeviation {
    /// Over `length` rows.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for a length of 0.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        require_length("stddev", length)?;
        Ok(Self {
            window: Window::new(length),
        })
    }
}

impl Kernel<1, 2> for StandardDeviation {
    fn warm_up(&self) -> [usize; 2] {
        [self.window.length() - 1; 2]
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 2] {
        let share = 1.0 / self.window.length() as f64;
        self.window
            .push(row)
            .map_or([f64::NAN; 2], |acc| mean_and_deviation(acc, share))
    }

    fn run(&mut self, [x]: [&[f64]; 1], out: [&mut [f64]; 2]) {
        let share = 1.0 / self.window.length() as f64;
        let (rows, _none) = x.as_chunks();
        let finish = |acc, _| mean_and_deviation(acc, share);
        self.window.run_rows(rows, out, finish);
    }
}

#[inline]
fn mean_and_deviation(acc: [f64; 4], share: f64) -> [f64; 2] {
    let (mean, squares) = moments(acc, share);
    [mean, (squares * share).sqrt()]
}

/// Distance of the last value from the mean of the last `n` (itself included) in sample standard
/// deviations (ddof 1); missing on a constant window.
#[derive(Debug, Clone)]
pub struct ZScore {
    window: Window<Moments, 1, 4>,
}

state_fields!(ZScore { window });

impl ZScore {
    /// Over `length` rows, at least 2.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for less.
    pub fn new(length: usize) -> Result<Self, FeatureError> {
        if length < 2 {
            return Err(FeatureError::InvalidParameter {
                feature: "zscore".to_owned(),
                parameter: "length".to_owned(),
                reason: "must be at least 2".to_owned(),
            });
        }
        Ok(Self {
            window: Window::new(length),
        })
    }

    #[inline]
    fn score(acc: [f64; 4], [x]: [f64; 1]) -> f64 {
        let (mean, squares) = moments(acc, 1.0 / acc[0]);
        ratio(x - mean, (squares / (acc[0] - 1.0)).sqrt())
    }
}

impl Kernel<1, 1> for ZScore {
    fn warm_up(&self) -> [usize; 1] {
        [self.window.length() - 1]
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 1] {
        let Some(acc) = self.window.push(row) else {
            return [f64::NAN];
        };
        [Self::score(acc, row)]
    }

    fn run(&mut self, [x]: [&[f64]; 1], out: [&mut [f64]; 1]) {
        let (rows, _none) = x.as_chunks();
        let finish = |acc, row| [Self::score(acc, row)];
        self.window.run_rows(rows, out, finish);
    }
}
