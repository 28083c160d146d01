//! Correlations and betas against independent values and by construction.

use trader_features::{Columns, FeatureSet, Registry};

use crate::golden::{self, Case, compare};

#[test]
fn rolling_correlations_are_reproduced() {
    let columns = [
        ("beta_60_ret", "beta_60"),
        ("corr_60_ret", "corr_60"),
        ("corr_60_spearman", "corr_spearman_60"),
        ("corr_60_kendall_b", "corr_kendall_60"),
    ];
    let cases = columns.map(|(golden, ours)| Case {
        golden,
        ours,
        tolerance: 1e-10,
    });
    let differences = compare("indicators_defs.csv", &cases);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn last(name: &str, close: &[f64], benchmark: &[f64]) -> f64 {
    let columns = Columns::new()
        .with("close", close)
        .and_then(|columns| columns.with("benchmark", benchmark))
        .expect("columns");
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("name");
    let table = set.batch(&columns).expect("batch");
    *table.columns[0].last().expect("rows")
}

#[test]
fn distance_correlation_of_two_shares_is_reproduced() {
    // stats.csv, distance_corr_AAPL_MSFT: of all 1,260 daily simple returns.
    let prices = golden::read("prices10.csv");
    let found = last("corr_distance_1260", &prices["AAPL"], &prices["MSFT"]);
    assert!((found - 0.715376044820167).abs() < 1e-10, "{found}");
}

/// Prices from returns.
fn prices(returns: &[f64]) -> Vec<f64> {
    let walk = returns.iter().scan(100.0, |price, r| {
        *price *= 1.0 + r;
        Some(*price)
    });
    std::iter::once(100.0).chain(walk).collect()
}

#[test]
fn sided_betas_lead_and_decay_see_what_was_built_in() {
    let market: Vec<f64> = (0..60)
        .map(|i| 0.01 * f64::from((i * 7) % 11 - 5))
        .collect();
    let share: Vec<f64> = market
        .iter()
        .map(|r| if *r < 0.0 { 2.0 * r } else { 0.5 * r })
        .collect();
    let (close, benchmark) = (prices(&share), prices(&market));
    assert!((last("beta_down_60", &close, &benchmark) - 2.0).abs() < 1e-9);
    assert!((last("beta_up_60", &close, &benchmark) - 0.5).abs() < 1e-9);
    let late: Vec<f64> = [0.0, 0.0].iter().chain(&market[..58]).copied().collect();
    let follower = prices(&late);
    assert!((last("corr_lead_50_2", &follower, &benchmark) - 1.0).abs() < 1e-9);
    assert!(last("corr_lead_50_1", &follower, &benchmark) < 0.9);
    let double: Vec<f64> = market.iter().map(|r| 2.0 * r).collect();
    assert!((last("corr_ewma_094", &prices(&double), &benchmark) - 1.0).abs() < 1e-9);
}
