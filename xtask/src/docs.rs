//! `cargo xtask docs`: writes the documents that are generated.

use std::path::Path;

use crate::failure::Outcome;
use crate::layers;
use crate::process::{self, cargo};

/// Writes every generated document.
///
/// # Errors
/// When one cannot be made or written.
pub(crate) fn write(root: &Path) -> Outcome {
    layers::write_document(root)?;
    println!("docs: {}", layers::DOCUMENT);
    process::run(
        cargo(root)
            .args(["run", "--quiet", "--package", "trader-documents", "--"])
            .arg(root),
    )
}
