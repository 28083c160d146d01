//! A parsed, typed expression and its value.

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A real number.
    Number,
    /// True or false.
    Condition,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Condition => "condition",
        }
    }
}

/// Numbers from numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Smaller,
    Larger,
}

/// A condition from numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Below,
    AtMost,
    Above,
    AtLeast,
    Equal,
    Unequal,
}

/// Numbers are NaN where missing, conditions `None`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Number {
    Constant(f64),
    /// Index into the expression's inputs.
    Input(usize),
    Negate(Box<Number>),
    Absolute(Box<Number>),
    Binary(Arithmetic, Box<Number>, Box<Number>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    Compare(Comparison, Box<Number>, Box<Number>),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

impl Number {
    /// NaN when an input is missing or the result is undefined or infinite.
    pub(super) fn value(&self, inputs: &[f64]) -> f64 {
        let value = match self {
            Self::Constant(value) => *value,
            Self::Input(index) => inputs.get(*index).copied().unwrap_or(f64::NAN),
            Self::Negate(of) => -of.value(inputs),
            Self::Absolute(of) => of.value(inputs).abs(),
            Self::Binary(operator, a, b) => {
                let (a, b) = (a.value(inputs), b.value(inputs));
                match operator {
                    Arithmetic::Add => a + b,
                    Arithmetic::Subtract => a - b,
                    Arithmetic::Multiply => a * b,
                    Arithmetic::Divide => a / b,
                    // Not `f64::min`: a missing side makes the whole missing.
                    Arithmetic::Smaller | Arithmetic::Larger if a.is_nan() || b.is_nan() => {
                        f64::NAN
                    }
                    Arithmetic::Smaller => a.min(b),
                    Arithmetic::Larger => a.max(b),
                }
            }
        };
        if value.is_finite() { value } else { f64::NAN }
    }
}

impl Condition {
    /// `None` when unknown: a comparison with a missing side. Known parts decide where they can
    /// (Kleene's logic): false and unknown is false, true or unknown is true.
    pub(super) fn value(&self, inputs: &[f64]) -> Option<bool> {
        match self {
            Self::Compare(operator, a, b) => {
                let order = a.value(inputs).partial_cmp(&b.value(inputs))?;
                Some(match operator {
                    Comparison::Below => order.is_lt(),
                    Comparison::AtMost => order.is_le(),
                    Comparison::Above => order.is_gt(),
                    Comparison::AtLeast => order.is_ge(),
                    Comparison::Equal => order.is_eq(),
                    Comparison::Unequal => order.is_ne(),
                })
            }
            Self::Not(of) => of.value(inputs).map(|value| !value),
            Self::And(a, b) => match (a.value(inputs), b.value(inputs)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.value(inputs), b.value(inputs)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
        }
    }
}
