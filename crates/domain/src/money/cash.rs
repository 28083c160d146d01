//! [`Money`]: cash, cost, proceeds, fees, profit and loss.

use std::fmt;
use std::str::FromStr;

use super::fixed::{from_f64, parse_fixed, write_fixed};
use super::{MoneyError, Price, Quantity, Rate, Rounding};

const KIND: &str = "Money";
const DECIMALS: u32 = 18;
const CENT: i128 = 10_i128.pow(DECIMALS - 2);

/// An exact amount of the account's currency in units of 10⁻¹⁸.
///
/// `Price × Quantity` is exactly representable, so cash after any sequence of fills is the exact
/// sum of what was paid and received.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i128);

impl Money {
    /// Zero.
    pub const ZERO: Self = Self(0);
    /// The largest amount.
    pub const MAX: Self = Self(i128::MAX);
    /// The smallest amount, symmetric to [`Self::MAX`].
    pub const MIN: Self = Self(-i128::MAX);

    /// From the integer inside (units of 10⁻¹⁸); `i128::MIN` is refused.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub const fn from_units(units: i128) -> Result<Self, MoneyError> {
        if units == i128::MIN {
            return Err(MoneyError::Overflow {
                kind: KIND,
                operation: "conversion",
            });
        }
        Ok(Self(units))
    }

    /// The integer inside (units of 10⁻¹⁸).
    #[inline]
    pub const fn units(self) -> i128 {
        self.0
    }

    /// A whole number of currency units.
    #[inline]
    pub const fn whole(whole: i64) -> Self {
        Self(whole as i128 * 10_i128.pow(DECIMALS))
    }

    /// A whole number of cents.
    #[inline]
    pub const fn cents(cents: i64) -> Self {
        Self(cents as i128 * CENT)
    }

    /// Two `i64` multiply into less than 2¹²⁶: always in range.
    #[inline]
    pub(super) const fn from_product(price_units: i64, quantity_units: i64) -> Self {
        Self(price_units as i128 * quantity_units as i128)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        match self.0.checked_add(other.0) {
            Some(units) if units != i128::MIN => Ok(Self(units)),
            _ => Err(MoneyError::Overflow {
                kind: KIND,
                operation: "addition",
            }),
        }
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.checked_add(Self(-other.0))
    }

    /// `self × factor`, exact.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn times(self, factor: i64) -> Result<Self, MoneyError> {
        match self.0.checked_mul(i128::from(factor)) {
            Some(units) if units != i128::MIN => Ok(Self(units)),
            _ => Err(MoneyError::Overflow {
                kind: KIND,
                operation: "multiplication",
            }),
        }
    }

    /// `self × numerator / denominator`, rounded as named.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], [`MoneyError::DivisionByZero`].
    #[inline]
    pub fn scale(
        self,
        numerator: i64,
        denominator: i64,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        Self::from_units(rounding.multiply_divide(
            self.0,
            i128::from(numerator),
            i128::from(denominator),
        )?)
    }

    /// `self × rate`, rounded as named at 10⁻¹⁸.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    #[inline]
    pub fn at_rate(self, rate: Rate, rounding: Rounding) -> Result<Self, MoneyError> {
        self.scale(rate.units(), Rate::ONE.units(), rounding)
    }

    /// The part of this amount that belongs to `part` out of `whole` units of a position,
    /// rounded as named; subtract it from `self` to get the rest, so that nothing is lost.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
    #[inline]
    pub fn pro_rata(
        self,
        part: Quantity,
        whole: Quantity,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        // All and nothing are the common cases, and need no division.
        if part == whole && !whole.is_zero() {
            return Ok(self);
        }
        if part.is_zero() && !whole.is_zero() {
            return Ok(Self::ZERO);
        }
        self.scale(part.units(), whole.units(), rounding)
    }

    /// Rounded to whole cents.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] at the very end of the range.
    pub fn round_to_cents(self, rounding: Rounding) -> Result<Self, MoneyError> {
        Self::from_units(rounding.to_multiple(self.0, CENT)?)
    }

    /// This amount for `quantity` units as a price a unit, rounded as named at 10⁻⁹.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
    #[inline]
    pub fn per_unit(self, quantity: Quantity, rounding: Rounding) -> Result<Price, MoneyError> {
        Price::from_i128(
            rounding.divide(self.0, i128::from(quantity.units()))?,
            "price a unit",
        )
    }

    /// How many units at `price` this amount buys, rounded as named at 10⁻⁹.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
    #[inline]
    pub fn quantity_at(self, price: Price, rounding: Rounding) -> Result<Quantity, MoneyError> {
        Quantity::from_i128(
            rounding.divide(self.0, i128::from(price.units()))?,
            "units at a price",
        )
    }

    /// A float from statistics or a model, rounded half-even to cents.
    ///
    /// # Errors
    /// [`MoneyError::NotFinite`], [`MoneyError::Overflow`].
    pub fn from_f64_rounded_to_cents(value: f64) -> Result<Self, MoneyError> {
        from_f64(value, 2, KIND)?
            .checked_mul(CENT)
            .map(Self)
            .ok_or(MoneyError::Overflow {
                kind: KIND,
                operation: "conversion from float",
            })
    }

    /// The nearest float, for statistics and plots only.
    #[expect(clippy::cast_precision_loss, reason = "lossy by name")]
    #[inline]
    pub fn to_f64_lossy(self) -> f64 {
        self.0 as f64 / 1e18
    }

    /// Parses text such as `-1234.56`.
    ///
    /// # Errors
    /// As [`super::parse_fixed`].
    pub fn parse_bytes(text: &[u8]) -> Result<Self, MoneyError> {
        Self::from_units(parse_fixed(text, DECIMALS, KIND)?)
    }

    /// The magnitude.
    #[must_use]
    #[inline]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The amount with the opposite sign.
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

    #[inline]
    pub(super) fn from_i128(units: i128, operation: &'static str) -> Result<Self, MoneyError> {
        Self::from_units(units).map_err(|_unit_error| MoneyError::Overflow {
            kind: KIND,
            operation,
        })
    }

    /// The sum of many, in any order the same.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_fixed(f, self.0, DECIMALS, 2)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND}({self})")
    }
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::parse_bytes(text.as_bytes())
    }
}

super::decimal::decimal_face!(Money, DECIMALS);
