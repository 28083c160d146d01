//! Registry entry of the hidden Markov model: fitted to the rows before, refitted as time goes on,
//! filtered in between.

use crate::calculator::Kernel;
use crate::error::FeatureError;
use crate::parameter::{integer, window};
use crate::registry::{Build, Built, Cost, Definition};
use crate::ring::Ring;
use crate::snapshot::{Reader, State, Writer, refused};

use super::hidden_markov::{Filter, GaussianHmm, Training};
use super::thresholds::BASE;

pub(crate) const DEFINITIONS: &[Definition] = &[Definition {
    name: "regime_hmm",
    outputs: &[
        "regime_hmm",
        "regime_hmm_conf",
        "regime_hmm_turbulent",
        "regime_hmm_vol",
    ],
    parameters: &[
        integer("states", "number of states", (2, 4), 2),
        window("training", 60, 252),
        integer("refit", "rows between fits", (1, 100_000), 63),
    ],
    cost: Cost::Linear,
    description: "Hidden Markov regime of the returns: the likeliest state (0 is the calmest), its \
                  probability, the probability of the most volatile state, and the expected \
                  volatility of the next row's return.",
    convention: "Gaussian states, fitted by Baum and Welch to the last `training` log returns at the \
                 first row that has so many and every `refit` rows after; in between the state \
                 probabilities are filtered (Hamilton 1989), never smoothed. States ordered by \
                 variance. Missing after a fit to returns that do not vary, until the next one.",
    build: Build::Series(|a| {
        let kernel = Hidden::new(
            a.length("states")?,
            a.length("training")?,
            a.length("refit")?,
        );
        let source = format!("logret_1({})", a.sources().join(","));
        Ok(Built::reading(kernel, vec![source]))
    }),
    ..BASE
}];

/// Passes of a fit; a refit starts anew, so that it does not depend on the fits before.
const PASSES: usize = 60;

#[derive(Debug, Clone)]
struct Hidden {
    states: usize,
    refit: u64,
    past: Ring,
    /// Rows since the last fit, that row included; 0 before the first.
    since: u64,
    filter: Option<Filter>,
}

impl Hidden {
    fn new(states: usize, training: usize, refit: usize) -> Self {
        Self {
            states,
            refit: refit as u64,
            past: Ring::new(training),
            since: 0,
            filter: None,
        }
    }

    /// Fits to the rows at hand and runs over them, so that the newest row's state is known.
    fn fit(&mut self) {
        let rows: Vec<f64> = self.past.iter().collect();
        let training = Training {
            passes: PASSES,
            tolerance: 1e-7,
            ..Training::with_states(self.states)
        };
        self.filter = GaussianHmm::fit(&[&rows], training).ok().and_then(|fit| {
            let mut filter = Filter::new(fit.model);
            for row in &rows {
                filter.update(&[*row]).ok()?;
            }
            Some(filter)
        });
        self.since = 0;
    }
}

impl Kernel<1, 4> for Hidden {
    fn warm_up(&self) -> [usize; 4] {
        [self.past.capacity() - 1; 4]
    }

    #[inline]
    fn step(&mut self, [x]: [f64; 1]) -> [f64; 4] {
        self.past.push(x);
        if !self.past.is_full() {
            return [f64::NAN; 4];
        }
        if self.since == 0 || self.since >= self.refit {
            self.fit();
        } else if let Some(filter) = &mut self.filter
            && filter.update(&[x]).is_err()
        {
            self.filter = None;
        }
        self.since = self.since.saturating_add(1);
        let Some(filter) = &self.filter else {
            return [f64::NAN; 4];
        };
        let Some(probabilities) = filter.probabilities() else {
            return [f64::NAN; 4];
        };
        let mut best = (0.0, 0.0);
        for (state, p) in probabilities.iter().enumerate() {
            if *p > best.1 {
                best = (state as f64, *p);
            }
        }
        let turbulent = probabilities.last().copied().unwrap_or(f64::NAN);
        let variance = filter.model().next_variance(probabilities);
        [best.0, best.1, turbulent, variance.sqrt()]
    }
}

impl State for Hidden {
    fn save(&self, writer: &mut Writer) {
        self.past.save(writer);
        self.since.save(writer);
        self.filter.is_some().save(writer);
        if let Some(filter) = &self.filter {
            let model = filter.model();
            model.initial().to_vec().save(writer);
            model.transitions().to_vec().save(writer);
            model.means().to_vec().save(writer);
            model.variances().to_vec().save(writer);
            filter
                .probabilities()
                .unwrap_or_default()
                .to_vec()
                .save(writer);
        }
    }

    fn load(&mut self, reader: &mut Reader<'_>) -> Result<(), FeatureError> {
        self.past.load(reader)?;
        self.since.load(reader)?;
        let mut fitted = false;
        fitted.load(reader)?;
        self.filter = None;
        if !fitted {
            return Ok(());
        }
        let states = self.states;
        let mut initial = vec![0.0; states];
        let mut transitions = vec![vec![0.0; states]; states];
        let (mut means, mut variances) = (vec![vec![0.0]; states], vec![vec![0.0]; states]);
        let mut probabilities = vec![0.0; states];
        initial.load(reader)?;
        transitions.load(reader)?;
        means.load(reader)?;
        variances.load(reader)?;
        probabilities.load(reader)?;
        let model = GaussianHmm::new(initial, transitions, means, variances)
            .map_err(|error| refused(error.to_string()))?;
        let filter = Filter::continuing(model, &probabilities)
            .map_err(|error| refused(error.to_string()))?;
        self.filter = Some(filter);
        Ok(())
    }
}
