//! Tests of what a model assumes: normality (Jarque-Bera), constant variance (Engle's ARCH test), and
//! whether one series helps to forecast another (Granger).

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::distributions::{chi_square_tail, f_tail};
use super::error::{StatisticsError, check_sample, check_series, check_setting};
use super::moments::{BASE, log_returns};
use super::regression::least_squares;

const JARQUE_BERA: &str = "Jarque-Bera test";
const ARCH: &str = "ARCH test";
const GRANGER: &str = "Granger test";

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "jarque_bera",
        outputs: &["jarque_bera", "jarque_bera_p"],
        parameters: &[window("length", 8, 60)],
        description: "Jarque and Bera's test of the log returns' normality, and its p-value.",
        convention: "n/6 (S^2 + K^2/4) with population skewness and excess kurtosis, chi-square with 2 \
                     degrees of freedom (Jarque and Bera 1987). Small p: not normal.",
        build: Build::Series(|a| {
            let test = Normality {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(test), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "arch_lm",
        outputs: &["arch_lm", "arch_lm_p"],
        parameters: &[
            window("length", 12, 60),
            integer("lags", "lagged squares", (1, 100), 5),
        ],
        description: "Engle's test of the log returns: whether variance clusters, and its p-value.",
        convention: "n R^2 of the squares on their last `lags` values and a constant, chi-square with \
                     `lags` degrees of freedom (Engle 1982). Small p: variance clusters.",
        build: Build::Series(|a| {
            let (length, lags) = (a.length("length")?, a.length("lags")?);
            if 2 * lags + 2 > length {
                return Err(a.reject("lags", "are too many for the window (2 lags + 2 rows)"));
            }
            let test = Clustering { length, lags };
            Ok(Built::reading(Windowed::new(test), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "granger",
        outputs: &["granger", "granger_p"],
        parameters: &[
            window("length", 20, 60),
            integer("lags", "lagged values of both", (1, 50), 2),
        ],
        inputs: &["close", "benchmark"],
        description: "Whether the benchmark's past log returns help to forecast the symbol's: F \
                      statistic and p-value.",
        convention: "F test of the benchmark's lags in a regression on both series' lags and a constant \
                     (Granger 1969). Small p: they help.",
        build: Build::Series(|a| {
            let (length, lags) = (a.length("length")?, a.length("lags")?);
            if 3 * lags + 2 > length {
                return Err(a.reject("lags", "are too many for the window (3 lags + 2 rows)"));
            }
            let test = Leading { length, lags };
            let log_returns = |source: &String| format!("logret_1({source})");
            let sources = a.sources().iter().map(log_returns).collect();
            Ok(Built::reading(Windowed::new(test), sources))
        }),
        ..BASE
    },
];

/// A statistic and its p-value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestResult {
    /// As the test defines it.
    pub statistic: f64,
    /// Probability of a statistic at least as far out under the null hypothesis.
    pub p_value: f64,
}

impl TestResult {
    fn chi_square(statistic: f64, degrees: usize) -> Self {
        Self {
            statistic,
            p_value: chi_square_tail(statistic, degrees as f64),
        }
    }
}

fn constant(method: &'static str) -> StatisticsError {
    StatisticsError::Constant { method, series: 0 }
}

/// Jarque and Bera's test (1987) of normality; small p: not normal.
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than 8 values, [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`].
pub fn jarque_bera(x: &[f64]) -> Result<TestResult, StatisticsError> {
    check_sample(JARQUE_BERA, 0, x, 8)?;
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let (mut second, mut third, mut fourth) = (0.0, 0.0, 0.0);
    for x in x {
        let (deviation, square) = (x - mean, (x - mean) * (x - mean));
        second += square;
        third += square * deviation;
        fourth += square * square;
    }
    let (second, third, fourth) = (second / n, third / n, fourth / n);
    if second <= (4.0 * f64::EPSILON * mean).powi(2) {
        return Err(constant(JARQUE_BERA));
    }
    let skewness = third / second.powf(1.5);
    let excess = fourth / (second * second) - 3.0;
    let statistic = n / 6.0 * (skewness * skewness + 0.25 * excess * excess);
    if statistic.is_finite() {
        Ok(TestResult::chi_square(statistic, 2))
    } else {
        Err(constant(JARQUE_BERA))
    }
}

/// Engle's test (1982) of whether large values of `x` (residuals, returns) follow large ones: n R² of
/// the squares on their last `lags` values; small p: variance clusters.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] without lags, [`StatisticsError::TooFew`] with fewer than
/// 2 lags + 2 values, [`StatisticsError::Missing`], [`StatisticsError::Constant`].
pub fn arch_lm(x: &[f64], lags: usize) -> Result<TestResult, StatisticsError> {
    let (range, rule) = ((1.0, 1e9), "must be at least 1");
    check_setting(ARCH, "lags", lags as f64, range, rule)?;
    check_sample(ARCH, 0, x, lags.saturating_mul(2).saturating_add(2))?;
    let squares: Vec<f64> = x.iter().map(|x| x * x).collect();
    let y = squares.get(lags..).unwrap_or(&[]);
    let mut columns = vec![vec![1.0; y.len()]];
    columns.extend(lagged(&squares, lags));
    let fit = least_squares(&columns, y).ok_or_else(|| constant(ARCH))?;
    let n = y.len() as f64;
    let mean = y.iter().sum::<f64>() / n;
    let total: f64 = y.iter().map(|y| (y - mean) * (y - mean)).sum();
    if total <= n * (4.0 * f64::EPSILON * mean).powi(2) {
        return Err(constant(ARCH));
    }
    let statistic = n * (1.0 - fit.squares / total).max(0.0);
    Ok(TestResult::chi_square(statistic, lags))
}

/// Whether the past of `cause` helps to forecast `effect` (Granger 1969): the F test of the last `lags`
/// values of `cause` beside those of `effect` and a constant. The p-value is of F with `lags` and
/// n - 3 lags - 1 degrees of freedom; small: they help.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] without lags, [`StatisticsError::TooFew`] with fewer than
/// 3 lags + 2 rows, [`StatisticsError::Missing`], [`StatisticsError::LengthMismatch`],
/// [`StatisticsError::Collinear`].
pub fn granger(effect: &[f64], cause: &[f64], lags: usize) -> Result<TestResult, StatisticsError> {
    let (range, rule) = ((1.0, 1e9), "must be at least 1");
    check_setting(GRANGER, "lags", lags as f64, range, rule)?;
    let needed = lags.saturating_mul(3).saturating_add(2);
    check_series(GRANGER, &[effect, cause], needed)?;
    let collinear = StatisticsError::Collinear { method: GRANGER };
    let y = effect.get(lags..).unwrap_or(&[]);
    let mut columns = vec![vec![1.0; y.len()]];
    columns.extend(lagged(effect, lags));
    let alone = least_squares(&columns, y).ok_or_else(|| collinear.clone())?;
    columns.extend(lagged(cause, lags));
    let both = least_squares(&columns, y).ok_or_else(|| collinear.clone())?;
    let total: f64 = y.iter().map(|y| y * y).sum();
    if both.squares <= 1e-24 * total {
        return Err(collinear);
    }
    let (above, below) = (lags as f64, (y.len() - 2 * lags - 1) as f64);
    let statistic = ((alone.squares - both.squares) / above / (both.squares / below)).max(0.0);
    Ok(TestResult {
        statistic,
        p_value: f_tail(statistic, above, below),
    })
}

/// Columns of `x` one to `lags` rows before, for the rows from `lags` on.
fn lagged(x: &[f64], lags: usize) -> impl Iterator<Item = Vec<f64>> {
    let rows = x.len().saturating_sub(lags);
    (1..=lags).map(move |lag| x.iter().skip(lags - lag).take(rows).copied().collect())
}

fn outputs(result: &Result<TestResult, StatisticsError>) -> [f64; 2] {
    result
        .as_ref()
        .map_or([f64::NAN; 2], |test| [test.statistic, test.p_value])
}

#[derive(Debug, Clone)]
struct Normality {
    length: usize,
}

impl WindowStatistic<1, 2> for Normality {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        outputs(&jarque_bera(x))
    }
}

#[derive(Debug, Clone)]
struct Clustering {
    length: usize,
    lags: usize,
}

impl WindowStatistic<1, 2> for Clustering {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        outputs(&arch_lm(x, self.lags))
    }
}

#[derive(Debug, Clone)]
struct Leading {
    length: usize,
    lags: usize,
}

impl WindowStatistic<2, 2> for Leading {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [effect, cause]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 2] {
        outputs(&granger(effect, cause, self.lags))
    }
}
