//! Bounds, and what scaling or shifting all prices does.

use proptest::prelude::*;
use trader_features::{FeatureSet, Registry};

use crate::market::Market;

/// Features and the interval they live in.
const BOUNDS: &[(&str, f64, f64)] = &[
    ("rsi_14", 0.0, 100.0),
    ("cmo_14", -100.0, 100.0),
    ("stoch_k_14_3_3", 0.0, 100.0),
    ("stoch_d_14_3_3", 0.0, 100.0),
    ("stochrsi_k_14_14_3", 0.0, 100.0),
    ("willr_14", -100.0, 0.0),
    ("mfi_14", 0.0, 100.0),
    ("ultosc", 0.0, 100.0),
    ("aroon_up_14", 0.0, 100.0),
    ("aroonosc_14", -100.0, 100.0),
    ("plus_di_14", 0.0, 100.0),
    ("minus_di_14", 0.0, 100.0),
    ("dx_14", 0.0, 100.0),
    ("adx_14", 0.0, 100.0),
    ("tsi", -100.0, 100.0),
    ("cmf_20", -1.0, 1.0),
    ("bop", -1.0, 1.0),
    ("er_10", 0.0, 1.0),
    ("linreg_r2_14", 0.0, 1.0),
    ("jump_share_78", 0.0, 1.0),
    ("atr_14", 0.0, f64::MAX),
    ("stddev_20", 0.0, f64::MAX),
    ("bb_bandwidth_20_2", 0.0, f64::MAX),
    ("yang_zhang_20", 0.0, f64::MAX),
    ("supertrend_dir_10_3", -1.0, 1.0),
    ("corr_60", -1.0, 1.0),
    ("corr_spearman_60", -1.0, 1.0),
    ("corr_kendall_30", -1.0, 1.0),
    ("corr_distance_30", 0.0, 1.0),
    ("corr_ewma", -1.0, 1.0),
    ("corr_dcc", -1.0, 1.0),
    ("lead_lag_60_5", -5.0, 5.0),
    ("lead_lag_corr_60_5", -1.0, 1.0),
    ("corr_break", 0.0, 1.0),
    ("corr_regime_20_60", -1.0, 1.0),
    ("corr_regime_conf_20_60", 0.0, 1.0),
    ("regime_trend", -1.0, 1.0),
    ("regime_trend_conf", 0.0, 1.0),
    ("regime_efficiency", -1.0, 1.0),
    ("regime_efficiency_conf", 0.0, 1.0),
    ("regime_vol_20_60", -1.0, 1.0),
    ("regime_vol_conf_20_60", 0.0, 1.0),
    ("regime_risk_5_60", -1.0, 1.0),
    ("regime_risk_conf_5_60", 0.0, 1.0),
    ("regime_hmm_3", 0.0, 2.0),
    ("regime_hmm_conf_3", 1.0 / 3.0, 1.0),
    ("regime_hmm_turbulent_3", 0.0, 1.0),
    ("regime_hmm_vol_3", 0.0, f64::MAX),
    ("idio_vol_60", 0.0, f64::MAX),
];

/// Features and the power of the price unit they carry.
const DEGREES: &[(&str, i32)] = &[
    ("sma_20", 1),
    ("ema_20", 1),
    ("wma_20", 1),
    ("hma_20", 1),
    ("kama_10", 1),
    ("t3_5", 1),
    ("vwma_20", 1),
    ("macd", 1),
    ("bb_upper_20_2", 1),
    ("bb_bandwidth_20_2", 0),
    ("bb_pctb_20_2", 0),
    ("zscore_20", 0),
    ("stddev_20", 1),
    ("var_20", 2),
    ("atr_14", 1),
    ("natr_14", 0),
    ("rsi_14", 0),
    ("cci_20", 0),
    ("adx_14", 0),
    ("aroon_up_14", 0),
    ("stoch_k_14_3_3", 0),
    ("willr_14", 0),
    ("roc_10", 0),
    ("mom_10", 1),
    ("sar", 1),
    ("supertrend_10_3", 1),
    ("donchian_upper_20", 1),
    ("kc_upper_20_10_2", 1),
    ("linreg_slope_14", 1),
    ("parkinson_20", 0),
    ("mfi_14", 0),
    ("obv", 0),
    ("vwap_cum", 1),
    ("poc", 1),
    ("price_ratio", 1),
    ("beta_60", 0),
    ("corr_60", 0),
    ("rel_strength_60", 0),
    ("cdlengulfing", 0),
    ("cdlmorningstar", 0),
];

/// Features and how much of a shift of all prices they take over.
const SHIFTS: &[(&str, f64)] = &[
    ("sma_20", 1.0),
    ("ema_20", 1.0),
    ("kama_10", 1.0),
    ("bb_lower_20_2", 1.0),
    ("linreg_14", 1.0),
    ("donchian_lower_20", 1.0),
    ("sar", 1.0),
    ("kc_mid_20_10_2", 1.0),
    ("stddev_20", 0.0),
    ("zscore_20", 0.0),
    ("mom_10", 0.0),
    ("rsi_14", 0.0),
    ("macd", 0.0),
    ("atr_14", 0.0),
    ("adx_14", 0.0),
    ("aroon_up_14", 0.0),
    ("linreg_slope_14", 0.0),
    ("stoch_k_14_3_3", 0.0),
];

fn table(names: &[&str], market: &Market) -> Vec<Vec<f64>> {
    let set = FeatureSet::new(Registry::standard(), names).expect("known");
    set.batch(&market.columns()).expect("columns").columns
}

fn with_prices(market: &Market, change: impl Fn(f64) -> f64) -> Market {
    let mut changed = Market {
        columns: market.columns.clone(),
    };
    for name in ["open", "high", "low", "close"] {
        changed
            .columns
            .entry(name)
            .and_modify(|column| column.iter_mut().for_each(|price| *price = change(*price)));
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn bounded_features_stay_in_their_bounds(seed in any::<u64>(), halts in 0.0..0.9) {
        let names: Vec<&str> = BOUNDS.iter().map(|(name, _, _)| *name).collect();
        let columns = table(&names, &Market::walk(seed, 500, 20.0, 0.02, halts));
        for ((name, low, high), column) in BOUNDS.iter().zip(&columns) {
            let slack = 1e-9 * high.min(100.0);
            for value in column.iter().filter(|value| !value.is_nan()) {
                prop_assert!((low - slack..=high + slack).contains(value), "{name} is {value}");
            }
        }
    }

    /// A power of two scales every operation exactly, so even rounding must scale along.
    #[test]
    fn features_scale_with_the_price_unit_to_the_last_bit(seed in any::<u64>(), power in -20_i32..20) {
        let market = Market::walk(seed, 400, 50.0, 0.01, 0.1);
        let unit = 2.0_f64.powi(power);
        let scaled = with_prices(&market, |price| price * unit);
        let names: Vec<&str> = DEGREES.iter().map(|(name, _)| *name).collect();
        let columns = table(&names, &market).into_iter().zip(table(&names, &scaled));
        for ((name, degree), (plain, scaled)) in DEGREES.iter().zip(columns) {
            for (row, (plain, scaled)) in plain.iter().zip(&scaled).enumerate() {
                let expected = plain * unit.powi(*degree);
                prop_assert_eq!(expected.to_bits(), scaled.to_bits(), "{} row {}", name, row);
            }
        }
    }

    #[test]
    fn features_follow_a_shift_of_the_price(seed in any::<u64>()) {
        let market = Market::walk(seed, 400, 50.0, 0.01, 0.1);
        let shifted = with_prices(&market, |price| price + 64.0);
        let names: Vec<&str> = SHIFTS.iter().map(|(name, _)| *name).collect();
        let columns = table(&names, &market).into_iter().zip(table(&names, &shifted));
        for ((name, share), (plain, shifted)) in SHIFTS.iter().zip(columns) {
            for (row, (plain, shifted)) in plain.iter().zip(&shifted).enumerate() {
                let near = (plain + share * 64.0 - shifted).abs() < 1e-9 * (100.0 + plain.abs());
                prop_assert!(near || plain.is_nan() && shifted.is_nan(), "{} row {}: {} {}", name, row, plain, shifted);
            }
        }
    }
}

#[test]
fn constant_prices_give_flat_averages_and_no_made_up_ratios() {
    let market = Market::constant(300, 0.1);
    for (name, expected) in [
        ("sma_20", Some(0.1)),
        ("ema_20", Some(0.1)),
        ("wma_20", Some(0.1)),
        ("stddev_20", Some(0.0)),
        ("mom_10", Some(0.0)),
        ("macd", Some(0.0)),
        ("trange", Some(0.0)),
        ("rsi_14", None),
        ("zscore_20", None),
        ("willr_14", None),
        ("adx_14", None),
        ("cci_20", None),
    ] {
        let last = table(&[name], &market)[0]
            .last()
            .copied()
            .filter(|value| !value.is_nan());
        match (last, expected) {
            (Some(found), Some(expected)) => {
                assert!((found - expected).abs() < 1e-15, "{name}: {found}");
            }
            (found, expected) => assert_eq!(found, expected, "{name}"),
        }
    }
}
