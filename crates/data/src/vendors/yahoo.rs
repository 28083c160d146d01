//! Yahoo's charts (`/v8/finance/chart/{symbol}`): daily bars with dividends and splits. Unofficial and without a key.
//!
//! Prices are adjusted for splits. They are 32-bit floats written with the digits of 64-bit ones
//! (`189.99000549316406`); the shortest text of the same 32-bit float is taken, which gives the quoted price back.

use chrono::{Days, NaiveTime};
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{NANOS_PER_SECOND, Symbol, Timeframe, Timestamp, eastern_instant};
use trader_storage::store::StoredAdjustment;

use super::bars::{BarAsk, BarVendor};
use super::link::{Next, PageFault, address};
use super::rows::{Rows, date_in_new_york};

/// The vendor.
#[derive(Clone, Debug)]
pub struct Yahoo {
    pub(super) base: Url,
}

impl Yahoo {
    /// At this address.
    pub fn new(base: Url) -> Self {
        Self { base }
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    chart: Chart<'a>,
}

#[derive(Deserialize)]
struct Chart<'a> {
    #[serde(borrow)]
    result: Option<Vec<Series<'a>>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Series<'a> {
    meta: Meta,
    #[serde(borrow, default)]
    timestamp: Vec<&'a RawValue>,
    #[serde(borrow)]
    indicators: Indicators<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    symbol: String,
    data_granularity: String,
    #[serde(default)]
    regular_market_time: Option<i64>,
    #[serde(default)]
    current_trading_period: Option<Periods>,
}

#[derive(Deserialize)]
struct Periods {
    regular: Period,
}

#[derive(Deserialize)]
struct Period {
    end: i64,
}

#[derive(Deserialize)]
struct Indicators<'a> {
    #[serde(borrow)]
    quote: Vec<Quote<'a>>,
}

#[derive(Deserialize)]
struct Quote<'a> {
    #[serde(borrow, default)]
    open: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    high: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    low: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    close: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    volume: Vec<&'a RawValue>,
}

impl BarVendor for Yahoo {
    fn name(&self) -> &'static str {
        "yahoo"
    }

    fn timeframes(&self) -> Vec<Timeframe> {
        vec![Timeframe::Session]
    }

    fn adjustment(&self, _timeframe: Timeframe) -> StoredAdjustment {
        StoredAdjustment::Vendor
    }

    fn variant(&self) -> String {
        String::new()
    }

    fn first(&self, ask: &BarAsk) -> Result<Url, String> {
        chart(&self.base, ask.symbol, (ask.from, ask.to))
    }

    fn page(
        &self,
        ask: &BarAsk,
        _asked: &Url,
        body: &[u8],
        rows: &mut Rows,
    ) -> Result<Next, PageFault> {
        let Body { chart } = serde_json::from_slice(body)?;
        if let Some(error) = chart.error.filter(|error| error.get() != "null") {
            return Err(PageFault::Refused(error.get().chars().take(200).collect()));
        }
        let series = chart.result.unwrap_or_default();
        let [series] = series.as_slice() else {
            return Err(format!("{} series came, one was asked for", series.len()).into());
        };
        series.check(ask.symbol)?;
        let [quote] = series.indicators.quote.as_slice() else {
            return Err("there is no one set of prices".to_owned().into());
        };
        // A stock without a bar in these dates has no columns at all.
        if series.timestamp.is_empty() {
            return Ok(Next::End);
        }
        let columns = [
            &quote.open,
            &quote.high,
            &quote.low,
            &quote.close,
            &quote.volume,
        ];
        if columns
            .iter()
            .any(|column| column.len() != series.timestamp.len())
        {
            return Err("columns of different lengths".to_owned().into());
        }
        let running = series.running_day();
        let prices = quote.open.iter().zip(&quote.high).zip(&quote.low);
        let rest = quote.close.iter().zip(&quote.volume);
        for ((t, ((o, h), l)), (c, v)) in series.timestamp.iter().zip(prices).zip(rest) {
            let values = [o, h, l, c].map(|value| shortest(value.get()));
            // A day on which nothing traded has nulls only.
            if values.iter().all(|value| value == "null") {
                continue;
            }
            let date = date(t.get());
            if Some(&date) == running.as_ref() {
                continue;
            }
            let [o, h, l, c] = &values;
            rows.push_texts(&date, [o, h, l, c], v.get(), ["", ""]);
        }
        Ok(Next::End)
    }
}

impl Series<'_> {
    fn check(&self, symbol: Symbol) -> Result<(), PageFault> {
        let found = &self.meta.symbol;
        if *found != spelled(symbol) {
            return Err(format!("bars of {found:.40} came for {symbol}").into());
        }
        // For long stretches the service is known to answer with longer bars than were asked for.
        if self.meta.data_granularity != "1d" {
            let found = &self.meta.data_granularity;
            return Err(format!("bars of {found:.20} came where 1d was asked for").into());
        }
        Ok(())
    }

    /// The day whose session has not ended: its bar is not final.
    fn running_day(&self) -> Option<String> {
        let now = self.meta.regular_market_time?;
        let end = self.meta.current_trading_period.as_ref()?.regular.end;
        (now < end).then(|| date(&now.to_string()))
    }
}

/// The address of a chart with dividends and splits.
pub(super) fn chart(
    base: &Url,
    symbol: Symbol,
    (from, to): (chrono::NaiveDate, chrono::NaiveDate),
) -> Result<Url, String> {
    let midnight = |date| {
        eastern_instant(date, NaiveTime::MIN)
            .map(|instant| (instant.nanos() / NANOS_PER_SECOND).to_string())
            .map_err(|error| error.to_string())
    };
    let after = to.checked_add_days(Days::new(1)).unwrap_or(to);
    address(
        base,
        &["v8", "finance", "chart", &spelled(symbol)],
        &[
            ("period1", &midnight(from)?),
            ("period2", &midnight(after)?),
            ("interval", "1d"),
            ("events", "div,splits"),
        ],
    )
}

/// The vendor writes share classes with a dash: `BRK-B`.
pub(super) fn spelled(symbol: Symbol) -> String {
    symbol.as_str().replace('.', "-")
}

/// New York's date from seconds since 1970; what is none stays as it is.
pub(super) fn date(seconds: &str) -> String {
    let instant = seconds
        .parse::<i64>()
        .ok()
        .and_then(|seconds| seconds.checked_mul(NANOS_PER_SECOND))
        .map(Timestamp::from_nanos);
    instant
        .and_then(date_in_new_york)
        .unwrap_or_else(|| seconds.to_owned())
}

/// The shortest text of the 32-bit float that a text is the exact 64-bit value of; any other text as it is.
pub(super) fn shortest(text: &str) -> String {
    let (Ok(wide), Ok(narrow)) = (text.parse::<f64>(), text.parse::<f32>()) else {
        return text.to_owned();
    };
    if wide.is_finite() && f64::from(narrow).to_bits() == wide.to_bits() {
        narrow.to_string()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widened_floats_give_the_quoted_price_and_others_stay() {
        assert_eq!(shortest("189.99000549316406"), "189.99");
        assert_eq!(shortest("0.09877199679613113"), "0.098772");
        assert_eq!(shortest("612345.0625"), "612345.06");
        assert_eq!(shortest("189.99"), "189.99");
        assert_eq!(shortest("null"), "null");
        assert_eq!(shortest("1e999"), "1e999");
    }
}
