//! Extreme losses: a generalised Pareto law fitted to the losses beyond a threshold, with the value at
//! risk and expected shortfall it implies; and the historical shortfall. Hill's index is with `entropy`.

use crate::parameter::{real, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::error::{StatisticsError, check_sample, check_setting};
use super::moments::{BASE, quantile, returns};

const METHOD: &str = "tail fit";

/// Fewest losses beyond the threshold.
const FEWEST: usize = 5;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "tail",
        outputs: &["tail_shape", "tail_var", "tail_es"],
        parameters: &[
            window("length", 50, 250),
            real("tail", "share of the losses fitted", (0.02, 0.5), 0.1),
            real("level", "share of returns beyond", (0.0001, 0.1), 0.01),
        ],
        cost: Cost::Linearithmic,
        description: "Extreme-value fit of the simple returns' losses: tail shape (0 exponential, above \
                      0 fat, its inverse the tail index), value at risk and expected shortfall at the \
                      level, as negative returns.",
        convention: "Peaks over the (1 - tail) quantile, generalised Pareto by probability-weighted \
                     moments (Hosking and Wallis 1987; McNeil and Frey 2000 for the risk figures); \
                     shortfall missing for a shape of 1 and above.",
        build: Build::Series(|a| {
            let statistic = Extremes {
                length: a.length("length")?,
                tail: a.real("tail")?,
                level: a.real("level")?,
            };
            if statistic.level >= statistic.tail {
                return Err(a.reject("level", "must be below the share of losses fitted"));
            }
            if statistic.tail * (statistic.length as f64) < FEWEST as f64 + 1.0 {
                return Err(a.reject("tail", "must leave at least six losses of the window"));
            }
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "es_hist",
        outputs: &["es_hist"],
        parameters: &[
            window("length", 2, 252),
            real("tail", "share of the worst returns", (0.0001, 0.5), 0.05),
        ],
        cost: Cost::Linearithmic,
        description: "Historical expected shortfall: the mean of the returns at or below the value at \
                      risk.",
        convention: "Mean of the simple returns not above their quantile (type 7); negative for a loss.",
        build: Build::Series(|a| {
            let statistic = Shortfall {
                length: a.length("length")?,
                tail: a.real("tail")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
];

/// A generalised Pareto law of the losses beyond a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailFit {
    /// Above 0: fat, with tail index 1/shape; 0: exponential; below: bounded.
    pub shape: f64,
    /// Scale of the excesses, in the unit of the losses.
    pub scale: f64,
    /// Loss from which the law holds.
    pub threshold: f64,
    /// Share of the sample beyond the threshold.
    pub share: f64,
}

impl TailFit {
    /// Fits the largest `tail` share of `losses` (positive: lost) by probability-weighted moments.
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] unless 0 < tail < 1, [`StatisticsError::TooFew`] with fewer
    /// than 5 losses beyond the threshold, [`StatisticsError::Missing`],
    /// [`StatisticsError::Constant`] when those do not differ.
    pub fn fit(losses: &[f64], tail: f64) -> Result<Self, StatisticsError> {
        let range = (f64::MIN_POSITIVE, 1.0 - f64::EPSILON);
        check_setting(METHOD, "tail", tail, range, "must lie between 0 and 1")?;
        check_sample(METHOD, 0, losses, FEWEST)?;
        let mut sorted = losses.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Self::fit_sorted(&sorted, tail)
    }

    fn fit_sorted(sorted: &[f64], tail: f64) -> Result<Self, StatisticsError> {
        let threshold = quantile(sorted, 1.0 - tail);
        let beyond = sorted.partition_point(|loss| *loss <= threshold);
        let excesses = sorted.get(beyond..).unwrap_or(&[]);
        let found = excesses.len();
        if found < FEWEST {
            return Err(StatisticsError::TooFew {
                method: METHOD,
                needed: FEWEST,
                found,
            });
        }
        let n = found as f64;
        let (mut mean, mut weighted) = (0.0, 0.0);
        for (rank, loss) in excesses.iter().enumerate() {
            let excess = loss - threshold;
            mean += excess / n;
            weighted += excess / n * (1.0 - (rank as f64 + 0.65) / n);
        }
        let spread = mean - 2.0 * weighted;
        if spread <= 1e-12 * mean {
            return Err(StatisticsError::Constant {
                method: METHOD,
                series: 0,
            });
        }
        Ok(Self {
            shape: 2.0 - mean / spread,
            scale: 2.0 * mean * weighted / spread,
            threshold,
            share: n / sorted.len() as f64,
        })
    }

    /// Loss that a share `level` of the sample's law exceeds; meaningful up to [`TailFit::share`].
    pub fn value_at_risk(&self, level: f64) -> f64 {
        let ratio = (level / self.share).ln();
        // (ratio^-shape - 1)/shape, which is -ln ratio at shape 0.
        let growth = if self.shape.abs() < 1e-9 {
            -ratio
        } else {
            (-self.shape * ratio).exp_m1() / self.shape
        };
        self.threshold + self.scale * growth
    }

    /// Mean of the losses beyond [`TailFit::value_at_risk`]; `None` where the law has no mean.
    pub fn expected_shortfall(&self, level: f64) -> Option<f64> {
        let value = self.value_at_risk(level);
        let excess = (self.scale + self.shape * (value - self.threshold)) / (1.0 - self.shape);
        (self.shape < 1.0).then_some(value + excess)
    }
}

#[derive(Debug, Clone)]
struct Extremes {
    length: usize,
    tail: f64,
    level: f64,
}

impl WindowStatistic<1, 3> for Extremes {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], losses: &mut Vec<f64>) -> [f64; 3] {
        for (loss, x) in losses.iter_mut().zip(x) {
            *loss = -x;
        }
        losses.sort_unstable_by(f64::total_cmp);
        TailFit::fit_sorted(losses, self.tail).map_or([f64::NAN; 3], |fit| {
            let risk = fit.value_at_risk(self.level);
            let shortfall = fit.expected_shortfall(self.level);
            [fit.shape, -risk, -shortfall.unwrap_or(f64::NAN)]
        })
    }
}

#[derive(Debug, Clone)]
struct Shortfall {
    length: usize,
    tail: f64,
}

impl WindowStatistic<1, 1> for Shortfall {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], sorted: &mut Vec<f64>) -> [f64; 1] {
        sorted.copy_from_slice(x);
        sorted.sort_unstable_by(f64::total_cmp);
        let bound = quantile(sorted, self.tail);
        let worst = sorted.partition_point(|x| *x <= bound).max(1);
        let worst = sorted.get(..worst).unwrap_or(&[]);
        [worst.iter().sum::<f64>() / worst.len() as f64]
    }
}
