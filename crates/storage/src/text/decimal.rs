//! Decimal text to fixed-point `i64`, exactly.
//!
//! [`parse_units`] accepts what spreadsheets and data vendors write (`101.25`, `.5`, `+3`, `1e-05`, `1.2E+9`);
//! [`prefix_units`] is the short path for `digits[.digits]` inside a longer line. Both give the same value
//! wherever both answer (property test), and that value is the one `rust_decimal` gives.

/// What to do with digits beyond those the type holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExtraDigits {
    /// Refuse the number: exact or nothing.
    #[default]
    Refuse,
    /// Round half to even. The reader counts how often it happened.
    RoundHalfEven,
}

/// Why a field is not a number that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// Nothing in the field.
    Empty,
    /// Not decimal text.
    NotANumber,
    /// `NaN`, `inf` and their spellings.
    NotFinite,
    /// Non-zero digits beyond the decimals held.
    TooManyDecimals,
    /// Does not fit the integer.
    OutOfRange,
}

/// A number and whether it had to be rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Units {
    /// The value in units of 10^-decimals.
    pub value: i64,
    /// Digits were dropped under [`ExtraDigits::RoundHalfEven`].
    pub rounded: bool,
}

/// The most decimals any caller asks for; keeps powers of ten inside `u64`.
const MAX_DECIMALS: u32 = 18;

const POWERS: [u64; 19] = {
    let mut powers = [1_u64; 19];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};

/// Reads `digits[.digits]` from the start of `text` and says how many bytes it took.
///
/// `None` for anything else: a sign, an exponent, no digits, more digits than surely fit. The caller then takes
/// [`parse_units`] over the whole field.
#[inline]
pub fn prefix_units(text: &[u8], decimals: u32) -> Option<(i64, usize)> {
    let mut value: u64 = 0;
    let mut used = 0_usize;
    let mut fraction = 0_usize;
    // Wrapping is harmless: a number that long is refused by the digit count below.
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        used += 1;
    }
    let whole = used;
    if text.get(used) == Some(&b'.') {
        used += 1;
        for &byte in text.get(used..)? {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            fraction += 1;
        }
        used += fraction;
    }
    let decimals = decimals as usize;
    if whole + fraction == 0 || fraction > decimals || whole + decimals > 18 {
        return None;
    }
    let scaled = value.checked_mul(*POWERS.get(decimals - fraction)?)?;
    Some((i64::try_from(scaled).ok()?, used))
}

/// The number in a whole field, in units of 10^-`decimals` (at most 18).
///
/// # Errors
/// [`NumberFault`]; with [`ExtraDigits::Refuse`], non-zero digits beyond `decimals` are an error.
pub fn parse_units(text: &[u8], decimals: u32, extra: ExtraDigits) -> Result<Units, NumberFault> {
    if text.is_empty() {
        return Err(NumberFault::Empty);
    }
    let (negative, body) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    if is_not_finite(body) {
        return Err(NumberFault::NotFinite);
    }
    let (mantissa, exponent) = split_exponent(body)?;
    let scanned = scan_mantissa(mantissa)?;
    // The value is digits × 10^(exponent - fraction); units are 10^-decimals.
    let shift = exponent - scanned.fraction + i64::from(decimals.min(MAX_DECIMALS));
    let (magnitude, rounded) = scanned.shifted(shift, extra)?;
    let magnitude = i64::try_from(magnitude).map_err(|_error| NumberFault::OutOfRange)?;
    Ok(Units {
        value: if negative { -magnitude } else { magnitude },
        rounded,
    })
}

fn is_not_finite(body: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [b"nan", b"inf", b"infinity", b"null", b"none", b"n/a", b"na"];
    WORDS.iter().any(|word| body.eq_ignore_ascii_case(word))
}

/// Splits `1.5e-3` into `1.5` and -3.
fn split_exponent(body: &[u8]) -> Result<(&[u8], i64), NumberFault> {
    let Some(at) = body.iter().position(|byte| matches!(byte, b'e' | b'E')) else {
        return Ok((body, 0));
    };
    let (mantissa, rest) = body.split_at(at);
    let digits = rest.get(1..).unwrap_or_default();
    let (negative, digits) = match digits.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, digits),
    };
    if digits.is_empty() || digits.len() > 4 || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NumberFault::NotANumber);
    }
    let value = digits
        .iter()
        .fold(0_i64, |value, digit| value * 10 + i64::from(digit - b'0'));
    Ok((mantissa, if negative { -value } else { value }))
}

/// The digits of a mantissa as one integer, and how many stood behind the point.
struct Mantissa {
    /// All digits up to the 37th significant one, as an integer.
    digits: u128,
    /// Digits behind the point, less those cut off `digits`.
    fraction: i64,
    /// A non-zero digit was cut off: the value lies a little above `digits`.
    sticky: bool,
}

fn scan_mantissa(text: &[u8]) -> Result<Mantissa, NumberFault> {
    const MOST: u128 = u128::MAX / 100;
    let mut scanned = Mantissa {
        digits: 0,
        fraction: 0,
        sticky: false,
    };
    let (mut seen, mut point) = (false, false);
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                let digit = byte - b'0';
                if scanned.digits > MOST {
                    scanned.sticky |= digit != 0;
                    // A cut digit in front of the point still multiplies the value by ten.
                    scanned.fraction -= i64::from(!point);
                } else {
                    scanned.digits = scanned.digits * 10 + u128::from(digit);
                    scanned.fraction += i64::from(point);
                }
            }
            b'.' if !point => point = true,
            _ => return Err(NumberFault::NotANumber),
        }
    }
    if seen {
        Ok(scanned)
    } else {
        Err(NumberFault::NotANumber)
    }
}

impl Mantissa {
    /// `digits × 10^shift` as an integer, and whether that took rounding.
    fn shifted(&self, shift: i64, extra: ExtraDigits) -> Result<(u128, bool), NumberFault> {
        if self.digits == 0 {
            return Ok((0, false));
        }
        if shift >= 0 {
            let power = u32::try_from(shift).map_err(|_error| NumberFault::OutOfRange)?;
            let scale = 10_u128.checked_pow(power).ok_or(NumberFault::OutOfRange)?;
            let value = self
                .digits
                .checked_mul(scale)
                .ok_or(NumberFault::OutOfRange)?;
            // Cut digits exist only in numbers far beyond an i64.
            return if self.sticky {
                Err(NumberFault::OutOfRange)
            } else {
                Ok((value, false))
            };
        }
        let power = u32::try_from(-shift).unwrap_or(u32::MAX);
        let (quotient, remainder, half) = match 10_u128.checked_pow(power) {
            Some(divisor) => (self.digits / divisor, self.digits % divisor, divisor / 2),
            // Smaller than any half unit: 39 digits divided by 10^39 or more.
            None => (0, self.digits, u128::MAX),
        };
        if remainder == 0 && !self.sticky {
            return Ok((quotient, false));
        }
        match extra {
            ExtraDigits::Refuse => Err(NumberFault::TooManyDecimals),
            ExtraDigits::RoundHalfEven => {
                let above = remainder > half || (remainder == half && self.sticky);
                let tie = remainder == half && !self.sticky;
                let up = above || (tie && quotient % 2 == 1);
                Ok((quotient + u128::from(up), true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Result<i64, NumberFault> {
        parse_units(text.as_bytes(), 9, ExtraDigits::Refuse).map(|units| units.value)
    }

    #[test]
    fn reads_what_vendors_write() {
        assert_eq!(exact("101.25"), Ok(101_250_000_000));
        assert_eq!(exact("-0.000000001"), Ok(-1));
        assert_eq!(exact("+.5"), Ok(500_000_000));
        assert_eq!(exact("7."), Ok(7_000_000_000));
        assert_eq!(exact("1e-05"), Ok(10_000));
        assert_eq!(exact("1.2E+3"), Ok(1_200_000_000_000));
        assert_eq!(
            exact("1.50000000000000000000000000000000000000000000"),
            Ok(1_500_000_000)
        );
        assert_eq!(exact("0e-999"), Ok(0));
        assert_eq!(exact("9223372036.854775807"), Ok(i64::MAX));
    }

    #[test]
    fn refuses_what_is_not_a_number_or_does_not_fit() {
        for text in [
            "-", ".", "1,5", " 1", "1 ", "0x1", "1.2.3", "--1", "1e", "e5", "1e5.0", "१",
        ] {
            assert_eq!(exact(text), Err(NumberFault::NotANumber), "{text}");
        }
        assert_eq!(exact(""), Err(NumberFault::Empty));
        for text in ["NaN", "-inf", "Infinity", "null"] {
            assert_eq!(exact(text), Err(NumberFault::NotFinite), "{text}");
        }
        assert_eq!(exact("0.0000000001"), Err(NumberFault::TooManyDecimals));
        assert_eq!(exact("1e-300"), Err(NumberFault::TooManyDecimals));
        for text in ["9223372036.854775808", "1e300", &"9".repeat(200)] {
            assert_eq!(exact(text), Err(NumberFault::OutOfRange), "{text}");
        }
    }

    #[test]
    fn rounds_half_to_even_only_when_asked() {
        let rounded = |text: &str| {
            parse_units(text.as_bytes(), 2, ExtraDigits::RoundHalfEven)
                .map(|u| (u.value, u.rounded))
        };
        assert_eq!(rounded("0.005"), Ok((0, true)));
        assert_eq!(rounded("0.015"), Ok((2, true)));
        assert_eq!(
            rounded("0.0150000000000000000000000000000000000000000000001"),
            Ok((2, true))
        );
        assert_eq!(
            rounded("0.0050000000000000000000000000000000000000000000001"),
            Ok((1, true))
        );
        assert_eq!(rounded("1.23"), Ok((123, false)));
        assert_eq!(rounded("1e-300"), Ok((0, true)));
    }

    #[test]
    fn the_short_path_stops_where_the_number_does() {
        assert_eq!(prefix_units(b"101.25,7", 9), Some((101_250_000_000, 6)));
        assert_eq!(prefix_units(b"5", 0), Some((5, 1)));
        assert_eq!(prefix_units(b"12.", 2), Some((1_200, 3)));
        for text in ["", ",", ".", "-1", "0.0000000001", "99999999999", "e5"] {
            assert_eq!(prefix_units(text.as_bytes(), 9), None, "{text}");
        }
    }
}
