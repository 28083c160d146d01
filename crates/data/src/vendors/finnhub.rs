//! Finnhub's candles (`/stock/candle`): columns instead of rows.

use chrono::{Days, NaiveTime};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, InvalidHeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{NANOS_PER_SECOND, Timeframe, Timestamp, eastern_instant};
use trader_storage::store::StoredAdjustment;

use super::bars::{BarAsk, BarVendor};
use super::link::{Next, PageFault, address};
use super::rows::{Rows, date_in_new_york};

const SECONDS_A_DAY: i64 = 86_400;

/// The vendor; daily prices are adjusted for splits, those of minutes are raw (API documents, "Stock Candles").
#[derive(Clone, Debug)]
pub struct Finnhub {
    pub(super) base: Url,
}

impl Finnhub {
    /// At this address.
    pub fn new(base: Url) -> Self {
        Self { base }
    }

    /// The header that carries the key.
    ///
    /// # Errors
    /// When the key holds characters that a header cannot carry.
    pub fn headers(key: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut value = HeaderValue::from_str(key)?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert("x-finnhub-token", value);
        Ok(headers)
    }
}

#[derive(Deserialize)]
struct Candles<'a> {
    s: String,
    #[serde(borrow, default)]
    t: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    o: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    h: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    l: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    c: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    v: Vec<&'a RawValue>,
}

impl BarVendor for Finnhub {
    fn name(&self) -> &'static str {
        "finnhub"
    }

    fn timeframes(&self) -> Vec<Timeframe> {
        vec![Timeframe::MINUTE, Timeframe::Session]
    }

    fn adjustment(&self, timeframe: Timeframe) -> StoredAdjustment {
        match timeframe {
            Timeframe::Session => StoredAdjustment::Vendor,
            Timeframe::Seconds(_) => StoredAdjustment::Raw,
        }
    }

    fn variant(&self) -> String {
        String::new()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        let resolution = match ask.timeframe {
            Timeframe::Session => "D",
            Timeframe::MINUTE => "1",
            other @ Timeframe::Seconds(_) => return Err(format!("no bars of {other}")),
        };
        let midnight = |date| {
            eastern_instant(date, NaiveTime::MIN)
                .map(|instant| instant.nanos() / NANOS_PER_SECOND)
                .map_err(|error| error.to_string())
        };
        let after = ask.to.checked_add_days(Days::new(1)).unwrap_or(ask.to);
        // Daily bars are named by UTC's midnight, which is in New York's day before.
        let lead = if ask.timeframe == Timeframe::Session {
            SECONDS_A_DAY
        } else {
            0
        };
        let (from, to) = (midnight(ask.from)? - lead, midnight(after)? - 1);
        address(
            &self.base,
            &["stock", "candle"],
            &[
                ("symbol", ask.symbol.as_str()),
                ("resolution", resolution),
                ("from", &from.to_string()),
                ("to", &to.to_string()),
            ],
        )
    }

    fn page(
        &self,
        ask: &BarAsk,
        _asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, PageFault> {
        let candles: Candles<'_> = serde_json::from_slice(body)?;
        match candles.s.as_str() {
            "ok" => {}
            "no_data" => return Ok(Next::End),
            other => return Err(format!("status {other:.40}").into()),
        }
        let columns = [&candles.o, &candles.h, &candles.l, &candles.c, &candles.v];
        if columns.iter().any(|column| column.len() != candles.t.len()) {
            return Err("columns of different lengths".to_owned().into());
        }
        let prices = candles.o.iter().zip(&candles.h).zip(&candles.l);
        let rest = candles.c.iter().zip(&candles.v);
        for ((t, ((o, h), l)), (c, v)) in candles.t.iter().zip(prices).zip(rest) {
            let time = time(ask, t.get());
            // The day before, which only belongs to the margin of the question.
            if ask.timeframe == Timeframe::Session && time < ask.from.to_string() {
                continue;
            }
            rows.push_texts(
                &time,
                [o.get(), h.get(), l.get(), c.get()],
                v.get(),
                ["", ""],
            );
        }
        Ok(Next::End)
    }
}

/// Start of the bar from seconds since 1970. A daily bar carries midnight, UTC's in newer data, New York's in older.
fn time(ask: &BarAsk, text: &str) -> String {
    let seconds = text.parse::<i64>().ok();
    let instant = seconds
        .and_then(|seconds| seconds.checked_mul(NANOS_PER_SECOND))
        .map(Timestamp::from_nanos);
    let (Some(seconds), Some(instant)) = (seconds, instant) else {
        // The reader says what is wrong with it.
        return text.to_owned();
    };
    if ask.timeframe != Timeframe::Session {
        return instant.to_string();
    }
    if seconds.rem_euclid(SECONDS_A_DAY) == 0 {
        return instant.utc_date().to_string();
    }
    date_in_new_york(instant).unwrap_or_else(|| text.to_owned())
}
