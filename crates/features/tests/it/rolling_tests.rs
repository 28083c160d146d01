//! The rolling form of a test is the test over the window's rows.

use trader_features::statistics::autocorrelation::ljung_box;
use trader_features::statistics::diagnostics::{arch_lm, granger, jarque_bera};
use trader_features::statistics::jumps::jump_statistic;
use trader_features::statistics::multivariate::{ewm_covariance, mahalanobis};
use trader_features::statistics::spectrum::wavelet_energies;
use trader_features::statistics::tails::TailFit;
use trader_features::statistics::unit_root::{
    Lags, Trend, augmented_dickey_fuller, phillips_perron, variance_ratio,
};
use trader_features::{Columns, FeatureSet, Registry};

use crate::golden;

fn returns(prices: &[f64]) -> Vec<f64> {
    prices.windows(2).map(|p| (p[1] / p[0]).ln()).collect()
}

#[test]
fn each_window_gives_what_the_whole_sample_function_gives() {
    let data = golden::read("ohlcv.csv");
    let (close, bench) = (&data["close"][..300], &data["bench_close"][..300]);
    let columns = Columns::new()
        .with("close", close)
        .and_then(|columns| columns.with("benchmark", bench))
        .expect("columns");
    let row = 251;
    let found = |name: &str| {
        let set = FeatureSet::new(Registry::standard(), &[name]).expect(name);
        set.batch(&columns).expect("batch").columns[0][row]
    };
    let levels = &close[row - 59..=row];
    let logs: Vec<f64> = levels.iter().map(|x| x.ln()).collect();
    let (r, b) = (
        returns(&close[row - 60..=row]),
        returns(&bench[row - 60..=row]),
    );
    let root = augmented_dickey_fuller(levels, Trend::Quadratic, Lags::Fixed(1)).expect("varies");
    let phillips = phillips_perron(levels, Trend::Constant, 4).expect("varies");
    let walk = variance_ratio(&logs, 5).expect("varies");
    let serial = ljung_box(&r, 5).expect("varies")[4];
    let leading = granger(&r, &b, 2).expect("varies");
    let distance = mahalanobis(&[&r, &b], &[r[59], b[59]]).expect("full rank");
    let (all, all_bench) = (returns(&close[..=row]), returns(&bench[..=row]));
    let covariance = ewm_covariance(&[&all, &all_bench], 0.06).expect("rows");
    let simple = close[row - 250..=row].windows(2).map(|p| 1.0 - p[1] / p[0]);
    let tail = TailFit::fit(&simple.collect::<Vec<f64>>(), 0.1).expect("losses");
    let scales = wavelet_energies(&returns(&close[row - 79..=row])).expect("energy");
    for (name, expected) in [
        ("adf_stat_60_1_ctt", root.statistic),
        ("adf_p_60_1_ctt", root.p_value),
        ("pp_stat_60_4", phillips.statistic),
        ("pp_p_60_4", phillips.p_value),
        ("variance_ratio_60_5", walk.ratio),
        ("variance_ratio_z_60_5", walk.robust_z),
        ("ljung_box_60_5", serial.statistic),
        ("ljung_box_p_60_5", serial.p_value),
        ("jarque_bera_60", jarque_bera(&r).expect("varies").statistic),
        ("arch_lm_p_60_5", arch_lm(&r, 5).expect("varies").p_value),
        ("granger_60_2", leading.statistic),
        ("granger_p_60_2", leading.p_value),
        ("turbulence_60", 0.5 * distance * distance),
        ("ewm_cov_006", covariance[0][1]),
        ("ewm_var_006", covariance[0][0]),
        ("ewm_beta_006", covariance[0][1] / covariance[1][1]),
        ("jump_test_60", jump_statistic(&r)),
        ("tail_shape_250_01_001", tail.shape),
        ("tail_var_250_01_001", -tail.value_at_risk(0.01)),
        ("wavelet_d2_64", scales[1]),
        ("wavelet_s4_64", scales[4]),
    ] {
        let found = found(name);
        let error = (found - expected).abs();
        assert!(
            error <= 1e-7 * expected.abs(),
            "{name}: {found} for {expected}"
        );
    }
}
