//! Regimes and levels behind the data, against statsmodels 0.15.0.

use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::kalman::{LocalLevel, Prior};
use trader_features::statistics::markov_switching::SwitchingModel;
use trader_features::{Columns, FeatureSet, Registry};

use crate::stats_golden::{Expected, log_close, returns};

pub(crate) fn check(expected: &Expected) {
    two_regimes(expected);
    level(expected);
}

fn two_regimes(expected: &Expected) {
    let returns = returns();
    let fit = SwitchingModel::fit(&returns, 2).expect("fit");
    let near = |key: &str, value: f64, tolerance: f64| {
        expected.near(&format!("markov_switching_2/{key}"), value, tolerance);
    };
    near("p[0->0]", fit.model.transitions[0][0], 1e-3);
    near("p[1->0]", fit.model.transitions[1][0], 1e-3);
    near("const[0]", fit.model.means[0], 1e-3);
    near("const[1]", fit.model.means[1], 1e-3);
    near("sigma2[0]", fit.model.variances[0], 1e-3);
    near("sigma2[1]", fit.model.variances[1], 1e-3);
    near("llf", fit.log_likelihood, 1e-6);
    near(
        "smoothed_p0_last",
        fit.smoothed.last().expect("rows")[0],
        1e-3,
    );
    near("filtered_p0_mid", fit.filtered[1000][0], 1e-3);
}

#[test]
fn regimes_that_were_built_in_are_found() {
    // Fifty rows of small moves, fifty of large ones, in turns; signs from a fixed pattern.
    let x: Vec<f64> = (0_u32..1000)
        .map(|i| {
            let size = if (i / 50).is_multiple_of(2) { 0.5 } else { 3.0 };
            let noise = f64::from(i.wrapping_mul(2_654_435_761) >> 16) / 65_536.0 - 0.5;
            size * noise
        })
        .collect();
    let fit = SwitchingModel::fit(&x, 2).expect("fit");
    let wrong = fit
        .smoothed
        .iter()
        .enumerate()
        .filter(|(i, p)| (p[0] > 0.5) != (i / 50).is_multiple_of(2))
        .count();
    assert!(wrong < 30, "{wrong} rows in the wrong regime");
    for row in fit.filtered.iter().chain(&fit.smoothed) {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    }
    let share = fit.model.stationary().expect("one chain");
    assert!((share[0] - 0.5).abs() < 0.05, "{share:?}");
}

#[test]
fn samples_without_regimes_are_refused() {
    let refused = SwitchingModel::fit(&[1.0; 100], 2);
    assert!(matches!(refused, Err(StatisticsError::Constant { .. })));
    let refused = SwitchingModel::fit(&returns(), 1);
    assert!(matches!(
        refused,
        Err(StatisticsError::InvalidSetting { .. })
    ));
    let refused = SwitchingModel::fit(&[1.0, 2.0], 2);
    assert!(matches!(
        refused,
        Err(StatisticsError::TooFew { needed: 40, .. })
    ));
}

fn level(expected: &Expected) {
    let y: Vec<f64> = log_close().iter().map(|x| 100.0 * x).collect();
    let model = LocalLevel {
        noise: 0.5,
        level: 0.8,
    };
    // The reference starts from a mean of 0 with a variance of a million.
    let prior = Prior::Known {
        mean: 0.0,
        variance: 1e6,
    };
    let fit = model.run(&y, prior).expect("run");
    let near = |key: &str, value: f64| {
        expected.near(&format!("kalman_local_level/{key}"), value, 1e-10);
    };
    // Of which it leaves the first row out.
    let spread = 1e6 + 0.5;
    let first = -0.5 * ((2.0 * std::f64::consts::PI * spread).ln() + fit.surprises[0].powi(2));
    near("llf_fixed(irr=.5,level=.8)", fit.log_likelihood - first);
    near("filtered_last", *fit.filtered.last().expect("rows"));
    near("filtered_idx100", fit.filtered[100]);
    near("smoothed_idx100", fit.smoothed[100]);
    near(
        "P_filtered_last",
        *fit.filtered_variances.last().expect("rows"),
    );
}

#[test]
fn a_gap_widens_the_level_and_the_smoother_bridges_it() {
    let model = LocalLevel {
        noise: 1.0,
        level: 0.5,
    };
    let y = [f64::NAN, 1.0, 1.2, f64::NAN, f64::NAN, 2.0, 2.1, f64::NAN];
    let fit = model.run(&y, Prior::Diffuse).expect("run");
    assert!(fit.filtered[0].is_nan() && fit.smoothed[0] == fit.smoothed[1]);
    assert_eq!(fit.filtered[2], fit.filtered[4]);
    let grown = fit.filtered_variances[2] + 2.0 * 0.5;
    assert!((fit.filtered_variances[4] - grown).abs() < 1e-12);
    assert!(fit.filtered[4] < fit.smoothed[4] && fit.smoothed[4] < fit.smoothed[5]);
    assert!(
        fit.smoothed_variances
            .iter()
            .all(|v| *v > 0.0 && v.is_finite())
    );
    assert!(model.run(&[f64::NAN; 3], Prior::Diffuse).is_err());
    let broken = LocalLevel {
        noise: -1.0,
        level: 0.5,
    };
    assert!(broken.run(&y, Prior::Diffuse).is_err());
}

/// statsmodels 0.15.0 `UnobservedComponents(y, "local level")` with an exact diffuse start, fitted.
#[test]
fn the_most_likely_level_model_is_found() {
    let y: Vec<f64> = log_close().iter().map(|x| 100.0 * x).collect();
    let fit = LocalLevel::fit(&y).expect("fit");
    assert!(
        (fit.log_likelihood + 2_686.619_409_961).abs() < 1e-3,
        "{}",
        fit.log_likelihood
    );
    assert!(
        (fit.model.level / 0.780_44 - 1.0).abs() < 1e-2,
        "{:?}",
        fit.model
    );
    assert!(
        (fit.model.noise / 0.033_6 - 1.0).abs() < 0.1,
        "{:?}",
        fit.model
    );
    // Returns have no level that walks: its variance lies on the bound.
    let fit = LocalLevel::fit(&returns()).expect("fit");
    assert!(
        (fit.log_likelihood + 2_689.869_275_933).abs() < 1e-3,
        "{}",
        fit.log_likelihood
    );
    assert!(fit.model.level < 1e-4, "{:?}", fit.model);
}

/// The streaming filter's trend is that of a straight line, and noise around it is smoothed.
#[test]
fn the_streaming_level_follows_a_line_exactly() {
    let close: Vec<f64> = (0..50).map(|i| 100.0 + 0.5 * f64::from(i)).collect();
    let columns = Columns::new().with("close", &close).expect("column");
    let set =
        FeatureSet::new(Registry::standard(), &["kalman_level", "kalman_slope"]).expect("set");
    let table = set.batch(&columns).expect("batch");
    let levels = table.columns[0].iter().zip(&close);
    for ((level, close), slope) in levels.zip(&table.columns[1]).skip(1) {
        assert!((level - close).abs() < 1e-9);
        assert!((slope - 0.5).abs() < 1e-9);
    }
}
