//! [`Rate`]: a dimensionless exact ratio: percentages, basis points, split ratios, interest.

use super::{MoneyError, Rounding};

super::fixed_point::fixed_point! {
    /// A dimensionless exact ratio: percentages, basis points, split ratios, interest.
    ///
    /// `Rate::from_percent(5)` and `Rate::from_bps(500)` are both 0.05.
    Rate, decimals = 9, shown = 0
}

impl Rate {
    /// A whole number of percent.
    #[inline]
    pub const fn from_percent(percent: i32) -> Self {
        Self(percent as i64 * (Self::SCALE / 100))
    }

    /// A whole number of basis points (1/100 of a percent).
    #[inline]
    pub const fn from_bps(bps: i32) -> Self {
        Self(bps as i64 * (Self::SCALE / 10_000))
    }

    /// `numerator / denominator` rounded as named.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`], [`MoneyError::Overflow`].
    pub fn of(
        numerator: super::Money,
        denominator: super::Money,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        let scale = i128::from(Self::SCALE);
        Self::from_i128(
            rounding.multiply_divide(numerator.units(), scale, denominator.units())?,
            "ratio",
        )
    }
}
