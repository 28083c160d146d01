//! One strategy's part of the page, from the key figures to the refusals of the gate.

use super::analysis::Analysis;
use super::calendar_section::monthly;
use super::data::{BenchmarkData, ReportData};
use super::error::ReportError;
use super::figures::{key_figures, statistics_tables};
use super::fills_chart::{SYMBOLS, price_chart};
use super::format::{figure, money, percent, plain};
use super::ledger_section::{
    costs_table, drawdown_table, positions_table, rejections_table, signals_table, symbols_table,
    trades_table,
};
use super::page::{Caption, Page};
use super::series::{
    SCATTER_POINTS, cost_chart, distribution_chart, equity_charts, excursion_charts,
    exposure_chart, rolling_charts, turnover_chart, yearly_chart,
};
use crate::metrics::MetricId;

/// Writes the section.
pub(super) fn strategy(
    page: &mut Page,
    report: &ReportData,
    analysis: &Analysis<'_>,
    position: usize,
) -> Result<(), ReportError> {
    let benchmark = report.benchmark.as_ref();
    page.body
        .raw("<section class=\"strategy\" data-strategy=\"")
        .number(position)
        .raw("\"");
    page.body
        .attribute("aria-label", &analysis.data.name)
        .raw(">");
    title(page, analysis, position);
    key_figures(&mut page.body, report, analysis);
    equity(page, benchmark, analysis, position);
    page.heading("Statistics");
    statistics_tables(&mut page.body, report, analysis);
    returns(page, report, analysis, position);
    page.heading("Worst drawdowns");
    drawdown_table(page, analysis);
    trading(page, analysis)?;
    capital(page, report, analysis, position);
    page.heading("By symbol");
    symbols_table(page, analysis);
    if !analysis.signals.is_empty() {
        page.heading("By entry signal");
        signals_table(page, analysis);
    }
    if !analysis.data.positions.is_empty() {
        page.heading("Open at the end");
        positions_table(page, analysis);
    }
    if !analysis.data.trades.is_empty() {
        page.heading("Trades");
        trades_table(page, analysis);
    }
    page.heading("Refused or cut by the risk gate");
    rejections_table(page, analysis);
    page.body.raw("</section>");
    Ok(())
}

fn title(page: &mut Page, analysis: &Analysis<'_>, position: usize) {
    let data = analysis.data;
    page.body
        .raw("<div class=\"strategy-title\"><h2><i class=\"key ");
    page.body
        .raw(super::series::color(position))
        .raw("\"></i>")
        .text(&data.name)
        .raw("</h2>");
    if !data.description.is_empty() {
        page.body
            .raw("<p class=\"sub\">")
            .text(&data.description)
            .raw("</p>");
    }
    if !data.parameters.is_empty() {
        page.body
            .raw("<ul class=\"chips\" aria-label=\"Parameters\">");
        for (name, value) in &data.parameters {
            page.body
                .raw("<li>")
                .text(name)
                .raw(" <b>")
                .text(value)
                .raw("</b></li>");
        }
        page.body.raw("</ul>");
    }
    page.body.raw("</div>");
}

fn equity(
    page: &mut Page,
    benchmark: Option<&BenchmarkData>,
    analysis: &Analysis<'_>,
    position: usize,
) {
    let (growth, falls) = equity_charts(analysis, benchmark, position);
    let data = analysis.data;
    let summary = format!(
        "From {} to {}.",
        money(data.initial_capital),
        money(data.final_equity)
    );
    let note = match benchmark {
        Some(_) => "The benchmark is bought at the first moment with the strategy's equity.",
        None => "",
    };
    page.figure(
        &Caption {
            title: "Equity",
            summary,
            note,
        },
        growth,
    );
    let depth = figure(
        MetricId::MaxDrawdown,
        analysis.statistics.get(MetricId::MaxDrawdown),
    );
    let summary = format!("Deepest {}.", depth.unwrap_or_else(|| "unknown".to_owned()));
    page.figure(
        &Caption {
            title: "Drawdown",
            summary,
            note: "",
        },
        falls,
    );
}

fn returns(page: &mut Page, report: &ReportData, analysis: &Analysis<'_>, position: usize) {
    let benchmark = report.benchmark.as_ref();
    page.heading("Monthly returns");
    monthly(page, analysis);
    page.body.raw("<div class=\"grid\">");
    if let Some(chart) = yearly_chart(analysis, benchmark, position) {
        let summary = "Return per calendar year; the table above has the values.".to_owned();
        page.figure(
            &Caption {
                title: "Yearly returns",
                summary,
                note: "",
            },
            chart,
        );
    }
    if let Some(chart) = distribution_chart(analysis) {
        let skew = figure(
            MetricId::Skewness,
            analysis.statistics.get(MetricId::Skewness),
        );
        let summary = format!(
            "{} daily returns, skewness {}.",
            analysis.returns.len(),
            skew.unwrap_or_else(|| "undefined".to_owned())
        );
        let note = "Line: normal density of the same mean and deviation.";
        page.figure(
            &Caption {
                title: "Distribution of daily returns",
                summary,
                note,
            },
            chart,
        );
    }
    let window = report.conventions.rolling_window;
    let titles = ["Rolling Sharpe ratio", "Rolling volatility", "Rolling beta"];
    let charts = rolling_charts(analysis, benchmark, position, &report.conventions);
    let missing = charts.iter().all(Option::is_none);
    for (title, chart) in titles.into_iter().zip(charts) {
        if let Some(chart) = chart {
            let title = format!("{title}, {window} days");
            let summary = "Line over time.".to_owned();
            page.figure(
                &Caption {
                    title: &title,
                    summary,
                    note: "",
                },
                chart,
            );
        }
    }
    page.body.raw("</div>");
    if missing {
        page.note(&format!(
            "No rolling figures: the record of {} returns is shorter than the window of {window}.",
            analysis.returns.len()
        ));
    }
}

fn trading(page: &mut Page, analysis: &Analysis<'_>) -> Result<(), ReportError> {
    let data = analysis.data;
    if let Some(chart) = price_chart(data, analysis.resolution())? {
        let hidden = data.prices.len().saturating_sub(SYMBOLS);
        let note = match hidden {
            0 => String::new(),
            more => format!("{more} further symbols without a chart; their results are below."),
        };
        let summary = format!("{} fills marked on prices.", data.fills.len());
        page.figure(
            &Caption {
                title: "Trades on price",
                summary,
                note: &note,
            },
            chart,
        );
    }
    let titles = [
        "Adverse excursion and result",
        "Favourable excursion and result",
    ];
    let charts = excursion_charts(&data.trades);
    if charts.iter().any(Option::is_some) {
        let note = if data.trades.len() > SCATTER_POINTS {
            format!(
                "The {SCATTER_POINTS} largest of {} trades.",
                data.trades.len()
            )
        } else {
            String::new()
        };
        page.body.raw("<div class=\"grid\">");
        for (title, chart) in titles.into_iter().zip(charts) {
            if let Some(chart) = chart {
                let summary = format!("{} closed trades.", data.trades.len());
                page.figure(
                    &Caption {
                        title,
                        summary,
                        note: &note,
                    },
                    chart,
                );
            }
        }
        page.body.raw("</div>");
    }
    Ok(())
}

fn capital(page: &mut Page, report: &ReportData, analysis: &Analysis<'_>, position: usize) {
    page.body.raw("<div class=\"grid\">");
    if let Some(chart) = exposure_chart(analysis, position) {
        let mean = analysis
            .statistics
            .get(MetricId::GrossExposure)
            .map_or_else(|reason| reason.to_string(), percent);
        let summary = format!("Mean gross exposure: {mean}.");
        page.figure(
            &Caption {
                title: "Exposure",
                summary,
                note: "",
            },
            chart,
        );
    }
    if let Some(chart) = turnover_chart(analysis, position) {
        let mean = analysis
            .statistics
            .get(MetricId::Turnover)
            .map_or_else(|reason| reason.to_string(), |value| plain(value, 2));
        let summary = format!("Turnover per year: {mean}.");
        let note = "Half of traded value over the month's mean equity.";
        page.figure(
            &Caption {
                title: "Monthly turnover",
                summary,
                note,
            },
            chart,
        );
    }
    page.body.raw("</div>");
    page.heading("Cost attribution");
    page.body.raw("<div class=\"grid\">");
    if let Some(chart) = cost_chart(analysis) {
        let summary = format!(
            "From {} before to {} {} after costs.",
            money(analysis.costs.gross()),
            money(analysis.costs.net),
            report.facts.currency
        );
        page.figure(
            &Caption {
                title: "From gross to net",
                summary,
                note: "",
            },
            chart,
        );
    }
    page.body.raw("<div>");
    costs_table(page, analysis);
    page.body.raw("</div></div>");
}
