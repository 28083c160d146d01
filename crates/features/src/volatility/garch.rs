//! GARCH(1,1) with variance targeting, as a calculator. Fits are in [`crate::statistics::garch`].

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::rolling::{Rolling, Sum};
use crate::snapshot::{Reader, State, Writer};

type Squares = Rolling<Sum, fn([f64; 1]) -> [f64; 1], fn([f64; 1]) -> [f64; 1], 1, 1>;

/// `h' = (1 - alpha - beta) v + alpha r^2 + beta h` with `v` the rolling mean square of the
/// returns. Input: log return; output: the forecast for the next row as yearly volatility.
#[derive(Debug, Clone)]
pub(crate) struct Garch {
    alpha: f64,
    beta: f64,
    length: usize,
    per_year: f64,
    squares: Squares,
    variance: f64,
}

impl State for Garch {
    fn save(&self, writer: &mut Writer) {
        self.squares.save(writer);
        self.variance.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.squares.load(reader)?;
        self.variance.load(reader)
    }
}

impl Garch {
    /// `alpha + beta` below 1 is checked by the registry.
    pub(super) fn targeting(alpha: f64, beta: f64, length: usize, per_year: f64) -> Self {
        let squares: Squares = Rolling::new(length, |[r]| [r * r], |sum| sum);
        Self {
            alpha,
            beta,
            length,
            per_year,
            squares,
            variance: f64::NAN,
        }
    }
}

impl Kernel<1, 1> for Garch {
    fn warm_up(&self) -> [usize; 1] {
        [self.length - 1]
    }

    #[inline]
    fn step(&mut self, [r]: [f64; 1]) -> [f64; 1] {
        let [sum] = self.squares.step([r]);
        if sum.is_nan() {
            return [f64::NAN];
        }
        let level = sum / self.length as f64;
        let variance = if self.variance.is_nan() {
            level
        } else {
            self.variance
        };
        let weight = 1.0 - self.alpha - self.beta;
        self.variance = weight * level + self.alpha * r * r + self.beta * variance;
        [(self.variance * self.per_year).sqrt()]
    }
}
