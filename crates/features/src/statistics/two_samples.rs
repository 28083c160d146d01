//! Whether two samples come from the same distribution: Kolmogorov-Smirnov, Mann-Whitney, Welch. All
//! p-values are two-sided and, where the field has an exact one, exact for small samples.

use super::association::mid_ranks;
use super::diagnostics::TestResult;
use super::distributions::{kolmogorov_tail, normal_two_sided, student_two_sided};
use super::error::{StatisticsError, check_sample};

const KOLMOGOROV: &str = "Kolmogorov-Smirnov test";
const MANN_WHITNEY: &str = "Mann-Whitney test";
const WELCH: &str = "Welch test";

/// Largest sample whose exact p-value is computed by [`kolmogorov_smirnov`].
const MOST_EXACT: usize = 10_000;

/// The largest distance between the samples' distribution functions. The p-value is exact up to 10,000
/// values per sample (share of lattice paths that leave the band; n m steps), beyond that asymptotic.
///
/// # Errors
/// [`StatisticsError::TooFew`] with an empty sample, [`StatisticsError::Missing`].
pub fn kolmogorov_smirnov(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    check_sample(KOLMOGOROV, 0, a, 1)?;
    check_sample(KOLMOGOROV, 1, b, 1)?;
    let (a, b) = (sorted(a), sorted(b));
    let (n, m) = (a.len(), b.len());
    let (mut i, mut j) = (0, 0);
    // |i m - j n|, exact in whole numbers; n m is the unit.
    let mut widest = 0_u128;
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let least = x.min(*y);
        i += a.iter().skip(i).take_while(|x| **x <= least).count();
        j += b.iter().skip(j).take_while(|y| **y <= least).count();
        widest = widest.max(gap(i, j, n, m));
    }
    let statistic = widest as f64 / (n as f64 * m as f64);
    let p_value = if n.max(m) <= MOST_EXACT {
        share_outside(n, m, widest)
    } else {
        let size = n as f64 * m as f64 / (n as f64 + m as f64);
        kolmogorov_tail(size.sqrt() * statistic)
    };
    Ok(TestResult { statistic, p_value })
}

fn gap(i: usize, j: usize, n: usize, m: usize) -> u128 {
    (i as u128 * m as u128).abs_diff(j as u128 * n as u128)
}

/// Share of the orders of n and m values in which the distance reaches `widest`: by the last step, a
/// path to (i, j) came from (i-1, j) with probability i/(i+j).
fn share_outside(n: usize, m: usize, widest: u128) -> f64 {
    let outside = |i: usize, j: usize| gap(i, j, n, m) >= widest;
    let mut shares = vec![0.0; m + 1];
    for i in 0..=n {
        let mut before = 0.0;
        for (j, share) in shares.iter_mut().enumerate() {
            let total = (i + j) as f64;
            *share = if outside(i, j) {
                1.0
            } else if i + j == 0 {
                0.0
            } else {
                (i as f64 * *share + j as f64 * before) / total
            };
            before = *share;
        }
    }
    shares.last().copied().unwrap_or(f64::NAN)
}

fn sorted(x: &[f64]) -> Vec<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Mann and Whitney's U (1947): pairs in which the value of `a` is the larger one, ties half. The
/// p-value is exact when a sample has at most 8 values and none are equal, else normal with correction
/// for ties and continuity (as `scipy`).
///
/// # Errors
/// [`StatisticsError::TooFew`] with an empty sample, [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`] when all values are equal.
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Result<TestResult, StatisticsError> {
    check_sample(MANN_WHITNEY, 0, a, 1)?;
    check_sample(MANN_WHITNEY, 1, b, 1)?;
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let (ranks, ties) = mid_ranks(&all);
    let (n, m) = (a.len() as f64, b.len() as f64);
    let statistic = ranks.iter().take(a.len()).sum::<f64>() - 0.5 * n * (n + 1.0);
    let tied: f64 = ties.iter().map(|t| t * t * t - t).sum();
    let larger = statistic.max(n * m - statistic);
    let p_value = if tied == 0.0 && a.len().min(b.len()) <= 8 && a.len().max(b.len()) <= 1000 {
        exact_tail(a.len(), b.len(), larger)
    } else {
        let rows = n + m;
        let variance = n * m / 12.0 * (rows + 1.0 - tied / (rows * (rows - 1.0)));
        if variance <= 0.0 {
            return Err(StatisticsError::Constant {
                method: MANN_WHITNEY,
                series: 0,
            });
        }
        normal_two_sided(((larger - 0.5 * n * m - 0.5) / variance.sqrt()).max(0.0))
    };
    Ok(TestResult { statistic, p_value })
}

/// Twice the share of the orders of n and m values with U of `larger` or more, at most 1.
fn exact_tail(n: usize, m: usize, larger: f64) -> f64 {
    let (n, m) = (n.min(m), n.max(m));
    // shares[k][u]: of the orders of k and i values, those with U = u.
    let most = n * m;
    let mut shares = vec![vec![0.0; most + 1]; n + 1];
    shares[0][0] = 1.0;
    for row in shares.iter_mut().skip(1) {
        row[0] = 1.0;
    }
    for i in 1..=m {
        for k in 1..=n {
            let total = (i + k) as f64;
            for u in (0..=k * i).rev() {
                // The largest value is one of the k (U grows by i) or one of the i.
                let ours = u.checked_sub(i).map_or(0.0, |rest| shares[k - 1][rest]);
                shares[k][u] = (k as f64 * ours + i as f64 * shares[k][u]) / total;
            }
        }
    }
    let tail = shares[n].iter().enumerate();
    let tail: f64 = tail
        .filter(|(u, _)| *u as f64 >= larger)
        .map(|(_, share)| share)
        .sum();
    (2.0 * tail).min(1.0)
}

/// Result of [`welch`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Welch {
    /// Difference of the means over its standard error.
    pub statistic: f64,
    /// Welch and Satterthwaite's.
    pub degrees_of_freedom: f64,
    /// Two-sided, Student's t.
    pub p_value: f64,
}

/// Welch's test (1947) of equal means without assuming equal variances.
///
/// # Errors
/// [`StatisticsError::TooFew`] with fewer than 2 values, [`StatisticsError::Missing`],
/// [`StatisticsError::Constant`] when neither sample varies.
pub fn welch(a: &[f64], b: &[f64]) -> Result<Welch, StatisticsError> {
    check_sample(WELCH, 0, a, 2)?;
    check_sample(WELCH, 1, b, 2)?;
    let [(mean_a, square_a), (mean_b, square_b)] = [a, b].map(|x| {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let squares: f64 = x.iter().map(|x| (x - mean) * (x - mean)).sum();
        (mean, squares / (n * (n - 1.0)))
    });
    let variance = square_a + square_b;
    if variance <= 0.0 {
        return Err(StatisticsError::Constant {
            method: WELCH,
            series: 0,
        });
    }
    let share = |square: f64, n: usize| (square / variance).powi(2) / (n as f64 - 1.0);
    let degrees_of_freedom = 1.0 / (share(square_a, a.len()) + share(square_b, b.len()));
    let statistic = (mean_a - mean_b) / variance.sqrt();
    Ok(Welch {
        statistic,
        degrees_of_freedom,
        p_value: student_two_sided(statistic, degrees_of_freedom),
    })
}
