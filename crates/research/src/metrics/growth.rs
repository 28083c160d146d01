//! Growth of capital: returns from equity, compounding, annual growth and volatility.

use super::conventions::Conventions;
use super::moments::{count, raw_mean, standard_deviation};
use super::undefined::{Metric, Undefined, finite, observed};

/// Simple returns between consecutive values of an equity or price series.
///
/// # Errors
/// [`Undefined::Ruined`] where a value that must serve as a base is zero or negative,
/// [`Undefined::NonFinite`] for NaN or infinity. The last value may be zero or negative: that is a
/// return of -100 % or worse, not a base.
pub fn simple_returns(values: &[f64]) -> Result<Vec<f64>, Undefined> {
    observed(values, 0)?;
    let mut returns = Vec::with_capacity(values.len().saturating_sub(1));
    for (index, pair) in values.windows(2).enumerate() {
        let &[from, to] = pair else { continue };
        if from <= 0.0 {
            return Err(Undefined::Ruined { index });
        }
        returns.push(to / from - 1.0);
    }
    Ok(returns)
}

/// Wealth of one unit invested before the first return: starts with 1, one entry per return after.
///
/// # Errors
/// [`Undefined::NonFinite`] for a NaN or infinite return.
pub fn wealth_curve(returns: &[f64]) -> Result<Vec<f64>, Undefined> {
    observed(returns, 0)?;
    let mut wealth = 1.0;
    let grown = returns.iter().map(|r| {
        wealth *= 1.0 + r;
        wealth
    });
    Ok(std::iter::once(1.0).chain(grown).collect())
}

/// Compounded return over the whole series.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn total_return(returns: &[f64]) -> Metric {
    observed(returns, 1)?;
    finite(returns.iter().fold(1.0, |wealth, r| wealth * (1.0 + r)) - 1.0)
}

/// Compound annual growth rate: `(1 + total)^(periods per year / n) - 1`.
///
/// # Errors
/// [`Undefined`] when empty or not finite; [`Undefined::Ruined`] when wealth ends at or below zero
/// on the way.
pub fn cagr(returns: &[f64], conventions: &Conventions) -> Metric {
    observed(returns, 1)?;
    if let Some(index) = returns.iter().position(|r| *r <= -1.0) {
        return Err(Undefined::Ruined { index });
    }
    let wealth = 1.0 + total_return(returns)?;
    finite(wealth.powf(conventions.periods()? / count(returns)) - 1.0)
}

/// Annual volatility: sample deviation (`ddof = 1`) of returns times the root of periods per year.
///
/// # Errors
/// [`Undefined`] with fewer than two observations.
pub fn annual_volatility(returns: &[f64], conventions: &Conventions) -> Metric {
    finite(standard_deviation(returns)? * conventions.periods()?.sqrt())
}

/// Stability: R² of an ordinary least-squares line through cumulative log returns over time
/// (as empyrical). 1 is a perfectly exponential equity curve.
///
/// # Errors
/// [`Undefined`] with fewer than two observations, a ruinous return, or no variation.
pub fn stability(returns: &[f64]) -> Metric {
    observed(returns, 2)?;
    if let Some(index) = returns.iter().position(|r| *r <= -1.0) {
        return Err(Undefined::Ruined { index });
    }
    let mut sum = 0.0;
    let log_wealth: Vec<f64> = returns
        .iter()
        .map(|r| {
            sum += r.ln_1p();
            sum
        })
        .collect();
    let y_mean = raw_mean(&log_wealth);
    let x_mean = (count(&log_wealth) - 1.0) / 2.0;
    let (mut sxy, mut sxx, mut syy, mut x) = (0.0, 0.0, 0.0, 0.0);
    for y in &log_wealth {
        sxy += (x - x_mean) * (y - y_mean);
        sxx += (x - x_mean) * (x - x_mean);
        syy += (y - y_mean) * (y - y_mean);
        x += 1.0;
    }
    if syy <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    finite(sxy * sxy / (sxx * syy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_rebuild_the_equity_they_came_from() {
        let equity = [100.0, 110.0, 99.0, 120.0];
        let returns = simple_returns(&equity).unwrap();
        let wealth = wealth_curve(&returns).unwrap();
        for (w, e) in wealth.iter().zip(equity) {
            assert!((w * 100.0 - e).abs() < 1e-12);
        }
    }

    #[test]
    fn a_wiped_out_account_has_no_growth_rate() {
        let daily = Conventions::daily();
        assert_eq!(
            cagr(&[0.1, -1.0, 0.2], &daily),
            Err(Undefined::Ruined { index: 1 })
        );
        assert_eq!(
            simple_returns(&[1.0, 0.0, 1.0]),
            Err(Undefined::Ruined { index: 1 })
        );
        assert_eq!(simple_returns(&[1.0, 0.0]), Ok(vec![-1.0]));
    }
}
