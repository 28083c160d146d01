//! Registry entries of the shape of a window: skewness, kurtosis, quantiles, rank, autocorrelation,
//! drawdown, historical value at risk, Sharpe ratio.

use crate::calculator::Kernel;
use crate::parameter::{Arguments, integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{Moments, Rolling, moments, ratio};
use crate::state_fields;
use crate::window::{WindowStatistic, Windowed};

pub(crate) const BASE: Definition = Definition {
    name: "",
    family: Family::Statistics,
    outputs: &[],
    parameters: &[window("length", 2, 60)],
    inputs: &["close"],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

/// `ret_1` of the source: the simple return.
pub(crate) fn returns(a: &Arguments) -> Vec<String> {
    vec![format!("ret_1({})", a.sources().join(","))]
}

/// `logret_1` of the source.
pub(crate) fn log_returns(a: &Arguments) -> Vec<String> {
    vec![format!("logret_1({})", a.sources().join(","))]
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "skew",
        outputs: &["skew"],
        parameters: &[window("length", 3, 60)],
        description: "Skewness of the simple returns of the window.",
        convention: "Bias-corrected, G1 = sqrt(n(n-1))/(n-2) m3/m2^1.5 (Joanes and Gill 1998); \
                     missing on a constant window.",
        build: Build::Series(|a| {
            let statistic = Shape::<3>::new(a.length("length")?);
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "kurt",
        outputs: &["kurt"],
        parameters: &[window("length", 4, 60)],
        description: "Excess kurtosis of the simple returns of the window.",
        convention: "Bias-corrected, G2 = (n-1)/((n-2)(n-3)) ((n+1) (m4/m2^2 - 3) + 6) (Joanes and \
                     Gill 1998); missing on a constant window.",
        build: Build::Series(|a| {
            let statistic = Shape::<4>::new(a.length("length")?);
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "autocorr",
        outputs: &["autocorr"],
        parameters: &[
            window("length", 3, 60),
            integer("lag", "rows", (1, 100_000), 1),
        ],
        description: "Correlation of the simple returns with themselves `lag` rows before.",
        convention: "Pearson correlation of the last n returns with those `lag` rows before, each side \
                     with its own mean; n + lag returns are needed.",
        build: Build::Series(|a| {
            let (length, lag) = (a.length("length")?, a.length("lag")?);
            Ok(Built::reading(
                Windowed::new(Autocorrelation { length, lag }),
                returns(a),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "median",
        outputs: &["median"],
        parameters: &[window("length", 1, 20)],
        cost: Cost::Linearithmic,
        description: "Median of the window.",
        convention: "Mean of the two middle values when the length is even.",
        build: Build::Series(|a| {
            let statistic = Quantile::new(a.length("length")?, 0.5);
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
    Definition {
        name: "quantile",
        outputs: &["quantile"],
        parameters: &[
            window("length", 1, 20),
            real("share", "share of values below, 0 to 1", (0.0, 1.0), 0.25),
        ],
        cost: Cost::Linearithmic,
        description: "Quantile of the window.",
        convention: "Linear between order statistics (type 7 of Hyndman and Fan 1996).",
        build: Build::Series(|a| {
            let statistic = Quantile::new(a.length("length")?, a.real("share")?);
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
    Definition {
        name: "var_hist",
        outputs: &["var_hist"],
        parameters: &[
            window("length", 2, 252),
            real("tail", "share of the worst returns", (0.0001, 0.5), 0.05),
        ],
        cost: Cost::Linearithmic,
        description: "Historical value at risk: the return that the worst share does not reach.",
        convention: "The quantile (type 7) of the simple returns; negative for a loss.",
        build: Build::Series(|a| {
            let statistic = Quantile::new(a.length("length")?, a.real("tail")?);
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "percentrank",
        outputs: &["percentrank"],
        parameters: &[window("length", 2, 100)],
        description: "Share of the earlier values of the window below the last one, 0..100.",
        convention: "100 times the share of the previous n-1 values that are lower, by more than 1e-9 of the \
                     last one.",
        build: Build::Series(|a| {
            let statistic = crate::options::series::PercentBelow {
                length: a.length("length")?,
            };
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
    Definition {
        name: "sharpe",
        outputs: &["sharpe"],
        parameters: &[
            window("length", 2, 126),
            integer("periods", "rows per year", (1, 1_000_000), 252),
        ],
        cost: Cost::Constant,
        description: "Mean over standard deviation of the simple returns, per year.",
        convention: "sqrt(periods) mean / sd (ddof 1), without a riskless rate (Sharpe 1994).",
        build: Build::Series(|a| {
            let scale = (a.length("periods")? as f64).sqrt();
            let kernel = Rolling::<Moments, _, _, 1, 4>::new(
                a.length("length")?,
                |row: [f64; 1]| row,
                move |acc| {
                    let (mean, squares) = moments(acc, 1.0 / acc[0]);
                    [scale * ratio(mean, (squares / (acc[0] - 1.0)).sqrt())]
                },
            );
            Ok(Built::reading(kernel, returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "drawdown",
        outputs: &["drawdown", "max_drawdown"],
        parameters: &[],
        cost: Cost::Constant,
        description: "Distance below the highest value so far, and the largest such distance.",
        convention: "x / highest - 1, 0 at a new high; missing while the highest is not positive.",
        build: Build::Series(|a| Ok(Built::over_sources(a, Drawdown::default()))),
        ..BASE
    },
];

/// Third (`M` = 3) or fourth standardised moment, bias-corrected.
#[derive(Debug, Clone)]
struct Shape<const M: usize> {
    length: usize,
}

impl<const M: usize> Shape<M> {
    fn new(length: usize) -> Self {
        Self { length }
    }
}

impl<const M: usize> WindowStatistic<1, 1> for Shape<M> {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let moment = |power: i32| x.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
        let second = moment(2);
        // A constant window leaves rounding only.
        if second <= (f64::EPSILON * mean).powi(2) {
            return [f64::NAN];
        }
        [if M == 3 {
            (n * (n - 1.0)).sqrt() / (n - 2.0) * moment(3) / second.powf(1.5)
        } else {
            let excess = moment(4) / (second * second) - 3.0;
            (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0)
        }]
    }
}

#[derive(Debug, Clone)]
struct Autocorrelation {
    length: usize,
    lag: usize,
}

impl WindowStatistic<1, 1> for Autocorrelation {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length + self.lag
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        [correlation(&x[self.lag..], &x[..self.length])]
    }
}

/// Pearson correlation; missing when a side is constant (to rounding).
pub(crate) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (da, db) = (a - mean_a, b - mean_b);
        aa += da * da;
        bb += db * db;
        ab += da * db;
    }
    let flat = |squares: f64, mean: f64| squares <= n * (4.0 * f64::EPSILON * mean).powi(2);
    if flat(aa, mean_a) || flat(bb, mean_b) {
        return f64::NAN;
    }
    (ab / (aa.sqrt() * bb.sqrt())).clamp(-1.0, 1.0)
}

#[derive(Debug, Clone)]
struct Quantile {
    length: usize,
    share: f64,
}

impl Quantile {
    fn new(length: usize, share: f64) -> Self {
        Self { length, share }
    }
}

impl WindowStatistic<1, 1> for Quantile {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], sorted: &mut Vec<f64>) -> [f64; 1] {
        sorted.copy_from_slice(x);
        sorted.sort_unstable_by(f64::total_cmp);
        [quantile(sorted, self.share)]
    }
}

/// Quantile of sorted values, linear between order statistics; missing without values.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len().saturating_sub(1)) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length lies in 0..length"
    )]
    let below = position.floor() as usize;
    let (Some(low), fraction) = (sorted.get(below), position - below as f64) else {
        return f64::NAN;
    };
    let high = sorted.get(below + 1).unwrap_or(low);
    low + fraction * (high - low)
}

#[derive(Debug, Clone, Default)]
struct Drawdown {
    highest: Option<f64>,
    deepest: f64,
}

state_fields!(Drawdown { highest, deepest });

impl Kernel<1, 2> for Drawdown {
    fn warm_up(&self) -> [usize; 2] {
        [0; 2]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 2] {
        let highest = self.highest.map_or(x, |highest| highest.max(x));
        self.highest = Some(highest);
        if highest <= 0.0 {
            return [f64::NAN; 2];
        }
        let distance = x / highest - 1.0;
        self.deepest = self.deepest.min(distance);
        [distance, self.deepest]
    }
}
