//! Pre-trade risk: every check, every reservation, the halt state.
//!
//! [`Gate`] is the [`trader_broker::RiskPolicy`] of the system. The core asks it through
//! [`trader_broker::approve`]; it runs all its checks against the snapshot and its own
//! reservations, and is told of the order's fate by [`trader_broker::GateEvent`]s.
//!
//! | module | decides |
//! |---|---|
//! | [`gate`] | what is checked, what is kept |
//! | [`limits`] | every number, with default, unit, range |
//! | [`day_trading`] | which day-trading rule holds on a day |
//! | [`limit_change`] | who may change them |
//! | [`luld`] | limit-up/limit-down bands where none are delivered |
//! | [`locate`] | locates for short sales |
//! | [`halt`] | active, reducing, halted, across restarts |
//!
//! Beside the gate, for sizing and limits, as pure functions of estimates:
//!
//! | module | gives |
//! |---|---|
//! | [`allocation`] | weights of a portfolio from the covariance of its members |
//! | [`tail`] | value at risk and expected shortfall from fitted tails |
//!
//! ```
//! use trader_risk::{Gate, GateConfig, Limits};
//!
//! // The table of the specification, for an account that trades at most ten positions.
//! let limits = Limits { positions: 10, ..Limits::default() };
//! let gate = Gate::new(GateConfig { limits, ..GateConfig::default() }, 500)?;
//! assert_eq!(gate.limits().positions, 10);
//!
//! // A limit that could not hold anything back makes no gate.
//! let limits = Limits { positions: 0, ..Limits::default() };
//! assert!(Gate::new(GateConfig { limits, ..GateConfig::default() }, 500).is_err());
//! # Ok::<(), trader_risk::LimitErrors>(())
//! ```

pub mod allocation;
mod checks;
pub mod day_trading;
mod exposure;
mod flow;
pub mod gate;
pub mod halt;
mod judge;
mod ledger;
pub mod limit_change;
pub mod limits;
pub mod locate;
pub mod luld;
mod options;
mod parents;
mod subject;
mod sums;
pub mod tail;
mod window;

pub use day_trading::{DayTradingRule, DayTradingSchedule, OutsidePhaseIn};
pub use gate::{Gate, GateConfig};
pub use halt::HaltState;
pub use limit_change::{Author, AuthorisationError, AuthorisedChange, LimitChange, Person};
pub use limits::{LimitError, LimitErrors, Limits, MarginRates, OptionLevel, RateLimit};
pub use locate::{Locate, LocateError};
pub use luld::{BandPeriod, LuldReference};
