//! [`HaltState`]: whether trading is allowed, why not, and how that survives a restart.
//!
//! Three causes are kept apart: what an operator ordered, a loss limit of the day, and the limits
//! that only an operator releases. The strictest holds. A system that was stopped starts stopped:
//! [`crate::Gate::halt_state`] is journaled and given back to [`crate::Gate::restore_halt_state`].

use trader_broker::Account;
use trader_domain::{Money, TradingState};

use crate::judge::Share;

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

/// The fall of equity from `start` as a share of it, zero for a gain; `None` when equity is not
/// known or `start` is not positive.
#[inline]
pub(crate) fn loss(account: &Account, start: Money) -> Option<Share> {
    if account.unpriced_positions > 0 || !start.is_positive() {
        return None;
    }
    Some(Share {
        part: start.units().checked_sub(account.equity.units())?.max(0),
        whole: start.units(),
    })
}
