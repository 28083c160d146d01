//! Decomposition of a portfolio's normal `VaR` into its holdings (Euler allocation; Jorion 2006,
//! chapter 7): how much each weight adds at the margin, and the parts that sum to the whole.

use super::moments::{count, raw_mean};
use super::normal::normal_quantile;
use super::tail_risk::Confidence;
use super::undefined::{Undefined, observed};

/// One holding's share of portfolio `VaR`. Losses are **positive** here: parts of a whole read
/// better without a sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskContribution {
    /// Change of portfolio `VaR` per unit of weight.
    pub marginal: f64,
    /// Weight times marginal; contributions of all holdings sum to the portfolio's `VaR`.
    pub component: f64,
}

/// Contribution of each holding to the zero-mean normal `VaR` of a portfolio with fixed weights.
/// `returns` holds one series per holding, all of the same periods; sample covariance (`ddof = 1`).
///
/// # Errors
/// [`Undefined`] for fewer than two periods, series or weights that do not pair up, or a portfolio
/// without variation.
pub fn var_contributions(
    returns: &[&[f64]],
    weights: &[f64],
    confidence: Confidence,
) -> Result<Vec<RiskContribution>, Undefined> {
    if returns.len() != weights.len() {
        return Err(Undefined::LengthMismatch {
            left: returns.len(),
            right: weights.len(),
        });
    }
    observed(weights, 1)?;
    let periods = returns.first().map_or(0, |series| series.len());
    for series in returns {
        observed(series, 2)?;
        if series.len() != periods {
            return Err(Undefined::LengthMismatch {
                left: periods,
                right: series.len(),
            });
        }
    }
    let mut portfolio = vec![0.0; periods];
    for (series, weight) in returns.iter().zip(weights) {
        for (sum, r) in portfolio.iter_mut().zip(*series) {
            *sum += weight * r;
        }
    }
    let deviation = super::moments::positive_deviation(&portfolio)?;
    let z = -normal_quantile(confidence.tail())?;
    let mean = raw_mean(&portfolio);
    let contributions = returns.iter().zip(weights).map(|(series, weight)| {
        let own = raw_mean(series);
        let cross: f64 = series
            .iter()
            .zip(&portfolio)
            .map(|(r, p)| (r - own) * (p - mean))
            .sum();
        let covariance = cross / (count(series) - 1.0);
        let marginal = z * covariance / deviation;
        RiskContribution {
            marginal,
            component: weight * marginal,
        }
    });
    Ok(contributions.collect())
}
