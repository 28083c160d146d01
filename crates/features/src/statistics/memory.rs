//! Long memory: Hurst exponents, detrended fluctuation analysis, fractional differences.

use crate::parameter::{real, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::moments::{BASE, log_returns};
use super::regression::slope;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "hurst_std",
        outputs: &["hurst_std"],
        parameters: &[window("length", 42, 256)],
        description: "Hurst exponent from how far logarithms move: 0.5 is a random walk.",
        convention: "Slope of ln sd(x[t+q] - x[t]) (ddof 0) on ln q for q = 2..20, x the natural \
                     logarithm; missing on a constant window or a value of 0 or less.",
        build: Build::Series(|a| {
            let statistic = Spread {
                length: a.length("length")?,
            };
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
    Definition {
        name: "hurst_rs",
        outputs: &["hurst_rs"],
        parameters: &[window("length", 32, 256)],
        description: "Hurst exponent by rescaled range of the log returns.",
        convention: "Mean range over standard deviation (ddof 0) in chunks of 8, 16, ... up to half \
                     the window; slope of the logarithms (Hurst 1951, no small-sample correction).",
        build: Build::Series(|a| {
            let statistic = RescaledRange {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "dfa",
        outputs: &["dfa"],
        parameters: &[window("length", 32, 128)],
        description: "Exponent of detrended fluctuations of the log returns: 0.5 is no memory.",
        convention: "Profile of the demeaned returns, linear trend removed in chunks of 8, 16, ... up \
                     to a quarter of the window, slope of the logarithms (Peng et al. 1994).",
        build: Build::Series(|a| {
            let statistic = Fluctuation {
                length: a.length("length")?,
            };
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
    Definition {
        name: "fracdiff",
        outputs: &["fracdiff"],
        parameters: &[
            window("length", 2, 100),
            real("order", "order of the difference", (0.0, 2.0), 0.4),
        ],
        cost: Cost::Linear,
        description: "Fractional difference: stationary with as much memory as possible.",
        convention: "Binomial weights w_0 = 1, w_k = -w_(k-1) (d - k + 1)/k over a fixed window (Lopez \
                     de Prado 2018, section 5.5).",
        build: Build::Series(|a| {
            let statistic = FractionalDifference::new(a.length("length")?, a.real("order")?);
            Ok(Built::over_sources(a, Windowed::new(statistic)))
        }),
        ..BASE
    },
];

/// Chunk lengths 8, 16, 32, ... up to `most`.
fn chunks(most: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(8_usize), |length| length.checked_mul(2))
        .take_while(move |length| *length <= most)
}

/// Slope of ln(height) on ln(length); NaN when any height is not positive.
pub(super) fn exponent(points: impl Iterator<Item = (usize, f64)>) -> f64 {
    let (x, y): (Vec<f64>, Vec<f64>) = points
        .map(|(length, height)| ((length as f64).ln(), height.ln()))
        .unzip();
    if x.len() < 2 || y.iter().any(|y| !y.is_finite()) {
        return f64::NAN;
    }
    slope(&x, &y)
}

/// Hurst exponent of log prices from the growth of their moves over 2 to 20 rows.
pub fn hurst_by_spread(log_prices: &[f64]) -> f64 {
    exponent((2..=20).map(|q| {
        let later = log_prices.get(q..).unwrap_or(&[]);
        let moves: Vec<f64> = later.iter().zip(log_prices).map(|(b, a)| b - a).collect();
        (q, deviation(&moves))
    }))
}

/// Population standard deviation; 0 where only rounding is left.
pub(super) fn deviation(x: &[f64]) -> f64 {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    if variance <= (4.0 * f64::EPSILON * mean).powi(2) {
        0.0
    } else {
        variance.sqrt()
    }
}

/// Hurst exponent of returns by rescaled range over chunks of 8 rows up to half of them.
pub fn hurst_by_range(returns: &[f64]) -> f64 {
    exponent(chunks(returns.len() / 2).map(|length| {
        let (mut sum, mut count) = (0.0, 0.0);
        for chunk in returns.chunks_exact(length) {
            let mean = chunk.iter().sum::<f64>() / length as f64;
            let (mut profile, mut high, mut low) = (0.0_f64, f64::NEG_INFINITY, f64::INFINITY);
            for value in chunk {
                profile += value - mean;
                high = high.max(profile);
                low = low.min(profile);
            }
            let spread = deviation(chunk);
            if spread > 0.0 {
                sum += (high - low) / spread;
                count += 1.0;
            }
        }
        (length, sum / count)
    }))
}

/// Exponent of detrended fluctuations of returns over chunks of 8 rows up to `most`.
pub fn fluctuation_exponent(returns: &[f64], most: usize) -> f64 {
    let mean = returns.iter().sum::<f64>() / returns.len() as f64;
    let profile: Vec<f64> = returns
        .iter()
        .scan(0.0, |sum, value| {
            *sum += value - mean;
            Some(*sum)
        })
        .collect();
    exponent(chunks(most).map(|length| {
        let time: Vec<f64> = (0..length).map(|row| row as f64).collect();
        let middle = (length as f64 - 1.0) / 2.0;
        let (mut squares, mut count) = (0.0, 0.0);
        for chunk in profile.chunks_exact(length) {
            let level = chunk.iter().sum::<f64>() / length as f64;
            let trend = slope(&time, chunk);
            for (row, value) in time.iter().zip(chunk) {
                squares += (value - level - trend * (row - middle)).powi(2);
            }
            count += length as f64;
        }
        (length, (squares / count).sqrt())
    }))
}

#[derive(Debug, Clone)]
struct Spread {
    length: usize,
}

impl WindowStatistic<1, 1> for Spread {
    type Scratch = Vec<f64>;

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) -> Vec<f64> {
        vec![0.0; self.length]
    }

    fn evaluate(&self, [x]: [&[f64]; 1], logs: &mut Vec<f64>) -> [f64; 1] {
        if x.iter().any(|x| *x <= 0.0) {
            return [f64::NAN];
        }
        for (log, x) in logs.iter_mut().zip(x) {
            *log = x.ln();
        }
        [hurst_by_spread(logs)]
    }
}

#[derive(Debug, Clone)]
struct RescaledRange {
    length: usize,
}

impl WindowStatistic<1, 1> for RescaledRange {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        [hurst_by_range(x)]
    }
}

#[derive(Debug, Clone)]
struct Fluctuation {
    length: usize,
}

impl WindowStatistic<1, 1> for Fluctuation {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        // A constant window leaves rounding that looks like memory.
        if deviation(x) == 0.0 {
            return [f64::NAN];
        }
        [fluctuation_exponent(x, (self.length / 4).max(16))]
    }
}

/// Weights from the oldest row to the newest.
#[derive(Debug, Clone)]
struct FractionalDifference {
    weights: Vec<f64>,
}

impl FractionalDifference {
    fn new(length: usize, order: f64) -> Self {
        let mut weight = 1.0;
        let mut weights = vec![1.0];
        for k in 1..length {
            weight *= -(order - k as f64 + 1.0) / k as f64;
            weights.push(weight);
        }
        weights.reverse();
        Self { weights }
    }
}

impl WindowStatistic<1, 1> for FractionalDifference {
    type Scratch = ();

    fn length(&self) -> usize {
        self.weights.len()
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        [x.iter().zip(&self.weights).map(|(x, w)| x * w).sum()]
    }
}
