//! Johansen's tests (1991) of how many independent combinations of several series are stationary.

use nalgebra::{DMatrix, DVector};

use super::error::{StatisticsError, check_series, check_setting};
use super::johansen_tables::{self, MOST_SERIES};
use super::unit_root::Trend;

const METHOD: &str = "Johansen test";

/// Deterministic part, removed from the series before the test as in `statsmodels`
/// `coint_johansen`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deterministic {
    /// None (`det_order` -1).
    None,
    /// A constant (0).
    Constant,
    /// A constant and a linear trend (1).
    Linear,
}

/// One hypothesis: at most `rank` stationary combinations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankTest {
    /// The hypothesis's number of combinations.
    pub rank: usize,
    /// Against any larger rank.
    pub trace: f64,
    /// At 10, 5 and 1 %: reject above.
    pub trace_critical: [f64; 3],
    /// Against exactly one more.
    pub largest: f64,
    /// At 10, 5 and 1 %: reject above.
    pub largest_critical: [f64; 3],
}

/// Result of [`johansen`].
#[derive(Debug, Clone, PartialEq)]
pub struct Johansen {
    /// By rank, from 0.
    pub tests: Vec<RankTest>,
    /// Squared canonical correlations, largest first.
    pub eigenvalues: Vec<f64>,
    /// The combination of each eigenvalue, one weight per series, scaled to unit variance of what
    /// remains of it; the first weight that is not 0 is positive.
    pub combinations: Vec<Vec<f64>>,
}

impl Johansen {
    /// Number of stationary combinations by the trace test at 5 %: the first hypothesis that is not
    /// rejected.
    pub fn rank(&self) -> usize {
        self.tests
            .iter()
            .position(|test| test.trace <= test.trace_critical[1])
            .unwrap_or(self.tests.len())
    }
}

/// Johansen's trace and largest-eigenvalue tests with `lags` lagged differences.
///
/// # Errors
/// [`StatisticsError::InvalidSetting`] for other than 1 to 12 series, [`StatisticsError::TooFew`]
/// with fewer rows than `(lags + 2) series + lags + 10`, [`StatisticsError::Missing`],
/// [`StatisticsError::LengthMismatch`], [`StatisticsError::Collinear`] (also for a constant series).
pub fn johansen(
    series: &[&[f64]],
    deterministic: Deterministic,
    lags: usize,
) -> Result<Johansen, StatisticsError> {
    let count = series.len();
    let range = (1.0, MOST_SERIES as f64);
    check_setting(METHOD, "series", count as f64, range, "must be 1 to 12")?;
    let needed = lags
        .saturating_add(2)
        .saturating_mul(count)
        .saturating_add(lags)
        .saturating_add(10);
    check_series(METHOD, series, needed)?;
    let rows = series.first().map_or(0, |first| first.len());
    solve(series, deterministic, lags, rows).ok_or(StatisticsError::Collinear { method: METHOD })
}

fn solve(
    series: &[&[f64]],
    deterministic: Deterministic,
    lags: usize,
    rows: usize,
) -> Option<Johansen> {
    let count = series.len();
    let (before, after) = match deterministic {
        Deterministic::None => (Trend::None, Trend::None),
        Deterministic::Constant => (Trend::Constant, Trend::Constant),
        Deterministic::Linear => (Trend::Linear, Trend::Constant),
    };
    let levels = detrended(&DMatrix::from_fn(rows, count, |i, j| series[j][i]), before)?;
    let changes = levels.rows(1, rows - 1) - levels.rows(0, rows - 1);
    let used = rows - 1 - lags;
    let lagged = DMatrix::from_fn(used, count * lags, |i, j| {
        changes[(i + lags - 1 - j / count, j % count)]
    });
    let lagged = detrended(&lagged, after)?;
    let now = detrended(&changes.rows(lags, used).into_owned(), after)?;
    let past = detrended(&levels.rows(1, used).into_owned(), after)?;
    let (now, past) = (residuals(&now, &lagged)?, residuals(&past, &lagged)?);
    let share = 1.0 / used as f64;
    let own = share * past.tr_mul(&past);
    let cross = share * past.tr_mul(&now);
    let other = (share * now.tr_mul(&now)).cholesky()?;
    let explained = &cross * other.solve(&cross.transpose());
    // In the coordinates of the Cholesky factor the problem is symmetric.
    let factor = own.cholesky()?.l();
    let half = factor.solve_lower_triangular(&explained)?;
    let both = factor.solve_lower_triangular(&half.transpose())?;
    let symmetric = 0.5 * (&both + both.transpose());
    let eigen = symmetric.try_symmetric_eigen(f64::EPSILON, 1000)?;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let eigenvalues: Vec<f64> = order.iter().map(|i| eigen.eigenvalues[*i]).collect();
    if !eigenvalues.iter().all(|value| *value < 1.0) {
        return None;
    }
    let combinations = order
        .iter()
        .map(|i| {
            let column: DVector<f64> = eigen.eigenvectors.column(*i).into_owned();
            let weights = factor.tr_solve_lower_triangular(&column)?;
            let sign = weights
                .iter()
                .find(|w| **w != 0.0)
                .map_or(1.0, |w| w.signum());
            Some(weights.iter().map(|w| sign * w).collect())
        })
        .collect::<Option<Vec<Vec<f64>>>>()?;
    let tests = rank_tests(&eigenvalues, deterministic, used)?;
    Some(Johansen {
        tests,
        eigenvalues,
        combinations,
    })
}

fn rank_tests(
    eigenvalues: &[f64],
    deterministic: Deterministic,
    rows: usize,
) -> Option<Vec<RankTest>> {
    let term = |value: &f64| -(rows as f64) * (-value.max(0.0)).ln_1p();
    (0..eigenvalues.len())
        .map(|rank| {
            let left = eigenvalues.get(rank..)?;
            Some(RankTest {
                rank,
                trace: left.iter().map(term).sum(),
                trace_critical: johansen_tables::trace(deterministic, left.len())?,
                largest: left.first().map(term)?,
                largest_critical: johansen_tables::largest(deterministic, left.len())?,
            })
        })
        .collect()
}

/// What a regression of each column on the deterministic terms leaves.
fn detrended(columns: &DMatrix<f64>, trend: Trend) -> Option<DMatrix<f64>> {
    let rows = columns.nrows();
    let terms = trend.columns(rows);
    if columns.ncols() == 0 || terms.is_empty() {
        return Some(columns.clone());
    }
    let terms = DMatrix::from_fn(rows, terms.len(), |i, j| terms[j][i]);
    residuals(columns, &terms)
}

/// What a regression of each column on `regressors` leaves; `None` when those depend on each other.
fn residuals(columns: &DMatrix<f64>, regressors: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    if regressors.ncols() == 0 {
        return Some(columns.clone());
    }
    let basis = regressors.clone().qr();
    let diagonal = basis.r().diagonal();
    let largest = diagonal.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    if !diagonal.iter().all(|value| value.abs() > 1e-12 * largest) {
        return None;
    }
    let q = basis.q();
    Some(columns - &q * q.tr_mul(columns))
}
