//! From recorded data to figures: the one place that turns a strategy's run into returns,
//! statistics and tables. The page and the terminal only lay out what stands here.

use chrono::NaiveDate;
use rust_decimal::prelude::ToPrimitive;

use super::data::{BenchmarkData, ReportData, StrategyData};
use super::error::ReportError;
use super::format::Resolution;
use super::ledger::{Attribution, Costs, by_signal, by_symbol};
use crate::metrics::{
    Better, CalendarTable, Conventions, DatedValue, DrawdownEpisode, MetricId, Observations,
    Statistics, TradeOutcome, Turnover, Undefined, align_by_date, calendar_returns, daily_closes,
    drawdown_episodes, simple_returns,
};

/// Returns of strategy and benchmark over the days that both know.
#[derive(Debug, Clone)]
pub(super) struct Paired {
    /// Day at the end of each return.
    pub(super) dates: Vec<NaiveDate>,
    pub(super) own: Vec<f64>,
    pub(super) benchmark: Vec<f64>,
    /// Benchmark closes on the common days, one more than returns.
    pub(super) closes: Vec<DatedValue>,
    /// The benchmark's own figures over those days.
    pub(super) statistics: Statistics,
}

/// A drawdown with the days of its turning points.
#[derive(Debug, Clone, Copy)]
pub(super) struct DatedDrawdown {
    pub(super) episode: DrawdownEpisode,
    /// Day of the peak; `None` for the capital before the first day.
    pub(super) peak: Option<NaiveDate>,
    pub(super) trough: Option<NaiveDate>,
    pub(super) recovered: Option<NaiveDate>,
    /// Days from peak to recovery, or to the end.
    pub(super) length: usize,
}

/// Figures of one strategy.
#[derive(Debug, Clone)]
pub(super) struct Analysis<'a> {
    pub(super) data: &'a StrategyData,
    /// Initial capital as a number.
    pub(super) start: f64,
    pub(super) closes: Vec<DatedValue>,
    /// One return per close, the first from the initial capital; cut where equity reached zero.
    pub(super) returns: Vec<f64>,
    /// Day on which equity reached zero or less.
    pub(super) ruined: Option<NaiveDate>,
    pub(super) paired: Option<Paired>,
    pub(super) statistics: Statistics,
    pub(super) calendar: Result<CalendarTable, Undefined>,
    pub(super) drawdowns: Vec<DatedDrawdown>,
    pub(super) costs: Costs,
    pub(super) symbols: Vec<Attribution>,
    pub(super) signals: Vec<Attribution>,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(data: &'a StrategyData, report: &ReportData) -> Result<Self, ReportError> {
        let start = initial_capital(data)?;
        let closes = equity_closes(data)?;
        let (returns, ruined) = growth(start, &closes);
        let paired = match &report.benchmark {
            Some(benchmark) => pair(&closes, benchmark, &report.conventions)?,
            None => None,
        };
        let costs = Costs::of(data)?;
        let dates: Vec<NaiveDate> = closes.iter().map(|c| c.date).collect();
        let living = closes.get(..returns.len()).unwrap_or_default();
        Ok(Self {
            statistics: statistics(data, &returns, paired.as_ref(), &costs, &report.conventions),
            calendar: calendar_returns(start, living),
            drawdowns: dated_drawdowns(&returns, &dates),
            symbols: by_symbol(data)?,
            signals: by_signal(data)?,
            data,
            start,
            closes,
            returns,
            ruined,
            paired,
            costs,
        })
    }

    /// Whether the run has at most one account value a day.
    pub(super) fn resolution(&self) -> Resolution {
        if self.closes.len() == self.data.equity.len() {
            Resolution::Daily
        } else {
            Resolution::Intraday
        }
    }

    /// Days on which the returns end, one per return.
    pub(super) fn days(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        self.closes
            .iter()
            .take(self.returns.len())
            .map(|close| close.date)
    }
}

fn initial_capital(data: &StrategyData) -> Result<f64, ReportError> {
    let capital = data
        .initial_capital
        .to_f64()
        .filter(|c| c.is_finite() && *c > 0.0);
    capital.ok_or_else(|| ReportError::Capital {
        strategy: data.name.clone(),
        capital: data.initial_capital.to_string(),
    })
}

fn equity_closes(data: &StrategyData) -> Result<Vec<DatedValue>, ReportError> {
    if data.equity.is_empty() {
        return Err(ReportError::NoEquity {
            strategy: data.name.clone(),
        });
    }
    let bad = data
        .equity
        .iter()
        .zip(data.equity.iter().skip(1))
        .position(|(a, b)| b.at < a.at);
    let odd = data
        .equity
        .iter()
        .position(|p| !(p.equity.is_finite() && p.long.is_finite() && p.short.is_finite()));
    if let Some(index) = odd.or_else(|| bad.map(|before| before + 1)) {
        return Err(ReportError::Series {
            series: format!("equity of {}", data.name),
            index,
        });
    }
    let points: Vec<_> = data.equity.iter().map(|p| (p.at, p.equity)).collect();
    daily_closes(&points).map_err(|_checked| ReportError::NoEquity {
        strategy: data.name.clone(),
    })
}

/// Returns up to the day on which equity reaches zero, and that day.
fn growth(start: f64, closes: &[DatedValue]) -> (Vec<f64>, Option<NaiveDate>) {
    let mut returns = Vec::with_capacity(closes.len());
    let mut from = start;
    for close in closes {
        returns.push(close.value / from - 1.0);
        if close.value <= 0.0 {
            return (returns, Some(close.date));
        }
        from = close.value;
    }
    (returns, None)
}

fn pair(
    closes: &[DatedValue],
    benchmark: &BenchmarkData,
    conventions: &Conventions,
) -> Result<Option<Paired>, ReportError> {
    let name = || format!("benchmark {}", benchmark.name);
    if let Some(index) = benchmark
        .points
        .iter()
        .position(|p| !(p.1.is_finite() && p.1 > 0.0))
    {
        return Err(ReportError::Series {
            series: name(),
            index,
        });
    }
    let disorder = benchmark.points.iter().zip(benchmark.points.iter().skip(1));
    if let Some(before) = disorder.into_iter().position(|(a, b)| b.0 < a.0) {
        return Err(ReportError::Series {
            series: name(),
            index: before + 1,
        });
    }
    let reference = daily_closes(&benchmark.points).map_err(|_checked| ReportError::Series {
        series: name(),
        index: 0,
    })?;
    let joined = align_by_date(closes, &reference);
    let own: Vec<f64> = joined.iter().map(|(_, own, _)| *own).collect();
    let other: Vec<f64> = joined.iter().map(|(_, _, other)| *other).collect();
    // A ruined account has no returns to pair from that day on; its figures then stand alone.
    let (Ok(own), Ok(other)) = (simple_returns(&own), simple_returns(&other)) else {
        return Ok(None);
    };
    if own.is_empty() {
        return Ok(None);
    }
    let alone = Observations {
        returns: &other,
        ..Observations::default()
    };
    Ok(Some(Paired {
        dates: joined.iter().skip(1).map(|(date, _, _)| *date).collect(),
        statistics: Statistics::compute(&alone, conventions),
        closes: joined
            .iter()
            .map(|(date, _, value)| DatedValue {
                date: *date,
                value: *value,
            })
            .collect(),
        own,
        benchmark: other,
    }))
}

fn statistics(
    data: &StrategyData,
    returns: &[f64],
    paired: Option<&Paired>,
    costs: &Costs,
    conventions: &Conventions,
) -> Statistics {
    let trades: Vec<TradeOutcome> = data
        .trades
        .iter()
        .map(|trade| TradeOutcome {
            profit: trade.profit.to_f64().unwrap_or(f64::NAN),
            return_on_entry: trade.return_on_entry,
            adverse_excursion: trade.adverse_excursion,
            favourable_excursion: trade.favourable_excursion,
            initial_risk: trade.initial_risk,
        })
        .collect();
    let long: Vec<f64> = data.equity.iter().map(|p| p.long).collect();
    let short: Vec<f64> = data.equity.iter().map(|p| p.short).collect();
    let equity: Vec<f64> = data.equity.iter().map(|p| p.equity).collect();
    let mean_equity = equity.iter().sum::<f64>() / equity.len() as f64;
    let (shares, values): (Vec<f64>, Vec<f64>) = data
        .fills
        .iter()
        .filter_map(|fill| Some((fill.participation?, fill.value.to_f64()?)))
        .unzip();
    let turnover = Turnover {
        bought: costs.bought.to_f64().unwrap_or(f64::NAN),
        sold: costs.sold.to_f64().unwrap_or(f64::NAN),
        mean_equity,
        observations: returns.len(),
    };
    let observations = Observations {
        returns,
        benchmark: paired.map(|p| (p.own.as_slice(), p.benchmark.as_slice())),
        trades: &trades,
        exposure: Some((&long, &short, &equity)),
        turnover: Some(turnover),
        participation: (!shares.is_empty()).then_some((
            shares.as_slice(),
            values.as_slice(),
            data.participation_limit,
        )),
        trials: data.trials,
    };
    Statistics::compute(&observations, conventions)
}

fn dated_drawdowns(returns: &[f64], dates: &[NaiveDate]) -> Vec<DatedDrawdown> {
    let at = |point: usize| point.checked_sub(1).and_then(|i| dates.get(i)).copied();
    let episodes = drawdown_episodes(returns).unwrap_or_default();
    let dated = episodes.into_iter().map(|episode| DatedDrawdown {
        episode,
        peak: at(episode.peak),
        trough: at(episode.trough),
        recovered: episode.recovered.and_then(at),
        length: episode.length(returns.len()),
    });
    dated.collect()
}

/// The best value among the strategies, for figures that have a better direction.
pub(super) fn best(id: MetricId, analyses: &[Analysis<'_>]) -> Option<f64> {
    let values = analyses.iter().filter_map(|a| a.statistics.get(id).ok());
    match id.better() {
        Better::Higher => values.max_by(f64::total_cmp),
        Better::Lower => values.min_by(f64::total_cmp),
        Better::Neutral => None,
    }
}
