//! Dynamic conditional correlation, DCC(1,1) (Engle 2002): the recursion as a calculator with given
//! weights, and the weights by quasi maximum likelihood.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::{Arguments, real, window};
use crate::registry::{Build, Built, Definition};
use crate::rolling::{Rolling, Sum, ratio};
use crate::snapshot::{Reader, State, Writer};
use crate::statistics::error::StatisticsError;
use crate::statistics::garch::GarchModel;

use super::matrix::correlation_matrix;
use super::rolling_pairs::{BASE, returns};

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "corr_dcc",
    outputs: &["corr_dcc"],
    parameters: &[
        window("length", 10, 120),
        real("alpha", "weight of the last product", (0.0001, 0.5), 0.03),
        real("beta", "weight of the past", (0.0, 0.9998), 0.95),
        real("decay", "of the volatilities, per row", (0.5, 0.9999), 0.94),
    ],
    description: "Dynamic conditional correlation of the returns: the forecast for the next row.",
    convention: "Q' = (1 - alpha - beta) S + alpha e e' + beta Q, correlation Q12/sqrt(Q11 Q22) (Engle \
                 2002). e: zero-mean returns over the exponentially weighted volatility of the rows \
                 before; S and the first Q: means of e e' over the last `length` rows.",
    build: Build::Series(build),
    ..BASE
}];

fn build(a: &Arguments) -> Result<Built, FeatureError> {
    let (alpha, beta) = (a.real("alpha")?, a.real("beta")?);
    if alpha + beta >= 1.0 {
        return Err(a.reject("beta", format!("is {beta}: alpha + beta must stay below 1")));
    }
    let kernel = Dynamic::new(a.length("length")?, [alpha, beta], a.real("decay")?);
    Ok(Built::reading(kernel, returns(a)))
}

/// The products e1 e1, e2 e2, e1 e2 of a row.
type Products = Rolling<Sum, fn([f64; 3]) -> [f64; 3], fn([f64; 3]) -> [f64; 3], 3, 3>;

#[derive(Debug, Clone)]
struct Dynamic {
    length: usize,
    alpha: f64,
    beta: f64,
    decay: f64,
    variances: [f64; 2],
    products: Products,
    q: [f64; 3],
}

impl State for Dynamic {
    fn save(&self, writer: &mut Writer) {
        self.variances.save(writer);
        self.products.save(writer);
        self.q.save(writer);
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.variances.load(reader)?;
        self.products.load(reader)?;
        self.q.load(reader)
    }
}

impl Dynamic {
    fn new(length: usize, [alpha, beta]: [f64; 2], decay: f64) -> Self {
        Self {
            length,
            alpha,
            beta,
            decay,
            variances: [f64::NAN; 2],
            products: Rolling::new(length, |row| row, |sums| sums),
            q: [f64::NAN; 3],
        }
    }
}

impl Kernel<2, 1> for Dynamic {
    fn warm_up(&self) -> [usize; 1] {
        // The first row has no volatility before it.
        [self.length]
    }

    #[inline]
    fn step(&mut self, row: [f64; 2]) -> [f64; 1] {
        let before = self.variances;
        for (variance, r) in self.variances.iter_mut().zip(row) {
            *variance = if *variance > 0.0 {
                self.decay * *variance + (1.0 - self.decay) * r * r
            } else {
                r * r
            };
        }
        // A series that never moved has nothing to be measured against.
        if !before.iter().all(|variance| *variance > 0.0) {
            return [f64::NAN];
        }
        let e = [row[0] / before[0].sqrt(), row[1] / before[1].sqrt()];
        let products = [e[0] * e[0], e[1] * e[1], e[0] * e[1]];
        let sums = self.products.step(products);
        if sums[0].is_nan() {
            return [f64::NAN];
        }
        let level = sums.map(|sum| sum / self.length as f64);
        if self.q[0].is_nan() {
            self.q = level;
        }
        let rest = 1.0 - self.alpha - self.beta;
        for ((q, product), level) in self.q.iter_mut().zip(products).zip(level) {
            *q = rest * level + self.alpha * product + self.beta * *q;
        }
        let [a, b, both] = self.q;
        [ratio(both, a.sqrt() * b.sqrt()).clamp(-1.0, 1.0)]
    }
}

/// What [`fit`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct DynamicFit {
    /// Weight of the last products.
    pub alpha: f64,
    /// Weight of the past.
    pub beta: f64,
    /// The unconditional correlations, to which it reverts.
    pub target: Vec<Vec<f64>>,
    /// Log likelihood of the correlations, summed over all pairs of series (for two series: Engle's
    /// second step, up to a constant).
    pub log_likelihood: f64,
    /// Forecast of the correlations for the row after the last.
    pub next: Vec<Vec<f64>>,
}

/// Fits a DCC(1,1) with common weights to returns in percent, one slice per series, in two steps
/// (Engle 2002): a GARCH(1,1) by maximum likelihood for each series, then the weights for the
/// standardised residuals. With more than two series the likelihood is the sum over all pairs (Engle,
/// Shephard and Sheppard 2008), which needs no matrix inverted. Deterministic.
///
/// # Errors
/// [`FeatureError::InvalidParameter`] for fewer than two series and what [`GarchModel::fit`] refuses;
/// [`FeatureError::LengthMismatch`] for series of different lengths.
pub fn fit(series: &[&[f64]]) -> Result<DynamicFit, FeatureError> {
    if series.len() < 2 {
        return Err(FeatureError::InvalidParameter {
            feature: "corr_dcc".to_owned(),
            parameter: "series".to_owned(),
            reason: "must be at least two".to_owned(),
        });
    }
    let target_of = |residuals: &[Vec<f64>]| {
        let slices: Vec<&[f64]> = residuals.iter().map(Vec::as_slice).collect();
        correlation_matrix(&slices)
    };
    correlation_matrix(series)?;
    let residuals = series
        .iter()
        .map(|returns| standardised(returns))
        .collect::<Result<Vec<_>, _>>()?;
    let target = target_of(&residuals)?;
    let likelihood = |alpha: f64, beta: f64| {
        let mut sum = 0.0;
        for (i, a) in residuals.iter().enumerate() {
            for (j, b) in residuals.iter().enumerate().skip(i + 1) {
                sum += pair(a, b, target[i][j], [alpha, beta]).0;
            }
        }
        sum
    };
    let [alpha, beta] = maximise(likelihood);
    let mut next = target.clone();
    for (i, a) in residuals.iter().enumerate() {
        for (j, b) in residuals.iter().enumerate() {
            if i != j {
                next[i][j] = pair(a, b, target[i][j], [alpha, beta]).1;
            }
        }
    }
    Ok(DynamicFit {
        alpha,
        beta,
        log_likelihood: likelihood(alpha, beta),
        target,
        next,
    })
}

/// Deviations from the mean over the conditional volatilities of a fitted GARCH(1,1).
fn standardised(returns: &[f64]) -> Result<Vec<f64>, FeatureError> {
    let fit = GarchModel::STANDARD.fit(returns);
    let refused = |error: StatisticsError| FeatureError::InvalidParameter {
        feature: "corr_dcc".to_owned(),
        parameter: "series".to_owned(),
        reason: error.to_string(),
    };
    fit.map(|fit| fit.standardised).map_err(refused)
}

/// Log likelihood of one pair, and the correlation forecast after the last row.
fn pair(a: &[f64], b: &[f64], target: f64, [alpha, beta]: [f64; 2]) -> (f64, f64) {
    let rest = 1.0 - alpha - beta;
    let level = [1.0, 1.0, target];
    let mut q = level;
    let mut sum = 0.0;
    let correlation = |q: [f64; 3]| {
        let rho = q[2] / (q[0].sqrt() * q[1].sqrt());
        rho.clamp(-1.0 + 1e-9, 1.0 - 1e-9)
    };
    for (a, b) in a.iter().zip(b) {
        let rho = correlation(q);
        let left = 1.0 - rho * rho;
        sum -= left.ln() + (a * a - 2.0 * rho * a * b + b * b) / left - a * a - b * b;
        for ((q, product), level) in q.iter_mut().zip([a * a, b * b, a * b]).zip(level) {
            *q = rest * level + alpha * product + beta * *q;
        }
    }
    (0.5 * sum, correlation(q))
}

/// The best point of the triangle alpha >= 0, beta >= 0, alpha + beta < 1: a grid, then a pattern
/// search whose steps halve.
fn maximise(of: impl Fn(f64, f64) -> f64) -> [f64; 2] {
    let inside = |alpha: f64, beta: f64| alpha >= 0.0 && beta >= 0.0 && alpha + beta <= 0.9999;
    let mut best = ([0.0, 0.0], of(0.0, 0.0));
    for alpha in [0.005, 0.02, 0.05, 0.1, 0.2] {
        for beta in [0.0, 0.4, 0.7, 0.85, 0.92, 0.96, 0.99] {
            if inside(alpha, beta) {
                let value = of(alpha, beta);
                if value > best.1 {
                    best = ([alpha, beta], value);
                }
            }
        }
    }
    let mut step = 0.02;
    while step > 1e-7 {
        let [alpha, beta] = best.0;
        // Along the axes, and along the ridge on which the sum is constant.
        let moves = [(1.0, 0.0), (0.0, 1.0), (1.0, -1.0)];
        let around = moves.iter().flat_map(|(a, b)| [(*a, *b), (-a, -b)]);
        let mut improved = false;
        for (a, b) in around {
            let (alpha, beta) = (alpha + step * a, beta + step * b);
            if inside(alpha, beta) {
                let value = of(alpha, beta);
                if value > best.1 {
                    best = ([alpha, beta], value);
                    improved = true;
                }
            }
        }
        if !improved {
            step /= 2.0;
        }
    }
    best.0
}
