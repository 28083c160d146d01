//! How strongly two series go together, with p-values: Pearson, Spearman, Kendall.

use super::diagnostics::TestResult;
use super::distributions::{normal_two_sided, student_two_sided};
use super::error::{StatisticsError, check_series};
use super::moments::correlation;

const METHOD: &str = "correlation";

/// Pearson's correlation; the p-value is two-sided, exact for normal data (t with n - 2 degrees of
/// freedom).
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than 3 rows, [`StatisticsError::Missing`],
/// [`StatisticsError::LengthMismatch`], [`StatisticsError::Constant`].
pub fn pearson(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    check_series(METHOD, &[a, b], 3)?;
    linear(a, b)
}

/// Spearman's correlation of mid-ranks; the p-value is two-sided, from t with n - 2 degrees of freedom.
///
/// # Errors
/// As [`pearson`].
pub fn spearman(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    check_series(METHOD, &[a, b], 3)?;
    linear(&mid_ranks(a).0, &mid_ranks(b).0)
}

fn linear(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    let statistic = correlation(a, b);
    if statistic.is_nan() {
        let flat = |x: &[f64]| correlation(x, x).is_nan();
        return Err(StatisticsError::Constant {
            method: METHOD,
            series: usize::from(!flat(a)),
        });
    }
    let degrees = a.len() as f64 - 2.0;
    let t = statistic * (degrees / ((1.0 - statistic) * (1.0 + statistic))).sqrt();
    Ok(TestResult {
        statistic,
        p_value: student_two_sided(t, degrees),
    })
}

/// Ranks from 1, equal values sharing their mean rank, in the order of `x`; and the sizes of the groups
/// of equal values.
pub(crate) fn mid_ranks(x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_unstable_by(|a, b| x[*a].total_cmp(&x[*b]));
    let (mut ranks, mut groups) = (vec![0.0; x.len()], Vec::new());
    let mut below = 0;
    // -0 and 0 are equal, though one sorts before the other.
    for group in order.chunk_by(|a, b| x[*a] == x[*b]) {
        let rank = below as f64 + 0.5 * (group.len() as f64 + 1.0);
        for row in group {
            ranks[*row] = rank;
        }
        below += group.len();
        groups.push(group.len() as f64);
    }
    (ranks, groups)
}

/// Kendall's tau-b, corrected for ties; the p-value is two-sided, normal with the variance for ties
/// (Kendall 1970). O(n^2).
///
/// # Errors
/// As [`pearson`].
pub fn kendall(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    check_series(METHOD, &[a, b], 3)?;
    let n = a.len() as f64;
    let mut balance = 0_i64;
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        for (u, v) in a.iter().zip(b).skip(i + 1) {
            let sides = (order(*x, *u), order(*y, *v));
            balance += sides.0 * sides.1;
        }
    }
    let ties = [a, b].map(|x| {
        let (_, groups) = mid_ranks(x);
        let sum = |term: fn(f64) -> f64| groups.iter().map(|t| term(*t)).sum::<f64>();
        Ties {
            pairs: sum(|t| 0.5 * t * (t - 1.0)),
            triples: sum(|t| t * (t - 1.0) * (t - 2.0)),
            weighted: sum(|t| t * (t - 1.0) * (2.0 * t + 5.0)),
        }
    });
    let all = 0.5 * n * (n - 1.0);
    if let Some(series) = ties.iter().position(|ties| ties.pairs >= all) {
        return Err(StatisticsError::Constant {
            method: METHOD,
            series,
        });
    }
    let [x, y] = ties;
    let balance = balance as f64;
    let statistic = balance / (all - x.pairs).sqrt() / (all - y.pairs).sqrt();
    let total = n * (n - 1.0);
    let variance = (total * (2.0 * n + 5.0) - x.weighted - y.weighted) / 18.0
        + 2.0 * x.pairs * y.pairs / total
        + x.triples * y.triples / (9.0 * total * (n - 2.0));
    Ok(TestResult {
        statistic: statistic.clamp(-1.0, 1.0),
        p_value: normal_two_sided(balance / variance.sqrt()),
    })
}

struct Ties {
    pairs: f64,
    triples: f64,
    weighted: f64,
}

fn order(a: f64, b: f64) -> i64 {
    i64::from(a > b) - i64::from(a < b)
}
