//! Several series at once: exponentially weighted covariance, partial correlation, Mahalanobis distance.

use nalgebra::{DMatrix, DVector};

use crate::calculator::Kernel;
use crate::parameter::{real, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::state_fields;
use crate::window::{WindowStatistic, Windowed};

use super::error::{StatisticsError, check_series, check_setting};
use super::moments::BASE;

const EWM: &str = "exponentially weighted covariance";
const PARTIAL: &str = "partial correlation";
const MAHALANOBIS: &str = "Mahalanobis distance";

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "ewm_cov",
        outputs: &["ewm_cov", "ewm_var", "ewm_beta"],
        parameters: &[real("alpha", "weight of the newest row", (1e-6, 1.0), 0.06)],
        inputs: &["close", "benchmark"],
        cost: Cost::Constant,
        description: "Exponentially weighted covariance of the log returns with the benchmark's, their \
                      own variance, and their slope on the benchmark's.",
        convention: "Around exponentially weighted means, weights (1-alpha)^k alpha with the first row \
                     taking the rest (pandas ewm, adjust=False, bias=True); from the second return on.",
        build: Build::Series(|a| {
            let kernel = EwmCovariance::new(a.real("alpha")?);
            let log_returns = |source: &String| format!("logret_1({source})");
            let sources = a.sources().iter().map(log_returns).collect();
            Ok(Built::reading(kernel, sources))
        }),
        ..BASE
    },
    Definition {
        name: "turbulence",
        outputs: &["turbulence"],
        parameters: &[window("length", 10, 60)],
        inputs: &["close", "benchmark"],
        description: "How unusual the last pair of log returns (symbol and benchmark) is: squared \
                      Mahalanobis distance over 2, 1 on average.",
        convention: "From the means and covariance (ddof 1) of the window, the last row included \
                     (Kritzman and Li 2010).",
        build: Build::Series(|a| {
            let statistic = Turbulence {
                length: a.length("length")?,
            };
            let log_returns = |source: &String| format!("logret_1({source})");
            let sources = a.sources().iter().map(log_returns).collect();
            Ok(Built::reading(Windowed::new(statistic), sources))
        }),
        ..BASE
    },
];

/// Exponentially weighted covariance matrix after the last row, `alpha` the weight of the newest row:
/// around weighted means, weights `(1-alpha)^k alpha` with the first row taking the rest (pandas
/// `ewm(adjust=False).cov(bias=True)`).
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] unless 0 < alpha <= 1, [`StatisticsError::TooFew`] without rows,
/// [`StatisticsError::Missing`], [`StatisticsError::LengthMismatch`].
pub fn ewm_covariance(series: &[&[f64]], alpha: f64) -> Result<Vec<Vec<f64>>, StatisticsError> {
    let (range, rule) = ((f64::MIN_POSITIVE, 1.0), "must be above 0 and at most 1");
    check_setting(EWM, "alpha", alpha, range, rule)?;
    check_series(EWM, series, 1)?;
    let pair = |a: &[f64], b: &[f64]| {
        let mut kernel = EwmCovariance::new(alpha);
        for (a, b) in a.iter().zip(b) {
            kernel.step([*a, *b]);
        }
        kernel.moments[1]
    };
    Ok(series
        .iter()
        .map(|a| series.iter().map(|b| pair(a, b)).collect())
        .collect())
}

/// Correlation of two of the series once the influence of all the others is removed from both.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] when `first` or `second` is not the number of a series or they are
/// the same, [`StatisticsError::TooFew`] with fewer rows than series + 2, [`StatisticsError::Missing`],
/// [`StatisticsError::LengthMismatch`], [`StatisticsError::Collinear`] (also for a constant series).
pub fn partial_correlation(
    series: &[&[f64]],
    first: usize,
    second: usize,
) -> Result<f64, StatisticsError> {
    let range = (0.0, series.len() as f64 - 1.0);
    for (setting, index) in [("first", first), ("second", second)] {
        let rule = "must be the number of a series, counted from 0";
        check_setting(PARTIAL, setting, index as f64, range, rule)?;
    }
    if first == second {
        let (range, rule) = ((f64::NAN, f64::NAN), "must differ from the first");
        check_setting(PARTIAL, "second", second as f64, range, rule)?;
    }
    check_series(PARTIAL, series, series.len() + 2)?;
    let precision = covariance(series)
        .and_then(|(_, matrix)| inverse(&matrix))
        .ok_or(StatisticsError::Collinear { method: PARTIAL })?;
    let own = (precision[(first, first)] * precision[(second, second)]).sqrt();
    Ok((-precision[(first, second)] / own).clamp(-1.0, 1.0))
}

/// Distance of `point` from the sample's mean in units of its covariance (ddof 1): the square root of
/// `d' C^-1 d`.
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer rows than series + 2, [`StatisticsError::Missing`],
/// [`StatisticsError::LengthMismatch`] (also when `point` has not one value per series),
/// [`StatisticsError::Collinear`] (also for a constant series).
pub fn mahalanobis(series: &[&[f64]], point: &[f64]) -> Result<f64, StatisticsError> {
    check_series(MAHALANOBIS, series, series.len() + 2)?;
    if point.len() != series.len() {
        return Err(StatisticsError::LengthMismatch {
            method: MAHALANOBIS,
            series: series.len(),
            found: point.len(),
            expected: series.len(),
        });
    }
    check_series(MAHALANOBIS, &[point], 1)?;
    let collinear = StatisticsError::Collinear {
        method: MAHALANOBIS,
    };
    let (means, matrix) = covariance(series).ok_or_else(|| collinear.clone())?;
    let precision = inverse(&matrix).ok_or(collinear)?;
    let distances = point.iter().zip(&means).map(|(x, mean)| x - mean);
    let away = DVector::from_iterator(point.len(), distances);
    Ok(away.dot(&(precision * &away)).max(0.0).sqrt())
}

/// Means and sample covariance.
fn covariance(series: &[&[f64]]) -> Option<(Vec<f64>, DMatrix<f64>)> {
    let rows = series.first()?.len() as f64;
    let means: Vec<f64> = series
        .iter()
        .map(|x| x.iter().sum::<f64>() / rows)
        .collect();
    let matrix = DMatrix::from_fn(series.len(), series.len(), |i, j| {
        let pairs = series[i].iter().zip(series[j]);
        let products: f64 = pairs.map(|(a, b)| (a - means[i]) * (b - means[j])).sum();
        products / (rows - 1.0)
    });
    Some((means, matrix))
}

/// Inverse of a covariance matrix through that of the correlations, so that the series' units do not
/// matter; `None` when it is singular to rounding.
fn inverse(matrix: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let scale = matrix.diagonal().map(f64::sqrt);
    if !scale.iter().all(|s| *s > 0.0 && s.is_finite()) {
        return None;
    }
    let correlations = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        matrix[(i, j)] / (scale[i] * scale[j])
    });
    let factor = correlations.cholesky()?;
    if !factor.l().diagonal().iter().all(|d| *d > 1e-7) {
        return None;
    }
    let inner = factor.inverse();
    Some(DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| {
        inner[(i, j)] / (scale[i] * scale[j])
    }))
}

/// Inputs: two returns. Moments: variance of the first, covariance, variance of the second.
#[derive(Debug, Clone)]
struct EwmCovariance {
    alpha: f64,
    seen: u64,
    means: [f64; 2],
    moments: [f64; 3],
}

state_fields!(EwmCovariance {
    seen,
    means,
    moments
});

impl EwmCovariance {
    fn new(alpha: f64) -> Self {
        Self {
            alpha,
            seen: 0,
            means: [0.0; 2],
            moments: [0.0; 3],
        }
    }
}

impl Kernel<2, 3> for EwmCovariance {
    fn warm_up(&self) -> [usize; 3] {
        [1; 3]
    }

    #[inline]
    fn step(&mut self, row: [f64; 2]) -> [f64; 3] {
        self.seen = self.seen.saturating_add(1);
        if self.seen == 1 {
            self.means = row;
            return [f64::NAN; 3];
        }
        let [a, b] = [row[0] - self.means[0], row[1] - self.means[1]];
        let keep = 1.0 - self.alpha;
        self.means = [
            self.means[0] + self.alpha * a,
            self.means[1] + self.alpha * b,
        ];
        for (moment, product) in self.moments.iter_mut().zip([a * a, a * b, b * b]) {
            *moment = keep * (*moment + self.alpha * product);
        }
        let [own, both, other] = self.moments;
        let beta = if other > 0.0 { both / other } else { f64::NAN };
        [both, own, beta]
    }
}

#[derive(Debug, Clone)]
struct Turbulence {
    length: usize,
}

impl WindowStatistic<2, 1> for Turbulence {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x, y]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 1] {
        let n = x.len() as f64;
        let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let (dx, dy) = (x - mean_x, y - mean_y);
            xx += dx * dx;
            yy += dy * dy;
            xy += dx * dy;
        }
        let determinant = xx * yy - xy * xy;
        let (Some(x), Some(y)) = (x.last(), y.last()) else {
            return [f64::NAN];
        };
        // Rounding only: a constant side, or one a multiple of the other.
        if determinant <= 1e-12 * xx * yy {
            return [f64::NAN];
        }
        let (dx, dy) = (x - mean_x, y - mean_y);
        let square = (yy * dx * dx - 2.0 * xy * dx * dy + xx * dy * dy) / determinant;
        [0.5 * (n - 1.0) * square]
    }
}
