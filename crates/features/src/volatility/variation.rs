//! Registry entries of realised variation: realised and bipower variance, jump share, volatility of
//! volatility.

use crate::calculator::Kernel;
use crate::compose::Pointwise;
use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Moments, Rolling, Sum, Window, moments};
use crate::state_fields;

use super::estimators::log_returns;

const BASE: Definition = Definition {
    name: "",
    family: Family::Volatility,
    outputs: &[],
    parameters: &[window("length", 2, 78)],
    inputs: &["close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "realised_var",
        outputs: &["realised_var"],
        description: "Realised variance of the window.",
        convention: "Sum of n squared log returns, not annualised (Andersen and Bollerslev 1998).",
        build: Build::Series(|a| {
            let kernel = Rolling::<Sum, _, _, 1, 1>::new(
                a.length("length")?,
                |[r]: [f64; 1]| [r * r],
                |sum| sum,
            );
            Ok(Built::reading(kernel, vec![log_returns(a)]))
        }),
        ..BASE
    },
    Definition {
        name: "bipower_var",
        outputs: &["bipower_var"],
        description: "Bipower variation of the window: variance without jumps.",
        convention: "pi/2 times the sum of |r_i||r_(i-1)| over the n-1 pairs of n log returns, \
                     times n/(n-1) (Barndorff-Nielsen and Shephard 2004).",
        build: Build::Series(|a| {
            Ok(Built::reading(
                Bipower::new(a.length("length")?),
                vec![log_returns(a)],
            ))
        }),
        ..BASE
    },
    Definition {
        name: "jump_share",
        outputs: &["jump_share"],
        description: "Share of the realised variance that jumps contribute, 0..1.",
        convention: "max(0, 1 - bipower/realised) (Huang and Tauchen 2005); missing on a constant \
                     window.",
        build: Build::Series(|a| {
            let (length, of) = (a.length("length")?, a.sources().join(","));
            let sources = vec![
                format!("bipower_var_{length}({of})"),
                format!("realised_var_{length}({of})"),
            ];
            let share = |[smooth, all]: [f64; 2]| {
                [if all > 0.0 {
                    (1.0 - smooth / all).max(0.0)
                } else {
                    f64::NAN
                }]
            };
            Ok(Built::reading(Pointwise(share), sources))
        }),
        ..BASE
    },
    Definition {
        name: "vol_of_vol",
        outputs: &["vol_of_vol"],
        parameters: &[
            window("length", 2, 20),
            window("vol", 2, 20),
            integer(
                "periods",
                "rows per year, for annualisation",
                (1, 1_000_000),
                252,
            ),
        ],
        description: "Standard deviation of the close-to-close volatility.",
        convention: "Sample standard deviation (ddof 1) over `length` rows of rv_close over `vol` \
                     rows; in units of yearly volatility.",
        build: Build::Series(|a| {
            let (vol, periods) = (a.length("vol")?, a.length("periods")?);
            let source = format!("rv_close_{vol}_{periods}({})", a.sources().join(","));
            let kernel = Rolling::<Moments, _, _, 1, 4>::new(
                a.length("length")?,
                |row: [f64; 1]| row,
                |acc| [(moments(acc, 1.0 / acc[0]).1 / (acc[0] - 1.0)).sqrt()],
            );
            Ok(Built::reading(kernel, vec![source]))
        }),
        ..BASE
    },
];

/// Input: log return.
#[derive(Debug, Clone)]
struct Bipower {
    products: Window<Sum, 1, 1>,
    last: f64,
    scale: f64,
}

state_fields!(Bipower { products, last });

impl Bipower {
    fn new(length: usize) -> Self {
        let n = length as f64;
        Self {
            products: Window::new(length - 1),
            last: f64::NAN,
            scale: std::f64::consts::FRAC_PI_2 * n / (n - 1.0),
        }
    }
}

impl Kernel<1, 1> for Bipower {
    fn warm_up(&self) -> [usize; 1] {
        [self.products.length()]
    }

    #[inline]
    fn step(&mut self, [r]: [f64; 1]) -> [f64; 1] {
        let product = (r * std::mem::replace(&mut self.last, r)).abs();
        if product.is_nan() {
            return [f64::NAN];
        }
        [self
            .products
            .push([product])
            .map_or(f64::NAN, |[sum]| self.scale * sum)]
    }
}
