//! [`ExchangeConfig`]: which models the exchange simulates with. Every field changes what is
//! filled, when, or at what price; the defaults are the cautious choice with bars.

use thiserror::Error;
use trader_domain::Rate;

/// At which price of which bar a market order fills, and how stops and limits meet a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum FillRule {
    /// At the open of the first bar that begins after the order arrived. Stops and limits work
    /// within bars as in [`PathModel::WorstCase`].
    #[default]
    NextOpen,
    /// At the close of the bar that ends at the instant of the order: for studies that decide and
    /// trade on the same close. Everything else as in [`FillRule::NextOpen`].
    ThisClose,
    /// As [`FillRule::NextOpen`], with stops, limits and trails walking a path through the bar.
    IntrabarPath(PathModel),
}

/// In which order a bar visits its extremes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathModel {
    /// Open, high, low, close.
    HighFirst,
    /// Open, low, high, close.
    LowFirst,
    /// The extreme nearer to the open first; at equal distance the one away from the close.
    NearestFirst,
    /// Not known: each order meets the order of extremes that is worst for it.
    WorstCase,
}

/// When a resting limit order fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LimitFill {
    /// When the market trades at its price.
    #[default]
    Touch,
    /// When the market trades beyond its price, so that the queue at the price is gone.
    Through,
}

/// The models of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExchangeConfig {
    /// How bars fill orders.
    pub fill_rule: FillRule,
    /// When resting limit orders fill.
    pub limit_fill: LimitFill,
    /// Largest share of a bar's or print's volume that our orders may be together; `None` fills
    /// any size at once.
    pub participation: Option<Rate>,
}

/// A configuration that cannot be simulated.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// A share outside 0 to 1.
    #[error("{field} is {found}, it must be above 0 and at most 1")]
    NotAShare {
        /// Which field.
        field: &'static str,
        /// Its value.
        found: Rate,
    },
}

impl ExchangeConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// The first [`ConfigError`] found.
    pub fn validate(&self) -> Result<(), ConfigError> {
        if let Some(found) = self.participation
            && (!found.is_positive() || found > Rate::ONE)
        {
            return Err(ConfigError::NotAShare {
                field: "participation",
                found,
            });
        }
        Ok(())
    }

    /// How bars are walked.
    pub(crate) const fn path_model(&self) -> PathModel {
        match self.fill_rule {
            FillRule::NextOpen | FillRule::ThisClose => PathModel::WorstCase,
            FillRule::IntrabarPath(model) => model,
        }
    }
}
