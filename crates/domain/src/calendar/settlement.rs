//! When a trade settles: the cycle of its day, counted in days on which exchanges and banks are open.

use chrono::NaiveDate;

use crate::calendar::{CalendarError, MarketCalendar, rules};

/// What settles.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SettlementKind {
    /// Stocks and ETFs: SEC Rule 15c6-1 in the version of the trade date.
    Equity,
    /// Listed options: the next day, always.
    Option,
}

impl SettlementKind {
    /// Business days from trade to settlement.
    pub fn cycle_days(self, trade_date: NaiveDate) -> i32 {
        // Rule 15c6-1: T+3 from 1995-06-07 (before it, T+5 by custom), T+2 from 2017-09-05,
        // T+1 from 2024-05-28.
        let since = |year, month, day| {
            NaiveDate::from_ymd_opt(year, month, day).is_some_and(|start| trade_date >= start)
        };
        match self {
            Self::Option => 1,
            Self::Equity if since(2024, 5, 28) => 1,
            Self::Equity if since(2017, 9, 5) => 2,
            Self::Equity if since(1995, 6, 7) => 3,
            Self::Equity => 5,
        }
    }
}

impl MarketCalendar {
    /// The day on which a trade settles. Columbus Day and Veterans Day are trading days on which
    /// nothing settles, because banks are closed.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn settlement_date(
        &self,
        trade_date: NaiveDate,
        kind: SettlementKind,
    ) -> Result<NaiveDate, CalendarError> {
        (0..kind.cycle_days(trade_date)).try_fold(trade_date, |date, _| {
            let mut next = self.next_trading_day(date)?;
            while rules::is_bank_holiday(next) {
                next = self.next_trading_day(next)?;
            }
            Ok(next)
        })
    }
}
