//! A configuration file as a flat list of dotted keys, each with its line.
//!
//! Called by the loader for each file layer. Takes arbitrary bytes, reports every syntax error
//! with its line, and never panics; what could be read is still returned, so that the values of a
//! damaged file are checked in the same go.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use crate::origin::Origin;
use crate::problem::{Problem, ProblemKind};
use crate::raw::RawValue;

/// Largest configuration file accepted, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;

/// Deepest nesting of tables a key can have; the schema needs three.
const MAX_DEPTH: usize = 8;

/// One `key = value` of a layer.
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) value: RawValue,
    pub(crate) origin: Origin,
}

/// Reads the bytes of a file named `path`.
pub(crate) fn parse(path: &str, bytes: &[u8], problems: &mut Vec<Problem>) -> Vec<Entry> {
    let path: Arc<str> = Arc::from(path);
    if bytes.len() > MAX_FILE_BYTES {
        let advice = format!(
            "the file has {} bytes; at most {MAX_FILE_BYTES} are read",
            bytes.len()
        );
        problems.push(Problem::at(
            ProblemKind::Unreadable,
            "",
            Origin::line(&path, 1),
            advice,
        ));
        return Vec::new();
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let line = 1 + count_lines(bytes.get(..error.valid_up_to()).unwrap_or_default());
            let advice = "the file is not UTF-8 text; save it as UTF-8";
            problems.push(Problem::at(
                ProblemKind::Unreadable,
                "",
                Origin::line(&path, line),
                advice,
            ));
            return Vec::new();
        }
    };
    let lines = LineIndex::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = lines.line_of(error.span().map_or(0, |span| span.start));
        let advice = format!("not TOML: {}", error.message());
        problems.push(Problem::at(
            ProblemKind::Syntax,
            "",
            Origin::line(&path, line),
            advice,
        ));
    }
    let mut flat = Flattener {
        path,
        lines,
        entries: Vec::new(),
        problems,
    };
    flat.table("", table.get_ref(), 0);
    // The parser keeps tables sorted; messages follow the file.
    flat.entries.sort_by_key(|entry| match &entry.origin {
        Origin::File { line, .. } => *line,
        _ => 0,
    });
    flat.entries
}

fn count_lines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

/// Byte offsets of line starts, to turn a span into a line number.
struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        Self {
            starts: std::iter::once(0)
                .chain(breaks.map(|(offset, _)| offset + 1))
                .collect(),
        }
    }

    /// Line of a byte offset, counted from 1.
    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset).max(1)
    }
}

struct Flattener<'a> {
    path: Arc<str>,
    lines: LineIndex,
    entries: Vec<Entry>,
    problems: &'a mut Vec<Problem>,
}

impl Flattener<'_> {
    fn table(&mut self, prefix: &str, table: &DeTable<'_>, depth: usize) {
        for (name, value) in table {
            let origin = Origin::line(&self.path, self.lines.line_of(name.span().start));
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
            let name = name.get_ref();
            if name.is_empty() || !name.bytes().all(plain) {
                let advice = "a key consists of letters, digits and `_`";
                let problem = Problem::at(ProblemKind::UnknownKey, "", origin, advice);
                self.problems.push(problem.found(name));
                continue;
            }
            let key = if prefix.is_empty() {
                name.to_string()
            } else {
                format!("{prefix}.{name}")
            };
            match value.get_ref() {
                DeValue::Table(inner) if depth < MAX_DEPTH => self.table(&key, inner, depth + 1),
                other => self.entries.push(Entry {
                    key,
                    value: raw(other),
                    origin,
                }),
            }
        }
    }
}

fn raw(value: &DeValue<'_>) -> RawValue {
    match value {
        DeValue::String(text) => RawValue::Text(Zeroizing::new(text.to_string())),
        DeValue::Boolean(value) => RawValue::Boolean(*value),
        DeValue::Float(number) => RawValue::Decimal(number.as_str().to_owned()),
        DeValue::Datetime(value) => RawValue::Date(value.to_string()),
        DeValue::Array(items) => {
            RawValue::List(items.iter().map(|item| raw(item.get_ref())).collect())
        }
        DeValue::Table(_) => RawValue::Table,
        // Hexadecimal and the like become decimal here; what exceeds 128 bits stays as text and
        // fails as out of range.
        DeValue::Integer(number) => RawValue::Integer(
            i128::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.to_string(), |value| value.to_string()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_flattened_with_their_lines_and_numbers_keep_their_text() {
        let mut problems = Vec::new();
        let text = b"top = 1\n[risk]\nmax = 0.10\nlist = [\n 1,\n 2 ]\n[a.b]\nc = { file = 'x' }\n";
        let entries = parse("x.toml", text, &mut problems);
        let shown: Vec<String> = entries
            .iter()
            .map(|entry| format!("{} {} {}", entry.origin, entry.key, entry.value.describe()))
            .collect();
        let expected = [
            "x.toml:1 top 1",
            "x.toml:3 risk.max 0.10",
            "x.toml:4 risk.list [1, 2]",
            "x.toml:8 a.b.c.file x",
        ];
        assert_eq!(shown, expected);
        assert_eq!(problems, []);
    }

    #[test]
    fn every_syntax_error_of_a_file_is_reported_with_its_line() {
        let mut problems = Vec::new();
        parse(
            "x.toml",
            b"a = \nb = 1\nc = 'x\nd = 2\nd = 3\n",
            &mut problems,
        );
        let shown: Vec<String> = problems
            .iter()
            .map(|problem| problem.keys[0].1.to_string())
            .collect();
        assert_eq!(shown, ["x.toml:1", "x.toml:3", "x.toml:5"], "{problems:?}");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_the_line() {
        let mut problems = Vec::new();
        assert!(parse("x.toml", b"a = 1\n\xff", &mut problems).is_empty());
        assert_eq!(problems[0].keys[0].1.to_string(), "x.toml:2");
    }
}
