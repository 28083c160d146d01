//! How much a Sharpe ratio means, given the length and shape of the record and the number of tries.
//!
//! Bailey and Lopez de Prado, "The Sharpe Ratio Efficient Frontier" (2012) and "The Deflated Sharpe
//! Ratio" (2014). All Sharpe ratios in this file are **per period**, not annualised; skewness and
//! kurtosis are the population forms, kurtosis not in excess.

use super::conventions::Conventions;
use super::moments::{
    count, excess_kurtosis_population, positive_deviation, raw_mean, skewness_population,
};
use super::normal::{normal_cdf, normal_quantile};
use super::ratios::excess;
use super::undefined::{Metric, Undefined, finite};

/// Euler-Mascheroni constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// Mean excess return over sample deviation, per period.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn sharpe_per_period(returns: &[f64], conventions: &Conventions) -> Metric {
    let excess = excess(returns, conventions)?;
    finite(raw_mean(&excess) / positive_deviation(&excess)?)
}

/// Variance factor of the Sharpe estimator for non-normal returns (Mertens 2002):
/// `1 - skew * sr + (kurtosis - 1) / 4 * sr^2`.
fn shape(returns: &[f64], ratio: f64) -> Metric {
    let skew = skewness_population(returns)?;
    let kurtosis = excess_kurtosis_population(returns)? + 3.0;
    let factor = 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio * ratio;
    if factor > 0.0 {
        finite(factor)
    } else {
        Err(Undefined::ZeroVariance)
    }
}

/// Standard error of the Sharpe ratio per period: `sqrt(shape / (n - 1))`.
///
/// # Errors
/// As [`sharpe_per_period`].
pub fn sharpe_standard_error(returns: &[f64], conventions: &Conventions) -> Metric {
    let ratio = sharpe_per_period(returns, conventions)?;
    finite((shape(returns, ratio)? / (count(returns) - 1.0)).sqrt())
}

/// Probabilistic Sharpe ratio: probability that the true Sharpe ratio per period exceeds `target`.
///
/// # Errors
/// As [`sharpe_per_period`].
pub fn probabilistic_sharpe(returns: &[f64], target: f64, conventions: &Conventions) -> Metric {
    let ratio = sharpe_per_period(returns, conventions)?;
    finite(normal_cdf(
        (ratio - target) / sharpe_standard_error(returns, conventions)?,
    ))
}

/// Least number of periods after which the observed Sharpe ratio is above `target` with the given
/// confidence.
///
/// # Errors
/// [`Undefined::NoGains`] when the observed ratio is not above the target; otherwise as
/// [`sharpe_per_period`].
pub fn minimum_track_record(
    returns: &[f64],
    target: f64,
    confidence: f64,
    conventions: &Conventions,
) -> Metric {
    let ratio = sharpe_per_period(returns, conventions)?;
    if ratio <= target {
        return Err(Undefined::NoGains);
    }
    let z = normal_quantile(confidence)?;
    finite(1.0 + shape(returns, ratio)? * (z / (ratio - target)).powi(2))
}

/// The search that a strategy came out of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trials {
    /// Number of independent configurations tried, at least one.
    pub count: usize,
    /// Variance of the Sharpe ratios per period across the configurations.
    pub sharpe_variance: f64,
}

/// Sharpe ratio per period that the best of `trials` reaches by luck alone:
/// `sqrt(V) * ((1 - g) Z(1 - 1/N) + g Z(1 - 1/(N e)))`, g the Euler-Mascheroni constant. Zero for a
/// single trial.
///
/// # Errors
/// [`Undefined::OutOfRange`] for no trials or a negative variance.
pub fn expected_maximum_sharpe(trials: Trials) -> Metric {
    let variance = trials.sharpe_variance;
    if trials.count == 0 || !variance.is_finite() || variance < 0.0 {
        return Err(Undefined::OutOfRange { name: "trials" });
    }
    if trials.count == 1 {
        return Ok(0.0);
    }
    let n = trials.count as f64;
    let first = normal_quantile(1.0 - 1.0 / n)?;
    let second = normal_quantile(1.0 - 1.0 / (n * std::f64::consts::E))?;
    finite(variance.sqrt() * ((1.0 - EULER) * first + EULER * second))
}

/// Deflated Sharpe ratio: [`probabilistic_sharpe`] against [`expected_maximum_sharpe`].
///
/// # Errors
/// As both.
pub fn deflated_sharpe(returns: &[f64], trials: Trials, conventions: &Conventions) -> Metric {
    probabilistic_sharpe(returns, expected_maximum_sharpe(trials)?, conventions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expected_maximum_follows_the_paper() {
        // Bailey and Lopez de Prado (2014), numerical example: N = 100, V[SR] = 1/2 per year over
        // 250 observations a year gives SR0 = 0.1132 per period.
        let trials = Trials {
            count: 100,
            sharpe_variance: 0.5 / 250.0,
        };
        assert!((expected_maximum_sharpe(trials).unwrap() - 0.1132).abs() < 5e-5);
    }

    #[test]
    fn more_trials_deflate_more() {
        let returns: Vec<f64> = (0..500_u32)
            .map(|i| 0.001 + 0.01 * (f64::from(i) * 1.3).sin())
            .collect();
        let daily = Conventions::daily();
        let deflated = |count| {
            deflated_sharpe(
                &returns,
                Trials {
                    count,
                    sharpe_variance: 0.001,
                },
                &daily,
            )
            .unwrap()
        };
        assert!(deflated(1) > deflated(10) && deflated(10) > deflated(1000));
    }
}
