//! Typed parameters: their declaration, the values in a feature's name, and their validation.

use crate::error::FeatureError;

/// What a parameter may be; bounds are inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Domain {
    /// A whole number, mostly a window length in rows.
    Integer {
        /// Smallest value.
        min: u32,
        /// Largest value.
        max: u32,
        /// When the name leaves it out.
        default: u32,
    },
    /// A real number.
    Real {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// When the name leaves it out.
        default: f64,
    },
    /// One of a few words; the first is the default. Words are lower case without underscore.
    Choice(&'static [&'static str]),
}

/// A declared parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// Its name, for errors and documentation.
    pub name: &'static str,
    /// What it means, with the unit.
    pub meaning: &'static str,
    /// Allowed values and default.
    pub domain: Domain,
}

/// Longest window any parameter may ask for, in rows.
pub const MAX_WINDOW: u32 = 100_000;

/// A window length from `min` to [`MAX_WINDOW`] rows.
pub const fn window(name: &'static str, min: u32, default: u32) -> Parameter {
    Parameter {
        name,
        meaning: "window, rows",
        domain: Domain::Integer {
            min,
            max: MAX_WINDOW,
            default,
        },
    }
}

/// A whole number.
pub const fn integer(
    name: &'static str,
    meaning: &'static str,
    (min, max): (u32, u32),
    default: u32,
) -> Parameter {
    Parameter {
        name,
        meaning,
        domain: Domain::Integer { min, max, default },
    }
}

/// A real number.
pub const fn real(
    name: &'static str,
    meaning: &'static str,
    (min, max): (f64, f64),
    default: f64,
) -> Parameter {
    Parameter {
        name,
        meaning,
        domain: Domain::Real { min, max, default },
    }
}

/// A word from a list, whose first entry is the default.
pub const fn choice(
    name: &'static str,
    meaning: &'static str,
    words: &'static [&'static str],
) -> Parameter {
    Parameter {
        name,
        meaning,
        domain: Domain::Choice(words),
    }
}

/// A validated value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// For [`Domain::Integer`].
    Integer(u32),
    /// For [`Domain::Real`].
    Real(f64),
    /// For [`Domain::Choice`]: the index of the word.
    Choice(usize),
}

/// All values of one calculator, complete, in declared order, each inside its domain.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    feature: &'static str,
    parameters: &'static [Parameter],
    values: Vec<Value>,
    sources: Vec<String>,
}

impl Arguments {
    /// Reads the parameter words of a name; those left out at the end take their defaults.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] for too many words, a wrong kind, or a value outside its domain.
    pub fn parse(
        feature: &'static str,
        parameters: &'static [Parameter],
        words: &[&str],
        sources: Vec<String>,
    ) -> Result<Self, FeatureError> {
        if let Some(extra) = words.get(parameters.len()) {
            return Err(invalid(
                feature,
                extra,
                "is one more than the calculator has",
            ));
        }
        let values = parameters
            .iter()
            .enumerate()
            .map(|(index, parameter)| match words.get(index) {
                None => Ok(default_of(parameter.domain)),
                Some(word) => read(feature, parameter, word),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            feature,
            parameters,
            values,
            sources,
        })
    }

    /// A whole-number parameter as a length.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when `name` is not declared so.
    pub fn length(&self, name: &str) -> Result<usize, FeatureError> {
        match self.value(name) {
            Some(Value::Integer(value)) => Ok(value as usize),
            _ => Err(self.reject(name, "is not declared as a whole number")),
        }
    }

    /// A real parameter.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when `name` is not declared so.
    pub fn real(&self, name: &str) -> Result<f64, FeatureError> {
        match self.value(name) {
            Some(Value::Real(value)) => Ok(value),
            _ => Err(self.reject(name, "is not declared as a number")),
        }
    }

    /// The chosen word.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when `name` is not declared so.
    pub fn word(&self, name: &str) -> Result<&'static str, FeatureError> {
        let domain = self
            .parameters
            .iter()
            .find(|p| p.name == name)
            .map(|p| p.domain);
        match (domain, self.value(name)) {
            (Some(Domain::Choice(words)), Some(Value::Choice(index))) => words.get(index).copied(),
            _ => None,
        }
        .ok_or_else(|| self.reject(name, "is not declared as a choice"))
    }

    /// The columns or features to read: those in the name's parentheses, else the definition's.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    fn value(&self, name: &str) -> Option<Value> {
        let index = self
            .parameters
            .iter()
            .position(|parameter| parameter.name == name)?;
        self.values.get(index).copied()
    }

    /// The error for a rule between parameters that domains cannot express.
    pub fn reject(&self, parameter: &str, reason: impl Into<String>) -> FeatureError {
        invalid(self.feature, parameter, reason)
    }

    /// `_14_2`: the values as they stand in the canonical name. Empty without parameters.
    pub fn suffix(&self) -> String {
        self.values
            .iter()
            .zip(self.parameters)
            .map(|(value, parameter)| match (value, parameter.domain) {
                (Value::Choice(index), Domain::Choice(words)) => {
                    format!("_{}", words.get(*index).copied().unwrap_or(""))
                }
                (Value::Integer(value), _) => format!("_{value}"),
                (Value::Real(value), _) => format!("_{}", write_real(*value)),
                (Value::Choice(index), _) => format!("_{index}"),
            })
            .collect()
    }
}

fn default_of(domain: Domain) -> Value {
    match domain {
        Domain::Integer { default, .. } => Value::Integer(default),
        Domain::Real { default, .. } => Value::Real(default),
        Domain::Choice(_) => Value::Choice(0),
    }
}

fn read(feature: &str, parameter: &Parameter, word: &str) -> Result<Value, FeatureError> {
    match parameter.domain {
        Domain::Integer { min, max, .. } => match word.parse::<u32>() {
            Ok(value) if (min..=max).contains(&value) => Ok(Value::Integer(value)),
            Ok(value) => Err(invalid(
                feature,
                parameter.name,
                format!("is {value}, allowed are {min} to {max}"),
            )),
            Err(_) => Err(invalid(
                feature,
                parameter.name,
                format!("is `{word}`, expected a whole number from {min} to {max}"),
            )),
        },
        Domain::Real { min, max, .. } => match read_real(word) {
            Some(value) if (min..=max).contains(&value) => Ok(Value::Real(value)),
            Some(value) => Err(invalid(
                feature,
                parameter.name,
                format!("is {value}, allowed are {min} to {max}"),
            )),
            None => Err(invalid(
                feature,
                parameter.name,
                format!("is `{word}`, expected a number such as 2, 2p5 or 002 (0.02)"),
            )),
        },
        Domain::Choice(words) => words
            .iter()
            .position(|candidate| *candidate == word)
            .map(Value::Choice)
            .ok_or_else(|| {
                invalid(
                    feature,
                    parameter.name,
                    format!("is `{word}`, expected one of {}", words.join(", ")),
                )
            }),
    }
}

/// Names hold only letters, digits and underscores: `2` is 2, `2p5` is 2.5, a leading zero stands
/// for "zero point" (`002` is 0.02, `094` is 0.94), `m` before a number is minus.
pub(crate) fn read_real(word: &str) -> Option<f64> {
    let (sign, digits) = word
        .strip_prefix('m')
        .map_or((1.0, word), |rest| (-1.0, rest));
    let valid = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || c == 'p' || c == '.');
    if !valid {
        return None;
    }
    let text = match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) => {
            format!("0.{rest}")
        }
        _ => digits.replace('p', "."),
    };
    text.parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
        .map(|value| sign * value)
}

fn write_real(value: f64) -> String {
    let magnitude = value.abs();
    let text = format!("{magnitude}");
    let text = match text.strip_prefix("0.") {
        Some(rest) => format!("0{rest}"),
        None => text.replace('.', "p"),
    };
    if value < 0.0 {
        format!("m{text}")
    } else {
        text
    }
}

fn invalid(feature: &str, parameter: &str, reason: impl Into<String>) -> FeatureError {
    FeatureError::InvalidParameter {
        feature: feature.to_owned(),
        parameter: parameter.to_owned(),
        reason: reason.into(),
    }
}

/// For the typed constructors: a window holds at least one row.
pub(crate) fn require_length(feature: &str, length: usize) -> Result<(), FeatureError> {
    if length == 0 {
        return Err(invalid(feature, "length", "must be at least 1"));
    }
    Ok(())
}
