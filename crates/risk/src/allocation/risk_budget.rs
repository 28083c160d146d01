//! Risk budgeting (Bruder and Roncalli 2012): each member carries a given share of the portfolio's
//! variance; with equal shares, risk parity (Maillard, Roncalli and Teiletche 2010).

use super::{AllocationError, Covariance, normalised};

/// Most passes over the members.
const PASSES: usize = 10_000;

/// Long-only weights at which every member contributes the same variance.
///
/// # Errors
/// As [`risk_budgeting`].
pub fn equal_risk(covariance: &Covariance) -> Result<Vec<f64>, AllocationError> {
    risk_budgeting(covariance, &vec![1.0; covariance.members()])
}

/// Long-only weights at which the members' contributions to the variance are in the proportions of
/// `budgets`.
///
/// The weights minimise `w'Sw/2 - sum(b ln w)` up to their scale; each pass minimises it in one weight
/// after the other (Griveau-Billion, Richard and Roncalli 2013).
///
/// # Errors
/// [`AllocationError::Budget`], [`AllocationError::Singular`] where no positive weights exist,
/// [`AllocationError::NotSettled`].
pub fn risk_budgeting(
    covariance: &Covariance,
    budgets: &[f64],
) -> Result<Vec<f64>, AllocationError> {
    let members = covariance.members();
    let budget = |member: usize| budgets.get(member).copied().unwrap_or(f64::NAN);
    for member in 0..members.max(budgets.len()) {
        let value = budget(member);
        if member >= members || !(value > 0.0 && value.is_finite()) {
            return Err(AllocationError::Budget {
                member,
                value,
                members,
            });
        }
    }
    let total: f64 = budgets.iter().sum();
    let shares: Vec<f64> = budgets.iter().map(|budget| budget / total).collect();
    let matrix = &covariance.matrix;
    let mut weights: Vec<f64> = (0..members)
        .map(|member| (shares[member] / matrix[(member, member)]).sqrt())
        .collect();
    let mut own = covariance.times(&weights);
    for _ in 0..PASSES {
        for member in 0..members {
            let variance = matrix[(member, member)];
            let others = own[member] - variance * weights[member];
            let root = (others * others + 4.0 * variance * shares[member]).sqrt();
            // The positive root, without cancellation where the others' share is positive.
            let weight = if others > 0.0 {
                2.0 * shares[member] / (others + root)
            } else {
                (root - others) / (2.0 * variance)
            };
            let change = weight - weights[member];
            weights[member] = weight;
            for (own, covariance) in own.iter_mut().zip(matrix.column(member).iter()) {
                *own += change * covariance;
            }
        }
        own = covariance.times(&weights);
        if !weights.iter().all(|weight| weight.is_finite()) {
            return Err(AllocationError::Singular);
        }
        // At the solution each product is the share.
        let parts = weights.iter().zip(&own).zip(&shares);
        if parts
            .into_iter()
            .all(|((w, own), share)| (w * own / share - 1.0).abs() < 1e-12)
        {
            return Ok(normalised(weights));
        }
    }
    Err(AllocationError::NotSettled { passes: PASSES })
}

/// Share of each member in the portfolio's variance; the shares sum to 1. `None` for another number of
/// weights or a portfolio without variance.
pub fn risk_contributions(covariance: &Covariance, weights: &[f64]) -> Option<Vec<f64>> {
    if weights.len() != covariance.members() {
        return None;
    }
    let total = covariance.scaled_variance(weights);
    let own = covariance.times(weights);
    let parts = own.iter().zip(weights).map(|(own, w)| own * w / total);
    (total > 0.0).then(|| parts.collect())
}
