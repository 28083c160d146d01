//! Registry entries of the return that the benchmark does not explain.

use crate::calculator::Kernel;
use crate::parameter::window;
use crate::registry::{Build, Built, Definition};
use crate::rolling::{CoMoments, Window, co_moments, larger, ratio};

use super::relative::BASE;

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "beta_resid",
    outputs: &["beta_resid", "beta_resid_z", "beta_alpha", "idio_vol"],
    parameters: &[window("length", 5, 60)],
    description: "Beta-adjusted residual: the return beyond what the benchmark's return and the beta of \
                  the rows before call for; the same in standard deviations; the intercept; and the \
                  standard deviation of the residuals (idiosyncratic volatility, per row).",
    convention: "Least squares of simple returns with constant over the n rows before the present one, \
                 so that the residual is of a row that the beta has not seen; deviation with n - 2 \
                 degrees of freedom. Missing while the benchmark stands; z missing while the fit is \
                 exact.",
    build: Build::Series(|a| {
        let sources = a.sources().iter().map(|s| format!("ret_1({s})")).collect();
        Ok(Built::reading(Residual::new(a.length("length")?), sources))
    }),
    ..BASE
}];

/// Inputs: the symbol's and the benchmark's return.
#[derive(Debug, Clone)]
struct Residual {
    /// Rows are (benchmark, symbol).
    window: Window<CoMoments, 2, 8>,
    /// The aggregate of the n rows before the next one.
    before: Option<[f64; 8]>,
}

impl crate::snapshot::State for Residual {
    fn save(&self, writer: &mut crate::snapshot::Writer) {
        self.window.save(writer);
        self.before.is_some().save(writer);
        self.before.unwrap_or([0.0; 8]).save(writer);
    }

    fn load(
        &mut self,
        reader: &mut crate::snapshot::Reader<'_>,
    ) -> Result<(), crate::FeatureError> {
        self.window.load(reader)?;
        let (mut known, mut before) = (false, [0.0; 8]);
        known.load(reader)?;
        before.load(reader)?;
        self.before = known.then_some(before);
        Ok(())
    }
}

impl Residual {
    fn new(length: usize) -> Self {
        Self {
            window: Window::new(length),
            before: None,
        }
    }
}

impl Kernel<2, 4> for Residual {
    fn warm_up(&self) -> [usize; 4] {
        [self.window.length(); 4]
    }

    #[inline]
    fn step(&mut self, [symbol, benchmark]: [f64; 2]) -> [f64; 4] {
        let after = self.window.push([benchmark, symbol]);
        let Some(acc) = std::mem::replace(&mut self.before, after) else {
            return [f64::NAN; 4];
        };
        let line = Line::of(acc);
        let residual = symbol - line.at(benchmark);
        [
            residual,
            ratio(residual, line.deviation),
            line.intercept,
            line.deviation,
        ]
    }
}

/// The least-squares line of y on x of a [`CoMoments`] aggregate of rows (x, y).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Line {
    pub(super) slope: f64,
    pub(super) intercept: f64,
    /// Of the residuals, n - 2 degrees of freedom.
    pub(super) deviation: f64,
    mean: [f64; 2],
}

impl Line {
    pub(super) fn of(acc: [f64; 8]) -> Self {
        let [n, base_x, base_y, sum_x, sum_y, ..] = acc;
        let [xx, yy, xy] = co_moments(acc);
        let mean = [base_x + sum_x / n, base_y + sum_y / n];
        let slope = ratio(xy, xx);
        let unexplained = larger(yy - slope * xy, 0.0);
        // A perfect fit leaves rounding, not a deviation to measure with.
        let unexplained = if unexplained <= 1e-14 * yy {
            0.0
        } else {
            unexplained
        };
        Self {
            slope,
            intercept: mean[1] - slope * mean[0],
            deviation: (unexplained / (n - 2.0)).sqrt(),
            mean,
        }
    }

    /// y on the line.
    pub(super) fn at(&self, x: f64) -> f64 {
        self.mean[1] + self.slope * (x - self.mean[0])
    }
}
