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
        if remainder == 0 {
            return Ok(quotient);
        }
        let negative = (numerator < 0) != (denominator < 0);
        let twice = remainder.unsigned_abs().saturating_mul(2);
        let away = match self {
            Self::HalfUp => twice >= denominator.unsigned_abs(),
            Self::HalfEven => {
                twice > denominator.unsigned_abs()
                    || (twice == denominator.unsigned_abs() && quotient % 2 != 0)
            }
            Self::Floor => negative,
            Self::Ceiling => !negative,
            Self::TowardsZero => false,
            Self::AwayFromZero => true,
        };
        let step = if negative { -1 } else { 1 };
        if away {
            quotient.checked_add(step).ok_or_else(overflow)
        } else {
            Ok(quotient)
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
