//! Sizes: `512KiB`, `10MiB`, `1GiB`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{NotAllowed, Setting, allowed_in, text_of, toml_string};
use crate::interval;
use crate::raw::RawValue;

/// A number of bytes, written as a whole number and a binary unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

impl ByteSize {
    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Units, largest first.
const UNITS: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl FromStr for ByteSize {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or(NotAllowed)?;
        let (_, scale) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or(NotAllowed)?;
        let number: u64 = number.parse().map_err(|_malformed| NotAllowed)?;
        number.checked_mul(scale).map(Self).ok_or(NotAllowed)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, scale) in UNITS {
            if self.0 != 0 && self.0.is_multiple_of(scale) {
                return write!(formatter, "{}{name}", self.0 / scale);
            }
        }
        write!(formatter, "{}B", self.0)
    }
}

impl Setting for ByteSize {
    const TYPE: &'static str = "size";

    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
        let value: Self = text_of(raw)?.parse()?;
        interval::check(&value, range).map_err(|_outside| NotAllowed)?;
        Ok(value)
    }

    fn allowed(range: &str) -> String {
        allowed_in("a whole number with a unit (B, KiB, MiB, GiB)", range)
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
    fn text_and_size_convert_into_each_other() {
        for text in ["1B", "512KiB", "10MiB", "3GiB", "0B"] {
            assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
        }
        for text in ["10", "10MB", "-1B", "1.5MiB", "99999999999GiB", ""] {
            assert_eq!(text.parse::<ByteSize>(), Err(NotAllowed), "{text}");
        }
    }
}
