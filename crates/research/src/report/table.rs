//! Tables of a page: captioned, scrollable on narrow screens, sortable where it helps.

use rust_decimal::Decimal;

use super::format::{approximate, money, typographic};
use super::markup::Markup;
use crate::metrics::{Metric, Undefined};

/// What a cell's colour says, beside its sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    None,
    Gain,
    Loss,
    Best,
}

impl Tone {
    /// Gain above zero, loss below.
    pub(super) fn of(value: f64) -> Self {
        match value {
            v if v > 0.0 => Self::Gain,
            v if v < 0.0 => Self::Loss,
            _ => Self::None,
        }
    }

    fn class(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gain => Some("gain"),
            Self::Loss => Some("loss"),
            Self::Best => Some("best"),
        }
    }
}

/// One cell.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    sort: Option<f64>,
    title: Option<String>,
    tone: Tone,
    missing: bool,
}

impl Cell {
    /// Text that sorts by itself.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            sort: None,
            title: None,
            tone: Tone::None,
            missing: false,
        }
    }

    /// A number with its rendering.
    pub(super) fn number(value: f64, rendering: &str) -> Self {
        Self {
            sort: Some(value),
            ..Self::text(typographic(rendering))
        }
    }

    /// A number, or the reason why there is none.
    pub(super) fn metric(value: Metric, render: impl Fn(f64) -> String) -> Self {
        match value {
            Ok(value) => Self::number(value, &render(value)),
            Err(reason) => Self::undefined(reason),
        }
    }

    /// No value, and why.
    pub(super) fn undefined(reason: Undefined) -> Self {
        Self {
            title: Some(reason.to_string()),
            missing: true,
            ..Self::text("n/a")
        }
    }

    /// Does not apply.
    pub(super) fn blank() -> Self {
        Self {
            missing: true,
            ..Self::text("\u{2013}")
        }
    }

    /// An exact amount, coloured by its sign.
    pub(super) fn amount(amount: Decimal) -> Self {
        let value = approximate(amount);
        Self {
            tone: Tone::of(value),
            ..Self::number(value, &money(amount))
        }
    }

    /// An exact amount without a colour.
    pub(super) fn plain_amount(amount: Decimal) -> Self {
        Self::number(approximate(amount), &money(amount))
    }

    /// The same cell with another tone.
    pub(super) fn toned(self, tone: Tone) -> Self {
        Self { tone, ..self }
    }

    /// The same cell with a longer explanation.
    pub(super) fn titled(self, title: String) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }

    fn write(&self, out: &mut Markup, numeric: bool) {
        out.raw("<td");
        let class = [
            numeric.then_some("n"),
            self.missing.then_some("na"),
            self.tone.class(),
        ];
        let class: Vec<&str> = class.into_iter().flatten().collect();
        if !class.is_empty() {
            out.attribute("class", &class.join(" "));
        }
        if let Some(sort) = self.sort {
            out.attribute("data-v", &sort.to_string());
        }
        if let Some(title) = &self.title {
            out.attribute("title", title);
        }
        out.raw(">").text(&self.text).raw("</td>");
    }
}

/// A column heading.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column<'a> {
    /// Left-aligned text.
    Text(&'a str),
    /// Right-aligned numbers.
    Number(&'a str),
}

/// Whether readers can sort a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sorting {
    Fixed,
    ByColumn,
}

/// Writes a table. The first cell of a row is its heading.
pub(super) fn table(
    out: &mut Markup,
    caption: &str,
    columns: &[Column<'_>],
    rows: &[Vec<Cell>],
    sorting: Sorting,
) {
    out.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\"")
        .attribute("aria-label", caption)
        .raw("><table");
    if sorting == Sorting::ByColumn && rows.len() > 1 {
        out.raw(" class=\"sortable\"");
    }
    out.raw("><caption class=\"hidden\">")
        .text(caption)
        .raw("</caption><thead><tr>");
    for column in columns {
        match column {
            Column::Text(label) => out.raw("<th scope=\"col\">").text(label),
            Column::Number(label) => out.raw("<th scope=\"col\" class=\"n\">").text(label),
        };
        out.raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for row in rows {
        out.raw("<tr>");
        for (cell, column) in row.iter().zip(columns) {
            cell.write(out, matches!(column, Column::Number(_)));
        }
        out.raw("</tr>");
    }
    out.raw("</tbody></table></div>");
}
