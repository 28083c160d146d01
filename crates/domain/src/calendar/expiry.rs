//! When listed equity options expire and trade for the last time.

use chrono::{Datelike as _, NaiveDate, Weekday};

use crate::calendar::{CalendarError, MarketCalendar};

/// The monthly expiry of equity options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthlyExpiry {
    /// The date in the OCC symbol: a Saturday until January 2015, the last trading day since.
    pub expiration: NaiveDate,
    /// The last day on which the contracts trade.
    pub last_trading_day: NaiveDate,
}

impl MarketCalendar {
    /// The monthly expiry of a month: the third Friday, or the trading day before it when that is
    /// a holiday. Until January 2015 contracts expired on the Saturday after it (OCC rule
    /// change for expiries from 1 February 2015).
    ///
    /// # Errors
    /// [`CalendarError::NotAMonth`], [`CalendarError::OutOfRange`].
    pub fn monthly_expiry(&self, year: i32, month: u32) -> Result<MonthlyExpiry, CalendarError> {
        let not_a_month = CalendarError::NotAMonth { year, month };
        let third_friday = NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Fri, 3)
            .ok_or(not_a_month)?;
        let last_trading_day = self.trading_day_on_or_before(third_friday)?;
        let expiration = if (third_friday.year(), third_friday.month()) < (2015, 2) {
            third_friday
                .succ_opt()
                .ok_or(CalendarError::OutOfRange { date: third_friday })?
        } else {
            last_trading_day
        };
        Ok(MonthlyExpiry {
            expiration,
            last_trading_day,
        })
    }

    /// The last day on which contracts with this expiration (monthly, weekly, quarterly) trade: the
    /// date itself, or the last trading day before it.
    ///
    /// # Errors
    /// [`CalendarError::OutOfRange`].
    pub fn last_option_trading_day(
        &self,
        expiration: NaiveDate,
    ) -> Result<NaiveDate, CalendarError> {
        self.trading_day_on_or_before(expiration)
    }
}
