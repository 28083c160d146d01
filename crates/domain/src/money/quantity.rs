//! [`Quantity`]: a number of shares, contracts or coins; signed where it is a position.

super::fixed_point::fixed_point! {
    /// A number of shares, contracts or coins; signed where it is a position.
    ///
    /// Nine decimals hold every fractional share and coin amount that the brokers accept.
    Quantity, decimals = 9, shown = 0
}

impl Quantity {
    /// The smaller of two.
    #[must_use]
    #[inline]
    pub fn min(self, other: Self) -> Self {
        if self.0 <= other.0 { self } else { other }
    }
}
