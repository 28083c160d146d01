//! Monthly returns as a heat map.

use super::analysis::Analysis;
use super::format::{percent_with, typographic};
use super::page::Page;
use super::series::benchmark_years;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Shades per direction.
const SHADES: [&str; 6] = ["0", "1", "2", "3", "4", "5"];

/// The style class of a value between minus and plus one: direction and one of five shades.
pub(super) fn heat(share: f64) -> (&'static str, &'static str) {
    let depth = crate::metrics::floor_index((share.abs() * 5.0).ceil().clamp(0.0, 5.0));
    let shade = SHADES.get(depth).copied().unwrap_or("5");
    (if share < 0.0 { "hn" } else { "hp" }, shade)
}

/// Writes years as rows and months as columns, with the year's total and the benchmark's.
pub(super) fn monthly(page: &mut Page, analysis: &Analysis<'_>) {
    let calendar = match &analysis.calendar {
        Ok(calendar) => calendar,
        Err(reason) => return page.note(&format!("No monthly returns: {reason}.")),
    };
    let reference = benchmark_years(analysis);
    // Full colour at the 95th percentile of months, so that one crash does not pale the rest.
    let mut sizes: Vec<f64> = calendar
        .years
        .iter()
        .flat_map(|y| y.months.iter().map(|m| m.value.abs()))
        .collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let scale = crate::metrics::quantile(&sizes, 0.95)
        .unwrap_or(0.0)
        .max(1e-4);
    let out = &mut page.body;
    out.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Monthly returns\">");
    out.raw(
        "<table class=\"heat\"><caption class=\"hidden\">Monthly and yearly returns in percent",
    );
    out.raw("</caption><thead><tr><th scope=\"col\">Year</th>");
    for month in MONTHS {
        out.raw("<th scope=\"col\">").raw(month).raw("</th>");
    }
    out.raw("<th scope=\"col\" class=\"total\">Year</th>");
    if reference.is_some() {
        out.raw("<th scope=\"col\">Benchmark</th>");
    }
    out.raw("</tr></thead><tbody>");
    for year in &calendar.years {
        out.raw("<tr><th scope=\"row\">")
            .text(&year.year.to_string())
            .raw("</th>");
        for month in 1..=12_u32 {
            match year.months.iter().find(|entry| entry.month == month) {
                Some(entry) => {
                    let (direction, shade) = heat(entry.value / scale);
                    out.raw("<td class=\"").raw(direction).raw(shade).raw("\">");
                    out.text(&tenths(entry.value)).raw("</td>");
                }
                None => {
                    out.raw("<td></td>");
                }
            }
        }
        let tone = if year.total < 0.0 { "loss" } else { "gain" };
        out.raw("<td class=\"total ")
            .raw(tone)
            .raw("\">")
            .text(&tenths(year.total))
            .raw("</td>");
        if let Some(reference) = &reference {
            out.raw("<td class=\"ref\">");
            out.text(
                &reference
                    .get(&year.year)
                    .map_or_else(String::new, |v| tenths(*v)),
            );
            out.raw("</td>");
        }
        out.raw("</tr>");
    }
    out.raw("</tbody></table></div>");
}

/// Percent with one decimal, without the sign that the caption names.
fn tenths(value: f64) -> String {
    typographic(percent_with(value, 1).trim_end_matches('%'))
}
