//! Bars from Parquet: plain files and hive-partitioned folders, batch by batch, in flat memory.
//!
//! Columns are found by the same names as in CSV. Decimal, integer, text and floating-point prices are read exactly
//! or refused: a float stands for the shortest decimal that gives it back, which is what its writer had.

mod decode;
mod float;
mod hive;
mod reader;

pub use float::float_units;
pub use hive::{PartitionedFile, partitioned_files};
pub use reader::{ParquetBars, parse_parquet_bars};
pub(crate) use reader::{guarded, refuse_cut_file};
