//! Rates with the day from which each holds, and the trade date they are looked up by.

use trader_domain::{NANOS_PER_DAY, Timestamp};

/// A rate and the day, in days since 1970-01-01, from which it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated<T> {
    pub(super) from: i32,
    pub(super) value: T,
}

/// The value in force on `day`: the last one that began by then, or the first one known.
pub(super) fn in_force<T: Copy>(table: &[Dated<T>], day: i32) -> Option<T> {
    let begun = table.partition_point(|entry| entry.from <= day);
    table.get(begun.saturating_sub(1)).map(|entry| entry.value)
}

/// Days since 1970-01-01 of a date (proleptic Gregorian; Howard Hinnant, "chrono-compatible
/// low-level date algorithms").
pub(super) const fn day(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Months since year 0 of a day since 1970-01-01: the inverse of [`day`] without the day.
pub(super) const fn month_of(day: i32) -> i32 {
    let shifted = day.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // March is month 0 of these years, so the sum counts months in one line.
    (era * 400 + year_of_era) * 12 + (5 * day_of_year + 2) / 153 + 2
}

/// Five hours: New York is four or five behind UTC and never trades in the hour between.
const NEW_YORK_BEHIND: i64 = 5 * 3_600 * trader_domain::NANOS_PER_SECOND;

/// The New York trade date of an instant in trading hours (04:00 to 20:00), in days since
/// 1970-01-01. An instant of exactly midnight UTC is the label of a day and stands for that day.
pub(super) fn trade_day(at: Timestamp) -> i32 {
    let nanos = at.nanos();
    let local = if nanos.rem_euclid(NANOS_PER_DAY) == 0 {
        nanos
    } else {
        nanos.saturating_sub(NEW_YORK_BEHIND)
    };
    // 64-bit nanoseconds span 106,751 days either way.
    i32::try_from(local.div_euclid(NANOS_PER_DAY)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{day, month_of, trade_day};

    #[test]
    fn days_agree_with_chrono() {
        for (y, m, d) in [(1970, 1, 1), (2000, 2, 29), (2024, 12, 31), (2026, 4, 4)] {
            let date = chrono_free(y, m, d);
            assert_eq!(day(y, m, d), date);
        }
        fn chrono_free(y: i32, m: i32, d: i32) -> i32 {
            let text = format!("{y:04}-{m:02}-{d:02}T00:00:00Z");
            let at: trader_domain::Timestamp = text.parse().unwrap();
            i32::try_from(at.nanos() / trader_domain::NANOS_PER_DAY).unwrap()
        }
    }

    #[test]
    fn months_change_on_the_first() {
        let february = month_of(day(2024, 2, 1));
        assert_eq!(month_of(day(2024, 2, 29)), february);
        assert_eq!(month_of(day(2024, 1, 31)), february - 1);
        assert_eq!(month_of(day(2024, 3, 1)), february + 1);
        assert_eq!(month_of(day(2025, 1, 1)), february + 11);
    }

    #[test]
    fn evening_trades_belong_to_the_new_york_day() {
        let at = |text: &str| trade_day(text.parse().unwrap());
        assert_eq!(at("2025-01-03T00:59:00Z"), day(2025, 1, 2));
        assert_eq!(at("2025-07-01T13:30:00Z"), day(2025, 7, 1));
        assert_eq!(at("2025-07-01T08:00:00Z"), day(2025, 7, 1));
        assert_eq!(at("2025-07-01T00:00:00Z"), day(2025, 7, 1));
    }
}
