//! What a list of results means for the order.

use std::collections::BTreeSet;

use trader_broker::{Assessment, CheckId, CheckRecord, MAX_CHECKS, Measure, Verdict};
use trader_domain::Quantity;

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
fn every_check_has_a_code_of_its_own_and_all_fit_into_one_assessment() {
    let codes: BTreeSet<&str> = CheckId::ALL.iter().map(|check| check.code()).collect();
    assert_eq!(codes.len(), CheckId::ALL.len());
    assert!(CheckId::ALL.len() <= MAX_CHECKS);
    assert_eq!(CheckId::MaxQuantity.to_string(), "R020");
}
