//! Corporate actions of a security from LEAN's factor and map files, as events of a run on raw prices.
//!
//! Point in time: a run sees each action at the first instant of the session from which on it holds, and
//! nothing of it before. A row of a factor or map file holds up to and including its date, so its successor
//! takes over on the next trading day. The instant is 09:30 New York for session bars; for bars and ticks
//! within the day it is the beginning of extended hours at 04:00, because those already trade at the new price.
//!
//! What LEAN's files mean (`CorporateFactorRow` there), with rows `i` and `i + 1`:
//! - split: `split(i + 1) / split(i)` new shares for an old one;
//! - cash dividend: `reference(i) × (1 − dividend(i) / dividend(i + 1))` a share held before any split of
//!   that day, where the reference is the raw close. Factors have seven digits and references cents, so the
//!   figure carries noise: Apple's dividend of 2014-05-08 comes out as 3.289986 and was 3.29. It is rounded
//!   half to even to a hundredth of a cent, which leaves an error of up to about a hundredth of a cent;
//! - the files do not know payment dates: cash is taken to arrive on the ex-date, as LEAN does.

use chrono::NaiveDate;
use thiserror::Error;
use trader_domain::{
    CalendarError, CorporateAction, CorporateActionKind, EasternTime, InstrumentId, MarketCalendar,
    MoneyError, Price, Rounding, Symbol, Timeframe, Timestamp, TradingDay,
};
use trader_storage::BarSeries;
use trader_storage::lean::{FactorFile, FactorRow, MapFile, Security};

/// A hundredth of a cent, to which dividends are rounded.
const DIVIDEND_STEP: Price = Price::from_small_units(100_000);

/// Why a security's corporate actions cannot be told from its files.
#[derive(Debug, Error)]
pub enum CorporateError {
    /// A date of the files or the series lies where the calendar ends.
    #[error("{symbol}: the corporate action after {date} has no known trading day")]
    Calendar {
        /// Whose.
        symbol: Symbol,
        /// The file's date.
        date: NaiveDate,
        /// What the calendar says.
        #[source]
        source: CalendarError,
    },
    /// A ratio of split factors that no announced split has.
    #[error(
        "{symbol}: the split after {date} has {ratio} new shares for an old one, which is no plain fraction; check the factor file"
    )]
    NoFraction {
        /// Whose.
        symbol: Symbol,
        /// The row's date.
        date: NaiveDate,
        /// The ratio to eight digits.
        ratio: String,
    },
    /// The dividend factor falls from one row to the next, as if a dividend had been taken back.
    #[error("{symbol}: the dividend after {date} is negative; check the factor file")]
    NegativeDividend {
        /// Whose.
        symbol: Symbol,
        /// The row's date.
        date: NaiveDate,
    },
    /// A row with a dividend but without the close it refers to.
    #[error("{symbol}: the dividend after {date} has no reference price; check the factor file")]
    NoReference {
        /// Whose.
        symbol: Symbol,
        /// The row's date.
        date: NaiveDate,
    },
    /// A price out of range.
    #[error("{symbol}: the dividend after {date} is out of range")]
    OutOfRange {
        /// Whose.
        symbol: Symbol,
        /// The row's date.
        date: NaiveDate,
        /// Why.
        #[source]
        source: MoneyError,
    },
    /// A ticker that is not a symbol.
    #[error("{symbol}: the map file's ticker `{ticker}` cannot be a symbol")]
    Ticker {
        /// Whose.
        symbol: Symbol,
        /// The ticker.
        ticker: String,
    },
}

/// Everything that happened to a security after the first bar of `series`, in order.
///
/// `series` are its raw prices. Nothing is known before the first bar's session and nothing of that session
/// is returned: the first bar's prices already contain it. A delisting pays the last close up to the day.
/// A dividend that rounds to nothing is left out.
///
/// # Errors
/// [`CorporateError`] when the files contradict themselves.
pub fn corporate_actions(
    security: &Security,
    instrument: InstrumentId,
    series: &BarSeries,
    calendar: &MarketCalendar,
) -> Result<Vec<CorporateAction>, CorporateError> {
    let mut found = Vec::new();
    let Some(&first) = series.columns.start.first() else {
        return Ok(found);
    };
    let scan = Scan {
        symbol: security.symbol,
        instrument,
        timeframe: series.timeframe,
        calendar,
        first: trading_date(first, series.timeframe).map_err(|source| {
            CorporateError::Calendar {
                symbol: security.symbol,
                date: first.utc_date(),
                source,
            }
        })?,
    };
    if let Some(factors) = &security.factors {
        scan.factor_actions(factors, &mut found)?;
    }
    if let Some(map) = &security.map {
        scan.renames(map, &mut found)?;
        scan.delisting(map, series, &mut found)?;
    }
    // Stable: of one instant, a dividend comes before the split, a rename after both.
    found.sort_by_key(|action| action.effective);
    Ok(found)
}

/// The symbol that a security had on a date: what its instrument must be called when a run begins there.
///
/// # Errors
/// [`CorporateError::Ticker`].
pub fn symbol_on(security: &Security, date: NaiveDate) -> Result<Symbol, CorporateError> {
    let ticker = security.map.as_ref().and_then(|map| map.ticker_on(date));
    ticker.map_or(Ok(security.symbol), |ticker| {
        symbol_of(security.symbol, ticker)
    })
}

fn symbol_of(symbol: Symbol, ticker: &str) -> Result<Symbol, CorporateError> {
    Symbol::new(&ticker.to_ascii_uppercase()).map_err(|_not_a_symbol| CorporateError::Ticker {
        symbol,
        ticker: ticker.to_owned(),
    })
}

/// The New York date on which a bar traded.
fn trading_date(start: Timestamp, timeframe: Timeframe) -> Result<NaiveDate, CalendarError> {
    match timeframe {
        Timeframe::Session => Ok(start.utc_date()),
        Timeframe::Seconds(_) => EasternTime::at(start).map(|local| local.date),
    }
}

/// One pass over a security's files.
struct Scan<'a> {
    symbol: Symbol,
    instrument: InstrumentId,
    timeframe: Timeframe,
    calendar: &'a MarketCalendar,
    /// The first bar's trading date.
    first: NaiveDate,
}

impl Scan<'_> {
    /// The first instant of the session after `date`.
    fn session_after(&self, date: NaiveDate) -> Result<Timestamp, CorporateError> {
        let day = self
            .calendar
            .next_trading_day(date)
            .and_then(|next| Ok((next, self.calendar.day(next)?)));
        let outside = |source| CorporateError::Calendar {
            symbol: self.symbol,
            date,
            source,
        };
        match day.map_err(outside)? {
            (_, Some(day)) => Ok(self.first_instant(&day)),
            (date, None) => Err(outside(CalendarError::OutOfRange { date })),
        }
    }

    const fn first_instant(&self, day: &TradingDay) -> Timestamp {
        match self.timeframe {
            Timeframe::Session => day.open,
            Timeframe::Seconds(_) => day.pre_market,
        }
    }

    fn push(&self, effective: Timestamp, kind: CorporateActionKind, to: &mut Vec<CorporateAction>) {
        to.push(CorporateAction {
            instrument: self.instrument,
            effective,
            kind,
        });
    }

    fn factor_actions(
        &self,
        factors: &FactorFile,
        found: &mut Vec<CorporateAction>,
    ) -> Result<(), CorporateError> {
        let rows = factors.rows();
        for (row, next) in rows.iter().zip(rows.iter().skip(1)) {
            let unchanged = (row.dividend, row.split) == (next.dividend, next.split);
            if row.until < self.first || unchanged {
                continue;
            }
            let effective = self.session_after(row.until)?;
            if let Some(amount) = self.dividend(row, next)? {
                let payable = effective;
                self.push(
                    effective,
                    CorporateActionKind::CashDividend { amount, payable },
                    found,
                );
            }
            if row.split != next.split {
                let (to, from) = split_terms(row.split, next.split)
                    .ok_or_else(|| self.no_fraction(row, next))?;
                let kind = CorporateActionKind::Split {
                    to,
                    from,
                    cash_in_lieu: None,
                };
                self.push(effective, kind, found);
            }
        }
        Ok(())
    }

    fn no_fraction(&self, row: &FactorRow, next: &FactorRow) -> CorporateError {
        let scaled = i128::from(next.split) * 100_000_000 / i128::from(row.split.max(1));
        CorporateError::NoFraction {
            symbol: self.symbol,
            date: row.until,
            ratio: format!("{}.{:08}", scaled / 100_000_000, scaled % 100_000_000),
        }
    }

    fn dividend(&self, row: &FactorRow, next: &FactorRow) -> Result<Option<Price>, CorporateError> {
        let (symbol, date) = (self.symbol, row.until);
        if row.dividend == next.dividend {
            return Ok(None);
        }
        if row.dividend > next.dividend {
            return Err(CorporateError::NegativeDividend { symbol, date });
        }
        if !row.reference.is_positive() {
            return Err(CorporateError::NoReference { symbol, date });
        }
        let out_of_range = |source| CorporateError::OutOfRange {
            symbol,
            date,
            source,
        };
        let share = next.dividend - row.dividend;
        let amount = row
            .reference
            .scale(share, next.dividend, Rounding::HalfEven)
            .and_then(|exact| exact.round_to(DIVIDEND_STEP, Rounding::HalfEven))
            .map_err(out_of_range)?;
        Ok(Some(amount).filter(|amount| amount.is_positive()))
    }

    fn renames(
        &self,
        map: &MapFile,
        found: &mut Vec<CorporateAction>,
    ) -> Result<(), CorporateError> {
        let intervals = map.intervals();
        for (before, after) in intervals.iter().zip(intervals.iter().skip(1)) {
            if before.to < self.first {
                continue;
            }
            let symbol = symbol_of(self.symbol, &after.ticker)?;
            let effective = self.session_after(before.to)?;
            self.push(
                effective,
                CorporateActionKind::SymbolChange { symbol },
                found,
            );
        }
        Ok(())
    }

    fn delisting(
        &self,
        map: &MapFile,
        series: &BarSeries,
        found: &mut Vec<CorporateAction>,
    ) -> Result<(), CorporateError> {
        let Some(last_day) = map.delisted().filter(|day| *day >= self.first) else {
            return Ok(());
        };
        let effective = self.session_after(last_day)?;
        // A session bar is labelled by midnight UTC of its date, others by the instant they begin.
        let traded = series
            .columns
            .start
            .partition_point(|start| *start < effective);
        let value = traded
            .checked_sub(1)
            .and_then(|last| series.columns.close.get(last).copied());
        if let Some(value) = value {
            self.push(effective, CorporateActionKind::Delisting { value }, found);
        }
        Ok(())
    }
}

/// New shares and old shares of a split from the factors before and after it.
///
/// Factors are rounded, and some files carry the error of one split into the next (2.0003 for Time Warner's
/// 2:1 of 1999). In this order:
/// - whole numbers, 2:1 to 100:1 and 1:2 to 1:100, within 0.2 %;
/// - the simplest fraction within 10⁻⁵ whose smaller number is at most twenty (3:2, 21:20);
/// - stock dividends of less than a share for a share, in percent or finer (1.0027), within 10⁻⁶.
///
/// `None` when there is no such fraction.
fn split_terms(before: i64, after: i64) -> Option<(u32, u32)> {
    /// The larger number of a split.
    const LARGEST: i128 = 1_000;
    /// The smaller one.
    const SMALLER: i128 = 20;
    let (before, after) = (i128::from(before), i128::from(after));
    if before <= 0 || after <= 0 {
        return None;
    }
    // Whether `to / from` is within one part in `parts` of the ratio.
    let near = |to: i128, from: i128, parts: i128| {
        (to * before - after * from).abs() * parts <= after * from
    };
    let nearest =
        |numerator: i128, denominator: i128| (numerator * 2 + denominator) / (denominator * 2);
    for (to, from) in [(nearest(after, before), 1), (1, nearest(before, after))] {
        if (2..=100).contains(&(to * from)) && near(to, from, 500) {
            return terms(to, from);
        }
    }
    let low = (after * 99_999, before * 100_000);
    let high = (after * 100_001, before * 100_000);
    let (to, from) = simplest_between(low, high);
    if to.max(from) <= LARGEST && to.min(from) <= SMALLER {
        return terms(to, from);
    }
    let is_stock_dividend = before < after && after < 2 * before;
    [100, 1_000, 10_000]
        .into_iter()
        .filter(|_| is_stock_dividend)
        .map(|from| (nearest(after * from, before), from))
        .find(|&(to, from)| near(to, from, 1_000_000))
        .and_then(|(to, from)| terms(to, from))
}

fn terms(to: i128, from: i128) -> Option<(u32, u32)> {
    let (mut a, mut b) = (to, from);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 || to == from {
        return None;
    }
    Some((u32::try_from(to / a).ok()?, u32::try_from(from / a).ok()?))
}

/// The fraction with the smallest numbers in a closed range of positive fractions (Stern–Brocot tree).
fn simplest_between(low: (i128, i128), high: (i128, i128)) -> (i128, i128) {
    // Each round takes an integer part off, as in a continued fraction; 64 exceed what such numbers can have.
    let (mut low, mut high) = (low, high);
    let mut parts: Vec<i128> = Vec::new();
    for _ in 0..64 {
        let whole = low.0.div_euclid(low.1);
        let exact = low.0 == whole * low.1;
        if exact || (whole + 1) * high.1 <= high.0 {
            parts.push(if exact { whole } else { whole + 1 });
            break;
        }
        parts.push(whole);
        (low, high) = (
            (high.1, high.0 - whole * high.1),
            (low.1, low.0 - whole * low.1),
        );
    }
    let mut fraction = (1_i128, 0_i128);
    for part in parts.iter().rev() {
        fraction = (part * fraction.0 + fraction.1, fraction.0);
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_recovered_from_rounded_factors() {
        // Factors in 10⁻¹⁰ as in QuantConnect/Lean's factor files (Apache-2.0).
        let cases = [
            // AAPL 2000-06-20 2:1, 2014-06-06 7:1, 2020-08-28 4:1.
            (89_285_700, 178_571_000, Some((2, 1))),
            (357_143_000, 2_500_000_000, Some((7, 1))),
            (2_500_000_000, 10_000_000_000, Some((4, 1))),
            // AIG 1998-07-31 3:2, 1999-07-30 5:4, 2000-07-28 3:2, 2009-06-30 1:20.
            (71_111_102_200, 106_667_000_000, Some((3, 2))),
            (106_667_000_000, 133_333_000_000, Some((5, 4))),
            (133_333_000_000, 200_000_000_000, Some((3, 2))),
            (200_000_000_000, 10_000_000_000, Some((1, 20))),
            // TWX 1999-11-22 2:1, 2009-03-27 1:3; VXX 2013-11-07 1:4.
            (14_999_300_800, 30_003_000_000, Some((2, 1))),
            (30_003_000_000, 10_000_000_000, Some((1, 3))),
            (641_025_920_000, 160_000_000_000, Some((1, 4))),
            // GOOG 2015-04-24: a stock dividend of 0.27 %.
            (9_973_070_000, 10_000_000_000, Some((10_027, 10_000))),
            // A change below 0.001 % and one by a factor that nobody announces.
            (9_999_912_345, 10_000_000_000, None),
            (3_141_592_653, 10_000_000_000, None),
            (0, 10_000_000_000, None),
            (10_000_000_000, 10_000_000_000, None),
        ];
        for (before, after, expected) in cases {
            assert_eq!(split_terms(before, after), expected, "{before} to {after}");
        }
    }
}
