//! Return per unit of risk: Sharpe, Sortino, Calmar, Omega and relatives, from one return series.

use super::conventions::Conventions;
use super::drawdown::{Compounding, max_drawdown};
use super::growth::cagr;
use super::lanes::sum_of;
use super::moments::{count, positive_deviation, quantile_sorted, raw_mean, sorted, varied};
use super::undefined::{Metric, Undefined, finite, observed};

/// Returns over the risk-free rate per period.
pub(super) fn excess(returns: &[f64], conventions: &Conventions) -> Result<Vec<f64>, Undefined> {
    let rate = conventions.risk_free_per_period()?;
    Ok(returns.iter().map(|r| r - rate).collect())
}

/// Annual Sharpe ratio (Sharpe 1994): mean excess return over its sample deviation (`ddof = 1`),
/// times the root of periods per year.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn sharpe(returns: &[f64], conventions: &Conventions) -> Metric {
    let excess = excess(returns, conventions)?;
    let deviation = positive_deviation(&excess)?;
    finite(raw_mean(&excess) / deviation * conventions.periods()?.sqrt())
}

/// Downside deviation per year: root mean square of shortfalls below `target` per period, over
/// **all** observations (Sortino and Price 1994), times the root of periods per year.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn downside_deviation(returns: &[f64], target: f64, conventions: &Conventions) -> Metric {
    observed(returns, 1)?;
    let sum = sum_of(returns, |r| (r - target).min(0.0).powi(2));
    finite((sum / count(returns)).sqrt() * conventions.periods()?.sqrt())
}

/// Annual Sortino ratio: annualised mean excess return over [`downside_deviation`] with the
/// risk-free rate as target.
///
/// # Errors
/// [`Undefined::NoLosses`] when no period fell short of the target; [`Undefined`] with fewer than
/// two observations.
pub fn sortino(returns: &[f64], conventions: &Conventions) -> Metric {
    observed(returns, 2)?;
    let excess = excess(returns, conventions)?;
    let downside = downside_deviation(&excess, 0.0, conventions)?;
    if downside <= 0.0 {
        return Err(Undefined::NoLosses);
    }
    finite(raw_mean(&excess) * conventions.periods()? / downside)
}

/// Calmar ratio: compound annual growth over the absolute maximum drawdown of the whole period
/// (Young 1991 uses three years; whole period as in empyrical and quantstats).
///
/// # Errors
/// [`Undefined::NoDrawdown`] when equity never fell.
pub fn calmar(returns: &[f64], conventions: &Conventions) -> Metric {
    let growth = cagr(returns, conventions)?;
    let worst = max_drawdown(returns, Compounding::Compounded)?;
    if worst >= 0.0 {
        return Err(Undefined::NoDrawdown);
    }
    finite(growth / -worst)
}

/// Omega ratio (Keating and Shadwick 2002): gains over losses around the risk-free rate per period,
/// compounding.
///
/// # Errors
/// [`Undefined::NoLosses`] when no period fell short of the threshold.
pub fn omega(returns: &[f64], conventions: &Conventions) -> Metric {
    observed(returns, 1)?;
    let threshold = conventions.risk_free_compounding()?;
    gains_over_losses(returns, threshold)
}

/// Sum of gains over sum of losses around a threshold.
pub(super) fn gains_over_losses(values: &[f64], threshold: f64) -> Metric {
    let gains = sum_of(values, |r| (r - threshold).max(0.0));
    let losses = sum_of(values, |r| (threshold - r).max(0.0));
    if losses <= 0.0 {
        return Err(Undefined::NoLosses);
    }
    finite(gains / losses)
}

/// Tail ratio: 95th percentile over the absolute 5th percentile (linear interpolation).
///
/// # Errors
/// [`Undefined::NoLosses`] when the 5th percentile is not negative; [`Undefined`] when empty.
pub fn tail_ratio(returns: &[f64]) -> Metric {
    observed(returns, 2)?;
    tail_ratio_sorted(&sorted(returns))
}

/// [`tail_ratio`] of returns in ascending order.
pub(super) fn tail_ratio_sorted(sorted: &[f64]) -> Metric {
    let low = quantile_sorted(sorted, 0.05)?;
    if low >= 0.0 {
        return Err(Undefined::NoLosses);
    }
    finite(quantile_sorted(sorted, 0.95)? / -low)
}

/// Gain-to-pain (Schwager 2012) per period: sum of returns over the absolute sum of losses.
///
/// # Errors
/// [`Undefined::NoLosses`] without a losing period.
pub fn gain_to_pain(returns: &[f64]) -> Metric {
    observed(returns, 1)?;
    gains_over_losses(returns, 0.0).map(|ratio| ratio - 1.0)
}

/// Common-sense ratio: gains over losses times [`tail_ratio`] (as quantstats).
///
/// # Errors
/// As [`gain_to_pain`] and [`tail_ratio`].
pub fn common_sense_ratio(returns: &[f64]) -> Metric {
    observed(returns, 2)?;
    varied(returns)?;
    finite(gains_over_losses(returns, 0.0)? * tail_ratio(returns)?)
}

/// Recovery factor: absolute sum of simple returns over the absolute maximum drawdown
/// (as quantstats).
///
/// # Errors
/// [`Undefined::NoDrawdown`] when equity never fell.
pub fn recovery_factor(returns: &[f64]) -> Metric {
    observed(returns, 1)?;
    let worst = max_drawdown(returns, Compounding::Compounded)?;
    if worst >= 0.0 {
        return Err(Undefined::NoDrawdown);
    }
    finite(returns.iter().sum::<f64>().abs() / -worst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_without_their_denominator_are_undefined() {
        let daily = Conventions::daily();
        let rising = [0.01, 0.02, 0.03];
        assert_eq!(sortino(&rising, &daily), Err(Undefined::NoLosses));
        assert_eq!(calmar(&rising, &daily), Err(Undefined::NoDrawdown));
        assert_eq!(omega(&rising, &daily), Err(Undefined::NoLosses));
        assert_eq!(tail_ratio(&rising), Err(Undefined::NoLosses));
        assert_eq!(sharpe(&[0.01; 30], &daily), Err(Undefined::ZeroVariance));
        assert_eq!(
            sharpe(&[0.01], &daily),
            Err(Undefined::TooFew { needed: 2, got: 1 })
        );
    }
}
