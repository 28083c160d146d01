//! Reductions over a slice in eight independent lanes.
//!
//! One running sum waits for its last addition at every step; eight of them keep the processor's
//! vector units busy, and each carries an eighth of the rounding error. The order of additions is
//! fixed, so results do not depend on the machine.

const LANES: usize = 8;

/// Sum of `term` over all values.
#[inline]
pub(super) fn sum_of(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    reduce(values, 0.0, |sum, value| sum + term(value), |a, b| a + b)
}

/// Lowest value; infinity when empty.
#[inline]
pub(super) fn lowest(values: &[f64]) -> f64 {
    let lower = |a: f64, b: f64| if b < a { b } else { a };
    reduce(values, f64::INFINITY, lower, lower)
}

/// Highest value; minus infinity when empty.
#[inline]
pub(super) fn highest(values: &[f64]) -> f64 {
    let higher = |a: f64, b: f64| if b > a { b } else { a };
    reduce(values, f64::NEG_INFINITY, higher, higher)
}

/// Whether every value is a finite number: anything else times zero is not zero.
#[inline]
pub(super) fn all_finite(values: &[f64]) -> bool {
    sum_of(values, |value| value * 0.0) == 0.0
}

#[inline]
fn reduce(
    values: &[f64],
    start: f64,
    step: impl Fn(f64, f64) -> f64,
    join: impl Fn(f64, f64) -> f64,
) -> f64 {
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [start; LANES];
    for block in blocks {
        for (lane, value) in lanes.iter_mut().zip(block) {
            *lane = step(*lane, *value);
        }
    }
    let tail = rest.iter().fold(start, |lane, value| step(lane, *value));
    join(lanes.into_iter().fold(start, &join), tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_covered() {
        for n in 0..40_u32 {
            let values: Vec<f64> = (1..=n).map(f64::from).collect();
            assert_eq!(sum_of(&values, |v| v), f64::from(n * (n + 1) / 2));
            assert_eq!(
                highest(&values),
                if n == 0 {
                    f64::NEG_INFINITY
                } else {
                    f64::from(n)
                }
            );
            assert_eq!(lowest(&values), if n == 0 { f64::INFINITY } else { 1.0 });
            assert!(all_finite(&values));
        }
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in 0..20 {
                let mut values = vec![1.0; 20];
                values[place] = odd;
                assert!(!all_finite(&values));
            }
        }
    }
}
