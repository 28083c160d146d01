//! Bars from CSV: any sensible header, any usual separator, gzipped or not, exact, in flat memory.
//!
//! [`CsvBars`] streams batches from any byte source; [`parse_csv_bars`] takes a whole buffer (and is the entry point
//! for fuzzing). Bytes become fixed-point integers directly, no float is involved.

pub(crate) mod header;
pub(crate) mod lines;
mod reader;

pub(crate) use reader::maybe_gzip;
pub use reader::{CsvBars, parse_csv_bars};
