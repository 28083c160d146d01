//! Disorder and tails of the log returns: Shannon, sample and permutation entropy, Hill's tail index.

use crate::parameter::{integer, real, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::moments::{BASE, log_returns};

/// Largest order of permutation patterns; 7! still fits small windows.
const MOST_ORDER: u32 = 7;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "shannon",
        outputs: &["shannon"],
        parameters: &[
            window("length", 2, 60),
            integer("bins", "equal bins from lowest to highest", (2, 1000), 20),
        ],
        description: "Shannon entropy of the log returns' histogram, nats.",
        convention: "-sum p ln p over equal bins between the window's extremes, the last one closed; \
                     missing on a constant window.",
        build: Build::Series(|a| {
            let statistic = Shannon {
                length: a.length("length")?,
                bins: a.length("bins")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "sampen",
        outputs: &["sampen"],
        parameters: &[
            window("length", 10, 50),
            integer("order", "length of the templates", (1, 10), 2),
            real("tolerance", "in standard deviations", (0.01, 2.0), 0.2),
        ],
        cost: Cost::Quadratic,
        description: "Sample entropy of the log returns: low where patterns repeat.",
        convention: "-ln(A/B), Chebyshev distance at most tolerance times the population standard \
                     deviation, n - order templates of both lengths (Richman and Moorman 2000); \
                     missing without matches.",
        build: Build::Series(|a| {
            let statistic = Sample {
                length: a.length("length")?,
                order: a.length("order")?,
                tolerance: a.real("tolerance")?,
            };
            if statistic.order + 2 > statistic.length {
                return Err(a.reject("order", "must leave two templates in the window"));
            }
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "permen",
        outputs: &["permen"],
        parameters: &[
            window("length", 10, 60),
            integer("order", "length of the patterns", (2, MOST_ORDER), 3),
        ],
        description: "Permutation entropy of the log returns, 0 (ordered) to 1 (random).",
        convention: "Entropy of the ordinal patterns over ln(order!), equal values ranked by time \
                     (Bandt and Pompe 2002).",
        build: Build::Series(|a| {
            let statistic = Permutation {
                length: a.length("length")?,
                order: a.length("order")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "hill",
        outputs: &["hill"],
        parameters: &[
            window("length", 10, 100),
            real("tail", "share of the largest losses", (0.01, 0.5), 0.1),
        ],
        cost: Cost::Linearithmic,
        description: "Tail index of the losses: the smaller, the fatter (3 is typical of shares).",
        convention: "Hill (1975) over the k = tail * n largest losses relative to the next one; missing \
                     when fewer than k + 1 rows are losses.",
        build: Build::Series(|a| {
            let statistic = Hill {
                length: a.length("length")?,
                share: a.real("tail")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
];

fn entropy(counts: &[f64], total: f64) -> f64 {
    counts
        .iter()
        .filter(|count| **count > 0.0)
        .map(|count| -(count / total) * (count / total).ln())
        .sum()
}

/// A position that lies in `0..limit` by construction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the caller's quotient lies in 0..=limit"
)]
fn position(x: f64, limit: usize) -> usize {
    (x as usize).min(limit)
}

#[derive(Debug, Clone)]
struct Shannon {
    length: usize,
    bins: usize,
}

impl WindowStatistic<1, 1> for Shannon {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.bins]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], counts: &mut Vec<f64>) -> [f64; 1] {
        [shannon_entropy(x, counts)]
    }
}

/// Entropy of the histogram of `x` in `counts.len()` bins, nats; NaN for a constant series.
fn shannon_entropy(x: &[f64], counts: &mut [f64]) -> f64 {
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high <= low || counts.is_empty() {
        return f64::NAN;
    }
    counts.fill(0.0);
    let bins = counts.len();
    for value in x {
        let bin = position((value - low) / (high - low) * bins as f64, bins - 1);
        counts[bin] += 1.0;
    }
    entropy(counts, x.len() as f64)
}

#[derive(Debug, Clone)]
struct Sample {
    length: usize,
    order: usize,
    tolerance: f64,
}

impl WindowStatistic<1, 1> for Sample {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        let reach = self.tolerance * variance.sqrt();
        let templates = x.len() - self.order;
        let (mut shorter, mut longer) = (0_u64, 0_u64);
        for i in 0..templates {
            for j in i + 1..templates {
                let near = |k: usize| (x[i + k] - x[j + k]).abs() <= reach;
                if (0..self.order).all(near) {
                    shorter += 1;
                    longer += u64::from(near(self.order));
                }
            }
        }
        [if longer == 0 {
            f64::NAN
        } else {
            (shorter as f64 / longer as f64).ln()
        }]
    }
}

#[derive(Debug, Clone)]
struct Permutation {
    length: usize,
    order: usize,
}

impl Permutation {
    fn patterns(&self) -> usize {
        (1..=self.order).product()
    }
}

impl WindowStatistic<1, 1> for Permutation {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.patterns()]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], counts: &mut Vec<f64>) -> [f64; 1] {
        counts.fill(0.0);
        let mut total = 0.0;
        for pattern in x.windows(self.order) {
            // The Lehmer code: for each value, how many later ones are smaller.
            let mut code = 0;
            for (i, value) in pattern.iter().enumerate() {
                let smaller = pattern[i + 1..].iter().filter(|later| *later < value);
                code = code * (self.order - i) + smaller.count();
            }
            counts[code] += 1.0;
            total += 1.0;
        }
        [entropy(counts, total) / (self.patterns() as f64).ln()]
    }
}

#[derive(Debug, Clone)]
struct Hill {
    length: usize,
    share: f64,
}

impl WindowStatistic<1, 1> for Hill {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], losses: &mut Vec<f64>) -> [f64; 1] {
        for (loss, x) in losses.iter_mut().zip(x) {
            *loss = -x;
        }
        losses.sort_unstable_by(|a, b| b.total_cmp(a));
        let count = position((self.share * x.len() as f64).floor(), x.len() - 1).max(1);
        let threshold = losses[count];
        if threshold <= 0.0 {
            return [f64::NAN];
        }
        let excess: f64 = losses[..count]
            .iter()
            .map(|loss| (loss / threshold).ln())
            .sum();
        [if excess > 0.0 {
            count as f64 / excess
        } else {
            f64::NAN
        }]
    }
}
