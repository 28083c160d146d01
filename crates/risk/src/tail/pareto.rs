//! Peaks over a threshold: a generalised Pareto distribution of the losses beyond it (Pickands 1975;
//! `McNeil` and Frey 2000).

use super::{TailError, check, maximise};

/// Least number of losses beyond the threshold.
const LEAST: usize = 10;

/// A generalised Pareto distribution of excesses: `P(X > x) = (1 + shape x / scale)^(-1/shape)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParetoTail {
    /// Above 0 for tails heavier than exponential; 1 and above has no mean. At least -1/2, below which
    /// maximum likelihood breaks down.
    pub shape: f64,
    /// In the units of the excesses.
    pub scale: f64,
    /// Log likelihood of the excesses.
    pub log_likelihood: f64,
}

impl ParetoTail {
    /// Fits excesses by maximum likelihood over the ratio of shape and scale, which leaves one
    /// dimension (Grimshaw 1993).
    ///
    /// # Errors
    /// [`TailError`] for fewer than 10 excesses, one that is not positive, or no variation.
    pub fn fit(excesses: &[f64]) -> Result<Self, TailError> {
        check(excesses, LEAST)?;
        let odd = excesses.iter().enumerate().find(|(_, x)| **x <= 0.0);
        if let Some((index, value)) = odd {
            return Err(TailError::Observation {
                index,
                value: *value,
            });
        }
        let n = excesses.len() as f64;
        let mean = excesses.iter().sum::<f64>() / n;
        let largest = excesses.iter().fold(0.0_f64, |a, x| a.max(*x)) / mean;
        let scaled: Vec<f64> = excesses.iter().map(|x| x / mean).collect();
        // The ratio shape / scale times the largest excess is above -1; searched on a log scale.
        let fit = |log: f64| at(&scaled, (log.exp() - 1.0) / largest);
        let best = maximise((-14.0, 25.0), 600, |log| fit(log).log_likelihood);
        let fit = fit(best);
        Ok(Self {
            shape: fit.shape,
            scale: fit.scale * mean,
            log_likelihood: fit.log_likelihood - n * mean.ln(),
        })
    }

    /// The excess that a share `probability` of the excesses is beyond.
    fn excess(&self, probability: f64) -> f64 {
        let log = -probability.ln();
        if (self.shape * log).abs() < 1e-9 {
            self.scale * log
        } else {
            self.scale / self.shape * (self.shape * log).exp_m1()
        }
    }
}

/// The likeliest tail for a given ratio of shape and scale; the log likelihood is minus infinity where
/// the ratio gives a shape below -1/2.
fn at(x: &[f64], ratio: f64) -> ParetoTail {
    let n = x.len() as f64;
    let shape = x.iter().map(|x| (ratio * x).ln_1p()).sum::<f64>() / n;
    if ratio.abs() < 1e-8 {
        // The exponential distribution, in between.
        let scale = x.iter().sum::<f64>() / n;
        return ParetoTail {
            shape: 0.0,
            scale,
            log_likelihood: -n * (scale.ln() + 1.0),
        };
    }
    let scale = shape / ratio;
    let valid = shape >= -0.5 && scale > 0.0;
    ParetoTail {
        shape,
        scale,
        log_likelihood: if valid {
            -n * (scale.ln() + shape + 1.0)
        } else {
            f64::NEG_INFINITY
        },
    }
}

/// The tail of a series of returns beyond a threshold.
///
/// ```
/// use trader_risk::tail::PeaksOverThreshold;
///
/// // Every loss is one over a uniform number, to the power 0.3: a Pareto tail of shape 0.3.
/// let returns: Vec<f64> = (1..=2000).map(|i| -(2000.5 / f64::from(i)).powf(0.3)).collect();
/// let tail = PeaksOverThreshold::fit(&returns, 0.1)?;
/// let exact = 100_f64.powf(0.3);
/// assert!((tail.value_at_risk(0.01)? / exact - 1.0).abs() < 0.02);
/// # Ok::<(), trader_risk::tail::TailError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeaksOverThreshold {
    /// The loss beyond which the tail begins.
    pub threshold: f64,
    /// Distribution of what losses are beyond it.
    pub tail: ParetoTail,
    /// Share of the periods with a loss beyond it.
    pub share: f64,
}

impl PeaksOverThreshold {
    /// Fits the worst `share` of the returns (0.1 is usual): the threshold is the smallest loss that
    /// leaves no more than that many beyond it.
    ///
    /// # Errors
    /// [`TailError`] unless `0 < share < 0.5`, for a return that is not finite, fewer than 10 losses
    /// beyond the threshold, or losses that do not vary.
    pub fn fit(returns: &[f64], share: f64) -> Result<Self, TailError> {
        if !(share > 0.0 && share < 0.5) {
            return Err(TailError::Probability {
                tail: share,
                limit: 0.5,
            });
        }
        check(returns, LEAST)?;
        let mut losses: Vec<f64> = returns.iter().map(|r| -r).collect();
        losses.sort_unstable_by(|a, b| b.total_cmp(a));
        let beyond = share * losses.len() as f64;
        let rank = (0..losses.len())
            .take_while(|rank| (*rank + 1) as f64 <= beyond)
            .count();
        let threshold = losses.get(rank).copied().unwrap_or(f64::NAN);
        let excesses: Vec<f64> = losses
            .iter()
            .map(|loss| loss - threshold)
            .take_while(|excess| *excess > 0.0)
            .collect();
        Ok(Self {
            threshold,
            tail: ParetoTail::fit(&excesses)?,
            share: excesses.len() as f64 / losses.len() as f64,
        })
    }

    /// The loss that one period in `1/tail` exceeds.
    ///
    /// # Errors
    /// [`TailError::Probability`] unless `0 < tail` and below the share of the periods that was fitted.
    pub fn value_at_risk(&self, tail: f64) -> Result<f64, TailError> {
        if !(tail > 0.0 && tail < self.share) {
            return Err(TailError::Probability {
                tail,
                limit: self.share,
            });
        }
        Ok(self.threshold + self.tail.excess(tail / self.share))
    }

    /// The mean loss of those periods.
    ///
    /// # Errors
    /// As [`PeaksOverThreshold::value_at_risk`]; [`TailError::NoMean`] for a shape of 1 or more.
    pub fn expected_shortfall(&self, tail: f64) -> Result<f64, TailError> {
        let at_risk = self.value_at_risk(tail)?;
        let ParetoTail { shape, scale, .. } = self.tail;
        if shape >= 1.0 {
            return Err(TailError::NoMean);
        }
        Ok((at_risk + scale - shape * self.threshold) / (1.0 - shape))
    }
}
