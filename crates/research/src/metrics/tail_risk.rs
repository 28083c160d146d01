//! Value at risk and expected shortfall of one return series.
//!
//! `VaR` at 95 % is the return that one period in twenty falls below; `CVaR` the mean return of that
//! tail. Both are returns: negative when they hurt. They are per period, not annualised.

use super::moments::{
    count, excess_kurtosis_population, positive_deviation, quantile_sorted, raw_mean,
    skewness_population, sorted, varied,
};
use super::normal::{normal_pdf, normal_quantile};
use super::undefined::{Metric, Undefined, finite, observed};

/// A confidence level within (0.5, 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// Checks the level.
    ///
    /// # Errors
    /// [`Undefined::OutOfRange`] outside (0.5, 1).
    pub fn new(level: f64) -> Result<Self, Undefined> {
        if level > 0.5 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(Undefined::OutOfRange { name: "confidence" })
        }
    }

    /// The level, 0.95 for 95 %.
    pub fn level(self) -> f64 {
        self.0
    }

    /// Probability of the tail, 0.05 for 95 %.
    pub fn tail(self) -> f64 {
        1.0 - self.0
    }

    /// Standard normal quantile of the tail, negative.
    fn z(self) -> Metric {
        normal_quantile(self.tail())
    }
}

/// Historical `VaR`: percentile of returns by linear interpolation (numpy's default).
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn var_historical(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 1)?;
    quantile_sorted(&sorted(returns), confidence.tail())
}

/// Historical `VaR` as an order statistic: the worst return left after cutting off `tail * n`
/// observations, rounded up (as skfolio, there with positive sign).
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn var_order_statistic(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 1)?;
    let rank = order_rank(returns.len(), confidence);
    sorted(returns)
        .get(rank)
        .copied()
        .ok_or(Undefined::TooFew { needed: 1, got: 0 })
}

/// `ceil(tail * n) - 1`, not below zero.
fn order_rank(n: usize, confidence: Confidence) -> usize {
    let position = (confidence.tail() * n as f64).ceil() - 1.0;
    super::moments::floor_index(position.max(0.0))
}

/// Normal `VaR`: `mean + deviation * z`, sample deviation (`ddof = 1`).
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn var_normal(returns: &[f64], confidence: Confidence) -> Metric {
    let deviation = positive_deviation(returns)?;
    finite(raw_mean(returns) + deviation * confidence.z()?)
}

/// Normal `VaR` around a mean of zero: `deviation * z` (`RiskMetrics` 1996 convention).
///
/// # Errors
/// As [`var_normal`].
pub fn var_normal_zero_mean(returns: &[f64], confidence: Confidence) -> Metric {
    finite(positive_deviation(returns)? * confidence.z()?)
}

/// Cornish-Fisher (modified) `VaR` (Favre and Galeano 2002): the normal quantile corrected by
/// population skewness and excess kurtosis, sample deviation.
///
/// # Errors
/// [`Undefined`] with fewer than four observations or no variation.
pub fn var_cornish_fisher(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 4)?;
    let deviation = positive_deviation(returns)?;
    let s = skewness_population(returns)?;
    let k = excess_kurtosis_population(returns)?;
    let z = confidence.z()?;
    let corrected = z + (z * z - 1.0) * s / 6.0 + (z * z * z - 3.0 * z) * k / 24.0
        - (2.0 * z * z * z - 5.0 * z) * s * s / 36.0;
    finite(raw_mean(returns) + deviation * corrected)
}

/// `VaR` of an exponentially weighted volatility (`RiskMetrics` 1996): variance starts at the first
/// squared return, mean zero, `decay` 0.94 for daily data. The forecast for the period after the last
/// return.
///
/// # Errors
/// [`Undefined`] when empty, without variation, or `decay` is outside (0, 1).
pub fn var_ewma(returns: &[f64], decay: f64, confidence: Confidence) -> Metric {
    observed(returns, 1)?;
    if !(decay > 0.0 && decay < 1.0) {
        return Err(Undefined::OutOfRange { name: "decay" });
    }
    let mut squares = returns.iter().map(|r| r * r);
    let first = squares
        .next()
        .ok_or(Undefined::TooFew { needed: 1, got: 0 })?;
    let variance = squares.fold(first, |v, square| decay * v + (1.0 - decay) * square);
    if variance <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    finite(variance.sqrt() * confidence.z()?)
}

/// Historical `CVaR`: mean of the returns at or below [`var_historical`].
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn cvar_historical(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 1)?;
    cvar_historical_sorted(&sorted(returns), confidence)
}

/// [`cvar_historical`] of returns in ascending order.
pub(super) fn cvar_historical_sorted(sorted: &[f64], confidence: Confidence) -> Metric {
    let limit = quantile_sorted(sorted, confidence.tail())?;
    let tail = sorted
        .get(..sorted.partition_point(|r| *r <= limit))
        .unwrap_or_default();
    if tail.is_empty() {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    finite(raw_mean(tail))
}

/// Exact expected shortfall of the sample: mean of the worst `tail * n` observations with a
/// fractional weight on the last (Rockafellar and Uryasev 2002).
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn cvar_expected_shortfall(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 1)?;
    tail_mean_sorted(&sorted(returns), confidence)
}

/// Mean of the lowest `tail * n` values of an ascending sample, the last one weighted in part.
pub(super) fn tail_mean_sorted(sorted: &[f64], confidence: Confidence) -> Metric {
    let mass = confidence.tail() * count(sorted);
    let whole = super::moments::floor_index(mass);
    let sum: f64 = sorted.iter().take(whole).sum();
    let last = sorted.get(whole).map_or(0.0, |r| r * (mass - mass.floor()));
    if sorted.is_empty() {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    finite((sum + last) / mass)
}

/// Normal `CVaR`: `mean - deviation * pdf(z) / tail`, sample deviation.
///
/// # Errors
/// As [`var_normal`].
pub fn cvar_normal(returns: &[f64], confidence: Confidence) -> Metric {
    let deviation = positive_deviation(returns)?;
    finite(raw_mean(returns) - deviation * normal_pdf(confidence.z()?) / confidence.tail())
}

/// Entropic `VaR` (Ahmadi-Javid 2012) as a return: the tightest upper bound on `CVaR` from the
/// Chernoff inequality, by golden-section search over the exponent.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn entropic_var(returns: &[f64], confidence: Confidence) -> Metric {
    observed(returns, 2)?;
    varied(returns)?;
    let worst = returns.iter().copied().fold(f64::INFINITY, f64::min);
    let n = count(returns);
    // Loss bound at scale t > 0: t * ln(mean(exp(-r / t)) / tail), shifted by the worst return so
    // that the exponentials stay at or below one.
    let bound = |log_scale: f64| {
        let t = log_scale.exp();
        let sum: f64 = returns.iter().map(|r| ((worst - r) / t).exp()).sum();
        -worst + t * (sum / n / confidence.tail()).ln()
    };
    let deviation = positive_deviation(returns)?.ln();
    let (mut low, mut high) = (deviation - 14.0, deviation + 14.0);
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    for _ in 0..120 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if bound(left) <= bound(right) {
            high = right;
        } else {
            low = left;
        }
    }
    finite(-bound((low + high) / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortfall_lies_beyond_value_at_risk() {
        let returns: Vec<f64> = (0..200_u32)
            .map(|i| (f64::from(i) * 0.7).sin() * 0.02)
            .collect();
        let c = Confidence::new(0.95).unwrap();
        assert!(cvar_historical(&returns, c).unwrap() <= var_historical(&returns, c).unwrap());
        assert!(cvar_normal(&returns, c).unwrap() <= var_normal(&returns, c).unwrap());
        assert!(
            entropic_var(&returns, c).unwrap() <= cvar_expected_shortfall(&returns, c).unwrap()
        );
    }

    #[test]
    fn confidence_outside_its_range_is_refused() {
        for level in [0.5, 1.0, 0.0, -1.0, f64::NAN] {
            assert!(Confidence::new(level).is_err(), "{level}");
        }
    }
}
