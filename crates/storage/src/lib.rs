//! Market-data files, read and written: CSV, the sample data that ships with the program.
//!
//! - Reading: [`load_bars`] puts a file into memory, [`open_bars`] streams it in flat memory; both give the same
//!   columns ([`BarColumns`]) after the same checks. [`ReadOptions`] says what a file cannot say about itself.
//! - Strictness: the first faults of a file are reported together with line, column, what was found and what to do
//!   ([`ProblemReport`]); nothing faulty is ever skipped, filled in or rounded unasked.
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

mod bar_check;
mod columns;
mod csv;
mod error;
mod file;
mod options;
mod problem;
mod sample;
mod series;
pub mod text;

pub use bar_check::GapSummary;
pub use columns::{BarBatch, BarColumns, OptionalColumns};
pub use csv::{CsvBars, parse_csv_bars};
pub use error::DataError;
pub use file::{load_bars, open_bars};
pub use options::{BarLabel, GapPolicy, Plausible, ReadOptions};
pub use problem::{Place, Problem, ProblemKind, ProblemReport};
pub use sample::SampleSet;
pub use series::{
    Adjustment, BarSeries, BarStream, PriceBasis, StreamInfo, collect_series, interval,
};
pub use text::decimal::ExtraDigits;
pub use text::time::EpochUnit;
pub use text::zone::Zone;
