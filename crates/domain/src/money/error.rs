//! What can go wrong with exact arithmetic; every variant says which operation and which input.

use thiserror::Error;

/// An exact operation that has no exact answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The result does not fit the type's integer.
    #[error("{operation} overflows {kind}")]
    Overflow {
        /// The type whose range was left, e.g. `Price`.
        kind: &'static str,
        /// The operation, e.g. `addition`.
        operation: &'static str,
    },
    /// A divisor was zero.
    #[error("{operation}: division by zero")]
    DivisionByZero {
        /// What was being computed.
        operation: &'static str,
    },
    /// The text is not a decimal number.
    #[error("`{text}` is not a decimal number")]
    NotANumber {
        /// The offending text, cut at 40 characters.
        text: String,
    },
    /// The number has more decimals than the type can hold exactly.
    #[error("`{text}` needs more than {decimals} decimals, which {kind} cannot hold exactly")]
    Inexact {
        /// The type asked for.
        kind: &'static str,
        /// Decimals that the type holds.
        decimals: u32,
        /// The offending number.
        text: String,
    },
    /// A value that must not be negative is.
    #[error("{kind} must not be negative, found {found}")]
    Negative {
        /// The type asked for.
        kind: &'static str,
        /// What was found.
        found: String,
    },
    /// A float that is NaN or infinite.
    #[error("{kind} cannot hold a float that is not finite")]
    NotFinite {
        /// The type asked for.
        kind: &'static str,
    },
}
