//! Day trading as dated rules: which one is in force on a day, and the account's record under it.
//!
//! Until 2026-06-03 FINRA Rule 4210(f)(8)(B) holds: an account with less than $25,000 makes at most
//! three day trades in five business days. From 2026-06-04 (SR-FINRA-2025-017, Regulatory Notice
//! 26-10) the intraday margin standard replaces it; a broker may phase it in until 2027-10-20, so
//! the day of change is a property of the account's broker.

use chrono::{Datelike as _, NaiveDate};
use thiserror::Error;
use trader_domain::{InstrumentId, Money, Quantity, Side};

/// Day trades in the window above which an account is a pattern day trader's.
pub(crate) const DAY_TRADES: u32 = 3;
/// Business days in the window.
const WINDOW: usize = 5;
/// Business days in which a deficit must be met.
const CURE_DAYS: u32 = 5;
/// Calendar days of restriction after a deficit that was not met.
const RESTRICTION_DAYS: i32 = 90;
/// Day-trading buying power as a multiple of the previous close's maintenance excess.
pub(crate) const BUYING_POWER_MULTIPLE: i64 = 4;
/// Equity from which a pattern day trader may day-trade.
pub(crate) const PATTERN_EQUITY: Money = Money::whole(25_000);

/// Which rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayTradingRule {
    /// FINRA 4210(f)(8)(B), the pattern day trader rule.
    PatternDayTrader,
    /// FINRA 4210(d)(2), the intraday margin standard.
    IntradayMargin,
}

/// From which day an account's broker applies the intraday margin standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTradingSchedule {
    intraday_from: i32,
}

/// A day of change outside the phase-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the intraday margin standard starts between 2026-06-04 and 2027-10-20, not on {found}")]
pub struct OutsidePhaseIn {
    /// What was given.
    pub found: NaiveDate,
}

/// Days from 1970-01-01 to a date.
fn day_number(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

const FIRST: (i32, u32, u32) = (2026, 6, 4);
const LAST: (i32, u32, u32) = (2027, 10, 20);

impl DayTradingSchedule {
    /// A broker that changes on `date`.
    ///
    /// # Errors
    /// [`OutsidePhaseIn`].
    pub fn changing_on(date: NaiveDate) -> Result<Self, OutsidePhaseIn> {
        let outside = OutsidePhaseIn { found: date };
        let at = |(year, month, day)| NaiveDate::from_ymd_opt(year, month, day).ok_or(outside);
        if date < at(FIRST)? || date > at(LAST)? {
            return Err(outside);
        }
        Ok(Self {
            intraday_from: day_number(date),
        })
    }

    /// The rule on a day (days since 1970-01-01).
    pub const fn rule_on(&self, day: i32) -> DayTradingRule {
        if day < self.intraday_from {
            DayTradingRule::PatternDayTrader
        } else {
            DayTradingRule::IntradayMargin
        }
    }
}

impl Default for DayTradingSchedule {
    /// A broker that changed on the first day, 2026-06-04.
    fn default() -> Self {
        Self {
            // 2026-06-04; a test holds it against the calendar.
            intraday_from: 20_608,
        }
    }
}

/// What one instrument did today.
#[derive(Debug, Clone, Copy, Default)]
struct InstrumentDay {
    /// The day this record is of.
    day: i32,
    /// Whether something was opened today and not closed since.
    opened: bool,
    /// The position as executions made it, units of 10⁻⁹.
    position: i64,
}

/// The account's day trades and deficits.
#[derive(Debug, Clone)]
pub(crate) struct DayTradeRecord {
    day: Option<i32>,
    /// Day trades of the last business days, today's first.
    counts: [u32; WINDOW],
    /// By instrument index.
    instruments: Vec<InstrumentDay>,
    /// Instruments with something opened today and not closed.
    opened: u32,
    /// Day-trading buying power of the day; `None` before the first day that was seen to begin.
    buying_power: Option<i128>,
    /// Business days since an intraday margin deficit arose.
    deficit_age: Option<u32>,
    restricted_until: Option<i32>,
}

impl DayTradeRecord {
    pub(crate) fn new(instruments: usize) -> Self {
        Self {
            day: None,
            counts: [0; WINDOW],
            instruments: vec![InstrumentDay::default(); instruments],
            opened: 0,
            buying_power: None,
            deficit_age: None,
            restricted_until: None,
        }
    }

    /// The running day, once one was seen to begin.
    pub(crate) const fn day(&self) -> Option<i32> {
        self.day
    }

    /// Day trades in the last five business days.
    pub(crate) fn count(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Instruments that will make one more day trade each when they are closed today.
    pub(crate) const fn opened(&self) -> u32 {
        self.opened
    }

    /// Whether closing this instrument today makes a day trade.
    pub(crate) fn opened_today(&self, instrument: InstrumentId) -> bool {
        self.instruments
            .get(instrument.index())
            .is_some_and(|record| record.opened && Some(record.day) == self.day)
    }

    /// Day-trading buying power of the day.
    pub(crate) const fn buying_power(&self) -> Option<i128> {
        self.buying_power
    }

    /// Whether the account may open nothing because of a deficit.
    pub(crate) fn is_restricted(&self) -> bool {
        self.restricted_until
            .zip(self.day)
            .is_some_and(|(until, day)| day < until)
    }

    /// A trading day begins. `excess` is equity less maintenance requirement at the last close;
    /// `deficit` whether that is negative by more than the de-minimis amount.
    pub(crate) fn on_new_day(&mut self, day: i32, excess: Option<i128>, deficit: bool) {
        if self.day == Some(day) {
            return;
        }
        self.counts.rotate_right(1);
        if let Some(today) = self.counts.first_mut() {
            *today = 0;
        }
        self.day = Some(day);
        self.opened = 0;
        self.buying_power =
            excess.and_then(|excess| excess.max(0).checked_mul(i128::from(BUYING_POWER_MULTIPLE)));
        self.deficit_age = match (deficit, self.deficit_age) {
            (false, _) => None,
            (true, None) => Some(1),
            (true, Some(age)) => Some(age + 1),
        };
        if self.deficit_age.is_some_and(|age| age > CURE_DAYS) {
            self.restricted_until = Some(day.saturating_add(RESTRICTION_DAYS));
            self.deficit_age = None;
        }
    }

    /// The position an order starts from, as the books show it.
    pub(crate) fn synchronise(&mut self, instrument: InstrumentId, position: Quantity) {
        let index = instrument.index();
        if index >= self.instruments.len() {
            self.instruments.resize(index + 1, InstrumentDay::default());
        }
        if let Some(record) = self.instruments.get_mut(index) {
            record.position = position.units();
        }
    }

    /// Something traded. A closing execution after an opening one of the same day is a day trade;
    /// further closings are part of it until something is opened again.
    pub(crate) fn on_fill(&mut self, instrument: InstrumentId, side: Side, quantity: Quantity) {
        let Some(today) = self.day else { return };
        let Some(record) = self.instruments.get_mut(instrument.index()) else {
            return;
        };
        if record.day != today {
            record.day = today;
            record.opened = false;
        }
        let before = record.position;
        let after = before.saturating_add(quantity.units().saturating_mul(side.sign()));
        record.position = after;
        let closes = before != 0 && before.signum() != side.sign();
        let opens = after != 0 && after.signum() == side.sign();
        if closes && record.opened {
            record.opened = false;
            self.opened = self.opened.saturating_sub(1);
            if let Some(count) = self.counts.first_mut() {
                *count = count.saturating_add(1);
            }
        }
        if opens && !record.opened {
            record.opened = true;
            self.opened = self.opened.saturating_add(1);
        }
    }

    /// Feeds the state into a hash.
    pub(crate) fn hash_state(&self, update: &mut dyn FnMut(&[u8])) {
        update(&self.day.unwrap_or(i32::MIN).to_le_bytes());
        for count in self.counts {
            update(&count.to_le_bytes());
        }
        update(&self.opened.to_le_bytes());
        update(&self.buying_power.unwrap_or(-1).to_le_bytes());
        update(&self.deficit_age.unwrap_or(0).to_le_bytes());
        update(&self.restricted_until.unwrap_or(i32::MIN).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::{DayTradingRule, DayTradingSchedule, day_number};
    use chrono::NaiveDate;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn the_default_changes_on_the_fourth_of_june_2026() {
        let change = date(2026, 6, 4);
        assert_eq!(
            DayTradingSchedule::changing_on(change).unwrap(),
            DayTradingSchedule::default()
        );
        let schedule = DayTradingSchedule::default();
        let day = day_number(change);
        assert_eq!(schedule.rule_on(day - 1), DayTradingRule::PatternDayTrader);
        assert_eq!(schedule.rule_on(day), DayTradingRule::IntradayMargin);
    }

    #[test]
    fn a_change_outside_the_phase_in_is_refused() {
        assert!(DayTradingSchedule::changing_on(date(2026, 6, 3)).is_err());
        assert!(DayTradingSchedule::changing_on(date(2027, 10, 21)).is_err());
        assert!(DayTradingSchedule::changing_on(date(2027, 10, 20)).is_ok());
    }
}
