//! Order among the symbols: ranks, percentiles, membership in deciles, best first.
//!
//! Strategies that pick winners call [`best_first`]; rank correlation calls [`mid_ranks`].

use crate::parameter::integer;
use crate::registry::{Build, Definition};

use super::Momentary;
use super::scores::BASE;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "cs_rank",
        outputs: &["cs_rank"],
        description: "Rank among the symbols of the moment, 1 for the lowest value.",
        convention: "Equal values share the mean of their ranks (mid-ranks); symbols without a value \
                     take no part.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::over_all(
                |values: &[f64], _: &[u32], out: &mut [f64]| {
                    mid_ranks(values, &mut Vec::new(), out);
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_percentile",
        outputs: &["cs_percentile"],
        description: "Percentile among the symbols of the moment, between 0 and 100.",
        convention: "100 (mid-rank - 1/2) / count (Hazen), so that the median symbol is at 50.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::over_all(
                |values: &[f64], _: &[u32], out: &mut [f64]| {
                    percentiles(values, out);
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_percentile_neutral",
        outputs: &["cs_percentile_neutral"],
        description: "Percentile among the symbols of the same sector, between 0 and 100.",
        convention: "As cs_percentile within the sector; missing where a sector has one symbol.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::within_sectors(
                |values: &[f64], groups: &[u32], out: &mut [f64]| {
                    super::scores::within_groups(values, groups, out, percentiles);
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_bucket",
        outputs: &["cs_bucket"],
        parameters: &[integer("buckets", "number of buckets", (2, 1000), 10)],
        description: "Membership in deciles (or any number of buckets) of the symbols of the moment, \
                      1 for the lowest values.",
        convention: "Rounded-up share (mid-rank - 1/2) / count of the buckets: equal values are in the \
                     same bucket, and buckets may be empty.",
        build: Build::CrossSection(|a| {
            let buckets = a.length("buckets")? as f64;
            Ok(Box::new(Momentary::over_all(
                move |values: &[f64], _: &[u32], out: &mut [f64]| {
                    percentiles(values, out);
                    for value in out.iter_mut() {
                        *value = (*value / 100.0 * buckets).ceil();
                    }
                },
            )))
        }),
        ..BASE
    },
];

/// Positions of the observed values, largest first; of equal ones the first position first.
///
/// ```
/// use trader_features::cross_section::ranks::best_first;
///
/// assert_eq!(best_first(&[0.1, f64::NAN, 0.3, 0.1]), [2, 0, 3]);
/// ```
pub fn best_first(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len())
        .filter(|at| !values[*at].is_nan())
        .collect();
    // Zeros of both signs are equal values.
    order.sort_by(|a, b| (values[*b] + 0.0).total_cmp(&(values[*a] + 0.0)));
    order
}

/// Writes the rank of each observed value from 1, lowest first, equal ones sharing the mean of their
/// ranks; NaN for a NaN. Gives the number of observed values. `order` is working memory.
///
/// `ranks` must be as long as `values`; what one has more than the other is left alone.
pub fn mid_ranks(values: &[f64], order: &mut Vec<usize>, ranks: &mut [f64]) -> usize {
    ranks.fill(f64::NAN);
    let count = values.len().min(ranks.len());
    order.clear();
    order.extend((0..count).filter(|at| !values[*at].is_nan()));
    // Zeros of both signs are equal values.
    order.sort_unstable_by(|a, b| (values[*a] + 0.0).total_cmp(&(values[*b] + 0.0)));
    let mut start = 0;
    for ties in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let middle = start as f64 + (ties.len() as f64 + 1.0) / 2.0;
        for at in ties {
            ranks[*at] = middle;
        }
        start += ties.len();
    }
    start
}

/// 100 (mid-rank - 1/2) / count of each observed value.
pub(crate) fn percentiles(values: &[f64], out: &mut [f64]) {
    let count = mid_ranks(values, &mut Vec::new(), out) as f64;
    for value in out.iter_mut() {
        *value = 100.0 * (*value - 0.5) / count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_the_mean_of_their_ranks() {
        let mut ranks = [0.0; 6];
        let values = [3.0, 1.0, f64::NAN, 3.0, -0.0, 0.0];
        assert_eq!(mid_ranks(&values, &mut Vec::new(), &mut ranks), 5);
        assert_eq!(ranks[..2], [4.5, 3.0]);
        assert!(ranks[2].is_nan());
        assert_eq!(ranks[3..], [4.5, 1.5, 1.5]);
    }

    #[test]
    fn ties_keep_the_order_of_the_positions() {
        assert_eq!(
            best_first(&[1.0, 2.0, 2.0, f64::NAN, -0.0, 0.0]),
            [1, 2, 0, 4, 5]
        );
        assert!(best_first(&[f64::NAN]).is_empty());
    }
}
