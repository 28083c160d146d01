//! When the gate's loss limits are held against the account: after every event that changed what
//! they depend on for the worse, not only when an order is judged.

use trader_broker::{Account, Review};
use trader_domain::{Money, TradingState};

use super::Core;
use super::effects::{Alert, Effects};

/// What came of the last review.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reviewed {
    state: TradingState,
    version: u64,
    /// How far equity may stand below its peak until the next review.
    tolerated_fall: Money,
}

impl Default for Reviewed {
    fn default() -> Self {
        Self {
            state: TradingState::Active,
            version: 0,
            tolerated_fall: Money::MIN,
        }
    }
}

impl Reviewed {
    /// Whether the account stands worse than the last review vouched for, or the state behind the
    /// gate has changed (a new day's opening equity is such a change).
    #[inline]
    pub(super) fn is_due(&self, version: u64, account: &Account) -> bool {
        let fall = account.peak_equity.checked_sub(account.equity);
        version != self.version || !fall.is_ok_and(|fall| fall <= self.tolerated_fall)
    }

    /// The version of the state behind the gate that the last review looked at.
    pub(super) const fn version(&self) -> u64 {
        self.version
    }

    /// What the gate allowed at the last review.
    pub(super) const fn state(&self) -> TradingState {
        self.state
    }
}

impl Core {
    pub(super) fn review(&mut self, effects: &mut Effects) {
        let Review {
            state,
            tolerated_fall,
        } = self.risk.review(&snapshot_of!(self));
        if state > self.trading_state() {
            self.version += 1;
            effects.alerts.push(Alert::TradingState(state));
        }
        self.reviewed = Reviewed {
            state,
            version: self.version,
            tolerated_fall,
        };
    }
}
