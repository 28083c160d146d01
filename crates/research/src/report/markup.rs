//! Writing HTML in which no outside string can become markup.
//!
//! Text enters the page through [`Markup::text`], [`Markup::attribute`] or [`Markup::json`]; each
//! escapes for its place. [`Markup::raw`] takes only literals of this crate.

use std::fmt::Write as _;

use serde::Serialize;

/// An HTML fragment under construction.
#[derive(Debug, Default)]
pub(super) struct Markup {
    html: String,
}

impl Markup {
    /// Appends markup that stands literally in this crate's source.
    pub(super) fn raw(&mut self, literal: &'static str) -> &mut Self {
        self.html.push_str(literal);
        self
    }

    /// Appends text, escaped.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        push_escaped(&mut self.html, text);
        self
    }

    /// Appends ` name="value"`, the value escaped.
    pub(super) fn attribute(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// Appends a number.
    pub(super) fn number(&mut self, value: usize) -> &mut Self {
        // Writing to a String cannot fail.
        let _infallible = write!(self.html, "{value}");
        self
    }

    /// Appends a finished fragment.
    pub(super) fn append(&mut self, other: &Self) -> &mut Self {
        self.html.push_str(&other.html);
        self
    }

    /// Appends a value as JSON for a script to read; nothing in it can close the script element.
    ///
    /// A value that JSON cannot represent becomes `null`; the reader draws nothing then.
    pub(super) fn json<T: Serialize>(&mut self, value: &T) -> &mut Self {
        match script_json(value) {
            Some(json) => self.html.push_str(&json),
            None => self.html.push_str("null"),
        }
        self
    }

    /// The markup.
    pub(super) fn finish(self) -> String {
        self.html
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Controls and direction overrides can make a name read as another one.
            c if is_deceptive(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Control characters and bidirectional overrides.
fn is_deceptive(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// JSON that may stand inside a `<script>` element: nothing in it can close the element or start a
/// comment. `None` when the value cannot be represented.
fn script_json<T: Serialize>(value: &T) -> Option<String> {
    let json = serde_json::to_string(value).ok()?;
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c if is_deceptive(c) => out.push_str("\\ufffd"),
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_text_stays_text() {
        let mut markup = Markup::default();
        markup
            .raw("<td")
            .attribute("title", "\"><script>")
            .raw(">")
            .text("a<b>&'\u{202e}");
        assert_eq!(
            markup.finish(),
            "<td title=\"&quot;&gt;&lt;script&gt;\">a&lt;b&gt;&amp;&#39;\u{fffd}"
        );
    }

    #[test]
    fn json_cannot_close_its_script() {
        let json = script_json(&"</script><!--\u{2028}").unwrap();
        assert!(!json.contains('<') && !json.contains('\u{2028}'));
        assert_eq!(
            serde_json::from_str::<String>(&json).unwrap(),
            "</script><!--\u{2028}"
        );
    }
}
