//! Wrong parameters are refused with what is allowed.

use trader_strategies::{ParameterError, STRATEGIES, find};

use crate::market::{given, instruments};

#[test]
fn defaults_build_every_strategy() {
    for definition in STRATEGIES {
        let table = instruments(6);
        let parameters = definition.check(&given(&[])).unwrap();
        assert!(
            definition.build(&parameters, &table).is_ok(),
            "{}",
            definition.name
        );
    }
}

#[test]
fn every_default_is_inside_its_own_range_and_every_parameter_is_described() {
    for definition in STRATEGIES {
        assert!(!definition.description.is_empty());
        for spec in definition.parameters {
            assert!(
                !spec.description.is_empty(),
                "{} {}",
                definition.name,
                spec.name
            );
            if let Some(default) = spec.default {
                assert!(
                    definition.check(&given(&[(spec.name, default)])).is_ok(),
                    "{}",
                    spec.name
                );
            }
        }
    }
}

#[test]
fn unknown_names_and_values_say_what_is_allowed() {
    let definition = find("sma-crossover").unwrap();
    let refused = |pairs: &[(&str, &str)]| definition.check(&given(pairs)).unwrap_err().to_string();
    assert!(refused(&[("speed", "3")]).contains("fast, slow, quantity, weight"));
    assert!(refused(&[("fast", "0")]).contains("from 1 to"));
    assert!(refused(&[("fast", "1.5")]).contains("whole number"));
    assert!(refused(&[("weight", "-1")]).contains("number from"));
    assert!(refused(&[("quantity", "0")]).contains("above zero"));
    assert!(find("none").unwrap_err().to_string().contains("momentum"));
}

#[test]
fn contradictions_are_refused_when_the_strategy_is_built() {
    let refused = |name: &str, pairs: &[(&str, &str)], count: usize| {
        let definition = find(name).unwrap();
        let parameters = definition.check(&given(pairs)).unwrap();
        match definition.build(&parameters, &instruments(count)) {
            Err(ParameterError::Contradiction(text)) => text,
            other => panic!("{name}: {:?}", other.err()),
        }
    };
    assert!(refused("sma-crossover", &[("fast", "30")], 1).contains("slow"));
    assert!(refused("zscore-reversion", &[("exit", "3")], 1).contains("entry"));
    assert!(refused("rsi2-reversion", &[("oversold", "80")], 1).contains("overbought"));
    assert!(refused("momentum", &[("skip", "252")], 6).contains("lookback"));
    assert!(refused("momentum", &[], 3).contains("holdings"));
    assert!(refused("pairs", &[], 3).contains("even number"));
}
