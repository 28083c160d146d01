//! Registry entries of volatility estimators.

use super::Garch;
use super::yang_zhang::YangZhang;
use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::{Arguments, Parameter, integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Moments, Rolling, Sum, moments};
use crate::state_fields;

const PERIODS: Parameter = integer(
    "periods",
    "rows per year, for annualisation",
    (1, 1_000_000),
    252,
);

const BASE: Definition = Definition {
    name: "",
    family: Family::Volatility,
    outputs: &[],
    parameters: &[window("length", 2, 20), PERIODS],
    inputs: &["open", "high", "low", "close"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "rv_close",
        outputs: &["rv_close"],
        inputs: &["close"],
        description: "Close-to-close volatility, per year.",
        convention: "Sample standard deviation (ddof 1) of n log returns.",
        build: Build::Series(|a| {
            let per_year = per_year(a)?;
            let kernel = Rolling::<Moments, _, _, 1, 4>::new(
                a.length("length")?,
                |row: [f64; 1]| row,
                move |acc| [(moments(acc, 1.0 / acc[0]).1 / (acc[0] - 1.0) * per_year).sqrt()],
            );
            Ok(Built::reading(kernel, vec![log_returns(a)]))
        }),
        ..BASE
    },
    Definition {
        name: "parkinson",
        outputs: &["parkinson"],
        inputs: &["high", "low"],
        description: "Parkinson's range volatility, per year.",
        convention: "mean(ln(H/L)^2)/(4 ln 2) (Parkinson 1980); no drift, no gaps.",
        build: Build::Series(|a| {
            let scale = 1.0 / (4.0 * std::f64::consts::LN_2);
            mean_of(a, move |[high, low]: [f64; 2]| {
                scale * square(log_ratio(high, low))
            })
        }),
        ..BASE
    },
    Definition {
        name: "garman_klass",
        outputs: &["garman_klass"],
        description: "Garman and Klass volatility, per year.",
        convention: "mean(0.5 ln(H/L)^2 - (2 ln 2 - 1) ln(C/O)^2) (Garman and Klass 1980); missing \
                     where the mean is negative.",
        build: Build::Series(|a| mean_of(a, garman_klass)),
        ..BASE
    },
    Definition {
        name: "rogers_satchell",
        outputs: &["rogers_satchell"],
        description: "Rogers and Satchell volatility, per year.",
        convention: "mean(ln(H/C) ln(H/O) + ln(L/C) ln(L/O)) (Rogers and Satchell 1991); allows a \
                     drift.",
        build: Build::Series(|a| mean_of(a, rogers_satchell)),
        ..BASE
    },
    Definition {
        name: "yang_zhang",
        outputs: &["yang_zhang"],
        description: "Yang and Zhang volatility, per year.",
        convention: "Overnight variance + k open-to-close variance + (1-k) Rogers-Satchell, \
                     k = 0.34/(1.34 + (n+1)/(n-1)), variances with ddof 1 (Yang and Zhang 2000).",
        build: Build::Series(|a| {
            Ok(Built::over_sources(
                a,
                YangZhang::new(a.length("length")?, per_year(a)?),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "ewma_vol",
        outputs: &["ewma_vol"],
        parameters: &[
            real("lambda", "weight of the past", (0.0, 0.999_999), 0.94),
            PERIODS,
        ],
        inputs: &["close"],
        description: "Exponentially weighted volatility, per year.",
        convention: "s2 = lambda s2 + (1 - lambda) r^2, zero mean, seeded with the first squared \
                     log return (RiskMetrics 1996).",
        build: Build::Series(|a| {
            let kernel = EwmaVolatility {
                lambda: a.real("lambda")?,
                per_year: per_year(a)?,
                variance: f64::NAN,
            };
            Ok(Built::reading(kernel, vec![log_returns(a)]))
        }),
        ..BASE
    },
    Definition {
        name: "garch_vol",
        outputs: &["garch_vol"],
        parameters: &[
            real(
                "alpha",
                "weight of the last squared return",
                (0.0, 1.0),
                0.08,
            ),
            real("beta", "weight of the last variance", (0.0, 1.0), 0.91),
            window("length", 2, 252),
            PERIODS,
        ],
        inputs: &["close"],
        description: "GARCH(1,1) forecast for the next row, per year.",
        convention: "h' = (1-alpha-beta) v + alpha r^2 + beta h; v is the mean squared log return \
                     of the window (variance targeting), h starts at v (Bollerslev 1986, Engle and \
                     Mezrich 1996). Fit alpha and beta with `statistics::garch`.",
        build: Build::Series(garch),
        ..BASE
    },
];

/// Rows per year.
pub(super) fn per_year(a: &Arguments) -> Result<f64, FeatureError> {
    Ok(a.length("periods")? as f64)
}

/// The name of the log returns of the (last) source.
pub(super) fn log_returns(a: &Arguments) -> String {
    format!("logret_1({})", a.sources().join(","))
}

#[inline]
pub(super) fn log_ratio(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 {
        (a / b).ln()
    } else {
        f64::NAN
    }
}

#[inline]
fn square(x: f64) -> f64 {
    x * x
}

fn garman_klass([open, high, low, close]: [f64; 4]) -> f64 {
    let weight = 2.0 * std::f64::consts::LN_2 - 1.0;
    0.5 * square(log_ratio(high, low)) - weight * square(log_ratio(close, open))
}

fn rogers_satchell([open, high, low, close]: [f64; 4]) -> f64 {
    rogers_satchell_of([high, low, close].map(|price| log_ratio(price, open)))
}

/// The term from the log ratios of high, low and close to the open: three logarithms, not four.
#[inline]
pub(super) fn rogers_satchell_of([high, low, close]: [f64; 3]) -> f64 {
    (high - close) * high + (low - close) * low
}

/// The annualised root of the rolling mean of a variance term per bar.
fn mean_of<const I: usize>(
    a: &Arguments,
    term: impl Fn([f64; I]) -> f64 + Clone + Send + Sync + 'static,
) -> Result<Built, FeatureError> {
    let length = a.length("length")?;
    let scale = per_year(a)? / length as f64;
    let kernel = Rolling::<Sum, _, _, 1, 1>::new(
        length,
        move |bar: [f64; I]| [term(bar)],
        move |[sum]: [f64; 1]| [(sum * scale).sqrt()],
    );
    Ok(Built::over_sources(a, kernel))
}

/// Input: log return.
#[derive(Debug, Clone)]
struct EwmaVolatility {
    lambda: f64,
    per_year: f64,
    variance: f64,
}

state_fields!(EwmaVolatility { variance });

impl Kernel<1, 1> for EwmaVolatility {
    fn warm_up(&self) -> [usize; 1] {
        [0]
    }

    #[inline]
    fn step(&mut self, [r]: [f64; 1]) -> [f64; 1] {
        self.variance = if self.variance.is_nan() {
            r * r
        } else {
            self.lambda * self.variance + (1.0 - self.lambda) * r * r
        };
        [(self.variance * self.per_year).sqrt()]
    }
}

fn garch(a: &Arguments) -> Result<Built, FeatureError> {
    let (alpha, beta) = (a.real("alpha")?, a.real("beta")?);
    if alpha + beta >= 1.0 {
        return Err(a.reject("beta", format!("is {beta}: alpha + beta must stay below 1")));
    }
    let kernel = Garch::targeting(alpha, beta, a.length("length")?, per_year(a)?);
    Ok(Built::reading(kernel, vec![log_returns(a)]))
}
