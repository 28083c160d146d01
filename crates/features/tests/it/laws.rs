//! What holds for every calculator in the registry, with its default parameters.

use proptest::prelude::*;
use trader_features::registry::{Build, Cost};
use trader_features::{FeatureSet, Registry, Snapshot};

use crate::market::{Dice, Market};

/// All outputs of the calculators over one symbol's columns that take no longer than wanted.
fn outputs(wanted: impl Fn(Cost) -> bool) -> Vec<&'static str> {
    Registry::standard()
        .definitions()
        .filter(|definition| matches!(definition.build, Build::Series(_)))
        .filter(|definition| wanted(definition.cost))
        .flat_map(|definition| definition.outputs.iter().copied())
        .collect()
}

fn all() -> FeatureSet {
    FeatureSet::new(Registry::standard(), &outputs(|_| true)).expect("defaults are valid")
}

/// Every calculator in a `whole` case, in the others those that carry a state from row to row. The
/// rest call one function of the window in both forms, take nearly all the time, and have little
/// that could differ.
fn many(whole: bool) -> FeatureSet {
    let names = outputs(|cost| whole || cost == Cost::Constant);
    FeatureSet::new(Registry::standard(), &names).expect("defaults are valid")
}

/// One case in four.
fn whole() -> impl Strategy<Value = bool> {
    proptest::bool::weighted(0.25)
}

fn inputs(set: &FeatureSet) -> Vec<String> {
    set.inputs().map(str::to_owned).collect()
}

/// Every feature's values row by row.
fn stream(set: &mut FeatureSet, market: &Market) -> Vec<Vec<f64>> {
    let names = inputs(set);
    let mut columns = vec![Vec::new(); set.features().len()];
    for row in 0..market.rows() {
        set.update(&market.row(&names, row)).expect("row fits");
        for (index, column) in columns.iter_mut().enumerate() {
            column.push(set.value(index).unwrap_or(f64::NAN));
        }
    }
    columns
}

/// Equal to 1e-9 of the larger of both values and a thousandth of the column's scale.
fn differences(names: &[String], batch: &[Vec<f64>], streamed: &[Vec<f64>]) -> Vec<String> {
    let mut found = Vec::new();
    for ((name, batch), streamed) in names.iter().zip(batch).zip(streamed) {
        let scale = batch
            .iter()
            .filter(|x| x.is_finite())
            .fold(0.0_f64, |a, x| a.max(x.abs()));
        for (row, (a, b)) in batch.iter().zip(streamed).enumerate() {
            let near = (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-3 * scale);
            if !(near || a.is_nan() && b.is_nan()) {
                found.push(format!("{name} row {row}: batch {a}, streamed {b}"));
                break;
            }
        }
    }
    found
}

fn names(set: &FeatureSet) -> Vec<String> {
    set.features()
        .iter()
        .map(|feature| feature.name.clone())
        .collect()
}

fn check_batch_against_stream(mut set: FeatureSet, market: &Market) -> Vec<String> {
    let table = set.batch(&market.columns()).expect("all columns are there");
    let streamed = stream(&mut set, market);
    differences(&names(&set), &table.columns, &streamed)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn batch_and_streaming_agree_on_data_with_gaps_and_halts(
        seed in any::<u64>(),
        price in prop_oneof![Just(1e-4), Just(1.0), Just(100.0), Just(1e6)],
        gaps in prop_oneof![Just(0.0), 0.0..0.05],
        halts in prop_oneof![Just(0.0), 0.0..0.3],
        whole in whole(),
    ) {
        let found = check_batch_against_stream(many(whole), &Market::walk(seed, 700, price, gaps, halts));
        prop_assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn peek_gives_what_update_then_gives_and_changes_nothing(seed in any::<u64>(), whole in whole()) {
        let market = Market::walk(seed, 400, 50.0, 0.01, 0.1);
        let other = Market::walk(seed ^ 1, 400, 80.0, 0.0, 0.0);
        let (mut set, mut untouched) = (many(whole), many(whole));
        let columns = inputs(&set);
        for row in 0..market.rows() {
            let values = market.row(&columns, row);
            set.peek(&other.row(&columns, row)).expect("row fits");
            set.peek(&values).expect("row fits");
            set.update(&values).expect("row fits");
            untouched.update(&values).expect("row fits");
            for (index, feature) in set.features().to_vec().iter().enumerate() {
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                prop_assert_eq!(bits(set.peeked(index)), bits(set.value(index)), "{} row {}", &feature.name, row);
                prop_assert_eq!(bits(set.value(index)), bits(untouched.value(index)), "{} row {}", &feature.name, row);
            }
        }
    }

    #[test]
    fn a_restored_snapshot_continues_bit_for_bit(seed in any::<u64>(), at in 0_usize..600, whole in whole()) {
        let market = Market::walk(seed, 800, 50.0, 0.01, 0.1);
        let (mut set, mut restored) = (many(whole), many(whole));
        let columns = inputs(&set);
        for row in 0..at {
            set.update(&market.row(&columns, row)).expect("row fits");
        }
        let bytes = set.snapshot().to_bytes();
        restored.restore(&Snapshot::from_bytes(&bytes).expect("own bytes")).expect("own state");
        for row in at..market.rows() {
            let values = market.row(&columns, row);
            set.update(&values).expect("row fits");
            restored.update(&values).expect("row fits");
            for (index, feature) in set.features().iter().enumerate() {
                let bits = |value: Option<f64>| value.map(f64::to_bits);
                prop_assert_eq!(bits(set.value(index)), bits(restored.value(index)), "{} row {}", &feature.name, row);
            }
        }
    }

    #[test]
    fn a_damaged_snapshot_is_refused_or_harmless(seed in any::<u64>(), cut in 0_usize..2000) {
        let market = Market::walk(seed, 60, 50.0, 0.0, 0.0);
        let mut set = all();
        let columns = inputs(&set);
        stream(&mut set, &market);
        let mut bytes = set.snapshot().to_bytes();
        let mut dice = Dice::new(seed);
        for _ in 0..20 {
            let at = ((bytes.len() - 1) as f64 * dice.roll()).round().to_string().parse::<usize>().expect("index");
            bytes[at] ^= 0xff;
        }
        bytes.truncate(bytes.len() - cut);
        if let Ok(snapshot) = Snapshot::from_bytes(&bytes)
            && set.restore(&snapshot).is_ok()
        {
            for row in 0..market.rows() {
                set.update(&market.row(&columns, row)).expect("row fits");
            }
        }
    }
}

#[test]
fn rows_may_come_one_by_one_or_in_any_batches() {
    let market = Market::walk(21, 2600, 50.0, 0.01, 0.1);
    let (mut set, whole) = (all(), all().batch(&market.columns()).expect("columns"));
    let columns = inputs(&set);
    let mut grown: Vec<Vec<f64>> = vec![Vec::new(); set.features().len()];
    let mut row = 0;
    for size in [1, 300, 0, 7, 1500, 128, 1, 1, 400, 262] {
        let part = Market {
            columns: market
                .columns
                .iter()
                .map(|(name, values)| (*name, values[row..row + size].to_vec()))
                .collect(),
        };
        if size == 1 {
            set.update(&market.row(&columns, row)).expect("row fits");
            for (index, column) in grown.iter_mut().enumerate() {
                column.push(set.value(index).unwrap_or(f64::NAN));
            }
        } else {
            let table = set.extend(&part.columns()).expect("columns");
            for (column, part) in grown.iter_mut().zip(&table.columns) {
                column.extend_from_slice(part);
            }
            if size > 0 {
                for (index, column) in grown.iter().enumerate() {
                    let last = column.last().copied().filter(|value| !value.is_nan());
                    assert_eq!(set.value(index), last, "{}", set.features()[index].name);
                }
            }
        }
        row += size;
    }
    assert_eq!(row, market.rows());
    let found = differences(&names(&set), &whole.columns, &grown);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Features whose first value waits for something in the data: volume that fills buckets, a bar that
/// traded, prices that bounce, patterns that come twice, an event.
const NOT_BEFORE: &[&str] = &["amihud", "event_", "roll_spread", "sampen", "vpin"];

#[test]
fn what_comes_later_changes_nothing_before() {
    let market = Market::walk(33, 900, 50.0, 0.01, 0.1);
    let other = Market::walk(34, 900, 80.0, 0.2, 0.3);
    let known = all().batch(&market.columns()).expect("columns");
    for cut in [300, 611] {
        let mut changed = Market {
            columns: market.columns.clone(),
        };
        for (name, column) in &mut changed.columns {
            column[cut..].copy_from_slice(&other.columns[name][cut..]);
        }
        let table = all().batch(&changed.columns()).expect("columns");
        // Not bit for bit: a gap later in a stretch may change the order of a sum before it.
        let before = |columns: &[Vec<f64>]| -> Vec<Vec<f64>> {
            columns
                .iter()
                .map(|column| column[..cut].to_vec())
                .collect()
        };
        let found = differences(
            &table.names,
            &before(&known.columns),
            &before(&table.columns),
        );
        assert!(found.is_empty(), "row {cut}: {}", found.join("\n"));
    }
}

#[test]
fn the_first_value_comes_exactly_when_the_warm_up_says() {
    let market = Market::walk(7, 1500, 100.0, 0.0, 0.0);
    let set = all();
    let table = set.batch(&market.columns()).expect("all columns are there");
    let mut wrong = Vec::new();
    for (feature, column) in set.features().iter().zip(&table.columns) {
        let first = column.iter().position(|value| !value.is_nan());
        let waits = NOT_BEFORE.iter().any(|name| feature.name.starts_with(name));
        if first != Some(feature.warm_up) && !(waits && first > Some(feature.warm_up)) {
            wrong.push(format!(
                "{}: says {}, is {first:?}",
                feature.name, feature.warm_up
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn odd_input_is_survived_in_both_forms_alike() {
    let mut odd = vec![
        Market::constant(0, 1.0),
        Market::constant(1, 100.0),
        Market::walk(3, 1, 100.0, 0.0, 0.0),
        Market::walk(4, 700, 100.0, 1.0, 0.0),
        Market::walk(5, 700, 100.0, 0.5, 0.0),
        Market::walk(6, 700, 100.0, 0.0, 1.0),
    ];
    for value in [
        0.0,
        1e-4,
        100.0,
        1e6,
        -5.0,
        f64::NAN,
        f64::INFINITY,
        f64::MAX,
        9e99,
        -9e99,
        5e-324,
    ] {
        odd.push(Market::constant(600, value));
    }
    let mut no_volume = Market::walk(8, 700, 100.0, 0.0, 0.0);
    no_volume.columns.insert("volume", vec![0.0; 700]);
    odd.push(no_volume);
    let mut wild = Market::walk(9, 700, 100.0, 0.0, 0.0);
    let mut dice = Dice::new(9);
    for column in wild.columns.values_mut() {
        for value in column.iter_mut() {
            *value *= if dice.roll() < 0.1 {
                -1.0
            } else {
                10.0_f64.powf(40.0 * dice.roll() - 20.0)
            };
        }
    }
    for market in &odd {
        let set = all();
        let table = set.batch(&market.columns()).expect("all columns are there");
        for (name, column) in table.names.iter().zip(&table.columns) {
            assert!(
                column.iter().all(|value| !value.is_infinite()),
                "{name} is infinite"
            );
        }
        let found = check_batch_against_stream(all(), market);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
    let mut set = all();
    stream(&mut set, &wild);
    set.batch(&wild.columns()).expect("all columns are there");
}

#[test]
fn names_are_unique_canonical_and_readable_back() {
    let registry = Registry::standard();
    let mut seen = std::collections::BTreeSet::new();
    for definition in registry.definitions() {
        for (index, output) in definition.outputs.iter().enumerate() {
            assert!(seen.insert(*output), "{output} is claimed twice");
            let resolved = registry.resolve(output).expect("defaults are valid");
            assert_eq!(resolved.definition.name, definition.name, "{output}");
            let canonical = resolved.name_of(index);
            let again = registry
                .resolve(&canonical)
                .expect("a canonical name is a name");
            assert_eq!(again.name_of(again.output), canonical);
            assert_eq!(
                (again.definition.name, again.output),
                (definition.name, index),
                "{canonical}"
            );
            assert!(
                canonical
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
                "{canonical}"
            );
        }
        assert!(
            !definition.description.is_empty() && !definition.convention.is_empty(),
            "{}",
            definition.name
        );
    }
}
