//! A figure over two parameters as a heat map, with what tells skill from luck beside the best cell.

use super::calendar_section::heat;
use super::data::ParameterSurface;
use super::error::ReportError;
use super::format::{percent, plain, typographic};
use super::page::Page;

/// Writes the section.
pub(super) fn surface(page: &mut Page, swept: &ParameterSurface) -> Result<(), ReportError> {
    let matches = swept.values.len() == swept.rows.len()
        && swept
            .values
            .iter()
            .all(|row| row.len() == swept.columns.len());
    if !matches {
        return Err(ReportError::Surface {
            title: swept.title.clone(),
            rows: swept.rows.len(),
            columns: swept.columns.len(),
        });
    }
    let best = best(swept);
    page.body
        .raw("<section class=\"surface\"><h2>")
        .text(&swept.title)
        .raw("</h2><p class=\"sub\">");
    page.body.text(&summary(swept, best)).raw("</p>");
    grid(page, swept, best);
    page.body.raw("</section>");
    Ok(())
}

/// A cell of the surface: row, column, value.
type Peak = (usize, usize, f64);

/// The largest finite value; the first one where several are equal.
fn best(swept: &ParameterSurface) -> Option<Peak> {
    let mut best: Option<Peak> = None;
    for (i, row) in swept.values.iter().enumerate() {
        for (j, value) in row.iter().enumerate() {
            let Some(value) = value.filter(|v| v.is_finite()) else {
                continue;
            };
            if best.is_none_or(|(_, _, top)| value > top) {
                best = Some((i, j, value));
            }
        }
    }
    best
}

/// Mean of the cells around the best one; a lonely peak is a warning.
fn neighbours(swept: &ParameterSurface, (row, column, _): Peak) -> Option<f64> {
    let mut values = Vec::new();
    for (i, line) in swept.values.iter().enumerate() {
        for (j, value) in line.iter().enumerate() {
            let near = i.abs_diff(row) <= 1 && j.abs_diff(column) <= 1;
            if near && (i, j) != (row, column) {
                values.extend(value.filter(|v| v.is_finite()));
            }
        }
    }
    crate::metrics::mean(&values).ok()
}

fn summary(swept: &ParameterSurface, best: Option<Peak>) -> String {
    let Some(peak) = best else {
        return format!("No combination has a {}.", swept.figure);
    };
    let label = |labels: &[String], i: usize| labels.get(i).cloned().unwrap_or_default();
    let tried = swept
        .values
        .iter()
        .flatten()
        .filter(|v| v.is_some())
        .count();
    let mut text = format!(
        "{}: best {} at {} {}, {} {}, of {tried} combinations.",
        swept.figure,
        plain(peak.2, 2),
        swept.row_parameter,
        label(&swept.rows, peak.0),
        swept.column_parameter,
        label(&swept.columns, peak.1),
    );
    if let Some(around) = neighbours(swept, peak) {
        text.push_str(&format!(" Its neighbours average {}.", plain(around, 2)));
    }
    if let Some(deflated) = swept.deflated {
        text.push_str(&format!(
            " Probability that it is better than the luckiest of as many tries: {}.",
            percent(deflated)
        ));
    }
    typographic_numbers(&text)
}

/// Leaves hyphens in names alone and turns those before digits into minus signs.
fn typographic_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let negative = c == '-' && before == ' ' && rest.peek().is_some_and(char::is_ascii_digit);
        out.push(if negative { '\u{2212}' } else { c });
        before = c;
    }
    out
}

fn grid(page: &mut Page, swept: &ParameterSurface, best: Option<Peak>) {
    let finite = || {
        swept
            .values
            .iter()
            .flatten()
            .flatten()
            .filter(|v| v.is_finite())
    };
    // Shades run from zero to the best and from zero to the worst, each on its own: one ruinous
    // corner would otherwise pale the region that the choice is made in.
    let top = finite().fold(f64::MIN_POSITIVE, |top, v| top.max(*v));
    let bottom = finite().fold(f64::MIN_POSITIVE, |bottom, v| bottom.max(-v));
    let out = &mut page.body;
    out.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\"");
    out.attribute("aria-label", &swept.title)
        .raw("><table class=\"heat\"><caption>");
    out.text(&format!(
        "Rows: {}. Columns: {}. Shades run from zero to the best and to the worst cell.",
        swept.row_parameter, swept.column_parameter
    ));
    out.raw("</caption><thead><tr><th></th>");
    for label in &swept.columns {
        out.raw("<th scope=\"col\">").text(label).raw("</th>");
    }
    out.raw("</tr></thead><tbody>");
    for (i, (label, row)) in swept.rows.iter().zip(&swept.values).enumerate() {
        out.raw("<tr><th scope=\"row\">").text(label).raw("</th>");
        for (j, value) in row.iter().enumerate() {
            match value.filter(|v| v.is_finite()) {
                Some(value) => {
                    let (direction, shade) = heat(if value < 0.0 {
                        value / bottom
                    } else {
                        value / top
                    });
                    let top = best.is_some_and(|(row, column, _)| (row, column) == (i, j));
                    out.raw("<td class=\"").raw(direction).raw(shade);
                    out.raw(if top { " peak\">" } else { "\">" });
                    out.text(&typographic(&plain(value, 2))).raw("</td>");
                }
                None => {
                    out.raw("<td class=\"na\">n/a</td>");
                }
            }
        }
        out.raw("</tr>");
    }
    out.raw("</tbody></table></div>");
}
