//! KPSS tests, whose null hypothesis is that a series stays around its level or trend: the opposite
//! of a unit-root test's.

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Definition};
use crate::rolling::ratio;
use crate::window::{WindowStatistic, Windowed};

use super::error::{StatisticsError, check_sample};
use super::moments::BASE;
use super::regression::least_squares;
use super::unit_root::{Trend, long_run_variance};

const METHOD: &str = "KPSS test";

/// What a series is stationary around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// A level.
    Level,
    /// A linear trend.
    Trend,
}

/// A KPSS test's result. The null hypothesis is stationarity: small `p_value`, not stationary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kpss {
    /// Of Kwiatkowski, Phillips, Schmidt and Shin (1992).
    pub statistic: f64,
    /// Interpolated in their table 1, which ends at 0.01 and 0.10: those stand for "at most" and "at
    /// least".
    pub p_value: f64,
    /// At 10, 5, 2.5 and 1 %: reject above.
    pub critical_values: [f64; 4],
    /// Autocovariances in the long-run variance.
    pub lags: usize,
}

/// Levels of the critical values.
const LEVELS: [f64; 4] = [0.10, 0.05, 0.025, 0.01];

/// The KPSS test of `x` with `lags` autocovariances (Bartlett weights).
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than `lags` + 3 values, [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`].
pub fn kpss(x: &[f64], around: Around, lags: usize) -> Result<Kpss, StatisticsError> {
    check_sample(METHOD, 0, x, lags.saturating_add(3).max(4))?;
    let (residuals, critical_values) = match around {
        Around::Level => (around_mean(x), [0.347, 0.463, 0.574, 0.739]),
        Around::Trend => {
            let fit = least_squares(&Trend::Linear.columns(x.len()), x);
            (fit.map(|fit| fit.residuals), [0.119, 0.146, 0.176, 0.216])
        }
    };
    let statistic = residuals.map_or(f64::NAN, |residuals| score(&residuals, lags));
    if !statistic.is_finite() {
        return Err(StatisticsError::Constant {
            method: METHOD,
            series: 0,
        });
    }
    Ok(Kpss {
        statistic,
        p_value: interpolate(statistic, &critical_values),
        critical_values,
        lags,
    })
}

fn interpolate(statistic: f64, critical: &[f64; 4]) -> f64 {
    let pairs = critical.windows(2).zip(LEVELS.windows(2));
    for (values, levels) in pairs {
        if statistic < values[1] {
            let share = ((statistic - values[0]) / (values[1] - values[0])).max(0.0);
            return levels[0] + share * (levels[1] - levels[0]);
        }
    }
    LEVELS[3]
}

/// Deviations from the mean; `None` where only rounding is left.
fn around_mean(x: &[f64]) -> Option<Vec<f64>> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let residuals: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let squares: f64 = residuals.iter().map(|u| u * u).sum();
    (squares > n * (4.0 * f64::EPSILON * mean).powi(2)).then_some(residuals)
}

/// Sum of squared partial sums over the long-run variance.
fn score(residuals: &[f64], lags: usize) -> f64 {
    let n = residuals.len() as f64;
    let (mut sum, mut sums) = (0.0, 0.0);
    for residual in residuals {
        sum += residual;
        sums += sum * sum;
    }
    ratio(sums / (n * n), long_run_variance(residuals, lags))
}

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "kpss",
    outputs: &["kpss_stat"],
    parameters: &[
        window("length", 20, 60),
        integer("lags", "autocovariances", (0, 1000), 5),
    ],
    description: "KPSS test of stationarity around a level; large: not stationary (0.463 at 5 %).",
    convention: "Long-run variance with Bartlett weights 1 - l/(lags+1) (Kwiatkowski et al. 1992).",
    build: Build::Series(|a| {
        let (length, lags) = (a.length("length")?, a.length("lags")?);
        if lags >= length {
            return Err(a.reject("lags", "must be fewer than the window's rows"));
        }
        Ok(Built::over_sources(
            a,
            Windowed::new(Level { length, lags }),
        ))
    }),
    ..BASE
}];

#[derive(Debug, Clone)]
struct Level {
    length: usize,
    lags: usize,
}

impl WindowStatistic<1, 1> for Level {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        [around_mean(x).map_or(f64::NAN, |residuals| score(&residuals, self.lags))]
    }
}
