//! [`Volume`]: how much the market traded, a statistic that caps participation.

use super::{MoneyError, Rounding};

super::fixed_point::fixed_point! {
    /// How much the market traded, a statistic that caps participation.
    ///
    /// Its own type, because an index's daily volume exceeds what [`super::Quantity`] holds.
    Volume, decimals = 6, shown = 0
}

impl Volume {
    /// The share `rate` of this volume as a tradable quantity, rounded towards zero
    /// (participation limits round to the safe side).
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if the result exceeds what a quantity holds.
    #[inline]
    pub fn share(self, rate: super::Rate) -> Result<super::Quantity, MoneyError> {
        // 10^-6 × 10^-9 = 10^-15; a quantity counts 10^-9.
        let product = i128::from(self.0) * i128::from(rate.units());
        super::Quantity::from_i128(
            Rounding::TowardsZero.divide(product, 1_000_000)?,
            "share of volume",
        )
    }

    /// The volume of a traded quantity, rounded towards zero at six decimals.
    #[inline]
    pub const fn from_quantity(quantity: super::Quantity) -> Self {
        Self(quantity.units() / 1_000)
    }
}
