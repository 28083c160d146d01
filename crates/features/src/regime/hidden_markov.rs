//! A hidden Markov model with Gaussian states (Hamilton 1989; Rabiner 1989).
//!
//! [`GaussianHmm::fit`] estimates it from training data by expectation maximisation (Baum and Welch);
//! [`Filter`] then gives, row by row, the probability of each state given the rows until now. What
//! comes later changes neither. States are ordered by volatility, the calmest is number 0.

use crate::calculator::is_observed;
use crate::error::FeatureError;

/// Most states a model may have.
pub const MAX_STATES: usize = 8;
/// Smallest probability of a transition, so that no state is ever ruled out for good.
const LEAST: f64 = 1e-8;
/// Smallest variance of a state, as a share of the training data's: without it a state can collapse
/// onto a single row.
const LEAST_VARIANCE: f64 = 1e-4;

/// How a model is fitted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Training {
    /// Number of states, 2 to [`MAX_STATES`].
    pub states: usize,
    /// Most passes over the data.
    pub passes: usize,
    /// A pass that raises the log likelihood per row by less ends the fit.
    pub tolerance: f64,
}

impl Training {
    /// Up to 500 passes, until a pass gains less than 1e-9 per row.
    pub fn with_states(states: usize) -> Self {
        Self {
            states,
            passes: 500,
            tolerance: 1e-9,
        }
    }
}

/// A fitted model: states with independent normal observations, and how they follow each other.
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianHmm {
    /// Probability of each state at the first row.
    initial: Vec<f64>,
    /// Probability of the state (column) after a state (row).
    transitions: Vec<Vec<f64>>,
    /// Mean of each observed value, by state.
    means: Vec<Vec<f64>>,
    /// Its variance, by state.
    variances: Vec<Vec<f64>>,
}

/// What [`GaussianHmm::fit`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct HmmFit {
    /// The model.
    pub model: GaussianHmm,
    /// Log likelihood of the training data.
    pub log_likelihood: f64,
    /// Passes made.
    pub passes: usize,
    /// Whether the last pass gained less than the tolerance.
    pub converged: bool,
}

fn reject(parameter: &str, reason: impl Into<String>) -> FeatureError {
    FeatureError::InvalidParameter {
        feature: "hidden Markov model".to_owned(),
        parameter: parameter.to_owned(),
        reason: reason.into(),
    }
}

impl GaussianHmm {
    /// A model from its parts, ordered by volatility.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] when shapes differ, a row of probabilities does not sum to 1
    /// (within 1e-9), or a variance is not positive.
    pub fn new(
        initial: Vec<f64>,
        transitions: Vec<Vec<f64>>,
        means: Vec<Vec<f64>>,
        variances: Vec<Vec<f64>>,
    ) -> Result<Self, FeatureError> {
        let states = initial.len();
        if !(2..=MAX_STATES).contains(&states) {
            return Err(reject(
                "states",
                format!("are {states}, allowed are 2 to {MAX_STATES}"),
            ));
        }
        let values = means.first().map_or(0, Vec::len);
        let shaped = transitions.len() == states
            && means.len() == states
            && variances.len() == states
            && values > 0
            && transitions.iter().all(|row| row.len() == states)
            && means
                .iter()
                .chain(&variances)
                .all(|row| row.len() == values);
        if !shaped {
            return Err(reject("states", "have parts of different sizes"));
        }
        for row in transitions.iter().chain([&initial]) {
            let valid = row.iter().all(|p| (0.0..=1.0).contains(p));
            if !valid || (row.iter().sum::<f64>() - 1.0).abs() > 1e-9 {
                return Err(reject("probabilities", "must lie in 0..1 and sum to 1"));
            }
        }
        if !means.iter().flatten().all(|x| is_observed(*x))
            || !variances
                .iter()
                .flatten()
                .all(|x| is_observed(*x) && *x > 0.0)
        {
            return Err(reject("variances", "must be positive, means observed"));
        }
        let model = Self {
            initial,
            transitions,
            means,
            variances,
        };
        Ok(model.ordered())
    }

    /// Fits a model to training data: one slice per observed value (a return; a return and a volume),
    /// all of the same rows. The start is deterministic: rows are dealt to the states by the size of
    /// the deviations around them.
    ///
    /// # Errors
    /// [`FeatureError::LengthMismatch`] for slices of different lengths;
    /// [`FeatureError::InvalidParameter`] for a number of states outside 2 to [`MAX_STATES`], fewer
    /// than ten rows per state, a missing value, or a slice that is constant.
    pub fn fit(columns: &[&[f64]], training: Training) -> Result<HmmFit, FeatureError> {
        let scaled = Scaled::new(columns, training.states)?;
        let mut model = scaled.start(training.states);
        let mut work = Work::new(scaled.rows.len(), training.states);
        let mut last = f64::NEG_INFINITY;
        let rows = scaled.rows.len() as f64;
        let (mut passes, mut converged) = (0, false);
        while passes < training.passes.max(1) && !converged {
            let log_likelihood = work.expect(&model, &scaled.rows);
            converged = log_likelihood - last < training.tolerance * rows;
            last = log_likelihood;
            passes += 1;
            if !converged {
                model = work.maximise(&scaled.rows, training.states);
            }
        }
        let log_likelihood = work.expect(&model, &scaled.rows) - scaled.log_scale() * rows;
        Ok(HmmFit {
            model: scaled.unscale(model).ordered(),
            log_likelihood,
            passes,
            converged,
        })
    }

    /// Number of states.
    pub fn states(&self) -> usize {
        self.initial.len()
    }

    /// Probability of each state at the first row.
    pub fn initial(&self) -> &[f64] {
        &self.initial
    }

    /// Probability of each state after each state, one row per state before.
    pub fn transitions(&self) -> &[Vec<f64>] {
        &self.transitions
    }

    /// Mean of each observed value, by state.
    pub fn means(&self) -> &[Vec<f64>] {
        &self.means
    }

    /// Variance of each observed value, by state.
    pub fn variances(&self) -> &[Vec<f64>] {
        &self.variances
    }

    /// Variance of the first observed value over the coming row when the states now have these
    /// probabilities: that of the mixture, differences of the means included.
    pub fn next_variance(&self, probabilities: &[f64]) -> f64 {
        let next = self.predict(probabilities);
        let first = |values: &[Vec<f64>], k: usize| values[k].first().copied().unwrap_or(f64::NAN);
        let mean: f64 = next
            .iter()
            .enumerate()
            .map(|(k, p)| p * first(&self.means, k))
            .sum();
        let parts = next.iter().enumerate().map(|(k, p)| {
            let from_mean = first(&self.means, k) - mean;
            p * (first(&self.variances, k) + from_mean * from_mean)
        });
        parts.sum()
    }

    /// Probabilities one row later.
    fn predict(&self, probabilities: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; self.initial.len()];
        for (p, row) in probabilities.iter().zip(&self.transitions) {
            for (next, transition) in next.iter_mut().zip(row) {
                *next += p * transition;
            }
        }
        next
    }

    /// Densities of a row in each state relative to the largest, and the logarithm of that one.
    fn densities(&self, row: &[f64], out: &mut [f64]) -> f64 {
        for ((out, means), variances) in out.iter_mut().zip(&self.means).zip(&self.variances) {
            let parts = row
                .iter()
                .zip(means)
                .zip(variances)
                .map(|((x, mean), variance)| {
                    // Bounded, so that no difference of logarithms is infinite.
                    let squared = ((x - mean) * ((x - mean) / variance)).min(1e300);
                    (std::f64::consts::TAU * variance).ln() + squared
                });
            *out = -0.5 * parts.sum::<f64>();
        }
        let largest = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        out.iter_mut().for_each(|log| *log = (*log - largest).exp());
        largest
    }

    fn ordered(self) -> Self {
        let mut order: Vec<usize> = (0..self.states()).collect();
        // By the geometric mean over the observed values: free of their units.
        let size = |k: usize| self.variances[k].iter().map(|v| v.ln()).sum::<f64>();
        order.sort_by(|a, b| size(*a).total_cmp(&size(*b)));
        let pick = |rows: &[Vec<f64>]| order.iter().map(|k| rows[*k].clone()).collect();
        let transition = |k: &usize| order.iter().map(|j| self.transitions[*k][*j]).collect();
        Self {
            initial: order.iter().map(|k| self.initial[*k]).collect(),
            transitions: order.iter().map(transition).collect(),
            means: pick(&self.means),
            variances: pick(&self.variances),
        }
    }
}

/// A fitted model at work: the probability of each state given the rows so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    model: GaussianHmm,
    probabilities: Option<Vec<f64>>,
    densities: Vec<f64>,
}

impl Filter {
    /// Before the first row.
    pub fn new(model: GaussianHmm) -> Self {
        Self {
            densities: vec![0.0; model.states()],
            model,
            probabilities: None,
        }
    }

    /// From given probabilities on, one per state.
    ///
    /// # Errors
    /// [`FeatureError::InvalidParameter`] unless they are probabilities of the model's states.
    pub fn continuing(model: GaussianHmm, probabilities: &[f64]) -> Result<Self, FeatureError> {
        let valid = probabilities.iter().all(|p| (0.0..=1.0).contains(p));
        let sum: f64 = probabilities.iter().sum();
        if !valid || probabilities.len() != model.states() || (sum - 1.0).abs() > 1e-9 {
            return Err(reject(
                "probabilities",
                "must be those of the model's states",
            ));
        }
        let mut filter = Self::new(model);
        filter.probabilities = Some(probabilities.to_vec());
        Ok(filter)
    }

    /// Takes a row in; the probability of each state now. A row with a missing value tells nothing:
    /// the states are then those expected one row later.
    ///
    /// # Errors
    /// [`FeatureError::Arity`] for another number of values than the model observes.
    pub fn update(&mut self, row: &[f64]) -> Result<&[f64], FeatureError> {
        let expected = self.model.means.first().map_or(0, Vec::len);
        if row.len() != expected {
            return Err(FeatureError::Arity {
                what: "inputs",
                expected,
                found: row.len(),
            });
        }
        let mut next = match &self.probabilities {
            None => self.model.initial.clone(),
            Some(probabilities) => self.model.predict(probabilities),
        };
        if row.iter().all(|x| is_observed(*x)) {
            self.model.densities(row, &mut self.densities);
            normalise(&mut next, &self.densities);
        }
        Ok(self.probabilities.insert(next))
    }

    /// The probabilities after the last row; `None` before the first.
    pub fn probabilities(&self) -> Option<&[f64]> {
        self.probabilities.as_deref()
    }

    /// The model.
    pub fn model(&self) -> &GaussianHmm {
        &self.model
    }
}

/// Multiplies by the densities and makes the sum 1; gives the sum before.
fn normalise(probabilities: &mut [f64], densities: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (p, density) in probabilities.iter_mut().zip(densities) {
        // Never quite zero: a state that is ruled out could not come back.
        *p = (*p * density).max(1e-300);
        sum += *p;
    }
    probabilities.iter_mut().for_each(|p| *p /= sum);
    sum
}

/// Training data with mean 0 and variance 1, row by row.
struct Scaled {
    rows: Vec<Vec<f64>>,
    centre: Vec<f64>,
    scale: Vec<f64>,
}

impl Scaled {
    fn new(columns: &[&[f64]], states: usize) -> Result<Self, FeatureError> {
        if !(2..=MAX_STATES).contains(&states) {
            return Err(reject(
                "states",
                format!("are {states}, allowed are 2 to {MAX_STATES}"),
            ));
        }
        let Some(first) = columns.first() else {
            return Err(reject("columns", "are none"));
        };
        let count = first.len();
        for (index, column) in columns.iter().enumerate() {
            if column.len() != count {
                return Err(FeatureError::LengthMismatch {
                    column: format!("#{index}"),
                    found: column.len(),
                    expected: count,
                });
            }
            if !column.iter().all(|x| is_observed(*x)) {
                return Err(reject("columns", "must have no missing value"));
            }
        }
        if count < 10 * states {
            return Err(reject(
                "columns",
                format!("have {count} rows, needed are {}", 10 * states),
            ));
        }
        let n = count as f64;
        let centre: Vec<f64> = columns.iter().map(|c| c.iter().sum::<f64>() / n).collect();
        let scale: Vec<f64> = columns
            .iter()
            .zip(&centre)
            .map(|(c, mean)| (c.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt())
            .collect();
        let flat = |(scale, mean): (&f64, &f64)| *scale <= 1e-12 * mean.abs() || *scale < 1e-150;
        if scale.iter().zip(&centre).any(flat) {
            return Err(reject("columns", "must vary"));
        }
        let row = |row: usize| {
            let values = columns.iter().zip(centre.iter().zip(&scale));
            values
                .map(|(c, (mean, scale))| (c[row] - mean) / scale)
                .collect()
        };
        Ok(Self {
            rows: (0..count).map(row).collect(),
            centre,
            scale,
        })
    }

    /// What scaling adds to the log density of a row.
    fn log_scale(&self) -> f64 {
        self.scale.iter().map(|s| s.ln()).sum()
    }

    /// States by the mean size of the deviations of a row and the ten before it, in equal shares.
    fn start(&self, states: usize) -> GaussianHmm {
        let size = |row: &Vec<f64>| row.iter().map(|x| x * x).sum::<f64>();
        let sizes: Vec<f64> = self.rows.iter().map(size).collect();
        let around: Vec<f64> = (0..sizes.len())
            .map(|row| {
                let part = &sizes[row.saturating_sub(10)..=row];
                part.iter().sum::<f64>() / part.len() as f64
            })
            .collect();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by(|a, b| around[*a].total_cmp(&around[*b]));
        let mut work = Work::new(self.rows.len(), states);
        for (place, row) in order.iter().enumerate() {
            work.smoothed[*row][place * states / order.len()] = 1.0;
        }
        for row in 1..self.rows.len() {
            for from in 0..states {
                for to in 0..states {
                    work.moves[from][to] += work.smoothed[row - 1][from] * work.smoothed[row][to];
                }
            }
        }
        work.maximise(&self.rows, states)
    }

    fn unscale(&self, model: GaussianHmm) -> GaussianHmm {
        let back = |rows: Vec<Vec<f64>>, of: fn(f64, f64, f64) -> f64| {
            let row = |row: Vec<f64>| {
                let parts = row.into_iter().zip(self.centre.iter().zip(&self.scale));
                parts
                    .map(|(x, (mean, scale))| of(x, *mean, *scale))
                    .collect()
            };
            rows.into_iter().map(row).collect()
        };
        GaussianHmm {
            means: back(model.means, |x, mean, scale| mean + scale * x),
            variances: back(model.variances, |x, _, scale| scale * scale * x),
            ..model
        }
    }
}

/// Expectations over the training data; allocated once per fit.
struct Work {
    /// Filtered, row by state.
    filtered: Vec<Vec<f64>>,
    /// Relative densities, row by state.
    densities: Vec<Vec<f64>>,
    /// Probability of each state at each row given all rows: for the fit only.
    smoothed: Vec<Vec<f64>>,
    /// Expected number of moves from state to state.
    moves: Vec<Vec<f64>>,
}

impl Work {
    fn new(rows: usize, states: usize) -> Self {
        let table = || vec![vec![0.0; states]; rows];
        Self {
            filtered: table(),
            densities: table(),
            smoothed: table(),
            moves: vec![vec![0.0; states]; states],
        }
    }

    /// Forward and backward over the rows; gives the log likelihood.
    fn expect(&mut self, model: &GaussianHmm, rows: &[Vec<f64>]) -> f64 {
        let mut log_likelihood = 0.0;
        let mut sums = vec![0.0; rows.len()];
        for (at, row) in rows.iter().enumerate() {
            log_likelihood += model.densities(row, &mut self.densities[at]);
            let mut now = match at.checked_sub(1) {
                None => model.initial.clone(),
                Some(before) => model.predict(&self.filtered[before]),
            };
            sums[at] = normalise(&mut now, &self.densities[at]);
            log_likelihood += sums[at].ln();
            self.filtered[at] = now;
        }
        self.moves.iter_mut().for_each(|row| row.fill(0.0));
        let mut backward = vec![1.0; model.states()];
        for at in (0..rows.len()).rev() {
            let now = self.filtered[at].iter().zip(&backward);
            for (smoothed, (p, ahead)) in self.smoothed[at].iter_mut().zip(now) {
                *smoothed = p * ahead;
            }
            let Some(before) = at.checked_sub(1) else {
                break;
            };
            let ahead: Vec<f64> = self.densities[at]
                .iter()
                .zip(&backward)
                .map(|(density, backward)| density * backward / sums[at])
                .collect();
            let from = self.moves.iter_mut().zip(&self.filtered[before]);
            for ((moves, p), (sum, transitions)) in
                from.zip(backward.iter_mut().zip(&model.transitions))
            {
                *sum = 0.0;
                for ((count, transition), ahead) in moves.iter_mut().zip(transitions).zip(&ahead) {
                    *count += p * transition * ahead;
                    *sum += transition * ahead;
                }
            }
        }
        log_likelihood
    }

    /// The model that makes the expectations likeliest.
    fn maximise(&self, rows: &[Vec<f64>], states: usize) -> GaussianHmm {
        let share = |counts: &[f64]| {
            let total: f64 = counts.iter().sum();
            let floor = LEAST * total.max(1.0);
            let raised: Vec<f64> = counts.iter().map(|count| count.max(floor)).collect();
            let total: f64 = raised.iter().sum();
            raised
                .into_iter()
                .map(|count| count / total)
                .collect::<Vec<f64>>()
        };
        let values = rows.first().map_or(0, Vec::len);
        let (mut means, mut variances) = (Vec::new(), Vec::new());
        for k in 0..states {
            let weight: f64 = self.smoothed.iter().map(|p| p[k]).sum::<f64>().max(1e-300);
            let average = |of: &dyn Fn(&[f64]) -> f64| {
                let parts = rows
                    .iter()
                    .zip(&self.smoothed)
                    .map(|(row, p)| p[k] * of(row));
                parts.sum::<f64>() / weight
            };
            let mean: Vec<f64> = (0..values).map(|i| average(&|row| row[i])).collect();
            let variance = (0..values).map(|i| {
                let from_mean = average(&|row| (row[i] - mean[i]) * (row[i] - mean[i]));
                from_mean.max(LEAST_VARIANCE)
            });
            variances.push(variance.collect());
            means.push(mean);
        }
        GaussianHmm {
            initial: share(self.smoothed.first().map_or(&[], Vec::as_slice)),
            transitions: self.moves.iter().map(|row| share(row)).collect(),
            means,
            variances,
        }
    }
}
