//! Why a preparation cannot be read, fitted or used.

use thiserror::Error;

/// Any failure of preparing features. Values never fail: what cannot be computed is missing.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum PreparationError {
    /// The text of a step cannot be read.
    #[error("step `{text}` {reason}")]
    Step {
        /// As written.
        text: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// The training range ends before it begins.
    #[error("the training range is empty: it ends at {until}, not after {from}")]
    EmptyRange {
        /// Its first instant, nanoseconds since 1970.
        from: i64,
        /// Its end.
        until: i64,
    },
    /// A column has no value among the training rows.
    #[error("`{column}` has no value in the training range ({rows} rows); train on a longer one")]
    NothingToFit {
        /// The column.
        column: String,
        /// Rows in the range.
        rows: usize,
    },
    /// Columns do not fit the preparation or each other.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was counted.
        what: String,
        /// As fitted.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A step would look into the future.
    #[error(
        "`{step}` takes values from later rows, which nobody has when they are needed: it is for studies over whole columns only; use ffill"
    )]
    LooksAhead {
        /// The step.
        step: String,
    },
    /// A written preparation is damaged or of an unknown version.
    #[error("the written preparation is refused, line {line}: {reason}")]
    Text {
        /// Where, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}
