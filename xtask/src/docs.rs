//! `cargo xtask docs`: writes the documents that are generated.

use std::path::Path;

use crate::failure::Outcome;
use crate::layers;

/// Writes every generated document.
///
/// # Errors
/// When one cannot be made or written.
pub(crate) fn write(root: &Path) -> Outcome {
    layers::write_document(root)?;
    println!("docs: written");
    Ok(())
}
