//! Unit roots, stationarity and cointegration: augmented Dickey-Fuller, KPSS, Engle-Granger, and the
//! half-life of a spread.

use crate::parameter::{choice, integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::rolling::ratio;
use crate::window::{WindowStatistic, Windowed};

use super::moments::BASE;
use super::regression::{least_squares, slope};
use crate::options::black_scholes::normal_cdf;

/// Deterministic part of a unit-root regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// None.
    None,
    /// A constant.
    Constant,
    /// A constant and a linear trend.
    Linear,
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "adf",
        outputs: &["adf_stat", "adf_p"],
        parameters: &[
            window("length", 20, 60),
            integer("lags", "lagged differences", (0, 50), 1),
            choice("trend", "deterministic part", &["c", "n", "ct"]),
        ],
        description: "Augmented Dickey-Fuller test of a unit root: statistic and p-value.",
        convention: "t statistic of the lagged level with a fixed number of lags; p-value from the \
                     response surface of MacKinnon (1994). Small p: stationary.",
        build: Build::Series(|a| {
            let (length, lags) = (a.length("length")?, a.length("lags")?);
            if 3 * lags + 8 > length {
                return Err(a.reject("lags", "are too many for the window (3 lags + 8 rows)"));
            }
            let trend = match a.word("trend")? {
                "n" => Trend::None,
                "ct" => Trend::Linear,
                _ => Trend::Constant,
            };
            let test = UnitRoot {
                length,
                lags,
                trend,
            };
            Ok(Built::over_sources(a, Windowed::new(test)))
        }),
        ..BASE
    },
    Definition {
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
    },
    Definition {
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
    },
];

/// The Dickey-Fuller t statistic with `lags` lagged differences; `None` for too few or constant
/// values.
pub fn dickey_fuller(x: &[f64], lags: usize, trend: Trend) -> Option<f64> {
    let changes: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let y = changes.get(lags..)?;
    let mut columns = vec![x.get(lags..x.len().checked_sub(1)?)?.to_vec()];
    for lag in 1..=lags {
        columns.push(changes.get(lags - lag..changes.len() - lag)?.to_vec());
    }
    if trend != Trend::None {
        columns.push(vec![1.0; y.len()]);
    }
    if trend == Trend::Linear {
        columns.push((0..y.len()).map(|row| row as f64).collect());
    }
    let fit = least_squares(&columns, y)?;
    // An exact fit leaves no error to measure against.
    let total: f64 = y.iter().map(|y| y * y).sum();
    if fit.squares <= 1e-24 * total {
        return None;
    }
    let statistic = fit.coefficients.first()? / fit.errors.first()?;
    statistic.is_finite().then_some(statistic)
}

/// p-value of a Dickey-Fuller statistic by the response surfaces of `MacKinnon` (1994, tables 3 and
/// 4): for one series with the given trend, or for the residuals of two series with a constant.
pub fn unit_root_p_value(statistic: f64, trend: Trend, series: Series) -> f64 {
    let (least, split, most, small, large) = match (trend, series) {
        (_, Series::Two) => (
            -18.86,
            -2.62,
            0.92,
            [2.92, 1.5012, 0.039_796],
            [2.1945, 0.646_95, -0.291_98, -0.042_377],
        ),
        (Trend::None, Series::One) => (
            -19.04,
            -1.04,
            f64::INFINITY,
            [0.6344, 1.2378, 0.032_496],
            [0.4797, 0.935_57, -0.069_99, 0.033_066],
        ),
        (Trend::Constant, Series::One) => (
            -18.83,
            -1.61,
            2.74,
            [2.1659, 1.4412, 0.038_269],
            [1.7339, 0.932_02, -0.127_45, -0.010_368],
        ),
        (Trend::Linear, Series::One) => (
            -16.18,
            -2.89,
            0.7,
            [3.2512, 1.6047, 0.049_588],
            [2.5261, 0.616_54, -0.379_56, -0.060_285],
        ),
    };
    if statistic > most {
        return 1.0;
    }
    if statistic < least {
        return 0.0;
    }
    let polynomial = |coefficients: &[f64]| {
        let highest_first = coefficients.iter().rev();
        highest_first.fold(0.0, |sum, coefficient| sum * statistic + coefficient)
    };
    normal_cdf(if statistic <= split {
        polynomial(&small)
    } else {
        polynomial(&large)
    })
}

/// How many series a unit-root statistic is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// One observed series.
    One,
    /// The residual of one series regressed on another.
    Two,
}

/// The KPSS statistic around a level; NaN for a constant series.
pub fn kpss(x: &[f64], lags: usize) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let residuals: Vec<f64> = x.iter().map(|x| x - mean).collect();
    let (mut sum, mut sums) = (0.0, 0.0);
    let mut variance = 0.0;
    for residual in &residuals {
        sum += residual;
        sums += sum * sum;
        variance += residual * residual;
    }
    if variance <= n * (4.0 * f64::EPSILON * mean).powi(2) {
        return f64::NAN;
    }
    for lag in 1..=lags.min(residuals.len()) {
        let products: f64 = residuals
            .iter()
            .zip(&residuals[lag..])
            .map(|(a, b)| a * b)
            .sum();
        variance += 2.0 * (1.0 - lag as f64 / (lags as f64 + 1.0)) * products;
    }
    ratio(sums / (n * n), variance / n)
}

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
            let p = unit_root_p_value(statistic, self.trend, Series::One);
            [statistic, p]
        })
    }
}

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
        [kpss(x, self.lags)]
    }
}

/// What Engle and Granger's two steps find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cointegration {
    /// Dickey-Fuller statistic of the residuals.
    pub statistic: f64,
    /// Its p-value; small: cointegrated.
    pub p_value: f64,
    /// Units of the second series that hedge one of the first.
    pub beta: f64,
    /// Rows until half of a deviation is gone; `None` when deviations do not shrink.
    pub half_life: Option<f64>,
}

/// Cointegration of `y` with `x` (Engle and Granger 1987); `None` for constant, too short or
/// perfectly related series.
pub fn engle_granger(y: &[f64], x: &[f64], lags: usize) -> Option<Cointegration> {
    let fit = least_squares(&[x.to_vec(), vec![1.0; x.len()]], y)?;
    let statistic = dickey_fuller(&fit.residuals, lags, Trend::None)?;
    let changes: Vec<f64> = fit.residuals.windows(2).map(|p| p[1] - p[0]).collect();
    let reversion = slope(fit.residuals.get(..changes.len())?, &changes);
    Some(Cointegration {
        statistic,
        p_value: unit_root_p_value(statistic, Trend::Constant, Series::Two),
        beta: *fit.coefficients.first()?,
        half_life: (reversion < 0.0).then(|| -std::f64::consts::LN_2 / reversion),
    })
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
        engle_granger(y, x, self.lags).map_or([f64::NAN; 4], |found| {
            let half_life = found.half_life.unwrap_or(f64::NAN);
            [found.statistic, found.p_value, found.beta, half_life]
        })
    }
}
