//! The standard normal distribution to full double precision.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use super::undefined::{Metric, Undefined, finite};

/// Density of the standard normal distribution.
pub fn normal_pdf(x: f64) -> f64 {
    (-0.5 * x * x).exp() / (2.0 * PI).sqrt()
}

/// Distribution function of the standard normal distribution, through `erfc` so that the lower tail
/// keeps its relative precision.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// Quantile of the standard normal distribution: Acklam's rational approximation (relative error
/// 1.2e-9) refined by two Halley steps on [`normal_cdf`].
///
/// # Errors
/// [`Undefined::OutOfRange`] unless `0 < probability < 1`.
pub fn normal_quantile(probability: f64) -> Metric {
    if !(probability > 0.0 && probability < 1.0) {
        return Err(Undefined::OutOfRange {
            name: "probability",
        });
    }
    // The upper half by symmetry: 1 - p is exact for p >= 0.5, and the lower tail is precise.
    if probability > 0.5 {
        return Ok(-lower_quantile(1.0 - probability));
    }
    finite(lower_quantile(probability))
}

fn lower_quantile(p: f64) -> f64 {
    let mut x = acklam(p);
    for _ in 0..2 {
        let error = normal_cdf(x) - p;
        let step = error / normal_pdf(x);
        if !step.is_finite() {
            break;
        }
        x -= step / (1.0 + 0.5 * x * step);
    }
    x
}

/// P. J. Acklam, "An algorithm for computing the inverse normal cumulative distribution function"
/// (2003), for `0 < p <= 0.5`.
fn acklam(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial =
        |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p < 0.024_25 {
        let q = (-2.0 * p.ln()).sqrt();
        polynomial(&C, q) / polynomial(&D, q)
    } else {
        let q = p - 0.5;
        let r = q * q;
        polynomial(&A, r) * q / polynomial(&B, r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for p in [
            1e-300, 1e-12, 0.001, 0.025, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999,
        ] {
            let x = normal_quantile(p).unwrap();
            assert!((normal_cdf(x) / p - 1.0).abs() < 1e-12, "{p}: {x}");
        }
    }

    #[test]
    fn known_values() {
        // Abramowitz and Stegun, table 26.1; scipy.stats.norm.ppf.
        assert!((normal_quantile(0.95).unwrap() - 1.644_853_626_951_472_2).abs() < 1e-15);
        assert!((normal_quantile(0.01).unwrap() + 2.326_347_874_040_840_8).abs() < 1e-15);
        assert!((normal_cdf(1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
        assert!(normal_quantile(0.0).is_err() && normal_quantile(f64::NAN).is_err());
    }
}
