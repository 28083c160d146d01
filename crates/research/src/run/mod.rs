//! One backtest: instruments and history in, everything that happened out.
//!
//! The runner composes core, gate, compliance policy and simulated exchange; it knows no strategy
//! by name (the app does) and writes no file ([`crate::folder`] does).

mod bar_builder;
mod corporate;
mod feed;
mod journalled;
mod lane;
mod log;
mod merge;
mod recorder;
mod tick_series;

pub use bar_builder::{BarBuilder, BarRule, PricedHours};
pub use corporate::{CorporateError, corporate_actions, symbol_on};
pub use feed::{FeedError, HistoryFeed};
pub use journalled::{Replayed, replay_journal, run_journalled};
pub use lane::Source;
pub use log::Log;
pub use recorder::{CheckTally, EquitySample, OrderRecord, Recorder};
pub use tick_series::TickSeries;

use thiserror::Error;
use trader_broker::CompliancePolicy;
use trader_brokers_backtest::{BacktestVenue, ConfigError, ExchangeConfig};
use trader_domain::{AccountId, Instruments, MarketCalendar, Money};
use trader_engine::driver::backtest::{BacktestDriver, DriveError, RunCounts, RunObserver};
use trader_engine::driver::replay::ReplayError;
use trader_engine::journal::{JournalError, WriteError};
use trader_engine::{AccountConfig, Core, CoreConfig, CoreError, SessionCalendar, Strategy};
use trader_risk::{Gate, GateConfig, LimitErrors};

/// Strategies of one run; their index is their [`trader_domain::StrategyId`].
pub type Strategies = Vec<Box<dyn Strategy>>;

/// The rules of one run.
#[derive(Debug, Clone)]
pub struct RunRules {
    /// Account kind, opening cash, financing.
    pub account: AccountConfig,
    /// How the exchange fills.
    pub exchange: ExchangeConfig,
    /// Limits of the gate.
    pub gate: GateConfig,
    /// Market hours, as the account's days and the gate see them.
    pub calendar: SessionCalendar,
    /// When the simulated market is open.
    pub hours: VenueHours,
}

/// When the simulated market is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VenueHours {
    /// Whenever the data has a bar: the next bar's open is the next bar's open, at any hour.
    #[default]
    Data,
    /// In regular hours of the US equity calendar; extended hours only for orders that ask for them.
    Calendar,
}

/// Everything that came of a run.
#[derive(Debug)]
pub struct RunOutcome {
    /// Counts of events, orders, fills, trades.
    pub counts: RunCounts,
    /// Cash plus positions at the last marks.
    pub final_equity: Money,
    /// Fingerprint of the core's state and of all its effects.
    pub state_hash: u128,
    /// What was recorded on the way.
    pub record: Recorder,
    /// The core at the end: positions, totals.
    pub core: Core,
}

impl RunOutcome {
    /// Reads the results off the core.
    fn new(counts: RunCounts, record: Recorder, core: Core) -> Self {
        Self {
            counts,
            final_equity: core.portfolio().account().equity,
            state_hash: core.state_hash(),
            record,
            core,
        }
    }
}

/// Why a run could not be done.
#[derive(Debug, Error)]
pub enum RunError {
    /// The exchange cannot be simulated like this.
    #[error("the exchange settings are not usable")]
    Exchange(#[from] ConfigError),
    /// The gate refuses its limits.
    #[error("the risk limits are not usable")]
    Limits(#[from] LimitErrors),
    /// The core cannot be made.
    #[error("the core could not be set up")]
    Core(#[from] CoreError),
    /// The journal's file could not be made or opened.
    #[error("{path}: {action} the journal failed")]
    JournalFile {
        /// Which file.
        path: String,
        /// What was being done.
        action: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The journal could not be written.
    #[error("the journal could not be written")]
    JournalWrite(#[from] WriteError),
    /// The journal cannot be read back.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The replay is not the recorded run.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The history failed on the way.
    #[error("the run stopped")]
    Drive(#[from] DriveError<FeedError>),
}

/// Runs strategies over a history.
///
/// `stop` is asked every few thousand events; the outcome then covers what was run so far.
///
/// # Errors
/// [`RunError`].
pub fn run(
    rules: &RunRules,
    instruments: Instruments,
    strategies: Strategies,
    compliance: Box<dyn CompliancePolicy>,
    feed: &mut HistoryFeed<'_>,
    stop: &dyn Fn() -> bool,
) -> Result<RunOutcome, RunError> {
    let mut record = Recorder::new();
    let (counts, core) = drive(
        rules,
        instruments,
        strategies,
        compliance,
        feed,
        &mut record,
        stop,
    )?;
    Ok(RunOutcome::new(counts, record, core))
}

/// One run under any observer.
///
/// # Errors
/// [`RunError`].
pub(crate) fn drive<O: RunObserver>(
    rules: &RunRules,
    instruments: Instruments,
    strategies: Strategies,
    compliance: Box<dyn CompliancePolicy>,
    feed: &mut HistoryFeed<'_>,
    observer: &mut O,
    stop: &dyn Fn() -> bool,
) -> Result<(RunCounts, Core), RunError> {
    let mut venue = venue(rules, &instruments)?;
    let mut core = core(rules, instruments, strategies, compliance)?;
    let counts = BacktestDriver::new(&mut core, &mut venue, observer).run(feed, stop)?;
    Ok((counts, core))
}

fn venue(rules: &RunRules, instruments: &Instruments) -> Result<BacktestVenue, RunError> {
    let venue = BacktestVenue::new(instruments, rules.exchange.clone())?;
    Ok(match rules.hours {
        VenueHours::Data => venue,
        VenueHours::Calendar => venue.with_schedule(Box::new(MarketCalendar::us_equities())),
    })
}

/// The only place where core, gate and policy are put together.
fn core(
    rules: &RunRules,
    instruments: Instruments,
    strategies: Strategies,
    compliance: Box<dyn CompliancePolicy>,
) -> Result<Core, RunError> {
    let gate = Gate::new(rules.gate, instruments.len())?;
    let config = CoreConfig {
        run: 0,
        account_id: AccountId(0),
        account: rules.account.clone(),
        calendar: rules.calendar,
        venue_links_oco: true,
        retained_orders: 1_024,
        retained_executions: 4_096,
    };
    Ok(Core::new(
        config,
        instruments,
        strategies,
        Box::new(gate),
        compliance,
    )?)
}
