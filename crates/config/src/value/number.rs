//! Booleans, integers, exact decimals, dates.

use std::cmp::Ordering;
use std::str::FromStr;

use chrono::NaiveDate;
use trader_domain::money::{Money, Price, Quantity, Rate};

use super::{NotAllowed, Setting, allowed_in, toml_string};
use crate::interval;
use crate::raw::RawValue;

impl Setting for bool {
    const TYPE: &'static str = "boolean";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        match raw {
            RawValue::Boolean(value) => Ok(*value),
            RawValue::Bare(text) => text.parse().map_err(|_other| NotAllowed),
            _ => Err(NotAllowed),
        }
    }

    fn allowed(_range: &str) -> String {
        "true or false".to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(self.to_string())
    }
}

fn read_bounded<T: FromStr + PartialOrd>(text: &str, range: &str) -> Result<T, NotAllowed> {
    let value: T = text.parse().map_err(|_malformed| NotAllowed)?;
    interval::check(&value, range).map_err(|_outside| NotAllowed)?;
    Ok(value)
}

macro_rules! integer_setting {
    ($($type:ty),+) => {$(
        impl Setting for $type {
            const TYPE: &'static str = "integer";

            fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
                match raw {
                    RawValue::Integer(text) => read_bounded(text, range),
                    RawValue::Bare(text) => read_bounded(text, range),
                    _ => Err(NotAllowed),
                }
            }

            fn allowed(range: &str) -> String {
                allowed_in("an integer", range)
            }

            fn render(&self) -> Option<String> {
                Some(self.to_string())
            }

            fn order(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )+};
}

integer_setting!(u16, u32, u64);

macro_rules! decimal_setting {
    ($($type:ty),+) => {$(
        impl Setting for $type {
            const TYPE: &'static str = "decimal";

            fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
                match raw {
                    // Both `0.10` and `"0.10"` are read digit by digit, without a binary float.
                    RawValue::Integer(text) | RawValue::Decimal(text) => read_bounded(text, range),
                    RawValue::Text(text) | RawValue::Bare(text) => read_bounded(text, range),
                    _ => Err(NotAllowed),
                }
            }

            fn allowed(range: &str) -> String {
                allowed_in("a decimal number", range)
            }

            fn render(&self) -> Option<String> {
                Some(self.to_string())
            }

            fn order(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
    )+};
}

decimal_setting!(Money, Price, Quantity, Rate);

impl Setting for NaiveDate {
    const TYPE: &'static str = "date";

    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
        match raw {
            RawValue::Date(text) => read_bounded(text, range),
            RawValue::Text(text) | RawValue::Bare(text) => read_bounded(text, range),
            _ => Err(NotAllowed),
        }
    }

    fn allowed(range: &str) -> String {
        allowed_in("a date YYYY-MM-DD", range)
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
    fn decimals_are_exact_and_bounded() {
        let raw = RawValue::Decimal("0.1".to_owned());
        let tenth = <Rate as Setting>::read(&raw, "(0, 1]").unwrap();
        assert_eq!(tenth.to_string(), "0.1");
        for text in [
            "0", "1.01", "-0.5", "nan", "inf", "", "1e400", "0.1.2", "0,1",
        ] {
            let raw = RawValue::Decimal(text.to_owned());
            assert_eq!(
                <Rate as Setting>::read(&raw, "(0, 1]"),
                Err(NotAllowed),
                "{text}"
            );
        }
    }

    #[test]
    fn a_quoted_number_in_a_file_is_no_integer_but_bare_text_is() {
        let quoted = RawValue::Text("5".to_owned().into());
        assert_eq!(<u32 as Setting>::read(&quoted, ""), Err(NotAllowed));
        assert_eq!(
            <u32 as Setting>::read(&RawValue::bare("5"), "[1, 9]"),
            Ok(5)
        );
        assert_eq!(
            <u32 as Setting>::read(&RawValue::bare("-5"), ""),
            Err(NotAllowed)
        );
        assert_eq!(
            <u16 as Setting>::read(&RawValue::bare("65536"), ""),
            Err(NotAllowed)
        );
    }
}
