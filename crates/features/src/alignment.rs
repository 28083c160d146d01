//! Another symbol's series beside a symbol's own rows, point in time.
//!
//! A feature names another symbol's column as `column@SYMBOL`: `corr_60(close,close@SPY)`,
//! `rel_strength_60(close,close@XLK)`, or a whole feature of the other symbol, `rsi_14@SPY`, which is
//! `rsi_14(close@SPY)`. The caller supplies a column of that name; this module makes it from the other
//! symbol's own timestamps.
//!
//! # What is joined
//! For each row the newest value that was *known* at the row's time: one that became known at that
//! very time counts (both bars have closed), a later one never. A value older than `limit` is
//! missing, so a symbol that stopped trading does not look flat for ever; a missing value in the
//! series does not hide the one before it. Nothing is interpolated.

use crate::calculator::is_observed;
pub use crate::columns::split_symbol as other_symbol;
use crate::error::FeatureError;

/// The newest value of one series, for streaming rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatestKnown {
    limit: Option<i64>,
    known: Option<(i64, f64)>,
}

impl LatestKnown {
    /// Nothing known yet. Values older than `limit` nanoseconds will be missing; `None`: never.
    pub fn new(limit: Option<i64>) -> Self {
        Self { limit, known: None }
    }

    /// Takes in a value that became known at `time`, nanoseconds since 1970-01-01 UTC. A missing value
    /// changes nothing.
    pub fn observe(&mut self, time: i64, value: f64) {
        if is_observed(value) {
            self.known = Some((time, value));
        }
    }

    /// The value at `time`; NaN when nothing is known or it is too old.
    pub fn at(&self, time: i64) -> f64 {
        match (self.known, self.limit) {
            (Some((since, _)), Some(limit)) if time.saturating_sub(since) > limit => f64::NAN,
            (Some((since, value)), _) if since <= time => value,
            _ => f64::NAN,
        }
    }
}

/// The series `values`, of which each became known at the time in `known_at`, as of each of `times`.
/// All times in nanoseconds since 1970-01-01 UTC, increasing.
///
/// ```
/// use trader_features::alignment::join;
///
/// let hourly = join(&[10, 20, 30, 40], &[5, 20, 21], &[1.0, 2.0, 3.0], Some(12))?;
/// assert_eq!(hourly[..3], [1.0, 2.0, 3.0]);
/// assert!(hourly[3].is_nan()); // 19 old
/// # Ok::<(), trader_features::FeatureError>(())
/// ```
///
/// # Errors
/// [`FeatureError::LengthMismatch`] when `values` and `known_at` differ in length,
/// [`FeatureError::Unsorted`] when times do not increase.
pub fn join(
    times: &[i64],
    known_at: &[i64],
    values: &[f64],
    limit: Option<i64>,
) -> Result<Vec<f64>, FeatureError> {
    if values.len() != known_at.len() {
        return Err(FeatureError::LengthMismatch {
            column: "values".to_owned(),
            found: values.len(),
            expected: known_at.len(),
        });
    }
    increasing(times)?;
    increasing(known_at)?;
    let mut latest = LatestKnown::new(limit);
    let mut coming = known_at.iter().zip(values).peekable();
    let joined = times.iter().map(|time| {
        while let Some((since, value)) = coming.next_if(|(since, _)| *since <= time) {
            latest.observe(*since, *value);
        }
        latest.at(*time)
    });
    Ok(joined.collect())
}

fn increasing(times: &[i64]) -> Result<(), FeatureError> {
    match times.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(at) => Err(FeatureError::Unsorted { row: at + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_known_is_seen() {
        let known_at = [10, 20, 30];
        let times = [9, 10, 19, 20, 35];
        let joined = join(&times, &known_at, &[1.0, f64::NAN, 3.0], None).unwrap();
        assert!(joined[0].is_nan());
        assert_eq!(joined[1..], [1.0, 1.0, 1.0, 3.0]);
        // The future changes nothing before it.
        let other = join(&times, &known_at, &[1.0, f64::NAN, 99.0], None).unwrap();
        assert_eq!(joined[1..4], other[1..4]);
    }

    #[test]
    fn wrong_times_are_refused() {
        assert_eq!(
            join(&[1, 1], &[], &[], None),
            Err(FeatureError::Unsorted { row: 1 })
        );
        assert!(join(&[1, 2], &[1], &[], None).is_err());
        // The extremes of time do not overflow.
        let mut latest = LatestKnown::new(Some(5));
        latest.observe(i64::MIN, 1.0);
        assert!(latest.at(i64::MAX).is_nan());
    }
}
