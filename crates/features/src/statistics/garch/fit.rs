//! Maximum-likelihood fits of [`GarchModel`]s.
//!
//! Returns are divided by their standard deviation first, so that any unit may be used. Free
//! coordinates map onto exactly the admissible parameters: weights are squares over one plus their
//! sum, so that a weight of 0 is a point like any other.

use super::{
    Density, Dynamics, Errors, GarchFit, GarchModel, GarchParameters, METHOD, Mean, Recursion,
    Start, backcast,
};
use crate::statistics::error::{StatisticsError, check_sample};
use crate::statistics::optimise::{MOST_STEPS, Minimum, minimise};

/// Fewest returns that a fit accepts.
const FEWEST: usize = 50;

/// Least and most degrees of freedom of a fit.
const DEGREES: (f64, f64) = (2.05, 500.0);

/// Weights of the last squared error and of the last variance to start from.
const STARTS: [(f64, f64); 4] = [(0.05, 0.9), (0.1, 0.8), (0.2, 0.7), (0.02, 0.97)];

impl GarchModel {
    /// The most likely parameters for returns, oldest first, in any unit. Deterministic.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`] with fewer than 50 returns, [`StatisticsError::Missing`],
    /// [`StatisticsError::Constant`], [`StatisticsError::NotConverged`].
    pub fn fit(&self, returns: &[f64]) -> Result<GarchFit, StatisticsError> {
        check_sample(METHOD, 0, returns, FEWEST)?;
        let n = returns.len() as f64;
        let mean = match self.mean {
            Mean::Zero => 0.0,
            Mean::Constant => returns.iter().sum::<f64>() / n,
        };
        let squares: f64 = returns.iter().map(|r| (r - mean) * (r - mean)).sum();
        let scale = (squares / n).sqrt();
        let constant = StatisticsError::Constant {
            method: METHOD,
            series: 0,
        };
        if scale <= 4.0 * f64::EPSILON * mean.abs() || scale <= 0.0 {
            return Err(constant);
        }
        let unit: Vec<f64> = returns.iter().map(|r| r / scale).collect();
        // Of the plain deviations, whatever mean the search tries.
        let before = backcast(&unit, mean / scale);
        if before <= 0.0 {
            return Err(constant);
        }
        let best = self.search(&unit, mean / scale, before);
        if !best.settled {
            return Err(StatisticsError::NotConverged {
                method: METHOD,
                iterations: MOST_STEPS,
            });
        }
        let parameters = self.rescale(self.unpack(&best.point), scale);
        let before = before * scale * scale;
        self.filter_from(returns, &parameters, Start::Backcast, before)
    }

    /// The best of the searches from the two most promising starts.
    fn search(&self, unit: &[f64], mean: f64, before: f64) -> Minimum {
        let cost = |point: &[f64]| -self.likelihood(unit, &self.unpack(point), before);
        let mut starts = STARTS.map(|(alpha, beta)| {
            let point = self.pack(mean, alpha, beta);
            (cost(&point), point)
        });
        starts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [first, second, ..] = starts.map(|(_, point)| point);
        let (one, other) = (minimise(&first, &cost), minimise(&second, &cost));
        if other.value < one.value && other.settled || !one.settled {
            other
        } else {
            one
        }
    }

    fn likelihood(&self, returns: &[f64], parameters: &GarchParameters, before: f64) -> f64 {
        let density = Density::new(parameters.degrees_of_freedom);
        let mut state = Recursion::new(self.dynamics, *parameters, Start::Backcast, before);
        returns
            .iter()
            .map(|r| {
                let (variance, deviation) = state.step(*r);
                density.log(variance, deviation)
            })
            .sum()
    }

    /// Free coordinates of a start: level of variance, weights, then what the model adds.
    fn pack(&self, mean: f64, alpha: f64, beta: f64) -> Vec<f64> {
        let rest = 1.0 - alpha - beta;
        let root = |share: f64| (share / rest).sqrt();
        let mut point = match self.dynamics {
            Dynamics::Garch => vec![0.0, root(alpha), root(beta)],
            Dynamics::Gjr => vec![0.0, root(0.2 * alpha), root(0.8 * alpha), root(beta)],
            Dynamics::Egarch => vec![0.0, alpha, -0.5 * alpha, (alpha + beta).atanh()],
        };
        if self.errors == Errors::StudentT {
            point.push(6.0_f64.ln());
        }
        if self.mean == Mean::Constant {
            point.push(mean);
        }
        point
    }

    fn unpack(&self, point: &[f64]) -> GarchParameters {
        let mut values = point.iter().copied();
        let mut take = || values.next().unwrap_or(0.0);
        let level = take().clamp(-40.0, 40.0);
        let (mut alpha, mut gamma, beta, omega);
        if self.dynamics == Dynamics::Egarch {
            (alpha, gamma) = (take(), take());
            beta = take().tanh();
            omega = level * (1.0 - beta);
        } else {
            let mut square = || {
                let x = take();
                x * x
            };
            let gains = square();
            let losses = if self.dynamics == Dynamics::Gjr {
                square()
            } else {
                0.0
            };
            let past = square();
            let total = 1.0 + gains + losses + past;
            (alpha, gamma) = (gains / total, 0.0);
            if self.dynamics == Dynamics::Gjr {
                // Each sign happens half of the time.
                gamma = 2.0 * (losses - gains) / total;
                alpha *= 2.0;
            }
            beta = past / total;
            omega = level.exp() / total;
        }
        let degrees_of_freedom = (self.errors == Errors::StudentT)
            .then(|| (DEGREES.0 + take().min(20.0).exp()).min(DEGREES.1));
        let mean = if self.mean == Mean::Constant {
            take()
        } else {
            0.0
        };
        GarchParameters {
            mean,
            omega,
            alpha,
            gamma,
            beta,
            degrees_of_freedom,
        }
    }

    /// From returns in standard deviations to returns in their own unit.
    fn rescale(&self, p: GarchParameters, scale: f64) -> GarchParameters {
        let omega = match self.dynamics {
            Dynamics::Egarch => p.omega + (1.0 - p.beta) * 2.0 * scale.ln(),
            Dynamics::Garch | Dynamics::Gjr => p.omega * scale * scale,
        };
        GarchParameters {
            mean: p.mean * scale,
            omega,
            ..p
        }
    }
}
