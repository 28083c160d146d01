//! Liquidity and pressure: by hand, on real ticks, through events.

mod by_hand;
mod events;
mod real_ticks;

use trader_features::{Columns, FeatureSet, Registry};

/// The features' columns over the given columns.
pub(crate) fn table(names: &[&str], columns: &[(&str, &[f64])]) -> Vec<Vec<f64>> {
    let set = FeatureSet::new(Registry::standard(), names).expect("known features");
    let columns = columns.iter().fold(Columns::new(), |all, (name, values)| {
        all.with(name, values).expect("equal lengths")
    });
    set.batch(&columns).expect("all columns").columns
}

/// Equal to 1e-12, missing where the expectation is NaN.
pub(crate) fn assert_column(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (row, (found, expected)) in found.iter().zip(expected).enumerate() {
        let same = found.is_nan() && expected.is_nan()
            || (found - expected).abs() <= 1e-12 * expected.abs().max(1.0);
        assert!(same, "{what} row {row}: {found}, expected {expected}");
    }
}
