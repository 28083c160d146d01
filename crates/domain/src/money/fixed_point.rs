//! The arithmetic that every `i64` fixed-point newtype shares, written once.

/// Declares `kind` as an `i64` counting 10^-`decimals`, printing at least `shown` decimals.
macro_rules! fixed_point {
    ($(#[$doc:meta])* $kind:ident, decimals = $decimals:literal, shown = $shown:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $kind(i64);

        impl $kind {
            const SCALE: i64 = 10_i64.pow($decimals);
            /// Zero.
            pub const ZERO: Self = Self(0);
            /// One whole unit.
            pub const ONE: Self = Self(Self::SCALE);
            /// The largest value.
            pub const MAX: Self = Self(i64::MAX);
            /// The smallest value; symmetric to [`Self::MAX`] so that negation never overflows.
            pub const MIN: Self = Self(-i64::MAX);

            /// From the integer inside (units of 10^-DECIMALS).
            ///
            /// # Errors
            /// [`crate::money::MoneyError::Overflow`] for `i64::MIN`.
            #[inline]
            pub const fn from_units(units: i64) -> Result<Self, $crate::money::MoneyError> {
                if units == i64::MIN {
                    return Err($crate::money::MoneyError::Overflow { kind: stringify!($kind), operation: "conversion" });
                }
                Ok(Self(units))
            }

            /// The integer inside (units of 10^-DECIMALS).
            #[inline]
            pub const fn units(self) -> i64 {
                self.0
            }

            /// From a whole number.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::Overflow`].
            #[inline]
            pub const fn from_whole(whole: i64) -> Result<Self, $crate::money::MoneyError> {
                match whole.checked_mul(Self::SCALE) {
                    Some(units) => Self::from_units(units),
                    None => Err($crate::money::MoneyError::Overflow { kind: stringify!($kind), operation: "conversion" }),
                }
            }

            /// From a few of the smallest units, a range in which nothing can overflow.
            #[inline]
            pub const fn from_small_units(units: i32) -> Self {
                Self(units as i64)
            }

            /// A constant known to be in range, for defaults and tests: `whole` units.
            #[inline]
            pub const fn whole(whole: i32) -> Self {
                Self(whole as i64 * Self::SCALE)
            }

            #[inline]
            pub(super) fn from_i128(units: i128, operation: &'static str) -> Result<Self, $crate::money::MoneyError> {
                match i64::try_from(units) {
                    Ok(units) if units != i64::MIN => Ok(Self(units)),
                    _ => Err($crate::money::MoneyError::Overflow { kind: stringify!($kind), operation }),
                }
            }

            /// A float from statistics or a model, rounded half-even to the decimals held.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::NotFinite`], [`crate::money::MoneyError::Overflow`].
            pub fn from_f64_rounded(value: f64) -> Result<Self, $crate::money::MoneyError> {
                Self::from_i128($crate::money::fixed::from_f64(value, $decimals, stringify!($kind))?, "conversion from float")
            }

            /// The nearest float, for statistics and plots only.
            #[expect(clippy::cast_precision_loss, reason = "lossy by name")]
            #[inline]
            pub fn to_f64_lossy(self) -> f64 {
                self.0 as f64 / Self::SCALE as f64
            }

            /// Parses text such as `101.25`.
            ///
            /// # Errors
            /// As [`crate::money::parse_fixed`].
            pub fn parse_bytes(text: &[u8]) -> Result<Self, $crate::money::MoneyError> {
                Self::from_i128($crate::money::fixed::parse_fixed(text, $decimals, stringify!($kind))?, "parsing")
            }

            /// The sum.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::Overflow`].
            #[inline]
            pub fn checked_add(self, other: Self) -> Result<Self, $crate::money::MoneyError> {
                Self::from_i128(i128::from(self.0) + i128::from(other.0), "addition")
            }

            /// The difference.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::Overflow`].
            #[inline]
            pub fn checked_sub(self, other: Self) -> Result<Self, $crate::money::MoneyError> {
                Self::from_i128(i128::from(self.0) - i128::from(other.0), "subtraction")
            }

            /// `self × numerator / denominator`, rounded as named.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::Overflow`], [`crate::money::MoneyError::DivisionByZero`].
            #[inline]
            pub fn scale(self, numerator: i64, denominator: i64, rounding: $crate::money::Rounding) -> Result<Self, $crate::money::MoneyError> {
                let product = i128::from(self.0) * i128::from(numerator);
                Self::from_i128(rounding.divide(product, i128::from(denominator))?, "scaling")
            }

            /// The multiple of `step` this rounds to.
            ///
            /// # Errors
            /// [`crate::money::MoneyError::DivisionByZero`] for a zero step, [`crate::money::MoneyError::Overflow`].
            #[inline]
            pub fn round_to(self, step: Self, rounding: $crate::money::Rounding) -> Result<Self, $crate::money::MoneyError> {
                Self::from_i128(rounding.to_multiple(i128::from(self.0), i128::from(step.0))?, "rounding")
            }

            /// Whether this is a whole multiple of `step` (never of a zero step).
            #[inline]
            pub const fn is_multiple_of(self, step: Self) -> bool {
                step.0 != 0 && self.0 % step.0 == 0
            }

            /// The magnitude.
            #[must_use]
            #[inline]
            pub const fn abs(self) -> Self {
                Self(self.0.abs())
            }

            /// The value with the opposite sign.
            #[must_use]
            #[inline]
            pub const fn negated(self) -> Self {
                Self(-self.0)
            }

            /// Whether this is zero.
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.0 == 0
            }

            /// Whether this is above zero.
            #[inline]
            pub const fn is_positive(self) -> bool {
                self.0 > 0
            }

            /// Whether this is below zero.
            #[inline]
            pub const fn is_negative(self) -> bool {
                self.0 < 0
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::money::fixed::write_fixed(f, i128::from(self.0), $decimals, $shown)
            }
        }

        impl std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($kind))
            }
        }

        impl std::str::FromStr for $kind {
            type Err = $crate::money::MoneyError;

            fn from_str(text: &str) -> Result<Self, $crate::money::MoneyError> {
                Self::parse_bytes(text.as_bytes())
            }
        }

        super::decimal::decimal_face!($kind, $decimals);
    };
}

pub(super) use fixed_point;
