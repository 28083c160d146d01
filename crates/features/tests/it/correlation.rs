//! Correlations and betas against independent values and by construction.

use proptest::prelude::*;
use trader_features::correlation::dynamic;
use trader_features::correlation::matrix::{
    Divisor, PrincipalComponents, correlation_matrix, covariance_matrix,
};
use trader_features::correlation::shrinkage::ledoit_wolf;
use trader_features::{Columns, FeatureSet, Registry};

use crate::golden::{self, Case, compare};
use crate::market::Dice;

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

#[test]
fn the_symbol_that_moves_first_is_found() {
    let mut dice = Dice::new(5);
    let market: Vec<f64> = (0..120).map(|_| 0.01 * dice.bell()).collect();
    let late: Vec<f64> = (0..120_usize)
        .map(|i| i.checked_sub(3).map_or(0.0, |i| -0.5 * market[i]) + 0.001 * dice.bell())
        .collect();
    let (first, follower) = (prices(&market), prices(&late));
    assert_eq!(last("lead_lag_60_5", &follower, &first), 3.0);
    assert!(last("lead_lag_corr_60_5", &follower, &first) < -0.9);
    assert_eq!(last("lead_lag_60_5", &first, &follower), -3.0);
    let swapped = last("lead_lag_corr_60_5", &first, &follower);
    assert!((swapped - last("lead_lag_corr_60_5", &follower, &first)).abs() < 0.05);
}

#[test]
fn a_correlation_that_breaks_down_is_flagged() {
    let mut dice = Dice::new(6);
    let market: Vec<f64> = (0..160).map(|_| 0.01 * dice.bell()).collect();
    let share = |sign: fn(usize) -> f64, dice: &mut Dice| -> Vec<f64> {
        let own = |(i, r): (usize, &f64)| sign(i) * r + 0.003 * dice.bell();
        market.iter().enumerate().map(own).collect()
    };
    let steady = prices(&share(|_| 1.0, &mut dice));
    let turned = prices(&share(|i| if i < 100 { 1.0 } else { -1.0 }, &mut dice));
    let index = prices(&market);
    assert_eq!(last("corr_break_60", &steady, &index), 0.0);
    assert_eq!(last("corr_break_60", &turned, &index), 1.0);
    assert!(last("corr_shift_60", &turned, &index) < -10.0);
    // The same rows twice are no shift.
    let twice: Vec<f64> = market[..60].iter().chain(&market[..60]).copied().collect();
    let same: Vec<f64> = steady_twice(&market);
    assert!(last("corr_shift_60", &prices(&same), &prices(&twice)).abs() < 1e-6);
}

/// A noisy copy of the first sixty returns, twice over.
fn steady_twice(market: &[f64]) -> Vec<f64> {
    let noise = |i: usize| 0.01 * f64::from(u32::try_from(i * 37 % 11).expect("small")) - 0.05;
    (0..120)
        .map(|i| market[i % 60] + 0.1 * noise(i % 60))
        .collect()
}

/// Two series with GARCH-free unit variances whose correlation follows a DCC(1,1).
fn dynamic_pair(rows: usize, alpha: f64, beta: f64, target: f64) -> [Vec<f64>; 2] {
    let mut dice = Dice::new(77);
    let mut q = [1.0, 1.0, target];
    let mut series = [Vec::new(), Vec::new()];
    for _ in 0..rows {
        let rho: f64 = q[2] / f64::sqrt(q[0] * q[1]);
        let (a, z) = (dice.bell(), dice.bell());
        let b = rho * a + (1.0 - rho * rho).sqrt() * z;
        for ((q, product), level) in q
            .iter_mut()
            .zip([a * a, b * b, a * b])
            .zip([1.0, 1.0, target])
        {
            *q = (1.0 - alpha - beta) * level + alpha * product + beta * *q;
        }
        series[0].push(a);
        series[1].push(b);
    }
    series
}

#[test]
fn weights_of_a_dynamic_correlation_are_recovered() {
    let [a, b] = dynamic_pair(4000, 0.06, 0.9, 0.4);
    let fit = dynamic::fit(&[&a, &b]).expect("varying series");
    assert!((fit.alpha - 0.06).abs() < 0.02, "{fit:?}");
    assert!((fit.beta - 0.9).abs() < 0.04, "{fit:?}");
    assert!((fit.target[0][1] - 0.4).abs() < 0.06, "{fit:?}");
    assert_eq!(fit.next[0][1].to_bits(), fit.next[1][0].to_bits());
    assert_eq!(fit.next[0][0], 1.0);
    // Better than a correlation that stands still.
    let constant = |rho: f64| {
        let left = 1.0 - rho * rho;
        let part =
            |(a, b): (&f64, &f64)| (a * a - 2.0 * rho * a * b + b * b) / left - a * a - b * b;
        -0.5 * (a.iter().zip(&b).map(part).sum::<f64>() + left.ln() * a.len() as f64)
    };
    assert!(
        fit.log_likelihood > constant(fit.target[0][1]) + 10.0,
        "{fit:?}"
    );
    assert!(dynamic::fit(&[&a]).is_err());
    assert!(dynamic::fit(&[&a, &b[1..]]).is_err());
    assert!(dynamic::fit(&[&a, &vec![1.0; a.len()]]).is_err());
}

#[test]
fn the_streamed_dynamic_correlation_follows_a_change_sooner_than_the_rolling_one() {
    let mut dice = Dice::new(8);
    let market: Vec<f64> = (0..400).map(|_| 0.01 * dice.bell()).collect();
    let turned: Vec<f64> = market
        .iter()
        .enumerate()
        .map(|(i, r)| if i < 370 { *r } else { -r } + 0.002 * dice.bell())
        .collect();
    let (close, index) = (prices(&turned), prices(&market));
    let dynamic = last("corr_dcc_120_006_09", &close, &index);
    assert!(
        dynamic < last("corr_120", &close, &index) - 0.3,
        "{dynamic}"
    );
}

/// Simple returns of the ten shares of prices10.csv.
fn ten_shares() -> Vec<Vec<f64>> {
    let prices = golden::read("prices10.csv");
    let names = [
        "AAPL", "AMD", "BAC", "CVX", "GE", "JNJ", "KO", "MSFT", "WMT", "XOM",
    ];
    let returns = |name: &&str| {
        prices[*name]
            .windows(2)
            .map(|p| p[1] / p[0] - 1.0)
            .collect()
    };
    names.iter().map(returns).collect()
}

#[test]
fn eigenvalues_and_shrunk_covariance_of_ten_shares_are_reproduced() {
    let returns = ten_shares();
    let series: Vec<&[f64]> = returns.iter().map(Vec::as_slice).collect();
    // risk_metrics.csv, corr_eigenvalue (numpy).
    let eigenvalues = [
        4.851_026_261_397_56,
        1.389_760_654_026_35,
        1.009_632_062_034_69,
        0.617_675_360_564_507,
        0.562_058_408_786_737,
        0.443_478_458_912_274,
        0.416_568_076_955_273,
        0.344_707_945_557_215,
        0.224_001_111_050_987,
        0.141_091_660_714_413,
    ];
    let correlations = correlation_matrix(&series).expect("varying series");
    let components = PrincipalComponents::of(&correlations).expect("symmetric");
    for (found, expected) in components.variances.iter().zip(eigenvalues) {
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{found} for {expected}"
        );
    }
    // risk_metrics.csv, ledoit_wolf_* (scikit-learn 1.9.1).
    let shrunk = ledoit_wolf(&series).expect("series");
    for (found, expected) in [
        (shrunk.shrinkage, 0.018_466_464_700_561),
        (shrunk.covariance[0][0], 0.000_444_467_357_482_369),
        (shrunk.covariance[0][1], 0.000_415_275_256_092_302),
    ] {
        assert!(
            (found / expected - 1.0).abs() < 1e-9,
            "{found} for {expected}"
        );
    }
}

proptest! {
    #[test]
    fn covariances_are_symmetric_and_no_portfolio_has_a_negative_variance(
        seed in any::<u64>(),
        symbols in 1_usize..12,
        rows in 2_usize..40,
        unit in prop_oneof![Just(1e-80), Just(1e-4), Just(1.0), Just(1e40)],
    ) {
        let mut dice = Dice::new(seed);
        let data: Vec<Vec<f64>> = (0..symbols)
            .map(|_| (0..rows).map(|_| unit * dice.bell()).collect())
            .collect();
        let series: Vec<&[f64]> = data.iter().map(Vec::as_slice).collect();
        let shrunk = ledoit_wolf(&series).expect("observed");
        prop_assert!((0.0..=1.0).contains(&shrunk.shrinkage));
        let sample = covariance_matrix(&series, Divisor::Sample).expect("observed");
        for matrix in [&shrunk.covariance, &sample] {
            for (i, row) in matrix.iter().enumerate() {
                for (j, value) in row.iter().enumerate() {
                    prop_assert_eq!(value.to_bits(), matrix[j][i].to_bits());
                }
            }
            for _ in 0..5 {
                let weights: Vec<f64> = (0..symbols).map(|_| dice.bell()).collect();
                let risk: f64 = matrix
                    .iter()
                    .zip(&weights)
                    .map(|(row, w)| w * row.iter().zip(&weights).map(|(c, v)| c * v).sum::<f64>())
                    .sum();
                let size: f64 = (0..symbols).map(|i| matrix[i][i] * weights[i] * weights[i]).sum();
                prop_assert!(risk >= -1e-10 * size * symbols as f64, "{risk}");
            }
        }
        let components = PrincipalComponents::of(&sample).expect("symmetric");
        let total: f64 = (0..symbols).map(|i| sample[i][i]).sum();
        let found: f64 = components.variances.iter().sum();
        prop_assert!((found - total).abs() <= 1e-9 * total);
        for (k, vector) in components.vectors.iter().enumerate() {
            let product = |other: &[f64]| vector.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
            prop_assert!((product(vector) - 1.0).abs() < 1e-9);
            for other in &components.vectors[..k] {
                prop_assert!(product(other).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn matrices_of_nothing_or_of_missing_values_are_refused() {
    let flat = [1.0, 1.0, 1.0];
    let series = [1.0, 2.0, 4.0];
    for bad in [
        vec![],
        vec![&series[..1]],
        vec![&series[..], &flat[..2]],
        vec![&[1.0, f64::NAN, 2.0]],
    ] {
        assert!(covariance_matrix(&bad, Divisor::Sample).is_err(), "{bad:?}");
        assert!(ledoit_wolf(&bad).is_err(), "{bad:?}");
    }
    assert!(correlation_matrix(&[&series, &flat]).is_err());
    assert_eq!(
        ledoit_wolf(&[&flat, &flat]).expect("observed").shrinkage,
        0.0
    );
    for bad in [
        vec![vec![1.0, 2.0], vec![3.0, 1.0]],
        vec![vec![1.0], vec![2.0]],
        vec![vec![f64::NAN]],
    ] {
        assert!(PrincipalComponents::of(&bad).is_err(), "{bad:?}");
    }
}
