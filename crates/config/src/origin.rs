//! Where a value came from: built-in, file and line, variable, or command-line flag.
//!
//! Every value and every problem carries an [`Origin`], so that an operator can go to the place
//! and change it.

use std::fmt;
use std::sync::Arc;

/// The place a value was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The default compiled into the program.
    BuiltIn,
    /// A line of a configuration file.
    File {
        /// Path as the operator named it, or `(embedded) config/NAME` for the compiled-in copy.
        path: Arc<str>,
        /// Line, counted from 1.
        line: usize,
    },
    /// A `${VARIABLE}` reference on a line of a configuration file.
    Reference {
        /// Path as the operator named it.
        path: Arc<str>,
        /// Line, counted from 1.
        line: usize,
        /// Name of the referenced variable.
        variable: String,
    },
    /// An environment variable with the project's prefix.
    Variable {
        /// Full name of the variable.
        name: String,
    },
    /// A `key=value` override on the command line.
    Flag {
        /// The key of the override; the value is left out because it may be a secret.
        key: String,
    },
}

impl Origin {
    /// A line of a file.
    pub(crate) fn line(path: &Arc<str>, line: usize) -> Self {
        Self::File {
            path: Arc::clone(path),
            line,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => formatter.write_str("built-in"),
            Self::File { path, line } => write!(formatter, "{path}:{line}"),
            Self::Reference {
                path,
                line,
                variable,
            } => {
                write!(formatter, "{path}:{line} (${{{variable}}})")
            }
            Self::Variable { name } => write!(formatter, "variable {name}"),
            Self::Flag { key } => write!(formatter, "flag {key}=..."),
        }
    }
}
