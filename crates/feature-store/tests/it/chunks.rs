//! Computing in chunks gives what computing at once gives, within the memory allowed.

use std::ops::ControlFlow;

use trader_domain::Symbol;
use trader_feature_store::{
    BarSource, Companions, FeatureTable, Inputs, MemoryBudget, Shape, StoreError, compute,
    compute_all,
};
use trader_features::{FeatureSet, Registry};
use trader_storage::{Existing, TableFormat, write_bars};

use crate::bars::{minutes, options};

const FORMULAS: [&str; 5] = [
    "sma_50",
    "rsi_14",
    "vwap_session",
    "wide = high - low > atr_14",
    "ema_12",
];

fn set() -> FeatureSet {
    FeatureSet::from_formulas(Registry::standard(), &FORMULAS[..2], &[]).unwrap()
}

fn go(_rows: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn chunks_of_any_size_give_the_same_values() {
    let series = minutes("ABC", 700, 1);
    let whole = {
        let mut set = set();
        let wanted: Vec<String> = set.inputs().map(str::to_owned).collect();
        let inputs = Inputs::of_bars(&series, &Companions::default(), &wanted, 0..700).unwrap();
        set.extend(&inputs.columns().unwrap()).unwrap()
    };
    for chunk in [1, 7, 699, 5_000] {
        let mut columns = vec![Vec::new(); 2];
        compute(
            &mut set(),
            &series,
            &Companions::default(),
            0..700,
            chunk,
            &mut go,
            |_inputs, table| {
                for (all, new) in columns.iter_mut().zip(&table.columns) {
                    all.extend_from_slice(new);
                }
                Ok(())
            },
        )
        .unwrap();
        for (chunked, whole) in columns.iter().zip(&whole.columns) {
            let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a - b).abs() < 1e-9;
            assert!(
                chunked.len() == whole.len() && chunked.iter().zip(whole).all(same),
                "{chunk}"
            );
        }
    }
}

#[test]
fn each_symbol_starts_afresh_and_a_partitioned_folder_is_read_symbol_by_symbol() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<_> = ["AAA", "BBB", "CCC"]
        .iter()
        .zip(1..)
        .map(|(symbol, seed)| minutes(symbol, 400, seed))
        .collect();
    for series in &all {
        let part = folder.path().join(format!("symbol={}", series.symbol));
        std::fs::create_dir(&part).unwrap();
        write_bars(
            &part.join("part-0.parquet"),
            series,
            TableFormat::Parquet,
            Existing::Keep,
        )
        .unwrap();
    }
    let table = |source: &BarSource, out: &str, budget: u64| {
        let path = folder.path().join(out);
        let mut set = set();
        let names: Vec<String> = set.features().iter().map(|one| one.name.clone()).collect();
        let mut table = FeatureTable::create(
            &path,
            TableFormat::Csv,
            Existing::Keep,
            all[0].timeframe,
            &names,
        )?;
        let budget = MemoryBudget::new(budget);
        compute_all(
            &mut set,
            source,
            &Companions::default(),
            budget,
            &mut go,
            |series, inputs, features| {
                table.append(
                    series.symbol,
                    series.timeframe,
                    (&inputs.start, &inputs.available),
                    &features.columns,
                )
            },
        )?;
        table.finish()
    };
    let loaded = BarSource::loaded(all.clone(), "memory", &options());
    let parts = BarSource::open(&[folder.path().to_owned()], &[], &options()).unwrap();
    assert_eq!(parts.rows(), 1_200);
    let plenty = 1 << 30;
    // Room for one symbol at a time, and no more.
    let tight =
        MemoryBudget::work_bytes(Shape::of(&set()), 1_024) + MemoryBudget::series_bytes(400);
    let wanted = table(&loaded, "loaded.csv", plenty).unwrap();
    assert_eq!(table(&parts, "plenty.csv", plenty).unwrap(), wanted);
    assert_eq!(table(&parts, "tight.csv", tight).unwrap(), wanted);
    for (source, budget, what) in [
        (&parts, tight - 1, "AAA with 400 bars"),
        (&loaded, tight, "the bars in memory"),
    ] {
        match table(source, "none.csv", budget) {
            Err(StoreError::Memory { what: found, .. }) => assert_eq!(found, what),
            other => panic!("{other:?}"),
        }
    }
    assert!(!folder.path().join("none.csv").exists());
    let one = [Symbol::new("BBB").unwrap()];
    let chosen = BarSource::open(&[folder.path().to_owned()], &one, &options()).unwrap();
    assert_eq!(chosen.symbols(), one);
}

#[test]
fn a_watcher_can_stop_the_work() {
    let source = BarSource::loaded(vec![minutes("ABC", 100, 1)], "memory", &options());
    let stopped = compute_all(
        &mut set(),
        &source,
        &Companions::default(),
        MemoryBudget::new(1 << 30),
        &mut |_rows| ControlFlow::Break(()),
        |_series, _inputs, _table| Ok(()),
    );
    assert!(matches!(stopped, Err(StoreError::Interrupted)));
}
