//! The calendar of the US equity and option markets (NYSE, Nasdaq): trading days, session times,
//! settlement and option expiries, from 1990 on.
//!
//! The core asks [`MarketCalendar::phase_at`] and keeps the answer until its `until`; risk, matching and
//! research ask for days. Closures and half days follow the exchanges' rules of their year, one-off
//! closures are listed; a closure that is announced later is added with
//! [`MarketCalendar::with_special_day`]. All is computed, nothing is read: no time-zone database, no
//! tables that run out, every question about a day in constant time.
//!
//! ```
//! use trader_domain::{MarketCalendar, Phase, Timestamp};
//!
//! let calendar = MarketCalendar::us_equities();
//! let noon: Timestamp = "2024-07-03T16:00:00Z".parse()?;
//! let span = calendar.phase_at(noon)?;
//! assert_eq!(span.phase, Phase::Regular);
//! assert_eq!(span.until.to_string(), "2024-07-03T17:00:00Z"); // a half day: 13:00 in New York
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod days;
mod eastern;
mod expiry;
mod rules;
mod session;
mod settlement;

pub use days::{CalendarError, MarketCalendar};
pub use eastern::{EasternTime, eastern_instant};
pub use expiry::MonthlyExpiry;
pub use rules::{Closure, DayPlan};
pub use session::{Phase, PhaseSpan, TradingDay};
pub use settlement::SettlementKind;
