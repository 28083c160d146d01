//! Markov switching (Hamilton 1989): each row belongs to one of a few regimes with own mean and
//! variance, and regimes follow each other as a Markov chain. Filtered probabilities use the past
//! only and may drive a decision; smoothed ones use the whole sample and may not.
//!
//! The chain starts in its stationary distribution, as in `statsmodels` `MarkovRegression`.

use std::f64::consts::PI;

use nalgebra::{DMatrix, DVector};

use super::error::{StatisticsError, check_sample, check_setting};
use super::optimise::{MOST_STEPS, minimise};

const METHOD: &str = "Markov switching";

/// Most regimes of a model.
const MOST_REGIMES: usize = 6;

/// Least variance of a regime, relative to the sample's: below it a regime would sit on a few equal
/// values and the likelihood would grow without bound.
const LEAST_VARIANCE: f64 = 1e-4;

/// Numbers of a model with `means.len()` regimes.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchingModel {
    /// `transitions[from][to]`: probability that the next row is in `to`; each row sums to 1.
    pub transitions: Vec<Vec<f64>>,
    /// Mean of each regime.
    pub means: Vec<f64>,
    /// Variance of each regime.
    pub variances: Vec<f64>,
}

/// A model run over a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchingFit {
    /// Fitted or given; a fit orders regimes by variance, calmest first.
    pub model: SwitchingModel,
    /// Of the sample.
    pub log_likelihood: f64,
    /// Akaike's criterion.
    pub aic: f64,
    /// Schwarz's criterion.
    pub bic: f64,
    /// `filtered[row][regime]`, given this row and those before.
    pub filtered: Vec<Vec<f64>>,
    /// `smoothed[row][regime]`, given all rows.
    pub smoothed: Vec<Vec<f64>>,
}

impl SwitchingModel {
    /// The share of time that each regime takes in the long run.
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] when the model is malformed,
    /// [`StatisticsError::Collinear`] when the chain has more than one stationary distribution.
    pub fn stationary(&self) -> Result<Vec<f64>, StatisticsError> {
        self.check()?;
        self.long_run()
            .ok_or(StatisticsError::Collinear { method: METHOD })
    }

    fn long_run(&self) -> Option<Vec<f64>> {
        let size = self.means.len();
        // p (I - T + 1) = 1 has the stationary distribution as its only solution.
        let matrix = DMatrix::from_fn(size, size, |to, from| {
            f64::from(u8::from(to == from)) - self.transitions[from][to] + 1.0
        });
        let shares = matrix.lu().solve(&DVector::from_element(size, 1.0))?;
        let usable = shares.iter().all(|p| (-1e-9..=1.0 + 1e-9).contains(p));
        usable.then(|| shares.iter().map(|p| p.clamp(0.0, 1.0)).collect())
    }

    fn check(&self) -> Result<(), StatisticsError> {
        let size = self.means.len();
        let check =
            |setting, value, range, rule| check_setting(METHOD, setting, value, range, rule);
        let range = (2.0, MOST_REGIMES as f64);
        check("regimes", size as f64, range, "must be 2 to 6")?;
        let same = (size as f64, size as f64);
        let rule = "must hold one entry per regime";
        check("variances", self.variances.len() as f64, same, rule)?;
        check("transitions", self.transitions.len() as f64, same, rule)?;
        for (row, mean) in self.transitions.iter().zip(&self.means) {
            check("transitions", row.len() as f64, same, rule)?;
            for p in row {
                check("transition", *p, (0.0, 1.0), "must be a probability")?;
            }
            let one = (1.0 - 1e-9, 1.0 + 1e-9);
            check(
                "transition",
                row.iter().sum(),
                one,
                "must sum to 1 from each regime",
            )?;
            check("mean", *mean, (-1e100, 1e100), "must be finite")?;
        }
        for variance in &self.variances {
            let positive = (f64::MIN_POSITIVE, 1e100);
            check("variance", *variance, positive, "must be positive")?;
        }
        Ok(())
    }

    /// Filters and smooths a sample with given numbers.
    ///
    /// # Errors
    /// [`StatisticsError::TooFew`], [`StatisticsError::Missing`], and as
    /// [`SwitchingModel::stationary`].
    pub fn run(&self, x: &[f64]) -> Result<SwitchingFit, StatisticsError> {
        check_sample(METHOD, 0, x, 1)?;
        let start = self.stationary()?;
        let pass = self.filter(x, &start);
        let smoothed = self.smooth(&pass.filtered);
        let size = self.means.len();
        let count = (size * (size + 1)) as f64;
        Ok(SwitchingFit {
            model: self.clone(),
            log_likelihood: pass.log_likelihood,
            aic: 2.0 * (count - pass.log_likelihood),
            bic: count * (x.len() as f64).ln() - 2.0 * pass.log_likelihood,
            filtered: pass.filtered,
            smoothed,
        })
    }

    /// The most likely model with `regimes` regimes: expectation maximisation from a few fixed
    /// starts, then a quasi-Newton search of the exact likelihood. Deterministic.
    ///
    /// # Errors
    /// [`StatisticsError::InvalidSetting`] for other than 2 to 6 regimes,
    /// [`StatisticsError::TooFew`] with fewer than 20 rows per regime,
    /// [`StatisticsError::Missing`], [`StatisticsError::Constant`],
    /// [`StatisticsError::NotConverged`].
    pub fn fit(x: &[f64], regimes: usize) -> Result<SwitchingFit, StatisticsError> {
        let range = (2.0, MOST_REGIMES as f64);
        check_setting(METHOD, "regimes", regimes as f64, range, "must be 2 to 6")?;
        check_sample(METHOD, 0, x, 20 * regimes)?;
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        if variance <= (4.0 * f64::EPSILON * mean).powi(2) {
            return Err(StatisticsError::Constant {
                method: METHOD,
                series: 0,
            });
        }
        let scale = variance.sqrt();
        let unit: Vec<f64> = x.iter().map(|x| (x - mean) / scale).collect();
        let best = starts(regimes)
            .into_iter()
            .filter_map(|start| start.maximise(&unit))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        let unsettled = StatisticsError::NotConverged {
            method: METHOD,
            iterations: MOST_STEPS,
        };
        let Some((model, _)) = best else {
            return Err(unsettled);
        };
        let cost = |point: &[f64]| {
            let model = unpack(point, regimes);
            model.long_run().map_or(f64::INFINITY, |start| {
                -model.filter(&unit, &start).log_likelihood
            })
        };
        let found = minimise(&model.pack(), &cost);
        if !found.settled {
            return Err(unsettled);
        }
        let mut model = unpack(&found.point, regimes).calmest_first();
        for (m, v) in model.means.iter_mut().zip(&mut model.variances) {
            *m = mean + scale * *m;
            *v *= variance;
        }
        model.run(x)
    }

    /// Expectation maximisation; `None` when it leaves the numbers.
    fn maximise(mut self, x: &[f64]) -> Option<(Self, f64)> {
        let mut last = f64::NEG_INFINITY;
        for _ in 0..MOST_STEPS {
            let start = self.long_run()?;
            let pass = self.filter(x, &start);
            if !pass.log_likelihood.is_finite() {
                return None;
            }
            if pass.log_likelihood - last <= 1e-7 * pass.log_likelihood.abs() {
                break;
            }
            last = pass.log_likelihood;
            let smoothed = self.smooth(&pass.filtered);
            self = self.improved(x, &pass.filtered, &smoothed);
        }
        Some((self, last))
    }

    /// The maximisation step: weighted transitions, means, variances.
    fn improved(&self, x: &[f64], filtered: &[Vec<f64>], smoothed: &[Vec<f64>]) -> Self {
        let size = self.means.len();
        let mut transitions = vec![vec![1e-12; size]; size];
        for (now, later) in filtered.iter().zip(smoothed.iter().skip(1)) {
            let predicted = self.predict(now);
            for from in 0..size {
                for to in 0..size {
                    let share = later[to] / predicted[to].max(f64::MIN_POSITIVE);
                    transitions[from][to] += now[from] * self.transitions[from][to] * share;
                }
            }
        }
        for row in &mut transitions {
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= total);
        }
        let weight = |regime: usize| smoothed.iter().map(|p| p[regime]).sum::<f64>().max(1e-12);
        let mean = |regime: usize| {
            let sum: f64 = x.iter().zip(smoothed).map(|(x, p)| x * p[regime]).sum();
            sum / weight(regime)
        };
        let means: Vec<f64> = (0..size).map(mean).collect();
        let variances = (0..size).map(|regime| {
            let square = |(x, p): (&f64, &Vec<f64>)| p[regime] * (x - means[regime]).powi(2);
            let sum: f64 = x.iter().zip(smoothed).map(square).sum();
            (sum / weight(regime)).max(LEAST_VARIANCE)
        });
        Self {
            variances: variances.collect(),
            transitions,
            means,
        }
    }

    fn predict(&self, now: &[f64]) -> Vec<f64> {
        (0..now.len())
            .map(|to| {
                let from = now.iter().zip(&self.transitions);
                from.map(|(p, row)| p * row[to]).sum()
            })
            .collect()
    }

    /// Hamilton's filter; densities relative to the largest, so that none underflows.
    fn filter(&self, x: &[f64], start: &[f64]) -> Pass {
        let mut predicted = start.to_vec();
        let mut filtered = Vec::with_capacity(x.len());
        let mut log_likelihood = 0.0;
        let constants: Vec<f64> = self
            .variances
            .iter()
            .map(|v| -0.5 * (2.0 * PI * v).ln())
            .collect();
        for x in x {
            let logs: Vec<f64> = self
                .means
                .iter()
                .zip(&self.variances)
                .zip(&constants)
                .map(|((m, v), c)| c - 0.5 * (x - m) * (x - m) / v)
                .collect();
            let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let mut joint: Vec<f64> = predicted
                .iter()
                .zip(&logs)
                .map(|(p, log)| p * (log - highest).exp())
                .collect();
            let total: f64 = joint.iter().sum();
            log_likelihood += highest + total.ln();
            joint.iter_mut().for_each(|p| *p /= total);
            predicted = self.predict(&joint);
            filtered.push(joint);
        }
        Pass {
            log_likelihood,
            filtered,
        }
    }

    /// Kim's smoother (1994), backwards over the filtered probabilities.
    fn smooth(&self, filtered: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut smoothed = filtered.to_vec();
        for row in (1..filtered.len()).rev() {
            let (now, later) = (&filtered[row - 1], &smoothed[row]);
            let predicted = self.predict(now);
            let ratio: Vec<f64> = later
                .iter()
                .zip(&predicted)
                .map(|(p, q)| p / q.max(f64::MIN_POSITIVE))
                .collect();
            smoothed[row - 1] = now
                .iter()
                .zip(&self.transitions)
                .map(|(p, next)| p * next.iter().zip(&ratio).map(|(t, r)| t * r).sum::<f64>())
                .collect();
        }
        smoothed
    }

    fn calmest_first(self) -> Self {
        let mut order: Vec<usize> = (0..self.means.len()).collect();
        order.sort_by(|a, b| self.variances[*a].total_cmp(&self.variances[*b]));
        let pick = |values: &[f64]| order.iter().map(|i| values[*i]).collect::<Vec<_>>();
        Self {
            transitions: order.iter().map(|i| pick(&self.transitions[*i])).collect(),
            means: pick(&self.means),
            variances: pick(&self.variances),
        }
    }

    /// Free coordinates: logarithms of transitions relative to staying, means, log variances.
    fn pack(&self) -> Vec<f64> {
        let size = self.means.len();
        let mut point = Vec::with_capacity(size * (size + 1));
        for (from, row) in self.transitions.iter().enumerate() {
            for (to, p) in row.iter().enumerate() {
                if to != from {
                    point.push((p.max(1e-9) / row[from].max(1e-9)).ln());
                }
            }
        }
        point.extend(&self.means);
        point.extend(self.variances.iter().map(|v| v.ln()));
        point
    }
}

fn unpack(point: &[f64], size: usize) -> SwitchingModel {
    let mut values = point.iter().copied();
    let mut take = || values.next().unwrap_or(0.0);
    let transitions = (0..size)
        .map(|from| {
            let mut row: Vec<f64> = (0..size)
                .map(|to| {
                    if to == from {
                        1.0
                    } else {
                        take().clamp(-30.0, 30.0).exp()
                    }
                })
                .collect();
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|p| *p /= total);
            row
        })
        .collect();
    SwitchingModel {
        transitions,
        means: (0..size).map(|_| take()).collect(),
        variances: (0..size)
            .map(|_| take().clamp(-60.0, 60.0).exp().max(LEAST_VARIANCE))
            .collect(),
    }
}

struct Pass {
    log_likelihood: f64,
    filtered: Vec<Vec<f64>>,
}

/// Guesses for data of mean 0 and variance 1: regimes that differ in variance, in mean, in both.
fn starts(regimes: usize) -> Vec<SwitchingModel> {
    let leave = 0.05 / (regimes as f64 - 1.0);
    let transitions: Vec<Vec<f64>> = (0..regimes)
        .map(|from| {
            (0..regimes)
                .map(|to| if to == from { 0.95 } else { leave })
                .collect()
        })
        .collect();
    // -1 for the first regime to 1 for the last.
    let place = |i: usize| 2.0 * i as f64 / (regimes as f64 - 1.0) - 1.0;
    [(0.0, 1.0), (1.0, 0.0), (-0.5, 1.0)]
        .map(|(mean, spread)| SwitchingModel {
            transitions: transitions.clone(),
            means: (0..regimes).map(|i| mean * place(i)).collect(),
            variances: (0..regimes)
                .map(|i| 0.8 * (1.2 * spread * place(i)).exp())
                .collect(),
        })
        .to_vec()
}
