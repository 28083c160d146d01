//! Why a test, an estimate or a fit over a sample has no result; and the checks that every one of
//! them makes first.

use thiserror::Error;

use crate::calculator::is_observed;

/// Any refusal of this family's functions over whole samples.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StatisticsError {
    /// The sample is too short.
    #[error("{method} needs at least {needed} values, {found} given")]
    TooFew {
        /// What was asked for.
        method: &'static str,
        /// Fewest values, with the settings given.
        needed: usize,
        /// Values given.
        found: usize,
    },
    /// A value is NaN, infinite or 1e100 and beyond.
    #[error(
        "{method}: row {row} of series {series} is missing or out of range; fill or drop it first"
    )]
    Missing {
        /// What was asked for.
        method: &'static str,
        /// Which argument, from 0.
        series: usize,
        /// Which value, from 0.
        row: usize,
    },
    /// Series that belong to the same rows have different lengths.
    #[error("{method}: series {series} has {found} rows, the first one has {expected}")]
    LengthMismatch {
        /// What was asked for.
        method: &'static str,
        /// Which argument, from 0.
        series: usize,
        /// Its rows.
        found: usize,
        /// Rows of the first.
        expected: usize,
    },
    /// A series (or what a regression leaves of it) does not vary.
    #[error("{method}: series {series} does not vary, nothing can be measured")]
    Constant {
        /// What was asked for.
        method: &'static str,
        /// Which argument, from 0.
        series: usize,
    },
    /// Regressors or series are linear combinations of each other.
    #[error("{method}: the series depend on each other linearly; drop one")]
    Collinear {
        /// What was asked for.
        method: &'static str,
    },
    /// A setting is outside its range.
    #[error("{method}: {setting} is {value}: {rule}")]
    InvalidSetting {
        /// What was asked for.
        method: &'static str,
        /// The setting's name.
        setting: &'static str,
        /// As given.
        value: f64,
        /// What is allowed.
        rule: &'static str,
    },
    /// An iteration did not settle.
    #[error("{method}: no settled result after {iterations} steps")]
    NotConverged {
        /// What was asked for.
        method: &'static str,
        /// Steps made.
        iterations: usize,
    },
}

/// Checks that all series have the first one's length, at least `needed` rows, and no missing value.
pub(crate) fn check_series(
    method: &'static str,
    all: &[&[f64]],
    needed: usize,
) -> Result<(), StatisticsError> {
    let expected = all.first().map_or(0, |first| first.len());
    for (series, values) in all.iter().enumerate() {
        if values.len() != expected {
            return Err(StatisticsError::LengthMismatch {
                method,
                series,
                found: values.len(),
                expected,
            });
        }
        check_sample(method, series, values, needed)?;
    }
    Ok(())
}

/// Checks that one sample has at least `needed` values and no missing one.
pub(crate) fn check_sample(
    method: &'static str,
    series: usize,
    values: &[f64],
    needed: usize,
) -> Result<(), StatisticsError> {
    if values.len() < needed {
        return Err(StatisticsError::TooFew {
            method,
            needed,
            found: values.len(),
        });
    }
    match values.iter().position(|x| !is_observed(*x)) {
        Some(row) => Err(StatisticsError::Missing {
            method,
            series,
            row,
        }),
        None => Ok(()),
    }
}

/// `InvalidSetting` unless `value` lies in `low..=high`.
pub(crate) fn check_setting(
    method: &'static str,
    setting: &'static str,
    value: f64,
    (low, high): (f64, f64),
    rule: &'static str,
) -> Result<(), StatisticsError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(StatisticsError::InvalidSetting {
            method,
            setting,
            value,
            rule,
        })
    }
}
