//! `cargo xtask layers`: the dependency law of the workspace, and the document drawn from it.
//!
//! The law is in [`law`], the table it judges by in [`table`], the document in [`document`].

mod document;
mod law;
mod table;

pub(crate) use document::PATH as DOCUMENT;

use std::path::Path;

use crate::failure::{self, Failure, Outcome};
use crate::workspace::{Network, Workspace};

/// Judges the workspace in `root` and compares `docs/crate-graph.md` with what it should say.
///
/// # Errors
/// Names every violation at once.
pub(crate) fn check(root: &Path, network: Network) -> Outcome {
    let workspace = Workspace::load(root, network)?;
    let mut found = law::judge(&workspace, table::TABLE, table::ALLOWANCES, network)?;
    let wanted = document::render(&workspace, table::TABLE);
    let path = root.join(document::PATH);
    if std::fs::read_to_string(&path).ok().as_deref() != Some(wanted.as_str()) {
        found.push(format!(
            "{}: out of date: run `cargo xtask docs`",
            document::PATH
        ));
    }
    if found.is_empty() {
        println!("layers: {} crates keep the law", table::TABLE.len());
        return Ok(());
    }
    Err(Failure::new(format!(
        "layers: {} violations\n  {}",
        found.len(),
        found.join("\n  ")
    )))
}

/// Writes `docs/crate-graph.md`.
///
/// # Errors
/// When cargo cannot read the workspace or the file cannot be written.
pub(crate) fn write_document(root: &Path) -> Outcome {
    let workspace = Workspace::load(root, Network::Online)?;
    failure::write(
        &root.join(document::PATH),
        &document::render(&workspace, table::TABLE),
    )
}
