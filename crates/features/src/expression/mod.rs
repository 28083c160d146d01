//! A small language for rules and derived features: `sma_10 > sma_30 and rsi_14 < 70`.
//!
//! Text is parsed and type-checked against the registry before anything is computed; there is no
//! evaluation of code of any kind. Numbers: constants, features and columns by name (with sources,
//! `sma_20(volume)`), those of other symbols (`close@SPY`, [`crate::alignment`]), `+ - * /`, `abs(x)`, `min(x, y)`, `max(x, y)`. Conditions: `< <= > >= == !=`,
//! `and`, `or`, `not`, parentheses.
//!
//! Missing values stay missing: a number that needs one is missing, a comparison with one is
//! unknown, `and` and `or` decide where the known side suffices.
//!
//! ```
//! use trader_features::Registry;
//! use trader_features::expression::{Expression, Outcome};
//!
//! let rule = Expression::parse("close > 100 and rsi_14 < 70", Registry::standard(), &[])?;
//! assert_eq!(rule.inputs(), ["close", "rsi_14"]);
//! assert_eq!(rule.evaluate(&[101.0, 65.0]), Outcome::Condition(Some(true)));
//! assert_eq!(rule.evaluate(&[101.0, f64::NAN]), Outcome::Condition(None));
//!
//! let fault = Expression::parse("close > ris_14", Registry::standard(), &[]).unwrap_err();
//! assert_eq!(fault.to_string(), "position 9: unknown feature `ris_14`; did you mean `rsi_14`?");
//! # Ok::<(), trader_features::expression::ExpressionError>(())
//! ```

mod error;
mod parse;
mod print;
mod token;
mod tree;

pub use error::ExpressionError;
pub use tree::Kind;

use crate::columns::is_column;
use crate::registry::Registry;
use parse::{Parser, Typed};

/// Longest text, in characters.
pub const MAX_LENGTH: usize = 4096;

/// A parsed, typed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    tree: Typed,
    inputs: Vec<String>,
}

/// The value of an expression for one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Of a number; `None` when missing or undefined (0/0, overflow).
    Number(Option<f64>),
    /// Of a condition; `None` when unknown.
    Condition(Option<bool>),
}

impl Expression {
    /// Reads an expression over the registry's features, the known columns and the caller's
    /// `own_columns`.
    ///
    /// # Errors
    /// [`ExpressionError`], with the position of the fault.
    pub fn parse(
        text: &str,
        registry: &Registry,
        own_columns: &[&str],
    ) -> Result<Self, ExpressionError> {
        let length = text.chars().count();
        if length > MAX_LENGTH {
            return Err(ExpressionError::TooLong {
                length,
                limit: MAX_LENGTH,
            });
        }
        let tokens = token::tokens(text)?;
        let mut inputs: Vec<String> = Vec::new();
        let resolve = |name: &str, position: usize| {
            let canonical = if is_column(name, own_columns) {
                name.to_owned()
            } else {
                let of = registry
                    .resolve(name)
                    .map_err(|source| ExpressionError::Feature { position, source })?;
                of.name_of(of.output)
            };
            let known = inputs.iter().position(|input| *input == canonical);
            Ok(known.unwrap_or_else(|| {
                inputs.push(canonical);
                inputs.len() - 1
            }))
        };
        let tree = Parser::new(&tokens, resolve).whole()?;
        Ok(Self { tree, inputs })
    }

    /// Canonical names of the features and columns it reads, in the order of their first use.
    pub fn inputs(&self) -> &[String] {
        &self.inputs
    }

    /// The text in one spelling, parentheses written out: equal for equal expressions. A lone
    /// feature or column is its canonical name.
    pub fn canonical(&self) -> String {
        print::canonical(&self.tree, &self.inputs)
    }

    /// The feature or column, when the expression is nothing but its name.
    pub(crate) fn lone_input(&self) -> Option<&str> {
        match self.tree {
            Typed::Number(tree::Number::Input(index)) => self.inputs.get(index).map(String::as_str),
            _ => None,
        }
    }

    /// Whether it gives a number or a condition.
    pub fn kind(&self) -> Kind {
        self.tree.kind()
    }

    /// The value for one row: `values` in the order of [`Expression::inputs`], NaN where missing
    /// (so are those that `values` is too short for).
    pub fn evaluate(&self, values: &[f64]) -> Outcome {
        match &self.tree {
            Typed::Number(number) => {
                let value = number.value(values);
                Outcome::Number((!value.is_nan()).then_some(value))
            }
            Typed::Condition(condition) => Outcome::Condition(condition.value(values)),
        }
    }
}
