//! The portfolio of least variance (Markowitz 1952), with and without short positions.

use nalgebra::{Cholesky, DMatrix, DVector};

use super::{AllocationError, Covariance, normalised};

/// Weights of least variance; negative ones are short positions.
///
/// # Errors
/// [`AllocationError::Singular`].
pub fn minimum_variance(covariance: &Covariance) -> Result<Vec<f64>, AllocationError> {
    let members: Vec<usize> = (0..covariance.members()).collect();
    let solution = solve(covariance, &members)?;
    Ok(normalised(solution))
}

/// Weights of least variance, none below zero.
///
/// The same portfolio minimises `w'Sw/2 - sum(w)` over `w >= 0` up to its scale; that problem is solved
/// exactly by the active-set method of Lawson and Hanson (1974): members enter one by one where they
/// lower the variance most, and leave when their weight would turn negative.
///
/// # Errors
/// [`AllocationError::Singular`], [`AllocationError::NotSettled`].
pub fn minimum_variance_long_only(covariance: &Covariance) -> Result<Vec<f64>, AllocationError> {
    const TOLERANCE: f64 = 1e-11;
    // Singular as a whole means that weights are not unique, although some set of them may do.
    minimum_variance(covariance)?;
    let members = covariance.members();
    let mut weights = vec![0.0; members];
    let mut held: Vec<usize> = Vec::new();
    let limit = 10 * members + 10;
    for _ in 0..limit {
        let pull = covariance.times(&weights);
        let outside = (0..members).filter(|member| !held.contains(member));
        let next = outside.min_by(|a, b| pull[*a].total_cmp(&pull[*b]));
        // A member whose covariance with the portfolio is below the others' still lowers the variance.
        let Some(next) = next.filter(|member| pull[*member] < 1.0 - TOLERANCE) else {
            return Ok(normalised(weights));
        };
        held.push(next);
        settle(covariance, &mut weights, &mut held)?;
    }
    Err(AllocationError::NotSettled { passes: limit })
}

/// Moves to the best weights of the members held, giving up those that would be sold short.
fn settle(
    covariance: &Covariance,
    weights: &mut [f64],
    held: &mut Vec<usize>,
) -> Result<(), AllocationError> {
    while !held.is_empty() {
        let wanted = solve(covariance, held)?;
        if wanted.iter().all(|weight| *weight > 0.0) {
            for (member, weight) in held.iter().zip(wanted) {
                weights[*member] = weight;
            }
            return Ok(());
        }
        // As far towards the wanted weights as none turns negative.
        let reach = held
            .iter()
            .zip(&wanted)
            .filter(|(_, wanted)| **wanted <= 0.0)
            .map(|(member, wanted)| weights[*member] / (weights[*member] - wanted))
            .fold(1.0, f64::min);
        let mut kept = Vec::with_capacity(held.len());
        for (member, wanted) in held.iter().zip(&wanted) {
            let weight = weights[*member] + reach * (wanted - weights[*member]);
            let gone = *wanted <= 0.0 && weight <= 1e-14;
            weights[*member] = if gone { 0.0 } else { weight };
            if !gone {
                kept.push(*member);
            }
        }
        if kept.len() == held.len() {
            return Err(AllocationError::Singular);
        }
        *held = kept;
    }
    Ok(())
}

/// `x` with `S x = 1` over the given members.
fn solve(covariance: &Covariance, members: &[usize]) -> Result<Vec<f64>, AllocationError> {
    let size = members.len();
    let part = DMatrix::from_fn(size, size, |i, j| {
        covariance.matrix[(members[i], members[j])]
    });
    let factor = Cholesky::new(part).ok_or(AllocationError::Singular)?;
    // Pivots that are all rounding would give weights that are noise.
    let pivots = factor.l_dirty().diagonal();
    let least = pivots.iter().copied().fold(f64::INFINITY, f64::min);
    if least * least < 1e-13 * pivots.iter().copied().fold(0.0, f64::max).powi(2) {
        return Err(AllocationError::Singular);
    }
    let solution = factor.solve(&DVector::from_element(size, 1.0));
    if solution.iter().all(|x| x.is_finite()) {
        Ok(solution.iter().copied().collect())
    } else {
        Err(AllocationError::Singular)
    }
}
