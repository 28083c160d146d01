//! Least-squares line through the last n values.

use crate::calculator::Kernel;
use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Weighted, Window, at_most, larger, ratio};
use crate::state_fields;

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "linreg",
    family: Family::Trend,
    outputs: &[
        "linreg",
        "linreg_slope",
        "linreg_intercept",
        "linreg_angle",
        "tsf",
        "linreg_r2",
    ],
    parameters: &[window("length", 2, 14)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "Least-squares line over n rows: value at the last row, slope per row, value at \
                  the first row, angle in degrees, forecast for the next row, R squared.",
    convention: "x = 0..n-1 (TA-Lib LINEARREG, _SLOPE, _INTERCEPT, _ANGLE, TSF); R squared is \
                 missing on constant values.",
    build: Build::Series(|a| {
        Ok(Built::over_sources(
            a,
            LinearRegression::new(a.length("length")?),
        ))
    }),
}];

/// Outputs (fit at the last row, slope, intercept, angle, forecast, R squared).
#[derive(Debug, Clone)]
struct LinearRegression {
    window: Window<Weighted, 1, 5>,
}

state_fields!(LinearRegression { window });

impl LinearRegression {
    fn new(length: usize) -> Self {
        Self {
            window: Window::new(length),
        }
    }
}

impl Kernel<1, 6> for LinearRegression {
    fn warm_up(&self) -> [usize; 6] {
        [self.window.length() - 1; 6]
    }

    fn step(&mut self, row: [f64; 1]) -> [f64; 6] {
        let Some([n, base, sum, weighted, squares]) = self.window.push(row) else {
            return [f64::NAN; 6];
        };
        // Distances from the centre of x, so that slope and level do not mix.
        let centre = 0.5 * (n - 1.0);
        let spread = n * (n * n - 1.0) / 12.0;
        let covariance = weighted - (centre + 1.0) * sum;
        let slope = covariance / spread;
        let mean = base + sum / n;
        let intercept = mean - slope * centre;
        let variation = larger(squares - sum * sum / n, 0.0);
        let explained = slope * covariance;
        [
            mean + slope * centre,
            slope,
            intercept,
            libm::atan(slope).to_degrees(),
            mean + slope * (centre + 1.0),
            at_most(ratio(explained, variation), 1.0),
        ]
    }
}
