//! All built-in strategies by name.

use std::collections::BTreeMap;

use thiserror::Error;
use trader_domain::Instruments;
use trader_engine::Strategy;

use crate::parameter::{ParameterError, ParameterSpec, Parameters};
use crate::{breakout, buy_and_hold, crossover, mean_reversion, momentum, pairs};

/// Makes a strategy from checked parameters for a run's instruments.
type Build = fn(&Parameters, &Instruments) -> Result<Box<dyn Strategy>, ParameterError>;

/// A strategy that can be asked for by name.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    /// Its name on the command line and in configuration.
    pub name: &'static str,
    /// One line on what it does.
    pub description: &'static str,
    /// Its parameters.
    pub parameters: &'static [ParameterSpec],
    build: Build,
}

impl Definition {
    /// Checks parameters given as text and fills in defaults.
    ///
    /// # Errors
    /// [`ParameterError`].
    pub fn check(&self, given: &BTreeMap<String, String>) -> Result<Parameters, ParameterError> {
        Parameters::check(self.name, self.parameters, given)
    }

    /// Makes the strategy for a run's instruments.
    ///
    /// # Errors
    /// [`ParameterError::Contradiction`] when parameters contradict each other or the instruments.
    pub fn build(
        &self,
        parameters: &Parameters,
        instruments: &Instruments,
    ) -> Result<Box<dyn Strategy>, ParameterError> {
        (self.build)(parameters, instruments)
    }
}

/// The built-in strategies.
pub const STRATEGIES: &[Definition] = &[
    Definition {
        name: "buy-and-hold",
        description: "buy every instrument at the start and keep it",
        parameters: buy_and_hold::PARAMETERS,
        build: buy_and_hold::build,
    },
    Definition {
        name: "sma-crossover",
        description: "long while the fast simple average is above the slow one",
        parameters: crossover::PARAMETERS,
        build: crossover::build_simple,
    },
    Definition {
        name: "ema-crossover",
        description: "long while the fast exponential average is above the slow one",
        parameters: crossover::PARAMETERS,
        build: crossover::build_exponential,
    },
    Definition {
        name: "zscore-reversion",
        description: "buy far below the rolling mean, sell near it",
        parameters: mean_reversion::Z_SCORE_PARAMETERS,
        build: mean_reversion::build_z_score,
    },
    Definition {
        name: "rsi2-reversion",
        description: "buy short-term weakness in a long-term up-trend (Connors' RSI-2)",
        parameters: mean_reversion::RSI2_PARAMETERS,
        build: mean_reversion::build_rsi2,
    },
    Definition {
        name: "donchian-breakout",
        description: "buy new highs, sell new lows (Turtle rule)",
        parameters: breakout::PARAMETERS,
        build: breakout::build,
    },
    Definition {
        name: "momentum",
        description: "each month, hold the past year's winners of the universe",
        parameters: momentum::PARAMETERS,
        build: momentum::build,
    },
    Definition {
        name: "pairs",
        description: "trade the spread of related instruments back to its mean",
        parameters: pairs::PARAMETERS,
        build: pairs::build,
    },
];

/// There is no strategy of that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no strategy `{name}`; known: {known}")]
pub struct UnknownStrategy {
    /// What was asked for.
    pub name: String,
    /// What there is.
    pub known: String,
}

/// The strategy of this name.
///
/// # Errors
/// [`UnknownStrategy`].
pub fn find(name: &str) -> Result<&'static Definition, UnknownStrategy> {
    STRATEGIES
        .iter()
        .find(|definition| definition.name == name)
        .ok_or_else(|| UnknownStrategy {
            name: name.to_owned(),
            known: STRATEGIES
                .iter()
                .map(|definition| definition.name)
                .collect::<Vec<_>>()
                .join(", "),
        })
}
