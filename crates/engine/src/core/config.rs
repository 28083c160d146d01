//! What a core must be told before its first event.

use trader_domain::AccountId;

use crate::portfolio::AccountConfig;

/// Which hours the primary market keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionCalendar {
    /// NYSE and Nasdaq.
    UsEquities,
    /// Always open (crypto, synthetic data).
    Continuous,
}

/// Settings of one core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreConfig {
    /// The journal's identity: from a cryptographically secure source live, fixed in a backtest,
    /// where client order ids never leave the process.
    pub run: u64,
    /// Which account the orders are for.
    pub account_id: AccountId,
    /// Kind of account, opening cash, financing.
    pub account: AccountConfig,
    /// Market hours.
    pub calendar: SessionCalendar,
    /// Whether the venue links OCO orders itself; where not, the core sends the reductions.
    pub venue_links_oco: bool,
    /// How many finished orders are remembered for late fills.
    pub retained_orders: usize,
    /// How many executions are remembered to recognise repeated reports.
    pub retained_executions: usize,
}
