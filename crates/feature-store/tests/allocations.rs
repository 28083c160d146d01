//! Computing features stays within the memory it was given, measured by a counting allocator.
//!
//! A test binary of its own, because it measures the process's global allocator and must not be
//! disturbed by other tests' threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::ops::ControlFlow;

use peak_alloc::PeakAlloc;
use trader_domain::Timeframe;
use trader_feature_store::{
    BAR_COLUMNS, BarSource, Companions, FeatureTable, MemoryBudget, compute_all,
};
use trader_features::{FeatureSet, Registry};
use trader_storage::{Existing, ReadOptions, TableFormat, write_bars};

#[path = "it/bars.rs"]
mod bars;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
fn the_peak_stays_within_the_budget() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("bars");
    for (symbol, seed) in [("AAA", 1), ("BBB", 2), ("CCC", 3), ("DDD", 4)] {
        let part = input.join(format!("symbol={symbol}"));
        std::fs::create_dir_all(&part).unwrap();
        let series = bars::minutes(symbol, 20_000, seed);
        write_bars(
            &part.join("part-0.parquet"),
            &series,
            TableFormat::Parquet,
            Existing::Keep,
        )
        .unwrap();
    }
    let options: ReadOptions = bars::options();
    let formulas: Vec<String> = (2..32).map(|length| format!("sma_{length}")).collect();
    let mut set = FeatureSet::from_formulas(Registry::standard(), &formulas, BAR_COLUMNS).unwrap();
    let source = BarSource::open(&[input], &[], &options).unwrap();
    // Four symbols of 20,000 bars do not fit beside the work: this is enough for two.
    let budget = 80_u64 << 20;
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let mut table = FeatureTable::create(
        &folder.path().join("out.parquet"),
        TableFormat::Parquet,
        Existing::Keep,
        Timeframe::MINUTE,
        &formulas,
    )
    .unwrap();
    let computed = compute_all(
        &mut set,
        &source,
        &Companions::default(),
        MemoryBudget::new(budget),
        &mut |_rows| ControlFlow::Continue(()),
        |series, inputs, features| {
            table.append(
                series.symbol,
                series.timeframe,
                (&inputs.start, &inputs.available),
                &features.columns,
            )
        },
    )
    .unwrap();
    table.finish().unwrap();
    let used = MEMORY.peak_usage() - before;
    println!("{} rows: {used} of {budget} bytes", computed.rows);
    assert_eq!(computed.rows, 80_000);
    assert!(u64::try_from(used).unwrap() <= budget, "{used} bytes");
    // The bound is no empty one: a good part of it is used.
    assert!(u64::try_from(used).unwrap() > budget / 4, "{used} bytes");
}
