//! The summary that a run prints: one line per strategy and the benchmark, with a sparkline, then
//! the details of the best one. Plain functions; the app decides about width and colour.

use super::analysis::{Analysis, best};
use super::data::ReportData;
use super::format::{date, figure, money};
use super::sparkline::sparkline;
use crate::metrics::{Metric, MetricId, Statistics};

/// Whether to write ANSI colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Gains, losses and headings in colour.
    Ansi,
    /// Plain text.
    Plain,
}

impl Color {
    /// The usual rule: colour only on a terminal, and never where `NO_COLOR` is set and not empty
    /// (no-color.org).
    pub fn choose(output: Output, no_color: Option<&str>) -> Self {
        match (output, no_color) {
            (Output::Terminal, None | Some("")) => Self::Ansi,
            _ => Self::Plain,
        }
    }
}

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A person's terminal.
    Terminal,
    /// A file or a pipe.
    Redirected,
}

/// Look of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalStyle {
    /// Columns to fill; columns of the table that do not fit are left out, the least important
    /// first. Names are shortened below 60.
    pub width: usize,
    /// Colours.
    pub color: Color,
}

/// Columns in the order of the table, and the order in which they are given up.
const COLUMNS: [(MetricId, &str, u8); 9] = [
    (MetricId::TotalReturn, "Return", 0),
    (MetricId::Cagr, "CAGR", 2),
    (MetricId::Volatility, "Vol", 4),
    (MetricId::Sharpe, "Sharpe", 1),
    (MetricId::Sortino, "Sortino", 6),
    (MetricId::MaxDrawdown, "Max DD", 1),
    (MetricId::Calmar, "Calmar", 5),
    (MetricId::Trades, "Trades", 3),
    (MetricId::HitRate, "Hit rate", 5),
];

const SPARK: usize = 20;

struct Cell {
    text: String,
    code: Option<&'static str>,
}

struct Line {
    name: String,
    equity: Option<String>,
    values: Vec<Metric>,
    curve: Vec<f64>,
    benchmark: bool,
}

const BOLD: &str = "1";
const DIM: &str = "2";
// Cyan and red stay apart for every kind of colour vision, on dark and on light.
const GAIN: &str = "36";
const LOSS: &str = "31";

/// Writes the summary.
pub(super) fn summary(
    report: &ReportData,
    analyses: &[Analysis<'_>],
    style: TerminalStyle,
) -> String {
    let mut out = String::new();
    heading(&mut out, report, analyses, style);
    let lines = lines(report, analyses);
    table(&mut out, &lines, analyses, style);
    for warning in &report.facts.warnings {
        out.push_str(&paint(&clean(&format!("! {warning}")), LOSS, style));
        out.push('\n');
    }
    out
}

fn heading(out: &mut String, report: &ReportData, analyses: &[Analysis<'_>], style: TerminalStyle) {
    out.push_str(&paint(&clean(&report.title), BOLD, style));
    out.push('\n');
    let first = analyses
        .iter()
        .filter_map(|a| a.closes.first())
        .map(|c| c.date)
        .min();
    let last = analyses
        .iter()
        .filter_map(|a| a.closes.last())
        .map(|c| c.date)
        .max();
    let mut parts = Vec::new();
    if let (Some(first), Some(last)) = (first, last) {
        parts.push(format!("{} to {}", date(first), date(last)));
    }
    let facts = [
        &report.facts.data,
        &report.facts.fill_rule,
        &report.facts.cost_model,
    ];
    parts.extend(
        facts
            .into_iter()
            .filter(|f| !f.is_empty())
            .map(|f| clean(f)),
    );
    out.push_str(&paint(&fit(&parts.join(" · "), style.width), DIM, style));
    out.push_str("\n\n");
}

fn lines(report: &ReportData, analyses: &[Analysis<'_>]) -> Vec<Line> {
    let values = |statistics: &Statistics| {
        COLUMNS
            .iter()
            .map(|(id, _, _)| statistics.get(*id))
            .collect()
    };
    let mut lines: Vec<Line> = analyses
        .iter()
        .map(|analysis| Line {
            name: clean(&analysis.data.name),
            equity: Some(money(analysis.data.final_equity)),
            values: values(&analysis.statistics),
            curve: analysis.data.equity.iter().map(|p| p.equity).collect(),
            benchmark: false,
        })
        .collect();
    let paired = analyses.iter().find_map(|a| a.paired.as_ref());
    if let (Some(benchmark), Some(paired)) = (&report.benchmark, paired) {
        let mut reference: Vec<Metric> = values(&paired.statistics);
        // A price series has no trades.
        for ((id, _, _), value) in COLUMNS.iter().zip(&mut reference) {
            if matches!(id, MetricId::Trades | MetricId::HitRate) {
                *value = Err(crate::metrics::Undefined::NotAvailable { what: "trades" });
            }
        }
        lines.push(Line {
            name: clean(&benchmark.name),
            equity: None,
            values: reference,
            curve: paired.closes.iter().map(|c| c.value).collect(),
            benchmark: true,
        });
    }
    lines
}

/// A column: how readily it is given up (0 never), and its cells with the heading first.
type TableColumn = (u8, Vec<Cell>);

fn table(out: &mut String, lines: &[Line], analyses: &[Analysis<'_>], style: TerminalStyle) {
    let names = names(lines, if style.width < 60 { 14 } else { 28 });
    let name_width = width_of(&names);
    let columns = fitting(
        columns(lines, analyses),
        style.width.saturating_sub(name_width),
    );
    for (row, name) in names.iter().enumerate() {
        out.push_str(&pad_right(name, name_width, style));
        for (_, cells) in &columns {
            if let Some(cell) = cells.get(row) {
                out.push_str("  ");
                out.push_str(&pad_left(cell, width_of(cells), style));
            }
        }
        out.push('\n');
    }
}

fn heading_cell(text: &str) -> Cell {
    Cell {
        text: text.to_owned(),
        code: Some(DIM),
    }
}

fn names(lines: &[Line], limit: usize) -> Vec<Cell> {
    let named = lines.iter().map(|line| Cell {
        text: fit(&line.name, limit),
        code: Some(if line.benchmark { DIM } else { BOLD }),
    });
    std::iter::once(heading_cell("Strategy"))
        .chain(named)
        .collect()
}

fn columns(lines: &[Line], analyses: &[Analysis<'_>]) -> Vec<TableColumn> {
    let column = |rank, label: &str, cell: &dyn Fn(&Line) -> Cell| {
        (
            rank,
            std::iter::once(heading_cell(label))
                .chain(lines.iter().map(cell))
                .collect(),
        )
    };
    let plain = |text: String| Cell { text, code: None };
    let mut columns = vec![column(2, "Final equity", &|line| {
        plain(line.equity.clone().unwrap_or_else(|| "-".to_owned()))
    })];
    for (position, (id, label, rank)) in COLUMNS.iter().enumerate() {
        let best = best(*id, analyses).filter(|_| analyses.len() > 1);
        columns.push(column(
            *rank,
            label,
            &|line| match line.values.get(position) {
                Some(value) => value_cell(*id, *value, best.filter(|_| !line.benchmark)),
                None => plain("-".to_owned()),
            },
        ));
    }
    columns.push(column(3, "Equity curve", &|line| {
        plain(sparkline(&line.curve, SPARK))
    }));
    columns
}

/// Gives up columns until the rest fits; of equals the rightmost goes first.
fn fitting(mut columns: Vec<TableColumn>, width: usize) -> Vec<TableColumn> {
    while columns
        .iter()
        .map(|(_, cells)| width_of(cells) + 2)
        .sum::<usize>()
        > width
    {
        let Some(least) = columns
            .iter()
            .map(|(rank, _)| *rank)
            .max()
            .filter(|rank| *rank > 0)
        else {
            break;
        };
        if let Some(at) = columns.iter().rposition(|(rank, _)| *rank == least) {
            columns.remove(at);
        }
    }
    columns
}

fn value_cell(id: MetricId, value: Metric, best: Option<f64>) -> Cell {
    let Some(text) = figure(id, value) else {
        return Cell {
            text: "-".to_owned(),
            code: None,
        };
    };
    let signed = matches!(id, MetricId::TotalReturn | MetricId::Cagr);
    let code = match value {
        Ok(number) if best == Some(number) => Some(BOLD),
        Ok(number) if signed && number < 0.0 => Some(LOSS),
        Ok(number) if signed && number > 0.0 => Some(GAIN),
        _ => None,
    };
    Cell { text, code }
}

fn paint(text: &str, code: &str, style: TerminalStyle) -> String {
    match style.color {
        Color::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        Color::Plain => text.to_owned(),
    }
}

fn painted(cell: &Cell, style: TerminalStyle) -> String {
    cell.code
        .map_or_else(|| cell.text.clone(), |code| paint(&cell.text, code, style))
}

fn length(text: &str) -> usize {
    text.chars().count()
}

fn width_of(cells: &[Cell]) -> usize {
    cells
        .iter()
        .map(|cell| length(&cell.text))
        .max()
        .unwrap_or(0)
}

fn pad_left(cell: &Cell, width: usize, style: TerminalStyle) -> String {
    let gap = width.saturating_sub(length(&cell.text));
    format!("{}{}", " ".repeat(gap), painted(cell, style))
}

fn pad_right(cell: &Cell, width: usize, style: TerminalStyle) -> String {
    let gap = width.saturating_sub(length(&cell.text));
    format!("{}{}", painted(cell, style), " ".repeat(gap))
}

/// Shortens to a number of characters.
fn fit(text: &str, limit: usize) -> String {
    if length(text) <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Outside strings could carry escape sequences that steer a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_follows_the_terminal_and_no_color() {
        assert_eq!(Color::choose(Output::Terminal, None), Color::Ansi);
        assert_eq!(Color::choose(Output::Terminal, Some("")), Color::Ansi);
        assert_eq!(Color::choose(Output::Terminal, Some("1")), Color::Plain);
        assert_eq!(Color::choose(Output::Redirected, None), Color::Plain);
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
        assert_eq!(fit("abcdef", 4), "abc…");
    }
}
