//! The zone that local times in a file are in, and the conversion to UTC.
//!
//! Only what market files need: UTC, a fixed offset, and New York. The domain's calendar knows sessions; this knows
//! nothing but the clock on the wall. Local times that do not exist or exist twice are errors, never a guess.

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::time::TimeFault;

/// Nanoseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000_000;
/// Nanoseconds in an hour.
const HOUR: i64 = 3_600 * SECOND;
/// Nanoseconds in a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The zone of times written without an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// Coordinated universal time.
    #[default]
    Utc,
    /// `America/New_York`, from 1946 (end of war time) on.
    NewYork,
    /// A constant number of seconds east of UTC.
    Fixed(i32),
}

impl Zone {
    /// The instant (nanoseconds since 1970 UTC) of a local wall-clock reading given as nanoseconds since 1970 local.
    ///
    /// # Errors
    /// [`TimeFault::Nonexistent`] and [`TimeFault::Ambiguous`] around New York's clock changes,
    /// [`TimeFault::OutOfRange`] before 1946 there or beyond the years 1678-2261.
    pub fn to_utc(self, local: i64) -> Result<i64, TimeFault> {
        let offset = match self {
            Self::Utc => 0,
            Self::Fixed(seconds) => i64::from(seconds) * SECOND,
            Self::NewYork => new_york_offset(local)?,
        };
        local.checked_sub(offset).ok_or(TimeFault::OutOfRange)
    }

    /// What the clock on the wall shows at an instant; the inverse of [`Self::to_utc`].
    ///
    /// # Errors
    /// [`TimeFault::OutOfRange`] as there.
    pub fn from_utc(self, utc: i64) -> Result<i64, TimeFault> {
        let shifted = |offset: i64| utc.checked_add(offset).ok_or(TimeFault::OutOfRange);
        match self {
            Self::Utc => Ok(utc),
            Self::Fixed(seconds) => shifted(i64::from(seconds) * SECOND),
            Self::NewYork => {
                let year = date_of_epoch_day(utc.div_euclid(DAY))
                    .ok_or(TimeFault::OutOfRange)?
                    .year();
                let (starts, ends) = summer_time(year).ok_or(TimeFault::OutOfRange)?;
                // Both changes happen at 02:00 of the clock then in force: 07:00 and 06:00 UTC.
                // In the first and last years of nanoseconds they are out of reach.
                let change = |date: NaiveDate, hour: i64| {
                    let midnight = epoch_day(date).checked_mul(DAY);
                    midnight
                        .and_then(|midnight| midnight.checked_add(hour * HOUR))
                        .ok_or(TimeFault::OutOfRange)
                };
                let (starts, ends) = (change(starts, 7)?, change(ends, 6)?);
                shifted(if (starts..ends).contains(&utc) {
                    -4 * HOUR
                } else {
                    -5 * HOUR
                })
            }
        }
    }
}

/// Days since 1970-01-01.
pub(crate) fn epoch_day(date: NaiveDate) -> i64 {
    i64::from(date.num_days_from_ce()) - 719_163
}

/// The date of a number of days since 1970-01-01.
pub(crate) fn date_of_epoch_day(day: i64) -> Option<NaiveDate> {
    let from_ce = day.checked_add(719_163)?;
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(from_ce).ok()?)
}

/// Offset from UTC in force at a local New York time.
fn new_york_offset(local: i64) -> Result<i64, TimeFault> {
    const STANDARD: i64 = -5 * HOUR;
    const SUMMER: i64 = -4 * HOUR;
    let date = date_of_epoch_day(local.div_euclid(DAY)).ok_or(TimeFault::OutOfRange)?;
    let (starts, ends) = summer_time(date.year()).ok_or(TimeFault::OutOfRange)?;
    if date < starts || date > ends {
        return Ok(STANDARD);
    }
    let of_day = local.rem_euclid(DAY);
    if date == starts && of_day < 3 * HOUR {
        // At 02:00 the clock jumps to 03:00.
        return if of_day < 2 * HOUR {
            Ok(STANDARD)
        } else {
            Err(TimeFault::Nonexistent)
        };
    }
    if date == ends && of_day >= HOUR {
        // At 02:00 summer time the clock falls back to 01:00.
        return if of_day >= 2 * HOUR {
            Ok(STANDARD)
        } else {
            Err(TimeFault::Ambiguous)
        };
    }
    Ok(SUMMER)
}

/// First and last day of summer time in New York; both changes are at 02:00.
///
/// City law until 1966, then 15 U.S.C. 260a and its amendments: 1974-75 (energy crisis), 1987, 2007; as in the IANA
/// database.
fn summer_time(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    let sunday =
        |month: u32, nth: u8| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth);
    let last_sunday = |month: u32| sunday(month, 5).or_else(|| sunday(month, 4));
    match year {
        ..1946 => None,
        1946..1955 => Some((last_sunday(4)?, last_sunday(9)?)),
        1974 => Some((NaiveDate::from_ymd_opt(1974, 1, 6)?, last_sunday(10)?)),
        1975 => Some((NaiveDate::from_ymd_opt(1975, 2, 23)?, last_sunday(10)?)),
        1955..1987 => Some((last_sunday(4)?, last_sunday(10)?)),
        1987..2007 => Some((sunday(4, 1)?, last_sunday(10)?)),
        2007.. => Some((sunday(3, 2)?, sunday(11, 1)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(year: i32, month: u32, day: u32, hour: i64, minute: i64) -> i64 {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        epoch_day(date) * DAY + hour * HOUR + minute * 60 * SECOND
    }

    fn hours_behind(at: i64) -> Result<i64, TimeFault> {
        Zone::NewYork.to_utc(at).map(|utc| (utc - at) / HOUR)
    }

    #[test]
    fn new_york_follows_the_law_of_each_year() {
        // Dates of change as published by NIST and the IANA database (zone America/New_York).
        assert_eq!(hours_behind(local(1967, 4, 30, 3, 0)), Ok(4));
        assert_eq!(hours_behind(local(1974, 1, 7, 12, 0)), Ok(4));
        assert_eq!(hours_behind(local(1986, 4, 20, 12, 0)), Ok(5));
        assert_eq!(hours_behind(local(1987, 4, 6, 12, 0)), Ok(4));
        assert_eq!(hours_behind(local(2006, 3, 15, 12, 0)), Ok(5));
        assert_eq!(hours_behind(local(2007, 3, 12, 12, 0)), Ok(4));
        assert_eq!(hours_behind(local(2007, 11, 4, 0, 59)), Ok(4));
        assert_eq!(hours_behind(local(2007, 11, 4, 2, 0)), Ok(5));
        assert_eq!(hours_behind(local(2013, 10, 1, 9, 30)), Ok(4));
    }

    #[test]
    fn instants_at_the_ends_of_time_have_a_clock_or_are_refused() {
        for utc in [i64::MIN, i64::MIN + DAY, i64::MAX - DAY, i64::MAX] {
            for zone in [Zone::NewYork, Zone::Fixed(50_400), Zone::Fixed(-50_400)] {
                for other in [zone.from_utc(utc), zone.to_utc(utc)].into_iter().flatten() {
                    assert!((other - utc).abs() <= 14 * HOUR);
                }
            }
        }
        assert_eq!(Zone::NewYork.from_utc(i64::MAX), Err(TimeFault::OutOfRange));
    }

    #[test]
    fn hours_that_do_not_exist_or_exist_twice_are_refused() {
        assert_eq!(
            hours_behind(local(2014, 3, 9, 2, 30)),
            Err(TimeFault::Nonexistent)
        );
        assert_eq!(hours_behind(local(2014, 3, 9, 1, 59)), Ok(5));
        assert_eq!(hours_behind(local(2014, 3, 9, 3, 0)), Ok(4));
        assert_eq!(
            hours_behind(local(2014, 11, 2, 1, 30)),
            Err(TimeFault::Ambiguous)
        );
        assert_eq!(
            hours_behind(local(1945, 1, 1, 0, 0)),
            Err(TimeFault::OutOfRange)
        );
    }
}
