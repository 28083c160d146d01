//! A strategy against its benchmark: regression, tracking, capture. Both series hold the returns of
//! the same periods, in the same order (see [`align_by_date`](super::align_by_date)).

use super::conventions::Conventions;
use super::growth::cagr;
use super::moments::{count, positive_deviation, raw_mean, varied};
use super::ratios::excess;
use super::undefined::{Metric, Undefined, finite, observed_pair};

/// Sums of squared and cross deviations from the means.
struct Cross {
    sxx: f64,
    syy: f64,
    sxy: f64,
}

fn cross(x: &[f64], y: &[f64]) -> Result<Cross, Undefined> {
    observed_pair(x, y, 2)?;
    let (mx, my) = (raw_mean(x), raw_mean(y));
    let mut sums = Cross {
        sxx: 0.0,
        syy: 0.0,
        sxy: 0.0,
    };
    for (a, b) in x.iter().zip(y) {
        sums.sxx += (a - mx) * (a - mx);
        sums.syy += (b - my) * (b - my);
        sums.sxy += (a - mx) * (b - my);
    }
    Ok(sums)
}

/// Beta: covariance with the benchmark over the benchmark's variance. Subtracting a constant
/// risk-free rate from both changes nothing.
///
/// # Errors
/// [`Undefined`] with fewer than two pairs or a benchmark without variation.
pub fn beta(returns: &[f64], benchmark: &[f64]) -> Metric {
    let sums = cross(benchmark, returns)?;
    varied(benchmark)?;
    finite(sums.sxy / sums.sxx)
}

/// Pearson correlation.
///
/// # Errors
/// [`Undefined`] with fewer than two pairs or a series without variation.
pub fn correlation(returns: &[f64], benchmark: &[f64]) -> Metric {
    let sums = cross(returns, benchmark)?;
    varied(returns)?;
    varied(benchmark)?;
    finite((sums.sxy / (sums.sxx * sums.syy).sqrt()).clamp(-1.0, 1.0))
}

/// Share of variance that the benchmark explains: squared [`correlation`].
///
/// # Errors
/// As [`correlation`].
pub fn r_squared(returns: &[f64], benchmark: &[f64]) -> Metric {
    correlation(returns, benchmark).map(|r| r * r)
}

/// Jensen's alpha per period: intercept of the regression of excess returns on the benchmark's.
///
/// # Errors
/// As [`beta`].
pub fn alpha_per_period(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    let slope = beta(returns, benchmark)?;
    let rate = conventions.risk_free_per_period()?;
    finite(raw_mean(returns) - rate - slope * (raw_mean(benchmark) - rate))
}

/// Jensen's alpha per year, compounded: `(1 + alpha per period)^periods - 1` (as empyrical).
///
/// # Errors
/// As [`beta`].
pub fn alpha_annual(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    let alpha = alpha_per_period(returns, benchmark, conventions)?;
    finite((1.0 + alpha).powf(conventions.periods()?) - 1.0)
}

/// Treynor ratio: annualised mean excess return over beta.
///
/// # Errors
/// As [`beta`]; [`Undefined::ZeroVariance`] when beta is zero.
pub fn treynor(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    let slope = beta(returns, benchmark)?;
    if slope.abs() < f64::EPSILON {
        return Err(Undefined::ZeroVariance);
    }
    let excess = excess(returns, conventions)?;
    finite(raw_mean(&excess) * conventions.periods()? / slope)
}

/// Returns over the benchmark's.
fn active(returns: &[f64], benchmark: &[f64]) -> Result<Vec<f64>, Undefined> {
    observed_pair(returns, benchmark, 2)?;
    Ok(returns.iter().zip(benchmark).map(|(r, b)| r - b).collect())
}

/// Tracking error per year: sample deviation of active returns times the root of periods per year.
///
/// # Errors
/// [`Undefined`] with fewer than two pairs or active returns without variation.
pub fn tracking_error(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    finite(positive_deviation(&active(returns, benchmark)?)? * conventions.periods()?.sqrt())
}

/// Annual information ratio: annualised mean active return over [`tracking_error`]
/// (Grinold and Kahn 1999).
///
/// # Errors
/// As [`tracking_error`].
pub fn information_ratio(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    let active = active(returns, benchmark)?;
    let deviation = positive_deviation(&active)?;
    finite(raw_mean(&active) / deviation * conventions.periods()?.sqrt())
}

/// Ratio of compound annual growth to the benchmark's over the periods that `keep` selects.
fn capture_where(
    returns: &[f64],
    benchmark: &[f64],
    conventions: &Conventions,
    keep: impl Fn(f64) -> bool,
) -> Metric {
    observed_pair(returns, benchmark, 1)?;
    let (own, reference): (Vec<f64>, Vec<f64>) = returns
        .iter()
        .zip(benchmark)
        .filter(|(_, b)| keep(**b))
        .unzip();
    let base = cagr(&reference, conventions)?;
    if base.abs() < f64::EPSILON {
        return Err(Undefined::ZeroVariance);
    }
    finite(cagr(&own, conventions)? / base)
}

/// Capture: compound annual growth over the benchmark's (as empyrical).
///
/// # Errors
/// [`Undefined`] when empty, or where the benchmark did not move.
pub fn capture(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    capture_where(returns, benchmark, conventions, |_| true)
}

/// [`capture`] over the periods in which the benchmark rose.
///
/// # Errors
/// As [`capture`].
pub fn up_capture(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    capture_where(returns, benchmark, conventions, |b| b > 0.0)
}

/// [`capture`] over the periods in which the benchmark fell.
///
/// # Errors
/// As [`capture`].
pub fn down_capture(returns: &[f64], benchmark: &[f64], conventions: &Conventions) -> Metric {
    capture_where(returns, benchmark, conventions, |b| b < 0.0)
}

/// Share of periods with a return above the benchmark's.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn batting_average(returns: &[f64], benchmark: &[f64]) -> Metric {
    observed_pair(returns, benchmark, 1)?;
    let wins = returns.iter().zip(benchmark).filter(|(r, b)| r > b).count();
    finite(wins as f64 / count(returns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_levered_benchmark_has_that_beta_and_no_alpha() {
        let benchmark = [0.01, -0.02, 0.005, 0.013, -0.004];
        let levered = benchmark.map(|b| 1.5 * b);
        let daily = Conventions::daily();
        assert!((beta(&levered, &benchmark).unwrap() - 1.5).abs() < 1e-12);
        assert!(alpha_annual(&levered, &benchmark, &daily).unwrap().abs() < 1e-12);
        assert!((correlation(&levered, &benchmark).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(
            information_ratio(&benchmark, &benchmark, &daily),
            Err(Undefined::ZeroVariance)
        );
        assert_eq!(beta(&benchmark, &[0.01; 5]), Err(Undefined::ZeroVariance));
        assert_eq!(
            beta(&benchmark, &[0.01]),
            Err(Undefined::LengthMismatch { left: 1, right: 5 })
        );
    }
}
