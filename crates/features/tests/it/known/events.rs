//! Distances, surprises and drift.

use trader_domain::{EarningsEvent, FiscalPeriod, ReportTime, Symbol, Timestamp, VendorId};
use trader_features::events::{Announcement, EventKind};
use trader_features::{Columns, FeatureSet, Knowledge, Registry};

use super::{assert_near, at, noon};

const NAN: f64 = f64::NAN;

fn entry(
    key: &str,
    when: Option<&str>,
    received: &str,
    expected: Option<f64>,
    actual: Option<f64>,
) -> Announcement {
    Announcement {
        kind: EventKind::Earnings,
        key: key.to_owned(),
        when: when.map(noon),
        received: noon(received),
        expected,
        actual,
    }
}

fn known(entries: Vec<Announcement>) -> Knowledge {
    let mut knowledge = Knowledge::new();
    for entry in entries {
        knowledge.announcement(entry).expect("in order");
    }
    knowledge
}

#[test]
fn a_date_counts_from_when_it_was_known_and_until_it_is_moved() {
    let knowledge = known(vec![
        entry("Q1", Some("2024-02-01"), "2024-01-01", None, None),
        entry("Q2", Some("2024-05-01"), "2024-03-01", None, None),
        entry("Q2", Some("2024-05-08"), "2024-04-20", None, None),
        entry("Q3", Some("2024-08-01"), "2024-04-21", None, None),
        entry("Q3", None, "2024-06-01", None, None),
    ]);
    let names = ["days_to_event_earnings", "days_since_event_earnings"];
    for (date, expected) in [
        ("2024-01-01", [NAN, NAN]), // received at that very moment
        ("2024-01-02", [30.0, NAN]),
        ("2024-02-01", [NAN, 0.0]),
        ("2024-02-11", [NAN, 10.0]),
        ("2024-04-20", [11.0, 79.0]), // the new date comes in at that very moment
        ("2024-04-21", [17.0, 80.0]),
        ("2024-05-10", [83.0, 2.0]),
        ("2024-06-02", [NAN, 25.0]), // called off
    ] {
        assert_near(&at(&knowledge, date, &names, &[]), &expected, date);
    }
    assert!(at(&knowledge, "2024-05-10", &["days_to_event_fomc"], &[])[0].is_nan());
}

#[test]
fn a_surprise_is_what_came_first_against_what_was_expected_last() {
    let mut entries = Vec::new();
    for (quarter, month, surprise) in [("Q1", 1, 0.1), ("Q2", 2, -0.1), ("Q3", 3, 0.3)] {
        let day = format!("2024-0{month}-10");
        entries.push(entry(
            quarter,
            Some(&day),
            &format!("2024-0{month}-01"),
            Some(0.5),
            None,
        ));
        entries.push(entry(
            quarter,
            Some(&day),
            &format!("2024-0{month}-05"),
            Some(1.0),
            None,
        ));
        entries.push(entry(quarter, Some(&day), &day, None, Some(1.0 + surprise)));
    }
    // A restatement of the last quarter and a changed estimate afterwards.
    entries.push(entry(
        "Q3",
        Some("2024-03-10"),
        "2024-04-01",
        Some(9.0),
        Some(7.0),
    ));
    let knowledge = known(entries);
    let names = [
        "surprise_earnings",
        "surprise_share_earnings",
        "surprise_standardised_earnings",
    ];
    assert_near(
        &at(&knowledge, "2024-01-10", &names, &[]),
        &[NAN; 3],
        "before the report",
    );
    assert_near(
        &at(&knowledge, "2024-01-11", &names, &[]),
        &[0.1, 0.1, NAN],
        "first",
    );
    assert_near(
        &at(&knowledge, "2024-02-11", &names, &[]),
        &[-0.1, -0.1, NAN],
        "second",
    );
    // Standard deviation of 0.1 and -0.1, ddof 1.
    let deviation = 0.02_f64.sqrt();
    let third = [0.3, 0.3, 0.3 / deviation];
    assert_near(&at(&knowledge, "2024-03-11", &names, &[]), &third, "third");
    assert_near(
        &at(&knowledge, "2024-05-01", &names, &[]),
        &third,
        "after the restatement",
    );
}

#[test]
fn earnings_records_become_announcements() {
    let mut event = EarningsEvent {
        symbol: Symbol::new("TSLA").expect("symbol"),
        vendor: VendorId::INTERNAL,
        published: noon("2024-07-01"),
        received: noon("2024-07-01"),
        period: FiscalPeriod {
            year: 2024,
            quarter: Some(2),
        },
        report_date: "2024-07-23".parse().expect("date"),
        report_time: ReportTime::AfterClose,
        eps_estimate: Some("0.62".parse().expect("price")),
        eps_actual: None,
        revenue_estimate: None,
        revenue_actual: None,
    };
    let ahead = Announcement::of_earnings(&event).expect("in range");
    // 16:15 in New York in summer.
    assert_eq!(
        ahead.when,
        Some("2024-07-23T20:15:00Z".parse().expect("time"))
    );
    assert_eq!(
        (ahead.key.as_str(), ahead.expected, ahead.actual),
        ("2024Q2", Some(0.62), None)
    );
    event.eps_actual = Some("0.52".parse().expect("price"));
    event.published = "2024-07-23T20:05:00Z".parse().expect("time");
    event.received = event.published;
    let made = Announcement::of_earnings(&event).expect("in range");
    assert_eq!(
        (made.when, made.actual),
        (Some(event.published), Some(0.52))
    );
    assert_eq!(
        EventKind::of_indicator("Core CPI MoM"),
        Some(EventKind::Cpi)
    );
    assert_eq!(
        EventKind::of_indicator("FOMC Rate Decision"),
        Some(EventKind::Fomc)
    );
    assert_eq!(EventKind::of_indicator("Building Permits"), None);
}

#[test]
fn drift_starts_from_the_close_before_the_event() {
    let close = [100.0, 100.0, 110.0, 121.0, 99.0, 50.0];
    let benchmark = [10.0, 10.0, 10.1, 10.1, 10.1, 10.1];
    let days = [90.0, 91.0, 0.7, 1.7, 40.0, 0.5];
    let names = [
        "event_drift_30",
        "event_reaction_30",
        "event_abnormal_drift_30",
    ];
    let set = FeatureSet::new(Registry::standard(), &names).expect("known");
    let columns = Columns::new()
        .with("close", &close)
        .and_then(|all| all.with("benchmark", &benchmark))
        .and_then(|all| all.with("days_since_event_earnings", &days))
        .expect("equal");
    let table = set.batch(&columns).expect("all there");
    assert_near(
        &table.columns[0],
        &[NAN, NAN, 0.1, 0.21, NAN, 50.0 / 99.0 - 1.0],
        "drift",
    );
    assert_near(
        &table.columns[1],
        &[NAN, NAN, 0.1, 0.1, NAN, 50.0 / 99.0 - 1.0],
        "reaction",
    );
    assert_near(&table.columns[2][2..4], &[0.09, 0.2], "abnormal");
}

#[test]
fn versions_out_of_order_are_refused() {
    let mut knowledge = known(vec![entry("Q1", None, "2024-02-01", None, None)]);
    let early = entry("Q1", None, "2024-01-01", None, None);
    assert!(knowledge.announcement(early).is_err());
    assert!(knowledge.at(Timestamp::MIN).announcements.is_empty());
}
