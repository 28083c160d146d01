//! Top of the page: what was run, on what, under which rules, and what to be careful about.

use super::analysis::Analysis;
use super::data::ReportData;
use super::format::date;
use super::markup::Markup;

/// Writes the header.
pub(super) fn header(out: &mut Markup, report: &ReportData, analyses: &[Analysis<'_>]) {
    out.raw("<header class=\"top\"><div class=\"title\"><div><h1>")
        .text(&report.title);
    out.raw("</h1><p class=\"sub\">")
        .text(&subtitle(report, analyses))
        .raw("</p></div>");
    out.raw(
        "<div class=\"actions\"><button type=\"button\" id=\"theme\" aria-label=\"Switch between ",
    );
    out.raw("light and dark\">Dark</button></div></div><dl class=\"facts\">");
    for (name, value) in facts(report) {
        out.raw("<div><dt>")
            .text(&name)
            .raw("</dt><dd>")
            .text(&value)
            .raw("</dd></div>");
    }
    out.raw("</dl>");
    for warning in warnings(report, analyses) {
        out.raw("<p class=\"warning\" role=\"note\">")
            .text(&warning)
            .raw("</p>");
    }
    out.raw("</header>");
}

fn subtitle(report: &ReportData, analyses: &[Analysis<'_>]) -> String {
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
    let days = analyses.iter().map(|a| a.closes.len()).max().unwrap_or(0);
    let mut parts = Vec::new();
    if let (Some(first), Some(last)) = (first, last) {
        parts.push(format!("{} to {}", date(first), date(last)));
        parts.push(format!(
            "{days} trading day{}",
            if days == 1 { "" } else { "s" }
        ));
    }
    if let [only] = analyses {
        parts.insert(0, only.data.name.clone());
    } else {
        parts.push(format!("{} strategies", analyses.len()));
    }
    if let Some(benchmark) = &report.benchmark {
        parts.push(format!("against {}", benchmark.name));
    }
    parts.join(" \u{b7} ")
}

fn facts(report: &ReportData) -> Vec<(String, String)> {
    let facts = &report.facts;
    let seed = facts.seed.map_or_else(
        || "none: nothing in this run is random".to_owned(),
        |seed| seed.to_string(),
    );
    let known = [
        ("Run", &facts.run),
        ("Data", &facts.data),
        ("Data fingerprint", &facts.data_fingerprint),
        ("Code version", &facts.code_version),
        ("Fill rule", &facts.fill_rule),
        ("Costs", &facts.cost_model),
        ("Account", &facts.account),
        ("Currency", &facts.currency),
        ("Seed", &seed),
    ];
    let known = known
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()));
    let given = known.chain(facts.further.iter().cloned());
    given.filter(|(_, value)| !value.is_empty()).collect()
}

fn warnings(report: &ReportData, analyses: &[Analysis<'_>]) -> Vec<String> {
    let mut warnings = report.facts.warnings.clone();
    for analysis in analyses {
        let name = &analysis.data.name;
        if let Some(day) = analysis.ruined {
            warnings.push(format!(
                "{name}: equity reached zero on {}; statistics end there.",
                date(day)
            ));
        }
        if report.benchmark.is_some() && analysis.paired.is_none() {
            warnings.push(format!(
                "{name}: fewer than two days in common with the benchmark."
            ));
        }
    }
    warnings
}
