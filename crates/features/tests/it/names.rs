//! Names, parameters and columns that are wrong are explained.

use trader_features::{Columns, FeatureError, FeatureSet, Registry};

fn error(name: &str) -> String {
    match FeatureSet::new(Registry::standard(), &[name]) {
        Ok(_) => panic!("{name} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_typo_is_answered_with_the_nearest_name() {
    assert_eq!(
        error("ris_14"),
        "unknown feature `ris_14`; did you mean `rsi_14`?"
    );
    assert_eq!(
        error("bb_uper_20_2"),
        "unknown feature `bb_uper_20_2`; did you mean `bb_upper_20_2`?"
    );
    assert_eq!(
        error("sma_20(clsoe)"),
        "unknown feature `clsoe`; did you mean `close`?"
    );
    assert_eq!(error("qqqqqqqqqqqq"), "unknown feature `qqqqqqqqqqqq`");
}

#[test]
fn a_wrong_parameter_is_named_with_what_is_allowed() {
    assert_eq!(
        error("rsi_1"),
        "`rsi`: parameter `length` is 1, allowed are 2 to 100000"
    );
    assert_eq!(
        error("rsi_x"),
        "`rsi`: parameter `length` is `x`, expected a whole number from 2 to 100000"
    );
    assert_eq!(
        error("macd_26_12_9"),
        "`macd`: parameter `fast` is 26, must be below slow (12)"
    );
    assert_eq!(
        error("rsi_14_3"),
        "`rsi`: parameter `3` is one more than the calculator has"
    );
    assert_eq!(
        error("ppo_12_26_kama"),
        "`ppo`: parameter `kind` is `kama`, expected one of ema, sma"
    );
    assert_eq!(
        error("garch_vol_05_06"),
        "`garch_vol`: parameter `beta` is 0.6: alpha + beta must stay below 1"
    );
}

#[test]
fn a_malformed_name_is_explained() {
    assert!(error("sma_20(close").contains("does not end with `)`"));
    assert!(error("sma_20(close,volume)").contains("reads 1 sources (close), 2 given"));
    assert!(error("sma_20()").contains("a source is empty"));
    assert!(error("sma_20)").contains("a parenthesis is missing"));
    let deep = format!("{}close{}", "sma_2(".repeat(40), ")".repeat(40));
    assert!(matches!(
        FeatureSet::new(Registry::standard(), &[deep]),
        Err(FeatureError::TooDeep { .. })
    ));
}

#[test]
fn defaults_may_be_left_out_and_spellings_share_a_node() {
    let set = FeatureSet::new(
        Registry::standard(),
        &[
            "rsi",
            "rsi_14",
            "rsi_14(close)",
            "sar",
            "sar_002_02",
            "t3_5",
        ],
    )
    .expect("valid names");
    let names: Vec<&str> = set
        .features()
        .iter()
        .map(|feature| feature.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "rsi_14",
            "rsi_14",
            "rsi_14",
            "sar_002_02",
            "sar_002_02",
            "t3_5_07"
        ]
    );
    assert_eq!(set.calculators(), 3);
}

#[test]
fn shared_results_are_computed_once() {
    let alone: usize = [
        "dx_14",
        "adx_14",
        "adxr_14",
        "natr_14",
        "supertrend_10_3",
        "atr_14",
    ]
    .iter()
    .map(|name| {
        FeatureSet::new(Registry::standard(), &[*name])
            .expect("valid")
            .calculators()
    })
    .sum();
    let together = FeatureSet::new(
        Registry::standard(),
        &[
            "dx_14",
            "adx_14",
            "adxr_14",
            "natr_14",
            "supertrend_10_3",
            "atr_14",
        ],
    )
    .expect("valid");
    assert_eq!((alone, together.calculators()), (14, 8));
}

#[test]
fn absent_and_uneven_columns_are_typed_errors() {
    let close = [1.0, 2.0];
    let columns = Columns::new().with("close", &close).expect("first column");
    let set = FeatureSet::new(Registry::standard(), &["vwma_20"]).expect("valid");
    assert_eq!(
        set.batch(&columns),
        Err(FeatureError::MissingColumn {
            column: "volume".to_owned(),
            feature: "vwma_20".to_owned()
        })
    );
    assert!(matches!(
        columns.with("volume", &[1.0]),
        Err(FeatureError::LengthMismatch {
            found: 1,
            expected: 2,
            ..
        })
    ));
    let mut set = set;
    assert_eq!(
        set.update(&[1.0]),
        Err(FeatureError::Arity {
            what: "inputs",
            expected: 2,
            found: 1
        })
    );
}

#[test]
fn columns_of_the_caller_may_be_read() {
    let spread = [1.0, 3.0, 5.0];
    let columns = Columns::new().with("spread", &spread).expect("one column");
    let set = FeatureSet::with_columns(Registry::standard(), &["sma_2(spread)"], &["spread"])
        .expect("valid");
    let table = set.batch(&columns).expect("column is there");
    assert_eq!(table.get("sma_2(spread)").expect("listed")[1..], [2.0, 4.0]);
}
