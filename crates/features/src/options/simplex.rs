//! Minimising a function of a few numbers without derivatives: the simplex of Nelder and Mead (1965)
//! with the coefficients of Gao and Han (2012), which depend on the dimension.

/// Rounds: enough for five parameters from a fair start.
const ROUNDS: usize = 1_500;
/// The values at the corners agree to this share: done.
const SETTLED: f64 = 1e-14;

/// The best point found from `start`. `cost` must be finite.
pub(super) fn minimise<const N: usize>(
    start: [f64; N],
    cost: impl Fn(&[f64; N]) -> f64,
) -> [f64; N] {
    let n = N as f64;
    let (expand, contract, shrink) = (1.0 + 2.0 / n, 0.75 - 0.5 / n, 1.0 - 1.0 / n);
    let mut corners: Vec<([f64; N], f64)> = Vec::with_capacity(N + 1);
    corners.push((start, cost(&start)));
    for axis in 0..N {
        let mut corner = start;
        corner[axis] += if corner[axis].abs() > 1e-3 {
            0.1 * corner[axis].abs()
        } else {
            0.05
        };
        corners.push((corner, cost(&corner)));
    }
    for _ in 0..ROUNDS {
        corners.sort_by(|a, b| a.1.total_cmp(&b.1));
        let (best, second_worst, worst) = (corners[0], corners[N - 1], corners[N]);
        if (worst.1 - best.1).abs() <= SETTLED * (worst.1.abs() + best.1.abs()) + 1e-300 {
            break;
        }
        let mut centre = [0.0; N];
        for (corner, _) in corners.iter().take(N) {
            for (sum, x) in centre.iter_mut().zip(corner) {
                *sum += x / n;
            }
        }
        // `way` times the step from the worst corner through the centre of the others.
        let go = |way: f64| -> ([f64; N], f64) {
            let point = std::array::from_fn(|i| centre[i] + way * (centre[i] - worst.0[i]));
            (point, cost(&point))
        };
        let reflected = go(1.0);
        let replacement = if reflected.1 < best.1 {
            let expanded = go(expand);
            Some(if expanded.1 < reflected.1 {
                expanded
            } else {
                reflected
            })
        } else if reflected.1 < second_worst.1 {
            Some(reflected)
        } else {
            let inside = go(if reflected.1 < worst.1 {
                contract
            } else {
                -contract
            });
            (inside.1 < worst.1.min(reflected.1)).then_some(inside)
        };
        match replacement {
            Some(corner) => corners[N] = corner,
            None => {
                for corner in corners.iter_mut().skip(1) {
                    let point =
                        std::array::from_fn(|i| best.0[i] + shrink * (corner.0[i] - best.0[i]));
                    *corner = (point, cost(&point));
                }
            }
        }
    }
    corners
        .into_iter()
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(start, |(point, _)| point)
}

#[cfg(test)]
mod tests {
    use super::minimise;

    #[test]
    fn the_bottom_of_a_banana_is_found() {
        let banana = |[x, y]: &[f64; 2]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2);
        let mut at = [-1.2, 1.0];
        for _ in 0..3 {
            at = minimise(at, banana);
        }
        assert!(
            (at[0] - 1.0).abs() < 1e-6 && (at[1] - 1.0).abs() < 1e-6,
            "{at:?}"
        );
    }
}
