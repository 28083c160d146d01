//! Against the `ta-lib` crate: functions that have no golden column, all candle patterns, and the
//! inputs on which it goes wrong and these calculators must not.

use ta_lib::Core;
use ta_lib::abstract_api::{ParamHolder, get_func_handle};
use trader_features::{Columns, FeatureSet, Registry};

use crate::golden;
use crate::market::Market;

fn ours(name: &str, columns: &Columns<'_>) -> Vec<f64> {
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("known");
    set.batch(columns).expect("columns").columns.remove(0)
}

/// A function's first `outputs` outputs, aligned with the rows, NaN before the first value.
fn theirs(
    outputs: usize,
    rows: usize,
    call: impl Fn(&mut [Vec<f64>]) -> Result<ta_lib::OutRange, ta_lib::RetCode>,
) -> Vec<Vec<f64>> {
    let mut raw = vec![vec![0.0; rows]; outputs];
    let range = call(&mut raw).expect("valid call");
    raw.iter()
        .map(|raw| {
            let mut aligned = vec![f64::NAN; range.beg_idx];
            aligned.extend_from_slice(&raw[..range.count]);
            aligned
        })
        .collect()
}

/// Our values equal theirs to 1e-8 from row `settled` on.
fn assert_agrees(name: &str, ours: &[f64], theirs: &[f64], settled: usize) {
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs
        .iter()
        .filter(|x| x.is_finite())
        .fold(0.0_f64, |a, x| a.max(x.abs()));
    for (row, (a, b)) in ours.iter().zip(theirs).enumerate().skip(settled) {
        let near = (a - b).abs() <= 1e-8 * b.abs().max(1e-3 * scale);
        assert!(
            near || a.is_nan() && b.is_nan(),
            "{name} row {row}: {a} for {b}"
        );
    }
}

#[test]
fn functions_without_golden_columns_agree_with_the_crate() {
    let market = Market::walk(11, 800, 100.0, 0.0, 0.0);
    let columns = market.columns();
    let core = Core::new();
    let (n, end) = (800, 799);
    let [h, l, c, v] =
        ["high", "low", "close", "volume"].map(|name| market.columns[name].as_slice());
    let one =
        |name: &str, call: &dyn Fn(&mut [f64]) -> Result<ta_lib::OutRange, ta_lib::RetCode>| {
            let theirs = theirs(1, n, |out| call(&mut out[0]));
            assert_agrees(name, &ours(name, &columns), &theirs[0], 0);
        };
    one("ao_5_34", &|out| core.ao(0, end, h, l, 5, 34, out));
    one("coppock_10_11_14", &|out| {
        core.coppock(0, end, c, 10, 11, 14, out)
    });
    one("tsi_25_13", &|out| core.tsi(0, end, c, 25, 13, out));
    one("force_13", &|out| core.efi(0, end, c, v, 13, out));
    one("vpt", &|out| core.pvt(0, end, c, v, out));
    one("rvol_20", &|out| core.rvol(0, end, v, 20, out));
    one("emv_14_10000", &|out| {
        core.emv(0, end, h, l, v, 14, 10_000.0, out)
    });
    one("linreg_angle_14", &|out| {
        core.linearreg_angle(0, end, c, 14, out)
    });
    one("rocr_10", &|out| core.rocr(0, end, c, 10, out));
    one("medprice", &|out| core.medprice(0, end, h, l, out));
    for (names, pair) in [
        (
            ["mama", "fama"],
            theirs(2, n, |out| {
                let [a, b] = out else { panic!("two outputs") };
                core.mama(0, end, c, 0.5, 0.05, a, b)
            }),
        ),
        (
            ["fisher", "fisher_signal"],
            theirs(2, n, |out| {
                let [a, b] = out else { panic!("two outputs") };
                core.fisher(0, end, h, l, 10, a, b)
            }),
        ),
        (
            ["kst", "sma_9(kst)"],
            theirs(2, n, |out| {
                let [a, b] = out else { panic!("two outputs") };
                core.kst(0, end, c, 10, 15, 20, 30, 10, 10, 10, 15, 9, a, b)
            }),
        ),
    ] {
        for (name, theirs) in names.iter().zip(&pair) {
            // The crate gives KST together with its signal, so later than it could.
            assert_agrees(name, &ours(name, &columns), theirs, 60);
        }
    }
}

#[test]
fn every_candle_pattern_agrees_with_the_crate() {
    let core = Core::new();
    let mut fired = 0;
    let mut patterns = 0;
    for definition in Registry::standard().definitions() {
        if definition.family != trader_features::Family::Candles {
            continue;
        }
        patterns += 1;
        for seed in 0..4 {
            let market = Market::walk(seed, 3000, 100.0, 0.0, 0.0);
            let [o, h, l, c] =
                ["open", "high", "low", "close"].map(|name| market.columns[name].as_slice());
            let function = get_func_handle(&definition.name.to_uppercase()).expect("a pattern");
            let mut values = vec![0; 3000];
            let range = {
                let mut call: ParamHolder<'_> = function.new_call(&core);
                call.set_price_input(0, Some(o), Some(h), Some(l), Some(c), None, None)
                    .expect("prices");
                call.set_int_output(0, &mut values).expect("output");
                call.call(0, 2999).expect("valid call")
            };
            let mine = ours(definition.name, &market.columns());
            assert!(
                mine[..range.beg_idx].iter().all(|value| value.is_nan()),
                "{}",
                definition.name
            );
            for (row, value) in values[..range.count].iter().enumerate() {
                let row = row + range.beg_idx;
                assert_eq!(
                    mine[row],
                    f64::from(*value),
                    "{} row {row}",
                    definition.name
                );
                fired += usize::from(*value != 0);
            }
        }
    }
    assert_eq!(patterns, 61);
    assert!(
        fired > 10_000,
        "the data show too few patterns to prove anything: {fired}"
    );
}

#[test]
fn a_missing_row_costs_one_value_where_the_crate_never_recovers() {
    let mut market = Market::walk(12, 400, 100.0, 0.0, 0.0);
    let clean = market.columns.clone();
    for column in market.columns.values_mut() {
        column[100] = f64::NAN;
    }
    let columns = market.columns();
    let core = Core::new();
    let close = market.columns["close"].as_slice();
    let theirs = theirs(1, 400, |out| core.sma(0, 399, close, 20, &mut out[0]));
    assert!(
        theirs[0][100..].iter().all(|value| value.is_nan()),
        "the crate recovers"
    );

    for name in [
        "sma_20",
        "ema_20",
        "rsi_14",
        "bb_upper_20_2",
        "atr_14",
        "adx_14",
        "macd",
        "obv",
        "kama_10",
        "sar",
    ] {
        let values = ours(name, &columns);
        assert!(
            values[100].is_nan() && values[101..].iter().all(|value| !value.is_nan()),
            "{name}"
        );
        // As if the row had never been.
        let without: Vec<(&str, Vec<f64>)> = clean
            .iter()
            .map(|(name, values)| (*name, [&values[..100], &values[101..]].concat()))
            .collect();
        let without = without
            .iter()
            .fold(Columns::new(), |columns, (name, values)| {
                columns.with(name, values).expect("equal lengths")
            });
        assert_agrees(name, &values[101..], &ours(name, &without)[100..], 0);
    }
}

#[test]
fn a_huge_print_leaves_nothing_behind_where_the_crate_stays_off() {
    let market = Market::walk(13, 600, 100.0, 0.0, 0.0);
    let clean = market.columns["close"].clone();
    let mut spiked = clean.clone();
    spiked[200] = 1e12;
    let columns = Columns::new().with("close", &spiked).expect("one column");
    let unspiked = Columns::new().with("close", &clean).expect("one column");
    let core = Core::new();
    let sma = theirs(1, 600, |out| core.sma(0, 599, &spiked, 20, &mut out[0]));
    let exact = ours("sma_20", &unspiked);
    assert!(
        (sma[0][400] - exact[400]).abs() > 1e-6,
        "the crate recovers"
    );
    for name in [
        "sma_20",
        "wma_20",
        "stddev_20",
        "zscore_20",
        "bb_upper_20_2",
        "linreg_slope_14",
        "hma_20",
        "er_10",
        "rv_close_20",
    ] {
        let stream = |columns: &Columns<'_>| {
            let mut set = FeatureSet::new(Registry::standard(), &[name]).expect("known");
            golden::stream(&mut set, columns)
        };
        let (spiked, clean) = (stream(&columns), stream(&unspiked));
        assert_eq!(spiked[260..], clean[260..], "{name} row by row");
        // Over columns the two are computed in different ways, the clean one faster.
        let (spiked, clean) = (ours(name, &columns), ours(name, &unspiked));
        for (row, (spiked, clean)) in spiked.iter().zip(&clean).enumerate().skip(260) {
            let error = (spiked - clean).abs();
            assert!(
                error <= 1e-11 * clean.abs().max(1.0),
                "{name} row {row}: {spiked} for {clean}"
            );
        }
    }
}

#[test]
fn a_deviation_of_a_hundredth_is_seen_on_a_price_of_a_hundred_thousand() {
    let noise: Vec<f64> = (0..500)
        .map(|i| f64::from(i * 7919 % 101) / 5000.0 - 0.01)
        .collect();
    let prices: Vec<f64> = noise.iter().map(|x| 1e5 + x).collect();
    let columns = Columns::new().with("close", &prices).expect("one column");
    let deviation = ours("stddev_20", &columns);
    for row in 19..500 {
        // The prices as they are after rounding to f64, exactly shifted.
        let window: Vec<f64> = prices[row - 19..=row].iter().map(|x| x - 1e5).collect();
        let mean = window.iter().sum::<f64>() / 20.0;
        let expected = (window.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20.0).sqrt();
        assert!((deviation[row] / expected - 1.0).abs() < 1e-12, "row {row}");
    }
}
