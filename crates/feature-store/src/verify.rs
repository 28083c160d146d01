//! Whether the store says what live code would say: bars are streamed row by row through the set and
//! the online cache, and every value is compared with the one that is kept.

use trader_domain::{Symbol, Timestamp};
use trader_features::online::{Lookup, MemoryStore, OnlineRow, OnlineStore as _, agree};
use trader_features::{FeatureSet, Registry};
use trader_storage::BarSeries;

use crate::budget::Shape;
use crate::calculators::calculators;
use crate::companions::Companions;
use crate::compute::Watch;
use crate::error::StoreError;
use crate::inputs::{BAR_COLUMNS, Inputs};
use crate::precompute::{Job, lineage};
use crate::store::{FeatureStore, Kept};

/// A value that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The start of its bar.
    pub time: Timestamp,
    /// The feature.
    pub feature: String,
    /// As kept; NaN when missing.
    pub offline: f64,
    /// As live code would have it.
    pub online: f64,
}

/// The comparison for one symbol.
#[derive(Debug, Clone, PartialEq)]
pub struct Parity {
    /// The symbol.
    pub symbol: Symbol,
    /// Rows of the bars.
    pub rows: u64,
    /// Rows that are kept and have no bar, or the other way round.
    pub unmatched: u64,
    /// Values compared.
    pub compared: u64,
    /// Values that differ.
    pub different: u64,
    /// The first of them.
    pub first: Option<Difference>,
    /// Whether set, calculators and prices are those that the store was computed with.
    pub same_lineage: bool,
}

impl Parity {
    /// Whether the store is right and up to date.
    pub fn holds(&self) -> bool {
        self.same_lineage && self.unmatched == 0 && self.different == 0
    }
}

/// Compares what the store keeps of the job's set with what streaming its bars gives, symbol by symbol;
/// every file is checked against its fingerprint on the way.
///
/// # Errors
/// [`StoreError::Unknown`] for a symbol that is not kept, [`StoreError::Damaged`], and reading errors.
pub fn verify(
    store: &FeatureStore,
    job: &Job<'_>,
    watch: &mut Watch<'_>,
) -> Result<Vec<Parity>, StoreError> {
    let registry = Registry::standard();
    let mut set = job.definition.build(registry, BAR_COLUMNS)?;
    let formulas = job.definition.canonical(registry, BAR_COLUMNS)?;
    let calculators = calculators(&set)?;
    let extra = job.companions.bytes();
    let name = job.definition.to_string();
    let mut found = Vec::new();
    let mut done = 0_u64;
    job.source
        .each(Shape::of(&set), job.budget, extra, |series, _chunk| {
            if watch(done).is_break() {
                return Err(StoreError::Interrupted);
            }
            let kept = store.read(&name, series.timeframe, series.symbol)?;
            let now = lineage(job, series, &set, &formulas, &calculators);
            set.reset();
            let mut parity = compare(&mut set, series, job.companions, &kept, &name)?;
            parity.same_lineage = now.continues(&kept.manifest.lineage);
            found.push(parity);
            done += series.columns.len() as u64;
            Ok(())
        })?;
    Ok(found)
}

fn compare(
    set: &mut FeatureSet,
    series: &BarSeries,
    companions: &Companions,
    kept: &Kept,
    name: &str,
) -> Result<Parity, StoreError> {
    let wanted: Vec<String> = set.inputs().map(str::to_owned).collect();
    let rows = series.columns.len();
    let inputs = Inputs::of_bars(series, companions, &wanted, 0..rows)?;
    inputs.require(&wanted)?;
    let mut parity = Parity {
        symbol: series.symbol,
        rows: rows as u64,
        unmatched: 0,
        compared: 0,
        different: 0,
        first: None,
        same_lineage: true,
    };
    let mut cache = MemoryStore::default();
    let mut row = Vec::with_capacity(wanted.len());
    let mut matched = 0_u64;
    for (index, (start, available)) in inputs.start.iter().zip(&inputs.available).enumerate() {
        inputs.row(index, &mut row);
        set.update(&row)?;
        let values = (0..set.features().len()).map(|at| set.value(at).unwrap_or(f64::NAN));
        let live = OnlineRow {
            event: *start,
            available: *available,
            values: values.collect(),
        };
        // Infallible: the match says so without a panic.
        let Ok(_stored) = cache.put(name, series.symbol, live);
        let Ok(found) = cache.get(name, series.symbol, *available, i64::MAX);
        let (Lookup::Fresh(live), Ok(at)) = (found, kept.start.binary_search(start)) else {
            parity.unmatched += 1;
            continue;
        };
        matched += 1;
        if kept.available.get(at) != Some(available) {
            parity.unmatched += 1;
        }
        for ((feature, column), online) in
            set.features().iter().zip(&kept.columns).zip(&live.values)
        {
            let offline = column.get(at).copied().unwrap_or(f64::NAN);
            parity.compared += 1;
            if agree(offline, *online) {
                continue;
            }
            parity.different += 1;
            parity.first.get_or_insert_with(|| Difference {
                time: *start,
                feature: feature.name.clone(),
                offline,
                online: *online,
            });
        }
    }
    parity.unmatched += (kept.start.len() as u64).saturating_sub(matched);
    Ok(parity)
}
