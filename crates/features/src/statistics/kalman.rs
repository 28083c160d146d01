//! The local level model: a level that walks at random, seen through noise; filtered, smoothed and
//! fitted (Durbin and Koopman 2012, chapter 2), and as a streaming feature with its trend.
//!
//! `y[t] = level[t] + e[t]`, `level[t+1] = level[t] + u[t]`. Rows that are missing (NaN) are bridged
//! by the model: the level is carried, its uncertainty grows.

use std::f64::consts::PI;

use crate::calculator::{Kernel, is_observed};
use crate::parameter::real;
use crate::registry::{Build, Built, Cost, Definition};
use crate::state_fields;

use super::error::{StatisticsError, check_setting};
use super::moments::BASE;
use super::optimise::{MOST_STEPS, minimise};

const METHOD: &str = "local level model";

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "kalman",
    outputs: &["kalman_level", "kalman_slope"],
    parameters: &[
        real(
            "level",
            "variance of the level's steps over that of the noise",
            (0.0, 1e6),
            0.1,
        ),
        real(
            "slope",
            "variance of the slope's steps over that of the noise",
            (0.0, 1e6),
            0.001,
        ),
    ],
    cost: Cost::Constant,
    description: "Level and slope of the values behind their noise, by a Kalman filter.",
    convention: "Local linear trend with the given signal-to-noise ratios, filtered; exact diffuse \
                 start, so the first two rows fix level and slope (Durbin and Koopman 2012, 3.2 and \
                 5.2).",
    build: Build::Series(|a| {
        let kernel = TrendFilter::new(a.real("level")?, a.real("slope")?);
        Ok(Built::over_sources(a, kernel))
    }),
    ..BASE
}];

/// Variances of the local level model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocalLevel {
    /// Of the noise ("irregular").
    pub noise: f64,
    /// Of the level's step from row to row.
    pub level: f64,
}

/// What is known of the level before the first row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prior {
    /// Nothing: the first observation sets it (exact diffuse start).
    Diffuse,
    /// A mean and a variance.
    Known {
        /// Expected level of the first row.
        mean: f64,
        /// Its variance.
        variance: f64,
    },
}

/// The model run over a sample; one entry per row.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalLevelFit {
    /// Fitted or given.
    pub model: LocalLevel,
    /// Under a diffuse start, of the rows after the first up to the constant of Durbin and Koopman.
    pub log_likelihood: f64,
    /// Level given this row and those before.
    pub filtered: Vec<f64>,
    /// Its variance.
    pub filtered_variances: Vec<f64>,
    /// Level given all rows: knows the future.
    pub smoothed: Vec<f64>,
    /// Its variance.
    pub smoothed_variances: Vec<f64>,
    /// One-row forecast errors over their standard deviations; NaN where missing or diffuse.
    pub surprises: Vec<f64>,
}

impl LocalLevel {
    /// Filters and smooths `y`, oldest first, NaN where missing.
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] for a negative variance, or both 0,
    /// [`StatisticsError::TooFew`] without any observed row.
    pub fn run(&self, y: &[f64], prior: Prior) -> Result<LocalLevelFit, StatisticsError> {
        let check =
            |setting, value, range, rule| check_setting(METHOD, setting, value, range, rule);
        let range = (0.0, 1e100);
        check("noise", self.noise, range, "must not be negative")?;
        check("level", self.level, range, "must not be negative")?;
        let positive = (f64::MIN_POSITIVE, 1e101);
        check(
            "noise + level",
            self.noise + self.level,
            positive,
            "must be positive",
        )?;
        if let Prior::Known { mean, variance } = prior {
            check("prior mean", mean, (-1e100, 1e100), "must be finite")?;
            check("prior variance", variance, range, "must not be negative")?;
        }
        if !y.iter().any(|y| is_observed(*y)) {
            return Err(StatisticsError::TooFew {
                method: METHOD,
                needed: 1,
                found: 0,
            });
        }
        Ok(self.smooth(self.filter(y, prior)))
    }

    /// The most likely variances under a diffuse start.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`] with fewer than 10 observed rows,
    /// [`StatisticsError::Constant`], [`StatisticsError::NotConverged`].
    pub fn fit(y: &[f64]) -> Result<LocalLevelFit, StatisticsError> {
        let observed: Vec<f64> = y.iter().copied().filter(|y| is_observed(*y)).collect();
        if observed.len() < 10 {
            return Err(StatisticsError::TooFew {
                method: METHOD,
                needed: 10,
                found: observed.len(),
            });
        }
        let squares: f64 = observed.windows(2).map(|p| (p[1] - p[0]).powi(2)).sum();
        let scale = squares / (observed.len() - 1) as f64;
        if scale <= 0.0 {
            return Err(StatisticsError::Constant {
                method: METHOD,
                series: 0,
            });
        }
        // Squares: a variance of 0 is a point like any other.
        let model = |point: &[f64]| {
            let square = |i: usize| scale * point.get(i).map_or(0.0, |x| x * x);
            Self {
                noise: square(0),
                level: square(1),
            }
        };
        let cost = |point: &[f64]| -model(point).filter(y, Prior::Diffuse).log_likelihood;
        let found = minimise(&[0.5, 0.7], &cost);
        if !found.settled {
            return Err(StatisticsError::NotConverged {
                method: METHOD,
                iterations: MOST_STEPS,
            });
        }
        model(&found.point).run(y, Prior::Diffuse)
    }

    fn filter(&self, y: &[f64], prior: Prior) -> LocalLevelFit {
        let rows = y.len();
        let mut fit = LocalLevelFit {
            model: *self,
            log_likelihood: 0.0,
            filtered: Vec::with_capacity(rows),
            filtered_variances: Vec::with_capacity(rows),
            smoothed: Vec::new(),
            smoothed_variances: Vec::new(),
            surprises: Vec::with_capacity(rows),
        };
        let (mut level, mut variance) = match prior {
            Prior::Diffuse => (f64::NAN, f64::INFINITY),
            Prior::Known { mean, variance } => (mean, variance),
        };
        for y in y {
            let mut surprise = f64::NAN;
            if is_observed(*y) {
                if variance.is_infinite() {
                    (level, variance) = (*y, self.noise);
                    fit.log_likelihood -= 0.5 * (2.0 * PI).ln();
                } else {
                    let (error, spread) = (y - level, variance + self.noise);
                    let gain = if spread > 0.0 { variance / spread } else { 0.0 };
                    level += gain * error;
                    variance *= 1.0 - gain;
                    surprise = error / spread.sqrt();
                    fit.log_likelihood -= 0.5 * ((2.0 * PI * spread).ln() + error * error / spread);
                }
            }
            fit.filtered.push(level);
            fit.filtered_variances.push(variance);
            fit.surprises.push(surprise);
            variance += self.level;
        }
        fit
    }

    /// Rauch, Tung and Striebel's pass backwards.
    fn smooth(&self, mut fit: LocalLevelFit) -> LocalLevelFit {
        fit.smoothed.clone_from(&fit.filtered);
        fit.smoothed_variances.clone_from(&fit.filtered_variances);
        for row in (1..fit.smoothed.len()).rev() {
            let variance = fit.filtered_variances[row - 1];
            let (later, later_variance) = (fit.smoothed[row], fit.smoothed_variances[row]);
            if variance.is_infinite() {
                // Nothing seen yet: only the future tells.
                fit.smoothed[row - 1] = later;
                fit.smoothed_variances[row - 1] = later_variance + self.level;
                continue;
            }
            let predicted = variance + self.level;
            let gain = if predicted > 0.0 {
                variance / predicted
            } else {
                0.0
            };
            fit.smoothed[row - 1] += gain * (later - fit.filtered[row - 1]);
            fit.smoothed_variances[row - 1] += gain * gain * (later_variance - predicted);
        }
        fit
    }
}

/// Local linear trend with noise of variance 1, streaming. Covariances `[level, both, slope]`.
#[derive(Debug, Clone)]
struct TrendFilter {
    level_ratio: f64,
    slope_ratio: f64,
    seen: u64,
    level: f64,
    slope: f64,
    covariance: [f64; 3],
}

state_fields!(TrendFilter {
    seen,
    level,
    slope,
    covariance
});

impl TrendFilter {
    fn new(level_ratio: f64, slope_ratio: f64) -> Self {
        Self {
            level_ratio,
            slope_ratio,
            seen: 0,
            level: 0.0,
            slope: 0.0,
            covariance: [0.0; 3],
        }
    }
}

impl Kernel<1, 2> for TrendFilter {
    fn warm_up(&self) -> [usize; 2] {
        [1; 2]
    }

    #[inline]
    fn step(&mut self, [y]: [f64; 1]) -> [f64; 2] {
        self.seen = self.seen.saturating_add(1);
        if self.seen == 1 {
            self.level = y;
            return [f64::NAN; 2];
        }
        if self.seen == 2 {
            // Limit of the filter with infinite prior variances after two observations.
            self.slope = y - self.level;
            self.level = y;
            self.covariance = [1.0, 1.0, 2.0 + self.level_ratio + self.slope_ratio];
            return [self.level, self.slope];
        }
        let [level, both, slope] = self.covariance;
        let predicted = [
            level + 2.0 * both + slope + self.level_ratio,
            both + slope,
            slope + self.slope_ratio,
        ];
        let spread = predicted[0] + 1.0;
        let gains = [predicted[0] / spread, predicted[1] / spread];
        let error = y - self.level - self.slope;
        self.level += self.slope + gains[0] * error;
        self.slope += gains[1] * error;
        self.covariance = [
            predicted[0] * (1.0 - gains[0]),
            predicted[1] * (1.0 - gains[0]),
            predicted[2] - gains[1] * predicted[1],
        ];
        [self.level, self.slope]
    }
}
