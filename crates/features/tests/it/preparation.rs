//! Fitted on training rows only, the same in both forms, and whole after a journey as text.

use proptest::prelude::*;
use trader_features::preparation::{
    FittedPreparation, Outliers, Preparation, PreparationError, Rows, Standardizer, Step,
    TrainingRange,
};

const NAN: f64 = f64::NAN;

fn fit(steps: &[&str], column: &[f64], training: usize) -> FittedPreparation {
    let steps = steps
        .iter()
        .map(|step| Step::parse(step).unwrap())
        .collect();
    let times: Vec<i64> = (0..).take(column.len()).collect();
    let until = i64::try_from(training).unwrap();
    Preparation::new(steps)
        .fit(
            &["x"],
            &[column],
            &times,
            TrainingRange::new(0, until).unwrap(),
        )
        .unwrap()
}

fn prepared(steps: &[&str], column: &[f64], training: usize) -> Vec<f64> {
    fit(steps, column, training)
        .batch(&[column])
        .unwrap()
        .remove(0)
}

#[test]
fn standardizers_give_the_numbers_of_scikit_learn() {
    // scikit-learn 1.5, StandardScaler / RobustScaler / MinMaxScaler on [1, 2, 3, 4, 10]: mean 4,
    // standard deviation 3.1622776601683795; median 3, quartiles 2 and 4.
    let column = [1.0, 2.0, 3.0, 4.0, 10.0, 13.0];
    assert_eq!(prepared(&["zscore"], &column, 5)[5], 9.0 / 10.0_f64.sqrt());
    assert_eq!(
        prepared(&["robust"], &column, 5),
        [-1.0, -0.5, 0.0, 0.5, 3.5, 5.0]
    );
    let scaled = prepared(&["minmax"], &column, 5);
    assert_eq!((scaled[0], scaled[4]), (0.0, 1.0));
    assert!(
        scaled[5] > 1.0,
        "beyond the training values it leaves the unit interval"
    );
}

#[test]
fn ranks_are_shares_of_training_values() {
    let column = [1.0, 2.0, 2.0, 3.0, 0.0, 1.5, 9.0, NAN];
    let ranks = prepared(&["rank"], &column, 4);
    assert_eq!(ranks[..7], [0.125, 0.5, 0.5, 0.875, 0.0, 0.3125, 1.0]);
    assert!(ranks[7].is_nan());
}

#[test]
fn a_constant_column_has_no_scale() {
    let column = [0.1, 0.1, 0.1, 0.6];
    for scaler in ["zscore", "robust", "minmax"] {
        assert_eq!(
            prepared(&[scaler], &column, 3),
            [0.0, 0.0, 0.0, 0.5],
            "{scaler}"
        );
    }
    assert_eq!(prepared(&["rank"], &column, 3), [0.5, 0.5, 0.5, 1.0]);
}

#[test]
fn outliers_are_bounded_by_training_values() {
    let column = [1.0, 2.0, 3.0, 4.0, 5.0, 100.0, -100.0];
    assert_eq!(
        prepared(&["winsorize:0.25"], &column, 5)[..],
        [2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 2.0]
    );
    // Median 3, median absolute deviation 1.
    let clipped = prepared(&["clip:2"], &column, 5);
    assert!((clipped[5] - (3.0 + 2.0 * 1.482_602_218_505_602)).abs() < 1e-12);
    let dropped = prepared(&["drop:2"], &column, 5);
    assert!(dropped[5].is_nan() && dropped[6].is_nan());
    assert_eq!(dropped[..5], column[..5]);
}

#[test]
fn steps_are_fitted_one_behind_the_other() {
    // Without the clip the mean would be 22; a fill adds the last value once more.
    let column = [1.0, 2.0, 3.0, 4.0, 100.0, NAN];
    let fitted = fit(&["winsorize:0.25", "ffill:1", "minmax"], &column, 6);
    let values = fitted.batch(&[&column]).unwrap().remove(0);
    assert_eq!(values, [0.0, 0.0, 0.5, 1.0, 1.0, 1.0]);
}

#[test]
fn fills_do_not_cross_symbols() {
    let (a, b) = ([1.0, 5.0], [NAN, 3.0]);
    let times = [0, 1];
    let steps = vec![
        Step::ForwardFill { limit: 5 },
        Step::Standardize(Standardizer::MinMax),
    ];
    let rows = [
        Rows {
            columns: &[&a],
            available: &times,
        },
        Rows {
            columns: &[&b],
            available: &times,
        },
    ];
    let range = TrainingRange::new(0, 2).unwrap();
    let fitted = Preparation::new(steps)
        .fit_symbols(&["x"], &rows, range)
        .unwrap();
    assert_eq!(fitted.training().rows, 4);
    assert!(fitted.batch(&[&b]).unwrap()[0][0].is_nan());
}

#[test]
fn what_looks_ahead_is_for_studies_only() {
    let column = [NAN, 2.0, 4.0];
    let fitted = fit(&["bfill:1", "minmax"], &column, 3);
    assert_eq!(fitted.batch(&[&column]).unwrap()[0], [0.0, 0.0, 1.0]);
    assert!(matches!(
        fitted.streaming(),
        Err(PreparationError::LooksAhead { .. })
    ));
    assert!(matches!(
        fitted.to_text(),
        Err(PreparationError::LooksAhead { .. })
    ));
}

#[test]
fn faults_are_explained() {
    for (text, part) in [
        ("zscor", "there are zscore"),
        ("zscore:3", "takes no number"),
        ("ffill", "ffill:5"),
        ("ffill:0", "from 1"),
        ("winsorize:0.5", "below 0.5"),
        ("clip:-1", "above 0"),
        ("clip:nan", "above 0"),
    ] {
        let error = Step::parse(text).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(text), "{error}");
    }
    assert!(TrainingRange::new(5, 5).is_err());
    let one = Preparation::new(vec![Step::Outliers(Outliers::Clip { limit: 3.0 })]);
    let range = TrainingRange::new(0, 2).unwrap();
    let error = one
        .fit(&["x"], &[&[NAN, NAN, 1.0]], &[0, 1, 2], range)
        .unwrap_err();
    assert_eq!(
        error,
        PreparationError::NothingToFit {
            column: "x".to_owned(),
            rows: 2
        }
    );
    assert!(one.fit(&["x"], &[&[1.0]], &[0, 1], range).is_err());
    assert!(one.fit(&["x", "y"], &[&[1.0]], &[0], range).is_err());
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop_oneof![
        Just("zscore"),
        Just("robust"),
        Just("minmax"),
        Just("rank"),
        Just("ffill:2"),
        Just("winsorize:0.1"),
        Just("clip:3"),
        Just("drop:2.5"),
    ];
    text.prop_map(|text| Step::parse(text).unwrap())
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![8 => -1e3..1e3_f64, 1 => Just(NAN), 1 => Just(1.0), 1 => any::<f64>()]
}

fn bits(values: &[f64]) -> Vec<u64> {
    let bits = |value: &f64| {
        if value.is_nan() {
            u64::MAX
        } else {
            value.to_bits()
        }
    };
    values.iter().map(bits).collect()
}

proptest! {
    /// Rows outside the training range change nothing of what is learned.
    #[test]
    fn only_training_rows_are_learned_from(
        steps in proptest::collection::vec(step(), 1..4),
        training in proptest::collection::vec(value(), 1..30),
        one in proptest::collection::vec(value(), 0..30),
        two in proptest::collection::vec(value(), 0..30),
    ) {
        let range = TrainingRange::new(0, i64::try_from(training.len()).unwrap()).unwrap();
        let fitted = |rest: &[f64]| {
            let column = [&training[..], rest].concat();
            let times: Vec<i64> = (0..).take(column.len()).collect();
            Preparation::new(steps.clone()).fit(&["x"], &[&column], &times, range)
        };
        match (fitted(&one), fitted(&two)) {
            (Ok(one), Ok(two)) => prop_assert_eq!(one.to_text().unwrap(), two.to_text().unwrap()),
            (one, two) => prop_assert_eq!(one.is_err(), two.is_err()),
        }
    }

    #[test]
    fn batch_streaming_and_read_back_agree_bit_for_bit(
        steps in proptest::collection::vec(step(), 1..4),
        column in proptest::collection::vec(value(), 1..40),
    ) {
        let times: Vec<i64> = (0..).take(column.len()).collect();
        let range = TrainingRange::new(0, 20).unwrap();
        let Ok(fitted) = Preparation::new(steps).fit(&["x y"], &[&column], &times, range) else {
            return Ok(());
        };
        let text = fitted.to_text().unwrap();
        let read = FittedPreparation::from_text(&text).unwrap();
        prop_assert_eq!(&read, &fitted);
        let batch = fitted.batch(&[&column]).unwrap().remove(0);
        let mut streaming = read.streaming().unwrap();
        let rows: Vec<f64> = column
            .iter()
            .map(|value| {
                let mut row = [*value];
                streaming.next(&mut row).unwrap();
                row[0]
            })
            .collect();
        prop_assert_eq!(bits(&batch), bits(&rows));
    }

    #[test]
    fn a_changed_text_is_refused(
        at in any::<prop::sample::Index>(),
        flip in 1_u8..128,
        cut in any::<prop::sample::Index>(),
    ) {
        let column: Vec<f64> = (0..20).map(f64::from).collect();
        let text = fit(&["winsorize:0.1", "ffill:3", "rank", "zscore"], &column, 20).to_text().unwrap();
        let mut bytes = text.clone().into_bytes();
        let place = at.index(bytes.len());
        bytes[place] ^= flip;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(FittedPreparation::from_text(&changed).is_err());
        }
        prop_assert!(FittedPreparation::from_text(&text[..cut.index(text.len())]).is_err());
    }
}
