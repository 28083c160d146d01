//! Derived features in a set: named, shared, and the same in every form.

use proptest::prelude::*;
use trader_features::{Columns, FeatureSet, Formula, Registry};

fn set(formulas: &[&str]) -> FeatureSet {
    FeatureSet::from_formulas(Registry::standard(), formulas, &[]).expect("valid")
}

fn fault(formulas: &[&str]) -> String {
    match FeatureSet::from_formulas(Registry::standard(), formulas, &[]) {
        Ok(_) => panic!("{formulas:?} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_formula_keeps_its_name_and_a_feature_its_canonical_one() {
    let set = set(&["rsi", "hot = rsi_14 > 70", "close / open - 1", "r = roc_1"]);
    let names: Vec<&str> = set.features().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["rsi_14", "hot", "((close / open) - 1)", "r"]);
    assert_eq!(set.features()[1].warm_up, 14);
    assert_eq!(set.features()[2].warm_up, 0);
}

#[test]
fn what_formulas_share_is_one_calculator() {
    // rsi_14, and one rule for the two spellings of the same expression.
    let shared = set(&["rsi_14", "a = rsi_14 > 70", "b = (rsi > (70.0))"]);
    assert_eq!(shared.calculators(), 2);
    // spread, its average, and the ratio: nothing twice.
    let chained = set(&[
        "spread = high - low",
        "sma_3(spread)",
        "wide = spread > sma_3(spread)",
    ]);
    assert_eq!(chained.calculators(), 3);
    assert_eq!(chained.inputs().collect::<Vec<_>>(), ["high", "low"]);
}

#[test]
fn conditions_are_one_zero_or_missing() {
    let set = set(&["up = close > open", "hot = rsi_2 > 50 or close > 100"]);
    let (open, close) = ([1.0, 3.0, f64::NAN], [2.0, 2.0, 101.0]);
    let columns = Columns::new()
        .with("open", &open)
        .unwrap()
        .with("close", &close)
        .unwrap();
    let table = set.batch(&columns).unwrap();
    assert_eq!(table.columns[0][..2], [1.0, 0.0]);
    assert!(table.columns[0][2].is_nan());
    // The known side decides although the RSI is warming up.
    assert!(table.columns[1][0].is_nan());
    assert_eq!(table.columns[1][2], 1.0);
}

#[test]
fn faults_name_the_formula_and_the_place() {
    assert_eq!(
        fault(&["hot = ris_14 > 70"]),
        "`ris_14 > 70`: position 1: unknown feature `ris_14`; did you mean `rsi_14`?"
    );
    assert!(fault(&["close = open"]).contains("stands for a column already"));
    assert!(fault(&["rsi_5 = open"]).contains("stands for a feature already"));
    assert!(fault(&["a b = open"]).contains("lower-case letter"));
    assert!(fault(&["min = open"]).contains("word of the expression language"));
    assert!(fault(&["x = open", "x = close"]).contains("stands for a column already"));
    assert!(fault(&["rsi", "rsi_14"]).contains("given twice"));
    assert!(fault(&["= open"]).contains("lower-case letter"));
    assert!(fault(&["x = y", "y = close"]).contains("unknown feature `y`"));
}

proptest! {
    #[test]
    fn batch_streaming_and_resumed_agree(
        rows in proptest::collection::vec((1.0..200.0_f64, 1.0..200.0_f64, any::<bool>()), 1..60),
        cut in 0_usize..60,
    ) {
        let formulas = [
            "spread = max(high - low, 0.5)",
            "sma_3(spread)",
            "calm = sma_3(spread) < spread and not high > 150",
            "ratio = ema_4(spread) / -low",
        ];
        let high: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let low: Vec<f64> = rows.iter().map(|row| if row.2 { row.1 } else { f64::NAN }).collect();
        let mut streaming = set(&formulas);
        let columns = Columns::new().with("high", &high).unwrap().with("low", &low).unwrap();
        let table = streaming.batch(&columns).unwrap();
        let cut = cut.min(rows.len());
        for row in 0..rows.len() {
            if row == cut {
                let bytes = streaming.snapshot().to_bytes();
                streaming = set(&formulas);
                streaming.restore(&trader_features::Snapshot::from_bytes(&bytes).unwrap()).unwrap();
            }
            streaming.peek(&[high[row], low[row]]).unwrap();
            streaming.update(&[high[row], low[row]]).unwrap();
            for (index, column) in table.columns.iter().enumerate() {
                let batch = (!column[row].is_nan()).then_some(column[row]);
                prop_assert_eq!(streaming.value(index), streaming.peeked(index));
                match (batch, streaming.value(index)) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0)),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }

    #[test]
    fn the_canonical_text_reads_back_as_itself(
        words in proptest::collection::vec(
            prop_oneof![
                Just("close"), Just("sma_10"), Just("rsi"), Just("("), Just(")"), Just(","),
                Just("+"), Just("-"), Just("*"), Just("/"), Just("<"), Just(">="), Just("=="),
                Just("and"), Just("or"), Just("not"), Just("min"), Just("abs"), Just("1.5"),
            ],
            1..12,
        ),
    ) {
        let read = |text: &str| Formula::parse(text, Registry::standard(), &[]);
        if let Ok(formula) = read(&words.join(" ")) {
            let again = read(&formula.expression().canonical()).expect("canonical text is valid");
            prop_assert_eq!(again.canonical(), formula.canonical());
        }
    }
}
