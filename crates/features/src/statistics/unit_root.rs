//! Tests of a unit root, whose rejection says that a series returns to its level or trend: augmented
//! Dickey-Fuller, Phillips-Perron, and the variance ratio of a random walk.
//!
//! p-values and critical values by `MacKinnon`'s response surfaces (1994, 2010). Conventions follow
//! `statsmodels` (Dickey-Fuller) and `arch` (the others).

use crate::parameter::{choice, integer, window};
use crate::registry::{Build, Built, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::distributions::normal_two_sided;
use super::error::{StatisticsError, check_sample, check_setting};
use super::mackinnon;
use super::moments::BASE;
use super::regression::{Fit, least_squares, log_likelihood};

const DICKEY_FULLER: &str = "Dickey-Fuller test";
const PHILLIPS_PERRON: &str = "Phillips-Perron test";
const VARIANCE_RATIO: &str = "variance ratio test";

/// Deterministic part of a unit-root regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// None.
    None,
    /// A constant.
    Constant,
    /// A constant and a linear trend.
    Linear,
    /// A constant, a linear and a quadratic trend.
    Quadratic,
}

impl Trend {
    /// Number of regressors.
    pub(crate) fn terms(self) -> usize {
        match self {
            Self::None => 0,
            Self::Constant => 1,
            Self::Linear => 2,
            Self::Quadratic => 3,
        }
    }

    /// The regressors over `rows` rows.
    pub(crate) fn columns(self, rows: usize) -> Vec<Vec<f64>> {
        let power = |degree: usize| {
            // Of the share of the sample, so that all columns are of order one.
            let at = |row: usize| (row + 1) as f64 / rows as f64;
            (0..rows)
                .map(|row| (0..degree).fold(1.0, |product, _| product * at(row)))
                .collect()
        };
        (0..self.terms()).map(power).collect()
    }
}

/// How many lagged differences a Dickey-Fuller regression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lags {
    /// As many as given.
    Fixed(usize),
    /// The number up to `most` with the least Akaike criterion; all compared on the same rows.
    Aic {
        /// Largest number tried.
        most: usize,
    },
    /// The same by Schwarz's criterion, which chooses fewer.
    Bic {
        /// Largest number tried.
        most: usize,
    },
}

/// Schwert's rule (1989) for the most lags worth trying: `ceil(12 (n/100)^(1/4))`, fewer in short
/// samples.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a fourth root of a length is small and not negative"
)]
pub fn schwert_lags(rows: usize, trend: Trend) -> usize {
    let rule = (12.0 * (rows as f64 / 100.0).sqrt().sqrt()).ceil() as usize;
    rule.min((rows / 2).saturating_sub(trend.terms() + 1))
}

/// A unit-root test's result. The null hypothesis is a unit root: small `p_value`, stationary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitRootTest {
    /// Dickey-Fuller t, or Phillips and Perron's correction of it.
    pub statistic: f64,
    /// `MacKinnon` (1994).
    pub p_value: f64,
    /// At 1, 5 and 10 % for this number of rows (`MacKinnon` 2010): reject below.
    pub critical_values: [f64; 3],
    /// Lagged differences, or autocovariances, used.
    pub lags: usize,
    /// Rows of the regression.
    pub rows: usize,
}

impl UnitRootTest {
    fn new(statistic: f64, trend: Trend, lags: usize, rows: usize) -> Self {
        Self {
            statistic,
            p_value: mackinnon::p_value(statistic, trend, 1),
            critical_values: mackinnon::critical_values(trend, 1, rows).unwrap_or([f64::NAN; 3]),
            lags,
            rows,
        }
    }
}

/// Said and Dickey's augmented test of `x`, oldest first.
///
/// # Errors
/// [`StatisticsError::TooFew`] when the regression has fewer than four rows more than regressors,
/// [`StatisticsError::Missing`], [`StatisticsError::Constant`] when `x` or its fit leaves no
/// variation.
pub fn augmented_dickey_fuller(
    x: &[f64],
    trend: Trend,
    lags: Lags,
) -> Result<UnitRootTest, StatisticsError> {
    let most = match lags {
        Lags::Fixed(lags) => lags,
        Lags::Aic { most } | Lags::Bic { most } => most,
    };
    let needed = most.saturating_mul(2).saturating_add(trend.terms() + 6);
    check_sample(DICKEY_FULLER, 0, x, needed)?;
    let constant = StatisticsError::Constant {
        method: DICKEY_FULLER,
        series: 0,
    };
    let lags = match lags {
        Lags::Fixed(lags) => Some(lags),
        Lags::Aic { most } => best_lags(x, trend, most, 2.0),
        Lags::Bic { most } => best_lags(x, trend, most, ((x.len() - 1 - most) as f64).ln()),
    };
    let Some(lags) = lags else {
        return Err(constant);
    };
    let statistic = dickey_fuller(x, lags, trend).ok_or(constant)?;
    Ok(UnitRootTest::new(
        statistic,
        trend,
        lags,
        x.len() - 1 - lags,
    ))
}

/// The number of lags up to `most` with the least `penalty * regressors - 2 log likelihood`.
fn best_lags(x: &[f64], trend: Trend, most: usize, penalty: f64) -> Option<usize> {
    let rows = x.len() - 1 - most;
    let mut best = None;
    for lags in 0..=most {
        // The same last rows for every number of lags.
        let fit = regress(x.get(most - lags..)?, lags, trend)?;
        let regressors = 1 + lags + trend.terms();
        let value = penalty * regressors as f64 - 2.0 * log_likelihood(fit.squares, rows as f64);
        if best.is_none_or(|(_, least)| value < least) {
            best = Some((lags, value));
        }
    }
    best.map(|(lags, _)| lags)
}

/// The regression of changes on the lagged level, lagged changes and the deterministic part.
fn regress(x: &[f64], lags: usize, trend: Trend) -> Option<Fit> {
    let changes: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let y = changes.get(lags..)?;
    let mut columns = vec![x.get(lags..x.len().checked_sub(1)?)?.to_vec()];
    for lag in 1..=lags {
        columns.push(changes.get(lags - lag..changes.len() - lag)?.to_vec());
    }
    columns.extend(trend.columns(y.len()));
    let fit = least_squares(&columns, y)?;
    // An exact fit leaves no error to measure against.
    let total: f64 = y.iter().map(|y| y * y).sum();
    (fit.squares > 1e-24 * total).then_some(fit)
}

/// The Dickey-Fuller t statistic with `lags` lagged differences; `None` for too few or constant
/// values.
pub(crate) fn dickey_fuller(x: &[f64], lags: usize, trend: Trend) -> Option<f64> {
    let fit = regress(x, lags, trend)?;
    let statistic = fit.coefficients.first()? / fit.errors.first()?;
    statistic.is_finite().then_some(statistic)
}

/// Phillips and Perron's test (1988, the "tau" form): the Dickey-Fuller t without lagged differences,
/// corrected by the long-run variance of the residuals with `lags` autocovariances.
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than `lags` + 10 values, [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`].
pub fn phillips_perron(
    x: &[f64],
    trend: Trend,
    lags: usize,
) -> Result<UnitRootTest, StatisticsError> {
    check_sample(PHILLIPS_PERRON, 0, x, lags.saturating_add(10))?;
    let statistic = phillips_perron_statistic(x, trend, lags).ok_or(StatisticsError::Constant {
        method: PHILLIPS_PERRON,
        series: 0,
    })?;
    Ok(UnitRootTest::new(statistic, trend, lags, x.len() - 1))
}

fn phillips_perron_statistic(x: &[f64], trend: Trend, lags: usize) -> Option<f64> {
    // Regressing the change instead of the level leaves residuals and errors as they are.
    let fit = regress(x, 0, trend)?;
    let rows = fit.residuals.len() as f64;
    let degrees = rows - 1.0 - trend.terms() as f64;
    let (slope, error) = (*fit.coefficients.first()?, *fit.errors.first()?);
    let long_run = long_run_variance(&fit.residuals, lags);
    let (now, variance) = (fit.squares / rows, fit.squares / degrees);
    let statistic = (now / long_run).sqrt() * slope / error
        - 0.5 * (long_run - now) / long_run.sqrt() * rows * error / variance.sqrt();
    statistic.is_finite().then_some(statistic)
}

/// Variance of residuals plus twice their autocovariances with Bartlett weights, over all rows.
pub(crate) fn long_run_variance(residuals: &[f64], lags: usize) -> f64 {
    let mut sum: f64 = residuals.iter().map(|u| u * u).sum();
    for lag in 1..=lags.min(residuals.len()) {
        let later = residuals.iter().skip(lag);
        let products: f64 = residuals.iter().zip(later).map(|(a, b)| a * b).sum();
        sum += 2.0 * (1.0 - lag as f64 / (lags as f64 + 1.0)) * products;
    }
    sum / residuals.len() as f64
}

/// Variance over several rows against that over one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VarianceRatio {
    /// 1 for a random walk, above with momentum, below with reversion.
    pub ratio: f64,
    /// Standard normal under a random walk whose variance may change over time.
    pub robust_z: f64,
    /// Two-sided p-value of `robust_z`.
    pub robust_p: f64,
    /// Standard normal under a random walk of constant variance.
    pub plain_z: f64,
    /// Two-sided p-value of `plain_z`.
    pub plain_p: f64,
}

/// Lo and `MacKinlay`'s test (1988) of log prices over `periods` rows: overlapping, unbiased variances,
/// drift removed.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] for fewer than 2 periods, [`StatisticsError::TooFew`] with
/// fewer than twice as many values as periods (at least 8), [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`].
pub fn variance_ratio(x: &[f64], periods: usize) -> Result<VarianceRatio, StatisticsError> {
    let (range, rule) = ((2.0, 1e9), "must be at least 2");
    check_setting(VARIANCE_RATIO, "periods", periods as f64, range, rule)?;
    check_sample(VARIANCE_RATIO, 0, x, periods.saturating_mul(2).max(8))?;
    walk_ratio(x, periods).ok_or(StatisticsError::Constant {
        method: VARIANCE_RATIO,
        series: 0,
    })
}

fn walk_ratio(x: &[f64], periods: usize) -> Option<VarianceRatio> {
    let (first, last) = (x.first()?, x.last()?);
    let (rows, q) = ((x.len() - 1) as f64, periods as f64);
    let drift = (last - first) / rows;
    let moves: Vec<f64> = x
        .windows(2)
        .map(|p| (p[1] - p[0] - drift).powi(2))
        .collect();
    let total: f64 = moves.iter().sum();
    let level = first.abs().max(last.abs());
    if total <= rows * (4.0 * f64::EPSILON * level).powi(2) {
        return None;
    }
    let far = x.iter().zip(x.get(periods..)?);
    let squares: f64 = far.map(|(a, b)| (b - a - q * drift).powi(2)).sum();
    let long = squares / (q * (rows - q + 1.0) * (1.0 - q / rows));
    let ratio = long / (total / (rows - 1.0));
    let theta: f64 = (1..periods)
        .map(|lag| {
            let pairs = moves.iter().zip(moves.iter().skip(lag));
            let products: f64 = pairs.map(|(a, b)| (a / total) * (b / total)).sum();
            4.0 * (1.0 - lag as f64 / q).powi(2) * rows * products
        })
        .sum();
    let robust_z = rows.sqrt() * (ratio - 1.0) / theta.sqrt();
    let plain = 2.0 * (2.0 * q - 1.0) * (q - 1.0) / (3.0 * q);
    let plain_z = rows.sqrt() * (ratio - 1.0) / plain.sqrt();
    Some(VarianceRatio {
        ratio,
        robust_z,
        robust_p: normal_two_sided(robust_z),
        plain_z,
        plain_p: normal_two_sided(plain_z),
    })
}

fn trend_of(word: &str) -> Trend {
    match word {
        "n" => Trend::None,
        "ct" => Trend::Linear,
        "ctt" => Trend::Quadratic,
        _ => Trend::Constant,
    }
}

const TREND: crate::parameter::Parameter =
    choice("trend", "deterministic part", &["c", "n", "ct", "ctt"]);

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "adf",
        outputs: &["adf_stat", "adf_p"],
        parameters: &[
            window("length", 20, 60),
            integer("lags", "lagged differences", (0, 50), 1),
            TREND,
        ],
        description: "Augmented Dickey-Fuller test of a unit root: statistic and p-value.",
        convention: "t statistic of the lagged level with a fixed number of lags; p-value from the \
                     response surface of MacKinnon (1994). Small p: stationary.",
        build: Build::Series(|a| {
            let (length, lags) = (a.length("length")?, a.length("lags")?);
            if 3 * lags + 8 > length {
                return Err(a.reject("lags", "are too many for the window (3 lags + 8 rows)"));
            }
            let test = UnitRoot {
                length,
                lags,
                trend: trend_of(a.word("trend")?),
            };
            Ok(Built::over_sources(a, Windowed::new(test)))
        }),
        ..BASE
    },
    Definition {
        name: "pp",
        outputs: &["pp_stat", "pp_p"],
        parameters: &[
            window("length", 20, 60),
            integer("lags", "autocovariances", (0, 1000), 4),
            TREND,
        ],
        description: "Phillips-Perron test of a unit root: statistic and p-value.",
        convention: "Z-tau with Bartlett weights (Phillips and Perron 1988); p-value from the response \
                     surface of MacKinnon (1994). Small p: stationary.",
        build: Build::Series(|a| {
            let (length, lags) = (a.length("length")?, a.length("lags")?);
            if lags + 10 > length {
                return Err(a.reject("lags", "are too many for the window (lags + 10 rows)"));
            }
            let test = LongRun {
                length,
                lags,
                trend: trend_of(a.word("trend")?),
            };
            Ok(Built::over_sources(a, Windowed::new(test)))
        }),
        ..BASE
    },
    Definition {
        name: "variance_ratio",
        outputs: &["variance_ratio", "variance_ratio_z"],
        parameters: &[
            window("length", 10, 60),
            integer("periods", "rows of the long variance", (2, 1000), 5),
        ],
        description: "Variance over several rows against that over one, and its z: above 1 momentum, \
                      below reversion.",
        convention: "Of logarithms, overlapping and unbiased, z robust to changing variance (Lo and \
                     MacKinlay 1988); missing on a value of 0 or less.",
        build: Build::Series(|a| {
            let (length, periods) = (a.length("length")?, a.length("periods")?);
            if 2 * periods > length {
                return Err(a.reject("periods", "must fit twice into the window"));
            }
            Ok(Built::over_sources(
                a,
                Windowed::new(Walk { length, periods }),
            ))
        }),
        ..BASE
    },
];

#[derive(Debug, Clone)]
struct UnitRoot {
    length: usize,
    lags: usize,
    trend: Trend,
}

impl WindowStatistic<1, 2> for UnitRoot {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        dickey_fuller(x, self.lags, self.trend).map_or([f64::NAN; 2], |statistic| {
            let p = mackinnon::p_value(statistic, self.trend, 1);
            [statistic, p]
        })
    }
}

#[derive(Debug, Clone)]
struct LongRun {
    length: usize,
    lags: usize,
    trend: Trend,
}

impl WindowStatistic<1, 2> for LongRun {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        phillips_perron_statistic(x, self.trend, self.lags).map_or([f64::NAN; 2], |statistic| {
            [statistic, mackinnon::p_value(statistic, self.trend, 1)]
        })
    }
}

#[derive(Debug, Clone)]
struct Walk {
    length: usize,
    periods: usize,
}

impl WindowStatistic<1, 2> for Walk {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], logs: &mut Vec<f64>) -> [f64; 2] {
        if x.iter().any(|x| *x <= 0.0) {
            return [f64::NAN; 2];
        }
        for (log, x) in logs.iter_mut().zip(x) {
            *log = x.ln();
        }
        let found = walk_ratio(logs, self.periods);
        let finite = |z: f64| if z.is_finite() { z } else { f64::NAN };
        found.map_or([f64::NAN; 2], |found| [found.ratio, finite(found.robust_z)])
    }
}
