//! Rules in text: what they mean, and how faults are explained.

use proptest::prelude::*;
use trader_features::Registry;
use trader_features::expression::{Expression, ExpressionError, Kind, Outcome};

fn parse(text: &str) -> Result<Expression, ExpressionError> {
    Expression::parse(text, Registry::standard(), &["spread"])
}

fn number(text: &str, values: &[f64]) -> Option<f64> {
    match parse(text).expect("valid").evaluate(values) {
        Outcome::Number(value) => value,
        Outcome::Condition(_) => panic!("{text} is a condition"),
    }
}

fn condition(text: &str, values: &[f64]) -> Option<bool> {
    match parse(text).expect("valid").evaluate(values) {
        Outcome::Condition(value) => value,
        Outcome::Number(_) => panic!("{text} is a number"),
    }
}

fn fault(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("{text} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn operators_bind_as_in_arithmetic() {
    assert_eq!(number("1 + 2 * 3 - 4 / 2", &[]), Some(5.0));
    assert_eq!(number("-(1 + 2) * 3", &[]), Some(-9.0));
    assert_eq!(number("8 / 4 / 2 - 1 - 1", &[]), Some(-1.0));
    assert_eq!(number("max(1, min(5, 3)) + abs(-2)", &[]), Some(5.0));
    assert_eq!(condition("1 < 2 or 1 / 0 > 1 and 2 < 1", &[]), Some(true));
    assert_eq!(condition("not (1 >= 2) and 3 != 4", &[]), Some(true));
    assert_eq!(condition("not 1 == 1", &[]), Some(false));
}

#[test]
fn features_are_read_by_canonical_name_once() {
    let rule = parse("sma_10 > sma_30 and rsi < 70 and sma_10(close) > spread").expect("valid");
    assert_eq!(rule.inputs(), ["sma_10", "sma_30", "rsi_14", "spread"]);
    assert_eq!(rule.kind(), Kind::Condition);
    let row = [10.0, 9.0, 60.0, 1.0];
    assert_eq!(rule.evaluate(&row), Outcome::Condition(Some(true)));
    let derived = parse("sma_20(volume) / sma_5(rsi_14)").expect("valid");
    assert_eq!(derived.inputs(), ["sma_20(volume)", "sma_5(rsi_14)"]);
    assert_eq!(derived.evaluate(&[6.0, 2.0]), Outcome::Number(Some(3.0)));
}

#[test]
fn what_is_missing_stays_missing_unless_the_rest_decides() {
    let nan = f64::NAN;
    assert_eq!(number("close + open", &[1.0, nan]), None);
    assert_eq!(number("close / open", &[0.0, 0.0]), None);
    assert_eq!(number("min(close, open)", &[1.0, nan]), None);
    assert_eq!(condition("close > open", &[1.0]), None);
    assert_eq!(condition("not close > 1", &[nan]), None);
    assert_eq!(
        condition("close > 1 and open > 1", &[nan, 0.0]),
        Some(false)
    );
    assert_eq!(condition("close > 1 and open > 1", &[nan, 2.0]), None);
    assert_eq!(condition("close > 1 or open > 1", &[nan, 2.0]), Some(true));
    assert_eq!(condition("close != open", &[nan, nan]), None);
}

#[test]
fn faults_are_explained_with_their_place() {
    let cases = [
        (
            "sma_10 > smaa_30",
            "position 10: unknown feature `smaa_30`; did you mean `sma_30`?",
        ),
        (
            "rsi_1 < 5",
            "position 1: `rsi`: parameter `length` is 1, allowed are 2 to 100000",
        ),
        (
            "close >",
            "position 8: expected a number, a feature or `(`, found the end",
        ),
        ("(close > 1", "position 11: expected `)`, found the end"),
        (
            "close 1",
            "position 7: expected an operator or the end, found `1`",
        ),
        ("close $ 1", "position 7: `$` is not part of the language"),
        ("1.2.3", "position 1: `1.2.3` is not a number"),
        (
            "1 < 2 < 3",
            "position 7: expected an operator or the end, found `<`",
        ),
        (
            "close and 1 < 2",
            "position 1: `and` takes a condition, this is a number",
        ),
        (
            "1 + (2 < 3)",
            "position 5: + takes a number, this is a condition",
        ),
        (
            "not close",
            "position 5: `not` takes a condition, this is a number",
        ),
        (
            "abs(1 < 2)",
            "position 5: `abs` takes a number, this is a condition",
        ),
        (
            "min(1)",
            "position 6: expected `,` and another argument, found `)`",
        ),
        (
            "",
            "position 1: expected a number, a feature or `(`, found the end",
        ),
        (
            "sma_20(1)",
            "position 8: expected the name of a feature or column, found `1`",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn depth_and_length_are_limited() {
    let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    assert!(matches!(
        parse(&deep),
        Err(ExpressionError::TooDeep { limit: 64, .. })
    ));
    let signs = format!("{}1", "-".repeat(1000));
    assert!(matches!(
        parse(&signs),
        Err(ExpressionError::TooDeep { .. })
    ));
    let long = "1 + ".repeat(1024) + "1";
    assert!(matches!(
        parse(&long),
        Err(ExpressionError::TooLong { limit: 4096, .. })
    ));
    let longest = "1+".repeat(2047) + "1";
    assert_eq!(number(&longest, &[]), Some(2048.0));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_panic(text in ".{0,80}") {
        if let Ok(expression) = parse(&text) {
            expression.evaluate(&[]);
        }
    }

    #[test]
    fn any_words_are_read_or_refused_without_panic(
        words in proptest::collection::vec(
            prop_oneof![
                Just("close"), Just("sma_10"), Just("rsi"), Just("("), Just(")"), Just(","),
                Just("+"), Just("-"), Just("*"), Just("/"), Just("<"), Just(">="), Just("=="),
                Just("and"), Just("or"), Just("not"), Just("min"), Just("abs"), Just("1.5"),
                Just("sma_20(volume)"), Just("é"),
            ],
            0..25,
        ),
        values in proptest::collection::vec(any::<f64>(), 0..4),
    ) {
        let outcome = parse(&words.join(" ")).map(|expression| expression.evaluate(&values));
        if let Ok(Outcome::Number(Some(value))) = outcome {
            prop_assert!(value.is_finite());
        }
    }
}
