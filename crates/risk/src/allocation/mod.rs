//! Weights of a portfolio from the covariance of its members.
//!
//! Callers estimate a [`Covariance`] (from few rows: a shrunk one), choose a rule, and turn the weights
//! into quantities, which the gate then judges like any other order.
//!
//! | rule | weights |
//! |---|---|
//! | [`minimum_variance`] | least variance, short positions allowed |
//! | [`minimum_variance_long_only`] | least variance without short positions |
//! | [`risk_budgeting`], [`equal_risk`] | each member carries its share of the risk |
//! | [`hierarchical_risk_parity`] | risk split down a tree of similar members, nothing inverted |
//! | [`inverse_volatility`] | by volatility alone |
//!
//! Weights sum to 1. They are estimates, hence floats; money and quantities are not made here.
//!
//! ```
//! use trader_risk::allocation::{Covariance, equal_risk, minimum_variance_long_only};
//!
//! // A calm member and two wild ones that move together.
//! let covariance = Covariance::new(&[
//!     vec![0.01, 0.0, 0.0],
//!     vec![0.0, 0.09, 0.08],
//!     vec![0.0, 0.08, 0.09],
//! ])?;
//! let least = minimum_variance_long_only(&covariance)?;
//! let equal = equal_risk(&covariance)?;
//! assert!(least[0] > equal[0] && equal[0] > equal[1]);
//! # Ok::<(), trader_risk::allocation::AllocationError>(())
//! ```

mod hierarchical;
mod minimum_variance;
mod risk_budget;

pub use hierarchical::hierarchical_risk_parity;
pub use minimum_variance::{minimum_variance, minimum_variance_long_only};
pub use risk_budget::{equal_risk, risk_budgeting, risk_contributions};

use nalgebra::DMatrix;
use thiserror::Error;

/// Most members of a portfolio that is allocated at once.
pub const MAX_MEMBERS: usize = 2_000;

/// Why there are no weights.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum AllocationError {
    /// A matrix without members, or with more than [`MAX_MEMBERS`].
    #[error("a covariance of {members} members; allowed are 1 to {MAX_MEMBERS}")]
    Members {
        /// Rows of the matrix.
        members: usize,
    },
    /// A row of the matrix has another length than there are rows.
    #[error("row {row} of the covariance has {found} entries, expected {expected}")]
    NotSquare {
        /// The odd row.
        row: usize,
        /// Its entries.
        found: usize,
        /// Rows of the matrix.
        expected: usize,
    },
    /// An entry is not a finite number, differs from its mirror image by more than 1e-9 of the largest
    /// entry, or is a variance that is not positive.
    #[error("entry ({row}, {column}) of the covariance is {value}: {reason}")]
    Entry {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// As given.
        value: f64,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// Some portfolio of the members has no variance (to rounding), or a negative one.
    #[error(
        "the covariance is singular: use more rows than members, drop members that duplicate others, \
         or shrink it"
    )]
    Singular,
    /// A risk budget is missing, not positive, or there is one for no member.
    #[error(
        "risk budget {member} is {value}; one positive number is needed for each of {members} members"
    )]
    Budget {
        /// Position of the budget.
        member: usize,
        /// As given; NaN when missing.
        value: f64,
        /// Members of the portfolio.
        members: usize,
    },
    /// The iteration did not settle.
    #[error(
        "weights did not settle after {passes} passes: the covariance is too close to singular"
    )]
    NotSettled {
        /// Passes made.
        passes: usize,
    },
}

/// A covariance matrix: square, symmetric, finite, with positive variances.
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// Entries over `scale`, so that the mean variance is 1.
    matrix: DMatrix<f64>,
    scale: f64,
}

impl Covariance {
    /// Checks a matrix given row by row.
    ///
    /// # Errors
    /// [`AllocationError`] when it is none.
    pub fn new(rows: &[Vec<f64>]) -> Result<Self, AllocationError> {
        let members = rows.len();
        if !(1..=MAX_MEMBERS).contains(&members) {
            return Err(AllocationError::Members { members });
        }
        for (row, entries) in rows.iter().enumerate() {
            if entries.len() != members {
                return Err(AllocationError::NotSquare {
                    row,
                    found: entries.len(),
                    expected: members,
                });
            }
        }
        let given = DMatrix::from_fn(members, members, |i, j| {
            rows.get(i)
                .and_then(|row| row.get(j))
                .copied()
                .unwrap_or(f64::NAN)
        });
        let entry = |row, column, reason| AllocationError::Entry {
            row,
            column,
            value: given[(row, column)],
            reason,
        };
        let largest = given.iter().fold(0.0_f64, |a, x| a.max(x.abs()));
        for row in 0..members {
            for column in 0..members {
                if !given[(row, column)].is_finite() {
                    return Err(entry(row, column, "must be finite"));
                }
                let apart = (given[(row, column)] - given[(column, row)]).abs();
                if apart > 1e-9 * largest {
                    return Err(entry(row, column, "must equal its mirror image"));
                }
            }
            if given[(row, row)] <= 0.0 {
                return Err(entry(row, row, "a variance must be positive"));
            }
        }
        let scale = given.diagonal().iter().sum::<f64>() / members as f64;
        // The mean of both halves: symmetric to the last bit.
        let matrix = DMatrix::from_fn(members, members, |i, j| {
            0.5 * (given[(i, j)] / scale + given[(j, i)] / scale)
        });
        Ok(Self { matrix, scale })
    }

    /// Number of members.
    pub fn members(&self) -> usize {
        self.matrix.nrows()
    }

    /// Variance of the portfolio with these weights, in the units of the matrix given; NaN for another
    /// number of weights.
    pub fn variance(&self, weights: &[f64]) -> f64 {
        if weights.len() != self.members() {
            return f64::NAN;
        }
        self.scale * self.scaled_variance(weights)
    }

    fn scaled_variance(&self, weights: &[f64]) -> f64 {
        let own = self.times(weights);
        own.iter().zip(weights).map(|(a, b)| a * b).sum()
    }

    /// Covariance of each member with the portfolio, over `scale`.
    fn times(&self, weights: &[f64]) -> Vec<f64> {
        let column = |column: usize| {
            let entries = self.matrix.column(column);
            entries.iter().zip(weights).map(|(c, w)| c * w).sum()
        };
        (0..self.members()).map(column).collect()
    }
}

/// Weights inversely proportional to the volatility of each member.
pub fn inverse_volatility(covariance: &Covariance) -> Vec<f64> {
    let diagonal = covariance.matrix.diagonal();
    normalised(
        diagonal
            .iter()
            .map(|variance| variance.sqrt().recip())
            .collect(),
    )
}

/// Divides by the sum.
fn normalised(mut weights: Vec<f64>) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= total);
    weights
}
