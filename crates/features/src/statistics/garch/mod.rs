//! Conditional variance: GARCH(1,1), its asymmetric form GJR, and EGARCH, with normal or Student-t
//! errors; filtered with known parameters or fitted by maximum likelihood, with forecasts.
//!
//! Conventions follow the `arch` package (Sheppard), so that parameters mean the same in both:
//! - GARCH (Bollerslev 1986): `v[t] = omega + alpha e[t-1]^2 + beta v[t-1]`
//! - GJR (Glosten, Jagannathan, Runkle 1993): the same plus `gamma e[t-1]^2` after a loss
//! - EGARCH (Nelson 1991): `ln v[t] = omega + alpha (|z[t-1]| - sqrt(2/pi)) + gamma z[t-1] + beta ln v[t-1]`
//!
//! with `e = r - mean`, `z = e / sqrt(v)`. All variances are in the squared unit of the returns.

mod fit;
mod forecast;

use std::f64::consts::{FRAC_2_PI, PI};

use super::error::{StatisticsError, check_sample, check_setting};

pub(crate) const METHOD: &str = "GARCH";

/// What the returns vary around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mean {
    /// Zero: the usual choice for one-minute or daily returns when only risk matters.
    Zero,
    /// A constant, fitted.
    Constant,
}

/// How variance follows from the past; see the module's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dynamics {
    /// GARCH(1,1).
    Garch,
    /// GARCH with more weight on losses.
    Gjr,
    /// GARCH of the logarithm of variance.
    Egarch,
}

/// The law of the standardised errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// Standard normal.
    Normal,
    /// Student's t scaled to variance 1, degrees of freedom fitted.
    StudentT,
}

/// Which model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GarchModel {
    /// Of the returns.
    pub mean: Mean,
    /// Of the variance.
    pub dynamics: Dynamics,
    /// Of the standardised errors.
    pub errors: Errors,
}

/// A model's numbers. What the model does not use is 0 (`None` for the degrees of freedom).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GarchParameters {
    /// Mean return.
    pub mean: f64,
    /// Constant of the variance equation.
    pub omega: f64,
    /// Weight of the last squared (EGARCH: absolute standardised) error.
    pub alpha: f64,
    /// GJR: extra weight of a squared loss. EGARCH: weight of the signed standardised error.
    pub gamma: f64,
    /// Weight of the last variance (EGARCH: of its logarithm).
    pub beta: f64,
    /// Of Student's t; above 2.
    pub degrees_of_freedom: Option<f64>,
}

/// Where the recursion starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Start {
    /// Variance before the sample: the exponentially weighted mean (0.94) of the first 75 squared
    /// deviations, as in `arch`.
    Backcast,
    /// The variance of the first return itself.
    First(f64),
}

/// A model with its numbers, run over a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct GarchFit {
    /// The model.
    pub model: GarchModel,
    /// Fitted or given.
    pub parameters: GarchParameters,
    /// Sum of the log densities.
    pub log_likelihood: f64,
    /// Akaike's criterion, -2 l + 2 k.
    pub aic: f64,
    /// Schwarz's criterion, -2 l + k ln n.
    pub bic: f64,
    /// Conditional variance of each return, known before it.
    pub variances: Vec<f64>,
    /// Each return's deviation over its conditional standard deviation.
    pub standardised: Vec<f64>,
}

impl GarchModel {
    /// Constant mean, symmetric, normal.
    pub const STANDARD: Self = Self {
        mean: Mean::Constant,
        dynamics: Dynamics::Garch,
        errors: Errors::Normal,
    };

    /// How many parameters are free.
    pub fn parameters(&self) -> usize {
        3 + usize::from(self.mean == Mean::Constant)
            + usize::from(self.dynamics != Dynamics::Garch)
            + usize::from(self.errors == Errors::StudentT)
    }

    /// Runs the model with given numbers over returns, oldest first.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`] without returns, [`StatisticsError::Missing`],
    /// [`StatisticsError::InvalidSetting`] for numbers under which variance is not positive and
    /// stationary (GARCH, GJR: omega > 0, alpha >= 0, alpha + gamma >= 0, beta >= 0,
    /// alpha + gamma/2 + beta <= 1; EGARCH: |beta| < 1) or the start is not positive,
    /// [`StatisticsError::Constant`] when the backcast is 0.
    pub fn filter(
        &self,
        returns: &[f64],
        parameters: &GarchParameters,
        start: Start,
    ) -> Result<GarchFit, StatisticsError> {
        check_sample(METHOD, 0, returns, 1)?;
        self.check(parameters)?;
        let start = match start {
            Start::First(variance) => {
                let rule = "must be positive";
                check_setting(
                    METHOD,
                    "start",
                    variance,
                    (f64::MIN_POSITIVE, f64::MAX),
                    rule,
                )?;
                start
            }
            Start::Backcast => start,
        };
        let before = match start {
            Start::Backcast => backcast(returns, parameters.mean),
            Start::First(variance) => variance,
        };
        self.filter_from(returns, parameters, start, before)
    }

    /// As [`GarchModel::filter`] with the variance before the sample given, parameters unchecked.
    fn filter_from(
        &self,
        returns: &[f64],
        parameters: &GarchParameters,
        start: Start,
        before: f64,
    ) -> Result<GarchFit, StatisticsError> {
        let mut variances = Vec::with_capacity(returns.len());
        let mut standardised = Vec::with_capacity(returns.len());
        let density = Density::new(parameters.degrees_of_freedom);
        let mut log_likelihood = 0.0;
        let mut state = Recursion::new(self.dynamics, *parameters, start, before);
        for r in returns {
            let (variance, deviation) = state.step(*r);
            log_likelihood += density.log(variance, deviation);
            variances.push(variance);
            standardised.push(deviation / variance.sqrt());
        }
        if !log_likelihood.is_finite() {
            return Err(StatisticsError::Constant {
                method: METHOD,
                series: 0,
            });
        }
        let (count, size) = (self.parameters() as f64, returns.len() as f64);
        Ok(GarchFit {
            model: *self,
            parameters: *parameters,
            log_likelihood,
            aic: 2.0 * (count - log_likelihood),
            bic: count * size.ln() - 2.0 * log_likelihood,
            variances,
            standardised,
        })
    }

    fn check(&self, p: &GarchParameters) -> Result<(), StatisticsError> {
        let check =
            |setting, value, range, rule| check_setting(METHOD, setting, value, range, rule);
        let finite = (-1e100, 1e100);
        check("mean", p.mean, finite, "must be finite")?;
        check("omega", p.omega, finite, "must be finite")?;
        check("alpha", p.alpha, finite, "must be finite")?;
        check("gamma", p.gamma, finite, "must be finite")?;
        match self.dynamics {
            Dynamics::Egarch => {
                let inside = 1.0 - f64::EPSILON;
                check(
                    "beta",
                    p.beta,
                    (-inside, inside),
                    "must lie between -1 and 1",
                )?;
            }
            Dynamics::Garch | Dynamics::Gjr => {
                let positive = (f64::MIN_POSITIVE, 1e100);
                check("omega", p.omega, positive, "must be positive")?;
                check("alpha", p.alpha, (0.0, 1e100), "must not be negative")?;
                check("beta", p.beta, (0.0, 1.0), "must lie between 0 and 1")?;
                let losses = (-p.alpha, 1e100);
                check("gamma", p.gamma, losses, "must not be below -alpha")?;
                // Rounding must not refuse a fit that lies on the bound.
                let sum = p.alpha + 0.5 * p.gamma + p.beta;
                let rule = "alpha + gamma/2 + beta must not exceed 1";
                check("persistence", sum, (0.0, 1.0 + 1e-9), rule)?;
            }
        }
        if self.dynamics == Dynamics::Garch {
            check(
                "gamma",
                p.gamma,
                (0.0, 0.0),
                "must be 0 in a symmetric model",
            )?;
        }
        match (self.errors, p.degrees_of_freedom) {
            (Errors::Normal, None) => Ok(()),
            (Errors::Normal, Some(nu)) => {
                let rule = "must be left out with normal errors";
                check("degrees of freedom", nu, (f64::NAN, f64::NAN), rule)
            }
            (Errors::StudentT, nu) => {
                let nu = nu.unwrap_or(f64::NAN);
                let range = (2.0 + 1e-9, 1e6);
                check("degrees of freedom", nu, range, "must be given and above 2")
            }
        }
    }
}

/// The exponentially weighted mean of the first squared deviations.
fn backcast(returns: &[f64], mean: f64) -> f64 {
    let mut weight = 1.0;
    let (mut sum, mut total) = (0.0, 0.0);
    for r in returns.iter().take(75) {
        sum += weight * (r - mean) * (r - mean);
        total += weight;
        weight *= 0.94;
    }
    sum / total
}

/// Log density of a deviation with a given variance.
#[derive(Debug, Clone, Copy)]
struct Density {
    constant: f64,
    degrees: Option<f64>,
}

impl Density {
    fn new(degrees: Option<f64>) -> Self {
        let constant = match degrees {
            None => -0.5 * (2.0 * PI).ln(),
            Some(nu) => {
                libm::lgamma(0.5 * (nu + 1.0))
                    - libm::lgamma(0.5 * nu)
                    - 0.5 * (PI * (nu - 2.0)).ln()
            }
        };
        Self { constant, degrees }
    }

    fn log(&self, variance: f64, deviation: f64) -> f64 {
        let square = deviation * deviation / variance;
        let shape = match self.degrees {
            None => 0.5 * square,
            Some(nu) => 0.5 * (nu + 1.0) * (square / (nu - 2.0)).ln_1p(),
        };
        self.constant - 0.5 * variance.ln() - shape
    }
}

/// The variance equation in motion.
#[derive(Debug, Clone, Copy)]
struct Recursion {
    dynamics: Dynamics,
    parameters: GarchParameters,
    /// Variance of the row to come.
    next: f64,
}

impl Recursion {
    fn new(dynamics: Dynamics, parameters: GarchParameters, start: Start, before: f64) -> Self {
        let p = parameters;
        let next = match (start, dynamics) {
            (Start::First(variance), _) => variance,
            (Start::Backcast, Dynamics::Egarch) => (p.omega + p.beta * before.ln()).exp(),
            (Start::Backcast, Dynamics::Garch | Dynamics::Gjr) => {
                p.omega + (p.alpha + 0.5 * p.gamma + p.beta) * before
            }
        };
        Self {
            dynamics,
            parameters,
            next,
        }
    }

    /// The variance of this return and its deviation from the mean.
    #[inline]
    fn step(&mut self, r: f64) -> (f64, f64) {
        let (variance, deviation) = (self.next, r - self.parameters.mean);
        self.next = following(self.dynamics, &self.parameters, variance, deviation);
        (variance, deviation)
    }
}

/// The variance after a row with this variance and deviation.
fn following(dynamics: Dynamics, p: &GarchParameters, variance: f64, deviation: f64) -> f64 {
    match dynamics {
        Dynamics::Egarch => {
            let z = deviation / variance.sqrt();
            let news = p.alpha * (z.abs() - FRAC_2_PI.sqrt()) + p.gamma * z;
            (p.omega + news + p.beta * variance.ln()).exp()
        }
        Dynamics::Garch | Dynamics::Gjr => {
            let weight = if deviation < 0.0 {
                p.alpha + p.gamma
            } else {
                p.alpha
            };
            p.omega + weight * deviation * deviation + p.beta * variance
        }
    }
}
