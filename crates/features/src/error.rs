//! What can go wrong when features are chosen, built, fed or restored.

use thiserror::Error;
use trader_domain::Timestamp;

use crate::expression::ExpressionError;

/// Any failure of this crate. Numbers never fail: a value that cannot be computed is missing.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// No calculator produces a feature of this name.
    #[error("unknown feature `{name}`{}", suggestion(.nearest.as_deref()))]
    UnknownFeature {
        /// The name asked for.
        name: String,
        /// The closest registered name, when one is close enough to be a likely typo.
        nearest: Option<String>,
    },
    /// The name stands for a feature, but its text cannot be read.
    #[error("malformed feature name `{name}`: {reason}")]
    MalformedName {
        /// The name as given.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A parameter is out of its range, of the wrong kind, or at odds with another one.
    #[error("`{feature}`: parameter `{parameter}` {reason}")]
    InvalidParameter {
        /// The calculator's base name.
        feature: String,
        /// The parameter's name.
        parameter: String,
        /// The rule it breaks.
        reason: String,
    },
    /// A column that some chosen feature reads was not supplied.
    #[error("input column `{column}` is needed by `{feature}` but was not supplied")]
    MissingColumn {
        /// The absent column.
        column: String,
        /// A feature that reads it.
        feature: String,
    },
    /// Columns that belong to the same rows have different lengths.
    #[error("column `{column}` has {found} rows, expected {expected}")]
    LengthMismatch {
        /// The odd one out.
        column: String,
        /// Rows found.
        found: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// Timestamps do not increase.
    #[error("timestamps do not increase at row {row}")]
    Unsorted {
        /// The first row whose timestamp is not above the one before.
        row: usize,
    },
    /// Items were not handed over in the order in which they were received.
    #[error(
        "{feed}: an item received {next} came after one received {last}; sort by time received"
    )]
    OutOfOrder {
        /// Which kind of items.
        feed: &'static str,
        /// When the last one was received.
        last: Timestamp,
        /// When this one was.
        next: Timestamp,
    },
    /// A calculator was handed another number of inputs or outputs than it declares.
    #[error("{what}: expected {expected}, found {found}")]
    Arity {
        /// "inputs" or "outputs".
        what: &'static str,
        /// As declared.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A snapshot does not belong to this calculator or is damaged.
    #[error("snapshot refused: {reason}")]
    Snapshot {
        /// Why it was refused; the calculator's state is unchanged.
        reason: String,
    },
    /// The text of a derived feature cannot be read.
    #[error("`{text}`: {source}")]
    Expression {
        /// The expression as written.
        text: String,
        /// What is wrong, with the place.
        source: Box<ExpressionError>,
    },
    /// The text of a feature set cannot be read, or its name is taken.
    #[error("feature set `{text}`: {reason}")]
    MalformedSet {
        /// As written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such set.
    #[error("unknown feature set `{name}`; there is {known}")]
    UnknownSet {
        /// The name asked for.
        name: String,
        /// The nearest name, or the versions there are.
        known: String,
    },
    /// Features feed each other in a circle, or nest beyond the limit.
    #[error("feature `{name}` depends on itself or nests deeper than {limit} levels")]
    TooDeep {
        /// Where resolution stopped.
        name: String,
        /// The nesting limit.
        limit: usize,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
