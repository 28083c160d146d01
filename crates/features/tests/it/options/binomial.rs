//! The tree against independent values.

use trader_domain::{ExerciseStyle, OptionRight};
use trader_features::options::{OptionError, Underlying, Vanilla, binomial};

use super::Rows;

#[test]
fn the_tree_reproduces_american_and_european_values() {
    let rows = Rows::read("options_american.csv");
    let mut differences = Vec::new();
    let (mut worst_american, mut worst_european) = (0.0_f64, 0.0_f64);
    for row in rows.iter() {
        let option = row.option(row.number("days") / 365.0);
        let share = row.share(row.number("q"));
        let value = |style, steps| {
            binomial::price(&option, style, &share, row.number("sigma"), steps).expect("valid")
        };
        let american = (value(ExerciseStyle::American, 801) - row.number("price")).abs();
        let european = (value(ExerciseStyle::European, 201) - row.number("european")).abs();
        worst_american = worst_american.max(american);
        worst_european = worst_european.max(european);
        if american > 1e-3 || european > 1e-4 {
            differences.push(format!(
                "american {american}, european {european}: {}",
                row.line()
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nworst {worst_american} and {worst_european}",
        differences.join("\n")
    );
}

#[test]
fn wrong_numbers_of_steps_and_odd_inputs_are_typed_errors_or_values() {
    let option = Vanilla {
        right: OptionRight::Put,
        strike: 100.0,
        years: 1.0,
    };
    let share = Underlying {
        spot: 100.0,
        rate: 0.05,
        dividend_yield: 0.0,
    };
    let style = ExerciseStyle::American;
    for steps in [0, 20_002] {
        assert!(matches!(
            binomial::price(&option, style, &share, 0.2, steps),
            Err(OptionError::InvalidInput { input: "steps", .. })
        ));
    }
    assert!(binomial::price(&option, style, &share, f64::NAN, 11).is_err());
    // Even numbers are taken up to the next odd one.
    let (even, odd) = (
        binomial::price(&option, style, &share, 0.2, 100),
        binomial::price(&option, style, &share, 0.2, 101),
    );
    assert_eq!(even, odd);
    // Without time or volatility: the best moment of a certain path.
    assert_eq!(binomial::price(&option, style, &share, 0.0, 11), Ok(0.0));
    // So far from the money that probabilities round: still a value within the bounds.
    for spot in [1e-4, 1.0, 1e4, 1e8] {
        for volatility in [1e-3, 0.01, 3.0] {
            let share = Underlying { spot, ..share };
            match binomial::price(&option, style, &share, volatility, 51) {
                Ok(value) => assert!((option.intrinsic(spot) - 1e-9..=100.0).contains(&value)),
                Err(error) => assert!(matches!(error, OptionError::NotConverged { .. }), "{error}"),
            }
        }
    }
}
