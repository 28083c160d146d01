//! Minimum of a smooth function of a few variables, for maximum-likelihood fits.
//!
//! Nelder and Mead's simplex search (1965) finds the valley from a rough start, a quasi-Newton
//! method (BFGS, central differences, backtracking) its lowest point. Deterministic; a cost that
//! is not a number counts as infinitely bad.

/// Where the search ended.
#[derive(Debug, Clone)]
pub(crate) struct Minimum {
    pub(crate) point: Vec<f64>,
    pub(crate) value: f64,
    /// Whether the last steps gained nothing any more.
    pub(crate) settled: bool,
}

/// Most steps of either method.
pub(crate) const MOST_STEPS: usize = 400;

/// Gain, relative to the cost, below which a step counts as none.
const NO_GAIN: f64 = 1e-11;

/// Searches from `start`, whose coordinates should be of order one.
pub(crate) fn minimise(start: &[f64], cost: &impl Fn(&[f64]) -> f64) -> Minimum {
    let safe = |point: &[f64]| {
        let value = cost(point);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let rough = nelder_mead(start, &safe);
    descend(rough, &safe)
}

fn nelder_mead(start: &[f64], cost: &impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let size = start.len();
    let vertex = |point: Vec<f64>| {
        let value = cost(&point);
        (point, value)
    };
    let mut simplex = vec![vertex(start.to_vec())];
    for axis in 0..size {
        let mut point = start.to_vec();
        if let Some(x) = point.get_mut(axis) {
            *x += 0.2;
        }
        simplex.push(vertex(point));
    }
    for _ in 0..MOST_STEPS {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, second, worst) = (
            simplex[0].clone(),
            simplex[size.saturating_sub(1)].1,
            simplex[size].clone(),
        );
        if (worst.1 - best.1).abs() <= 1e-7 * best.1.abs() {
            break;
        }
        let centre: Vec<f64> = (0..size)
            .map(|i| simplex[..size].iter().map(|v| v.0[i]).sum::<f64>() / size as f64)
            .collect();
        let along = |t: f64| -> Vec<f64> {
            let pairs = centre.iter().zip(&worst.0);
            pairs.map(|(c, w)| c + t * (w - c)).collect()
        };
        let reflected = vertex(along(-1.0));
        if reflected.1 < best.1 {
            let expanded = vertex(along(-2.0));
            simplex[size] = if expanded.1 < reflected.1 {
                expanded
            } else {
                reflected
            };
        } else if reflected.1 < second {
            simplex[size] = reflected;
        } else {
            let inner = vertex(along(if reflected.1 < worst.1 { -0.5 } else { 0.5 }));
            if inner.1 < reflected.1.min(worst.1) {
                simplex[size] = inner;
            } else {
                for item in &mut simplex[1..] {
                    let pairs = item.0.iter().zip(&best.0);
                    *item = vertex(pairs.map(|(a, b)| 0.5 * (a + b)).collect());
                }
            }
        }
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex.swap_remove(0).0
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn identity(size: usize) -> Vec<Vec<f64>> {
    (0..size)
        .map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect())
        .collect()
}

fn gradient(point: &[f64], cost: &impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut moved = point.to_vec();
    (0..point.len())
        .map(|axis| {
            // The cube root of the rounding unit balances truncation and cancellation.
            let step = 6e-6 * point[axis].abs().max(0.1);
            moved[axis] = point[axis] + step;
            let above = cost(&moved);
            moved[axis] = point[axis] - step;
            let below = cost(&moved);
            moved[axis] = point[axis];
            (above - below) / (2.0 * step)
        })
        .collect()
}

/// A step along `direction` that gains enough (Armijo), by halving.
fn line_search(
    from: (&[f64], f64),
    direction: &[f64],
    slope: f64,
    cost: &impl Fn(&[f64]) -> f64,
) -> Option<(Vec<f64>, f64)> {
    let mut length = 1.0;
    for _ in 0..40 {
        let pairs = from.0.iter().zip(direction);
        let point: Vec<f64> = pairs.map(|(x, d)| x + length * d).collect();
        let value = cost(&point);
        if value <= from.1 + 1e-4 * length * slope {
            return Some((point, value));
        }
        length *= 0.5;
    }
    None
}

fn descend(start: Vec<f64>, cost: &impl Fn(&[f64]) -> f64) -> Minimum {
    let size = start.len();
    let (mut value, mut point) = (cost(&start), start);
    let mut slopes = gradient(&point, cost);
    let (mut inverse, mut plain) = (identity(size), true);
    let mut idle = 0;
    for _ in 0..MOST_STEPS {
        let mut direction: Vec<f64> = inverse.iter().map(|row| -dot(row, &slopes)).collect();
        let mut slope = dot(&direction, &slopes);
        if slope >= 0.0 || !slope.is_finite() {
            (inverse, plain) = (identity(size), true);
            direction = slopes.iter().map(|g| -g).collect();
            slope = dot(&direction, &slopes);
        }
        if plain {
            // Without curvature known, the first step stays short.
            let scale = 0.1 / dot(&direction, &direction).sqrt().max(0.1);
            direction.iter_mut().for_each(|d| *d *= scale);
            slope *= scale;
        }
        let Some((next, lower)) = line_search((&point, value), &direction, slope, cost) else {
            if plain {
                idle = 2;
                break;
            }
            (inverse, plain) = (identity(size), true);
            continue;
        };
        let next_slopes = gradient(&next, cost);
        let step: Vec<f64> = next.iter().zip(&point).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = next_slopes
            .iter()
            .zip(&slopes)
            .map(|(a, b)| a - b)
            .collect();
        idle = if value - lower <= NO_GAIN * (1.0 + value.abs()) {
            idle + 1
        } else {
            0
        };
        (point, value, slopes) = (next, lower, next_slopes);
        if idle >= 2 {
            break;
        }
        plain = !curve(&mut inverse, &step, &change);
        if plain {
            inverse = identity(size);
        }
    }
    Minimum {
        settled: idle >= 2 && value.is_finite(),
        point,
        value,
    }
}

/// The BFGS update of the inverse Hessian; false when the step shows no positive curvature.
fn curve(inverse: &mut [Vec<f64>], step: &[f64], change: &[f64]) -> bool {
    let curvature = dot(step, change);
    let sizes = (dot(step, step) * dot(change, change)).sqrt();
    // Also false for NaN.
    let positive = curvature > 1e-10 * sizes;
    if !positive {
        return false;
    }
    let moved: Vec<f64> = inverse.iter().map(|row| dot(row, change)).collect();
    let weight = (1.0 + dot(change, &moved) / curvature) / curvature;
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell +=
                weight * step[i] * step[j] - (moved[i] * step[j] + step[i] * moved[j]) / curvature;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_curved_valley_is_found() {
        let valley = |p: &[f64]| (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2);
        let found = minimise(&[-1.2, 1.0], &valley);
        assert!(found.settled && found.value < 1e-10, "{found:?}");
        assert!((found.point[0] - 1.0).abs() < 1e-4, "{found:?}");
    }

    #[test]
    fn a_cost_that_is_no_number_is_survived() {
        let found = minimise(&[1.0, 1.0], &|_: &[f64]| f64::NAN);
        assert!(!found.settled);
    }
}
