//! Moments and order statistics of one sample, used by every other statistic.
//!
//! Two passes over the data: the mean first, then powers of deviations from it, so that a large
//! level does not eat a small spread.

use super::lanes::{highest, lowest, sum_of};
use super::undefined::{Metric, Undefined, finite, observed};

/// Spread at or below this many units of rounding of the largest observation counts as none: it is
/// what arithmetic leaves behind in a series of equal values.
const ROUNDING_UNITS: f64 = 16.0;

/// Arithmetic mean.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn mean(sample: &[f64]) -> Metric {
    observed(sample, 1)?;
    finite(raw_mean(sample))
}

/// Sample variance, `ddof = 1`.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or a non-finite one.
pub fn variance(sample: &[f64]) -> Metric {
    observed(sample, 2)?;
    let m = raw_mean(sample);
    let sum = sum_of(sample, |x| (x - m) * (x - m));
    finite(sum / (count(sample) - 1.0))
}

/// Sample standard deviation, `ddof = 1`. Zero is a valid answer here; ratios to it are not.
///
/// # Errors
/// As [`variance`].
pub fn standard_deviation(sample: &[f64]) -> Metric {
    variance(sample).map(f64::sqrt)
}

/// Standard deviation for use as a divisor.
pub(super) fn positive_deviation(sample: &[f64]) -> Metric {
    let deviation = standard_deviation(sample)?;
    varied(sample)?;
    if deviation > 0.0 {
        Ok(deviation)
    } else {
        Err(Undefined::ZeroVariance)
    }
}

/// Fails when all observations are equal to within rounding.
pub(super) fn varied(sample: &[f64]) -> Result<(), Undefined> {
    let (low, high) = (lowest(sample), highest(sample));
    let scale = low.abs().max(high.abs());
    if high - low <= ROUNDING_UNITS * f64::EPSILON * scale {
        return Err(Undefined::ZeroVariance);
    }
    Ok(())
}

/// Second to fourth central moments divided by n.
struct Central {
    n: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

fn central(sample: &[f64], needed: usize) -> Result<Central, Undefined> {
    observed(sample, needed)?;
    varied(sample)?;
    let n = count(sample);
    let m = raw_mean(sample);
    let m2 = sum_of(sample, |x| (x - m).powi(2));
    let m3 = sum_of(sample, |x| (x - m).powi(3));
    let m4 = sum_of(sample, |x| (x - m).powi(2).powi(2));
    if m2 <= 0.0 {
        return Err(Undefined::ZeroVariance);
    }
    Ok(Central {
        n,
        m2: m2 / n,
        m3: m3 / n,
        m4: m4 / n,
    })
}

/// Population skewness `m3 / m2^1.5` (biased, as `scipy.stats.skew`).
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn skewness_population(sample: &[f64]) -> Metric {
    let c = central(sample, 2)?;
    finite(c.m3 / c.m2.powf(1.5))
}

/// Sample skewness, bias-corrected G1 of Joanes and Gill (1998), as pandas and Excel.
///
/// # Errors
/// [`Undefined`] with fewer than three observations or no variation.
pub fn skewness(sample: &[f64]) -> Metric {
    let c = central(sample, 3)?;
    finite(c.m3 / c.m2.powf(1.5) * (c.n * (c.n - 1.0)).sqrt() / (c.n - 2.0))
}

/// Population excess kurtosis `m4 / m2^2 - 3` (biased, as `scipy.stats.kurtosis`).
///
/// # Errors
/// [`Undefined`] with fewer than two observations or no variation.
pub fn excess_kurtosis_population(sample: &[f64]) -> Metric {
    let c = central(sample, 2)?;
    finite(c.m4 / (c.m2 * c.m2) - 3.0)
}

/// Sample excess kurtosis, bias-corrected G2 of Joanes and Gill (1998), as pandas and Excel.
///
/// # Errors
/// [`Undefined`] with fewer than four observations or no variation.
pub fn excess_kurtosis(sample: &[f64]) -> Metric {
    let c = central(sample, 4)?;
    let g2 = c.m4 / (c.m2 * c.m2) - 3.0;
    finite((c.n - 1.0) / ((c.n - 2.0) * (c.n - 3.0)) * ((c.n + 1.0) * g2 + 6.0))
}

/// Mean absolute deviation from the mean.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn mean_absolute_deviation(sample: &[f64]) -> Metric {
    let m = mean(sample)?;
    finite(sum_of(sample, |x| (x - m).abs()) / count(sample))
}

/// Mean absolute difference of two distinct observations (Gini 1912), by the sorted-weights form.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or a non-finite one.
pub fn gini_mean_difference(sample: &[f64]) -> Metric {
    observed(sample, 2)?;
    let sorted = sorted(sample);
    let n = count(sample);
    let mut weight = 1.0 - n;
    let mut sum = 0.0;
    for x in &sorted {
        sum += weight * x;
        weight += 2.0;
    }
    finite(2.0 * sum / (n * (n - 1.0)))
}

/// Deviation below the mean: `sqrt(sum(min(x - mean, 0)^2) / (n - 1))`.
///
/// # Errors
/// [`Undefined`] with fewer than two observations or a non-finite one.
pub fn semi_deviation(sample: &[f64]) -> Metric {
    observed(sample, 2)?;
    let m = raw_mean(sample);
    let sum = sum_of(sample, |x| (x - m).min(0.0).powi(2));
    finite((sum / (count(sample) - 1.0)).sqrt())
}

/// Quantile by linear interpolation of order statistics at `(n - 1) * probability`
/// (Hyndman and Fan type 7, the default of numpy).
///
/// # Errors
/// [`Undefined`] when empty, not finite, or `probability` is outside 0..=1.
pub fn quantile(sample: &[f64], probability: f64) -> Metric {
    observed(sample, 1)?;
    quantile_sorted(&sorted(sample), probability)
}

/// [`quantile`] of a sample that is already in ascending order.
pub(super) fn quantile_sorted(sorted: &[f64], probability: f64) -> Metric {
    if !(0.0..=1.0).contains(&probability) {
        return Err(Undefined::OutOfRange {
            name: "probability",
        });
    }
    let position = probability * (count(sorted) - 1.0);
    let below = floor_index(position);
    let fraction = position - position.floor();
    let low = sorted.get(below).ok_or(Undefined::TooFew {
        needed: 1,
        got: sorted.len(),
    })?;
    let high = sorted.get(below + 1).unwrap_or(low);
    finite(low + (high - low) * fraction)
}

/// Ascending copy.
pub(super) fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut copy = sample.to_vec();
    copy.sort_unstable_by(f64::total_cmp);
    copy
}

/// Number of observations as `f64`; exact far beyond any series that fits in memory.
pub(super) fn count(sample: &[f64]) -> f64 {
    sample.len() as f64
}

/// Mean of a sample that is known to be finite and not empty.
pub(super) fn raw_mean(sample: &[f64]) -> f64 {
    sum_of(sample, |x| x) / count(sample)
}

/// Largest index at or below a non-negative position; negative and NaN positions give zero.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float-to-integer `as` saturates, and positions are computed from slice lengths"
)]
pub(crate) fn floor_index(position: f64) -> usize {
    position.floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_dust_is_no_variation() {
        let dusty = [0.1 + 0.2, 0.3, 0.1 + 0.2];
        assert_eq!(positive_deviation(&dusty), Err(Undefined::ZeroVariance));
        assert_eq!(skewness(&dusty), Err(Undefined::ZeroVariance));
    }

    #[test]
    fn a_nan_is_named_by_its_position() {
        assert_eq!(
            mean(&[1.0, f64::NAN]),
            Err(Undefined::NonFinite { index: 1 })
        );
    }

    #[test]
    fn quantile_meets_the_ends() {
        let sample = [3.0, 1.0, 2.0];
        assert_eq!(quantile(&sample, 0.0), Ok(1.0));
        assert_eq!(quantile(&sample, 1.0), Ok(3.0));
        assert_eq!(quantile(&sample, 0.25), Ok(1.5));
        assert!(quantile(&sample, 1.1).is_err());
    }
}
