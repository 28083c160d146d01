//! Several strategies side by side, and against the benchmark.

use super::analysis::{Analysis, best};
use super::calendar_section::heat;
use super::data::ReportData;
use super::figures::{stands_alone, value_cell};
use super::format::{money, plain, typographic};
use super::page::{Caption, Page};
use super::series::comparison_charts;
use super::table::{Cell, Column, Sorting, Tone, table};
use crate::metrics::{DatedValue, Metric, MetricId, align_by_date, correlation, simple_returns};

/// Figures compared, in this order.
const COMPARED: [MetricId; 13] = [
    MetricId::TotalReturn,
    MetricId::Cagr,
    MetricId::Volatility,
    MetricId::Sharpe,
    MetricId::Sortino,
    MetricId::Calmar,
    MetricId::MaxDrawdown,
    MetricId::CvarHistorical,
    MetricId::ProbabilisticSharpe,
    MetricId::Beta,
    MetricId::Trades,
    MetricId::HitRate,
    MetricId::Turnover,
];

/// Writes the section.
pub(super) fn comparison(page: &mut Page, report: &ReportData, analyses: &[Analysis<'_>]) {
    page.body
        .raw("<section class=\"comparison\" aria-label=\"Comparison\"><h2>Comparison</h2>");
    figures(page, report, analyses);
    let (growth, falls) = comparison_charts(analyses, report);
    let summary = format!("{} strategies from a common base of 100.", analyses.len());
    let note =
        "Each strategy starts at 100 with its initial capital, the benchmark with its first price.";
    page.figure(
        &Caption {
            title: "Growth of 100",
            summary,
            note,
        },
        growth,
    );
    let summary = "Fall below the running peak.".to_owned();
    page.figure(
        &Caption {
            title: "Drawdowns",
            summary,
            note: "",
        },
        falls,
    );
    correlations(page, report, analyses);
    page.body.raw("</section>");
}

fn figures(page: &mut Page, report: &ReportData, analyses: &[Analysis<'_>]) {
    let best: Vec<Option<f64>> = COMPARED.iter().map(|id| best(*id, analyses)).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for analysis in analyses {
        let mut row = vec![
            Cell::text(analysis.data.name.as_str()),
            Cell::number(
                super::format::approximate(analysis.data.final_equity),
                &money(analysis.data.final_equity),
            ),
        ];
        for (id, best) in COMPARED.iter().zip(&best) {
            let cell = value_cell(&analysis.statistics, *id);
            let wins = best.is_some() && analysis.statistics.get(*id).ok() == *best;
            row.push(if wins { cell.toned(Tone::Best) } else { cell });
        }
        rows.push(row);
    }
    // The benchmark's figures are over the days in common with the first strategy that has any.
    let paired = analyses.iter().find_map(|a| a.paired.as_ref());
    if let (Some(benchmark), Some(paired)) = (&report.benchmark, paired) {
        let mut row = vec![
            Cell::text(format!("{} (benchmark)", benchmark.name)),
            Cell::blank(),
        ];
        row.extend(COMPARED.iter().map(|id| {
            if stands_alone(id.group()) || *id == MetricId::ProbabilisticSharpe {
                value_cell(&paired.statistics, *id)
            } else {
                Cell::blank()
            }
        }));
        rows.push(row);
    }
    let mut columns = vec![Column::Text("Strategy"), Column::Number("Final equity")];
    columns.extend(COMPARED.iter().map(|id| Column::Number(id.label())));
    table(
        &mut page.body,
        "Figures of all strategies",
        &columns,
        &rows,
        Sorting::ByColumn,
    );
    page.note("Bold: the best strategy by that figure alone.");
}

/// Correlation of daily returns over the days that two series share.
fn daily_correlation(left: &[DatedValue], right: &[DatedValue]) -> Metric {
    let joined = align_by_date(left, right);
    let a: Vec<f64> = joined.iter().map(|(_, value, _)| *value).collect();
    let b: Vec<f64> = joined.iter().map(|(_, _, value)| *value).collect();
    correlation(&simple_returns(&a)?, &simple_returns(&b)?)
}

fn correlations(page: &mut Page, report: &ReportData, analyses: &[Analysis<'_>]) {
    let mut series: Vec<(&str, &[DatedValue])> = analyses
        .iter()
        .map(|a| (a.data.name.as_str(), a.closes.as_slice()))
        .collect();
    let paired = analyses.iter().find_map(|a| a.paired.as_ref());
    if let (Some(benchmark), Some(paired)) = (&report.benchmark, paired) {
        series.push((&benchmark.name, &paired.closes));
    }
    page.heading("Correlation of daily returns");
    let out = &mut page.body;
    out.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Correlations\">");
    out.raw(
        "<table class=\"heat\"><caption class=\"hidden\">Correlation of daily returns</caption>",
    );
    out.raw("<thead><tr><th></th>");
    for (name, _) in &series {
        out.raw("<th scope=\"col\">").text(name).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for (name, own) in &series {
        out.raw("<tr><th scope=\"row\">").text(name).raw("</th>");
        for (_, other) in &series {
            match daily_correlation(own, other) {
                Ok(value) => {
                    let (direction, shade) = heat(value);
                    out.raw("<td class=\"").raw(direction).raw(shade).raw("\">");
                    out.text(&typographic(&plain(value, 2)));
                }
                Err(reason) => {
                    out.raw("<td class=\"na\"")
                        .attribute("title", &reason.to_string())
                        .raw(">n/a");
                }
            }
            out.raw("</td>");
        }
        out.raw("</tr>");
    }
    out.raw("</tbody></table></div>");
}
