//! Tail probabilities of the usual test statistics. NaN in, NaN out; never a panic.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

pub(crate) use crate::options::black_scholes::normal_cdf;

/// Probability that a standard normal variable lies further from 0 than `z`.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// Probability that a chi-square variable with `degrees` degrees of freedom exceeds `x`.
pub fn chi_square_tail(x: f64, degrees: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    checked_gamma_ur(0.5 * degrees, 0.5 * x).unwrap_or(f64::NAN)
}

/// Probability that Student's t with `degrees` degrees of freedom lies further from 0 than `t`.
pub fn student_two_sided(t: f64, degrees: f64) -> f64 {
    beta_share(0.5 * degrees, 0.5, degrees / (degrees + t * t))
}

/// Probability that an F variable with these degrees of freedom exceeds `f`.
pub fn f_tail(f: f64, above: f64, below: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    beta_share(0.5 * below, 0.5 * above, below / (below + above * f))
}

/// Asymptotic probability that the largest distance of two empirical distribution functions exceeds
/// `x` over the root of the effective sample size (Kolmogorov).
pub fn kolmogorov_tail(x: f64) -> f64 {
    if x.is_nan() {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if x < 1.0 {
        // The other series of the same function: fast where the first one is slow.
        let unit = -(std::f64::consts::PI / x).powi(2) / 8.0;
        let terms = [1.0, 9.0, 25.0, 49.0].map(|k: f64| (k * unit).exp());
        let sum: f64 = terms.iter().sum();
        return 1.0 - (2.0 * std::f64::consts::PI).sqrt() / x * sum;
    }
    let term = |k: f64| (-2.0 * k * k * x * x).exp();
    2.0 * (term(1.0) - term(2.0) + term(3.0) - term(4.0) + term(5.0))
}

fn beta_share(a: f64, b: f64, x: f64) -> f64 {
    if x.is_nan() || a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    checked_beta_reg(a, b, x.clamp(0.0, 1.0)).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17.1 (`stats.chi2.sf`, `t.sf`, `f.sf`, `kstwobign.sf`).
    #[test]
    fn tails_are_those_of_scipy() {
        let cases = [
            (chi_square_tail(3.84, 1.0), 0.050_043_521_248_705_19),
            (
                chi_square_tail(407.226_409_197_498, 5.0),
                8.216_312_897_665_133e-86,
            ),
            (student_two_sided(2.0, 10.0), 0.073_388_034_770_740_37),
            (
                student_two_sided(-12.5, 1500.0),
                3.529_945_335_528_221_6e-34,
            ),
            (f_tail(2.5, 3.0, 40.0), 0.073_254_352_017_949_83),
            (kolmogorov_tail(0.6), 0.864_282_779_050_604_2),
            (kolmogorov_tail(1.7), 0.006_177_430_634_444_128_6),
            (normal_two_sided(1.96), 0.049_995_790_296_440_87),
        ];
        for (found, expected) in cases {
            assert!(
                (found / expected - 1.0).abs() < 1e-10,
                "{found} for {expected}"
            );
        }
    }

    #[test]
    fn nothing_panics_outside_the_range() {
        for x in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
            for degrees in [f64::NAN, -1.0, 0.0, 5.0] {
                chi_square_tail(x, degrees);
                student_two_sided(x, degrees);
                f_tail(x, degrees, degrees);
                kolmogorov_tail(x);
            }
        }
    }
}
