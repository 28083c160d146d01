//! Roughness and divergence: fractal dimensions of the price path, and how fast similar stretches of
//! returns part (largest Lyapunov exponent).

use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::window::{WindowStatistic, Windowed};

use super::memory::{deviation, exponent};
use super::moments::{BASE, log_returns};
use super::regression::slope;

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "higuchi",
        outputs: &["higuchi"],
        parameters: &[
            window("length", 16, 64),
            integer("scales", "longest stride, rows", (2, 1000), 8),
        ],
        description: "Fractal dimension of the logarithms' path: 1 a line, 1.5 a random walk, 2 noise.",
        convention: "Slope of the log of the mean path length at strides 1 to `scales` on the log of the \
                     stride, negated (Higuchi 1988); missing on a constant window or a value of 0 or \
                     less. O(n scales).",
        build: Build::Series(|a| {
            let (length, scales) = (a.length("length")?, a.length("scales")?);
            if 4 * scales > length {
                return Err(a.reject("scales", "must fit four times into the window"));
            }
            Ok(Built::over_sources(
                a,
                Windowed::new(Path::<true> { length, scales }),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "katz",
        outputs: &["katz"],
        parameters: &[window("length", 4, 64)],
        description: "Fractal dimension of the logarithms' path from its length and its reach: 1 a line, \
                      larger the more it turns.",
        convention: "ln n / (ln n + ln(d/L)) with n steps, L their sum, d the farthest distance from the \
                     first row (Katz 1988); missing on a constant window or a value of 0 or less.",
        build: Build::Series(|a| {
            let length = a.length("length")?;
            Ok(Built::over_sources(
                a,
                Windowed::new(Path::<false> { length, scales: 0 }),
            ))
        }),
        ..BASE
    },
    Definition {
        name: "lyapunov",
        outputs: &["lyapunov"],
        parameters: &[
            window("length", 20, 60),
            integer("dimension", "rows that make a state", (1, 10), 3),
            integer("horizon", "rows over which states part", (1, 100), 5),
        ],
        cost: Cost::Quadratic,
        description: "Largest Lyapunov exponent of the log returns per row: above 0, small differences \
                      grow.",
        convention: "Mean log distance of each state's nearest neighbour (more than `dimension` rows \
                     away) 0 to `horizon` rows later, slope on the rows (Rosenstein, Collins, De Luca \
                     1993; delay 1, largest coordinate difference as distance).",
        build: Build::Series(|a| {
            let statistic = Divergence {
                length: a.length("length")?,
                dimension: a.length("dimension")?,
                horizon: a.length("horizon")?,
            };
            if 3 * statistic.dimension + statistic.horizon + 4 > statistic.length {
                let reason =
                    "and dimension are too large for the window (3 dimension + horizon + 4 rows)";
                return Err(a.reject("horizon", reason));
            }
            Ok(Built::reading(Windowed::new(statistic), log_returns(a)))
        }),
        ..BASE
    },
];

/// Higuchi's fractal dimension of `x` from strides of 1 to `scales` rows; NaN for a constant or too
/// short series.
pub fn higuchi_dimension(x: &[f64], scales: usize) -> f64 {
    let steps = x.len().saturating_sub(1) as f64;
    -exponent((1..=scales).map(|stride| {
        let path = |from: usize| {
            let points = || x.iter().skip(from).step_by(stride);
            let (mut sum, mut count) = (0.0, 0.0);
            for (a, b) in points().zip(points().skip(1)) {
                sum += (b - a).abs();
                count += 1.0;
            }
            sum * steps / (count * stride as f64)
        };
        let total: f64 = (0..stride).map(path).sum();
        (stride, total / (stride * stride) as f64)
    }))
}

/// Katz's fractal dimension of `x`; NaN for a constant series.
pub fn katz_dimension(x: &[f64]) -> f64 {
    let steps = x.len().saturating_sub(1) as f64;
    let length: f64 = x.windows(2).map(|p| (p[1] - p[0]).abs()).sum();
    let first = x.first().copied().unwrap_or(f64::NAN);
    let reach = x.iter().map(|x| (x - first).abs()).fold(0.0, f64::max);
    if reach <= 0.0 || steps < 2.0 {
        return f64::NAN;
    }
    let dimension = steps.ln() / (steps.ln() + (reach / length).ln());
    if dimension.is_finite() && dimension > 0.0 {
        dimension
    } else {
        f64::NAN
    }
}

#[derive(Debug, Clone)]
struct Path<const HIGUCHI: bool> {
    length: usize,
    scales: usize,
}

impl<const HIGUCHI: bool> WindowStatistic<1, 1> for Path<HIGUCHI> {
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
        [if HIGUCHI {
            higuchi_dimension(logs, self.scales)
        } else {
            katz_dimension(logs)
        }]
    }
}

/// Largest Lyapunov exponent of `x` per row, from states of `dimension` rows followed for `horizon`
/// rows; NaN for a constant or too short series, or one in which every state recurs exactly.
pub fn lyapunov_exponent(x: &[f64], dimension: usize, horizon: usize) -> f64 {
    let states = x.len().saturating_sub(dimension.max(1) - 1 + horizon);
    if deviation(x) == 0.0 || horizon == 0 {
        return f64::NAN;
    }
    // Largest coordinate difference, given up once it reaches `limit`.
    let distance = |i: usize, j: usize, limit: f64| {
        let mut far = 0.0_f64;
        for (a, b) in x[i..i + dimension].iter().zip(&x[j..j + dimension]) {
            far = far.max((a - b).abs());
            if far >= limit {
                break;
            }
        }
        far
    };
    let (mut sums, mut counts) = (vec![0.0; horizon + 1], vec![0.0; horizon + 1]);
    for i in 0..states {
        let (mut nearest, mut near) = (None, f64::INFINITY);
        for j in (0..states).filter(|j| i.abs_diff(*j) > dimension) {
            let far = distance(i, j, near);
            if far > 0.0 && far < near {
                (nearest, near) = (Some(j), far);
            }
        }
        let Some(j) = nearest else { continue };
        for (later, (sum, count)) in sums.iter_mut().zip(&mut counts).enumerate() {
            let far = distance(i + later, j + later, f64::INFINITY);
            if far > 0.0 {
                *sum += far.ln();
                *count += 1.0;
            }
        }
    }
    let time: Vec<f64> = (0..=horizon).map(|row| row as f64).collect();
    let logs: Vec<f64> = sums.iter().zip(&counts).map(|(s, c)| s / c).collect();
    slope(&time, &logs)
}

#[derive(Debug, Clone)]
struct Divergence {
    length: usize,
    dimension: usize,
    horizon: usize,
}

impl WindowStatistic<1, 1> for Divergence {
    type Scratch = ();

    fn length(&self) -> usize {
        self.length
    }

    fn scratch(&self) {}

    fn evaluate(&self, [x]: [&[f64]; 1], _scratch: &mut ()) -> [f64; 1] {
        [lyapunov_exponent(x, self.dimension, self.horizon)]
    }
}
