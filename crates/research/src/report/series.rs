//! Builds the charts of one strategy and of the comparison from analysed data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::analysis::Analysis;
use super::chart::{
    BarChart, Bars, Chart, FullLine, Histogram, Mark, Range, Scatter, Shape, Step, TimeChart,
    TimeStyle, ValueFormat, Waterfall,
};
use super::data::{BenchmarkData, ReportData, TradeRecord};
use super::format::{approximate, date, percent};
use super::sampling::Num;
use crate::metrics::{
    Conventions, MetricId, Undefined, floor_index, mean, normal_pdf, rolling_beta, rolling_sharpe,
    rolling_volatility, standard_deviation,
};

/// Colours of strategies in the order of a report; repeated after eight.
const COLORS: [&str; 8] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];

/// Points of a scatter chart above which only the largest results are shown.
pub(super) const SCATTER_POINTS: usize = 1_500;

/// Colour of the strategy at a position.
pub(super) fn color(position: usize) -> &'static str {
    COLORS.get(position % COLORS.len()).copied().unwrap_or("c0")
}

/// The benchmark's value at or before each time.
fn as_of(times: &[NaiveDateTime], points: &[(NaiveDateTime, f64)]) -> Vec<Option<f64>> {
    let mut next = points.iter().peekable();
    let mut last = None;
    let values = times.iter().map(|at| {
        while let Some((_, value)) = next.next_if(|(when, _)| when <= at) {
            last = Some(*value);
        }
        last
    });
    values.collect()
}

/// Scales a series so that its first value meets `own` at the same position.
fn rebased(series: &[Option<f64>], own: &[Option<f64>]) -> Vec<Option<f64>> {
    let meeting = series
        .iter()
        .zip(own)
        .find_map(|(a, b)| Some((*a)?).zip(*b));
    let Some((base, target)) = meeting.filter(|(base, _)| *base > 0.0) else {
        return vec![None; series.len()];
    };
    series
        .iter()
        .map(|value| value.map(|v| v / base * target))
        .collect()
}

/// Fall below the running peak, from a starting peak.
fn below_peak(series: &[Option<f64>], start: Option<f64>) -> Vec<Option<f64>> {
    let mut peak = start.unwrap_or(0.0);
    let falls = series.iter().map(|value| {
        let value = (*value)?;
        peak = peak.max(value);
        (peak > 0.0).then(|| value / peak - 1.0)
    });
    falls.collect()
}

/// Equity and drawdown over time, with the benchmark bought at the first common moment.
pub(super) fn equity_charts(
    analysis: &Analysis<'_>,
    benchmark: Option<&BenchmarkData>,
    position: usize,
) -> (Chart, Chart) {
    let times: Vec<NaiveDateTime> = analysis.data.equity.iter().map(|p| p.at).collect();
    let own: Vec<Option<f64>> = analysis
        .data
        .equity
        .iter()
        .map(|p| Some(p.equity))
        .collect();
    let line = |name: &str, color, shape, y| FullLine {
        name: name.to_owned(),
        color,
        shape,
        y,
    };
    let mut falls = vec![line(
        &analysis.data.name,
        color(position),
        Shape::Area,
        below_peak(&own, Some(analysis.start)),
    )];
    let mut values = Vec::new();
    if let Some(benchmark) = benchmark {
        let reference = rebased(&as_of(&times, &benchmark.points), &own);
        falls.push(line(
            &benchmark.name,
            "cb",
            Shape::Line,
            below_peak(&reference, None),
        ));
        values.push(line(&benchmark.name, "cb", Shape::Line, reference));
    }
    values.insert(
        0,
        line(&analysis.data.name, color(position), Shape::Line, own),
    );
    let style = |format, range, height| TimeStyle {
        format,
        range,
        group: format!("s{position}"),
        height,
    };
    (
        Chart::Time(TimeChart::new(
            &times,
            values,
            style(ValueFormat::Money, Range::Loggable, 340),
        )),
        Chart::Time(TimeChart::new(
            &times,
            falls,
            style(ValueFormat::Percent, Range::Full, 180),
        )),
    )
}

/// Rolling Sharpe ratio, volatility and beta; a chart is absent where the record is shorter than the
/// window.
pub(super) fn rolling_charts(
    analysis: &Analysis<'_>,
    benchmark: Option<&BenchmarkData>,
    position: usize,
    conventions: &Conventions,
) -> [Option<Chart>; 3] {
    let window = conventions.rolling_window;
    let own_days: Vec<NaiveDate> = analysis.days().collect();
    let name = analysis.data.name.as_str();
    let hue = color(position);
    let own_returns = &analysis.returns;
    let mut sharpe = Vec::new();
    let mut spread = Vec::new();
    sharpe.extend(named(
        name,
        hue,
        rolling_sharpe(own_returns, window, conventions),
    ));
    spread.extend(named(
        name,
        hue,
        rolling_volatility(own_returns, window, conventions),
    ));
    let mut slope = Vec::new();
    let mut slope_days = Vec::new();
    if let (Some(paired), Some(benchmark)) = (&analysis.paired, benchmark) {
        // The benchmark's line needs the same days; a pairing over fewer days is left out.
        if own_days.ends_with(&paired.dates) {
            let lead = own_days.len() - paired.dates.len();
            let padded = |y: Result<Vec<Option<f64>>, Undefined>| {
                y.map(|y| std::iter::repeat_n(None, lead).chain(y).collect())
            };
            let (other, reference) = (benchmark.name.as_str(), &paired.benchmark);
            let ratio = padded(rolling_sharpe(reference, window, conventions));
            let deviation = padded(rolling_volatility(reference, window, conventions));
            sharpe.extend(named(other, "cb", ratio));
            spread.extend(named(other, "cb", deviation));
        }
        slope.extend(named(
            name,
            hue,
            rolling_beta(&paired.own, &paired.benchmark, window),
        ));
        slope_days.clone_from(&paired.dates);
    }
    let group = format!("r{position}");
    [
        daily_chart(&own_days, sharpe, ValueFormat::Ratio, &group),
        daily_chart(&own_days, spread, ValueFormat::Percent, &group),
        daily_chart(&slope_days, slope, ValueFormat::Ratio, &group),
    ]
}

/// A line of a rolling chart, where it exists; the benchmark's is dashed.
fn named(
    name: &str,
    color: &'static str,
    y: Result<Vec<Option<f64>>, Undefined>,
) -> Option<FullLine> {
    let shape = if color == "cb" {
        Shape::Dashed
    } else {
        Shape::Line
    };
    Some(FullLine {
        name: name.to_owned(),
        color,
        shape,
        y: y.ok()?,
    })
}

/// Lines over days; `None` when no line has a value.
fn daily_chart(
    days: &[NaiveDate],
    lines: Vec<FullLine>,
    format: ValueFormat,
    group: &str,
) -> Option<Chart> {
    if !lines.iter().any(|line| line.y.iter().any(Option::is_some)) {
        return None;
    }
    let times: Vec<NaiveDateTime> = days.iter().map(|day| midnight(*day)).collect();
    let style = TimeStyle {
        format,
        range: Range::Robust,
        group: group.to_owned(),
        height: 200,
    };
    Some(Chart::Time(TimeChart::new(&times, lines, style)))
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(chrono::NaiveTime::MIN)
}

/// Returns per calendar year beside the benchmark's.
pub(super) fn yearly_chart(
    analysis: &Analysis<'_>,
    benchmark: Option<&BenchmarkData>,
    position: usize,
) -> Option<Chart> {
    let calendar = analysis.calendar.as_ref().ok()?;
    let years: Vec<i32> = calendar.years.iter().map(|year| year.year).collect();
    let own = calendar
        .years
        .iter()
        .map(|year| Some(Num(year.total)))
        .collect();
    let mut bars = vec![Bars {
        name: analysis.data.name.clone(),
        color: color(position),
        y: own,
    }];
    if let (Some(reference), Some(benchmark)) = (benchmark_years(analysis), benchmark) {
        let y = years
            .iter()
            .map(|year| reference.get(year).copied().map(Num))
            .collect();
        bars.push(Bars {
            name: benchmark.name.clone(),
            color: "cb",
            y,
        });
    }
    let categories = years.iter().map(ToString::to_string).collect();
    Some(Chart::Bars(BarChart {
        categories,
        bars,
        format: ValueFormat::Percent,
        height: 240,
    }))
}

/// The benchmark's return per calendar year over the paired days.
pub(super) fn benchmark_years(analysis: &Analysis<'_>) -> Option<BTreeMap<i32, f64>> {
    let paired = analysis.paired.as_ref()?;
    let (first, rest) = paired.closes.split_first()?;
    let table = crate::metrics::calendar_returns(first.value, rest).ok()?;
    Some(
        table
            .years
            .iter()
            .map(|year| (year.year, year.total))
            .collect(),
    )
}

/// Distribution of returns with the normal density and the tail marks.
pub(super) fn distribution_chart(analysis: &Analysis<'_>) -> Option<Chart> {
    let returns = &analysis.returns;
    let (centre, spread) = (mean(returns).ok()?, standard_deviation(returns).ok()?);
    let low = returns.iter().copied().fold(f64::INFINITY, f64::min);
    let high = returns.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if returns.len() < 10 || spread <= 0.0 || high <= low {
        return None;
    }
    // Bins a quarter deviation wide with an edge at zero, so that no bar mixes gains and losses;
    // wider where the tails would need more than 160 of them.
    let width = (spread / 4.0).max((high - low) / 150.0);
    let first = (low / width).floor();
    let count = floor_index((high / width).floor() - first) + 1;
    let mut counts = vec![0_usize; count];
    for value in returns {
        let bin = floor_index((value / width).floor() - first);
        if let Some(slot) = counts.get_mut(bin.min(count - 1)) {
            *slot += 1;
        }
    }
    let edge = |i: usize| (first + i as f64) * width;
    let density = |i: usize| {
        let z = (edge(i) + width / 2.0 - centre) / spread;
        Num(normal_pdf(z) / spread * width * returns.len() as f64)
    };
    let mark = |label, id| {
        analysis
            .statistics
            .get(id)
            .ok()
            .map(|x| Mark { label, x: Num(x) })
    };
    let marks = [
        mark("CVaR", MetricId::CvarHistorical),
        mark("VaR", MetricId::VarHistorical),
    ];
    Some(Chart::Histogram(Histogram {
        edges: (0..=count).map(|i| Num(edge(i))).collect(),
        counts,
        normal: (0..count).map(density).collect(),
        marks: marks.into_iter().flatten().collect(),
        height: 260,
    }))
}

/// Excursions against results: adverse and favourable.
pub(super) fn excursion_charts(trades: &[TradeRecord]) -> [Option<Chart>; 2] {
    let mut shown: Vec<&TradeRecord> = trades.iter().collect();
    shown.sort_by(|a, b| b.return_on_entry.abs().total_cmp(&a.return_on_entry.abs()));
    shown.truncate(SCATTER_POINTS);
    let chart = |x_label, pick: fn(&TradeRecord) -> Option<f64>| {
        let points: Vec<_> = shown
            .iter()
            .filter_map(|trade| {
                let label = format!(
                    "{} {}, {}",
                    trade.symbol,
                    date(trade.opened.date()),
                    percent(trade.return_on_entry)
                );
                Some((Num(pick(trade)?), Num(trade.return_on_entry), label))
            })
            .collect();
        let y_label = "Result, % of entry";
        (points.len() > 2).then_some(Chart::Scatter(Scatter {
            x_label,
            y_label,
            points,
            height: 260,
        }))
    };
    [
        chart("Worst open result (MAE)", |trade| trade.adverse_excursion),
        chart("Best open result (MFE)", |trade| trade.favourable_excursion),
    ]
}

/// Long, short and net exposure as fractions of equity.
pub(super) fn exposure_chart(analysis: &Analysis<'_>, position: usize) -> Option<Chart> {
    let points = &analysis.data.equity;
    if points.iter().all(|p| p.long <= 0.0 && p.short <= 0.0) {
        return None;
    }
    let times: Vec<NaiveDateTime> = points.iter().map(|p| p.at).collect();
    let share = |value: fn(&super::data::EquityPoint) -> f64| -> Vec<Option<f64>> {
        points
            .iter()
            .map(|p| (p.equity > 0.0).then(|| value(p) / p.equity))
            .collect()
    };
    let line = |name: &str, color, shape, y| FullLine {
        name: name.to_owned(),
        color,
        shape,
        y,
    };
    let mut lines = vec![line("Long", "gain", Shape::Area, share(|p| p.long))];
    if points.iter().any(|p| p.short > 0.0) {
        lines.push(line("Short", "loss", Shape::Area, share(|p| -p.short)));
        lines.push(line("Net", "ink", Shape::Line, share(|p| p.long - p.short)));
    }
    let style = TimeStyle {
        format: ValueFormat::Percent,
        range: Range::Full,
        group: format!("s{position}"),
        height: 200,
    };
    Some(Chart::Time(TimeChart::new(&times, lines, style)))
}

/// Traded value per month, halved, over the month's mean equity.
pub(super) fn turnover_chart(analysis: &Analysis<'_>, position: usize) -> Option<Chart> {
    if analysis.data.fills.is_empty() {
        return None;
    }
    let month = |at: NaiveDate| (at.year(), at.month());
    let mut equity: BTreeMap<(i32, u32), (f64, f64)> = BTreeMap::new();
    for point in &analysis.data.equity {
        let entry = equity.entry(month(point.at.date())).or_default();
        entry.0 += point.equity;
        entry.1 += 1.0;
    }
    let mut traded: BTreeMap<(i32, u32), f64> = BTreeMap::new();
    for fill in &analysis.data.fills {
        *traded.entry(month(fill.at.date())).or_default() += approximate(fill.value);
    }
    let categories = equity
        .keys()
        .map(|(year, month)| format!("{year:04}-{month:02}"))
        .collect();
    let y = equity.iter().map(|(key, (sum, n))| {
        let mean = sum / n;
        (mean > 0.0).then(|| Num(traded.get(key).copied().unwrap_or(0.0) / 2.0 / mean))
    });
    let bars = vec![Bars {
        name: "Turnover".to_owned(),
        color: color(position),
        y: y.collect(),
    }];
    Some(Chart::Bars(BarChart {
        categories,
        bars,
        format: ValueFormat::Percent,
        height: 200,
    }))
}

/// From profit before costs to profit after them.
pub(super) fn cost_chart(analysis: &Analysis<'_>) -> Option<Chart> {
    let costs = &analysis.costs;
    if costs.total().is_zero() {
        return None;
    }
    let step = |label, amount, total| Step {
        label,
        value: Num(approximate(amount)),
        total,
    };
    let mut steps = vec![step("Before costs", costs.gross(), true)];
    let parts = costs
        .parts()
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero());
    steps.extend(parts.map(|(label, amount)| step(label, -amount, false)));
    steps.push(step("After costs", costs.net, true));
    Some(Chart::Waterfall(Waterfall { steps, height: 260 }))
}

/// Growth of 100 and drawdown of all strategies and the benchmark on one axis.
pub(super) fn comparison_charts(analyses: &[Analysis<'_>], report: &ReportData) -> (Chart, Chart) {
    let axis: BTreeSet<NaiveDateTime> = analyses
        .iter()
        .flat_map(|a| a.data.equity.iter().map(|p| p.at))
        .collect();
    let times: Vec<NaiveDateTime> = axis.into_iter().collect();
    let mut growth = Vec::new();
    let mut falls = Vec::new();
    let mut push = |name: &str, color, shape, y: Vec<Option<f64>>| {
        let fall = below_peak(&y, None);
        falls.push(FullLine {
            name: name.to_owned(),
            color,
            shape,
            y: fall,
        });
        growth.push(FullLine {
            name: name.to_owned(),
            color,
            shape,
            y,
        });
    };
    for (position, analysis) in analyses.iter().enumerate() {
        let points: Vec<_> = analysis
            .data
            .equity
            .iter()
            .map(|p| (p.at, p.equity))
            .collect();
        let y = as_of(&times, &points);
        let y = y
            .into_iter()
            .map(|v| v.map(|v| v / analysis.start * 100.0))
            .collect();
        push(&analysis.data.name, color(position), Shape::Line, y);
    }
    if let Some(benchmark) = &report.benchmark {
        let hundred: Vec<Option<f64>> = vec![Some(100.0); times.len()];
        let y = rebased(&as_of(&times, &benchmark.points), &hundred);
        push(&benchmark.name, "cb", Shape::Dashed, y);
    }
    let style = |format, range, height| TimeStyle {
        format,
        range,
        group: "all".to_owned(),
        height,
    };
    (
        Chart::Time(TimeChart::new(
            &times,
            growth,
            style(ValueFormat::Ratio, Range::Loggable, 340),
        )),
        Chart::Time(TimeChart::new(
            &times,
            falls,
            style(ValueFormat::Percent, Range::Full, 200),
        )),
    )
}
