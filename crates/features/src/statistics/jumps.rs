//! Jumps: whether the last return, or the returns of a window together, hold more than a diffusion
//! explains.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::calculator::Kernel;
use crate::parameter::window;
use crate::registry::{Build, Built, Cost, Definition};
use crate::rolling::{Sum, Window};
use crate::state_fields;
use crate::window::{WindowStatistic, Windowed};

use super::distributions::normal_cdf;
use super::moments::{BASE, log_returns};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "jump_last",
        outputs: &["jump_last", "jump_last_p"],
        parameters: &[window("length", 4, 78)],
        cost: Cost::Constant,
        description: "Whether the last log return is a jump: its size in local volatilities without \
                      jumps, signed, and the p-value.",
        convention: "Return over the root of the mean bipower variation of the n returns before it; \
                     p-value of the largest of n such by its Gumbel limit (Lee and Mykland 2008). Small \
                     p: a jump.",
        build: Build::Series(|a| {
            let kernel = LastJump::new(a.length("length")?);
            Ok(Built::reading(kernel, log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "jump_test",
        outputs: &["jump_test", "jump_test_p"],
        parameters: &[window("length", 8, 78)],
        description: "Whether the window's log returns hold jumps: z statistic and one-sided p-value.",
        convention: "Relative difference of realised and bipower variance over its standard error from \
                     tripower quarticity, at least that of a constant variance (Barndorff-Nielsen and \
                     Shephard 2006; ratio form of Huang and Tauchen 2005). Small p: jumps.",
        build: Build::Series(|a| {
            let statistic = JumpTest {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
];

/// Input: log return.
#[derive(Debug, Clone)]
struct LastJump {
    products: Window<Sum, 1, 1>,
    last: f64,
    /// Of the products up to the return before; NaN until there are enough.
    sum: f64,
    length: usize,
}

state_fields!(LastJump {
    products,
    last,
    sum
});

impl LastJump {
    fn new(length: usize) -> Self {
        Self {
            products: Window::new(length - 1),
            last: f64::NAN,
            sum: f64::NAN,
            length,
        }
    }
}

impl Kernel<1, 2> for LastJump {
    fn warm_up(&self) -> [usize; 2] {
        [self.length; 2]
    }

    #[inline]
    fn step(&mut self, [r]: [f64; 1]) -> [f64; 2] {
        let variance = FRAC_PI_2 * self.sum / (self.length as f64 - 1.0);
        let product = (r * std::mem::replace(&mut self.last, r)).abs();
        if !product.is_nan() {
            self.sum = self.products.push([product]).map_or(f64::NAN, |[sum]| sum);
        }
        let statistic = r / variance.sqrt();
        if statistic.is_finite() {
            [statistic, gumbel_tail(statistic.abs(), self.length as f64)]
        } else {
            [f64::NAN; 2]
        }
    }
}

/// Probability that the largest of `n` absolute standard normal variables exceeds `x`, in the limit of
/// large n.
fn gumbel_tail(x: f64, n: f64) -> f64 {
    let width = (2.0 * n.ln()).sqrt();
    let centre = width - (PI.ln() + n.ln().ln()) / (2.0 * width);
    // 1 - exp(-exp(-y)) without cancellation.
    -(-(-(x - centre) * width).exp()).exp_m1()
}

/// Statistic of the jump test over log returns: standard normal without jumps, large with them; NaN
/// for fewer than 4 returns or without bipower variation.
pub fn jump_statistic(returns: &[f64]) -> f64 {
    let n = returns.len() as f64;
    let size = returns.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
    if returns.len() < 4 || size <= 0.0 {
        return f64::NAN;
    }
    let unit = |r: &f64| (r / size).abs();
    let realised: f64 = returns.iter().map(|r| unit(r) * unit(r)).sum();
    let pairs = returns.windows(2).map(|p| unit(&p[0]) * unit(&p[1]));
    let bipower = FRAC_PI_2 * n / (n - 1.0) * pairs.sum::<f64>();
    let power = |r: &f64| libm::cbrt(unit(r)).powi(4);
    let triples = returns
        .windows(3)
        .map(|t| t.iter().map(power).product::<f64>());
    // E|z|^(4/3) of a standard normal variable.
    let moment = 2.0_f64.powf(2.0 / 3.0) * libm::tgamma(7.0 / 6.0) / libm::tgamma(0.5);
    let quarticity = n * n / (n - 2.0) / moment.powi(3) * triples.sum::<f64>();
    if bipower <= 0.0 {
        return f64::NAN;
    }
    let constant = FRAC_PI_2 * FRAC_PI_2 + PI - 5.0;
    let error = (constant / n * (quarticity / (bipower * bipower)).max(1.0)).sqrt();
    let statistic = (1.0 - bipower / realised) / error;
    if statistic.is_finite() {
        statistic
    } else {
        f64::NAN
    }
}

#[derive(Debug, Clone)]
struct JumpTest {
    length: usize,
}

impl WindowStatistic<1, 2> for JumpTest {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 2] {
        let statistic = jump_statistic(x);
        [statistic, normal_cdf(-statistic)]
    }
}
