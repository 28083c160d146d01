//! Calendars, statements and posts, as they were known at a bar's close.

mod events;
mod filings;
mod fundamentals;
mod social;

use trader_domain::Timestamp;
use trader_features::{AsOfSet, Knowledge, Registry};

/// Midday in UTC of a date.
pub(crate) fn noon(date: &str) -> Timestamp {
    format!("{date}T12:00:00Z").parse().expect("a date")
}

/// The features at midday of a date; `row` holds the close where one is read.
pub(crate) fn at(knowledge: &Knowledge, date: &str, names: &[&str], row: &[f64]) -> Vec<f64> {
    let set = AsOfSet::new(Registry::standard(), names).expect("known features");
    let mut out = vec![0.0; names.len()];
    set.evaluate(&knowledge.at(noon(date)), row, &mut out)
        .expect("fits");
    out
}

/// Equal to 1e-9, missing where NaN is expected.
pub(crate) fn assert_near(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let same = found.is_nan() && expected.is_nan()
            || (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
        assert!(same, "{what} {index}: {found}, expected {expected}");
    }
}
