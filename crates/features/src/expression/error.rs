//! Why a rule cannot be read or fed, with the place in its text.

use thiserror::Error;

use crate::error::FeatureError;

/// A fault in the text of an expression. Positions count characters from 1.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// A character that no expression contains.
    #[error("position {position}: `{found}` is not part of the language")]
    Character {
        /// Where.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// A number that f64 cannot hold or that has two points.
    #[error("position {position}: `{text}` is not a number")]
    Number {
        /// Where it starts.
        position: usize,
        /// As written.
        text: String,
    },
    /// Something else belongs here.
    #[error("position {position}: expected {expected}, found {found}")]
    Unexpected {
        /// Where.
        position: usize,
        /// What may stand here.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A number where a condition belongs, or the other way round.
    #[error("position {position}: {context} takes a {expected}, this is a {found}")]
    Type {
        /// Where the operand starts.
        position: usize,
        /// The operator or function.
        context: String,
        /// "number" or "condition".
        expected: &'static str,
        /// "number" or "condition".
        found: &'static str,
    },
    /// The feature's name or parameters are wrong; the source suggests the nearest name.
    #[error("position {position}: {source}")]
    Feature {
        /// Where the name starts.
        position: usize,
        /// What the registry says.
        source: FeatureError,
    },
    /// Parentheses or operators nest too deeply.
    #[error("position {position}: nested deeper than {limit} levels")]
    TooDeep {
        /// Where the limit was reached.
        position: usize,
        /// The limit.
        limit: usize,
    },
    /// The text is longer than any rule needs.
    #[error("the expression has {length} characters, at most {limit} are read")]
    TooLong {
        /// Its length.
        length: usize,
        /// The limit.
        limit: usize,
    },
}
