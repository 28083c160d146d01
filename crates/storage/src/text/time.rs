//! Time text to nanoseconds since 1970 UTC.
//!
//! Accepts ISO dates (`2020-01-31`, `2020/01/31`, `20200131`), dates with a time of day (`T` or blank between, seconds
//! and up to nine decimals optional), RFC 3339 offsets, and epoch numbers in seconds, milliseconds, microseconds or
//! nanoseconds. Day-first and month-first dates are refused: they cannot be told apart.

use chrono::NaiveDate;

use super::decimal::{ExtraDigits, parse_units};
use super::zone::{DAY, SECOND, Zone, epoch_day};

/// Why a field is not an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeFault {
    /// Nothing in the field.
    Empty,
    /// No known form.
    NotATime,
    /// A valid form outside 1678-2261, or outside what the zone covers.
    OutOfRange,
    /// The local clock skipped this time.
    Nonexistent,
    /// The local clock showed this time twice.
    Ambiguous,
}

/// The unit of epoch numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl EpochUnit {
    /// Decimals below the unit, down to a nanosecond.
    const fn decimals(self) -> u32 {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }

    /// So many of this unit in nanoseconds; `None` when that overflows.
    pub(crate) const fn nanos(self, count: i64) -> Option<i64> {
        count.checked_mul(10_i64.pow(self.decimals()))
    }

    /// The unit in which this many integer digits lie between 1973 and 5138.
    const fn of_digits(digits: usize) -> Self {
        match digits {
            ..=11 => Self::Seconds,
            12..=14 => Self::Milliseconds,
            15..=17 => Self::Microseconds,
            18.. => Self::Nanoseconds,
        }
    }
}

/// How much of an instant the text carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeForm {
    /// A date without a time of day, given as 00:00 UTC of that date whatever the zone: a trading day has none.
    Date,
    /// A time of day or an epoch number.
    #[default]
    Instant,
}

/// Reads the time fields of one file; remembers the last date, because consecutive rows share it.
#[derive(Debug, Clone)]
pub struct TimeParser {
    zone: Zone,
    unit: Option<EpochUnit>,
    cached_text: [u8; 10],
    cached_local: i64,
}

impl TimeParser {
    /// A parser for local times in `zone` and epoch numbers in `unit`; without a unit, the first epoch number of the
    /// file decides by its number of digits, and all others follow it.
    pub const fn new(zone: Zone, unit: Option<EpochUnit>) -> Self {
        Self {
            zone,
            unit,
            cached_text: [0; 10],
            cached_local: 0,
        }
    }

    /// The instant in a field.
    ///
    /// # Errors
    /// [`TimeFault`].
    pub fn parse(&mut self, text: &[u8]) -> Result<(i64, TimeForm), TimeFault> {
        if text.is_empty() {
            return Err(TimeFault::Empty);
        }
        let Some((day, rest)) = self.split_date(text)? else {
            return Ok((self.epoch(text)?, TimeForm::Instant));
        };
        match rest.split_first() {
            None => Ok((day, TimeForm::Date)),
            Some((b'T' | b't' | b' ', clock)) => Ok((self.at(day, clock)?, TimeForm::Instant)),
            Some(_) => Err(TimeFault::NotATime),
        }
    }

    /// The instant of separate date and time fields.
    ///
    /// # Errors
    /// [`TimeFault`].
    pub fn parse_parts(&mut self, date: &[u8], clock: &[u8]) -> Result<i64, TimeFault> {
        if date.is_empty() || clock.is_empty() {
            return Err(TimeFault::Empty);
        }
        match self.split_date(date)? {
            Some((day, [])) => self.at(day, clock),
            _ => Err(TimeFault::NotATime),
        }
    }

    /// Local midnight of a leading date and what follows it; `None` when the text does not start with a date.
    fn split_date<'a>(&mut self, text: &'a [u8]) -> Result<Option<(i64, &'a [u8])>, TimeFault> {
        if let Some((head, rest)) = text.split_first_chunk::<10>() {
            if *head == self.cached_text {
                return Ok(Some((self.cached_local, rest)));
            }
            if let [y1, y2, y3, y4, s1 @ (b'-' | b'/'), m1, m2, s2, d1, d2] = head {
                if s1 != s2 {
                    return Err(TimeFault::NotATime);
                }
                let local = midnight(&[*y1, *y2, *y3, *y4], &[*m1, *m2], &[*d1, *d2])?;
                self.cached_text = *head;
                self.cached_local = local;
                return Ok(Some((local, rest)));
            }
        }
        if let Some((head, rest)) = text.split_first_chunk::<8>() {
            let compact = head.iter().all(u8::is_ascii_digit)
                && !rest
                    .first()
                    .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.');
            if compact {
                let (year, month_day) = head.split_at(4);
                let (month, day) = month_day.split_at(2);
                return Ok(Some((midnight(year, month, day)?, rest)));
            }
        }
        Ok(None)
    }

    /// A local date with a time of day and perhaps an offset.
    fn at(&self, day: i64, text: &[u8]) -> Result<i64, TimeFault> {
        let (clock, offset) = split_offset(text)?;
        let local = day
            .checked_add(time_of_day(clock)?)
            .ok_or(TimeFault::OutOfRange)?;
        match offset {
            Some(seconds) => Zone::Fixed(seconds).to_utc(local),
            None => self.zone.to_utc(local),
        }
    }

    fn epoch(&mut self, text: &[u8]) -> Result<i64, TimeFault> {
        let digits = text
            .iter()
            .skip_while(|byte| **byte == b'-')
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return Err(TimeFault::NotATime);
        }
        let unit = *self.unit.get_or_insert(EpochUnit::of_digits(digits));
        parse_units(text, unit.decimals(), ExtraDigits::Refuse)
            .map(|units| units.value)
            .map_err(|fault| match fault {
                super::decimal::NumberFault::OutOfRange => TimeFault::OutOfRange,
                _ => TimeFault::NotATime,
            })
    }
}

fn digits(text: &[u8]) -> Result<u32, TimeFault> {
    if text.is_empty() || text.len() > 9 {
        return Err(TimeFault::NotATime);
    }
    text.iter().try_fold(0_u32, |value, byte| match byte {
        b'0'..=b'9' => Ok(value * 10 + u32::from(byte - b'0')),
        _ => Err(TimeFault::NotATime),
    })
}

/// Local midnight in nanoseconds since 1970.
fn midnight(year: &[u8], month: &[u8], day: &[u8]) -> Result<i64, TimeFault> {
    let year = i32::try_from(digits(year)?).map_err(|_error| TimeFault::OutOfRange)?;
    let date =
        NaiveDate::from_ymd_opt(year, digits(month)?, digits(day)?).ok_or(TimeFault::NotATime)?;
    epoch_day(date)
        .checked_mul(DAY)
        .ok_or(TimeFault::OutOfRange)
}

/// Splits `09:30:00-05:00` into the clock and the offset in seconds.
fn split_offset(text: &[u8]) -> Result<(&[u8], Option<i32>), TimeFault> {
    if let Some((b'Z' | b'z', clock)) = text.split_last() {
        return Ok((clock, Some(0)));
    }
    // Some writers (`datetime.__str__`, SQL) put the offset right behind the clock; a blank may precede it.
    let Some(at) = text.iter().position(|byte| matches!(byte, b'+' | b'-')) else {
        return Ok((text, None));
    };
    let (clock, offset) = text.split_at(at);
    let clock = clock.strip_suffix(b" ").unwrap_or(clock);
    let (hours, minutes) = match offset {
        [_, h1, h2, b':', m1, m2] | [_, h1, h2, m1, m2] => {
            (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?)
        }
        [_, h1, h2] => (digits(&[*h1, *h2])?, 0),
        _ => return Err(TimeFault::NotATime),
    };
    if hours > 18 || minutes > 59 {
        return Err(TimeFault::NotATime);
    }
    let seconds =
        i32::try_from(hours * 3_600 + minutes * 60).map_err(|_error| TimeFault::NotATime)?;
    Ok((
        clock,
        Some(if offset.first() == Some(&b'-') {
            -seconds
        } else {
            seconds
        }),
    ))
}

/// `HH:MM[:SS[.fraction]]` or `HHMM[SS]` as nanoseconds since midnight. A leap second is refused: no bar starts in one.
fn time_of_day(text: &[u8]) -> Result<i64, TimeFault> {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        ),
        None => (text, [].as_slice()),
    };
    let (hour, minute, second) = match whole {
        [h1, h2, b':', m1, m2, b':', s1, s2] | [h1, h2, m1, m2, s1, s2] => (
            digits(&[*h1, *h2])?,
            digits(&[*m1, *m2])?,
            digits(&[*s1, *s2])?,
        ),
        [h1, b':', m1, m2] => (digits(&[*h1])?, digits(&[*m1, *m2])?, 0),
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => {
            (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?, 0)
        }
        _ => return Err(TimeFault::NotATime),
    };
    if hour > 23 || minute > 59 || second > 59 || (text.len() != whole.len() && fraction.is_empty())
    {
        return Err(TimeFault::NotATime);
    }
    let mut nanos = 0_i64;
    if !fraction.is_empty() {
        let shown = fraction.get(..9).unwrap_or(fraction);
        if !fraction.iter().skip(9).all(|byte| *byte == b'0') {
            return Err(TimeFault::NotATime);
        }
        let missing = 9 - u32::try_from(shown.len()).map_err(|_error| TimeFault::NotATime)?;
        nanos = i64::from(digits(shown)?) * 10_i64.pow(missing);
    }
    Ok(i64::from(hour * 3_600 + minute * 60 + second) * SECOND + nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Result<i64, TimeFault> {
        TimeParser::new(Zone::Utc, None)
            .parse(text.as_bytes())
            .map(|(at, _)| at)
    }

    const JAN_2_2020_1430: i64 = 1_577_975_400 * SECOND;

    #[test]
    fn reads_every_usual_form_as_the_same_instant() {
        for text in [
            "2020-01-02T14:30:00Z",
            "2020-01-02 14:30:00",
            "2020-01-02 14:30",
            "2020/01/02 14:30:00.000",
            "2020-01-02T09:30:00-05:00",
            "2020-01-02 09:30:00.000000000-0500",
            "2020-01-02 15:30:00 +01",
            "20200102 14:30",
            "20200102T143000",
            "1577975400",
            "1577975400.0",
            "1577975400000",
            "1577975400000000",
            "1577975400000000000",
        ] {
            assert_eq!(utc(text), Ok(JAN_2_2020_1430), "{text}");
        }
        assert_eq!(
            utc("2020-01-02T14:30:00.123456789Z"),
            Ok(JAN_2_2020_1430 + 123_456_789)
        );
    }

    #[test]
    fn a_date_is_a_trading_day_and_ignores_the_zone() {
        let mut parser = TimeParser::new(Zone::NewYork, None);
        assert_eq!(
            parser.parse(b"2020-01-02"),
            Ok((18_263 * DAY, TimeForm::Date))
        );
        assert_eq!(
            parser.parse_parts(b"2020-01-02", b"09:30"),
            Ok(JAN_2_2020_1430)
        );
    }

    #[test]
    fn refuses_dates_that_do_not_exist_and_forms_that_cannot_be_told_apart() {
        for text in [
            "2021-02-29",
            "2020-13-01",
            "1/4/1999",
            "04-01-1999",
            "2020-01-02x",
            "2020-01-02T25:00",
            "2020-01-02T10:00:60Z",
            "2020-01-02T10:00:00.",
            "2020-01-02T10:00:00.0000000001Z",
            "yesterday",
            "2020-1-2",
            "2020-01/02",
            "--5",
            "12e3x",
        ] {
            assert_eq!(utc(text), Err(TimeFault::NotATime), "{text}");
        }
        assert_eq!(utc("0001-01-01"), Err(TimeFault::OutOfRange));
        assert_eq!(utc(""), Err(TimeFault::Empty));
    }

    #[test]
    fn the_first_epoch_number_decides_the_unit_of_the_file() {
        let mut parser = TimeParser::new(Zone::Utc, None);
        assert_eq!(
            parser.parse(b"1577975400000").map(|(at, _)| at),
            Ok(JAN_2_2020_1430)
        );
        assert_eq!(parser.parse(b"0").map(|(at, _)| at), Ok(0));
        assert_eq!(parser.parse(b"60000").map(|(at, _)| at), Ok(60 * SECOND));
    }
}
