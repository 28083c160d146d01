//! Registry entries over a symbol and its benchmark.

use crate::calculator::Kernel;
use crate::cross_section::ranks::mid_ranks;
use crate::parameter::{Arguments, integer, real, window};
use crate::registry::{Build, Built, Cost, Definition, Family};
use crate::rolling::{CoMoments, Rolling, co_moments, ratio};
use crate::state_fields;
use crate::statistics::moments::correlation;
use crate::window::{WindowStatistic, Windowed};

pub(super) const BASE: Definition = Definition {
    name: "",
    family: Family::Correlation,
    outputs: &[],
    parameters: &[window("length", 3, 60)],
    inputs: &["close", "benchmark"],
    cost: Cost::Constant,
    description: "",
    convention: "",
    build: Build::Items,
};

/// The simple returns of each source.
pub(super) fn returns(a: &Arguments) -> Vec<String> {
    a.sources()
        .iter()
        .map(|source| format!("ret_1({source})"))
        .collect()
}

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "beta",
        outputs: &["beta"],
        description: "Slope of the symbol's returns on the benchmark's.",
        convention: "Covariance over variance of simple returns; missing while the benchmark stands.",
        build: Build::Series(|a| {
            let kernel = Rolling::<CoMoments, _, _, 2, 8>::new(
                a.length("length")?,
                |row: [f64; 2]| row,
                |acc| {
                    let [_, benchmark, product] = co_moments(acc);
                    [ratio(product, benchmark)]
                },
            );
            Ok(Built::reading(kernel, returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr",
        outputs: &["corr"],
        description: "Pearson correlation of the symbol's and the benchmark's returns.",
        convention: "Of simple returns; missing while one of them is constant.",
        build: Build::Series(|a| Ok(Built::reading(pearson(a.length("length")?), returns(a)))),
        ..BASE
    },
    Definition {
        name: "correl",
        outputs: &["correl"],
        description: "Pearson correlation of the symbol's and the benchmark's levels.",
        convention: "As TA-Lib CORREL: of the columns themselves, not of returns.",
        build: Build::Series(|a| Ok(Built::over_sources(a, pearson(a.length("length")?)))),
        ..BASE
    },
    Definition {
        name: "corr_spearman",
        outputs: &["corr_spearman"],
        cost: Cost::Linearithmic,
        description: "Rank correlation of the returns (Spearman).",
        convention: "Pearson correlation of mid-ranks.",
        build: Build::Series(|a| {
            let statistic = Spearman {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr_kendall",
        outputs: &["corr_kendall"],
        parameters: &[window("length", 3, 30)],
        cost: Cost::Quadratic,
        description: "Concordance of the returns (Kendall).",
        convention: "tau-b, corrected for ties.",
        build: Build::Series(|a| {
            let statistic = Kendall {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr_distance",
        outputs: &["corr_distance"],
        parameters: &[window("length", 3, 30)],
        cost: Cost::Quadratic,
        description: "Distance correlation of the returns, 0..1: also catches what is not linear.",
        convention: "Square root of distance covariance over the root of the distance variances, \
                     double-centred absolute differences (Szekely, Rizzo, Bakirov 2007).",
        build: Build::Series(|a| {
            let statistic = Distance {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr_ewma",
        outputs: &["corr_ewma"],
        parameters: &[
            real("decay", "weight of the past per row", (0.5, 0.9999), 0.94),
            window("warmup", 2, 20),
        ],
        description: "Exponentially weighted correlation of the returns.",
        convention: "Zero-mean squares and products, each s = decay s + (1 - decay) x from the first \
                     row on (RiskMetrics 1996); given from row `warmup`.",
        build: Build::Series(|a| {
            let kernel = Ewma::new(a.real("decay")?, a.length("warmup")?);
            Ok(Built::reading(kernel, returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "beta_down",
        outputs: &["beta_down", "beta_up"],
        cost: Cost::Linear,
        description: "Beta over the rows in which the benchmark fell, and in which it rose.",
        convention: "Covariance over variance within those rows (Ang, Chen, Xing 2006, threshold 0); \
                     missing with fewer than three of them.",
        build: Build::Series(|a| {
            let statistic = SidedBeta {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "corr_lead",
        outputs: &["corr_lead"],
        parameters: &[
            window("length", 3, 60),
            integer(
                "lag",
                "rows by which the benchmark comes first",
                (1, 1000),
                1,
            ),
        ],
        cost: Cost::Linear,
        description: "Correlation of the symbol's returns with the benchmark's `lag` rows before.",
        convention: "Pearson correlation of the last n pairs; n + lag returns are needed.",
        build: Build::Series(|a| {
            let statistic = Lead {
                length: a.length("length")?,
                lag: a.length("lag")?,
            };
            Ok(Built::reading(Windowed::new(statistic), returns(a)))
        }),
        ..BASE
    },
];

fn pearson(length: usize) -> impl Kernel<2, 1> {
    Rolling::<CoMoments, _, _, 2, 8>::new(
        length,
        |row: [f64; 2]| row,
        |acc| {
            let [a, b, product] = co_moments(acc);
            [ratio(product, (a * b).sqrt()).clamp(-1.0, 1.0)]
        },
    )
}

#[derive(Debug, Clone)]
struct Spearman {
    length: usize,
}

impl WindowStatistic<2, 1> for Spearman {
    /// Order of the rows, and two columns of ranks.
    type Scratch = (Vec<usize>, [Vec<f64>; 2]);

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Self::Scratch {
        let ranks = || vec![0.0; self.length];
        ((0..self.length).collect(), [ranks(), ranks()])
    }

    fn evaluate(&self, window: [&[f64]; 2], (order, ranks): &mut Self::Scratch) -> [f64; 1] {
        for (values, ranks) in window.iter().zip(ranks.iter_mut()) {
            mid_ranks(values, order, ranks);
        }
        [correlation(&ranks[0], &ranks[1])]
    }
}

#[derive(Debug, Clone)]
struct Kendall {
    length: usize,
}

impl WindowStatistic<2, 1> for Kendall {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x, y]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 1] {
        let sign = |a: f64, b: f64| f64::from(i8::from(a > b) - i8::from(a < b));
        let (mut both, mut only_x, mut only_y) = (0.0, 0.0, 0.0);
        for i in 1..x.len() {
            for j in 0..i {
                let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
                both += a * b;
                only_x += a * a;
                only_y += b * b;
            }
        }
        [ratio(both, f64::sqrt(only_x * only_y))]
    }
}

#[derive(Debug, Clone)]
struct Distance {
    length: usize,
}

impl Distance {
    /// Mean distance of each row from the others, and of all.
    fn means(x: &[f64], means: &mut [f64]) -> f64 {
        let n = x.len() as f64;
        for (mean, a) in means.iter_mut().zip(x) {
            *mean = x.iter().map(|b| (a - b).abs()).sum::<f64>() / n;
        }
        means.iter().sum::<f64>() / n
    }
}

impl WindowStatistic<2, 1> for Distance {
    type Scratch = [Vec<f64>; 2];

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Self::Scratch {
        [vec![0.0; self.length], vec![0.0; self.length]]
    }

    fn evaluate(&self, [x, y]: [&[f64]; 2], [mean_x, mean_y]: &mut Self::Scratch) -> [f64; 1] {
        let (all_x, all_y) = (Self::means(x, mean_x), Self::means(y, mean_y));
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for i in 0..x.len() {
            for j in 0..x.len() {
                let a = (x[i] - x[j]).abs() - mean_x[i] - mean_x[j] + all_x;
                let b = (y[i] - y[j]).abs() - mean_y[i] - mean_y[j] + all_y;
                xx += a * a;
                yy += b * b;
                xy += a * b;
            }
        }
        let squared = ratio(xy, f64::sqrt(xx * yy));
        [if squared < 0.0 { 0.0 } else { squared.sqrt() }]
    }
}

#[derive(Debug, Clone)]
struct Ewma {
    decay: f64,
    warm_up: u64,
    seen: u64,
    sums: [f64; 3],
}

state_fields!(Ewma { seen, sums });

impl Ewma {
    fn new(decay: f64, warm_up: usize) -> Self {
        Self {
            decay,
            warm_up: warm_up as u64,
            seen: 0,
            sums: [0.0; 3],
        }
    }
}

impl Kernel<2, 1> for Ewma {
    fn warm_up(&self) -> [usize; 1] {
        [usize::try_from(self.warm_up).unwrap_or(usize::MAX) - 1]
    }

    #[inline]
    fn step(&mut self, [a, b]: [f64; 2]) -> [f64; 1] {
        let weight = if self.seen == 0 {
            1.0
        } else {
            1.0 - self.decay
        };
        for (sum, x) in self.sums.iter_mut().zip([a * a, b * b, a * b]) {
            *sum += weight * (x - *sum);
        }
        self.seen = self.seen.saturating_add(1);
        if self.seen < self.warm_up {
            return [f64::NAN];
        }
        let [aa, bb, ab] = self.sums;
        [ratio(ab, (aa * bb).sqrt()).clamp(-1.0, 1.0)]
    }
}

#[derive(Debug, Clone)]
struct SidedBeta {
    length: usize,
}

impl WindowStatistic<2, 2> for SidedBeta {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [y, x]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 2] {
        [-1.0, 1.0].map(|side: f64| {
            let rows = || x.iter().zip(y).filter(move |(x, _)| side * **x > 0.0);
            let count = rows().count();
            if count < 3 {
                return f64::NAN;
            }
            let n = count as f64;
            let mean_x = rows().map(|(x, _)| x).sum::<f64>() / n;
            let mean_y = rows().map(|(_, y)| y).sum::<f64>() / n;
            let (mut xx, mut xy) = (0.0, 0.0);
            for (x, y) in rows() {
                xx += (x - mean_x) * (x - mean_x);
                xy += (x - mean_x) * (y - mean_y);
            }
            if xx <= n * (4.0 * f64::EPSILON * mean_x).powi(2) {
                f64::NAN
            } else {
                xy / xx
            }
        })
    }
}

#[derive(Debug, Clone)]
struct Lead {
    length: usize,
    lag: usize,
}

impl WindowStatistic<2, 1> for Lead {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length + self.lag
    }

    fn scratch(&self) {}

    fn evaluate(&self, [y, x]: [&[f64]; 2], _scratch: &mut ()) -> [f64; 1] {
        [correlation(&y[self.lag..], &x[..self.length])]
    }
}
