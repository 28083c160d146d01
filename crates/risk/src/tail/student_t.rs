//! Student's t distribution with location and scale, fitted by maximum likelihood.

use libm::lgamma;
use statrs::function::beta::beta_reg;

use super::{TailError, check, maximise};

/// Degrees of freedom that are tried.
const DEGREES: (f64, f64) = (0.3, 500.0);

/// A fitted distribution of returns.
///
/// ```
/// use trader_risk::tail::StudentT;
///
/// let returns: Vec<f64> = (0..500).map(|i| 0.01 * f64::from(i * 7919 % 1000 - 500) / 200.0).collect();
/// let fit = StudentT::fit(&returns)?;
/// assert!(fit.expected_shortfall(0.05)? > fit.value_at_risk(0.05)?);
/// # Ok::<(), trader_risk::tail::TailError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StudentT {
    /// Degrees of freedom: the smaller, the heavier the tails; 500 (the most) is as good as normal.
    pub degrees: f64,
    /// The middle of the distribution.
    pub location: f64,
    /// Scale; the standard deviation is this times `sqrt(degrees / (degrees - 2))`.
    pub scale: f64,
    /// Log likelihood of the returns.
    pub log_likelihood: f64,
}

impl StudentT {
    /// Fits returns of one period each. For given degrees of freedom location and scale follow by
    /// weighted means (Lange, Little and Taylor 1989); the degrees maximise what is left.
    ///
    /// # Errors
    /// [`TailError`] for fewer than 20 returns, one that is not finite, or no variation.
    pub fn fit(returns: &[f64]) -> Result<Self, TailError> {
        check(returns, 20)?;
        // Around 0 with a spread of 1, whatever the units.
        let n = returns.len() as f64;
        let mean = returns.iter().sum::<f64>() / n;
        let spread = (returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n).sqrt();
        let scaled: Vec<f64> = returns.iter().map(|r| (r - mean) / spread).collect();
        let ends = (DEGREES.0.ln(), DEGREES.1.ln());
        let best = maximise(ends, 24, |log| at(&scaled, log.exp()).log_likelihood);
        let fit = at(&scaled, best.exp());
        Ok(Self {
            location: mean + spread * fit.location,
            scale: spread * fit.scale,
            log_likelihood: fit.log_likelihood - n * spread.ln(),
            ..fit
        })
    }

    /// The loss that one period in `1/tail` exceeds.
    ///
    /// # Errors
    /// [`TailError::Probability`] unless `0 < tail < 0.5`.
    pub fn value_at_risk(&self, tail: f64) -> Result<f64, TailError> {
        Ok(-self.location - self.scale * quantile(tail, self.degrees)?)
    }

    /// The mean loss of those periods.
    ///
    /// # Errors
    /// [`TailError::Probability`] unless `0 < tail < 0.5`; [`TailError::NoMean`] with one degree of
    /// freedom or less.
    pub fn expected_shortfall(&self, tail: f64) -> Result<f64, TailError> {
        let v = self.degrees;
        let q = quantile(tail, v)?;
        if v <= 1.0 {
            return Err(TailError::NoMean);
        }
        let density = (log_constant(v) - 0.5 * (v + 1.0) * (q * q / v).ln_1p()).exp();
        let beyond = (v + q * q) / (v - 1.0) * density / tail;
        Ok(-self.location + self.scale * beyond)
    }
}

/// The likeliest location and scale for given degrees of freedom.
fn at(x: &[f64], degrees: f64) -> StudentT {
    let n = x.len() as f64;
    let (mut location, mut variance) = (0.0, 1.0);
    for _ in 0..500 {
        let (mut weights, mut sum) = (0.0, 0.0);
        for x in x {
            let z = (x - location) * (x - location) / variance;
            let weight = (degrees + 1.0) / (degrees + z);
            weights += weight;
            sum += weight * x;
        }
        let middle = sum / weights;
        let squares: f64 = x
            .iter()
            .map(|x| {
                let z = (x - location) * (x - location) / variance;
                (degrees + 1.0) / (degrees + z) * (x - middle) * (x - middle)
            })
            .sum();
        // Over the sum of the weights instead of n: the same fixed point, reached sooner (Kent, Tyler
        // and Vardi 1994).
        let next = squares / weights;
        let settled = (next / variance - 1.0).abs() < 1e-13 && (middle - location).abs() < 1e-13;
        (location, variance) = (middle, next.max(1e-280));
        if settled {
            break;
        }
    }
    let scale = variance.sqrt();
    let logs: f64 = x
        .iter()
        .map(|x| ((x - location) * (x - location) / (variance * degrees)).ln_1p())
        .sum();
    StudentT {
        degrees,
        location,
        scale,
        log_likelihood: n * (log_constant(degrees) - scale.ln()) - 0.5 * (degrees + 1.0) * logs,
    }
}

/// Logarithm of the density's factor.
fn log_constant(v: f64) -> f64 {
    lgamma(0.5 * (v + 1.0)) - lgamma(0.5 * v) - 0.5 * (v * std::f64::consts::PI).ln()
}

/// The point that a standard t falls below with probability `tail`, negative; by bisection of its
/// distribution function to the last bits.
fn quantile(tail: f64, degrees: f64) -> Result<f64, TailError> {
    if !(tail > 0.0 && tail < 0.5) {
        return Err(TailError::Probability { tail, limit: 0.5 });
    }
    let below = |t: f64| {
        let share = degrees / (degrees + t * t);
        0.5 * beta_reg(0.5 * degrees, 0.5, share)
    };
    let (mut near, mut far) = (0.0, 1.0);
    while below(far) > tail && far < 1e150 {
        (near, far) = (far, 2.0 * far);
    }
    for _ in 0..100 {
        let middle = 0.5 * (near + far);
        if below(middle) > tail {
            near = middle;
        } else {
            far = middle;
        }
    }
    Ok(-0.5 * (near + far))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        // scipy.stats.t.ppf.
        for (tail, degrees, expected) in [
            (0.05, 1.0, -6.313_751_514_675_037),
            (0.01, 3.0, -4.540_702_858_698_42),
            (0.05, 10.0, -1.812_461_122_811_676),
            (0.025, 30.0, -2.042_272_456_301_238),
        ] {
            let found = quantile(tail, degrees).unwrap();
            assert!(
                (found / expected - 1.0).abs() < 1e-10,
                "{found} for {expected}"
            );
        }
        for tail in [0.0, 0.5, -1.0, f64::NAN] {
            assert!(quantile(tail, 3.0).is_err());
        }
    }
}
