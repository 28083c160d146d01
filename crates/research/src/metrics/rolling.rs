//! Rolling statistics in time linear in the series, whatever the window.
//!
//! Running sums that add the new and subtract the old value keep the rounding error of every large
//! value that ever passed. Here nothing is subtracted: the series is cut into blocks of one window,
//! and each window is the merge of a block's suffix and the next block's prefix (van Herk 1992, Gil
//! and Werman 1993) with the pairwise moment update of Chan, Golub and `LeVeque` (1979). A spike
//! leaves no trace once it is out of the window.

use super::conventions::Conventions;
use super::undefined::{Undefined, observed, observed_pair};

/// Means, squared and cross deviations of a set of pairs.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: f64,
    mx: f64,
    my: f64,
    sxx: f64,
    syy: f64,
    sxy: f64,
}

impl Moments {
    fn single(x: f64, y: f64) -> Self {
        Self {
            n: 1.0,
            mx: x,
            my: y,
            ..Self::default()
        }
    }

    fn merge(self, other: Self) -> Self {
        let n = self.n + other.n;
        if n <= 0.0 {
            return self;
        }
        let (dx, dy) = (other.mx - self.mx, other.my - self.my);
        let share = other.n / n;
        let weight = self.n * share;
        Self {
            n,
            mx: self.mx + dx * share,
            my: self.my + dy * share,
            sxx: self.sxx + other.sxx + dx * dx * weight,
            syy: self.syy + other.syy + dy * dy * weight,
            sxy: self.sxy + other.sxy + dx * dy * weight,
        }
    }
}

/// Applies `figure` to the moments of every full window; the first `window - 1` entries are `None`.
fn over_windows(
    x: &[f64],
    y: &[f64],
    window: usize,
    figure: impl Fn(&Moments) -> Option<f64>,
) -> Vec<Option<f64>> {
    let mut out = vec![None; (window - 1).min(x.len())];
    let mut suffixes: Vec<Moments> = Vec::new();
    for (block_x, block_y) in x.chunks(window).zip(y.chunks(window)) {
        let mut prefix = Moments::default();
        for (i, (a, b)) in block_x.iter().zip(block_y).enumerate() {
            prefix = prefix.merge(Moments::single(*a, *b));
            if i + 1 == window {
                out.push(figure(&prefix));
            } else if let Some(suffix) = suffixes.get(i + 1) {
                out.push(figure(&suffix.merge(prefix)));
            }
        }
        suffixes.clear();
        let mut suffix = Moments::default();
        for (a, b) in block_x.iter().zip(block_y).rev() {
            suffix = Moments::single(*a, *b).merge(suffix);
            suffixes.push(suffix);
        }
        suffixes.reverse();
    }
    out
}

/// Spread that arithmetic leaves in a constant series does not count as variation.
fn spread(sum_of_squares: f64, mean: f64, n: f64) -> Option<f64> {
    let deviation = (sum_of_squares / (n - 1.0)).sqrt();
    (deviation > 16.0 * f64::EPSILON * mean.abs()).then_some(deviation)
}

fn checked_window(window: usize) -> Result<(), Undefined> {
    if window < 2 {
        Err(Undefined::OutOfRange { name: "window" })
    } else {
        Ok(())
    }
}

/// Annual Sharpe ratio over each window of returns; `None` before the first full window and where
/// the window has no variation.
///
/// # Errors
/// [`Undefined`] for a window below two or a non-finite return.
pub fn rolling_sharpe(
    returns: &[f64],
    window: usize,
    conventions: &Conventions,
) -> Result<Vec<Option<f64>>, Undefined> {
    checked_window(window)?;
    observed(returns, 0)?;
    let rate = conventions.risk_free_per_period()?;
    let root = conventions.periods()?.sqrt();
    Ok(over_windows(returns, returns, window, |m| {
        spread(m.sxx, m.mx, m.n).map(|deviation| (m.mx - rate) / deviation * root)
    }))
}

/// Annual volatility over each window of returns.
///
/// # Errors
/// As [`rolling_sharpe`].
pub fn rolling_volatility(
    returns: &[f64],
    window: usize,
    conventions: &Conventions,
) -> Result<Vec<Option<f64>>, Undefined> {
    checked_window(window)?;
    observed(returns, 0)?;
    let root = conventions.periods()?.sqrt();
    Ok(over_windows(returns, returns, window, |m| {
        Some((m.sxx / (m.n - 1.0)).sqrt() * root)
    }))
}

/// Beta over each window; `None` before the first full window and where the benchmark did not vary.
///
/// # Errors
/// As [`rolling_sharpe`]; [`Undefined::LengthMismatch`] for series that do not pair up.
pub fn rolling_beta(
    returns: &[f64],
    benchmark: &[f64],
    window: usize,
) -> Result<Vec<Option<f64>>, Undefined> {
    checked_window(window)?;
    observed_pair(returns, benchmark, 0)?;
    Ok(over_windows(benchmark, returns, window, |m| {
        spread(m.sxx, m.mx, m.n).map(|_| m.sxy / m.sxx)
    }))
}

#[cfg(test)]
mod tests {
    use super::super::{beta, sharpe};
    use super::*;

    fn wave(n: u32, step: f64) -> Vec<f64> {
        (0..n)
            .map(|i| 0.0005 + 0.01 * (f64::from(i) * step).sin())
            .collect()
    }

    #[test]
    fn every_window_equals_the_statistic_of_its_slice() {
        let (x, y) = (wave(97, 1.7), wave(97, 0.9));
        let daily = Conventions::daily();
        for window in [2, 3, 10, 31, 97, 98] {
            let sharpes = rolling_sharpe(&x, window, &daily).unwrap();
            let betas = rolling_beta(&x, &y, window).unwrap();
            assert_eq!(sharpes.len(), x.len());
            for end in 0..x.len() {
                if end + 1 < window {
                    assert!(sharpes[end].is_none() && betas[end].is_none());
                    continue;
                }
                let range = end + 1 - window..=end;
                let s = sharpe(&x[range.clone()], &daily).unwrap();
                let b = beta(&x[range.clone()], &y[range]).unwrap();
                assert!((sharpes[end].unwrap() - s).abs() < 1e-9 * s.abs().max(1.0));
                assert!((betas[end].unwrap() - b).abs() < 1e-9 * b.abs().max(1.0));
            }
        }
    }

    #[test]
    fn a_spike_leaves_no_trace_after_its_window() {
        let mut spiked = wave(200, 1.1);
        let clean = spiked.clone();
        spiked[20] = 1e12;
        let daily = Conventions::daily();
        let a = rolling_sharpe(&spiked, 25, &daily).unwrap();
        let b = rolling_sharpe(&clean, 25, &daily).unwrap();
        assert_eq!(a[50..], b[50..]);
    }

    #[test]
    fn flat_windows_are_undefined() {
        let daily = Conventions::daily();
        assert_eq!(rolling_sharpe(&[0.1; 4], 3, &daily).unwrap(), vec![None; 4]);
        assert!(rolling_sharpe(&[0.1; 4], 1, &daily).is_err());
    }
}
