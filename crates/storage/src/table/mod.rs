//! Tables of a run (equity, orders, fills, positions, bars) as CSV and Parquet: typed, exact, atomic, deterministic.
//!
//! [`TableReader`] reads them back, but for decimals. A [`TableWriter`] takes chunks of columns and keeps at most one row group in memory. The same rows give the same
//! bytes, however they are cut into chunks. Money and prices are written as decimals, never as floats.

mod bars;
mod csv;
mod parquet;
mod reader;
mod schema;
mod writer;

pub use bars::{bar_chunk, bar_columns, write_bars};
pub(crate) use parquet::{message_type, write_column};
pub use reader::TableReader;
pub(crate) use reader::column_cells;
pub use schema::{Cells, ColumnSpec, Nulls};
pub use writer::{TableFormat, TableWriter};
