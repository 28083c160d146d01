//! On which days the exchanges are closed or close early, by the rules of each year since 1990.
//!
//! NYSE Rule 51 and its successor Rule 7.2, and the exchanges' yearly announcements. Checked day by
//! day against an independent calendar in `tests/golden`.

use chrono::{Datelike as _, NaiveDate, NaiveTime, Weekday};

/// Why the exchanges are closed on a weekday.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Closure {
    /// Saturday or Sunday.
    Weekend,
    /// 1 January; on Monday when that is a Sunday, not at all when it is a Saturday.
    NewYearsDay,
    /// Third Monday of January, since 1998.
    MartinLutherKingDay,
    /// Third Monday of February.
    WashingtonsBirthday,
    /// Friday before Easter.
    GoodFriday,
    /// Last Monday of May.
    MemorialDay,
    /// 19 June or the nearest weekday, since 2022.
    Juneteenth,
    /// 4 July or the nearest weekday.
    IndependenceDay,
    /// First Monday of September.
    LaborDay,
    /// Fourth Thursday of November.
    Thanksgiving,
    /// 25 December or the nearest weekday.
    Christmas,
    /// A national day of mourning for a former president.
    DayOfMourning,
    /// After the attacks of 11 September 2001.
    Attacks,
    /// Weather.
    Weather,
    /// Announced after this list was made.
    Announced,
}

/// What a day is: closed, or open between two New York times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayPlan {
    /// No trading.
    Closed(Closure),
    /// Regular trading between these times.
    Open {
        /// Start of regular trading.
        opens: NaiveTime,
        /// End of regular trading.
        closes: NaiveTime,
    },
}

/// 09:30.
pub(super) const OPEN: NaiveTime = at(9, 30);
/// 16:00.
pub(super) const CLOSE: NaiveTime = at(16, 0);
const HALF_DAY_CLOSE: NaiveTime = at(13, 0);
/// Half days until 1992.
const OLD_HALF_DAY_CLOSE: NaiveTime = at(14, 0);

pub(super) const fn at(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// Closures that no rule foresees.
const ONE_OFF_CLOSURES: [((i32, u32, u32), Closure); 11] = [
    ((1994, 4, 27), Closure::DayOfMourning), // Nixon
    ((2001, 9, 11), Closure::Attacks),
    ((2001, 9, 12), Closure::Attacks),
    ((2001, 9, 13), Closure::Attacks),
    ((2001, 9, 14), Closure::Attacks),
    ((2004, 6, 11), Closure::DayOfMourning), // Reagan
    ((2007, 1, 2), Closure::DayOfMourning),  // Ford
    ((2012, 10, 29), Closure::Weather),      // Sandy
    ((2012, 10, 30), Closure::Weather),
    ((2018, 12, 5), Closure::DayOfMourning), // G. H. W. Bush
    ((2025, 1, 9), Closure::DayOfMourning),  // Carter
];

/// Hours that no rule foresees, as announced before or at the day's start. Halts in the course of a
/// day (27 October 1997, 1 June 2005) and minutes of silence are not hours and not listed.
const ONE_OFF_HOURS: [((i32, u32, u32), NaiveTime, NaiveTime); 6] = [
    ((1994, 2, 11), OPEN, at(14, 30)),      // snow
    ((1996, 1, 8), at(11, 0), at(14, 0)),   // blizzard
    ((1997, 12, 26), OPEN, HALF_DAY_CLOSE), // Friday after Christmas
    ((1999, 12, 31), OPEN, HALF_DAY_CLOSE), // eve of 2000
    ((2002, 9, 11), at(12, 0), CLOSE),      // memorial services
    ((2003, 12, 26), OPEN, HALF_DAY_CLOSE), // Friday after Christmas
];

/// The plan of a day from 1990 on.
pub(super) fn plan(date: NaiveDate) -> DayPlan {
    if let Some(closure) = closure(date) {
        return DayPlan::Closed(closure);
    }
    let key = key(date);
    if let Some(&(_, opens, closes)) = ONE_OFF_HOURS.iter().find(|(day, ..)| *day == key) {
        return DayPlan::Open { opens, closes };
    }
    let closes = if !is_half_day(date) {
        CLOSE
    } else if date.year() < 1993 {
        OLD_HALF_DAY_CLOSE
    } else {
        HALF_DAY_CLOSE
    };
    DayPlan::Open {
        opens: OPEN,
        closes,
    }
}

fn key(date: NaiveDate) -> (i32, u32, u32) {
    (date.year(), date.month(), date.day())
}

fn closure(date: NaiveDate) -> Option<Closure> {
    use Weekday::{Fri, Mon, Sat, Sun, Thu};
    let weekday = date.weekday();
    if matches!(weekday, Sat | Sun) {
        return Some(Closure::Weekend);
    }
    let (year, month, day) = key(date);
    let monday_in = |days: std::ops::RangeInclusive<u32>| weekday == Mon && days.contains(&day);
    // 25 December, 4 July, 19 June: on Friday when it is a Saturday, on Monday when it is a Sunday.
    let nearest = |of: u32| {
        day == of || (weekday == Fri && day + 1 == of) || (weekday == Mon && day == of + 1)
    };
    let by_rule = match month {
        1 if day == 1 || (day == 2 && weekday == Mon) => Some(Closure::NewYearsDay),
        1 if year >= 1998 && monday_in(15..=21) => Some(Closure::MartinLutherKingDay),
        2 if monday_in(15..=21) => Some(Closure::WashingtonsBirthday),
        3 | 4 if weekday == Fri && is_good_friday(date) => Some(Closure::GoodFriday),
        5 if monday_in(25..=31) => Some(Closure::MemorialDay),
        6 if year >= 2022 && nearest(19) => Some(Closure::Juneteenth),
        7 if nearest(4) => Some(Closure::IndependenceDay),
        9 if monday_in(1..=7) => Some(Closure::LaborDay),
        11 if weekday == Thu && (22..=28).contains(&day) => Some(Closure::Thanksgiving),
        12 if nearest(25) => Some(Closure::Christmas),
        _ => None,
    };
    by_rule.or_else(|| {
        ONE_OFF_CLOSURES
            .iter()
            .find(|(closed, _)| *closed == (year, month, day))
            .map(|&(_, closure)| closure)
    })
}

/// Whether an open day is a half day by rule.
fn is_half_day(date: NaiveDate) -> bool {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let weekday = date.weekday();
    let (year, month, day) = key(date);
    match (month, day) {
        (7, 3) => match weekday {
            Mon | Tue | Thu => year >= 1995,
            Wed => year >= 2013,
            _ => false,
        },
        // When 4 July was a Thursday, the Friday after was the half day until 2012.
        (7, 5) => weekday == Fri && (1995..2013).contains(&year),
        (11, 23..=29) => weekday == Fri && year >= 1992,
        (12, 24) => weekday != Fri,
        _ => false,
    }
}

/// Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher), less two days.
fn is_good_friday(date: NaiveDate) -> bool {
    let year = date.year();
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let easter = u32::try_from(n / 31)
        .ok()
        .zip(u32::try_from(n % 31 + 1).ok())
        .and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day));
    easter.is_some_and(|sunday| sunday.signed_duration_since(date).num_days() == 2)
}

/// Days on which the exchanges trade and the Federal Reserve Banks are closed, so that nothing
/// settles: Columbus Day, Veterans Day, and Martin Luther King Day before 1998.
pub(super) fn is_bank_holiday(date: NaiveDate) -> bool {
    let monday = date.weekday() == Weekday::Mon;
    let (year, month, day) = key(date);
    match month {
        1 => year < 1998 && monday && (15..=21).contains(&day),
        10 => monday && (8..=14).contains(&day),
        // A Sunday's holiday is kept on Monday; a Saturday's is not kept by the Banks.
        11 => day == 11 || (day == 12 && monday),
        _ => false,
    }
}
