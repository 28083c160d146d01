//! Foot of the page: the convention behind every figure.

use super::data::ReportData;
use super::format::{percent, plain};
use super::markup::Markup;
use crate::metrics::{MetricGroup, MetricId, RiskFree};

/// Writes the section, closed until asked for.
pub(super) fn conventions(out: &mut Markup, report: &ReportData) {
    let given = &report.conventions;
    let rule = match given.risk_free {
        RiskFree::Arithmetic => "divided by periods per year",
        RiskFree::Geometric => "as a compounding rate per period",
    };
    out.raw(
        "<section class=\"conventions\"><details><summary>How each figure is defined</summary><p>",
    );
    out.text(&format!(
        "Returns are simple returns of equity at each day's close, the first one from the initial \
         capital. {} periods a year; risk-free rate {} a year, {rule}; VaR and CVaR at {}; rolling \
         window {} periods. Losses are negative. A figure without a value says why when pointed at. \
         The benchmark's figures cover the days in common.",
        plain(given.periods_per_year, 0),
        percent(given.risk_free_annual),
        percent(given.confidence),
        given.rolling_window,
    ));
    out.raw("</p><dl>");
    for group in MetricGroup::ALL {
        for id in MetricId::ALL.iter().filter(|id| id.group() == group) {
            out.raw("<dt>")
                .text(id.label())
                .raw("</dt><dd>")
                .text(id.convention())
                .raw("</dd>");
        }
    }
    out.raw("</dl></details></section>");
}
