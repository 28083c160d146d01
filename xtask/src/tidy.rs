//! `cargo xtask tidy`: the rules of the house that a compiler does not check.
//!
//! Each rule is a function from files to findings; every finding of every rule is printed at once,
//! with file and line.

mod crates;
mod files;
mod links;
mod secrets;
mod source;

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::workspace::{Network, Workspace};

/// Judges the project in `root`.
///
/// # Errors
/// Names every finding at once.
pub(crate) fn check(root: &Path, network: Network) -> Outcome {
    let workspace = Workspace::load(root, network)?;
    let files = files::text_files(root)?;
    let mut found = Vec::new();
    for file in &files {
        if file.is("rs") {
            found.extend(source::judge(file));
        }
        if file.path != "Cargo.lock" {
            found.extend(secrets::judge(file));
        }
    }
    for package in workspace
        .members
        .values()
        .filter(|package| package.declared.pure == Some(true))
    {
        let sources = package.folder.join("src");
        let inside = files
            .iter()
            .filter(|file| root.join(&file.path).starts_with(&sources));
        found.extend(inside.flat_map(source::judge_pure));
    }
    for (path, _) in source::EDGES {
        if !files.iter().any(|file| file.path == *path) {
            found.push(format!(
                "{path}: named in EDGES in xtask/src/tidy/source.rs and not there"
            ));
        }
    }
    found.extend(crates::judge(&workspace, &files));
    found.extend(links::judge(root, &files));
    if found.is_empty() {
        println!("tidy: {} files keep the rules", files.len());
        return Ok(());
    }
    Err(Failure::new(format!(
        "tidy: {} findings\n  {}",
        found.len(),
        found.join("\n  ")
    )))
}

/// Whether a whole word stands somewhere in the text.
fn mentions(text: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].ends_with(part_of_word) && !text[at + word.len()..].starts_with(part_of_word)
    })
}
