//! Binary floats from files that hold nothing better, as fixed point.

use crate::text::decimal::{ExtraDigits, NumberFault, Units, parse_units};

/// The number a float stands for, in units of 10^-`decimals`.
///
/// A float stands for the shortest decimal that gives the same float back: 0.1, not 0.1000000000000000055. That
/// decimal is taken exactly or refused like decimal text; no arithmetic on floats decides a digit.
///
/// # Errors
/// As [`parse_units`].
pub fn float_units(value: f64, decimals: u32, extra: ExtraDigits) -> Result<Units, NumberFault> {
    // 2^50: below it, neighbouring floats times the scale are at least a quarter apart, so the candidate is unique.
    const SURE: f64 = 1_125_899_906_842_624.0;
    if !value.is_finite() {
        return Err(NumberFault::NotFinite);
    }
    if decimals <= 9 {
        let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(9));
        let candidate = (value * scale).round();
        if candidate.abs() < SURE && (candidate / scale).to_bits() == value.to_bits() {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^50")]
            return Ok(Units {
                value: candidate as i64,
                rounded: false,
            });
        }
    }
    // Rust prints the shortest decimal that reads back as the same float.
    parse_units(format!("{value:e}").as_bytes(), decimals, extra)
}

/// As [`float_units`] for single precision: the shortest decimal of the 32-bit value.
pub(super) fn single_units(
    value: f32,
    decimals: u32,
    extra: ExtraDigits,
) -> Result<Units, NumberFault> {
    if !value.is_finite() {
        return Err(NumberFault::NotFinite);
    }
    parse_units(format!("{value:e}").as_bytes(), decimals, extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_the_decimal_its_writer_had() {
        let exact =
            |value: f64| float_units(value, 9, ExtraDigits::Refuse).map(|units| units.value);
        assert_eq!(exact(0.1), Ok(100_000_000));
        assert_eq!(exact(0.1 + 0.2), Err(NumberFault::TooManyDecimals));
        assert_eq!(exact(2_207.540_039), Ok(2_207_540_039_000));
        assert_eq!(exact(-1.5), Ok(-1_500_000_000));
        assert_eq!(exact(9_000_000_000.5), Ok(9_000_000_000_500_000_000));
        assert_eq!(exact(1e300), Err(NumberFault::OutOfRange));
        assert_eq!(exact(f64::NAN), Err(NumberFault::NotFinite));
        assert_eq!(
            single_units(1_229.23, 9, ExtraDigits::Refuse).map(|units| units.value),
            Ok(1_229_230_000_000)
        );
    }
}
