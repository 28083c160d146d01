//! What every Rust file keeps: a length, a header, reasons, nothing unfinished; and what the files
//! of a pure crate leave out.

use super::files::TextFile;

/// The longest a Rust file may be, tests included.
pub(crate) const LINE_LIMIT: usize = 800;

/// Judges one Rust file.
pub(crate) fn judge(file: &TextFile) -> Vec<String> {
    let mut found = Vec::new();
    length(file, &mut found);
    header(file, &mut found);
    reasons(file, &mut found);
    unfinished(file, &mut found);
    found
}

fn length(file: &TextFile, found: &mut Vec<String>) {
    let lines = file.text.lines().count();
    if lines > LINE_LIMIT {
        found.push(format!(
            "{}: {lines} lines, the limit is {LINE_LIMIT}: it holds a second concept",
            file.path
        ));
    }
}

fn header(file: &TextFile, found: &mut Vec<String>) {
    let first = file.text.lines().next().unwrap_or_default();
    if !first.starts_with("//! ") {
        found.push(format!(
            "{}:1: no `//!` header: say what it is, who calls it, what it guarantees",
            file.path
        ));
    }
}

/// Every `allow` and `expect` attribute says why.
fn reasons(file: &TextFile, found: &mut Vec<String>) {
    for opening in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
        for (at, _) in file.text.match_indices(opening) {
            let before = &file.text[..at];
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            if !before[line_start..].trim().is_empty() {
                continue; // inside a string or a comment
            }
            let rest = &file.text[at..];
            let attribute = rest.find(")]").map_or(rest, |end| &rest[..end]);
            if !attribute.contains("reason") {
                let line = before.lines().count() + 1;
                found.push(format!(
                    "{}:{line}: a lint is silenced without `reason = \"...\"`",
                    file.path
                ));
            }
        }
    }
}

/// Nothing is left for later: no such macro in code, no such mark in a comment.
fn unfinished(file: &TextFile, found: &mut Vec<String>) {
    // Put together here so that this file does not find itself.
    let macros = [concat!("to", "do!("), concat!("unimple", "mented!(")];
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    for (number, line) in file.lines() {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let in_code = macros.into_iter().filter(|word| code.contains(word));
        for word in in_code.chain(marks.into_iter().filter(|word| comment.contains(word))) {
            found.push(format!(
                "{}:{number}: `{word}` is unfinished work",
                file.path
            ));
        }
    }
}

/// Modules of the standard library that do I/O, start threads, read a clock or the environment.
const IMPURE_STD: &[&str] = &[
    "std::fs",
    "std::net",
    "std::process",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
];

/// Files of pure crates that do I/O, each with the reason; one that does none any more is a finding.
pub(crate) const EDGES: &[(&str, &str)] = &[(
    "crates/engine/src/journal/store.rs",
    "the journal's store on disk, behind the trait that the core's drivers are given",
)];

/// Judges one file of a pure crate's `src`: the standard library's I/O and unordered maps stay out.
///
/// Its unit tests, from `#[cfg(test)]` on, are free.
pub(crate) fn judge_pure(file: &TextFile) -> Vec<String> {
    let found = impurities(file);
    match EDGES.iter().find(|(path, _)| *path == file.path) {
        None => found,
        Some(_) if !found.is_empty() => Vec::new(),
        Some(_) => vec![format!(
            "{}: does no I/O any more: remove it from EDGES in xtask/src/tidy/source.rs",
            file.path
        )],
    }
}

fn impurities(file: &TextFile) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        let code = line.split("//").next().unwrap_or_default();
        if code.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        for module in IMPURE_STD {
            if code.contains(module) {
                found.push(format!(
                    "{}:{number}: `{module}` in a pure crate: take it from the caller",
                    file.path
                ));
            }
        }
        if ["HashMap", "HashSet"]
            .iter()
            .any(|name| super::mentions(code, name))
        {
            found.push(format!(
                "{}:{number}: unordered map in a pure crate: use BTreeMap or a dense Vec",
                file.path
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> TextFile {
        TextFile {
            path: "x.rs".into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_file_that_keeps_everything_passes() {
        assert!(
            judge(&file(
                "//! Says what it is.\n\n#[allow(dead_code, reason = \"why\")]\nfn f() {}\n"
            ))
            .is_empty()
        );
    }

    #[test]
    fn a_long_file_is_named_with_its_length() {
        let text = format!("//! Header.\n{}", "\n".repeat(LINE_LIMIT));
        assert_eq!(
            judge(&file(&text)),
            ["x.rs: 801 lines, the limit is 800: it holds a second concept"]
        );
    }

    #[test]
    fn a_missing_header_a_bare_allow_and_unfinished_work_are_found() {
        let text = concat!("fn f() {}\n#[allow(dead_code)]\nfn g() { to", "do!() }\n");
        let found = judge(&file(text));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("x.rs:1: no `//!` header"));
        assert!(found[1].starts_with("x.rs:2: a lint"));
        assert!(found[2].starts_with("x.rs:3:"));
    }

    #[test]
    fn an_allow_over_several_lines_is_read_whole() {
        assert!(
            judge(&file(
                "//! H.\n#![allow(\n    dead_code,\n    reason = \"why\"\n)]\n"
            ))
            .is_empty()
        );
    }

    #[test]
    fn io_in_a_pure_crate_is_found_and_its_tests_are_free() {
        let text = "//! H.\nuse std::fs::File;\n// std::net in a comment\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        let found = judge_pure(&file(text));
        assert_eq!(
            found,
            ["x.rs:2: `std::fs` in a pure crate: take it from the caller"]
        );
    }
}
