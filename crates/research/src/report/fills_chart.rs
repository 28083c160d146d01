//! Fills on the price chart: thinned prices per symbol with buy and sell marks.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::chart::{Chart, FillMark, PriceChart, SymbolPrices, TimeAxis, one_a_day};
use super::data::{FillRecord, FillSide, PriceSeries, StrategyData};
use super::error::ReportError;
use super::format::{Resolution, approximate, exact, moment, plain};
use super::sampling::{Num, keep, pick};

/// Symbols with a price chart.
pub(super) const SYMBOLS: usize = 12;
/// Points of a price line.
const PRICE_POINTS: usize = 800;
/// Fills marked per symbol.
const FILLS: usize = 300;

/// Prices with fills for the first [`SYMBOLS`] symbols; `None` without prices.
pub(super) fn price_chart(
    data: &StrategyData,
    resolution: Resolution,
) -> Result<Option<Chart>, ReportError> {
    let mut by_symbol: BTreeMap<&str, Vec<&FillRecord>> = BTreeMap::new();
    for fill in &data.fills {
        by_symbol.entry(&fill.symbol).or_default().push(fill);
    }
    let mut symbols = Vec::new();
    for series in data.prices.iter().take(SYMBOLS) {
        let fills = by_symbol
            .get(series.symbol.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default();
        symbols.push(symbol_prices(series, fills, resolution)?);
    }
    Ok((!symbols.is_empty()).then_some(Chart::Price(PriceChart {
        symbols,
        height: 340,
    })))
}

fn symbol_prices(
    series: &PriceSeries,
    fills: &[&FillRecord],
    resolution: Resolution,
) -> Result<SymbolPrices, ReportError> {
    let disorder = series.closes.iter().zip(series.closes.iter().skip(1));
    let disorder = disorder
        .into_iter()
        .position(|(a, b)| b.0 < a.0)
        .map(|before| before + 1);
    let odd = series
        .closes
        .iter()
        .position(|(_, price)| !price.is_finite());
    if let Some(index) = odd.or(disorder) {
        return Err(ReportError::Series {
            series: format!("prices of {}", series.symbol),
            index,
        });
    }
    let times: Vec<NaiveDateTime> = series.closes.iter().map(|(at, _)| *at).collect();
    let values: Vec<Option<f64>> = series
        .closes
        .iter()
        .map(|(_, price)| Some(*price))
        .collect();
    let kept = keep(&[&values], PRICE_POINTS);
    let kept_times: Vec<NaiveDateTime> =
        kept.iter().filter_map(|i| times.get(*i)).copied().collect();
    let note = if fills.len() > FILLS {
        let all = plain(fills.len() as f64, 0);
        format!("The {FILLS} largest of {all} fills are marked.")
    } else {
        String::new()
    };
    Ok(SymbolPrices {
        name: series.symbol.clone(),
        // On a daily axis a fill during the day belongs to that day, whatever time the bar carries.
        fills: marks(fills, &kept_times, resolution, one_a_day(&times)),
        axis: TimeAxis::new(&times, &kept),
        y: pick(&values, &kept),
        note,
    })
}

/// Marks of the largest fills at the first shown moment that is not before them.
fn marks(
    fills: &[&FillRecord],
    times: &[NaiveDateTime],
    resolution: Resolution,
    by_day: bool,
) -> Vec<FillMark> {
    let Some(last) = times.len().checked_sub(1) else {
        return Vec::new();
    };
    let mut shown: Vec<&FillRecord> = fills.to_vec();
    shown.sort_by(|a, b| b.value.cmp(&a.value).then(a.at.cmp(&b.at)));
    shown.truncate(FILLS);
    shown.sort_by_key(|fill| fill.at);
    let marks = shown.into_iter().map(|fill| {
        let at = if by_day {
            times.partition_point(|time| time.date() < fill.at.date())
        } else {
            times.partition_point(|time| *time < fill.at)
        };
        let (side, verb) = match fill.side {
            FillSide::Buy => ("b", "Bought"),
            FillSide::Sell => ("s", "Sold"),
        };
        let (quantity, price) = (exact(fill.quantity), exact(fill.price));
        let when = moment(fill.at, resolution);
        let label = format!("{verb} {quantity} at {price}, {when}");
        (at.min(last), Num(approximate(fill.price)), side, label)
    });
    marks.collect()
}
