//! What is wrong with a configuration, all of it at once.
//!
//! Loading never stops at the first error: each [`Problem`] names the key, the place, what was
//! found and what is allowed, and [`ConfigError`] carries the whole list to the operator.

use std::fmt;

use thiserror::Error;

use crate::origin::Origin;

/// The kind of a [`Problem`], stable for scripts and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A file is missing, unreadable, too large or not UTF-8.
    Unreadable,
    /// The text is not TOML, or a flag or variable is not of the form it should have.
    Syntax,
    /// No such key.
    UnknownKey,
    /// Wrong type, out of range, not one of the choices, empty, or of a wrong form.
    InvalidValue,
    /// A `${VARIABLE}` reference that is not allowed, not set, empty, or part of a longer text.
    Reference,
    /// A secret written where it must not be, or one that cannot be fetched.
    Secret,
    /// Two values that exclude each other.
    Contradiction,
    /// A value that is missing given the others.
    Missing,
    /// A credential that cannot be right: wrong form, placeholder, wrong environment.
    Credential,
    /// A setting that this deployment environment refuses.
    Refused,
    /// A dependency that did not answer a probe.
    Dependency,
    /// A change that needs a restart.
    NotReloadable,
    /// An old name of a key.
    Renamed,
}

impl ProblemKind {
    /// Stable code, e.g. `unknown-key`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown-key",
            Self::InvalidValue => "invalid-value",
            Self::Reference => "reference",
            Self::Secret => "secret",
            Self::Contradiction => "contradiction",
            Self::Missing => "missing",
            Self::Credential => "credential",
            Self::Refused => "refused",
            Self::Dependency => "dependency",
            Self::NotReloadable => "not-reloadable",
            Self::Renamed => "renamed",
        }
    }
}

/// One thing that is wrong: where, what was found, what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of fault it is.
    pub kind: ProblemKind,
    /// The key or keys concerned, each with the origin of its value; empty for a whole file.
    pub keys: Vec<(String, Origin)>,
    /// What was found, quoted and shortened; `None` for secrets and where nothing was found.
    pub found: Option<String>,
    /// What is allowed or what to do.
    pub advice: String,
}

impl Problem {
    /// A problem of one key.
    pub(crate) fn at(
        kind: ProblemKind,
        key: &str,
        origin: Origin,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            keys: vec![(key.to_owned(), origin)],
            found: None,
            advice: advice.into(),
        }
    }

    /// Adds what was found, shortened and with control characters escaped.
    pub(crate) fn found(mut self, text: &str) -> Self {
        self.found = Some(quoted(text));
        self
    }
}

/// Longest quotation of outside text in a message, in characters.
const QUOTE_LIMIT: usize = 80;

/// `text` in quotation marks, escaped, cut after 80 characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(QUOTE_LIMIT).collect();
    if shown.len() < text.len() {
        shown.push_str("...");
    }
    format!("{shown:?}")
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.kind.code())?;
        for (index, (key, origin)) in self.keys.iter().enumerate() {
            let separator = if index == 0 { "" } else { " and " };
            match (key.is_empty(), origin) {
                (true, origin) => write!(formatter, "{separator}{origin}")?,
                (false, origin) => write!(formatter, "{separator}`{key}` [{origin}]")?,
            }
        }
        if !self.keys.is_empty() {
            formatter.write_str(": ")?;
        }
        if let Some(found) = &self.found {
            write!(formatter, "found {found}; ")?;
        }
        formatter.write_str(&self.advice)
    }
}

/// A configuration that cannot be used, with every reason.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ConfigError {
    /// Each of these has to be put right.
    pub problems: Vec<Problem>,
    /// These would only have been warned about.
    pub warnings: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        let noun = if count == 1 { "problem" } else { "problems" };
        write!(formatter, "the configuration has {count} {noun}:")?;
        for problem in &self.problems {
            write!(formatter, "\n  - {problem}")?;
        }
        for warning in &self.warnings {
            write!(formatter, "\n  - (warning) {warning}")?;
        }
        Ok(())
    }
}
