//! Key figures and statistics of one strategy beside its benchmark.

use super::analysis::Analysis;
use super::data::ReportData;
use super::format::{figure, money, typographic};
use super::markup::Markup;
use super::table::{Cell, Column, Sorting, table};
use crate::metrics::{Metric, MetricGroup, MetricId, Statistics};

/// Figures at the top, in this order.
const KEY: [MetricId; 8] = [
    MetricId::TotalReturn,
    MetricId::Cagr,
    MetricId::Sharpe,
    MetricId::Sortino,
    MetricId::MaxDrawdown,
    MetricId::Volatility,
    MetricId::Calmar,
    MetricId::HitRate,
];

/// Writes the strip of key figures.
pub(super) fn key_figures(out: &mut Markup, report: &ReportData, analysis: &Analysis<'_>) {
    let data = analysis.data;
    out.raw("<ul class=\"kpis\" aria-label=\"Key figures\"><li><span>Final equity</span><b>");
    out.text(&typographic(&money(data.final_equity)))
        .raw("</b><small>from ");
    out.text(&money(data.initial_capital))
        .raw(" ")
        .text(&report.facts.currency)
        .raw("</small></li>");
    for id in KEY {
        let value = analysis.statistics.get(id);
        out.raw("<li><span>").text(id.label()).raw("</span>");
        big(out, id, value);
        out.raw("<small>");
        match reference(analysis, id) {
            Some(text) => {
                let name = report
                    .benchmark
                    .as_ref()
                    .map_or("benchmark", |b| b.name.as_str());
                out.text(name).raw(" ").text(&typographic(&text));
            }
            None if id == MetricId::HitRate => {
                out.text(&format!("of {} closed trades", data.trades.len()));
            }
            None => {}
        }
        out.raw("</small></li>");
    }
    out.raw("</ul>");
}

fn big(out: &mut Markup, id: MetricId, value: Metric) {
    match (figure(id, value), value) {
        (Some(text), Ok(number)) => {
            let signed = matches!(id, MetricId::TotalReturn | MetricId::Cagr);
            match (signed, number > 0.0) {
                (true, true) => out.raw("<b class=\"gain\">"),
                (true, false) if number < 0.0 => out.raw("<b class=\"loss\">"),
                _ => out.raw("<b>"),
            };
            out.text(&typographic(&text)).raw("</b>");
        }
        (_, Err(reason)) => {
            out.raw("<b class=\"na\"")
                .attribute("title", &reason.to_string())
                .raw(">n/a</b>");
        }
        (None, Ok(_)) => {}
    }
}

/// The benchmark's own value, for figures that it has.
fn reference(analysis: &Analysis<'_>, id: MetricId) -> Option<String> {
    if !stands_alone(id.group()) {
        return None;
    }
    figure(id, analysis.paired.as_ref()?.statistics.get(id))
}

/// Groups that a benchmark's returns have by themselves.
pub(super) fn stands_alone(group: MetricGroup) -> bool {
    matches!(
        group,
        MetricGroup::Return | MetricGroup::Risk | MetricGroup::Drawdown | MetricGroup::Adjusted
    )
}

/// Writes one small table per group of figures.
pub(super) fn statistics_tables(out: &mut Markup, report: &ReportData, analysis: &Analysis<'_>) {
    let benchmark = report.benchmark.as_ref().zip(analysis.paired.as_ref());
    out.raw("<div class=\"stats\">");
    for group in MetricGroup::ALL {
        let other = benchmark.filter(|_| stands_alone(group));
        let mut columns = vec![Column::Text(group.label()), Column::Number("Strategy")];
        if let Some((named, _)) = other {
            columns.push(Column::Number(&named.name));
        }
        let ids = MetricId::ALL.iter().filter(|id| id.group() == group);
        let rows: Vec<Vec<Cell>> = ids
            .map(|id| {
                let label = Cell::text(id.label()).titled(id.convention().to_owned());
                let mut row = vec![label, value_cell(&analysis.statistics, *id)];
                if let Some((_, paired)) = other {
                    row.push(value_cell(&paired.statistics, *id));
                }
                row
            })
            .collect();
        out.raw("<div>");
        table(out, group.label(), &columns, &rows, Sorting::Fixed);
        out.raw("</div>");
    }
    out.raw("</div>");
}

/// A figure as a cell.
pub(super) fn value_cell(statistics: &Statistics, id: MetricId) -> Cell {
    let value = statistics.get(id);
    match (figure(id, value), value) {
        (Some(text), Ok(number)) => Cell::number(number, &text),
        (_, Err(reason)) => Cell::undefined(reason),
        (None, Ok(_)) => Cell::blank(),
    }
}
