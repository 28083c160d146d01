//! Was the `VaR` forecast right? Counts exceptions and tests their number and their clustering.

use super::undefined::{Metric, Undefined, finite, observed_pair};

/// Exceptions of a forecast, and how they follow one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceptions {
    /// Periods with a forecast.
    pub periods: usize,
    /// Periods whose return fell below the forecast.
    pub exceptions: usize,
    /// Transitions `[from][to]` between consecutive periods, index 1 for an exception.
    pub transitions: [[usize; 2]; 2],
}

/// Counts the periods whose return lies below its `VaR` forecast (a return, negative).
///
/// # Errors
/// [`Undefined`] for series that do not pair up, are empty or not finite.
pub fn exceptions(returns: &[f64], forecasts: &[f64]) -> Result<Exceptions, Undefined> {
    observed_pair(returns, forecasts, 1)?;
    let hits: Vec<usize> = returns
        .iter()
        .zip(forecasts)
        .map(|(r, var)| usize::from(r < var))
        .collect();
    let mut transitions = [[0_usize; 2]; 2];
    for pair in hits.windows(2) {
        let &[from, to] = pair else { continue };
        if let Some(cell) = transitions.get_mut(from).and_then(|row| row.get_mut(to)) {
            *cell += 1;
        }
    }
    Ok(Exceptions {
        periods: hits.len(),
        exceptions: hits.iter().sum(),
        transitions,
    })
}

/// A likelihood-ratio test with one degree of freedom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LikelihoodRatio {
    /// Test statistic, chi-squared with one degree of freedom under the hypothesis.
    pub statistic: f64,
    /// Probability of a statistic at least as large under the hypothesis.
    pub p_value: f64,
}

fn test(statistic: f64) -> Result<LikelihoodRatio, Undefined> {
    // Rounding can push a perfect fit below zero.
    let statistic = finite(statistic)?.max(0.0);
    Ok(LikelihoodRatio {
        statistic,
        p_value: libm::erfc((statistic / 2.0).sqrt()),
    })
}

/// `n * ln(p)` with `0 * ln(0) = 0`.
fn weighted_log(n: f64, p: f64) -> f64 {
    if n > 0.0 { n * p.ln() } else { 0.0 }
}

fn bernoulli(misses: f64, hits: f64, p: f64) -> f64 {
    weighted_log(misses, 1.0 - p) + weighted_log(hits, p)
}

/// Proportion of failures (Kupiec 1995): are there as many exceptions as the tail probability says?
///
/// # Errors
/// [`Undefined::OutOfRange`] unless `0 < tail < 1`; [`Undefined::TooFew`] without periods.
pub fn kupiec(counts: &Exceptions, tail: f64) -> Result<LikelihoodRatio, Undefined> {
    if !(tail > 0.0 && tail < 1.0) {
        return Err(Undefined::OutOfRange { name: "tail" });
    }
    if counts.periods == 0 {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    let hits = counts.exceptions as f64;
    let misses = counts.periods as f64 - hits;
    let rate = hits / counts.periods as f64;
    test(-2.0 * (bernoulli(misses, hits, tail) - bernoulli(misses, hits, rate)))
}

/// Independence (Christoffersen 1998): is an exception as likely after an exception as after none?
///
/// # Errors
/// [`Undefined::TooFew`] unless periods both with and without an exception have a successor.
pub fn christoffersen(counts: &Exceptions) -> Result<LikelihoodRatio, Undefined> {
    let [[n00, n01], [n10, n11]] = counts.transitions.map(|row| row.map(|n| n as f64));
    let share = |hits: f64, all: f64| -> Metric {
        if all > 0.0 {
            Ok(hits / all)
        } else {
            Err(Undefined::TooFew { needed: 1, got: 0 })
        }
    };
    let after_none = share(n01, n00 + n01)?;
    let after_hit = share(n11, n10 + n11)?;
    let overall = share(n01 + n11, n00 + n01 + n10 + n11)?;
    let restricted = bernoulli(n00 + n10, n01 + n11, overall);
    let free = bernoulli(n00, n01, after_none) + bernoulli(n10, n11, after_hit);
    test(-2.0 * (restricted - free))
}
