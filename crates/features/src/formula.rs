//! A line of a feature set: a feature's name, or an expression, with or without a name of its own.
//!
//! `rsi_14`, `close / sma_200 - 1`, `hot = rsi_14 > 70`. Text becomes a [`Formula`] by parsing and type
//! checking only; [`crate::FeatureSet::from_formulas`] turns formulas into nodes beside the calculators,
//! so that everything they share is computed once.

use crate::calculator::Calculator;
use crate::columns::KNOWN;
use crate::error::FeatureError;
use crate::expression::{Expression, Outcome};
use crate::registry::Registry;
use crate::snapshot::refused;

/// Longest name that a formula may give itself, in characters.
const MAX_NAME: usize = 64;

/// A parsed line of a feature set.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    name: String,
    expression: Expression,
}

impl Formula {
    /// Reads `expression` or `name = expression` over the registry's features, the known columns and
    /// `own_columns`. Without a name of its own a feature keeps its canonical one, and an expression
    /// is called by its canonical text.
    ///
    /// # Errors
    /// [`FeatureError::MalformedName`] for a name that is none or that stands for something else,
    /// [`FeatureError::Expression`] for a fault in the expression.
    pub fn parse(
        text: &str,
        registry: &Registry,
        own_columns: &[&str],
    ) -> Result<Self, FeatureError> {
        let (name, body) = split_name(text);
        if let Some(name) = name {
            check_name(name, registry, own_columns)?;
        }
        let expression = Expression::parse(body, registry, own_columns).map_err(|source| {
            FeatureError::Expression {
                text: body.to_owned(),
                source: Box::new(source),
            }
        })?;
        Ok(Self {
            name: name.map_or_else(|| expression.canonical(), str::to_owned),
            expression,
        })
    }

    /// The name of its column.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is computed.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// `name = expression` in canonical spelling: equal for formulas that give the same column.
    pub fn canonical(&self) -> String {
        format!("{} = {}", self.name, self.expression.canonical())
    }
}

/// The part before a lone `=`, if any, and the rest.
fn split_name(text: &str) -> (Option<&str>, &str) {
    let Some((before, after)) = text.split_once('=') else {
        return (None, text.trim());
    };
    if after.starts_with('=') || before.ends_with(['<', '>', '!']) {
        return (None, text.trim());
    }
    (Some(before.trim()), after.trim())
}

fn check_name(name: &str, registry: &Registry, own_columns: &[&str]) -> Result<(), FeatureError> {
    let malformed = |reason: &str| FeatureError::MalformedName {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let plain = name
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !plain || !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.len() > MAX_NAME {
        return Err(malformed(
            "a name before `=` is a lower-case letter, then at most 63 more of a-z, 0-9 and _",
        ));
    }
    if matches!(name, "and" | "or" | "not" | "min" | "max" | "abs") {
        return Err(malformed(
            "is a word of the expression language; choose another name",
        ));
    }
    if own_columns.contains(&name) || KNOWN.iter().any(|column| column.name == name) {
        return Err(malformed(
            "stands for a column already; choose another name",
        ));
    }
    if registry.knows(name) {
        return Err(malformed(
            "stands for a feature already; choose another name",
        ));
    }
    Ok(())
}

/// An expression as a calculator: no state, one output. Conditions give 1 for true, 0 for false,
/// nothing for unknown. Missing values are treated as the expression language says, which may decide
/// a condition although an input is missing.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    expression: Expression,
    row: Vec<f64>,
}

impl Rule {
    pub(crate) fn new(expression: Expression) -> Self {
        Self {
            row: Vec::with_capacity(expression.inputs().len()),
            expression,
        }
    }

    fn check(&self, inputs: usize, outputs: usize) -> Result<(), FeatureError> {
        for (what, expected, found) in [
            ("inputs", self.expression.inputs().len(), inputs),
            ("outputs", 1, outputs),
        ] {
            if expected != found {
                return Err(FeatureError::Arity {
                    what,
                    expected,
                    found,
                });
            }
        }
        Ok(())
    }

    /// The value for one row, NaN where there is none.
    pub(crate) fn value(&self, row: &[f64]) -> f64 {
        match self.expression.evaluate(row) {
            Outcome::Number(value) => value.unwrap_or(f64::NAN),
            Outcome::Condition(truth) => truth.map_or(f64::NAN, |truth| f64::from(u8::from(truth))),
        }
    }
}

impl Calculator for Rule {
    fn inputs(&self) -> usize {
        self.expression.inputs().len()
    }

    fn warm_up(&self) -> Vec<usize> {
        vec![0]
    }

    fn run(&mut self, inputs: &[&[f64]], out: &mut [&mut [f64]]) -> Result<(), FeatureError> {
        self.check(inputs.len(), out.len())?;
        let Some(out) = out.first_mut() else {
            return Ok(());
        };
        if let Some((index, odd)) = inputs
            .iter()
            .enumerate()
            .find(|(_, column)| column.len() != out.len())
        {
            return Err(FeatureError::LengthMismatch {
                column: format!("#{index}"),
                found: odd.len(),
                expected: out.len(),
            });
        }
        let mut row = std::mem::take(&mut self.row);
        for (at, value) in out.iter_mut().enumerate() {
            row.clear();
            row.extend(inputs.iter().map(|column| column[at]));
            *value = self.value(&row);
        }
        self.row = row;
        Ok(())
    }

    fn fresh(&self) -> Box<dyn Calculator> {
        Box::new(self.clone())
    }

    fn update(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError> {
        self.check(inputs.len(), out.len())?;
        let value = self.value(inputs);
        out.iter_mut().for_each(|cell| *cell = value);
        Ok(())
    }

    fn peek(&mut self, inputs: &[f64], out: &mut [f64]) -> Result<(), FeatureError> {
        self.update(inputs, out)
    }

    fn save(&self) -> Vec<u64> {
        Vec::new()
    }

    fn load(&mut self, words: &[u64]) -> Result<(), FeatureError> {
        if words.is_empty() {
            Ok(())
        } else {
            Err(refused("an expression has no state"))
        }
    }

    fn reset(&mut self) {}
}
