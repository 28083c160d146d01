//! A feature set over one series, chunk by chunk, in memory that does not grow with its length.

use std::ops::{ControlFlow, Range};

use trader_features::{FeatureSet, Table};
use trader_storage::BarSeries;

use crate::companions::Companions;
use crate::error::StoreError;
use crate::inputs::Inputs;

/// Called before each chunk with the rows done so far; `Break` stops the work.
pub type Watch<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;

/// Commits rows `range` of a series to `set`, from the state it is in, and hands each chunk of at most
/// `chunk_rows` rows with its features to `take`.
///
/// # Errors
/// [`StoreError::Features`] when the set reads a column that the bars lack, what `take` returns, and
/// [`StoreError::Interrupted`] when `watch` breaks off.
pub fn compute(
    set: &mut FeatureSet,
    series: &BarSeries,
    companions: &Companions,
    range: Range<usize>,
    chunk_rows: usize,
    watch: &mut Watch<'_>,
    mut take: impl FnMut(&Inputs, &Table) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let wanted: Vec<String> = set.inputs().map(str::to_owned).collect();
    let mut from = range.start;
    let mut done = 0_u64;
    while from < range.end {
        if watch(done).is_break() {
            return Err(StoreError::Interrupted);
        }
        let to = range.end.min(from + chunk_rows.max(1));
        let inputs = Inputs::of_bars(series, companions, &wanted, from..to)?;
        let table = set.extend(&inputs.columns()?)?;
        take(&inputs, &table)?;
        done += (to - from) as u64;
        from = to;
    }
    Ok(())
}
