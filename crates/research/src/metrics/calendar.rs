//! Dated series: closes per day, alignment of two series, returns per month and year.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use serde::Serialize;

use super::undefined::{Metric, Undefined, finite};

/// A value at the close of a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DatedValue {
    /// Trading day.
    pub date: NaiveDate,
    /// Value at its close.
    pub value: f64,
}

/// The last value of each day, from points in ascending order of time (exchange time).
///
/// # Errors
/// [`Undefined::NonFinite`] for a value that is no number, [`Undefined::OutOfRange`] where time runs
/// backwards.
pub fn daily_closes(points: &[(NaiveDateTime, f64)]) -> Result<Vec<DatedValue>, Undefined> {
    let mut closes: Vec<DatedValue> = Vec::new();
    let mut previous: Option<NaiveDateTime> = None;
    for (index, (at, value)) in points.iter().enumerate() {
        if !value.is_finite() {
            return Err(Undefined::NonFinite { index });
        }
        if previous.is_some_and(|before| *at < before) {
            return Err(Undefined::OutOfRange {
                name: "order of time",
            });
        }
        previous = Some(*at);
        match closes.last_mut() {
            Some(last) if last.date == at.date() => last.value = *value,
            _ => closes.push(DatedValue {
                date: at.date(),
                value: *value,
            }),
        }
    }
    Ok(closes)
}

/// Days that both series know, with their values; both in ascending order of date.
pub fn align_by_date(left: &[DatedValue], right: &[DatedValue]) -> Vec<(NaiveDate, f64, f64)> {
    let mut right = right.iter().peekable();
    let mut pairs = Vec::new();
    for a in left {
        while right.next_if(|b| b.date < a.date).is_some() {}
        if let Some(b) = right.next_if(|b| b.date == a.date) {
            pairs.push((a.date, a.value, b.value));
        }
    }
    pairs
}

/// Return of one calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MonthReturn {
    /// Month, 1 to 12.
    pub month: u32,
    /// Close of the month's last day over the previous close, minus one.
    pub value: f64,
}

/// Returns of one calendar year.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct YearReturns {
    /// Calendar year.
    pub year: i32,
    /// Last close of the year over the last close before it, minus one.
    pub total: f64,
    /// Months with at least one observation, ascending.
    pub months: Vec<MonthReturn>,
}

/// Monthly and yearly returns.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CalendarTable {
    /// Years with at least one observation, ascending.
    pub years: Vec<YearReturns>,
}

/// Compounded returns per calendar month and year. `start` is the capital before the first close;
/// the first and the last period may be partial. A month without observations has no entry, and
/// what happened in it shows in the next month that has one.
///
/// # Errors
/// [`Undefined::Ruined`] where a period would start from zero or negative capital,
/// [`Undefined::TooFew`] without closes.
pub fn calendar_returns(start: f64, closes: &[DatedValue]) -> Result<CalendarTable, Undefined> {
    if closes.is_empty() {
        return Err(Undefined::TooFew { needed: 1, got: 0 });
    }
    let change = |index: usize, from: f64, to: f64| -> Metric {
        if from > 0.0 {
            finite(to / from - 1.0)
        } else {
            Err(Undefined::Ruined { index })
        }
    };
    let mut table = CalendarTable::default();
    let (mut year_base, mut month_base) = (start, start);
    for (index, close) in closes.iter().enumerate() {
        let next = closes
            .get(index + 1)
            .map(|c| (c.date.year(), c.date.month()));
        let (year, month) = (close.date.year(), close.date.month());
        if next == Some((year, month)) {
            continue;
        }
        let entry = MonthReturn {
            month,
            value: change(index, month_base, close.value)?,
        };
        month_base = close.value;
        match table.years.last_mut() {
            Some(last) if last.year == year => last.months.push(entry),
            _ => table.years.push(YearReturns {
                year,
                total: 0.0,
                months: vec![entry],
            }),
        }
        if next.is_none_or(|(next_year, _)| next_year != year) {
            if let Some(last) = table.years.last_mut() {
                last.total = change(index, year_base, close.value)?;
            }
            year_base = close.value;
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(year: i32, month: u32, day: u32, value: f64) -> DatedValue {
        DatedValue {
            date: NaiveDate::from_ymd_opt(year, month, day).unwrap(),
            value,
        }
    }

    #[test]
    fn months_compound_to_years() {
        let closes = [
            close(2020, 11, 30, 110.0),
            close(2020, 12, 1, 121.0),
            close(2020, 12, 31, 99.0),
            close(2021, 2, 1, 198.0),
        ];
        let table = calendar_returns(100.0, &closes).unwrap();
        assert_eq!(table.years.len(), 2);
        for year in &table.years {
            let compounded = year.months.iter().fold(1.0, |w, m| w * (1.0 + m.value)) - 1.0;
            assert!((compounded - year.total).abs() < 1e-12);
        }
        assert!((table.years[0].total + 0.01).abs() < 1e-12);
        assert_eq!(table.years[1].months[0].month, 2);
        assert!(calendar_returns(0.0, &closes).is_err());
    }

    #[test]
    fn alignment_keeps_common_days_only() {
        let left = [
            close(2020, 1, 1, 1.0),
            close(2020, 1, 2, 2.0),
            close(2020, 1, 5, 3.0),
        ];
        let right = [
            close(2020, 1, 2, 20.0),
            close(2020, 1, 3, 25.0),
            close(2020, 1, 5, 30.0),
        ];
        let pairs: Vec<_> = align_by_date(&left, &right)
            .iter()
            .map(|p| (p.1, p.2))
            .collect();
        assert_eq!(pairs, [(2.0, 20.0), (3.0, 30.0)]);
    }

    #[test]
    fn intraday_points_become_one_close_a_day() {
        let at = |d: u32, h: u32| {
            NaiveDate::from_ymd_opt(2020, 1, d)
                .unwrap()
                .and_hms_opt(h, 0, 0)
                .unwrap()
        };
        let closes = daily_closes(&[(at(2, 10), 1.0), (at(2, 16), 2.0), (at(3, 10), 3.0)]).unwrap();
        assert_eq!(
            closes.iter().map(|c| c.value).collect::<Vec<_>>(),
            [2.0, 3.0]
        );
        assert!(daily_closes(&[(at(3, 10), 1.0), (at(2, 10), 2.0)]).is_err());
    }
}
