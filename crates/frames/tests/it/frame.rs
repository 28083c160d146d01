//! Frames give what slices give.

use std::sync::Arc;

use polars::prelude::{DataFrame, IntoLazy as _, NamedFrom as _, Series, col, df, lit};
use proptest::prelude::*;
use trader_features::{FeatureError, FeatureSet, Registry};
use trader_frames::{FrameError, features, with_features};

use crate::market::Market;

const FORMULAS: [&str; 6] = [
    "rsi_14",
    "bb_upper_20_2",
    "atr_14",
    "vwap_session",
    "wide = high - low > atr_14",
    "close / sma_50 - 1",
];

fn set() -> FeatureSet {
    FeatureSet::from_formulas(Registry::standard(), &FORMULAS, &[]).expect("formulas")
}

/// The market's columns; missing values as NaN, or as null.
fn frame(market: &Market, null: bool) -> DataFrame {
    let columns = market.columns.iter().map(|(name, values)| {
        let cells: Vec<Option<f64>> = values
            .iter()
            .map(|value| (!null || !value.is_nan()).then_some(*value))
            .collect();
        Series::new((*name).into(), cells).into()
    });
    DataFrame::new_infer_height(columns.collect()).expect("columns")
}

/// Bit for bit, null for NaN.
fn assert_same(found: &DataFrame, market: &Market, rows: usize) {
    let expected = set().batch(&market.columns()).expect("columns");
    for (name, values) in expected.names.iter().zip(&expected.columns) {
        let column = found.column(name).expect("a column per feature");
        let found = column.f64().expect("floats").to_vec();
        assert_eq!(found.len(), rows);
        for (row, (found, value)) in found.iter().zip(values).enumerate() {
            let same = found.map_or(value.is_nan(), |found| found.to_bits() == value.to_bits());
            assert!(same, "{name} row {row}: {found:?}, expected {value}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn frames_give_what_slices_give(seed in any::<u64>(), null in any::<bool>()) {
        let market = Market::walk(seed, 150);
        let frame = frame(&market, null);
        let eager = features(&set(), &frame).expect("features");
        assert_eq!(eager.width(), FORMULAS.len());
        assert_same(&eager, &market, 150);
        let lazy = with_features(frame.clone().lazy(), Arc::new(set()));
        let all = lazy.clone().collect().expect("a plan");
        assert_eq!(all.width(), frame.width() + FORMULAS.len());
        assert_same(&all, &market, 150);
        // What is cut off afterwards was history nevertheless, and what is not asked for an input.
        let cut = lazy.slice(100, 50).select([col("rsi_14")]).collect().expect("a plan");
        assert_eq!(cut, all.select(["rsi_14"]).expect("there").slice(100, 50));
    }
}

#[test]
fn a_filter_does_not_reach_the_history() {
    let close: Vec<f64> = (0..60).map(f64::from).collect();
    let bars = df!("close" => close).expect("a frame");
    let set = Arc::new(FeatureSet::new(Registry::standard(), &["sma_3"]).expect("a name"));
    let late = with_features(bars.lazy(), set).filter(col("close").gt_eq(lit(58.0)));
    let late = late.collect().expect("a plan");
    let found = late
        .column("sma_3")
        .expect("there")
        .f64()
        .expect("floats")
        .to_vec();
    assert_eq!(found, [Some(57.0), Some(58.0)]);
}

#[test]
fn whole_numbers_are_numbers_and_other_types_are_refused() {
    let set = FeatureSet::new(Registry::standard(), &["sma_2"]).expect("a name");
    let whole = df!("close" => [1_i32, 2, 4]).expect("a frame");
    let table = features(&set, &whole).expect("features");
    assert_eq!(
        table
            .column("sma_2")
            .expect("there")
            .f64()
            .expect("floats")
            .to_vec(),
        [None, Some(1.5), Some(3.0)]
    );
    let text = df!("close" => ["1", "2"]).expect("a frame");
    let error = features(&set, &text).expect_err("text");
    assert!(matches!(&error, FrameError::NotNumbers { column, .. } if column == "close"));
    let none = df!("open" => [1.0]).expect("a frame");
    let error = features(&set, &none).expect_err("no closes");
    assert!(matches!(
        error,
        FrameError::Features(FeatureError::MissingColumn { .. })
    ));
    let lazy = with_features(none.lazy(), Arc::new(set));
    let text = lazy.collect().expect_err("no closes").to_string();
    assert!(text.contains("`close`"), "{text}");
}
