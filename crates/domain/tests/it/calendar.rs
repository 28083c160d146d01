//! The market calendar against independent calendars, and its arithmetic.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, Weekday};
use proptest::prelude::*;
use trader_domain::{
    CalendarError, Closure, DayPlan, EasternTime, MarketCalendar, NANOS_PER_SECOND, Phase,
    SettlementKind, Timestamp, eastern_instant,
};

const XNYS: &str = include_str!("../golden/xnys_1990_2030.csv");
const TRANSITIONS: &str = include_str!("../golden/new_york_transitions.csv");

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

fn calendar() -> MarketCalendar {
    MarketCalendar::us_equities()
}

fn open(opens: &str, closes: &str) -> DayPlan {
    DayPlan::Open {
        opens: time(opens),
        closes: time(closes),
    }
}

fn rows(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split(',').collect())
}

/// Hours that the golden calendar does not know. Origin: `PyPI` `pandas_market_calendars` 5.5.0, NYSE;
/// the opening of 2002-09-11 also shows in hourly volumes of SPY and IBM.
const NOT_IN_GOLDEN: [(&str, &str, &str); 3] = [
    ("1994-02-11", "09:30", "14:30"),
    ("1996-01-08", "11:00", "14:00"),
    ("2002-09-11", "12:00", "16:00"),
];

#[test]
fn every_day_from_1990_to_2030_is_as_an_independent_calendar_says() {
    let mut expected: BTreeMap<NaiveDate, Option<DayPlan>> = rows(XNYS)
        .map(|row| match row[1] {
            "closed" => (date(row[0]), None),
            _ => (date(row[0]), Some(open(row[2], row[3]))),
        })
        .collect();
    assert_eq!(expected.len(), 463);
    for (day, opens, closes) in NOT_IN_GOLDEN {
        let known = expected.insert(date(day), Some(open(opens, closes)));
        assert!(known.is_none());
    }
    let calendar = calendar();
    let mut trading_days = 0;
    for day in date("1990-01-01").iter_days() {
        if day > date("2030-12-31") {
            break;
        }
        let found = calendar.plan(day).unwrap();
        let weekend = matches!(chrono::Datelike::weekday(&day), Weekday::Sat | Weekday::Sun);
        match expected.get(&day) {
            _ if weekend => assert_eq!(found, DayPlan::Closed(Closure::Weekend)),
            Some(None) => assert!(matches!(found, DayPlan::Closed(_)), "{day} is closed"),
            Some(Some(plan)) => assert_eq!(found, *plan, "{day}"),
            None => assert_eq!(found, open("09:30", "16:00"), "{day}"),
        }
        trading_days += i32::from(matches!(found, DayPlan::Open { .. }));
    }
    assert_eq!(trading_days, 10_322);
}

/// LEAN's market-hours database, where the machine has it.
#[test]
fn closures_and_half_days_are_those_of_lean() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/lean/Data/market-hours/market-hours-database.json"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no {path}");
        return;
    };
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let market = &json["entries"]["Equity-usa-[*]"];
    let parse = |text: &str| NaiveDate::parse_from_str(text, "%m/%d/%Y").unwrap();
    let calendar = calendar();
    let mut closures = 0;
    for holiday in market["holidays"].as_array().unwrap() {
        let day = parse(holiday.as_str().unwrap());
        assert!(!calendar.is_trading_day(day).unwrap(), "{day} is a holiday");
        closures += 1;
    }
    assert!(closures > 250, "{closures}");
    for (day, closes) in market["earlyCloses"].as_object().unwrap() {
        let day = parse(day);
        let Some(trading) = calendar.day(day).unwrap() else {
            // It lists Sunday 2017-12-24.
            assert_eq!(day, date("2017-12-24"));
            continue;
        };
        assert_eq!(closes, "13:00:00");
        let local = EasternTime::at(trading.close).unwrap();
        assert_eq!(local.time, time("13:00"), "{day}");
    }
}

#[test]
fn closures_are_named() {
    let cases = [
        ("2022-06-20", Closure::Juneteenth),
        ("1998-01-19", Closure::MartinLutherKingDay),
        ("2024-03-29", Closure::GoodFriday),
        ("2012-10-29", Closure::Weather),
        ("2001-09-11", Closure::Attacks),
        ("2025-01-09", Closure::DayOfMourning),
        ("2021-12-24", Closure::Christmas),
        ("2006-01-02", Closure::NewYearsDay),
        ("2011-11-24", Closure::Thanksgiving),
    ];
    for (day, closure) in cases {
        assert_eq!(
            calendar().plan(date(day)).unwrap(),
            DayPlan::Closed(closure),
            "{day}"
        );
    }
    assert!(calendar().is_trading_day(date("2021-12-31")).unwrap());
    assert!(calendar().is_trading_day(date("1997-01-20")).unwrap());
    assert!(calendar().is_trading_day(date("2021-06-18")).unwrap());
}

#[test]
fn new_york_changes_its_clocks_when_the_time_zone_database_says() {
    let mut seen = 0;
    for row in rows(TRANSITIONS) {
        let instant: Timestamp = row[0].parse().unwrap();
        let hours: i8 = row[1].parse().unwrap();
        let offset = |nanos: i64| {
            EasternTime::at(instant.saturating_add(nanos))
                .unwrap()
                .utc_offset_hours
        };
        assert_eq!(offset(0), hours, "{instant}");
        assert_eq!(offset(-1), if hours == -4 { -5 } else { -4 }, "{instant}");
        seen += 1;
    }
    assert_eq!(seen, 102);
}

#[test]
fn a_day_runs_through_its_phases() {
    let steps = [
        (
            "2024-03-08T08:59:59.999999999Z",
            Phase::Closed,
            "2024-03-08T09:00:00Z",
        ),
        (
            "2024-03-08T09:00:00Z",
            Phase::PreMarket,
            "2024-03-08T14:30:00Z",
        ),
        (
            "2024-03-08T14:30:00Z",
            Phase::Regular,
            "2024-03-08T21:00:00Z",
        ),
        (
            "2024-03-08T21:00:00Z",
            Phase::AfterHours,
            "2024-03-09T01:00:00Z",
        ),
        // Over the weekend clocks go forward: Monday begins an hour earlier in UTC.
        (
            "2024-03-09T01:00:00Z",
            Phase::Closed,
            "2024-03-11T08:00:00Z",
        ),
        (
            "2024-03-11T13:30:00Z",
            Phase::Regular,
            "2024-03-11T20:00:00Z",
        ),
        // The day after Thanksgiving ends at 13:00, after hours at 17:00.
        (
            "2024-11-29T17:59:59Z",
            Phase::Regular,
            "2024-11-29T18:00:00Z",
        ),
        (
            "2024-11-29T18:00:00Z",
            Phase::AfterHours,
            "2024-11-29T22:00:00Z",
        ),
        (
            "2024-11-29T22:00:00Z",
            Phase::Closed,
            "2024-12-02T09:00:00Z",
        ),
    ];
    for (instant, phase, until) in steps {
        let span = calendar().phase_at(instant.parse().unwrap()).unwrap();
        assert_eq!(span.phase, phase, "{instant}");
        assert_eq!(span.until, until.parse().unwrap(), "{instant}");
    }
}

#[test]
fn a_closure_announced_later_can_be_added() {
    let day = date("2031-05-06");
    let closed = calendar()
        .with_special_day(day, DayPlan::Closed(Closure::Announced))
        .unwrap();
    assert!(!closed.is_trading_day(day).unwrap());
    assert_eq!(
        closed.next_trading_day(date("2031-05-05")).unwrap(),
        date("2031-05-07")
    );
    let backwards = calendar().with_special_day(day, open("16:00", "09:30"));
    assert_eq!(backwards, Err(CalendarError::OpensAfterClose { date: day }));
}

#[test]
fn days_outside_the_range_are_errors() {
    for day in ["1989-12-31", "2100-01-01"] {
        let day = date(day);
        assert_eq!(
            calendar().plan(day),
            Err(CalendarError::OutOfRange { date: day })
        );
    }
    assert!(calendar().phase_at(Timestamp::MIN).is_err());
    assert!(calendar().phase_at(Timestamp::MAX).is_err());
    assert!(calendar().next_trading_day(date("2099-12-31")).is_err());
    assert!(calendar().previous_trading_day(date("1990-01-01")).is_err());
    assert!(calendar().monthly_expiry(2024, 13).is_err());
    assert!(
        calendar()
            .add_trading_days(date("2024-01-02"), i32::MIN)
            .is_err()
    );
}

#[test]
fn trading_days_are_counted() {
    let calendar = calendar();
    let year = |first: &str, last: &str| {
        calendar
            .count_trading_days(date(first), date(last))
            .unwrap()
    };
    assert_eq!(year("2024-01-01", "2025-01-01"), 252);
    assert_eq!(year("2001-01-01", "2002-01-01"), 248);
    assert_eq!(year("2024-01-01", "2024-01-01"), 0);
    assert_eq!(
        calendar.add_trading_days(date("2001-09-10"), 1).unwrap(),
        date("2001-09-17")
    );
    assert_eq!(
        calendar.add_trading_days(date("2001-09-17"), -1).unwrap(),
        date("2001-09-10")
    );
}

/// Trade date, settlement date. The October 2024 rows are the exchanges' and FINRA's own example of a
/// day that trades and does not settle (Columbus Day).
#[test]
fn trades_settle_by_the_rule_of_their_day() {
    let cases = [
        ("1995-06-06", "1995-06-13"), // T+5, the last day
        ("1995-06-07", "1995-06-12"), // T+3
        ("2017-09-01", "2017-09-07"), // T+3 over Labor Day
        ("2017-09-05", "2017-09-07"), // T+2
        ("2024-05-24", "2024-05-29"), // T+2 over Memorial Day
        ("2024-05-28", "2024-05-29"), // T+1
        ("2024-10-10", "2024-10-11"),
        ("2024-10-11", "2024-10-15"),
        ("2024-10-14", "2024-10-15"),
        ("2025-04-17", "2025-04-21"), // Good Friday
        ("2024-11-08", "2024-11-12"), // Veterans Day
        ("2023-11-08", "2023-11-10"), // Veterans Day on a Saturday: banks open on Friday
    ];
    for (trade, settles) in cases {
        assert_eq!(
            calendar()
                .settlement_date(date(trade), SettlementKind::Equity)
                .unwrap(),
            date(settles),
            "{trade}"
        );
    }
    assert_eq!(
        calendar()
            .settlement_date(date("1995-01-03"), SettlementKind::Option)
            .unwrap(),
        date("1995-01-04")
    );
}

#[test]
fn options_expire_on_the_third_friday_or_before_it() {
    let cases = [
        (2024, 6, "2024-06-21", "2024-06-21"),
        (2014, 6, "2014-06-21", "2014-06-20"), // a Saturday, the date in OCC symbols
        (2015, 1, "2015-01-17", "2015-01-16"),
        (2015, 2, "2015-02-20", "2015-02-20"),
        (2008, 3, "2008-03-22", "2008-03-20"), // Good Friday
        (2022, 4, "2022-04-14", "2022-04-14"), // Good Friday
        (2026, 6, "2026-06-18", "2026-06-18"), // Juneteenth
    ];
    for (year, month, expiration, last) in cases {
        let found = calendar().monthly_expiry(year, month).unwrap();
        assert_eq!(found.expiration, date(expiration));
        assert_eq!(found.last_trading_day, date(last));
        assert_eq!(
            calendar()
                .last_option_trading_day(found.expiration)
                .unwrap(),
            date(last)
        );
    }
    // A weekly that would fall on Good Friday 2024 stops on Thursday.
    assert_eq!(
        calendar()
            .last_option_trading_day(date("2024-03-29"))
            .unwrap(),
        date("2024-03-28")
    );
}

/// Any instant of the calendar, in nanoseconds.
fn instant() -> impl Strategy<Value = Timestamp> {
    let first = eastern_instant(date("1990-01-02"), time("00:00")).unwrap();
    let last = eastern_instant(date("2099-12-20"), time("00:00")).unwrap();
    (first.nanos()..last.nanos()).prop_map(Timestamp::from_nanos)
}

proptest! {
    #[test]
    fn new_york_time_and_back_is_the_same_instant(instant in instant()) {
        let local = EasternTime::at(instant).unwrap();
        let back = eastern_instant(local.date, local.time).unwrap();
        // The repeated hour of autumn reads as its first run.
        let repeated = back.saturating_add(3_600 * NANOS_PER_SECOND) == instant;
        prop_assert!(back == instant || repeated);
    }

    #[test]
    fn a_phase_lasts_until_the_next_one(instant in instant()) {
        let calendar = calendar();
        let span = calendar.phase_at(instant).unwrap();
        prop_assert!(span.until > instant);
        let last = calendar.phase_at(span.until.saturating_add(-1)).unwrap();
        prop_assert_eq!(last, span);
        let next = calendar.phase_at(span.until).unwrap();
        prop_assert_ne!(next.phase, span.phase);
        prop_assert!(span.day.pre_market < span.day.open && span.day.open < span.day.close);
        prop_assert!(span.day.close < span.day.end);
        prop_assert_eq!(span.day.phase_at(instant), span.phase);
    }

    #[test]
    fn counting_forward_and_back_returns(offset in 0_u64..38_000, count in 0_i32..60) {
        let calendar = calendar();
        let start = date("1990-06-01").checked_add_days(chrono::Days::new(offset)).unwrap();
        let start = calendar.trading_day_on_or_before(start).unwrap();
        let ahead = calendar.add_trading_days(start, count).unwrap();
        prop_assert_eq!(calendar.add_trading_days(ahead, -count).unwrap(), start);
        prop_assert_eq!(
            calendar.count_trading_days(start, ahead).unwrap(),
            usize::try_from(count).unwrap()
        );
        let settled = calendar.settlement_date(start, SettlementKind::Equity).unwrap();
        prop_assert!(settled > start && calendar.is_trading_day(settled).unwrap());
    }
}
