//! Lengths of time: `250us`, `1s`, `15min`, `30d`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{NotAllowed, Setting, allowed_in, text_of, toml_string};
use crate::interval;
use crate::raw::RawValue;

/// A length of time, written as a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(Duration);

impl Span {
    /// The standard library's form.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Whole nanoseconds; a configured length always fits.
    pub const fn nanoseconds(self) -> u128 {
        self.0.as_nanos()
    }
}

/// Units, longest first, with their length in nanoseconds.
const UNITS: [(&str, u64); 7] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl FromStr for Span {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or(NotAllowed)?;
        let (_, scale) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or(NotAllowed)?;
        let number: u64 = number.parse().map_err(|_malformed| NotAllowed)?;
        number
            .checked_mul(scale)
            .map(|total| Self(Duration::from_nanos(total)))
            .ok_or(NotAllowed)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.as_nanos();
        if total == 0 {
            return formatter.write_str("0s");
        }
        for (name, scale) in UNITS {
            let scale = u128::from(scale);
            if total.is_multiple_of(scale) {
                return write!(formatter, "{}{name}", total / scale);
            }
        }
        write!(formatter, "{total}ns")
    }
}

impl Setting for Span {
    const TYPE: &'static str = "duration";

    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
        let value: Self = text_of(raw)?.parse()?;
        interval::check(&value, range).map_err(|_outside| NotAllowed)?;
        Ok(value)
    }

    fn allowed(range: &str) -> String {
        allowed_in(
            "a whole number with a unit (ns, us, ms, s, min, h, d)",
            range,
        )
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_length_convert_into_each_other() {
        for text in ["1ns", "250us", "1ms", "90s", "15min", "36h", "30d", "0s"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        assert_eq!("60s".parse::<Span>().unwrap().to_string(), "1min");
        for text in [
            "",
            "s",
            "5",
            "5 s",
            "-1s",
            "1.5s",
            "1w",
            "99999999999d",
            "1sé",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NotAllowed), "{text}");
        }
    }
}
