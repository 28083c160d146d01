//! Many symbols at once: order, distance and factors across them, in both forms alike.

use proptest::prelude::*;
use trader_features::{Columns, FeatureError, Panel, Registry, Snapshot};

use crate::market::{Dice, Market};

const NAMES: &[&str] = &[
    "rsi_5",
    "cs_rank(ret_5)",
    "cs_percentile(volume)",
    "cs_percentile_neutral(ret_5)",
    "cs_bucket_3(ret_5)",
    "cs_z(ret_5)",
    "cs_neutral(ret_5)",
    "cs_z_neutral(ret_5)",
    "cs_z(cs_winsor_01(ret_5))",
    "pca_share_20",
    "pca_absorption_20_2",
    "pca_loading_20",
    "pca_factor_20",
    "pca_residual_20_2",
    "corr_mean_20",
    "lw_shrinkage_20",
    "lw_volatility_20",
    "lw_beta_20",
    "spread = high - low",
    "cs_rank(spread)",
    "sma_3(spread)",
    "hot = cs_z(ret_5) > 0.5 and rsi_5 < 70",
    "cs_neutral(hot)",
    "known = 1 > 0 or close > 10",
];

const GROUPS: &[u32] = &[1, 1, 2, 2, 2, 3];

fn panel() -> Panel {
    Panel::new(Registry::standard(), GROUPS, NAMES).expect("names")
}

fn markets(seed: u64, gaps: f64) -> Vec<Market> {
    let one = |i: usize| Market::walk(seed.wrapping_add(i as u64), 120, 50.0, gaps, 0.05);
    (0..GROUPS.len()).map(one).collect()
}

/// One moment of values in the single column `close`, as `cs_*(close)` sees it.
fn moment(name: &str, groups: &[u32], values: &[f64]) -> Vec<f64> {
    let mut panel = Panel::new(Registry::standard(), groups, &[name]).expect("name");
    for (symbol, value) in values.iter().enumerate() {
        panel.update(symbol, &[*value]).expect("row");
    }
    panel.complete().expect("moment");
    let values = (0..values.len()).map(|symbol| panel.value(0, symbol).unwrap_or(f64::NAN));
    values.collect()
}

fn same(found: &[f64], expected: &[f64]) {
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() < 1e-12 || a.is_nan() && b.is_nan(),
            "{found:?} for {expected:?}"
        );
    }
    assert_eq!(found.len(), expected.len());
}

const NAN: f64 = f64::NAN;

#[test]
fn ties_share_and_missing_take_no_part() {
    let values = [3.0, NAN, 1.0, 3.0, 5.0];
    let one = [0; 5];
    same(
        &moment("cs_rank(close)", &one, &values),
        &[2.5, NAN, 1.0, 2.5, 4.0],
    );
    same(
        &moment("cs_percentile(close)", &one, &values),
        &[50.0, NAN, 12.5, 50.0, 87.5],
    );
    same(
        &moment("cs_bucket_2(close)", &one, &values),
        &[1.0, NAN, 1.0, 1.0, 2.0],
    );
    let groups = [1, 1, 2, 2, 3];
    same(
        &moment("cs_neutral(close)", &groups, &values),
        &[NAN, NAN, -1.0, 1.0, NAN],
    );
    same(
        &moment("cs_percentile_neutral(close)", &groups, &values),
        &[NAN, NAN, 25.0, 75.0, NAN],
    );
    let half = 0.5_f64.sqrt();
    same(
        &moment("cs_z_neutral(close)", &groups, &values),
        &[NAN, NAN, -half, half, NAN],
    );
    same(&moment("cs_z(close)", &one, &[7.0; 5]), &[NAN; 5]);
    same(&moment("cs_rank(close)", &[0; 2], &[NAN, 4.0]), &[NAN, NAN]);
    let hundred: Vec<f64> = (0..=100).map(f64::from).collect();
    let drawn = moment("cs_winsor_005(close)", &[0; 101], &hundred);
    assert_eq!((drawn[0], drawn[50], drawn[100]), (5.0, 50.0, 95.0));
    let deciles = moment("cs_bucket(close)", &[0; 100], &hundred[..100]);
    for decile in 1..=10 {
        assert_eq!(
            deciles.iter().filter(|d| **d == f64::from(decile)).count(),
            10
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn batch_and_streaming_agree_with_absent_symbols(seed in any::<u64>(), absent in 0.0..0.2) {
        let mut markets = markets(seed, 0.01);
        let mut dice = Dice::new(seed);
        let mut missing = vec![vec![false; 120]; GROUPS.len()];
        for (market, missing) in markets.iter_mut().zip(&mut missing) {
            for (row, missing) in missing.iter_mut().enumerate() {
                if dice.roll() < absent {
                    *missing = true;
                    market.columns.values_mut().for_each(|column| column[row] = NAN);
                }
            }
        }
        let mut panel = panel();
        let inputs = panel.inputs().to_vec();
        let tables: Vec<Columns<'_>> = markets.iter().map(Market::columns).collect();
        let batch = panel.batch(&tables).expect("tables");
        let mut restored = self::panel();
        for row in 0..120 {
            for (symbol, market) in markets.iter().enumerate() {
                if !missing[symbol][row] {
                    panel.update(symbol, &market.row(&inputs, row)).expect("row");
                    restored.update(symbol, &market.row(&inputs, row)).expect("row");
                }
            }
            panel.complete().expect("moment");
            restored.complete().expect("moment");
            if row == 60 {
                let bytes = panel.snapshot().to_bytes();
                restored = self::panel();
                restored.restore(&Snapshot::from_bytes(&bytes).expect("bytes")).expect("own state");
                continue;
            }
            for (symbol, table) in batch.iter().enumerate() {
                for (feature, column) in table.columns.iter().enumerate() {
                    let (a, b) = (column[row], panel.value(feature, symbol).unwrap_or(NAN));
                    prop_assert!(
                        (a - b).abs() <= 1e-9 * a.abs().max(1e-3) || a.is_nan() && b.is_nan(),
                        "{} symbol {symbol} row {row}: batch {a}, streamed {b}", table.names[feature]
                    );
                    let bits = |value: Option<f64>| value.map(f64::to_bits);
                    prop_assert_eq!(bits(panel.value(feature, symbol)), bits(restored.value(feature, symbol)));
                }
            }
        }
    }

    #[test]
    fn scores_across_symbols_keep_their_laws(seed in any::<u64>()) {
        let mut dice = Dice::new(seed);
        let values: Vec<f64> = (0..40)
            .map(|_| if dice.roll() < 0.1 { NAN } else { (10.0 * dice.bell()).round() })
            .collect();
        let groups: Vec<u32> = (0..40).map(|i| i % 4).collect();
        let sum = |values: &[f64]| values.iter().filter(|x| !x.is_nan()).sum::<f64>();
        let count = values.iter().filter(|x| !x.is_nan()).count() as f64;
        let z = moment("cs_z(close)", &groups, &values);
        prop_assert!(sum(&z).abs() < 1e-9);
        let squares: Vec<f64> = z.iter().map(|z| z * z).collect();
        prop_assert!((sum(&squares) - (count - 1.0)).abs() < 1e-9);
        let ranks = moment("cs_rank(close)", &groups, &values);
        prop_assert!((sum(&ranks) - count * (count + 1.0) / 2.0).abs() < 1e-9);
        let neutral = moment("cs_neutral(close)", &groups, &values);
        for group in 0..4 {
            let own: Vec<f64> = (0..40).filter(|i| i % 4 == group).map(|i| neutral[i]).collect();
            prop_assert!(sum(&own).abs() < 1e-9);
        }
        // Another order of the symbols gives the same scores in that order.
        let turned: Vec<f64> = values.iter().rev().copied().collect();
        let mut back = moment("cs_rank(close)", &groups, &turned);
        back.reverse();
        same(&back, &ranks);
        // Ranks survive any increasing change of scale.
        let cubed: Vec<f64> = values.iter().map(|x| x * x * x).collect();
        same(&moment("cs_rank(close)", &groups, &cubed), &ranks);
    }
}

#[test]
fn a_common_factor_is_found() {
    let mut dice = Dice::new(31);
    let symbols = 5;
    let groups = vec![0; symbols];
    let names = [
        "pca_share_100",
        "pca_loading_100",
        "pca_factor_100",
        "pca_residual_100",
        "corr_mean_100",
    ];
    let names: Vec<String> = names.iter().map(|name| format!("{name}(close)")).collect();
    let mut panel = Panel::new(Registry::standard(), &groups, &names).expect("names");
    let mut last = (0.0, 0.0);
    for row in 0..130 {
        let common = dice.bell();
        let own = if row == 129 { 3.0 } else { 0.0 };
        for symbol in 0..symbols {
            let shock = if symbol == 0 { own } else { 0.0 };
            panel
                .update(symbol, &[common + shock + 0.2 * dice.bell()])
                .expect("row");
        }
        panel.complete().expect("moment");
        last = (common, own);
    }
    let value = |feature, symbol| panel.value(feature, symbol).expect("warm");
    assert!(value(0, 0) > 0.85 && value(0, 0) <= 1.0);
    assert!((0..symbols).all(|symbol| value(1, symbol) > 0.9));
    assert!(value(4, 1) > 0.8);
    // The factor's return has the common shock's sign and rough size: equal weights of sqrt(5).
    assert!((value(2, 0) / 5.0_f64.sqrt() - last.0).abs() < 1.0);
    assert!(value(3, 0) > 1.5, "the shock of one symbol is its own");
    assert!((1..symbols).all(|symbol| value(3, symbol) < value(3, 0) - 1.5));
}

#[test]
fn formulas_mix_what_a_symbol_did_with_where_it_stands() {
    let formulas = [
        "move = close - open",
        "place = cs_rank(move)",
        "first = place <= 1 and move < 0",
        "twice = 2 * place",
        "close@SPY",
        "depth",
    ];
    let mut panel =
        Panel::from_formulas(Registry::standard(), &[0, 0, 0], &formulas, &["depth"]).unwrap();
    assert!(panel.compares() && !panel.reads_sectors());
    assert_eq!(panel.inputs(), ["close", "open", "close@SPY", "depth"]);
    panel.update(0, &[9.0, 10.0, 400.0, 7.0]).unwrap();
    panel.update(2, &[12.0, 10.0, 400.0, 8.0]).unwrap();
    panel.complete().unwrap();
    let values = |symbol: usize| -> Vec<Option<f64>> {
        (0..formulas.len())
            .map(|at| panel.value(at, symbol))
            .collect()
    };
    let some = |values: [f64; 6]| values.map(Some).to_vec();
    assert_eq!(values(0), some([-1.0, 1.0, 1.0, 2.0, 400.0, 7.0]));
    assert_eq!(values(1), vec![None; 6]);
    assert_eq!(values(2), some([2.0, 2.0, 0.0, 4.0, 400.0, 8.0]));
    let sectors = Panel::new(Registry::standard(), &[], &["2 * cs_z_neutral(close)"]).unwrap();
    assert!(sectors.reads_sectors());
    let alone = Panel::new(Registry::standard(), &[0], &["rsi_14", "close > 2"]).unwrap();
    assert!(!alone.compares());
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut panel = panel();
    let row = vec![1.0; panel.inputs().len()];
    assert!(matches!(
        panel.update(6, &row),
        Err(FeatureError::Arity { .. })
    ));
    assert!(matches!(
        panel.update(0, &row[1..]),
        Err(FeatureError::Arity { .. })
    ));
    panel.update(0, &row).expect("row");
    assert!(matches!(
        panel.update(0, &row),
        Err(FeatureError::Arity { .. })
    ));
    let markets = markets(1, 0.0);
    let mut tables: Vec<Columns<'_>> = markets.iter().map(Market::columns).collect();
    assert!(panel.batch(&tables[1..]).is_err());
    tables[0] = Columns::new().with("close", &[1.0]).expect("column");
    assert!(matches!(
        panel.batch(&tables),
        Err(FeatureError::LengthMismatch { .. })
    ));
    let error = |name: &str| Panel::new(Registry::standard(), &[0], &[name]).expect_err("refused");
    assert!(
        error("cs_rnak(ret_5)")
            .to_string()
            .contains("did you mean `cs_rank`")
    );
    assert!(
        error("cs_bucket_1")
            .to_string()
            .contains("allowed are 2 to 1000")
    );
    // One symbol's history is not where symbols are compared.
    assert!(
        error("sma_5(cs_rank)")
            .to_string()
            .contains("`cs_rank`, which compares symbols")
    );
    for (formulas, word) in [
        (
            ["x = cs_rank(close)", "sma_5(x)"],
            "`x`, which compares symbols",
        ),
        (["rsi_14", "rsi_14"], "given twice"),
        (["x = cs_rank(close) > 2", "close + (x > 0)"], "condition"),
    ] {
        let refused = Panel::from_formulas(Registry::standard(), &[0], &formulas, &[]);
        let text = refused.expect_err("refused").to_string();
        assert!(text.contains(word), "{text}");
    }
    let (mut other, foreign) = (
        self::panel(),
        Panel::new(Registry::standard(), &[0], NAMES).expect("names"),
    );
    assert!(other.restore(&foreign.snapshot()).is_err());
    let words = other.snapshot().words().len();
    let short = Snapshot::new(
        other.snapshot().owner(),
        other.snapshot().words()[..words - 1].to_vec(),
    );
    assert!(other.restore(&short).is_err());
    assert!(
        Panel::new(Registry::standard(), &[], NAMES)
            .expect("no symbols")
            .complete()
            .is_ok()
    );
}
