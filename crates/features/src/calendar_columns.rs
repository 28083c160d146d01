//! The `session` and `month` columns from timestamps, for feeds that do not bring them.

use crate::error::FeatureError;

const NANOS_PER_DAY: i64 = 86_400_000_000_000;
/// New York is four or five hours behind UTC. Five is right for both: the extended session, 04:00
/// to 20:00 local time, then never leaves its own date.
const NEW_YORK: i64 = -5 * 3_600_000_000_000;

/// Where a day begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOf {
    /// US trading days, for intraday timestamps between 04:00 and 20:00 New York time.
    NewYork,
    /// UTC dates, for daily bars stamped at midnight UTC and for markets that never close.
    Utc,
}

/// `session` (days since 1970-01-01) and `month` (year * 12 + month - 1) for each timestamp, in
/// nanoseconds since 1970-01-01 UTC.
///
/// # Errors
/// [`FeatureError::Unsorted`] when a timestamp is not above the one before.
pub fn calendar_columns(
    timestamps: &[i64],
    day: DayOf,
) -> Result<(Vec<f64>, Vec<f64>), FeatureError> {
    let mut last = None;
    let mut sessions = Vec::with_capacity(timestamps.len());
    let mut months = Vec::with_capacity(timestamps.len());
    for (row, timestamp) in timestamps.iter().enumerate() {
        if last.is_some_and(|last| *timestamp <= last) {
            return Err(FeatureError::Unsorted { row });
        }
        last = Some(*timestamp);
        let (session, month) = session_and_month(*timestamp, day);
        sessions.push(session);
        months.push(month);
    }
    Ok((sessions, months))
}

/// The same for one timestamp, for streaming rows.
pub fn session_and_month(timestamp: i64, day: DayOf) -> (f64, f64) {
    let shift = match day {
        DayOf::NewYork => NEW_YORK,
        DayOf::Utc => 0,
    };
    let date = timestamp.saturating_add(shift).div_euclid(NANOS_PER_DAY);
    (date as f64, month_number(date) as f64)
}

/// Year * 12 + month - 1 of a day since 1970-01-01 (Howard Hinnant's `civil_from_days`, in years
/// that begin in March).
fn month_number(date: i64) -> i64 {
    let days = date + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    (year_of_era + 400 * era) * 12 + month_from_march + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    #[test]
    fn months_count_from_year_zero() {
        assert_eq!(month_number(0), 1970 * 12);
        assert_eq!(month_number(31), 1970 * 12 + 1);
        assert_eq!(month_number(-1), 1969 * 12 + 11);
        // 2024-02-29 and the day after.
        assert_eq!(month_number(19_782), 2024 * 12 + 1);
        assert_eq!(month_number(19_783), 2024 * 12 + 2);
    }

    #[test]
    fn an_extended_session_is_one_day_in_summer_and_winter() {
        // 2024-07-01 04:00 and 20:00 EDT are 08:00 and 24:00 UTC; in January 09:00 and 25:00.
        let summer = 19_905 * NANOS_PER_DAY;
        let winter = 19_737 * NANOS_PER_DAY;
        for (day, open, close, date) in [(summer, 8, 24, 19_905.0), (winter, 9, 25, 19_737.0)] {
            assert_eq!(session_and_month(day + open * HOUR, DayOf::NewYork).0, date);
            assert_eq!(
                session_and_month(day + close * HOUR - 1, DayOf::NewYork).0,
                date
            );
        }
    }

    #[test]
    fn unsorted_timestamps_are_refused() {
        assert_eq!(
            calendar_columns(&[1, 3, 3], DayOf::Utc),
            Err(FeatureError::Unsorted { row: 2 })
        );
    }
}
