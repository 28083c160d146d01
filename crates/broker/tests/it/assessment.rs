//! What a list of results means for the order.

use std::collections::BTreeSet;

use trader_broker::{Assessment, CheckId, CheckRecord, Figure, Measure, Unit, Verdict};
use trader_domain::{Money, Quantity, Rate};

fn result(check: CheckId, verdict: Verdict, largest: Option<i32>) -> CheckRecord {
    CheckRecord {
        check,
        verdict,
        measured: Measure::Absent,
        limit: Measure::Absent,
        largest: largest.map(Quantity::whole),
    }
}

fn assessment(records: &[CheckRecord]) -> Assessment {
    let mut assessment = Assessment::new();
    for record in records {
        assessment.push(*record);
    }
    assessment
}

#[test]
fn what_was_not_checked_is_refused() {
    assert_eq!(Assessment::new().verdict(), Verdict::Reject);
}

#[test]
fn the_worst_result_counts() {
    let found = assessment(&[
        result(CheckId::Tick, Verdict::Pass, None),
        result(CheckId::DailyLoss, Verdict::Halt, None),
        result(CheckId::Lot, Verdict::Warn, None),
    ]);
    assert_eq!(found.verdict(), Verdict::Halt);
    assert_eq!(found.failures().count(), 1);
}

#[test]
fn the_largest_passing_quantity_is_the_smallest_of_all_failures() {
    let found = assessment(&[
        result(CheckId::MaxQuantity, Verdict::Reject, Some(50)),
        result(CheckId::PositionWeight, Verdict::Reject, Some(30)),
        result(CheckId::Lot, Verdict::Pass, None),
    ]);
    assert_eq!(found.largest_passing(), Some(Quantity::whole(30)));
}

#[test]
fn a_failure_that_no_quantity_cures_leaves_nothing_to_pass() {
    for incurable in [
        result(CheckId::NotHalted, Verdict::Reject, None),
        result(CheckId::MaxPositions, Verdict::Reject, Some(0)),
        result(CheckId::TradingState, Verdict::Halt, Some(10)),
    ] {
        let found = assessment(&[
            result(CheckId::MaxQuantity, Verdict::Reject, Some(50)),
            incurable,
        ]);
        assert_eq!(found.largest_passing(), None, "{incurable:?}");
    }
}

#[test]
fn every_check_has_a_code_and_a_place_of_its_own() {
    let codes: BTreeSet<&str> = CheckId::ALL.iter().map(|check| check.code()).collect();
    assert_eq!(codes.len(), CheckId::ALL.len());
    let all: Vec<CheckRecord> = CheckId::ALL
        .iter()
        .map(|&check| result(check, Verdict::Pass, None))
        .collect();
    let found = assessment(&all);
    assert_eq!(found.records().collect::<Vec<_>>(), all);
    assert_eq!(found.len(), CheckId::ALL.len());
    assert_eq!(CheckId::MaxQuantity.to_string(), "R020");
}

#[test]
fn of_two_results_of_one_check_the_worse_is_kept() {
    let refused = result(CheckId::Lot, Verdict::Reject, Some(5));
    let passed = result(CheckId::Lot, Verdict::Pass, None);
    for both in [[refused, passed], [passed, refused]] {
        let found = assessment(&both);
        assert_eq!(found.records().collect::<Vec<_>>(), [refused]);
        assert_eq!(found.verdict(), Verdict::Reject);
    }
}

#[test]
fn what_was_pushed_is_what_is_read() {
    let rate = Rate::from_percent(7);
    for measure in [
        Measure::Absent,
        Measure::Money(Money::whole(-12)),
        Measure::Price("3.25".parse().unwrap()),
        Measure::Quantity(Quantity::MAX),
        Measure::Rate(rate),
        Measure::Count(u64::MAX),
        Measure::Nanos(i64::MIN),
    ] {
        let record = CheckRecord {
            check: CheckId::AdvShare,
            verdict: Verdict::Warn,
            measured: measure,
            limit: measure,
            largest: Some(Quantity::whole(3)),
        };
        assert_eq!(assessment(&[record]).get(CheckId::AdvShare), Some(record));
    }
}

#[test]
fn a_share_is_shown_as_a_ratio_rounded_up() {
    let mut found = Assessment::new();
    let limit = Rate::from_percent(40);
    found.note_share(CheckId::PositionWeight, Verdict::Warn, (1, 3), limit);
    let shown = found.get(CheckId::PositionWeight).unwrap();
    let third = Rate::from_units(333_333_334).unwrap();
    assert_eq!(shown.measured, Measure::Rate(third));
    assert_eq!(shown.limit, Measure::Rate(limit));
    assert_eq!((shown.verdict, shown.largest), (Verdict::Warn, None));
}

#[test]
fn a_figure_outside_its_range_is_not_shown_as_another() {
    for unit in [Unit::Price, Unit::Quantity, Unit::Rate, Unit::Count] {
        let figure = Figure::new(unit, i128::from(u64::MAX) + 1);
        assert_eq!(figure.measure(), Measure::Absent);
    }
}

#[test]
fn what_is_relieved_warns_but_for_the_exceptions_and_a_halt() {
    let refused = [
        result(CheckId::Lot, Verdict::Reject, None),
        result(CheckId::NotHalted, Verdict::Reject, None),
        result(CheckId::Tick, Verdict::Pass, None),
    ];
    let mut found = assessment(&refused);
    found.relieve(&[CheckId::Lot]);
    assert_eq!(found.verdict(), Verdict::Reject);
    found.relieve(&[]);
    assert_eq!(found.verdict(), Verdict::Warn);
    assert_eq!(found.get(CheckId::Tick), Some(refused[2]));
    let mut halted = assessment(&[result(CheckId::TradingState, Verdict::Halt, None)]);
    halted.relieve(&[]);
    assert_eq!(halted.verdict(), Verdict::Halt);
}
