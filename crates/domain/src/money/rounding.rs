//! Named rounding: every place that drops digits names one of these.

use super::MoneyError;

/// How a value between two representable neighbours is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest, ties away from zero (currency amounts, regulatory fees).
    HalfUp,
    /// To the nearest, ties to the even neighbour (statistics).
    HalfEven,
    /// Towards negative infinity.
    Floor,
    /// Towards positive infinity.
    Ceiling,
    /// Towards zero (a maximum size rounds down).
    TowardsZero,
    /// Away from zero (a required margin rounds up).
    AwayFromZero,
}

impl Rounding {
    /// `numerator / denominator`, rounded to an integer.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`]; [`MoneyError::Overflow`] for `i128::MIN / -1`.
    #[inline]
    pub fn divide(self, numerator: i128, denominator: i128) -> Result<i128, MoneyError> {
        const OPERATION: &str = "rounded division";
        if denominator == 0 {
            return Err(MoneyError::DivisionByZero {
                operation: OPERATION,
            });
        }
        let overflow = || MoneyError::Overflow {
            kind: "i128",
            operation: OPERATION,
        };
        let quotient = numerator.checked_div(denominator).ok_or_else(overflow)?;
        // Cheaper than a second division, and exact: |quotient × denominator| <= |numerator|.
        let remainder = numerator - quotient * denominator;
        let negative = (numerator < 0) != (denominator < 0);
        self.resolve(
            quotient,
            remainder.unsigned_abs(),
            denominator.unsigned_abs(),
            negative,
        )
        .ok_or_else(overflow)
    }

    /// `value × numerator / denominator`, rounded to an integer; exact also where the product leaves
    /// 128 bits.
    ///
    /// # Errors
    /// [`MoneyError::DivisionByZero`]; [`MoneyError::Overflow`] where the result leaves 128 bits.
    #[inline]
    pub fn multiply_divide(
        self,
        value: i128,
        numerator: i128,
        denominator: i128,
    ) -> Result<i128, MoneyError> {
        match value.checked_mul(numerator) {
            Some(product) => self.divide(product, denominator),
            None => self.multiply_divide_wide(value, numerator, denominator),
        }
    }

    /// Multiplies by doubling and adding on quotient and remainder, so that nothing exceeds twice the
    /// denominator, which 128 unsigned bits hold.
    #[cold]
    fn multiply_divide_wide(
        self,
        value: i128,
        numerator: i128,
        denominator: i128,
    ) -> Result<i128, MoneyError> {
        const OPERATION: &str = "rounded multiplication and division";
        if denominator == 0 {
            return Err(MoneyError::DivisionByZero {
                operation: OPERATION,
            });
        }
        let negative = (value < 0) ^ (numerator < 0) ^ (denominator < 0);
        let divisor = denominator.unsigned_abs();
        let factor = numerator.unsigned_abs();
        let one = (
            value.unsigned_abs() / divisor,
            value.unsigned_abs() % divisor,
        );
        let add = |sum: (u128, u128), other: (u128, u128)| {
            let rest = sum.1 + other.1;
            let carry = u128::from(rest >= divisor);
            let whole = sum.0.checked_add(other.0)?.checked_add(carry)?;
            Some((whole, rest - carry * divisor))
        };
        let bits = u128::BITS - factor.leading_zeros();
        let product = (0..bits).rev().try_fold((0_u128, 0_u128), |sum, bit| {
            let doubled = add(sum, sum)?;
            if factor >> bit & 1 == 1 {
                add(doubled, one)
            } else {
                Some(doubled)
            }
        });
        product
            .and_then(|(whole, rest)| {
                let whole = i128::try_from(whole).ok()?;
                let quotient = if negative { -whole } else { whole };
                self.resolve(quotient, rest, divisor, negative)
            })
            .ok_or(MoneyError::Overflow {
                kind: "i128",
                operation: OPERATION,
            })
    }

    /// The truncated quotient or its neighbour away from zero, by the remainder that was dropped.
    #[inline]
    fn resolve(
        self,
        quotient: i128,
        remainder: u128,
        divisor: u128,
        negative: bool,
    ) -> Option<i128> {
        if remainder == 0 {
            return Some(quotient);
        }
        // remainder > divisor - remainder says twice the remainder, without its overflow.
        let half = remainder.cmp(&(divisor - remainder));
        let away = match self {
            Self::HalfUp => half.is_ge(),
            Self::HalfEven => half.is_gt() || (half.is_eq() && quotient % 2 != 0),
            Self::Floor => negative,
            Self::Ceiling => !negative,
            Self::TowardsZero => false,
            Self::AwayFromZero => true,
        };
        let step = if negative { -1 } else { 1 };
        if away {
            quotient.checked_add(step)
        } else {
            Some(quotient)
        }
    }

    /// The multiple of `step` (positive) that `value` rounds to.
    ///
    /// # Errors
    /// As [`Rounding::divide`].
    #[inline]
    pub fn to_multiple(self, value: i128, step: i128) -> Result<i128, MoneyError> {
        self.divide(value, step)?
            .checked_mul(step)
            .ok_or(MoneyError::Overflow {
                kind: "i128",
                operation: "rounding to a step",
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Rounding;

    #[test]
    fn ties_and_signs_follow_the_name() {
        let cases = [
            (Rounding::HalfUp, [3, -3, 2]),
            (Rounding::HalfEven, [2, -2, 2]),
            (Rounding::Floor, [2, -3, 1]),
            (Rounding::Ceiling, [3, -2, 2]),
            (Rounding::TowardsZero, [2, -2, 1]),
            (Rounding::AwayFromZero, [3, -3, 2]),
        ];
        for (mode, expected) in cases {
            let found = [(5, 2), (-5, 2), (3, 2)].map(|(n, d)| mode.divide(n, d).unwrap());
            assert_eq!(found, expected, "{mode:?}");
        }
    }

    #[test]
    fn zero_divisor_is_an_error() {
        assert!(Rounding::Floor.divide(1, 0).is_err());
    }
}
