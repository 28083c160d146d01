//! [`HaltState`]: whether trading is allowed, why not, and how that survives a restart.
//!
//! Three causes are kept apart: what an operator ordered, a loss limit of the day, and the limits
//! that only an operator releases. The strictest holds. A system that was stopped starts stopped:
//! [`crate::Gate::halt_state`] is journaled and given back to [`crate::Gate::restore_halt_state`].

use trader_broker::Account;
use trader_domain::{Money, Rate, TradingState};

use crate::judge::ratio_up;

/// Why trading is restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HaltState {
    /// What an operator (or a breaker acting for one) ordered.
    pub ordered: TradingState,
    /// Set by the daily loss limit; `Reducing` until the next trading day.
    pub day: TradingState,
    /// Set by the drawdown limit; `Reducing` until an operator sets the state.
    pub latched: TradingState,
}

impl HaltState {
    /// What holds: the strictest of all causes.
    pub fn effective(&self) -> TradingState {
        self.ordered.max(self.day).max(self.latched)
    }
}

/// A loss as a share of where it is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LossReading {
    /// Units of 10⁻⁹, rounded up; zero for a gain.
    pub(crate) share: i64,
    /// Whether it is above the limit.
    pub(crate) breached: bool,
}

impl LossReading {
    /// The fall of equity from `start`; `None` when equity is not known or `start` is not positive.
    pub(crate) fn of(account: &Account, start: Money, limit: Rate) -> Option<Self> {
        if account.unpriced_positions > 0 || !start.is_positive() {
            return None;
        }
        let loss = start.checked_sub(account.equity).ok()?;
        let share = if loss.is_positive() {
            i64::try_from(ratio_up(loss.units(), start.units())?).ok()?
        } else {
            0
        };
        Some(Self {
            share,
            breached: share > limit.units(),
        })
    }
}
