//! Decimal text to and from scaled integers, without floats and without allocation on success.

use super::MoneyError;

/// Units of one in [`super::Price`] and [`super::Rate`].
pub const PRICE_SCALE: i64 = 1_000_000_000;
/// Units of one in [`super::Quantity`].
pub const QUANTITY_SCALE: i64 = 1_000_000_000;

fn not_a_number(text: &[u8]) -> MoneyError {
    MoneyError::NotANumber {
        text: excerpt(text),
    }
}

fn excerpt(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().take(40).collect()
}

/// Parses `[+-]digits[.digits]` into an integer scaled by 10^`decimals`.
///
/// Trailing zeros beyond `decimals` are fine, other digits there are
/// [`MoneyError::Inexact`]: exact or nothing. Exponents, blanks and separators are refused.
///
/// # Errors
/// [`MoneyError::NotANumber`], [`MoneyError::Inexact`], [`MoneyError::Overflow`].
pub fn parse_fixed(text: &[u8], decimals: u32, kind: &'static str) -> Result<i128, MoneyError> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let overflow = || MoneyError::Overflow {
        kind,
        operation: "parsing",
    };
    let mut value: i128 = 0;
    let mut seen = 0_usize;
    let mut fraction: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                seen += 1;
                if let Some(taken) = fraction.as_mut() {
                    if *taken == decimals {
                        if byte != b'0' {
                            return Err(MoneyError::Inexact {
                                kind,
                                decimals,
                                text: excerpt(text),
                            });
                        }
                        continue;
                    }
                    *taken += 1;
                }
                value = value
                    .checked_mul(10)
                    .and_then(|v| v.checked_add(i128::from(byte - b'0')))
                    .ok_or_else(overflow)?;
            }
            b'.' if fraction.is_none() => fraction = Some(0),
            _ => return Err(not_a_number(text)),
        }
    }
    if seen == 0 {
        return Err(not_a_number(text));
    }
    let missing = decimals - fraction.unwrap_or(0);
    value = 10_i128
        .checked_pow(missing)
        .and_then(|scale| value.checked_mul(scale))
        .ok_or_else(overflow)?;
    Ok(if negative { -value } else { value })
}

/// Writes a scaled integer as plain decimal text, keeping at least `min_decimals`.
pub(super) fn write_fixed(
    f: &mut std::fmt::Formatter<'_>,
    value: i128,
    decimals: u32,
    min_decimals: usize,
) -> std::fmt::Result {
    use std::fmt::Write as _;
    let scale = 10_u128.pow(decimals);
    let magnitude = value.unsigned_abs();
    let (whole, fraction) = (magnitude / scale, magnitude % scale);
    let mut kept = decimals as usize;
    let mut rest = fraction;
    while kept > min_decimals && rest % 10 == 0 {
        rest /= 10;
        kept -= 1;
    }
    // 39 digits, a point and up to 18 decimals.
    let mut text = arrayvec::ArrayString::<64>::new();
    write!(text, "{whole}")?;
    if kept > 0 {
        write!(text, ".{rest:0kept$}")?;
    }
    // Width, fill and sign as asked for; columns of figures line up.
    f.pad_integral(value >= 0, "", &text)
}

/// A finite float, rounded half to even at 10^-`decimals`; the only way floats come back.
pub(super) fn from_f64(value: f64, decimals: u32, kind: &'static str) -> Result<i128, MoneyError> {
    if !value.is_finite() {
        return Err(MoneyError::NotFinite { kind });
    }
    let text = format!("{value:.*}", decimals as usize);
    parse_fixed(text.as_bytes(), decimals, kind)
}

#[cfg(test)]
mod tests {
    use super::parse_fixed;

    #[test]
    fn parses_plain_decimals_only() {
        let parse = |t: &str| parse_fixed(t.as_bytes(), 9, "Price");
        assert_eq!(parse("1.5").unwrap(), 1_500_000_000);
        assert_eq!(parse("-0.000000001").unwrap(), -1);
        assert_eq!(parse(".5").unwrap(), 500_000_000);
        assert_eq!(parse("7.").unwrap(), 7_000_000_000);
        assert_eq!(parse("1.5000000000000").unwrap(), 1_500_000_000);
        for bad in [
            "", "-", ".", "1e5", "1,5", " 1", "1 ", "0x1", "NaN", "inf", "1.2.3", "--1",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("0.0000000001").is_err());
        assert!(parse(&"9".repeat(60)).is_err());
    }
}
