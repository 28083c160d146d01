//! Weights of portfolios: what each rule promises holds on any covariance.

use proptest::prelude::*;
use trader_risk::allocation::{
    AllocationError, Covariance, equal_risk, hierarchical_risk_parity, inverse_volatility,
    minimum_variance, minimum_variance_long_only, risk_budgeting, risk_contributions,
};

/// `B B' + noise`: positive definite.
fn covariance(members: usize, entries: &[f64], unit: f64) -> Covariance {
    let b = |i: usize, k: usize| entries[(i * 31 + k * 7) % entries.len()];
    let rows = (0..members).map(|i| {
        (0..members)
            .map(|j| {
                let common: f64 = (0..4).map(|k| b(i, k) * b(j, k)).sum();
                unit * (common + if i == j { 0.05 + b(i, 5).abs() } else { 0.0 })
            })
            .collect()
    });
    Covariance::new(&rows.collect::<Vec<_>>()).unwrap()
}

fn sums_to_one(weights: &[f64]) -> bool {
    (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_rule_keeps_its_promise(
        members in 1_usize..14,
        entries in prop::collection::vec(-1.0..1.0_f64, 97),
        unit in prop_oneof![Just(1e-9), Just(1e-4), Just(1.0), Just(1e9)],
        tries in prop::collection::vec(0.0..1.0_f64, 60),
    ) {
        let covariance = covariance(members, &entries, unit);
        let free = minimum_variance(&covariance).unwrap();
        let long = minimum_variance_long_only(&covariance).unwrap();
        let equal = equal_risk(&covariance).unwrap();
        let tree = hierarchical_risk_parity(&covariance);
        let inverse = inverse_volatility(&covariance);
        for weights in [&free, &long, &equal, &tree, &inverse] {
            prop_assert!(sums_to_one(weights), "{weights:?}");
        }
        for weights in [&long, &equal, &tree, &inverse] {
            prop_assert!(weights.iter().all(|w| *w >= 0.0), "{weights:?}");
        }
        // No other portfolio has less variance.
        let least = covariance.variance(&long);
        prop_assert!(covariance.variance(&free) <= least * (1.0 + 1e-9));
        for part in tries.chunks(members) {
            let total: f64 = part.iter().sum();
            if part.len() == members && total > 0.0 {
                let other: Vec<f64> = part.iter().map(|w| w / total).collect();
                prop_assert!(least <= covariance.variance(&other) * (1.0 + 1e-9));
            }
        }
        for weights in [&equal, &tree, &inverse] {
            prop_assert!(least <= covariance.variance(weights) * (1.0 + 1e-9));
        }
        for share in risk_contributions(&covariance, &equal).unwrap() {
            prop_assert!((share - 1.0 / members as f64).abs() < 1e-9);
        }
    }

    #[test]
    fn risk_is_split_as_the_budgets_say(
        entries in prop::collection::vec(-1.0..1.0_f64, 97),
        budgets in prop::collection::vec(0.01..1.0_f64, 6),
    ) {
        let covariance = covariance(6, &entries, 1e-4);
        let weights = risk_budgeting(&covariance, &budgets).unwrap();
        let total: f64 = budgets.iter().sum();
        let shares = risk_contributions(&covariance, &weights).unwrap();
        for (share, budget) in shares.iter().zip(&budgets) {
            prop_assert!((share - budget / total).abs() < 1e-9);
        }
    }

    #[test]
    fn the_order_of_the_members_does_not_matter(entries in prop::collection::vec(-1.0..1.0_f64, 97)) {
        let members = 7;
        let plain = covariance(members, &entries, 1.0);
        let b = |i: usize, k: usize| entries[(i * 31 + k * 7) % entries.len()];
        let turned = (0..members).rev().map(|i| {
            (0..members).rev().map(|j| {
                let common: f64 = (0..4).map(|k| b(i, k) * b(j, k)).sum();
                common + if i == j { 0.05 + b(i, 5).abs() } else { 0.0 }
            }).collect()
        });
        let turned = Covariance::new(&turned.collect::<Vec<_>>()).unwrap();
        for rule in [minimum_variance, minimum_variance_long_only, equal_risk] {
            let mut back = rule(&turned).unwrap();
            back.reverse();
            for (a, b) in rule(&plain).unwrap().iter().zip(back) {
                prop_assert!((a - b).abs() < 1e-7);
            }
        }
    }
}

#[test]
fn members_without_correlation_are_weighted_by_variance_or_volatility() {
    let covariance = Covariance::new(&[vec![0.01, 0.0], vec![0.0, 0.04]]).unwrap();
    let near = |found: &[f64], expected: [f64; 2]| {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{found:?} for {expected:?}");
        }
    };
    near(&minimum_variance(&covariance).unwrap(), [0.8, 0.2]);
    near(
        &minimum_variance_long_only(&covariance).unwrap(),
        [0.8, 0.2],
    );
    near(&hierarchical_risk_parity(&covariance), [0.8, 0.2]);
    near(&equal_risk(&covariance).unwrap(), [2.0 / 3.0, 1.0 / 3.0]);
    near(&inverse_volatility(&covariance), [2.0 / 3.0, 1.0 / 3.0]);
}

#[test]
fn a_member_that_would_be_sold_short_is_left_out() {
    // The second moves with the first, only more.
    let covariance = Covariance::new(&[vec![0.01, 0.018], vec![0.018, 0.04]]).unwrap();
    assert!(minimum_variance(&covariance).unwrap()[1] < 0.0);
    assert_eq!(minimum_variance_long_only(&covariance).unwrap(), [1.0, 0.0]);
}

#[test]
fn matrices_that_are_no_covariance_are_refused() {
    let refused = |rows: Vec<Vec<f64>>| Covariance::new(&rows).unwrap_err();
    assert!(matches!(
        refused(vec![]),
        AllocationError::Members { members: 0 }
    ));
    assert!(matches!(
        refused(vec![vec![1.0, 0.0], vec![0.0]]),
        AllocationError::NotSquare { row: 1, .. }
    ));
    for bad in [
        vec![vec![1.0, f64::NAN], vec![0.0, 1.0]],
        vec![vec![1.0, 0.5], vec![0.4, 1.0]],
        vec![vec![0.0]],
        vec![vec![-1.0]],
    ] {
        assert!(matches!(refused(bad), AllocationError::Entry { .. }));
    }
    // Two members that are one: no unique weights, but the tree splits between them.
    let twins = Covariance::new(&[vec![0.01, 0.01], vec![0.01, 0.01]]).unwrap();
    assert_eq!(minimum_variance(&twins), Err(AllocationError::Singular));
    assert_eq!(
        minimum_variance_long_only(&twins),
        Err(AllocationError::Singular)
    );
    assert_eq!(hierarchical_risk_parity(&twins), [0.5, 0.5]);
    for budgets in [
        &[1.0][..],
        &[1.0, 0.0],
        &[1.0, -1.0],
        &[1.0, 1.0, 1.0],
        &[1.0, f64::NAN],
    ] {
        let found = risk_budgeting(&twins, budgets);
        assert!(
            matches!(found, Err(AllocationError::Budget { .. })),
            "{found:?}"
        );
    }
    assert!(twins.variance(&[1.0]).is_nan() && risk_contributions(&twins, &[1.0]).is_none());
}
