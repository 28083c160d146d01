//! Drawdown: how far equity lies below its running peak, how deep, how long, how often.
//!
//! The capital before the first return counts as a peak, so a strategy that only loses has a
//! drawdown from the first day. Values are fractions at or below zero.

use super::growth::wealth_curve;
use super::moments::{count, raw_mean, sorted};
use super::tail_risk::{Confidence, tail_mean_sorted};
use super::undefined::{Metric, Undefined, finite, observed};

/// A gap to the peak of at most this fraction is rounding, not a drawdown.
const AT_PEAK: f64 = 16.0 * f64::EPSILON;

/// How returns add up to the curve whose drawdown is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compounding {
    /// Profits are reinvested: drawdown is a fraction of the peak.
    Compounded,
    /// Constant stake: the curve is the sum of returns, drawdown is in units of the stake.
    Uncompounded,
}

/// Drawdown after each return, zero at a peak.
///
/// # Errors
/// [`Undefined::NonFinite`] for a NaN or infinite return.
pub fn drawdown_curve(returns: &[f64], mode: Compounding) -> Result<Vec<f64>, Undefined> {
    observed(returns, 0)?;
    Ok(match mode {
        Compounding::Compounded => {
            let mut peak = f64::NEG_INFINITY;
            let below = wealth_curve(returns)?.into_iter().map(|wealth| {
                peak = peak.max(wealth);
                let below = wealth / peak - 1.0;
                if below >= -AT_PEAK { 0.0 } else { below }
            });
            below.skip(1).collect()
        }
        Compounding::Uncompounded => {
            let (mut sum, mut peak) = (0.0_f64, 0.0_f64);
            let below = returns.iter().map(|r| {
                sum += r;
                peak = peak.max(sum);
                let below = sum - peak;
                if below >= -AT_PEAK { 0.0 } else { below }
            });
            below.collect()
        }
    })
}

/// Deepest drawdown, at or below zero.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn max_drawdown(returns: &[f64], mode: Compounding) -> Metric {
    observed(returns, 1)?;
    finite(
        drawdown_curve(returns, mode)?
            .into_iter()
            .fold(0.0, f64::min),
    )
}

/// Mean drawdown over all periods, those at a peak included.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn average_drawdown(returns: &[f64]) -> Metric {
    observed(returns, 1)?;
    finite(raw_mean(&drawdown_curve(returns, Compounding::Compounded)?))
}

/// Ulcer index (Martin and `McCann` 1989): root mean square drawdown over all
/// periods, as a fraction.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn ulcer_index(returns: &[f64]) -> Metric {
    observed(returns, 1)?;
    let curve = drawdown_curve(returns, Compounding::Compounded)?;
    finite((curve.iter().map(|d| d * d).sum::<f64>() / count(&curve)).sqrt())
}

/// Conditional drawdown at risk (Chekhlov, Uryasev, Zabarankin 2005): mean of the worst
/// `1 - confidence` share of drawdowns, negative.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn conditional_drawdown_at_risk(
    returns: &[f64],
    mode: Compounding,
    confidence: Confidence,
) -> Metric {
    observed(returns, 1)?;
    tail_mean_sorted(&sorted(&drawdown_curve(returns, mode)?), confidence)
}

/// Longest run of periods under water, in periods.
///
/// # Errors
/// [`Undefined`] when empty or not finite.
pub fn longest_drawdown(returns: &[f64]) -> Result<usize, Undefined> {
    observed(returns, 1)?;
    let (mut run, mut longest) = (0_usize, 0_usize);
    for below in drawdown_curve(returns, Compounding::Compounded)? {
        run = if below < 0.0 { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    Ok(longest)
}

/// One fall from a peak until equity is back at it.
///
/// Indices count points of the wealth curve: 0 is the capital before the first return, `i` the
/// wealth after return `i`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawdownEpisode {
    /// Last point at the peak.
    pub peak: usize,
    /// Deepest point.
    pub trough: usize,
    /// First point back at or above the peak; `None` while under water at the end.
    pub recovered: Option<usize>,
    /// Depth as a fraction below zero.
    pub depth: f64,
}

impl DrawdownEpisode {
    /// Periods from peak to recovery, or to `last` while not recovered.
    pub fn length(&self, last: usize) -> usize {
        self.recovered.unwrap_or(last).saturating_sub(self.peak)
    }
}

/// All drawdowns, deepest first; ties in order of time.
///
/// # Errors
/// [`Undefined::NonFinite`] for a NaN or infinite return.
pub fn drawdown_episodes(returns: &[f64]) -> Result<Vec<DrawdownEpisode>, Undefined> {
    let mut episodes = Vec::new();
    let mut open: Option<DrawdownEpisode> = None;
    for (index, below) in drawdown_curve(returns, Compounding::Compounded)?
        .into_iter()
        .enumerate()
    {
        let point = index + 1;
        if below < 0.0 {
            let episode = open.get_or_insert(DrawdownEpisode {
                peak: index,
                trough: point,
                recovered: None,
                depth: below,
            });
            if below < episode.depth {
                episode.trough = point;
                episode.depth = below;
            }
        } else if let Some(mut episode) = open.take() {
            episode.recovered = Some(point);
            episodes.push(episode);
        }
    }
    episodes.extend(open);
    episodes.sort_by(|a, b| a.depth.total_cmp(&b.depth).then(a.peak.cmp(&b.peak)));
    Ok(episodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn episodes_name_peak_trough_and_recovery() {
        // Wealth: 1, 0.9, 1.08, 0.54, 0.54, 1.08, 0.972
        let returns = [-0.1, 0.2, -0.5, 0.0, 1.0, -0.1];
        let episodes = drawdown_episodes(&returns).unwrap();
        let deepest = episodes[0];
        assert_eq!(
            (deepest.peak, deepest.trough, deepest.recovered),
            (2, 3, Some(5))
        );
        assert!((deepest.depth + 0.5).abs() < 1e-15);
        assert_eq!(deepest.length(6), 3);
        assert_eq!(episodes.len(), 3);
        assert!(
            episodes
                .iter()
                .any(|e| e.recovered.is_none() && e.peak == 5)
        );
        assert_eq!(longest_drawdown(&returns), Ok(2));
    }

    #[test]
    fn rising_equity_has_zero_drawdown_which_is_a_value() {
        assert_eq!(max_drawdown(&[0.1, 0.0], Compounding::Compounded), Ok(0.0));
        assert!(max_drawdown(&[], Compounding::Compounded).is_err());
    }
}
