//! New York time without a time-zone database: exact, in constant time, from 1987 on.
//!
//! Daylight saving time: from the first Sunday of April to the last of October in 1987-2006 (Public
//! Law 99-359), from the second Sunday of March to the first of November since 2007 (Energy Policy
//! Act of 2005, section 110); both changes at 02:00 local time.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Timelike as _, Weekday};

use crate::calendar::CalendarError;
use crate::time::{NANOS_PER_SECOND, Timestamp};

const FIRST_YEAR: i32 = 1987;
const STANDARD_HOURS: i64 = -5;
const DAYLIGHT_HOURS: i64 = -4;
const NANOS_PER_HOUR: i64 = 3_600 * NANOS_PER_SECOND;

/// An instant as New York clocks show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EasternTime {
    /// The date in New York.
    pub date: NaiveDate,
    /// The time of day in New York.
    pub time: NaiveTime,
    /// Hours to add to UTC: −4 in summer, −5 in winter.
    pub utc_offset_hours: i8,
}

impl EasternTime {
    /// What New York clocks show at `instant`.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`] before 1987.
    pub fn at(instant: Timestamp) -> Result<Self, CalendarError> {
        let utc = instant.to_datetime().naive_utc();
        let (start, end) =
            daylight_days(utc.year()).ok_or(CalendarError::OutOfRange { date: utc.date() })?;
        // 02:00 standard time is 07:00 UTC, 02:00 daylight time is 06:00 UTC.
        let after_start = (utc.date(), utc.hour()) >= (start, 7);
        let before_end = (utc.date(), utc.hour()) < (end, 6);
        let (hours, utc_offset_hours) = if after_start && before_end {
            (DAYLIGHT_HOURS, -4)
        } else {
            (STANDARD_HOURS, -5)
        };
        let local = utc
            .checked_add_signed(TimeDelta::hours(hours))
            .ok_or(CalendarError::OutOfRange { date: utc.date() })?;
        Ok(Self {
            date: local.date(),
            time: local.time(),
            utc_offset_hours,
        })
    }
}

/// The instant at which New York clocks show `time` on `date`.
///
/// A time that the spring change skips counts as standard time, one that the autumn change repeats is the
/// first of the two. No session begins or ends near either.
///
/// # Errors
/// [`CalendarError::OutOfRange`] before 1987 and after 2261.
pub fn eastern_instant(date: NaiveDate, time: NaiveTime) -> Result<Timestamp, CalendarError> {
    let out_of_range = || CalendarError::OutOfRange { date };
    let (start, end) = daylight_days(date.year()).ok_or_else(out_of_range)?;
    let two = (2, 0, 0);
    let clock = (time.hour(), time.minute(), time.second());
    // On the last day of daylight time clocks show 01:xx twice and 02:xx once, in standard time.
    let after_start = date > start || (date == start && clock >= (3, 0, 0));
    let before_end = date < end || (date == end && clock < two);
    let hours = if after_start && before_end {
        DAYLIGHT_HOURS
    } else {
        STANDARD_HOURS
    };
    date.and_time(time)
        .and_utc()
        .timestamp_nanos_opt()
        .and_then(|nanos| nanos.checked_sub(hours * NANOS_PER_HOUR))
        .map(Timestamp::from_nanos)
        .ok_or_else(out_of_range)
}

/// First and last day of daylight saving time of a year.
fn daylight_days(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    if year < FIRST_YEAR {
        return None;
    }
    if year < 2007 {
        Some((
            sunday_from(NaiveDate::from_ymd_opt(year, 4, 1)?)?,
            sunday_from(NaiveDate::from_ymd_opt(year, 10, 25)?)?,
        ))
    } else {
        Some((
            sunday_from(NaiveDate::from_ymd_opt(year, 3, 8)?)?,
            sunday_from(NaiveDate::from_ymd_opt(year, 11, 1)?)?,
        ))
    }
}

/// The first Sunday on or after `date`.
fn sunday_from(date: NaiveDate) -> Option<NaiveDate> {
    let ahead = Weekday::Sun.days_since(date.weekday());
    date.checked_add_days(Days::new(u64::from(ahead)))
}
