//! Expected variances after the sample.

use std::f64::consts::FRAC_2_PI;

use super::{Dynamics, Errors, GarchFit, METHOD, following};
use crate::options::black_scholes::normal_cdf;
use crate::statistics::error::{StatisticsError, check_setting};

impl GarchFit {
    /// Conditional variance of the last return of the sample.
    pub fn last_variance(&self) -> f64 {
        self.variances.last().copied().unwrap_or(f64::NAN)
    }

    /// Variance of the first return after the sample, known at its end.
    pub fn next_variance(&self) -> f64 {
        let variance = self.last_variance();
        let z = self.standardised.last().copied().unwrap_or(f64::NAN);
        let deviation = z * variance.sqrt();
        following(self.model.dynamics, &self.parameters, variance, deviation)
    }

    /// Expected variances of the `horizon` returns after the sample, nearest first. Their sum is
    /// the variance of the return over the whole horizon.
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] beyond 100,000 rows, and for EGARCH with Student-t errors beyond one row: the
    /// expectation of an exponential of a t variable does not exist.
    pub fn forecast(&self, horizon: usize) -> Result<Vec<f64>, StatisticsError> {
        let (range, rule) = ((0.0, 1e5), "must be 100,000 rows at most");
        check_setting(METHOD, "horizon", horizon as f64, range, rule)?;
        let p = &self.parameters;
        if self.model.dynamics == Dynamics::Egarch {
            if self.model.errors == Errors::StudentT && horizon > 1 {
                return Err(StatisticsError::InvalidSetting {
                    method: METHOD,
                    setting: "horizon",
                    value: horizon as f64,
                    rule: "EGARCH with Student-t errors has no expected variance beyond one row",
                });
            }
            return Ok(self.exponential(horizon));
        }
        let persistence = p.alpha + 0.5 * p.gamma + p.beta;
        let later = |variance: &f64| Some(p.omega + persistence * variance);
        Ok(std::iter::successors(Some(self.next_variance()), later)
            .take(horizon)
            .collect())
    }

    /// Nelson (1991): each row between now and then contributes the expectation of
    /// `exp(w (alpha (|z| - sqrt(2/pi)) + gamma z))`, which is closed for normal z.
    fn exponential(&self, horizon: usize) -> Vec<f64> {
        let p = &self.parameters;
        let expectation = |weight: f64| {
            let side = |slope: f64| {
                let slope = weight * slope;
                (0.5 * slope * slope).exp() * normal_cdf(slope)
            };
            let centre = (-weight * p.alpha * FRAC_2_PI.sqrt()).exp();
            centre * (side(p.alpha + p.gamma) + side(p.alpha - p.gamma))
        };
        let first = self.next_variance().ln();
        let (mut weight, mut constant, mut factor) = (1.0, 0.0, 1.0);
        let mut variances = Vec::with_capacity(horizon);
        for _ in 0..horizon {
            variances.push(factor * (constant + weight * first).exp());
            constant += p.omega * weight;
            factor *= expectation(weight);
            weight *= p.beta;
        }
        variances
    }
}
