//! Market-data files, read and written: CSV, Parquet and LEAN folders, run tables, the sample data in the program.
//!
//! - Reading: [`load_bars`] puts a file into memory, [`open_bars`] streams it in flat memory; both give the same
//!   columns ([`BarColumns`]) after the same checks. [`ReadOptions`] says what a file cannot say about itself.
//! - Strictness: the first faults of a file are reported together with line, column, what was found and what to do
//!   ([`ProblemReport`]); nothing faulty is ever skipped, filled in or rounded unasked.
//! - [`lean`]: LEAN data folders: bars, quotes, ticks, options, renames and adjustment factors by date.
//! - Writing: [`TableWriter`] for the tables of a run ([`TableReader`] reads them back), [`write_bars`] for series, [`AtomicFolder`] for a run's folder;
//!   everything appears complete or not at all. [`Fingerprint`] tells whether two data sets are the same.
//! - [`store`]: the market-data store: hive-partitioned Parquet with manifests, written atomically, verified on reading.
//! - [`SampleSet`]: real series embedded in the program.
//!
//! The crate reads no clock (a reader is told what time it is) and never puts a number through a binary float on its
//! way to a price, unless the file itself holds floats.
//!
//! ```
//! use trader_domain::Timestamp;
//! use trader_storage::{ReadOptions, parse_csv_bars};
//!
//! let options = ReadOptions::new("2024-01-01T00:00:00Z".parse()?);
//! let text = b"date,open,high,low,close,volume\n2020-01-02,10,12,9.5,11,100\n2020-01-03,11,11.5,10,10.25,80\n";
//! let series = parse_csv_bars(text, "ABC.csv", &options)?;
//! assert_eq!(series[0].symbol.as_str(), "ABC");
//! assert_eq!(series[0].columns.close[1], "10.25".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod atomic;
mod bar_check;
mod columnar;
mod columns;
mod csv;
mod error;
mod file;
mod fingerprint;
pub mod lean;
mod options;
mod problem;
mod sample;
mod series;
pub mod store;
mod table;
pub mod text;

pub use atomic::{AtomicFile, AtomicFolder, Existing, write_file};
pub use bar_check::GapSummary;
pub use columnar::{
    ParquetBars, PartitionedFile, float_units, parse_parquet_bars, partitioned_files,
};
pub use columns::{BarBatch, BarColumns, OptionalColumns};
pub use csv::{CsvBars, parse_csv_bars};
pub use error::DataError;
pub use file::{load_bars, open_bars};
pub use fingerprint::{Fingerprint, SeriesFingerprint};
pub use options::{BarLabel, FaultPolicy, GapPolicy, GapRule, Plausible, ReadOptions};
pub use problem::{Place, Problem, ProblemKind, ProblemReport, Rejected};
pub use sample::SampleSet;
pub use series::{
    Adjustment, BarSeries, BarStream, PriceBasis, StreamInfo, collect_series, interval,
};
pub use table::{
    Cells, ColumnSpec, Nulls, TableFormat, TableReader, TableWriter, bar_chunk, bar_columns,
    write_bars,
};
pub use text::decimal::ExtraDigits;
pub use text::time::EpochUnit;
pub use text::zone::Zone;
