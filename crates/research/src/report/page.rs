//! The frame of the HTML page: head, header, navigation, sections, data, script.
//!
//! The page is one file that loads nothing: style, script and data are inside, and its content
//! security policy allows just them, by hash. Same report, same bytes.

use sha2::{Digest, Sha256};

use super::analysis::Analysis;
use super::chart::Chart;
use super::comparison::comparison;
use super::conventions_section::conventions;
use super::data::ReportData;
use super::error::ReportError;
use super::header::header;
use super::markup::Markup;
use super::strategy_section::strategy;
use super::surface::surface;

const STYLE: &str = include_str!("../../assets/tearsheet.css");
const SCRIPT: &str = include_str!("../../assets/tearsheet.js");

/// The body under construction, and the charts its figures refer to.
#[derive(Default)]
pub(super) struct Page {
    pub(super) body: Markup,
    charts: Vec<Chart>,
}

/// What a figure says besides its picture.
pub(super) struct Caption<'a> {
    pub(super) title: &'a str,
    /// Read out in place of the picture.
    pub(super) summary: String,
    /// Small print below.
    pub(super) note: &'a str,
}

impl Page {
    /// Adds a chart with its caption.
    pub(super) fn figure(&mut self, caption: &Caption<'_>, chart: Chart) {
        let number = self.charts.len();
        self.body
            .raw("<figure class=\"chart\" data-chart=\"")
            .number(number)
            .raw("\"><figcaption><h3>");
        self.body
            .text(caption.title)
            .raw("</h3><div class=\"tools\"></div></figcaption>");
        self.body
            .raw("<div class=\"legend\" aria-hidden=\"true\"></div>");
        self.body
            .raw("<div class=\"plot\" role=\"img\" tabindex=\"0\"");
        self.body.attribute(
            "aria-label",
            &format!("{}. {}", caption.title, caption.summary),
        );
        self.body.raw("></div>");
        if !caption.note.is_empty() {
            self.body
                .raw("<p class=\"note\">")
                .text(caption.note)
                .raw("</p>");
        }
        self.body.raw("</figure>");
        self.charts.push(chart);
    }

    /// Adds a heading of second order.
    pub(super) fn heading(&mut self, text: &str) {
        self.body
            .raw("<h3 class=\"block\">")
            .text(text)
            .raw("</h3>");
    }

    /// Adds small print.
    pub(super) fn note(&mut self, text: &str) {
        self.body.raw("<p class=\"note\">").text(text).raw("</p>");
    }
}

/// The whole page.
pub(super) fn html(report: &ReportData, analyses: &[Analysis<'_>]) -> Result<String, ReportError> {
    let mut page = Page::default();
    header(&mut page.body, report, analyses);
    navigation(&mut page.body, analyses);
    page.body.raw("<main>");
    if analyses.len() > 1 {
        comparison(&mut page, report, analyses);
    }
    for (position, analysis) in analyses.iter().enumerate() {
        strategy(&mut page, report, analysis, position)?;
    }
    for swept in &report.surfaces {
        surface(&mut page, swept)?;
    }
    conventions(&mut page.body, report);
    page.body.raw("</main>");
    Ok(document(report, &page))
}

fn navigation(out: &mut Markup, analyses: &[Analysis<'_>]) {
    if analyses.len() < 2 {
        return;
    }
    out.raw("<nav class=\"tabs\" aria-label=\"Strategies\">");
    for (position, analysis) in analyses.iter().enumerate() {
        out.raw("<button type=\"button\" data-tab=\"")
            .number(position)
            .raw("\"><i class=\"key ");
        out.raw(super::series::color(position)).raw("\"></i>");
        out.text(&analysis.data.name).raw("</button>");
    }
    out.raw("</nav>");
}

fn document(report: &ReportData, page: &Page) -> String {
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        fingerprint(STYLE),
        fingerprint(SCRIPT)
    );
    let mut out = Markup::default();
    out.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.raw("<meta http-equiv=\"Content-Security-Policy\"")
        .attribute("content", &policy)
        .raw(">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    out.raw("<meta name=\"color-scheme\" content=\"light dark\">");
    out.raw("<meta name=\"referrer\" content=\"no-referrer\">");
    // An empty icon keeps browsers from asking a server for one.
    out.raw("<link rel=\"icon\" href=\"data:,\"><title>")
        .text(&report.title);
    out.raw("</title><style>")
        .raw(STYLE)
        .raw("</style></head><body>");
    out.append(&page.body);
    out.raw(
        "<noscript><p class=\"warning\">Charts, tabs and sorting need JavaScript; all figures ",
    );
    out.raw("and tables are on the page without it.</p></noscript>");
    out.raw("<script type=\"application/json\" id=\"charts\">");
    out.json(&page.charts);
    out.raw("</script><script>")
        .raw(SCRIPT)
        .raw("</script></body></html>\n");
    out.finish()
}

/// Hash of an inline element for a content security policy.
fn fingerprint(source: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(source.as_bytes())))
}

/// Standard base 64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0_u32, |w, i| {
            (w << 8) | chunk.get(i).copied().map_or(0, u32::from)
        });
        for position in 0..4 {
            let code = (word >> (18 - 6 * position)) & 63;
            let known = position <= chunk.len();
            let symbol = usize::try_from(code).ok().and_then(|i| ALPHABET.get(i));
            out.push(match symbol {
                Some(symbol) if known => char::from(*symbol),
                _ => '=',
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_standard() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn style_and_script_cannot_close_their_elements() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</script"));
    }
}
