//! Registry entries of a symbol's distance from the others: z-scores, neutral to the sector,
//! winsorized.

use crate::parameter::real;
use crate::registry::{Build, Cost, Definition, Family};
use crate::statistics::moments::quantile;

use super::Momentary;

pub(crate) const BASE: Definition = Definition {
    name: "",
    family: Family::CrossSectional,
    outputs: &[],
    parameters: &[],
    inputs: &["ret_20"],
    cost: Cost::Linearithmic,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "cs_z",
        outputs: &["cs_z"],
        cost: Cost::Linear,
        description: "Distance from the mean of all symbols in their standard deviations.",
        convention: "ddof 1; missing while all values are equal.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::over_all(
                |values: &[f64], _: &[u32], out: &mut [f64]| {
                    z_scores(values, out);
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_neutral",
        outputs: &["cs_neutral"],
        cost: Cost::Linear,
        description: "Distance from the mean of the symbol's sector.",
        convention: "Value less the mean of the sector, itself included; missing where a sector has \
                     one symbol.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::within_sectors(
                |values: &[f64], groups: &[u32], out: &mut [f64]| {
                    within_groups(values, groups, out, |values, out| {
                        let (mean, _) = mean_and_deviation(values);
                        for (out, value) in out.iter_mut().zip(values) {
                            *out = value - mean;
                        }
                    });
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_z_neutral",
        outputs: &["cs_z_neutral"],
        cost: Cost::Linear,
        description: "Distance from the mean of the symbol's sector in the sector's standard deviations.",
        convention: "As cs_z within the sector; missing where a sector has one symbol.",
        build: Build::CrossSection(|_| {
            Ok(Box::new(Momentary::within_sectors(
                |values: &[f64], groups: &[u32], out: &mut [f64]| {
                    within_groups(values, groups, out, z_scores);
                },
            )))
        }),
        ..BASE
    },
    Definition {
        name: "cs_winsor",
        outputs: &["cs_winsor"],
        parameters: &[real("tail", "share of each tail", (0.001, 0.499), 0.05)],
        description: "The value, drawn in to the quantiles of all symbols.",
        convention: "Limits are the quantiles `tail` and 1 - `tail`, linear between order statistics \
                     (numpy's default). Other features read it: `cs_z(cs_winsor_005(ret_20))`.",
        build: Build::CrossSection(|a| {
            let tail = a.real("tail")?;
            Ok(Box::new(Momentary::over_all(
                move |values: &[f64], _: &[u32], out: &mut [f64]| winsorize(values, tail, out),
            )))
        }),
        ..BASE
    },
];

/// Mean and sample deviation (ddof 1) of the observed values; the deviation is zero when they differ
/// by rounding only, NaN for fewer than two.
fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let observed = || values.iter().filter(|x| !x.is_nan());
    let count = observed().count() as f64;
    let mean = observed().sum::<f64>() / count;
    let squares: f64 = observed().map(|x| (x - mean) * (x - mean)).sum();
    let rounding = count * (4.0 * f64::EPSILON * mean).powi(2);
    if count < 2.0 {
        (mean, f64::NAN)
    } else if squares <= rounding {
        (mean, 0.0)
    } else {
        (mean, (squares / (count - 1.0)).sqrt())
    }
}

fn z_scores(values: &[f64], out: &mut [f64]) {
    let (mean, deviation) = mean_and_deviation(values);
    if deviation > 0.0 {
        for (out, value) in out.iter_mut().zip(values) {
            *out = (value - mean) / deviation;
        }
    } else {
        out.fill(f64::NAN);
    }
}

/// `of` for each group by itself, over its observed values; groups with fewer than two stay NaN.
pub(super) fn within_groups(
    values: &[f64],
    groups: &[u32],
    out: &mut [f64],
    of: impl Fn(&[f64], &mut [f64]),
) {
    let mut members: Vec<usize> = (0..values.len().min(groups.len()).min(out.len()))
        .filter(|at| !values[*at].is_nan())
        .collect();
    members.sort_by_key(|at| groups[*at]);
    for group in members.chunk_by(|a, b| groups[*a] == groups[*b]) {
        if group.len() < 2 {
            continue;
        }
        let own: Vec<f64> = group.iter().map(|at| values[*at]).collect();
        let mut result = vec![f64::NAN; own.len()];
        of(&own, &mut result);
        for (at, value) in group.iter().zip(result) {
            out[*at] = value;
        }
    }
}

fn winsorize(values: &[f64], tail: f64, out: &mut [f64]) {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let low = quantile(&sorted, tail);
    let high = quantile(&sorted, 1.0 - tail);
    for (out, value) in out.iter_mut().zip(values) {
        // Written out: `clamp` panics where the limits cross by rounding, min and max drop a NaN.
        *out = if *value < low {
            low
        } else if *value > high {
            high
        } else {
            *value
        };
    }
}
