//! Rows of a vendor's page as CSV, digit for digit, for the reader that checks all rows.

use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::Timestamp;
use trader_domain::calendar::EasternTime;

/// The header of [`Rows`].
const HEADER: &str = "timestamp,open,high,low,close,volume,trades,vwap\n";

/// A bar as both vendors send it; numbers stay text.
#[derive(Debug, Deserialize)]
pub(super) struct WireBar<'a> {
    #[serde(borrow)]
    pub(super) t: &'a RawValue,
    #[serde(borrow)]
    o: &'a RawValue,
    #[serde(borrow)]
    h: &'a RawValue,
    #[serde(borrow)]
    l: &'a RawValue,
    #[serde(borrow)]
    c: &'a RawValue,
    #[serde(borrow)]
    v: &'a RawValue,
    #[serde(borrow, default)]
    n: Option<&'a RawValue>,
    #[serde(borrow, default)]
    vw: Option<&'a RawValue>,
}

/// Rows so far.
#[derive(Debug)]
pub struct Rows {
    text: String,
    count: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

impl Rows {
    /// None yet.
    pub fn new() -> Self {
        Self {
            text: HEADER.to_owned(),
            count: 0,
        }
    }

    /// Adds a bar whose time is written as `time`.
    pub(super) fn push(&mut self, time: &str, bar: &WireBar<'_>) {
        let text = |value: Option<&'_ RawValue>| value.map_or("", RawValue::get).to_owned();
        let prices = [bar.o, bar.h, bar.l, bar.c].map(RawValue::get);
        self.push_texts(time, prices, bar.v.get(), [&text(bar.n), &text(bar.vw)]);
    }

    /// Adds a bar of JSON values: open, high, low, close; volume; number of trades and mean price, empty when unknown.
    pub(super) fn push_texts(
        &mut self,
        time: &str,
        prices: [&str; 4],
        volume: &str,
        more: [&str; 2],
    ) {
        self.text.push_str(&field(time));
        for value in prices.into_iter().chain([volume]).chain(more) {
            self.text.push(',');
            // `null` is what a vendor sends for "not known".
            if value != "null" {
                self.text.push_str(&field(value));
            }
        }
        self.text.push('\n');
        self.count += 1;
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.count
    }

    /// As CSV with a header.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

/// The date in New York at an instant, as text; `None` outside the calendar.
pub(super) fn date_in_new_york(instant: Timestamp) -> Option<String> {
    let eastern = EasternTime::at(instant).ok()?;
    Some(eastern.date.to_string())
}

/// A value of any JSON type as one field of a row: what is no number must stay one field, so that the reader
/// sets this row aside and no other.
fn field(value: &str) -> String {
    let text = value.trim_matches('"');
    text.chars()
        .map(|c| {
            if matches!(c, ',' | '"') || c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_anything_else_stays_in_its_field() {
        let body = r#"{"t":"2024-01-02T14:30:00Z","o":0.1,"h":100.10,"l":1e-4,"c":"12,5","v":{"a":1,"b":"x\ny"},"n":null}"#;
        let bar: WireBar<'_> = serde_json::from_str(body).unwrap();
        let mut rows = Rows::new();
        rows.push("2024-01-02T14:30:00Z", &bar);
        let text = String::from_utf8(rows.into_bytes()).unwrap();
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with("2024-01-02T14:30:00Z,0.1,100.10,1e-4,12 5,"),
            "{row}"
        );
        assert_eq!(row.matches(',').count(), 7);
        assert_eq!(text.lines().count(), 2);
    }
}
