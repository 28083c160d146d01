//! When the gate's loss limits are held against the account: after every event that changed what
//! they depend on for the worse, not only when an order is judged.

use trader_broker::Account;
use trader_domain::{Money, TradingState};

use super::Core;
use super::effects::{Alert, Effects};

/// What the last reviews have seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reviewed {
    state: TradingState,
    version: u64,
    /// The lowest equity reviewed with these reference points: a higher one cannot breach more.
    lowest: Money,
    peak: Money,
    day_start: Money,
}

impl Reviewed {
    /// Whether the account stands worse than at any review since its reference points were set, or
    /// the state behind the gate has changed.
    #[inline]
    pub(super) fn is_due(&self, version: u64, account: &Account) -> bool {
        version != self.version
            || account.equity < self.lowest
            || account.peak_equity != self.peak
            || account.day_start_equity != self.day_start
    }

    /// What the gate allowed at the last review.
    pub(super) const fn state(&self) -> TradingState {
        self.state
    }
}

impl Core {
    pub(super) fn review(&mut self, effects: &mut Effects) {
        let account = *self.portfolio.account();
        let state = self.risk.review(&snapshot_of!(self));
        if state > self.trading_state() {
            self.version += 1;
            effects.alerts.push(Alert::TradingState(state));
        }
        self.reviewed = Reviewed {
            state,
            version: self.version,
            lowest: account.equity,
            peak: account.peak_equity,
            day_start: account.day_start_equity,
        };
    }
}
