//! Dependence of a series on its own past: autocorrelations, partial autocorrelations, Ljung and Box's
//! test.

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::distributions::chi_square_tail;
use super::error::{StatisticsError, check_sample, check_setting};
use super::moments::{BASE, log_returns};

const METHOD: &str = "autocorrelation";

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "ljung_box",
    outputs: &["ljung_box", "ljung_box_p"],
    parameters: &[
        window("length", 10, 60),
        integer("lags", "autocorrelations tested together", (1, 1000), 5),
    ],
    description: "Ljung and Box's test of the log returns: whether any of the first autocorrelations \
                  differs from 0, and its p-value.",
    convention: "n (n + 2) sum r_l^2 / (n - l), chi-square with `lags` degrees of freedom (Ljung and \
                 Box 1978). Small p: returns depend on their past.",
    build: Build::Series(|a| {
        let (length, lags) = (a.length("length")?, a.length("lags")?);
        if lags + 2 > length {
            return Err(a.reject("lags", "must be fewer than the window's rows less one"));
        }
        let test = Portmanteau { length, lags };
        Ok(Built::reading(Windowed::new(test), log_returns(a)))
    }),
    ..BASE
}];

/// Autocorrelations of `x` at 1 to `lags` rows: autocovariances over all rows (divided by n) relative
/// to the variance.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] without lags, [`StatisticsError::TooFew`] with not more values
/// than lags + 1, [`StatisticsError::Missing`], [`StatisticsError::Constant`].
pub fn autocorrelations(x: &[f64], lags: usize) -> Result<Vec<f64>, StatisticsError> {
    let (range, rule) = ((1.0, 1e9), "must be at least 1");
    check_setting(METHOD, "lags", lags as f64, range, rule)?;
    check_sample(METHOD, 0, x, lags.saturating_add(2))?;
    coefficients(x, lags).ok_or(StatisticsError::Constant {
        method: METHOD,
        series: 0,
    })
}

fn coefficients(x: &[f64], lags: usize) -> Option<Vec<f64>> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let deviations: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let together = |lag: usize| -> f64 {
        let later = deviations.iter().skip(lag);
        deviations.iter().zip(later).map(|(a, b)| a * b).sum()
    };
    let variance = together(0);
    if variance <= n * (4.0 * f64::EPSILON * mean).powi(2) {
        return None;
    }
    Some((1..=lags).map(|lag| together(lag) / variance).collect())
}

/// Partial autocorrelations of `x` at 1 to `lags` rows: what each lag adds to the shorter ones, from
/// the Yule-Walker equations of [`autocorrelations`] by Levinson and Durbin's recursion (`statsmodels`
/// `pacf`, method `ywm`).
///
/// # Errors
/// As [`autocorrelations`].
pub fn partial_autocorrelations(x: &[f64], lags: usize) -> Result<Vec<f64>, StatisticsError> {
    let own = autocorrelations(x, lags)?;
    let mut weights: Vec<f64> = Vec::with_capacity(lags);
    let mut unexplained = 1.0;
    let mut partial = Vec::with_capacity(lags);
    for (order, target) in own.iter().enumerate() {
        let past = own[..order].iter().rev();
        let known: f64 = weights.iter().zip(past).map(|(w, r)| w * r).sum();
        let next = (target - known) / unexplained;
        let mirrored: Vec<f64> = weights.iter().rev().copied().collect();
        for (weight, other) in weights.iter_mut().zip(mirrored) {
            *weight -= next * other;
        }
        weights.push(next);
        unexplained *= 1.0 - next * next;
        partial.push(next);
    }
    Ok(partial)
}

/// Result of [`ljung_box`] up to one lag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LjungBox {
    /// Autocorrelations tested together.
    pub lags: usize,
    /// Ljung and Box (1978).
    pub statistic: f64,
    /// Chi-square with `lags` degrees of freedom; small: the series depends on its past.
    pub p_value: f64,
}

/// Ljung and Box's test of `x` up to each number of lags from 1 to `lags`.
///
/// # Errors
/// As [`autocorrelations`].
pub fn ljung_box(x: &[f64], lags: usize) -> Result<Vec<LjungBox>, StatisticsError> {
    let own = autocorrelations(x, lags)?;
    let n = x.len() as f64;
    let mut sum = 0.0;
    Ok(own
        .iter()
        .enumerate()
        .map(|(before, r)| {
            let lags = before + 1;
            sum += r * r / (n - lags as f64);
            let statistic = n * (n + 2.0) * sum;
            LjungBox {
                lags,
                statistic,
                p_value: chi_square_tail(statistic, lags as f64),
            }
        })
        .collect())
}

#[derive(Debug, Clone)]
struct Portmanteau {
    length: usize,
    lags: usize,
}

impl WindowStatistic<1, 2> for Portmanteau {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        let last = ljung_box(x, self.lags).ok();
        let last = last.and_then(|tests| tests.last().copied());
        last.map_or([f64::NAN; 2], |test| [test.statistic, test.p_value])
    }
}
