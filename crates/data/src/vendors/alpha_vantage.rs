//! Alpha Vantage's time series (`/query`): rows keyed by time, newest first; refusals come with status 200.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{Timeframe, eastern_instant};
use trader_storage::store::StoredAdjustment;

use super::bars::{BarAsk, BarVendor};
use super::link::{Next, PageFault, address};
use super::rows::Rows;

/// Characters of the vendor's text that are passed on.
const LONGEST_MESSAGE: usize = 200;

/// The vendor; raw prices. Its key travels in the address, which no message or log shows.
pub struct AlphaVantage {
    base: Url,
    key: String,
}

impl std::fmt::Debug for AlphaVantage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AlphaVantage")
            .field("base", &self.base.as_str())
            .finish_non_exhaustive()
    }
}

impl AlphaVantage {
    /// At this address, with this key.
    pub fn new(base: Url, key: &str) -> Self {
        Self {
            base,
            key: key.to_owned(),
        }
    }

    /// The smallest question that needs a key.
    ///
    /// # Errors
    /// When the configured address cannot be a base.
    pub fn check(&self) -> Result<Url, String> {
        self.query(&[("function", "GLOBAL_QUOTE"), ("symbol", "IBM")])
    }

    fn query(&self, pairs: &[(&str, &str)]) -> Result<Url, String> {
        let mut all = pairs.to_vec();
        all.push(("apikey", &self.key));
        address(&self.base, &["query"], &all)
    }
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, rename = "1. open")]
    open: &'a RawValue,
    #[serde(borrow, rename = "2. high")]
    high: &'a RawValue,
    #[serde(borrow, rename = "3. low")]
    low: &'a RawValue,
    #[serde(borrow, rename = "4. close")]
    close: &'a RawValue,
    #[serde(borrow, rename = "5. volume")]
    volume: &'a RawValue,
}

type Parts<'a> = BTreeMap<String, &'a RawValue>;

/// What a body is about, or what it refuses: `Error Message`, `Note` and `Information` come with status 200.
fn parts<'a>(body: &'a [u8], key: &str) -> Result<Parts<'a>, PageFault> {
    let parts: Parts<'_> = serde_json::from_slice(body)?;
    let said = |name: &str| parts.get(name).map(|value| clean(value.get(), key));
    if let Some(message) = said("Error Message") {
        let about_key = message.to_ascii_lowercase().contains("apikey");
        return Err(if about_key {
            PageFault::Unauthorized(message)
        } else {
            PageFault::Refused(message)
        });
    }
    if let Some(message) = said("Note").or_else(|| said("Information")) {
        let text = message.to_ascii_lowercase();
        let limit = [
            "rate limit",
            "call frequency",
            "per day",
            "per minute",
            "per second",
        ];
        return Err(if limit.iter().any(|word| text.contains(word)) {
            PageFault::Throttled(message)
        } else {
            PageFault::Unauthorized(message)
        });
    }
    Ok(parts)
}

/// Whether an answer is none of the refusals that come with a good status.
///
/// # Errors
/// [`PageFault`].
pub fn alpha_vantage_accepts(body: &[u8], key: &str) -> Result<(), PageFault> {
    parts(body, key).map(drop)
}

/// The vendor's text on one line without the key, which it likes to repeat.
fn clean(text: &str, key: &str) -> String {
    let text = if key.is_empty() {
        text.to_owned()
    } else {
        text.replace(key, "***")
    };
    text.trim_matches('"')
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST_MESSAGE)
        .collect()
}

impl BarVendor for AlphaVantage {
    fn name(&self) -> &'static str {
        "alpha_vantage"
    }

    fn timeframes(&self) -> Vec<Timeframe> {
        vec![Timeframe::MINUTE, Timeframe::Session]
    }

    fn adjustment(&self, _timeframe: Timeframe) -> StoredAdjustment {
        StoredAdjustment::Raw
    }

    fn variant(&self) -> String {
        String::new()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        let symbol = ("symbol", ask.symbol.as_str());
        match ask.timeframe {
            Timeframe::Session => self.query(&[
                ("function", "TIME_SERIES_DAILY"),
                symbol,
                ("outputsize", "full"),
                ("datatype", "json"),
            ]),
            Timeframe::MINUTE => self.query(&[
                ("function", "TIME_SERIES_INTRADAY"),
                symbol,
                ("interval", "1min"),
                // A unit of work is one month.
                ("month", &ask.from.format("%Y-%m").to_string()),
                ("adjusted", "false"),
                ("extended_hours", "true"),
                ("outputsize", "full"),
                ("datatype", "json"),
            ]),
            other @ Timeframe::Seconds(_) => Err(format!("no bars of {other}")),
        }
    }

    fn page(
        &self,
        ask: &BarAsk,
        _asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, PageFault> {
        let parts = parts(body, &self.key)?;
        let meta = parts.get("Meta Data").ok_or_else(|| missing("Meta Data"))?;
        let meta: BTreeMap<String, String> = serde_json::from_str(meta.get())?;
        let of = |name: &str| {
            let mut found = meta.iter().filter(|(key, _)| key.ends_with(name));
            found.next().map(|(_, value)| value.as_str())
        };
        match of(" Symbol") {
            Some(symbol) if symbol.eq_ignore_ascii_case(ask.symbol.as_str()) => {}
            other => return Err(format!("bars of {other:.60?} came for {}", ask.symbol).into()),
        }
        if ask.timeframe != Timeframe::Session && of(" Time Zone") != Some("US/Eastern") {
            return Err(format!("times in {:.60?}, not US/Eastern", of(" Time Zone")).into());
        }
        let name = match ask.timeframe {
            Timeframe::Session => "Time Series (Daily)",
            Timeframe::Seconds(_) => "Time Series (1min)",
        };
        let series = parts.get(name).ok_or_else(|| missing(name))?;
        // By time, oldest first.
        let series: BTreeMap<String, Row<'_>> = serde_json::from_str(series.get())?;
        let (first, last) = (ask.from.to_string(), ask.to.to_string());
        for (time, row) in &series {
            // A question brings more than was asked for.
            let date = time.get(..10).unwrap_or(time);
            if date < first.as_str() || date > last.as_str() {
                continue;
            }
            let prices = [row.open, row.high, row.low, row.close].map(RawValue::get);
            rows.push_texts(&utc(ask, time), prices, row.volume.get(), ["", ""]);
        }
        Ok(Next::End)
    }
}

fn missing(what: &str) -> PageFault {
    PageFault::Unusable(format!("there is no `{what}`"))
}

/// Start of the bar; within the day New York's clock is meant.
fn utc(ask: &BarAsk, text: &str) -> String {
    if ask.timeframe == Timeframe::Session {
        return text.to_owned();
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
        .ok()
        .and_then(|time| eastern_instant(time.date(), time.time()).ok())
        // The reader says what is wrong with it.
        .map_or_else(|| text.to_owned(), |instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn refusals_within_a_good_status_are_told_apart_and_show_no_key() {
        let fault = |body: &str| parts(body.as_bytes(), "CANARY").unwrap_err();
        let limit = fault(
            r#"{"Information":"We have detected your API key as CANARY and our standard API rate limit is 25 requests per day."}"#,
        );
        assert!(matches!(&limit, PageFault::Throttled(text) if !text.contains("CANARY")));
        let note = r#"{"Note":"Our standard API call frequency is 5 calls per minute."}"#;
        assert!(matches!(fault(note), PageFault::Throttled(_)));
        let premium = r#"{"Information":"This is a premium endpoint."}"#;
        assert!(matches!(fault(premium), PageFault::Unauthorized(_)));
        let key = r#"{"Error Message":"the parameter apikey is invalid or missing."}"#;
        assert!(matches!(fault(key), PageFault::Unauthorized(_)));
        let symbol = r#"{"Error Message":"Invalid API call."}"#;
        assert!(matches!(fault(symbol), PageFault::Refused(_)));
        assert!(matches!(fault("[]"), PageFault::Unusable(_)));
    }
}
