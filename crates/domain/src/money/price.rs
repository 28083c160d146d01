//! [`Price`]: a price in currency units a share, contract or coin.

super::fixed_point::fixed_point! {
    /// A price in currency units a share, contract or coin.
    ///
    /// Signed: spreads and some futures trade below zero; whether a price may be negative is checked
    /// where it enters.
    Price, decimals = 9, shown = 2
}

impl Price {
    /// `self × quantity`, exact.
    #[inline]
    pub const fn notional(self, quantity: super::Quantity) -> super::Money {
        super::Money::from_product(self.0, quantity.units())
    }
}
