//! Engle and Granger's test (1987) of whether a combination of series stays together, and the
//! half-life of its deviations. Several combinations: [`super::johansen`].

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::error::{StatisticsError, check_sample, check_series, check_setting};
use super::mackinnon::{self, MOST_SERIES};
use super::moments::BASE;
use super::regression::{least_squares, slope};
use super::unit_root::{Lags, Trend, augmented_dickey_fuller, dickey_fuller};

const METHOD: &str = "Engle-Granger test";

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "coint",
    outputs: &["coint_stat", "coint_p", "coint_beta", "coint_half_life"],
    parameters: &[
        window("length", 20, 60),
        integer("lags", "lagged differences", (0, 50), 1),
    ],
    inputs: &["close", "benchmark"],
    description: "Engle-Granger cointegration with the benchmark: statistic, p-value, hedge ratio, \
                      half-life of the spread in rows.",
    convention: "Residuals of a regression with constant, then Dickey-Fuller without; p-value for \
                     two series (MacKinnon 1994). Half-life -ln 2 / slope of the residual's change on \
                     its level; missing while the spread does not revert.",
    build: Build::Series(|a| {
        let (length, lags) = (a.length("length")?, a.length("lags")?);
        if 3 * lags + 8 > length {
            return Err(a.reject("lags", "are too many for the window (3 lags + 8 rows)"));
        }
        Ok(Built::over_sources(a, Windowed::new(Pair { length, lags })))
    }),
    cost: Cost::Linear,
    ..BASE
}];

/// What Engle and Granger's two steps find.
#[derive(Debug, Clone, PartialEq)]
pub struct Cointegration {
    /// Dickey-Fuller statistic of the residuals.
    pub statistic: f64,
    /// `MacKinnon` (1994); small: cointegrated.
    pub p_value: f64,
    /// At 1, 5 and 10 % (`MacKinnon` 2010): reject below.
    pub critical_values: [f64; 3],
    /// Lagged differences used.
    pub lags: usize,
    /// Constant (and trend) of the regression.
    pub deterministic: Vec<f64>,
    /// Units of each other series that hedge one of the first.
    pub hedge: Vec<f64>,
    /// Deviations from the relation.
    pub residuals: Vec<f64>,
    /// Rows until half of a deviation is gone; `None` when deviations do not shrink.
    pub half_life: Option<f64>,
}

/// Cointegration of `y` with one to five other series: least squares with the given deterministic
/// part, then a Dickey-Fuller test of the residuals without any.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] for another number of series or no constant,
/// [`StatisticsError::TooFew`], [`StatisticsError::Missing`], [`StatisticsError::LengthMismatch`],
/// [`StatisticsError::Collinear`] when the series are exactly related.
pub fn engle_granger(
    y: &[f64],
    others: &[&[f64]],
    trend: Trend,
    lags: Lags,
) -> Result<Cointegration, StatisticsError> {
    let range = (1.0, MOST_SERIES as f64 - 1.0);
    check_setting(
        METHOD,
        "other series",
        others.len() as f64,
        range,
        "must be 1 to 5",
    )?;
    let terms = trend.terms();
    let rule = "must have at least a constant";
    check_setting(METHOD, "trend", terms as f64, (1.0, 3.0), rule)?;
    let all: Vec<&[f64]> = std::iter::once(y).chain(others.iter().copied()).collect();
    check_series(METHOD, &all, all.len() + terms + 8)?;
    let mut columns: Vec<Vec<f64>> = others.iter().map(|other| other.to_vec()).collect();
    columns.extend(trend.columns(y.len()));
    let collinear = StatisticsError::Collinear { method: METHOD };
    let fit = least_squares(&columns, y).ok_or_else(|| collinear.clone())?;
    let total: f64 = y.iter().map(|y| y * y).sum();
    if fit.squares <= 1e-24 * total {
        return Err(collinear);
    }
    let test = augmented_dickey_fuller(&fit.residuals, Trend::None, lags)?;
    let series = all.len();
    let critical = mackinnon::critical_values(trend, series, y.len() - 1);
    let mut coefficients = fit.coefficients;
    let deterministic = coefficients.split_off(others.len());
    Ok(Cointegration {
        statistic: test.statistic,
        p_value: mackinnon::p_value(test.statistic, trend, series),
        critical_values: critical.unwrap_or([f64::NAN; 3]),
        lags: test.lags,
        deterministic,
        hedge: coefficients,
        half_life: reversion(&fit.residuals),
        residuals: fit.residuals,
    })
}

/// Rows until half of a deviation of `x` from its mean is gone: -ln 2 over the slope of the change on
/// the level before, with a constant (Ornstein-Uhlenbeck); `None` when deviations do not shrink.
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than 3 values, [`StatisticsError::Missing`].
pub fn half_life(x: &[f64]) -> Result<Option<f64>, StatisticsError> {
    check_sample("half-life", 0, x, 3)?;
    Ok(reversion(x))
}

fn reversion(x: &[f64]) -> Option<f64> {
    let changes: Vec<f64> = x.windows(2).map(|p| p[1] - p[0]).collect();
    let slope = slope(x.get(..changes.len())?, &changes);
    (slope < 0.0).then(|| -std::f64::consts::LN_2 / slope)
}

#[derive(Debug, Clone)]
struct Pair {
    length: usize,
    lags: usize,
}

impl WindowStatistic<2, 4> for Pair {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [y, x]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 4] {
        let found = || {
            let fit = least_squares(&[x.to_vec(), vec![1.0; x.len()]], y)?;
            let statistic = dickey_fuller(&fit.residuals, self.lags, Trend::None)?;
            let p_value = mackinnon::p_value(statistic, Trend::Constant, 2);
            let half_life = reversion(&fit.residuals).unwrap_or(f64::NAN);
            Some([statistic, p_value, *fit.coefficients.first()?, half_life])
        };
        found().unwrap_or([f64::NAN; 4])
    }
}
