//! What a task reports when it cannot finish: one message for the person at the terminal.
//!
//! Every task returns it; `main` prints it once and turns it into exit code 1. It carries no
//! kinds because nothing but a person ever reads it.

use std::fmt;
use std::path::Path;

/// Why a task stopped, ready to print.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// The outcome of a task or of one of its parts.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure with this message.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failed operation on a file, with the file's name in the message.
    pub(crate) fn file(doing: &str, path: &Path, error: &dyn fmt::Display) -> Self {
        Self(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Writes a text file whole, making its folder first.
pub(crate) fn write(path: &Path, text: &str) -> Outcome {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, &error))?;
    }
    std::fs::write(path, text).map_err(|error| Failure::file("write", path, &error))
}
