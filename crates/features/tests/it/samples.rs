//! Tests and estimates over whole samples against scipy 1.17.1 and statsmodels 0.15.0: dependence,
//! distributions, several series.

use trader_features::statistics::association::{kendall, pearson, spearman};
use trader_features::statistics::autocorrelation::{
    autocorrelations, ljung_box, partial_autocorrelations,
};
use trader_features::statistics::diagnostics::{arch_lm, granger, jarque_bera};
use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::multivariate::{ewm_covariance, mahalanobis, partial_correlation};
use trader_features::statistics::two_samples::{kolmogorov_smirnov, mann_whitney, welch};

use crate::golden;
use crate::stats_golden::{Expected, benchmark_returns, returns};

const SHARES: [&str; 10] = [
    "AAPL", "AMD", "BAC", "CVX", "GE", "JNJ", "KO", "MSFT", "WMT", "XOM",
];

pub(crate) fn check(expected: &Expected) {
    let (r, bench) = (returns(), benchmark_returns());
    dependence(expected, &r, &bench);
    two_series(expected, &r, &bench);
    several_series(expected, &r, &bench);
}

fn dependence(expected: &Expected, r: &[f64], bench: &[f64]) {
    let (own, partial) = (
        autocorrelations(r, 5).expect("varies"),
        partial_autocorrelations(r, 5).expect("varies"),
    );
    for lag in 1..=5 {
        expected.near(&format!("acf/{lag}"), own[lag - 1], 1e-10);
        expected.near(&format!("pacf_ywm/{lag}"), partial[lag - 1], 1e-10);
    }
    let tests = ljung_box(r, 10).expect("varies");
    for lags in [5, 10] {
        let test = tests[lags - 1];
        assert_eq!(test.lags, lags);
        expected.near(&format!("ljung_box/lag{lags}/stat"), test.statistic, 1e-10);
        expected.near(&format!("ljung_box/lag{lags}/p"), test.p_value, 1e-10);
    }
    let normality = jarque_bera(r).expect("varies");
    expected.near("jarque_bera/stat", normality.statistic, 1e-10);
    let clustering = arch_lm(r, 5).expect("varies");
    expected.near("arch_lm_5/stat", clustering.statistic, 1e-10);
    expected.near("arch_lm_5/p", clustering.p_value, 1e-9);
    let leading = granger(r, bench, 2).expect("varies");
    expected.near("granger_lag2/bench->asset F", leading.statistic, 1e-8);
    expected.near("granger_lag2/p", leading.p_value, 1e-8);
}

fn two_series(expected: &Expected, r: &[f64], bench: &[f64]) {
    for (name, found) in [
        ("corr_pearson", pearson(r, bench)),
        ("corr_spearman", spearman(r, bench)),
        ("corr_kendall_b", kendall(r, bench)),
    ] {
        let found = found.expect(name);
        expected.near(&format!("{name}/r"), found.statistic, 1e-10);
        // Below the least double.
        expected.near(&format!("{name}/p"), found.p_value, 1e-300);
    }
    // The first 1,000 returns and the other 1,011.
    let (before, after) = r.split_at(1000);
    let distance = kolmogorov_smirnov(before, after).expect("values");
    expected.near("ks_2samp/stat", distance.statistic, 1e-12);
    expected.near("ks_2samp/p", distance.p_value, 1e-10);
    let ranks = mann_whitney(before, after).expect("values");
    expected.near("mannwhitney_u/stat", ranks.statistic, 1e-12);
    let means = welch(before, after).expect("varies");
    expected.near("welch_t/stat", means.statistic, 1e-10);
    expected.near("welch_t/p", means.p_value, 1e-10);
}

fn several_series(expected: &Expected, r: &[f64], bench: &[f64]) {
    let covariance = ewm_covariance(&[r, bench], 0.06).expect("rows");
    let name = "ewm_cov_alpha06_adjustFalse_bias";
    expected.near(&format!("{name}/ab"), covariance[0][1], 1e-10);
    expected.near(&format!("{name}/aa"), covariance[0][0], 1e-10);
    let prices = golden::read("prices10.csv");
    let simple =
        |name: &str| -> Vec<f64> { prices[name].windows(2).map(|p| p[1] / p[0] - 1.0).collect() };
    let shares = SHARES.map(simple);
    let shares = shares.each_ref().map(Vec::as_slice);
    let partial = partial_correlation(&shares, 0, 7).expect("full rank");
    expected.near("partial_corr_AAPL_MSFT/given other 8", partial, 1e-9);
    let last = shares.map(|share| *share.last().expect("rows"));
    let distance = mahalanobis(&shares, &last).expect("full rank");
    expected.near("mahalanobis_last/d", distance, 1e-9);
}

/// scipy 1.17.1 on short samples with and without ties.
#[test]
fn small_samples_have_exact_p_values() {
    let (a, b) = (
        [1.1, 2.3, 0.4, 5.6, 3.2],
        [2.2, 6.1, 7.4, 4.9, 8.8, 3.9, 5.2],
    );
    let found = mann_whitney(&a, &b).expect("values");
    assert!((found.statistic - 6.0).abs() < 1e-12);
    assert!(
        (found.p_value - 0.073_232_323_232_323_23).abs() < 1e-12,
        "{found:?}"
    );
    let found = kolmogorov_smirnov(&a, &b).expect("values");
    assert!((found.statistic - 0.657_142_857_142_857_2).abs() < 1e-12);
    assert!(
        (found.p_value - 0.116_161_616_161_616_17).abs() < 1e-12,
        "{found:?}"
    );
    let tied = mann_whitney(&[1.0, 2.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 3.0, 5.0]).expect("values");
    assert!((tied.statistic - 6.0).abs() < 1e-12);
    assert!(
        (tied.p_value - 0.374_857_142_683_34).abs() < 1e-10,
        "{tied:?}"
    );
    let tied = kendall(&[1.0, 2.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 3.0, 3.0, 5.0]).expect("values");
    assert!((tied.statistic - 0.666_666_666_666_666_7).abs() < 1e-12);
    assert!(
        (tied.p_value - 0.118_432_928_916_671_9).abs() < 1e-10,
        "{tied:?}"
    );
}

#[test]
fn samples_that_cannot_be_tested_are_refused() {
    let flat = [2.0; 40];
    let ramp: Vec<f64> = (0..40).map(f64::from).collect();
    let constant = |error: &StatisticsError| matches!(error, StatisticsError::Constant { .. });
    assert!(constant(&autocorrelations(&flat, 3).expect_err("flat")));
    assert!(constant(&jarque_bera(&flat).expect_err("flat")));
    assert!(constant(&mann_whitney(&flat, &flat).expect_err("flat")));
    assert!(constant(&welch(&flat, &flat).expect_err("flat")));
    assert!(constant(&pearson(&ramp, &flat).expect_err("flat")));
    assert!(constant(&kendall(&flat, &ramp).expect_err("flat")));
    assert!(arch_lm(&flat, 2).is_err() && granger(&flat, &flat, 2).is_err());
    let collinear = partial_correlation(&[&ramp, &ramp, &flat], 0, 1);
    assert!(matches!(collinear, Err(StatisticsError::Collinear { .. })));
    let uneven = pearson(&ramp, &flat[..9]);
    assert!(matches!(
        uneven,
        Err(StatisticsError::LengthMismatch {
            series: 1,
            found: 9,
            expected: 40,
            ..
        })
    ));
    let same = partial_correlation(&[&ramp, &flat], 1, 1);
    assert!(matches!(same, Err(StatisticsError::InvalidSetting { .. })));
    let short = ljung_box(&ramp[..5], 4);
    assert!(matches!(
        short,
        Err(StatisticsError::TooFew {
            needed: 6,
            found: 5,
            ..
        })
    ));
    let mut gap = ramp.clone();
    gap[7] = f64::INFINITY;
    let missing = welch(&ramp, &gap);
    assert!(matches!(
        missing,
        Err(StatisticsError::Missing {
            series: 1,
            row: 7,
            ..
        })
    ));
}
