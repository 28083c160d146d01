//! The charts of a page as data. The page's script draws them; see `assets/tearsheet.js` for the
//! reader's side of every field.

use chrono::NaiveDateTime;
use serde::Serialize;

use super::sampling::{CHART_POINTS, Num, keep, pick};

/// One chart, drawn by kind.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(super) enum Chart {
    /// Lines over time.
    Time(TimeChart),
    /// Bars per category.
    Bars(BarChart),
    /// Counts per interval.
    Histogram(Histogram),
    /// Points with a result each.
    Scatter(Scatter),
    /// From gross to net in steps.
    Waterfall(Waterfall),
    /// Prices with fills, one symbol at a time.
    Price(PriceChart),
}

/// How values read on axes and in the read-out.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ValueFormat {
    Percent,
    Ratio,
    Money,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    Line,
    Dashed,
    Area,
}

/// A line of a time chart. `color` names a colour of the style sheet: `c0` to `c7` for strategies,
/// `cb` for the benchmark, `loss` for what hurts.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) color: &'static str,
    pub(super) shape: Shape,
    pub(super) y: Vec<Option<Num>>,
}

/// The moments of a thinned series: days or minutes since 1970 (exchange-local), and the position of
/// each point before thinning (absent when none was dropped); both as a first value and differences.
#[derive(Debug, Serialize)]
pub(super) struct TimeAxis {
    unit: &'static str,
    t: Vec<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    x: Vec<i64>,
}

/// Lines over time. Charts with the same `group` zoom and point together.
#[derive(Debug, Serialize)]
pub(super) struct TimeChart {
    #[serde(flatten)]
    pub(super) axis: TimeAxis,
    pub(super) lines: Vec<Line>,
    pub(super) format: ValueFormat,
    /// Offers a logarithmic axis.
    pub(super) log: bool,
    /// Cuts the axis where single outliers would flatten the rest.
    pub(super) robust: bool,
    pub(super) group: String,
    pub(super) height: u32,
}

impl TimeAxis {
    /// Days when every point has a day of its own, minutes otherwise.
    pub(super) fn new(times: &[NaiveDateTime], kept: &[usize]) -> Self {
        let daily = one_a_day(times);
        let (unit, seconds) = if daily { ("d", 86_400) } else { ("m", 60) };
        let stamps = kept.iter().filter_map(|i| times.get(*i));
        let positions = kept.iter().filter_map(|i| i64::try_from(*i).ok());
        let thinned = kept.len() < times.len();
        Self {
            unit,
            t: differences(stamps.map(|at| at.and_utc().timestamp().div_euclid(seconds))),
            x: if thinned {
                differences(positions)
            } else {
                Vec::new()
            },
        }
    }
}

/// The first value, then each value less the one before.
fn differences(values: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut before = 0;
    let steps = values.map(|value| {
        let step = value - before;
        before = value;
        step
    });
    steps.collect()
}

/// Whether every moment has a day of its own.
pub(super) fn one_a_day(times: &[NaiveDateTime]) -> bool {
    times
        .iter()
        .zip(times.iter().skip(1))
        .all(|(a, b)| a.date() != b.date())
}

/// A line before thinning.
pub(super) struct FullLine {
    pub(super) name: String,
    pub(super) color: &'static str,
    pub(super) shape: Shape,
    pub(super) y: Vec<Option<f64>>,
}

/// What a time chart is besides its lines.
pub(super) struct TimeStyle {
    pub(super) format: ValueFormat,
    pub(super) range: Range,
    pub(super) group: String,
    pub(super) height: u32,
}

/// How the value axis finds its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// From the lowest to the highest value.
    Full,
    /// The same, with a logarithmic axis on offer.
    Loggable,
    /// Without the outermost hundredths where they would flatten the rest; the chart says so.
    Robust,
}

impl TimeChart {
    /// Thins out and rounds.
    pub(super) fn new(times: &[NaiveDateTime], lines: Vec<FullLine>, style: TimeStyle) -> Self {
        let series: Vec<&[Option<f64>]> = lines.iter().map(|line| line.y.as_slice()).collect();
        let kept = keep(&series, CHART_POINTS);
        let axis = TimeAxis::new(times, &kept);
        let lines = lines.into_iter().map(|line| Line {
            y: pick(&line.y, &kept),
            name: line.name,
            color: line.color,
            shape: line.shape,
        });
        let lines = lines.collect();
        Self {
            axis,
            lines,
            format: style.format,
            log: style.range == Range::Loggable,
            robust: style.range == Range::Robust,
            group: style.group,
            height: style.height,
        }
    }
}

/// Bars per category, one or more side by side.
#[derive(Debug, Serialize)]
pub(super) struct BarChart {
    pub(super) categories: Vec<String>,
    pub(super) bars: Vec<Bars>,
    pub(super) format: ValueFormat,
    pub(super) height: u32,
}

/// One set of bars.
#[derive(Debug, Serialize)]
pub(super) struct Bars {
    pub(super) name: String,
    pub(super) color: &'static str,
    pub(super) y: Vec<Option<Num>>,
}

/// Counts per interval with the normal density of the same mean and deviation.
#[derive(Debug, Serialize)]
pub(super) struct Histogram {
    pub(super) edges: Vec<Num>,
    pub(super) counts: Vec<usize>,
    pub(super) normal: Vec<Num>,
    pub(super) marks: Vec<Mark>,
    pub(super) height: u32,
}

/// A labelled vertical line.
#[derive(Debug, Serialize)]
pub(super) struct Mark {
    pub(super) label: &'static str,
    pub(super) x: Num,
}

/// Points; those with `y` below zero are losers.
#[derive(Debug, Serialize)]
pub(super) struct Scatter {
    pub(super) x_label: &'static str,
    pub(super) y_label: &'static str,
    pub(super) points: Vec<(Num, Num, String)>,
    pub(super) height: u32,
}

/// Steps from a first to a last total.
#[derive(Debug, Serialize)]
pub(super) struct Waterfall {
    pub(super) steps: Vec<Step>,
    pub(super) height: u32,
}

/// One step: a total stands on zero, a change on what was before.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    pub(super) label: &'static str,
    pub(super) value: Num,
    pub(super) total: bool,
}

/// Prices with fills.
#[derive(Debug, Serialize)]
pub(super) struct PriceChart {
    pub(super) symbols: Vec<SymbolPrices>,
    pub(super) height: u32,
}

/// Position on the axis, price, side (`b` or `s`), description.
pub(super) type FillMark = (usize, Num, &'static str, String);

/// One symbol's prices and fills.
#[derive(Debug, Serialize)]
pub(super) struct SymbolPrices {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) axis: TimeAxis,
    pub(super) y: Vec<Option<Num>>,
    pub(super) fills: Vec<FillMark>,
    /// What is not shown.
    pub(super) note: String,
}
