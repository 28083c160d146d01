//! A symbol against other series, and how other symbols are named.

use trader_features::alignment::join;
use trader_features::expression::{Expression, Outcome};
use trader_features::{Columns, FeatureError, FeatureSet, Registry};

use crate::market::Dice;

fn last(name: &str, close: &[f64], other: &[f64]) -> f64 {
    let columns = Columns::new()
        .with("close", close)
        .and_then(|columns| columns.with("close@XLK", other))
        .expect("columns");
    let set = FeatureSet::new(Registry::standard(), &[name]).expect("name");
    *set.batch(&columns).expect("batch").columns[0]
        .last()
        .expect("rows")
}

#[test]
fn ratios_and_spreads_are_what_they_say() {
    let (close, other) = ([10.0, 12.0, 11.0, 15.0], [20.0, 21.0, 22.0, 24.0]);
    for (name, expected) in [
        ("price_ratio", 0.625),
        ("price_spread", -9.0),
        ("log_ratio", 0.625_f64.ln()),
        ("excess_ret_3", 0.5 - 0.2),
        ("rel_strength_3", 1.5 / 1.2 - 1.0),
        ("rel_strength_mansfield_2", 100.0 * (0.625 / 0.562_5 - 1.0)),
        ("spread_z_2", std::f64::consts::FRAC_1_SQRT_2),
    ] {
        let found = last(&format!("{name}(close,close@XLK)"), &close, &other);
        assert!(
            (found - expected).abs() < 1e-12,
            "{name}: {found} for {expected}"
        );
    }
}

/// Prices from returns.
fn prices(returns: &[f64]) -> Vec<f64> {
    let walk = returns.iter().scan(100.0, |price, r| {
        *price *= 1.0 + r;
        Some(*price)
    });
    std::iter::once(100.0).chain(walk).collect()
}

#[test]
fn the_residual_is_of_a_row_that_the_beta_has_not_seen() {
    let mut dice = Dice::new(2);
    let market: Vec<f64> = (0..80).map(|_| 0.01 * dice.bell()).collect();
    let mut own: Vec<f64> = market.iter().map(|r| 0.001 + 1.5 * r).collect();
    own[79] += 0.05;
    let (close, index) = (prices(&own), prices(&market));
    let of = |name: &str| last(&format!("{name}(close,close@XLK)"), &close, &index);
    assert!((of("beta_resid_60") - 0.05).abs() < 1e-9);
    assert!((of("beta_alpha_60") - 0.001).abs() < 1e-9);
    assert!(of("beta_resid_z_60").is_nan() || of("beta_resid_z_60").abs() > 1e6);
    let rates: Vec<f64> = market
        .iter()
        .scan(4.0, |rate, r| {
            *rate += r;
            Some(*rate)
        })
        .collect();
    // From the first change on: the rate column begins one row late.
    let yields: Vec<f64> = std::iter::once(4.0).chain(rates).collect();
    let exact = prices(&market.iter().map(|r| -3.0 * r).collect::<Vec<_>>());
    assert!((last("rate_beta_60(close,close@XLK)", &exact, &yields) + 3.0).abs() < 1e-9);
}

#[test]
fn a_pair_is_scored_by_its_newest_residual() {
    // The regression by itself, as the statistics family has it.
    let mut dice = Dice::new(9);
    let second: Vec<f64> = (0..60)
        .map(|i| 50.0 + f64::from(i % 9) + dice.roll())
        .collect();
    let first: Vec<f64> = second
        .iter()
        .map(|x| 3.0 * x.powf(0.7) * (1.0 + 0.01 * dice.bell()))
        .collect();
    let (x, y): (Vec<f64>, Vec<f64>) = second
        .iter()
        .zip(&first)
        .map(|(x, y)| (x.ln(), y.ln()))
        .unzip();
    let fit = trader_features::statistics::regression::least_squares(&[x, vec![1.0; 60]], &y)
        .expect("fit");
    let expected = fit.residuals[59] / (fit.squares / 58.0).sqrt();
    let found = last("pair_z_60(close,close@XLK)", &first, &second);
    assert!((found - expected).abs() < 1e-8, "{found} for {expected}");
    let hedge = last("pair_hedge_60(close,close@XLK)", &first, &second);
    assert!((hedge - fit.coefficients[0]).abs() < 1e-9);
}

#[test]
fn other_symbols_are_named_with_an_at_sign() {
    let registry = Registry::standard();
    let set = FeatureSet::new(
        registry,
        &["rsi_14@SPY", "corr_20(close,close@BRK.B)", "beta_60@AAPL"],
    );
    let set = set.expect("names");
    let names: Vec<&str> = set.features().iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "rsi_14(close@SPY)",
            "corr_20(close,close@BRK.B)",
            "beta_60(close@AAPL,benchmark)"
        ]
    );
    assert_eq!(
        set.inputs().collect::<Vec<_>>(),
        [
            "close@SPY",
            "close",
            "close@BRK.B",
            "close@AAPL",
            "benchmark"
        ]
    );
    // One calculator for both spellings.
    let set = FeatureSet::new(registry, &["rsi_14@SPY", "rsi_14(close@SPY)"]).expect("names");
    assert_eq!(set.calculators(), 1);
    let columns = Columns::new().with("close", &[1.0]).expect("column");
    let error = set.batch(&columns).expect_err("no such column").to_string();
    assert_eq!(
        error,
        "input column `close@SPY` is needed by `rsi_14(close@SPY)` but was not supplied"
    );
    for bad in [
        "sma_20@",
        "sma_20(close@)",
        "sma_20(close@a b)",
        "sma_20@SPY(volume)",
        "sma_20(nothing@SPY)",
    ] {
        assert!(FeatureSet::new(registry, &[bad]).is_err(), "{bad}");
    }
}

#[test]
fn expressions_read_other_symbols() {
    let rule = Expression::parse(
        "close / close@SPY > 0.5 and rsi_14@QQQ < 70",
        Registry::standard(),
        &[],
    );
    let rule = rule.expect("an expression");
    assert_eq!(rule.inputs(), ["close", "close@SPY", "rsi_14(close@QQQ)"]);
    assert_eq!(
        rule.evaluate(&[3.0, 5.0, 60.0]),
        Outcome::Condition(Some(true))
    );
    assert!(Expression::parse("close@ > 1", Registry::standard(), &[]).is_err());
}

#[test]
fn a_join_sees_what_was_known_and_feeds_features_with_gaps() -> Result<(), FeatureError> {
    // Minutes of a share; the index prints every other minute, then stops.
    let times: Vec<i64> = (1..=40).map(|minute| minute * 60).collect();
    let close: Vec<f64> = (0..40).map(|i| 100.0 + f64::from(i * i % 7)).collect();
    let index_times: Vec<i64> = (0..15).map(|i| 60 + i * 120).collect();
    let index: Vec<f64> = (0..15).map(|i| 50.0 + f64::from(i % 4)).collect();
    let joined = join(&times, &index_times, &index, Some(180))?;
    let columns = Columns::new()
        .with("close", &close)?
        .with("close@IDX", &joined)?;
    let set = FeatureSet::new(Registry::standard(), &["price_spread(close,close@IDX)"])?;
    let table = set.batch(&columns)?;
    assert_eq!(table.columns[0][1], 101.0 - 50.0);
    assert_eq!(table.columns[0][2], 104.0 - 51.0);
    // The last index print was in minute 29; three minutes later it is stale.
    assert!(!table.columns[0][31].is_nan() && table.columns[0][32].is_nan());
    // What the index does later changes nothing before.
    let mut other = index.clone();
    other[10..].fill(1.0);
    let again = join(&times, &index_times, &other, Some(180))?;
    assert_eq!(again[..20], joined[..20]);
    Ok(())
}
