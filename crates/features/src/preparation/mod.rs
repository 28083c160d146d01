//! From raw features to what a model is fed: filling, outliers, standardizing.
//!
//! A [`Preparation`] is a list of steps that knows no data and transforms nothing. Fitting it on the
//! rows of a [`TrainingRange`] gives a [`FittedPreparation`], the only thing that transforms: columns at
//! once, or row by row with the same numbers. It is written as text with version and checksum, so that
//! it travels with the model that was trained behind it.
//!
//! ```
//! use trader_features::preparation::{Preparation, Standardizer, Step, TrainingRange};
//!
//! let times = [1, 2, 3, 4];
//! let rsi = [40.0, 60.0, f64::NAN, 80.0];
//! let training = TrainingRange::new(1, 3)?; // the first two rows
//! let fitted = Preparation::new(vec![Step::Standardize(Standardizer::ZScore)])
//!     .fit(&["rsi_14"], &[&rsi], &times, training)?;
//! assert_eq!(fitted.batch(&[&rsi])?[0][3], 3.0); // (80 - 50) / 10
//! assert_eq!(fitted.training().rows, 2);
//! # Ok::<(), trader_features::preparation::PreparationError>(())
//! ```
//!
//! # What happens to odd values
//! - Missing (NaN, infinite) stays missing, unless a fill step finds a value within its limit. It is
//!   never fitted on.
//! - Values beyond those of the training rows are transformed by the same formula: z-scores and robust
//!   scores have no bounds, min-max leaves [0, 1], a rank is 0 or 1.
//! - A column that is constant in training gives 0 (z-score, robust, min-max) at that value and its
//!   distance from it elsewhere; its rank is 0 below, 0.5 at and 1 above the value.
//! - A column without a single value in training is an error.

mod error;
mod fill;
mod fit;
mod fitted;
mod text;

pub use error::PreparationError;
pub use fill::{ForwardFill, backward_fill, forward_fill};
pub use fit::{Rows, Training, TrainingRange};
pub use fitted::{FittedPreparation, Prepared};

/// A scale for a column, fitted on training rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standardizer {
    /// (x - mean) / standard deviation (population, ddof 0, as scikit-learn's `StandardScaler`).
    ZScore,
    /// (x - median) / (third - first quartile) (as scikit-learn's `RobustScaler`).
    Robust,
    /// (x - smallest) / (largest - smallest) (as scikit-learn's `MinMaxScaler`).
    MinMax,
    /// Share of training values below x, those equal to it counted half, interpolated between up to
    /// 1,001 quantiles of the training values.
    Rank,
}

impl Standardizer {
    /// Its name in files and arguments.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ZScore => "zscore",
            Self::Robust => "robust",
            Self::MinMax => "minmax",
            Self::Rank => "rank",
        }
    }
}

/// What is done with values far from the rest, fitted on training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outliers {
    /// Values beyond the quantiles `tail` and 1 - `tail` are set to them (winsorizing).
    Winsorize {
        /// Share cut off at each end, in [0, 0.5).
        tail: f64,
    },
    /// Values further than `limit` robust deviations (1.4826 times the median absolute deviation) from
    /// the median are set to that bound.
    Clip {
        /// Deviations, above 0.
        limit: f64,
    },
    /// The same values are treated as missing.
    Drop {
        /// Deviations, above 0.
        limit: f64,
    },
}

/// One step of a preparation; steps are done in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// A missing value takes the last one before it, for at most `limit` rows in a row.
    ForwardFill {
        /// Rows, from 1.
        limit: u32,
    },
    /// A missing value takes the next one after it, for at most `limit` rows in a row. It looks ahead:
    /// a preparation with this step transforms columns for studies, and refuses to be used row by row
    /// or to be written for a model.
    BackwardFill {
        /// Rows, from 1.
        limit: u32,
    },
    /// Outliers.
    Outliers(Outliers),
    /// A standardizer.
    Standardize(Standardizer),
}

impl Step {
    /// Reads `zscore`, `robust`, `minmax`, `rank`, `ffill:LIMIT`, `bfill:LIMIT`, `winsorize:TAIL`,
    /// `clip:LIMIT` or `drop:LIMIT`.
    ///
    /// # Errors
    /// [`PreparationError::Step`] with what is allowed.
    pub fn parse(text: &str) -> Result<Self, PreparationError> {
        let fault = |reason: &str| PreparationError::Step {
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        let (name, argument) = match text.split_once(':') {
            Some((name, argument)) => (name, Some(argument)),
            None => (text, None),
        };
        let rows = || {
            argument
                .and_then(|argument| argument.parse::<u32>().ok())
                .filter(|limit| *limit > 0)
                .ok_or_else(|| fault("needs a number of rows from 1, such as ffill:5"))
        };
        let deviations = || {
            argument
                .and_then(|argument| argument.parse::<f64>().ok())
                .filter(|limit| limit.is_finite() && *limit > 0.0)
                .ok_or_else(|| fault("needs a number of deviations above 0, such as clip:5"))
        };
        let plain = |standardizer| match argument {
            None => Ok(Self::Standardize(standardizer)),
            Some(_) => Err(fault("takes no number")),
        };
        match name {
            "zscore" => plain(Standardizer::ZScore),
            "robust" => plain(Standardizer::Robust),
            "minmax" => plain(Standardizer::MinMax),
            "rank" => plain(Standardizer::Rank),
            "ffill" => Ok(Self::ForwardFill { limit: rows()? }),
            "bfill" => Ok(Self::BackwardFill { limit: rows()? }),
            "winsorize" => argument
                .and_then(|argument| argument.parse::<f64>().ok())
                .filter(|tail| (0.0..0.5).contains(tail))
                .map(|tail| Self::Outliers(Outliers::Winsorize { tail }))
                .ok_or_else(|| fault("needs a share below 0.5, such as winsorize:0.01")),
            "clip" => Ok(Self::Outliers(Outliers::Clip {
                limit: deviations()?,
            })),
            "drop" => Ok(Self::Outliers(Outliers::Drop {
                limit: deviations()?,
            })),
            _ => Err(fault(
                "is no step; there are zscore, robust, minmax, rank, ffill:ROWS, bfill:ROWS, \
                 winsorize:SHARE, clip:DEVIATIONS, drop:DEVIATIONS",
            )),
        }
    }
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ForwardFill { limit } => write!(f, "ffill:{limit}"),
            Self::BackwardFill { limit } => write!(f, "bfill:{limit}"),
            Self::Outliers(Outliers::Winsorize { tail }) => write!(f, "winsorize:{tail}"),
            Self::Outliers(Outliers::Clip { limit }) => write!(f, "clip:{limit}"),
            Self::Outliers(Outliers::Drop { limit }) => write!(f, "drop:{limit}"),
            Self::Standardize(standardizer) => f.write_str(standardizer.name()),
        }
    }
}

/// Steps that are not fitted yet. It cannot transform:
///
/// ```compile_fail
/// use trader_features::preparation::{Preparation, Standardizer, Step};
///
/// let unfitted = Preparation::new(vec![Step::Standardize(Standardizer::ZScore)]);
/// unfitted.batch(&[&[1.0, 2.0]]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Preparation {
    steps: Vec<Step>,
}

impl Preparation {
    /// These steps, in this order.
    pub fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
