//! Ranges of numeric settings in interval notation: `(0, 1]`, `[1, 65535]`, `[0, )`.
//!
//! The schema writes a range once as text; this module checks values against it, and the same
//! text is what messages and the reference document show.

use std::str::FromStr;

/// Why a value is not in its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutOfRange {
    /// Below or above the bounds.
    Outside,
    /// The range text itself is not of the form `[low, high]`; a schema test finds this.
    BadRange,
}

/// Checks `value` against `range`; an empty range allows everything.
pub(crate) fn check<T: FromStr + PartialOrd>(value: &T, range: &str) -> Result<(), OutOfRange> {
    if range.is_empty() {
        return Ok(());
    }
    let (low_open, rest) = match (range.strip_prefix('['), range.strip_prefix('(')) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(OutOfRange::BadRange),
    };
    let (high_open, rest) = match (rest.strip_suffix(']'), rest.strip_suffix(')')) {
        (Some(rest), _) => (false, rest),
        (None, Some(rest)) => (true, rest),
        (None, None) => return Err(OutOfRange::BadRange),
    };
    let (low, high) = rest.split_once(',').ok_or(OutOfRange::BadRange)?;
    let above = match bound::<T>(low)? {
        None => true,
        Some(low) if low_open => *value > low,
        Some(low) => *value >= low,
    };
    let below = match bound::<T>(high)? {
        None => true,
        Some(high) if high_open => *value < high,
        Some(high) => *value <= high,
    };
    if above && below {
        Ok(())
    } else {
        Err(OutOfRange::Outside)
    }
}

/// One end of a range; nothing written means no bound.
fn bound<T: FromStr>(text: &str) -> Result<Option<T>, OutOfRange> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_malformed| OutOfRange::BadRange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_open_closed_or_missing_as_written() {
        assert_eq!(check(&1_i64, "[1, 5)"), Ok(()));
        assert_eq!(check(&5_i64, "[1, 5)"), Err(OutOfRange::Outside));
        assert_eq!(check(&1_i64, "(1, 5]"), Err(OutOfRange::Outside));
        assert_eq!(check(&i64::MAX, "[0, )"), Ok(()));
        assert_eq!(check(&-1_i64, "[0, )"), Err(OutOfRange::Outside));
        assert_eq!(check(&-1_i64, ""), Ok(()));
    }

    #[test]
    fn a_malformed_range_is_seen() {
        for range in ["1, 5", "[1; 5]", "[x, 5]", "["] {
            assert_eq!(check(&1_i64, range), Err(OutOfRange::BadRange), "{range}");
        }
    }
}
