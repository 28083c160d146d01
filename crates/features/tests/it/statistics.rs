//! Statistics against independent values: rolling columns and whole-sample tests.

use trader_features::statistics::cointegration::engle_granger;
use trader_features::statistics::error::StatisticsError;
use trader_features::statistics::johansen::{Deterministic, johansen};
use trader_features::statistics::memory::fluctuation_exponent;
use trader_features::statistics::regression::{Intercept, Regression};
use trader_features::statistics::stationarity::{Around, kpss};
use trader_features::statistics::unit_root::{
    Lags, Trend, augmented_dickey_fuller, phillips_perron, schwert_lags, variance_ratio,
};
use trader_features::{Columns, FeatureSet, Registry};

use crate::golden::{self, Case, compare};
use crate::stats_golden::{Expected, benchmark_returns, log_close, returns};

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

pub(crate) fn check(expected: &Expected) {
    unit_roots(expected);
    pair(expected);
    regressions(expected);
    disorder(expected);
}

fn unit_roots(expected: &Expected) {
    for (name, x) in [("log_close", log_close()), ("logret_pct", returns())] {
        for (letter, trend) in [
            ("n", Trend::None),
            ("c", Trend::Constant),
            ("ct", Trend::Linear),
        ] {
            let test = augmented_dickey_fuller(&x, trend, Lags::Fixed(5)).expect("enough rows");
            let key = |what: &str| format!("adf_lag5/{name}/{letter}/{what}");
            expected.near(&key("stat"), test.statistic, 1e-8);
            expected.near(&key("p"), test.p_value, 1e-8);
            expected.near(&key("crit5"), test.critical_values[1], 1e-12);
        }
        let lags = Lags::Aic {
            most: schwert_lags(x.len(), Trend::Constant),
        };
        let test = augmented_dickey_fuller(&x, Trend::Constant, lags).expect("enough rows");
        assert_eq!(test.lags, if name == "log_close" { 19 } else { 18 });
        expected.near(&format!("adf_aic/{name}/c/stat"), test.statistic, 1e-8);
        let test = kpss(&x, Around::Level, 10).expect("varies");
        expected.near(&format!("kpss_lag10/{name}/c/stat"), test.statistic, 1e-8);
    }
    let test = phillips_perron(&log_close(), Trend::Constant, 10).expect("varies");
    expected.near("phillips_perron_lag10/stat", test.statistic, 1e-8);
    let walk = variance_ratio(&log_close(), 5).expect("varies");
    expected.near("variance_ratio_q5/vr", walk.ratio, 1e-10);
    expected.near("variance_ratio_q5/arch_vr", walk.ratio, 1e-10);
    expected.near("variance_ratio_q5/arch_z_robust", walk.robust_z, 1e-10);
}

fn pair(expected: &Expected) {
    let prices = golden::read("prices10.csv");
    let (ko, wmt) = (&prices["KO"], &prices["WMT"]);
    let found = engle_granger(ko, &[wmt], Trend::Constant, Lags::Fixed(1)).expect("related");
    expected.near("engle_granger/KO~WMT/stat", found.statistic, 1e-8);
    expected.near("engle_granger/KO~WMT/p", found.p_value, 1e-8);
    let half_life = found.half_life.expect("reverts");
    expected.near("ou_halflife/KO_WMT", half_life, 1e-8);
    let ranks = johansen(&[ko, wmt], Deterministic::Constant, 1).expect("full rank");
    expected.near("johansen_trace/r<=0", ranks.tests[0].trace, 1e-8);
    expected.near("johansen_trace/r<=1", ranks.tests[1].trace, 1e-8);
    assert_eq!(ranks.rank(), 0);
}

fn regressions(expected: &Expected) {
    let prices = golden::read("prices10.csv");
    let (ko, wmt) = (&prices["KO"], &prices["WMT"]);
    let fit = Regression::fit(ko, &[wmt], Intercept::Fitted).expect("full rank");
    for (key, value) in [
        ("const", fit.coefficients[0]),
        ("slope", fit.coefficients[1]),
        ("const_se", fit.errors[0]),
        ("slope_se", fit.errors[1]),
        ("const_t", fit.t_values[0]),
        ("slope_t", fit.t_values[1]),
        ("r2", fit.r_squared),
        ("durbin_watson", fit.durbin_watson),
    ] {
        expected.near(&format!("ols_KO_WMT/{key}"), value, 1e-9);
    }
    let (bench, asset) = (benchmark_returns(), returns());
    let fit = Regression::fit(&bench, &[&asset], Intercept::Fitted).expect("full rank");
    let errors = fit.newey_west_errors(5).expect("fewer lags than rows");
    expected.near("newey_west_lag5/slope", fit.coefficients[1], 1e-10);
    expected.near("newey_west_lag5/slope_se", errors[1], 1e-10);
}

fn disorder(expected: &Expected) {
    let data = golden::read("ohlcv.csv");
    let close = &data["close"];
    for (feature, row) in [
        ("shannon_2011_20", "shannon_entropy_20bins/nats"),
        ("permen_2011_3", "perm_entropy_m3_norm/all"),
    ] {
        expected.near(row, last(feature, close), 1e-8);
    }
    // Quadratic: only as many closes as the 500 returns need.
    let recent = &close[close.len() - 501..];
    let row = "sample_entropy_m2_r02/last500";
    expected.near(row, last("sampen_500_2_02", recent), 1e-8);
    let exponent = fluctuation_exponent(&returns(), 256);
    expected.near("dfa_alpha/all", exponent, 1e-8);
    let prices = golden::read("prices10.csv");
    let columns = Columns::new()
        .with("close", &prices["AAPL"])
        .and_then(|columns| columns.with("benchmark", &prices["MSFT"]))
        .expect("columns");
    let set = FeatureSet::new(Registry::standard(), &["corr_distance_1260"]).expect("name");
    let table = set.batch(&columns).expect("batch");
    let distance = *table.columns[0].last().expect("rows");
    expected.near("distance_corr_AAPL_MSFT/d", distance, 1e-10);
}

fn near(found: f64, expected: f64) {
    let error = (found - expected).abs();
    assert!(error <= 1e-8 * expected.abs(), "{found} for {expected}");
}

/// statsmodels 0.15.0 and arch 8.0.0 on the same series, beyond the rows of the file.
#[test]
fn other_settings_of_the_root_tests_are_those_of_the_libraries() {
    let x = log_close();
    let most = schwert_lags(x.len(), Trend::Constant);
    let test = augmented_dickey_fuller(&x, Trend::Constant, Lags::Bic { most }).expect("varies");
    assert_eq!((test.lags, test.rows), (0, 2011));
    near(test.statistic, -1.162_644_986_996_883);
    near(test.p_value, 0.689_455_044_668_471_7);
    let test = phillips_perron(&x, Trend::Constant, 10).expect("varies");
    near(test.p_value, 0.710_352_399_917_968_8);
    near(test.critical_values[0], -3.433_605_925_774_539);
    near(test.critical_values[2], -2.567_535_687_129_539_4);
    let test = kpss(&x, Around::Trend, 10).expect("varies");
    near(test.statistic, 1.390_802_595_437_149_7);
    near(test.p_value, 0.01);
    let test = kpss(&returns(), Around::Level, 10).expect("varies");
    near(test.p_value, 0.1);
    let walk = variance_ratio(&x, 5).expect("varies");
    near(walk.plain_z, -1.903_882_572_216_371_7);
    near(walk.robust_p, 0.290_291_281_471_140_47);
}

#[test]
fn other_settings_of_the_cointegration_tests_are_those_of_statsmodels() {
    let prices = golden::read("prices10.csv");
    let (ko, wmt) = (&prices["KO"], &prices["WMT"]);
    let found = engle_granger(ko, &[wmt], Trend::Constant, Lags::Fixed(1)).expect("related");
    near(found.critical_values[0], -3.905_153_1);
    near(found.critical_values[1], -3.340_983_58);
    for (deterministic, traces, largest, critical) in [
        (
            Deterministic::None,
            [6.135_641_45, 0.812_582_89],
            5.323_058_56,
            12.3212,
        ),
        (
            Deterministic::Linear,
            [24.614_735_37, 4.892_052_56],
            19.722_682_81,
            18.3985,
        ),
    ] {
        let found = johansen(&[ko, wmt], deterministic, 1).expect("full rank");
        near(found.tests[0].trace, traces[0]);
        near(found.tests[1].trace, traces[1]);
        near(found.tests[0].largest, largest);
        near(found.tests[0].trace_critical[1], critical);
    }
    let found = johansen(&[ko, wmt], Deterministic::Constant, 1).expect("full rank");
    let weights = &found.combinations[0];
    assert!((weights[0] - 0.183_330_3).abs() < 1e-6, "{weights:?}");
    assert!((weights[1] + 0.071_360_05).abs() < 1e-6, "{weights:?}");
}

#[test]
fn a_relation_that_was_built_in_is_found_by_both_tests() {
    // Two random walks from a fixed generator and their sum with a little noise.
    let mut state = 1_u64;
    let mut roll = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as f64 / f64::from(1 << 24) - 0.5
    };
    let (mut a, mut b, mut together) = (vec![0.0], vec![0.0], vec![0.0]);
    for row in 0..400 {
        a.push(a[row] + roll());
        b.push(b[row] + roll());
        together.push(2.0 * a[row + 1] - b[row + 1] + 0.2 * roll());
    }
    let found = engle_granger(&together, &[&a, &b], Trend::Constant, Lags::Fixed(1)).expect("fit");
    assert!(
        found.p_value < 0.01 && (found.hedge[0] - 2.0).abs() < 0.05,
        "{found:?}"
    );
    let ranks = johansen(&[&together, &a, &b], Deterministic::Constant, 1).expect("full rank");
    assert_eq!(ranks.rank(), 1);
    let weights = &ranks.combinations[0];
    assert!((weights[1] / weights[0] + 2.0).abs() < 0.05, "{weights:?}");
}

#[test]
fn series_without_a_root_to_test_are_refused() {
    let flat = [3.0; 60];
    let constant = Some("constant");
    let kind = |error: Option<StatisticsError>| match error {
        Some(StatisticsError::Constant { .. }) => constant,
        Some(StatisticsError::TooFew { .. }) => Some("too few"),
        Some(StatisticsError::Collinear { .. }) => Some("collinear"),
        Some(StatisticsError::InvalidSetting { .. }) => Some("setting"),
        _ => None,
    };
    let adf = |x: &[f64], lags| kind(augmented_dickey_fuller(x, Trend::Constant, lags).err());
    assert_eq!(adf(&flat, Lags::Fixed(2)), constant);
    assert_eq!(adf(&flat, Lags::Aic { most: 2 }), constant);
    assert_eq!(adf(&flat[..8], Lags::Fixed(2)), Some("too few"));
    assert_eq!(adf(&flat, Lags::Fixed(usize::MAX)), Some("too few"));
    assert_eq!(kind(kpss(&flat, Around::Level, 3).err()), constant);
    assert_eq!(
        kind(phillips_perron(&flat, Trend::Linear, 3).err()),
        constant
    );
    assert_eq!(kind(variance_ratio(&flat, 3).err()), constant);
    assert_eq!(kind(variance_ratio(&flat, 1).err()), Some("setting"));
    let ramp: Vec<f64> = (0..60).map(f64::from).collect();
    let twice: Vec<f64> = ramp.iter().map(|x| 2.0 * x).collect();
    let found = engle_granger(&ramp, &[&twice], Trend::Constant, Lags::Fixed(1));
    assert_eq!(kind(found.err()), Some("collinear"));
    let found = johansen(&[&ramp, &twice], Deterministic::Constant, 1);
    assert_eq!(kind(found.err()), Some("collinear"));
    assert_eq!(
        kind(johansen(&[], Deterministic::None, 1).err()),
        Some("setting")
    );
    let found = Regression::fit(&ramp, &[&twice, &ramp], Intercept::Fitted);
    assert_eq!(kind(found.err()), Some("collinear"));
}

/// The last value of one feature over the whole sample.
fn last(name: &str, close: &[f64]) -> f64 {
    let columns = Columns::new().with("close", close).expect("column");
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("name");
    let table = set.batch(&columns).expect("batch");
    *table.columns[0].last().expect("rows")
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
