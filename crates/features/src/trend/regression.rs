//! Least-squares line through the last n values.

use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Weighted, Window, at_most, ratio};
use crate::state_fields;

const BASE: Definition = Definition {
    name: "",
    family: Family::Trend,
    outputs: &[],
    parameters: &[window("length", 2, 14)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "linreg",
        outputs: &["linreg", "linreg_slope", "linreg_intercept", "tsf"],
        description: "Least-squares line over n rows: value at the last row, slope per row, value \
                      at the first row, forecast for the next row.",
        convention: "x = 0..n-1 (TA-Lib LINEARREG, _SLOPE, _INTERCEPT, TSF).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                LinearRegression {
                    window: Window::new(a.length("length")?),
                },
            ))
        }),
        ..BASE
    },
    Definition {
        name: "linreg_angle",
        outputs: &["linreg_angle"],
        description: "Angle of the least-squares line in degrees.",
        convention: "atan(slope) (TA-Lib LINEARREG_ANGLE).",
        build: Build::Series(|a| {
            let slope = format!(
                "linreg_slope_{}({})",
                a.length("length")?,
                a.sources().join(",")
            );
            let angle = Pointwise(|[slope]: [f64; 1]| [libm::atan(slope).to_degrees()]);
            Ok(Built::reading(angle, vec![slope]))
        }),
        ..BASE
    },
    Definition {
        name: "linreg_r2",
        outputs: &["linreg_r2"],
        description: "Share of the variance that the least-squares line explains, 0..1.",
        convention: "slope^2 var(x)/var(y), var(x) = (n^2-1)/12; missing on constant values.",
        build: Build::Series(|a| {
            let (length, of) = (a.length("length")?, a.sources().join(","));
            let sources = vec![
                format!("linreg_slope_{length}({of})"),
                format!("var_{length}({of})"),
            ];
            let n = length as f64;
            let spread = (n * n - 1.0) / 12.0;
            let share = move |[slope, variance]: [f64; 2]| {
                [at_most(ratio(slope * slope * spread, variance), 1.0)]
            };
            Ok(Built::reading(Pointwise(share), sources))
        }),
        ..BASE
    },
];

/// Outputs (fit at the last row, slope, intercept, forecast).
#[derive(Debug, Clone)]
struct LinearRegression {
    window: Window<Weighted, 1, 4>,
}

state_fields!(LinearRegression { window });

impl LinearRegression {
    /// What depends on the length alone: 1/n, the centre of x, and 1 over the sum of its squares.
    fn constants(&self) -> [f64; 3] {
        let n = self.window.length() as f64;
        [1.0 / n, 0.5 * (n - 1.0), 12.0 / (n * (n * n - 1.0))]
    }

    #[inline]
    fn line([_, base, sum, weighted]: [f64; 4], [share, centre, spread]: [f64; 3]) -> [f64; 4] {
        // Distances from the centre of x, so that slope and level do not mix.
        let slope = (weighted - (centre + 1.0) * sum) * spread;
        let mean = base + sum * share;
        let rise = slope * centre;
        [mean + rise, slope, mean - rise, mean + rise + slope]
    }
}

impl Kernel<1, 4> for LinearRegression {
    fn warm_up(&self) -> [usize; 4] {
        [self.window.length() - 1; 4]
    }

    #[inline]
    fn step(&mut self, row: [f64; 1]) -> [f64; 4] {
        let constants = self.constants();
        self.window
            .push(row)
            .map_or([f64::NAN; 4], |acc| Self::line(acc, constants))
    }

    fn run(&mut self, [x]: [&[f64]; 1], out: [&mut [f64]; 4]) {
        let constants = self.constants();
        let finish = |acc, _| Self::line(acc, constants);
        let (rows, _none) = x.as_chunks();
        self.window.run_rows(rows, out, finish);
    }
}
