//! Numbers as people read them. The page uses a real minus sign, the terminal plain ASCII.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::metrics::{Metric, MetricId, Unit};

/// Fraction as a percentage with two decimals.
pub(super) fn percent(value: f64) -> String {
    percent_with(value, 2)
}

/// Fraction as a percentage with the given number of decimals.
pub(super) fn percent_with(value: f64, decimals: usize) -> String {
    format!("{}%", plain(value * 100.0, decimals))
}

/// Number with fixed decimals, thousands separated, no negative zero.
pub(super) fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    separated(if zero {
        text.trim_start_matches('-')
    } else {
        &text
    })
}

/// Exact amount to the cent, half away from zero, thousands separated.
pub(super) fn money(amount: Decimal) -> String {
    let mut rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(2);
    if rounded.is_zero() {
        return "0.00".to_owned();
    }
    separated(&rounded.to_string())
}

/// Exact quantity or price without trailing zeros, at least two decimals for fractions.
pub(super) fn exact(amount: Decimal) -> String {
    let mut text = amount.normalize();
    if text.scale() == 1 {
        text.rescale(2);
    }
    separated(&text.to_string())
}

/// Large amounts in short: 1.23M.
pub(super) fn short_amount(value: f64) -> String {
    let (scaled, suffix) = match value.abs() {
        v if v >= 1e12 => (value / 1e12, "T"),
        v if v >= 1e9 => (value / 1e9, "B"),
        v if v >= 1e6 => (value / 1e6, "M"),
        v if v >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    format!(
        "{}{suffix}",
        plain(scaled, if suffix.is_empty() { 0 } else { 2 })
    )
}

/// A figure in its unit, or `None` where it has no value.
pub(super) fn figure(id: MetricId, value: Metric) -> Option<String> {
    let value = value.ok()?;
    Some(match id.unit() {
        Unit::Percent => percent(value),
        Unit::Ratio => plain(value, 2),
        Unit::Count | Unit::Periods => plain(value.round(), 0),
        Unit::Money => match value.abs() {
            v if v >= 1e6 => short_amount(value),
            _ => plain(value, 2),
        },
    })
}

/// `2020-03-12`.
pub(super) fn date(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// Whether moments of a run are told apart by their day alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolution {
    Daily,
    Intraday,
}

/// `2020-03-12`, with hour and minute in an intraday run.
pub(super) fn moment(at: NaiveDateTime, resolution: Resolution) -> String {
    let day = date(at.date());
    match resolution {
        Resolution::Daily => day,
        Resolution::Intraday => format!("{day} {:02}:{:02}", at.hour(), at.minute()),
    }
}

/// Replaces the ASCII minus by the typographic one, for the page.
pub(super) fn typographic(text: &str) -> String {
    text.replace('-', "\u{2212}")
}

/// Nearest `f64`, for charts and sorting.
pub(super) fn approximate(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or(f64::NAN)
}

/// Puts commas between groups of three digits of the whole part.
fn separated(number: &str) -> String {
    let (sign, digits) = number
        .strip_prefix('-')
        .map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(-0.123_456), "-12.35%");
        assert_eq!(percent(-0.000_001), "0.00%");
        assert_eq!(plain(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(plain(-999.0, 0), "-999");
        assert_eq!(money("-1234567.885".parse().unwrap()), "-1,234,567.89");
        assert_eq!(money("0.001".parse().unwrap()), "0.00");
        assert_eq!(exact("1500.50".parse().unwrap()), "1,500.50");
        assert_eq!(exact("12.3450".parse().unwrap()), "12.345");
        assert_eq!(short_amount(12_345_678.0), "12.35M");
    }
}
