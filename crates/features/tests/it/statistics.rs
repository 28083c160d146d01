//! Statistics against independent values: rolling columns and whole-sample tests.

use std::collections::BTreeMap;

use trader_features::statistics::memory::fluctuation_exponent;
use trader_features::statistics::regression::least_squares;
use trader_features::statistics::stationarity::{
    Series, Trend, dickey_fuller, engle_granger, kpss, unit_root_p_value,
};
use trader_features::{Columns, FeatureSet, Registry};

use crate::golden::{self, Case, compare};

/// Golden column, our name.
const COLUMNS: &[(&str, &str)] = &[
    ("skew_60", "skew_60"),
    ("kurt_60", "kurt_60"),
    ("autocorr1_60", "autocorr_60_1"),
    ("var95_hist_252", "var_hist_252_005"),
    ("drawdown", "drawdown"),
    ("maxdd_running", "max_drawdown"),
    ("sharpe_126", "sharpe_126"),
    ("percentrank_close_100", "percentrank_100"),
    ("median_20", "median_20"),
    ("quantile25_20", "quantile_20_025"),
    ("hurst_std_256", "hurst_std_256"),
    ("hurst_rs_256", "hurst_rs_256"),
];

#[test]
fn rolling_statistics_are_reproduced() {
    let cases: Vec<Case> = COLUMNS
        .iter()
        .map(|(golden, ours)| Case {
            golden,
            ours,
            tolerance: 1e-10,
        })
        .collect();
    let mut differences = compare("indicators_defs.csv", &cases);
    // Row 255 has the 256 points that the definition asks for; the reference begins one later.
    differences.retain(|line| !(line.starts_with("hurst_std_256") && line.contains("row 255")));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// `test/key` to value.
fn expected() -> BTreeMap<String, f64> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/stats.csv");
    let text = std::fs::read_to_string(path).expect("golden file");
    text.lines()
        .skip(1)
        .filter(|line| !line.starts_with("kalman"))
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let value = fields[2].parse().expect("number");
            (format!("{}/{}", fields[0], fields[1]), value)
        })
        .collect()
}

fn near(found: f64, expected: &BTreeMap<String, f64>, name: &str) {
    let expected = expected[name];
    let error = (found - expected).abs();
    assert!(
        error <= 1e-8 * expected.abs().max(1e-8),
        "{name}: {found} for {expected}"
    );
}

fn log_close() -> Vec<f64> {
    let data = golden::read("ohlcv.csv");
    data["close"].iter().map(|close| close.ln()).collect()
}

fn returns() -> Vec<f64> {
    let logs = log_close();
    logs.windows(2)
        .map(|pair| 100.0 * (pair[1] - pair[0]))
        .collect()
}

#[test]
fn unit_root_tests_are_reproduced() {
    let expected = expected();
    for (name, x) in [("log_close", log_close()), ("logret_pct", returns())] {
        for (letter, trend) in [
            ("n", Trend::None),
            ("c", Trend::Constant),
            ("ct", Trend::Linear),
        ] {
            let statistic = dickey_fuller(&x, 5, trend).expect("enough rows");
            near(
                statistic,
                &expected,
                &format!("adf_lag5/{name}/{letter}/stat"),
            );
            let p = unit_root_p_value(statistic, trend, Series::One);
            near(p, &expected, &format!("adf_lag5/{name}/{letter}/p"));
        }
        near(
            kpss(&x, 10),
            &expected,
            &format!("kpss_lag10/{name}/c/stat"),
        );
    }
}

#[test]
fn a_pair_of_shares_is_regressed_and_tested_for_cointegration() {
    let (expected, prices) = (expected(), golden::read("prices10.csv"));
    let (ko, wmt) = (&prices["KO"], &prices["WMT"]);
    let fit = least_squares(&[vec![1.0; ko.len()], wmt.clone()], ko).expect("enough rows");
    let name = |key: &str| format!("ols_KO_WMT/{key}");
    near(fit.coefficients[0], &expected, &name("const"));
    near(fit.coefficients[1], &expected, &name("slope"));
    near(fit.errors[0], &expected, &name("const_se"));
    near(fit.errors[1], &expected, &name("slope_se"));
    let found = engle_granger(ko, wmt, 1).expect("enough rows");
    near(found.statistic, &expected, "engle_granger/KO~WMT/stat");
    near(found.p_value, &expected, "engle_granger/KO~WMT/p");
    near(
        found.half_life.expect("reverts"),
        &expected,
        "ou_halflife/KO_WMT",
    );
}

/// The last value of one feature over the whole sample.
fn last(name: &str, close: &[f64]) -> f64 {
    let columns = Columns::new().with("close", close).expect("column");
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("name");
    let table = set.batch(&columns).expect("batch");
    *table.columns[0].last().expect("rows")
}

#[test]
fn entropies_and_fluctuations_are_reproduced() {
    let (expected, data) = (expected(), golden::read("ohlcv.csv"));
    let close = &data["close"];
    near(
        last("shannon_2011_20", close),
        &expected,
        "shannon_entropy_20bins/nats",
    );
    near(
        last("sampen_500_2_02", close),
        &expected,
        "sample_entropy_m2_r02/last500",
    );
    near(
        last("permen_2011_3", close),
        &expected,
        "perm_entropy_m3_norm/all",
    );
    near(
        fluctuation_exponent(&returns(), 256),
        &expected,
        "dfa_alpha/all",
    );
}

#[test]
fn a_fractional_difference_of_whole_order_is_the_plain_one() {
    let x = [1.0, 4.0, 9.0, 16.0, 25.0];
    assert!((last("fracdiff_4_1", &x) - 9.0).abs() < 1e-12);
    assert!((last("fracdiff_4_0", &x) - 25.0).abs() < 1e-12);
    // 1 - d, d (d - 1) / 2 ...: 25 - 0.5 * 16 - 0.125 * 9.
    assert!((last("fracdiff_3_05", &x) - (25.0 - 8.0 - 1.125)).abs() < 1e-12);
}

#[test]
fn the_tail_index_of_a_pareto_sample_is_its_exponent() {
    // Losses at the quantiles of a Pareto law with exponent 3.
    let n = 4000;
    let losses = (1..=n).map(|i| (f64::from(i) / f64::from(n + 1)).powf(-1.0 / 3.0));
    let close: Vec<f64> = std::iter::once(0.0)
        .chain(losses)
        .scan(0.0, |log, loss| {
            *log -= 0.01 * loss;
            Some(f64::exp(*log))
        })
        .collect();
    let index = last("hill_4000_01", &close);
    assert!((index - 3.0).abs() < 0.1, "{index}");
}
