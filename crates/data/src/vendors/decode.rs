//! From a vendor's JSON to typed fields: exact numbers, dates, symbols; a faulty record rejects itself and no other.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{NewsItem, Price, Quantity, Rate, Record, Symbol, Timestamp};
use trader_storage::text::decimal::{ExtraDigits, parse_units};

use crate::record_source::{Delivery, Reject};

/// Bytes of a rejected record that are kept.
const LONGEST_RAW: usize = 2_000;

/// Longest text of an item that is taken.
const LONGEST_TEXT: usize = 100_000;

/// Records of one page and where the next one is: a token or an address, as the vendor does it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What the page holds.
    pub delivery: Delivery<T>,
    /// Leads to the next page.
    pub next: Option<String>,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RowFault {
    reason: &'static str,
    detail: String,
}

impl RowFault {
    pub(super) fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

impl From<serde_json::Error> for RowFault {
    fn from(error: serde_json::Error) -> Self {
        Self::new("malformed", error.to_string())
    }
}

/// Reads each element; those with a fault are set aside.
pub(super) fn each<'a, W: Deserialize<'a>, T>(
    elements: impl IntoIterator<Item = &'a RawValue>,
    read: impl Fn(W) -> Result<T, RowFault>,
) -> Delivery<T> {
    let mut delivery = Delivery::default();
    for raw in elements {
        let wire: Result<W, _> = serde_json::from_str(raw.get());
        match wire.map_err(RowFault::from).and_then(&read) {
            Ok(record) => delivery.records.push(record),
            Err(fault) => delivery.rejects.push(reject(raw.get(), fault)),
        }
    }
    delivery
}

/// A record that is not let in, with its text shortened.
pub(super) fn reject(raw: &str, fault: RowFault) -> Reject {
    let cut = raw
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= LONGEST_RAW)
        .last()
        .unwrap_or(0);
    let raw = if raw.len() <= LONGEST_RAW {
        raw
    } else {
        raw.get(..cut).unwrap_or_default()
    };
    Reject {
        reason: fault.reason,
        detail: fault.detail,
        raw: raw.to_owned(),
    }
}

/// A number, or a number in quotes, in units of 10⁻⁹.
fn units(field: &'static str, raw: &RawValue, extra: ExtraDigits) -> Result<i64, RowFault> {
    let text = raw.get().trim_matches('"');
    parse_units(text.as_bytes(), 9, extra)
        .map(|units| units.value)
        .map_err(|fault| RowFault::new("number", format!("{field} is {text:.40}: {fault:?}")))
}

/// An exact amount a share.
pub(super) fn price(field: &'static str, raw: &RawValue) -> Result<Price, RowFault> {
    Price::from_units(units(field, raw, ExtraDigits::Refuse)?)
        .map_err(|error| RowFault::new("number", format!("{field}: {error}")))
}

/// An amount a share that the vendor computed: digits beyond 10⁻⁹ are rounded half to even.
pub(super) fn rounded_price(field: &'static str, raw: &RawValue) -> Result<Price, RowFault> {
    Price::from_units(units(field, raw, ExtraDigits::RoundHalfEven)?)
        .map_err(|error| RowFault::new("number", format!("{field}: {error}")))
}

/// Shares; a ratio's digits beyond 10⁻⁹ are rounded half to even.
pub(super) fn quantity(field: &'static str, raw: &RawValue) -> Result<Quantity, RowFault> {
    Quantity::from_units(units(field, raw, ExtraDigits::RoundHalfEven)?)
        .map_err(|error| RowFault::new("number", format!("{field}: {error}")))
}

/// A statistic, rounded half to even at 10⁻⁹.
pub(super) fn rate(field: &'static str, raw: &RawValue) -> Result<Rate, RowFault> {
    Rate::from_units(units(field, raw, ExtraDigits::RoundHalfEven)?)
        .map_err(|error| RowFault::new("number", format!("{field}: {error}")))
}

/// A count, written as a number or in quotes, also as `12.0` or `1e3`.
pub(super) fn count(field: &'static str, raw: &RawValue) -> Result<u64, RowFault> {
    let text = raw.get().trim_matches('"');
    parse_units(text.as_bytes(), 0, ExtraDigits::Refuse)
        .ok()
        .and_then(|units| u64::try_from(units.value).ok())
        .ok_or_else(|| RowFault::new("number", format!("{field} is {text:.40}, no count")))
}

pub(super) fn symbol(field: &'static str, text: &str) -> Result<Symbol, RowFault> {
    Symbol::new(text).map_err(|error| RowFault::new("symbol", format!("{field}: {error}")))
}

/// Symbols of a list; what is none is left out, as other markets' names often are.
pub(super) fn symbols<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Symbol> {
    let mut found: Vec<Symbol> = Vec::new();
    for text in texts {
        if let Ok(symbol) = Symbol::new(text.trim())
            && !found.contains(&symbol)
        {
            found.push(symbol);
        }
    }
    found
}

pub(super) fn date(field: &'static str, text: &str) -> Result<NaiveDate, RowFault> {
    text.get(..10)
        .unwrap_or(text)
        .parse()
        .map_err(|_not_a_date| RowFault::new("time", format!("{field} is {text:.40}, no date")))
}

/// A date that may be missing, also as an empty text.
pub(super) fn optional_date(
    field: &'static str,
    text: Option<&str>,
) -> Result<Option<NaiveDate>, RowFault> {
    text.filter(|text| !text.is_empty())
        .map(|text| date(field, text))
        .transpose()
}

pub(super) fn time(field: &'static str, text: &str) -> Result<Timestamp, RowFault> {
    text.parse()
        .map_err(|error| RowFault::new("time", format!("{field}: {error}")))
}

/// Seconds since 1970, with or without a fraction.
pub(super) fn seconds(field: &'static str, raw: &RawValue) -> Result<Timestamp, RowFault> {
    units(field, raw, ExtraDigits::RoundHalfEven).map(Timestamp::from_nanos)
}

/// Nanoseconds since 1970.
pub(super) fn nanos(field: &'static str, raw: &RawValue) -> Result<Timestamp, RowFault> {
    let text = raw.get();
    parse_units(text.as_bytes(), 0, ExtraDigits::Refuse)
        .map(|units| Timestamp::from_nanos(units.value))
        .map_err(|_fault| RowFault::new("time", format!("{field} is {text:.40}, no time")))
}

/// A record that is consistent in itself.
pub(super) fn valid<R: Record>(record: R) -> Result<R, RowFault> {
    match record.validate() {
        Ok(()) => Ok(record),
        Err(error) => Err(RowFault::new("inconsistent", error.to_string())),
    }
}

/// A news item with an id, a headline, and not from the future.
pub(super) fn valid_news(item: NewsItem) -> Result<NewsItem, RowFault> {
    let refuse = |detail: &str| Err(RowFault::new("inconsistent", detail));
    if item.id.trim().is_empty() || item.headline.trim().is_empty() {
        return refuse("it has no id or no headline");
    }
    if item.published > item.received {
        return refuse("it was published after it was received");
    }
    if item.headline.len() > LONGEST_TEXT
        || item
            .body
            .as_ref()
            .is_some_and(|body| body.len() > LONGEST_TEXT)
    {
        return refuse("its text is longer than 100000 bytes");
    }
    Ok(item)
}

/// A text that says something.
pub(super) fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_faulty_element_rejects_itself_only() {
        let body = r#"[1, "x", {"a":"0.1"}, 2.5, "1e2"]"#;
        let elements: Vec<&RawValue> = serde_json::from_str(body).unwrap();
        let delivery = each(elements, |raw: &RawValue| price("amount", raw));
        let texts: Vec<String> = delivery.records.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["1.00", "2.50", "100.00"]);
        assert_eq!(delivery.rejects.len(), 2);
        assert_eq!(delivery.rejects[0].raw, "\"x\"");
    }

    #[test]
    fn long_rejects_are_cut_between_characters() {
        let raw = "é".repeat(3_000);
        let cut = reject(&raw, RowFault::new("malformed", "too long"));
        assert!(cut.raw.len() <= LONGEST_RAW && cut.raw.len() > LONGEST_RAW - 4);
    }
}
