//! The public face: `rust_decimal::Decimal`, and serde as a decimal string where people read it
//! and as the integer inside where machines do; all exact or an error.

use rust_decimal::Decimal;

use super::MoneyError;

/// A scaled integer as a `Decimal`, exact; trailing zeros are dropped to make large values fit.
pub(super) fn to_decimal(
    mut units: i128,
    mut decimals: u32,
    kind: &'static str,
) -> Result<Decimal, MoneyError> {
    loop {
        if let Ok(decimal) = Decimal::try_from_i128_with_scale(units, decimals) {
            return Ok(decimal);
        }
        if decimals == 0 || units % 10 != 0 {
            return Err(MoneyError::Overflow {
                kind,
                operation: "conversion to Decimal",
            });
        }
        units /= 10;
        decimals -= 1;
    }
}

/// A `Decimal` as a scaled integer, exact or an error.
pub(super) fn from_decimal(
    value: Decimal,
    decimals: u32,
    kind: &'static str,
) -> Result<i128, MoneyError> {
    let value = value.normalize();
    let Some(missing) = decimals.checked_sub(value.scale()) else {
        return Err(MoneyError::Inexact {
            kind,
            decimals,
            text: value.to_string(),
        });
    };
    10_i128
        .checked_pow(missing)
        .and_then(|scale| value.mantissa().checked_mul(scale))
        .ok_or(MoneyError::Overflow {
            kind,
            operation: "conversion from Decimal",
        })
}

/// `TryFrom` both ways and serde as a decimal string.
macro_rules! decimal_face {
    ($kind:ident, $decimals:expr) => {
        impl TryFrom<rust_decimal::Decimal> for $kind {
            type Error = super::MoneyError;

            fn try_from(value: rust_decimal::Decimal) -> Result<Self, Self::Error> {
                Self::from_i128(
                    super::decimal::from_decimal(value, $decimals, stringify!($kind))?,
                    "conversion from Decimal",
                )
            }
        }

        impl TryFrom<$kind> for rust_decimal::Decimal {
            type Error = super::MoneyError;

            fn try_from(value: $kind) -> Result<Self, Self::Error> {
                super::decimal::to_decimal(i128::from(value.0), $decimals, stringify!($kind))
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serde::Serialize::serialize(&self.0, serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct DecimalText;
                impl serde::de::Visitor<'_> for DecimalText {
                    type Value = $kind;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a decimal string such as \"101.25\"")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$kind, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                if deserializer.is_human_readable() {
                    deserializer.deserialize_str(DecimalText)
                } else {
                    let units = serde::Deserialize::deserialize(deserializer)?;
                    Self::from_units(units).map_err(serde::de::Error::custom)
                }
            }
        }
    };
}

pub(super) use decimal_face;
