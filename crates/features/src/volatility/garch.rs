//! GARCH(1,1): the recursion as a calculator, and its maximum-likelihood fit.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::rolling::{Rolling, Sum};
use crate::snapshot::{Reader, State, Writer};

type Squares = Rolling<Sum, fn([f64; 1]) -> [f64; 1], fn([f64; 1]) -> [f64; 1], 1, 1>;

/// `h' = (1 - alpha - beta) v + alpha r^2 + beta h` with `v` the rolling mean square of the
/// returns. Input: log return; output: the forecast for the next row as yearly volatility.
#[derive(Debug, Clone)]
pub struct Garch {
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

    /// Fits mean, omega, alpha and beta to returns (in percent, so that the numbers are of order
    /// one) by maximum likelihood under normal errors. The variance before the sample is the
    /// exponentially weighted mean (0.94) of the first 75 squared deviations, as in the `arch`
    /// package. Deterministic: Nelder-Mead from fixed starting points.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] with fewer than 50 returns, a return that is not finite,
    /// or returns without variance.
    pub fn fit(returns: &[f64]) -> Result<GarchFit, FeatureError> {
        let reject = |reason: &str| FeatureError::InvalidParameter {
            feature: "garch".to_owned(),
            parameter: "returns".to_owned(),
            reason: reason.to_owned(),
        };
        if returns.len() < 50 {
            return Err(reject("must be at least 50"));
        }
        if !returns.iter().all(|r| crate::calculator::is_observed(*r)) {
            return Err(reject("must all be observed"));
        }
        let n = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / n;
        let variance = returns.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n;
        if variance <= 0.0 {
            return Err(reject("must vary"));
        }
        let before = variance_before(returns, mean);
        let cost = |p: &[f64; 4]| -likelihood(returns, unpack(p, variance), before).0;
        let starts = [(0.05, 0.9), (0.1, 0.8), (0.2, 0.7), (0.02, 0.97)];
        let mut best = ([0.0; 4], f64::INFINITY);
        for (alpha, beta) in starts {
            let found = nelder_mead(pack(mean, alpha, beta), &cost);
            // A second run from the result: a collapsed simplex must not pass for an optimum.
            let found = nelder_mead(found.0, &cost);
            if found.1 < best.1 {
                best = found;
            }
        }
        let [mean, omega, alpha, beta] = unpack(&best.0, variance);
        let (log_likelihood, last_variance, last_square) =
            likelihood(returns, [mean, omega, alpha, beta], before);
        let next_variance = omega + alpha * last_square + beta * last_variance;
        Ok(GarchFit {
            mean,
            omega,
            alpha,
            beta,
            log_likelihood,
            last_variance,
            next_variance,
        })
    }
}

impl Kernel<1, 1> for Garch {
    fn warm_up(&self) -> [usize; 1] {
        [self.length - 1]
    }

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

/// Result of [`Garch::fit`], in the units of the returns given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GarchFit {
    /// Mean return.
    pub mean: f64,
    /// Constant of the variance equation.
    pub omega: f64,
    /// Weight of the last squared deviation.
    pub alpha: f64,
    /// Weight of the last variance.
    pub beta: f64,
    /// Log likelihood under normal errors.
    pub log_likelihood: f64,
    /// Conditional variance of the last return.
    pub last_variance: f64,
    /// Forecast for the return after the last.
    pub next_variance: f64,
}

fn variance_before(returns: &[f64], mean: f64) -> f64 {
    let mut weight = 1.0;
    let (mut sum, mut total) = (0.0, 0.0);
    for r in returns.iter().take(75) {
        sum += weight * (r - mean) * (r - mean);
        total += weight;
        weight *= 0.94;
    }
    sum / total
}

/// Log likelihood, last conditional variance, last squared deviation.
fn likelihood(
    returns: &[f64],
    [mean, omega, alpha, beta]: [f64; 4],
    before: f64,
) -> (f64, f64, f64) {
    let (mut variance, mut square) = (before, before);
    let mut sum = 0.0;
    for r in returns {
        variance = omega + alpha * square + beta * variance;
        square = (r - mean) * (r - mean);
        sum += variance.ln() + square / variance;
    }
    let constant = (2.0 * std::f64::consts::PI).ln() * returns.len() as f64;
    (-0.5 * (constant + sum), variance, square)
}

/// Free coordinates: mean, log of omega relative to its stationary value, and alpha, beta through
/// a softmax with the remainder 1 - alpha - beta, so that every point is a stationary process.
fn pack(mean: f64, alpha: f64, beta: f64) -> [f64; 4] {
    let rest = 1.0 - alpha - beta;
    [mean, 0.0, (alpha / rest).ln(), (beta / rest).ln()]
}

fn unpack([mean, scale, a, b]: &[f64; 4], variance: f64) -> [f64; 4] {
    let (a, b) = (a.clamp(-40.0, 40.0).exp(), b.clamp(-40.0, 40.0).exp());
    let total = 1.0 + a + b;
    [
        *mean,
        scale.clamp(-40.0, 40.0).exp() * variance / total,
        a / total,
        b / total,
    ]
}

/// Nelder and Mead's simplex search (1965) with the usual coefficients 1, 2, 1/2, 1/2.
fn nelder_mead(start: [f64; 4], cost: &impl Fn(&[f64; 4]) -> f64) -> ([f64; 4], f64) {
    let vertex = |point: [f64; 4]| (point, cost(&point));
    let mut simplex: Vec<([f64; 4], f64)> = vec![vertex(start)];
    for axis in 0..4 {
        let mut point = start;
        point[axis] += if axis == 0 { 0.05 } else { 0.5 };
        simplex.push(vertex(point));
    }
    for _ in 0..2000 {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, worst) = (simplex[0], simplex[4]);
        if worst.1 - best.1 < 1e-11 * best.1.abs() {
            break;
        }
        let centre: [f64; 4] =
            std::array::from_fn(|i| simplex[..4].iter().map(|v| v.0[i]).sum::<f64>() / 4.0);
        let along = |t: f64| std::array::from_fn(|i| centre[i] + t * (worst.0[i] - centre[i]));
        let reflected = vertex(along(-1.0));
        if reflected.1 < best.1 {
            let expanded = vertex(along(-2.0));
            simplex[4] = if expanded.1 < reflected.1 {
                expanded
            } else {
                reflected
            };
        } else if reflected.1 < simplex[3].1 {
            simplex[4] = reflected;
        } else {
            let inner = vertex(along(if reflected.1 < worst.1 { -0.5 } else { 0.5 }));
            if inner.1 < reflected.1.min(worst.1) {
                simplex[4] = inner;
            } else {
                for item in &mut simplex[1..] {
                    let point = std::array::from_fn(|i| 0.5 * (item.0[i] + best.0[i]));
                    *item = vertex(point);
                }
            }
        }
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex[0]
}
