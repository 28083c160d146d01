//! Typed strategy parameters with ranges: checked before a run starts, swept by the optimizer.

use std::collections::BTreeMap;

use thiserror::Error;
use trader_domain::{Quantity, Rate};

/// What a parameter may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// A whole number.
    Integer {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// An exact decimal number.
    Decimal {
        /// Smallest allowed.
        min: Rate,
        /// Largest allowed.
        max: Rate,
    },
    /// A positive quantity of shares.
    Quantity,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl std::fmt::Display for ParameterKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer { min, max } => write!(f, "a whole number from {min} to {max}"),
            Self::Decimal { min, max } => write!(f, "a number from {min} to {max}"),
            Self::Quantity => f.write_str("a quantity above zero"),
            Self::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

/// One parameter of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterSpec {
    /// Its name on the command line and in configuration.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// What it may be.
    pub kind: ParameterKind,
    /// Its value when none is given; `None` means that it is then not set.
    pub default: Option<&'static str>,
}

/// A checked value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterValue {
    /// Of an integer parameter.
    Integer(i64),
    /// Of a decimal parameter.
    Decimal(Rate),
    /// Of a quantity parameter.
    Quantity(Quantity),
    /// Of a choice.
    Choice(&'static str),
}

impl std::fmt::Display for ParameterValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Quantity(value) => value.fmt(f),
            Self::Choice(value) => f.write_str(value),
        }
    }
}

/// Why parameters are refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParameterError {
    /// The strategy has no such parameter.
    #[error("strategy `{strategy}` has no parameter `{name}`; it has: {known}")]
    Unknown {
        /// Which strategy.
        strategy: &'static str,
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// The value is not of the parameter's kind or outside its range.
    #[error("parameter `{name}` is `{found}`, it must be {expected}")]
    Invalid {
        /// Which parameter.
        name: &'static str,
        /// What was given.
        found: String,
        /// What is allowed.
        expected: ParameterKind,
    },
    /// Two parameters contradict each other, or the data.
    #[error("{0}")]
    Contradiction(String),
}

/// The checked parameters of one strategy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters(BTreeMap<&'static str, ParameterValue>);

impl Parameters {
    /// Checks `given` against `specs` and fills in defaults.
    ///
    /// # Errors
    /// [`ParameterError::Unknown`], [`ParameterError::Invalid`].
    pub fn check(
        strategy: &'static str,
        specs: &'static [ParameterSpec],
        given: &BTreeMap<String, String>,
    ) -> Result<Self, ParameterError> {
        if let Some(name) = given
            .keys()
            .find(|name| specs.iter().all(|spec| spec.name != **name))
        {
            let known: Vec<&str> = specs.iter().map(|spec| spec.name).collect();
            return Err(ParameterError::Unknown {
                strategy,
                name: name.clone(),
                known: known.join(", "),
            });
        }
        let mut values = BTreeMap::new();
        for spec in specs {
            let Some(text) = given.get(spec.name).map(String::as_str).or(spec.default) else {
                continue;
            };
            let value = parse(spec.kind, text).ok_or_else(|| ParameterError::Invalid {
                name: spec.name,
                found: text.to_owned(),
                expected: spec.kind,
            })?;
            values.insert(spec.name, value);
        }
        Ok(Self(values))
    }

    /// All values by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, ParameterValue)> {
        self.0.iter().map(|(&name, &value)| (name, value))
    }

    /// A whole number; zero for a parameter that the strategy does not declare.
    pub fn integer(&self, name: &str) -> i64 {
        match self.0.get(name) {
            Some(ParameterValue::Integer(value)) => *value,
            _ => {
                debug_assert!(false, "undeclared integer parameter {name}");
                0
            }
        }
    }

    /// A whole number as a window length.
    pub fn length(&self, name: &str) -> usize {
        usize::try_from(self.integer(name)).unwrap_or(0)
    }

    /// An exact decimal; zero for a parameter that the strategy does not declare.
    pub fn decimal(&self, name: &str) -> Rate {
        match self.0.get(name) {
            Some(ParameterValue::Decimal(value)) => *value,
            _ => {
                debug_assert!(false, "undeclared decimal parameter {name}");
                Rate::ZERO
            }
        }
    }

    /// A quantity, where one is given.
    pub fn quantity(&self, name: &str) -> Option<Quantity> {
        match self.0.get(name) {
            Some(ParameterValue::Quantity(value)) => Some(*value),
            _ => None,
        }
    }

    /// A choice; empty for a parameter that the strategy does not declare.
    pub fn choice(&self, name: &str) -> &'static str {
        match self.0.get(name) {
            Some(ParameterValue::Choice(value)) => value,
            _ => {
                debug_assert!(false, "undeclared choice {name}");
                ""
            }
        }
    }
}

fn parse(kind: ParameterKind, text: &str) -> Option<ParameterValue> {
    match kind {
        ParameterKind::Integer { min, max } => {
            let value = text
                .parse()
                .ok()
                .filter(|value| (min..=max).contains(value))?;
            Some(ParameterValue::Integer(value))
        }
        ParameterKind::Decimal { min, max } => {
            let value = text
                .parse()
                .ok()
                .filter(|value| (min..=max).contains(value))?;
            Some(ParameterValue::Decimal(value))
        }
        ParameterKind::Quantity => {
            let value: Quantity = text.parse().ok()?;
            value
                .is_positive()
                .then_some(ParameterValue::Quantity(value))
        }
        ParameterKind::Choice(words) => words
            .iter()
            .find(|word| **word == text)
            .map(|word| ParameterValue::Choice(word)),
    }
}
