//! Fills on the price chart: thinned prices per symbol with buy and sell marks.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::chart::{Chart, PriceChart, SymbolPrices, TimeAxis, one_a_day};
use super::data::{FillRecord, FillSide, PriceSeries, StrategyData};
use super::error::ReportError;
use super::format::{approximate, exact, moment, plain};
use super::sampling::{Num, keep, pick};

/// Symbols with a price chart.
pub(super) const SYMBOLS: usize = 12;
/// Points of a price line.
const PRICE_POINTS: usize = 800;
/// Fills marked per symbol.
const FILLS: usize = 300;

/// Prices with fills for the first [`SYMBOLS`] symbols; `None` without prices.
pub(super) fn price_chart(data: &StrategyData) -> Result<Option<Chart>, ReportError> {
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
        symbols.push(symbol_prices(series, fills)?);
    }
    Ok((!symbols.is_empty()).then_some(Chart::Price(PriceChart {
        symbols,
        height: 340,
    })))
}

fn symbol_prices(series: &PriceSeries, fills: &[&FillRecord]) -> Result<SymbolPrices, ReportError> {
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
    let mut shown: Vec<&FillRecord> = fills.to_vec();
    shown.sort_by(|a, b| b.value.cmp(&a.value).then(a.at.cmp(&b.at)));
    shown.truncate(FILLS);
    shown.sort_by_key(|fill| fill.at);
    // On a daily axis a fill during the day belongs to that day, whatever time the bar carries.
    let daily = one_a_day(&times);
    let before = |at: &NaiveDateTime, fill: &FillRecord| {
        if daily {
            at.date() < fill.at.date()
        } else {
            *at < fill.at
        }
    };
    let marks = shown.iter().filter(|_| !kept_times.is_empty()).map(|fill| {
        let after = kept_times.partition_point(|at| before(at, fill));
        let side = match fill.side {
            FillSide::Buy => "b",
            FillSide::Sell => "s",
        };
        let verb = if fill.side == FillSide::Buy {
            "Bought"
        } else {
            "Sold"
        };
        let label = format!(
            "{verb} {} at {}, {}",
            exact(fill.quantity),
            exact(fill.price),
            moment(fill.at)
        );
        (
            after.min(kept_times.len() - 1),
            Num(approximate(fill.price)),
            side,
            label,
        )
    });
    let note = if fills.len() > FILLS {
        format!(
            "The {FILLS} largest of {} fills are marked.",
            plain(fills.len() as f64, 0)
        )
    } else {
        String::new()
    };
    Ok(SymbolPrices {
        name: series.symbol.clone(),
        fills: marks.collect(),
        axis: TimeAxis::new(&times, &kept),
        y: pick(&values, &kept),
        note,
    })
}
