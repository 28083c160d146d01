//! Relative links of the documents lead somewhere: the file is there, and so is the heading.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::files::TextFile;

/// Judges every Markdown file among the files.
pub(crate) fn judge(root: &Path, files: &[TextFile]) -> Vec<String> {
    let documents: BTreeMap<&str, &TextFile> = files
        .iter()
        .filter(|file| file.is("md"))
        .map(|file| (file.path.as_str(), file))
        .collect();
    let mut found = Vec::new();
    for document in documents.values() {
        for (number, target) in links(&document.text) {
            if let Some(what) = broken(root, &documents, document, &target) {
                found.push(format!(
                    "{}:{number}: link `{target}`: {what}",
                    document.path
                ));
            }
        }
    }
    found
}

fn broken(
    root: &Path,
    documents: &BTreeMap<&str, &TextFile>,
    from: &TextFile,
    target: &str,
) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&from.path).parent().unwrap_or(Path::new(""));
    let path = if path.is_empty() {
        PathBuf::from(&from.path)
    } else {
        plain(&folder.join(path))
    };
    let among_documents = path
        .to_str()
        .is_some_and(|path| documents.contains_key(path));
    if !among_documents && !root.join(&path).exists() {
        return Some("no such file".into());
    }
    let document = documents.get(path.to_str()?)?;
    let there = heading.is_empty() || headings(&document.text).iter().any(|slug| slug == heading);
    (!there).then(|| format!("no heading `{heading}` there"))
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Lines outside fenced code, numbered from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        (!fence && !fenced).then_some((index + 1, line))
    })
}

/// The targets of `[text](target)`, with their line; inline code is left out.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        let without_code: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        let mut rest = without_code.as_str();
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            let Some(end) = rest.find(')') else { break };
            let target = rest[..end].split_whitespace().next().unwrap_or_default();
            links.push((number, target.to_owned()));
            rest = &rest[end..];
        }
    }
    links
}

/// The anchors a Markdown viewer gives to the headings.
fn headings(text: &str) -> Vec<String> {
    prose(text)
        .filter_map(|(_, line)| line.strip_prefix('#'))
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        judge(
            root,
            &[TextFile {
                path: "src/a.md".into(),
                text: text.into(),
            }],
        )
    }

    #[test]
    fn links_to_files_headings_and_the_web_pass() {
        let text = "# One Thing\n[a](../Cargo.toml) [b](#one-thing) [c](https://example.org/x) `[d](nowhere)`\n```\n[e](no)\n```\n";
        assert_eq!(judged(text), Vec::<String>::new());
    }

    #[test]
    fn a_missing_file_and_a_missing_heading_are_found_with_their_line() {
        let found = judged("# One\n[a](../gone.md)\n[b](#two)\n");
        assert_eq!(
            found,
            [
                "src/a.md:2: link `../gone.md`: no such file",
                "src/a.md:3: link `#two`: no heading `two` there"
            ]
        );
    }
}
