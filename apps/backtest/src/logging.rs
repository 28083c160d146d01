//! Starts logging as configured, and says what a run wants a person to know.

use std::sync::Arc;

use tracing::warn;
use trader_config::schema::Config;
use trader_domain::{Clock, Timestamp};
use trader_research::run::RunOutcome;
use trader_startup::start_logging;
use trader_telemetry::Logging;

use crate::failure::Failure;
use crate::output;

/// How many alerts of one run are shown one by one.
const SHOWN_ALERTS: usize = 10;

/// The system clock, for the time of log lines.
struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        output::now()
    }
}

/// Sets up the process's logging; lines go to standard error and, where configured, to files.
pub(crate) fn start(config: &Config) -> Result<Logging, Failure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(start_logging(config, &clock)?)
}

/// Logs what happened in a run that a person should know.
pub(crate) fn alerts(strategy: &str, outcome: &RunOutcome) {
    let alerts = &outcome.record.alerts;
    for (time, alert) in alerts.iter().take(SHOWN_ALERTS) {
        warn!(strategy, %time, ?alert, "the core raised an alert");
    }
    if let Some(more) = alerts
        .len()
        .checked_sub(SHOWN_ALERTS)
        .filter(|more| *more > 0)
    {
        warn!(strategy, more, "further alerts are not shown");
    }
}
