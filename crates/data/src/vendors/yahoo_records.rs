//! Dividends and splits of Yahoo's charts, from bytes to records.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{AnnouncedAction, AnnouncedTerms, Price, Rounding, Symbol};

use super::decode::{Page, RowFault, date, each, quantity, rounded_price, valid};
use super::link::PageFault;
use super::yahoo::{date as new_york_date, shortest, spelled};
use crate::record_source::Stamp;

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
    events: BTreeMap<String, BTreeMap<String, &'a RawValue>>,
}

#[derive(Deserialize)]
struct Meta {
    symbol: String,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
struct WireDividend<'a> {
    #[serde(borrow)]
    amount: &'a RawValue,
    #[serde(borrow)]
    date: &'a RawValue,
}

#[derive(Deserialize)]
struct WireSplit<'a> {
    #[serde(borrow)]
    date: &'a RawValue,
    #[serde(borrow)]
    numerator: &'a RawValue,
    #[serde(borrow)]
    denominator: &'a RawValue,
}

/// The dividends and splits of a chart that reaches to the present. The vendor adjusts dividends for later splits; that is
/// undone with the splits of the same chart, rounded half to even at 10⁻⁹.
///
/// # Errors
/// [`PageFault`] when it is none, or another symbol's.
pub fn yahoo_actions(
    body: &[u8],
    asked: Symbol,
    stamp: Stamp,
) -> Result<Page<AnnouncedAction>, PageFault> {
    let Body { chart } = serde_json::from_slice(body)?;
    if let Some(error) = chart.error.filter(|error| error.get() != "null") {
        return Err(PageFault::Refused(error.get().chars().take(200).collect()));
    }
    let series = chart.result.unwrap_or_default();
    let [series] = series.as_slice() else {
        return Err(format!("{} series came, one was asked for", series.len()).into());
    };
    if series.meta.symbol != spelled(asked) {
        return Err(format!("a chart of {:.40} came for {asked}", series.meta.symbol).into());
    }
    let events = |kind: &str| {
        let found = series.events.get(kind).into_iter();
        found.flat_map(|events| events.values().copied())
    };
    let splits = each(events("splits"), |wire: WireSplit<'_>| {
        let terms = AnnouncedTerms::Split {
            to: quantity("numerator", wire.numerator)?,
            from: quantity("denominator", wire.denominator)?,
        };
        action(wire.date, asked, terms, stamp)
    });
    let mut delivery = each(events("dividends"), |wire: WireDividend<'_>| {
        wire.read(&series.meta, asked, stamp, &splits.records)
    });
    delivery.extend(splits);
    Ok(Page {
        delivery,
        next: None,
    })
}

impl WireDividend<'_> {
    fn read(
        &self,
        meta: &Meta,
        asked: Symbol,
        stamp: Stamp,
        splits: &[AnnouncedAction],
    ) -> Result<AnnouncedAction, RowFault> {
        if let Some(other) = meta.currency.as_ref().filter(|currency| *currency != "USD") {
            return Err(RowFault::new(
                "currency",
                format!("it is paid in {other:.10}"),
            ));
        }
        let amount = RawValue::from_string(shortest(self.amount.get()))?;
        let amount = rounded_price("amount", &amount)?;
        let terms = AnnouncedTerms::CashDividend {
            amount,
            // The vendor does not tell them apart.
            special: false,
        };
        let mut action = action(self.date, asked, terms, stamp)?;
        action.terms = AnnouncedTerms::CashDividend {
            amount: declared(amount, action.ex_date, splits)?,
            special: false,
        };
        Ok(action)
    }
}

/// A dividend as it was declared: without the splits that came after it.
fn declared(
    amount: Price,
    ex_date: NaiveDate,
    splits: &[AnnouncedAction],
) -> Result<Price, RowFault> {
    let mut amount = amount;
    for split in splits.iter().filter(|split| split.ex_date > ex_date) {
        if let AnnouncedTerms::Split { to, from } = split.terms {
            amount = amount
                .scale(to.units(), from.units(), Rounding::HalfEven)
                .map_err(|error| RowFault::new("number", error.to_string()))?;
        }
    }
    Ok(amount)
}

fn action(
    seconds: &RawValue,
    symbol: Symbol,
    terms: AnnouncedTerms,
    stamp: Stamp,
) -> Result<AnnouncedAction, RowFault> {
    let day = new_york_date(seconds.get());
    let kind = match terms {
        AnnouncedTerms::Split { .. } => "split",
        _ => "dividend",
    };
    valid(AnnouncedAction {
        id: format!("{symbol}-{day}-{kind}"),
        vendor: stamp.vendor,
        symbol,
        terms,
        ex_date: date("date", &day)?,
        record_date: None,
        payable_date: None,
        declared: None,
        received: stamp.received,
    })
}
