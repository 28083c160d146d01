//! From what a run recorded to what a report shows.
//!
//! Money goes over exactly (as decimals); statistics become floats here and nowhere before.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use trader_domain::calendar::EasternTime;
use trader_domain::{
    InstrumentId, Instruments, Money, MoneyError, OrderKind, Price, Quantity, Rounding, Side,
    Timestamp,
};
use trader_engine::{CashReason, ClosedBy, ClosedTrade};
use trader_storage::BarSeries;

use crate::report::{
    CarryCost, CarryKind, Direction, EquityPoint, FillRecord, FillSide, OpenPosition, PriceSeries,
    Rejection, StrategyData, TradeRecord,
};
use crate::run::{EquitySample, RunOutcome};

/// What a report says of a strategy besides its results.
#[derive(Debug, Clone, Default)]
pub struct StrategyLabel {
    /// Name for people.
    pub name: String,
    /// One sentence on what it does.
    pub description: String,
    /// Parameters: name and value.
    pub parameters: Vec<(String, String)>,
}

/// Exchange-local time; UTC before New York's present rules.
pub fn local_time(time: Timestamp) -> NaiveDateTime {
    match EasternTime::at(time) {
        Ok(local) => local.date.and_time(local.time),
        Err(_outside_rules) => time.to_datetime().naive_utc(),
    }
}

/// One strategy's part of a report.
///
/// `series` are the prices that the run was fed, by instrument index.
///
/// # Errors
/// [`MoneyError`] when an amount does not fit a decimal.
pub fn strategy_data(
    label: StrategyLabel,
    outcome: &RunOutcome,
    opening_cash: Money,
    series: &[BarSeries],
) -> Result<StrategyData, MoneyError> {
    let instruments = outcome.core.instruments();
    let closes: Vec<PriceSeries> = traded_first(outcome, series);
    let mut data = StrategyData {
        description: label.description,
        parameters: label.parameters,
        equity: equity(outcome),
        fills: fills(outcome, instruments, series)?,
        trades: trades(outcome, instruments, &closes)?,
        positions: positions(outcome, instruments)?,
        carry: carry(outcome, instruments)?,
        rejections: rejections(outcome),
        orders: outcome.counts.orders,
        ..StrategyData::new(
            &label.name,
            Decimal::try_from(opening_cash)?,
            Decimal::try_from(outcome.final_equity)?,
        )
    };
    data.prices = closes;
    Ok(data)
}

fn equity(outcome: &RunOutcome) -> Vec<EquityPoint> {
    let samples = outcome.record.shown_equity();
    samples.iter().map(equity_point).collect()
}

fn equity_point(sample: &EquitySample) -> EquityPoint {
    EquityPoint {
        at: local_time(sample.time),
        equity: sample.equity.to_f64_lossy(),
        long: sample.long.to_f64_lossy(),
        short: sample.short.to_f64_lossy(),
    }
}

fn symbol(instruments: &Instruments, id: InstrumentId) -> String {
    instruments
        .get(id)
        .map_or_else(|| id.to_string(), |terms| terms.symbol.to_string())
}

/// Closes of all series, those with the most fills first.
fn traded_first(outcome: &RunOutcome, series: &[BarSeries]) -> Vec<PriceSeries> {
    let mut counts: BTreeMap<InstrumentId, u64> = BTreeMap::new();
    for fill in &outcome.record.fills {
        *counts.entry(fill.instrument).or_default() += 1;
    }
    let mut ranked: Vec<(u64, u32, &BarSeries)> = (0_u32..)
        .zip(series)
        .map(|(id, series)| {
            (
                counts.get(&InstrumentId(id)).copied().unwrap_or(0),
                id,
                series,
            )
        })
        .collect();
    ranked.sort_by_key(|&(count, id, _)| (std::cmp::Reverse(count), id));
    ranked
        .into_iter()
        .map(|(_, id, series)| PriceSeries {
            symbol: symbol(outcome.core.instruments(), InstrumentId(id)),
            closes: bar_ends(series)
                .zip(&series.columns.close)
                .map(|(end, close)| (local_time(end), close.to_f64_lossy()))
                .collect(),
        })
        .collect()
}

/// The end of each bar of a series.
pub(crate) fn bar_ends(series: &BarSeries) -> impl Iterator<Item = Timestamp> + '_ {
    series.columns.start.iter().map(|&start| {
        trader_storage::interval(start, series.timeframe).map_or(start, |(_, end)| end)
    })
}

fn fills(
    outcome: &RunOutcome,
    instruments: &Instruments,
    series: &[BarSeries],
) -> Result<Vec<FillRecord>, MoneyError> {
    outcome
        .record
        .fills
        .iter()
        .map(|record| {
            let fill = &record.fill;
            let value = match instruments.get(record.instrument) {
                Some(terms) => terms.notional(fill.price, fill.quantity)?,
                None => fill.price.notional(fill.quantity),
            };
            Ok(FillRecord {
                at: local_time(record.time),
                symbol: symbol(instruments, record.instrument),
                side: if record.side == Side::Buy {
                    FillSide::Buy
                } else {
                    FillSide::Sell
                },
                quantity: Decimal::try_from(fill.quantity)?,
                price: Decimal::try_from(fill.price)?,
                value: Decimal::try_from(value)?,
                commission: Decimal::try_from(fill.commission)?,
                fees: Decimal::try_from(fill.fees)?,
                slippage: Decimal::try_from(fill.slippage)?,
                participation: participation(record.time, record.instrument, fill.quantity, series),
            })
        })
        .collect()
}

/// Quantity over the volume of the bar in which the fill happened.
fn participation(
    time: Timestamp,
    instrument: InstrumentId,
    quantity: Quantity,
    series: &[BarSeries],
) -> Option<f64> {
    let series = series.get(instrument.index())?;
    let volumes = series.columns.volume.as_ref()?;
    let index = match series.timeframe {
        trader_domain::Timeframe::Session => {
            // Session bars are labelled by 00:00 UTC of their date.
            let date = local_time(time).date();
            series
                .columns
                .start
                .partition_point(|start| start.utc_date() <= date)
        }
        trader_domain::Timeframe::Seconds(_) => {
            series.columns.start.partition_point(|start| *start <= time)
        }
    };
    let volume = volumes.get(index.checked_sub(1)?)?.to_f64_lossy();
    (volume > 0.0).then(|| quantity.to_f64_lossy() / volume)
}

fn trades(
    outcome: &RunOutcome,
    instruments: &Instruments,
    closes: &[PriceSeries],
) -> Result<Vec<TradeRecord>, MoneyError> {
    let kinds: BTreeMap<_, OrderKind> = outcome
        .record
        .fills
        .iter()
        .map(|fill| (fill.fill.execution, fill.kind))
        .collect();
    let by_symbol: BTreeMap<&str, &PriceSeries> = closes
        .iter()
        .map(|series| (series.symbol.as_str(), series))
        .collect();
    outcome
        .record
        .trades
        .iter()
        .map(|trade| {
            let symbol = symbol(instruments, trade.instrument);
            let multiplier = instruments
                .get(trade.instrument)
                .map_or(1, |terms| terms.multiplier);
            let (opened, closed) = (local_time(trade.opened), local_time(trade.closed));
            let bars_held = by_symbol.get(symbol.as_str()).map_or(0, |series| {
                let until = series.closes.partition_point(|(at, _)| *at <= closed);
                let from = series.closes.partition_point(|(at, _)| *at <= opened);
                (until - from.min(until)) as u64
            });
            let exit_reason = match trade.closed_by {
                ClosedBy::Execution(execution) => {
                    kinds.get(&execution).map_or("unknown", |kind| kind.name())
                }
                ClosedBy::Action(reason) => reason.name(),
            };
            trade_record(
                trade,
                symbol,
                (opened, closed),
                bars_held,
                (exit_reason, multiplier),
            )
        })
        .collect()
}

fn trade_record(
    trade: &ClosedTrade,
    symbol: String,
    (opened, closed): (NaiveDateTime, NaiveDateTime),
    bars_held: u64,
    (exit_reason, multiplier): (&str, u32),
) -> Result<TradeRecord, MoneyError> {
    let long = trade.opened_by == Side::Buy;
    let per_unit = |value: Money| -> Result<Price, MoneyError> {
        if trade.quantity.is_zero() {
            return Ok(Price::ZERO);
        }
        value
            .scale(1, i64::from(multiplier), Rounding::HalfEven)?
            .per_unit(trade.quantity, Rounding::HalfEven)
    };
    let (paid, got) = (per_unit(trade.cost)?, per_unit(trade.proceeds)?);
    let (entry, exit) = if long { (paid, got) } else { (got, paid) };
    let entry_value = if long { trade.cost } else { trade.proceeds }.to_f64_lossy();
    let entry_float = entry.to_f64_lossy();
    let excursion = |price: Price| {
        let change = (price.to_f64_lossy() - entry_float) / entry_float;
        (entry_float > 0.0).then_some(if long { change } else { -change })
    };
    let (worst, best) = if long {
        (trade.low, trade.high)
    } else {
        (trade.high, trade.low)
    };
    Ok(TradeRecord {
        symbol,
        direction: if long {
            Direction::Long
        } else {
            Direction::Short
        },
        signal: "entry".to_owned(),
        exit_reason: exit_reason.to_owned(),
        opened,
        closed,
        quantity: Decimal::try_from(trade.quantity)?,
        entry_price: Decimal::try_from(entry)?,
        exit_price: Decimal::try_from(exit)?,
        profit: Decimal::try_from(trade.profit)?,
        return_on_entry: if entry_value > 0.0 {
            trade.profit.to_f64_lossy() / entry_value
        } else {
            0.0
        },
        adverse_excursion: excursion(worst).map(|change| change.min(0.0)),
        favourable_excursion: excursion(best).map(|change| change.max(0.0)),
        initial_risk: None,
        bars_held,
    })
}

fn positions(
    outcome: &RunOutcome,
    instruments: &Instruments,
) -> Result<Vec<OpenPosition>, MoneyError> {
    let portfolio = outcome.core.portfolio();
    let mut open = Vec::new();
    for position in portfolio.positions().filter(|position| !position.is_flat()) {
        let id = position.instrument();
        let Some(entry) = position.average_cost()? else {
            continue;
        };
        let mark = portfolio.mark_price(id).unwrap_or(entry);
        let value = portfolio
            .holdings()
            .get(id)
            .map_or(Money::ZERO, |h| h.market_value);
        let cost = if position.quantity().is_negative() {
            position.open_value().negated()
        } else {
            position.open_value()
        };
        open.push(OpenPosition {
            symbol: symbol(instruments, id),
            quantity: Decimal::try_from(position.quantity())?,
            entry_price: Decimal::try_from(entry)?,
            mark: Decimal::try_from(mark)?,
            value: Decimal::try_from(value)?,
            unrealised: Decimal::try_from(value.checked_sub(cost)?)?,
        });
    }
    Ok(open)
}

fn carry(outcome: &RunOutcome, instruments: &Instruments) -> Result<Vec<CarryCost>, MoneyError> {
    outcome
        .record
        .cash
        .iter()
        .filter_map(|moved| {
            let kind = match moved.reason {
                CashReason::BorrowFee => CarryKind::Borrow,
                CashReason::MarginInterest => CarryKind::Interest,
                _ => return None,
            };
            let cost = Decimal::try_from(moved.amount.negated());
            Some(cost.map(|amount| CarryCost {
                kind,
                symbol: moved.instrument.map(|id| symbol(instruments, id)),
                amount,
            }))
        })
        .collect()
}

fn rejections(outcome: &RunOutcome) -> Vec<Rejection> {
    outcome
        .record
        .checks
        .iter()
        .filter(|(_, tally)| tally.refused > 0)
        .map(|(check, tally)| Rejection {
            code: check.code().to_owned(),
            meaning: check.meaning().to_owned(),
            refused: tally.refused,
            resized: 0,
        })
        .collect()
}
