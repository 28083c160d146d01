//! Polars frames in, feature columns out: the same numbers as [`FeatureSet::batch`], which does the work.
//!
//! The one place where Polars is (docs/adr/0003-parquet-without-polars.md): notebooks and studies that
//! already hold frames call it, no program of this workspace does, so no program waits for Polars to build.
//! Every calculator of the registry and every formula is a column here, under the name it has elsewhere.
//!
//! A frame holds one symbol's rows in the order of time: features read the rows before, so a frame of
//! several symbols is cut by symbol first (`partition_by`). Nulls are missing values on the way in, and
//! what is missing comes out as null.

use std::sync::Arc;

use polars::prelude::{
    Column, DataFrame, DataType, Field, Float64Chunked, IntoColumn as _, LazyFrame,
    NewChunkedArray as _, OptFlags, PlSmallStr, PolarsError, PolarsResult, Schema,
};
use thiserror::Error;
use trader_features::{Columns, FeatureError, FeatureSet};

/// Why features of a frame could not be computed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The set cannot be computed over these columns.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// A column that the set reads holds no numbers.
    #[error("column `{column}` holds {found}, features read numbers; cast it first")]
    NotNumbers {
        /// The column.
        column: String,
        /// Its type.
        found: String,
    },
    /// The frame refuses.
    #[error("the frame refuses")]
    Frame(#[from] PolarsError),
}

/// The set's features over one symbol's rows, a column each, in order.
///
/// ```
/// use polars::prelude::df;
/// use trader_frames::features;
/// use trader_features::{FeatureSet, Registry};
///
/// let set = FeatureSet::new(Registry::standard(), &["sma_2", "roc_1"])?;
/// let bars = df!("close" => [10.0, 11.0, 12.0])?;
/// let table = features(&set, &bars)?;
/// assert_eq!(table.get_column_names(), ["sma_2", "roc_1"]);
/// assert_eq!(table.column("sma_2")?.f64()?.to_vec(), [None, Some(10.5), Some(11.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FrameError::Features`] for a column that is not there, [`FrameError::NotNumbers`] for one of another
/// type.
pub fn features(set: &FeatureSet, frame: &DataFrame) -> Result<DataFrame, FrameError> {
    let inputs = set
        .inputs()
        .filter_map(|name| frame.column(name).ok())
        .map(numbers)
        .collect::<Result<Vec<_>, _>>()?;
    let mut columns = Columns::new();
    for (name, values) in &inputs {
        columns = columns.with(name, values)?;
    }
    let table = set.batch(&columns)?;
    let made = table
        .names
        .iter()
        .zip(&table.columns)
        .map(|(name, values)| {
            let present = values
                .iter()
                .map(|value| (!value.is_nan()).then_some(*value));
            Float64Chunked::from_iter_options(PlSmallStr::from_str(name), present).into_column()
        });
    Ok(DataFrame::new(frame.height(), made.collect())?)
}

/// A lazy frame with the set's features behind its own columns.
///
/// The features are computed when the plan is run, over all rows that reach them: a filter or slice that
/// comes after stays after.
pub fn with_features(frame: LazyFrame, set: Arc<FeatureSet>) -> LazyFrame {
    let names: Vec<PlSmallStr> = set
        .features()
        .iter()
        .map(|feature| PlSmallStr::from_str(&feature.name))
        .collect();
    let schema = move |input: &Schema| -> PolarsResult<Arc<Schema>> {
        let mut output = input.clone();
        for name in &names {
            output.extend([Field::new(name.clone(), DataType::Float64)]);
        }
        Ok(Arc::new(output))
    };
    frame.map(
        move |rows| {
            let made = features(&set, &rows)
                .map_err(|error| PolarsError::ComputeError(error.to_string().into()))?;
            rows.hstack(made.columns())
        },
        // Rows before a filter's are history to a feature, and columns that nothing else reads its inputs.
        OptFlags::empty(),
        Some(Arc::new(schema)),
        Some("features"),
    )
}

/// A column as numbers, NaN where it is null.
fn numbers(column: &Column) -> Result<(String, Vec<f64>), FrameError> {
    let name = column.name().to_string();
    if !column.dtype().is_primitive_numeric() {
        return Err(FrameError::NotNumbers {
            column: name,
            found: column.dtype().to_string(),
        });
    }
    let cast = column.cast(&DataType::Float64)?;
    let values = cast.f64()?.iter().map(|value| value.unwrap_or(f64::NAN));
    Ok((name, values.collect()))
}
