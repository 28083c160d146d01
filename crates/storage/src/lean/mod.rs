//! LEAN data folders (`QuantConnect`'s open format): equities, options and indexes as zipped CSV, factor and map files.
//!
//! [`LeanFolder`] finds files and follows a security through its renames; the `parse_*` functions take the bytes of one
//! CSV and are the entry points for fuzzing. Prices of equities and options are integers of 1/10,000 dollar, those of
//! indexes plain decimals; times are New York's. Everything becomes UTC and fixed point, exactly.

mod adjust;
mod archive;
mod bars;
mod by_ticker;
mod context;
mod factor_file;
mod folder;
mod map_file;
mod option_name;
mod quote_bars;
mod ticks;
mod zip_path;

pub use adjust::AdjustmentMode;
pub use archive::{ArchiveEntry, parse_archive};
pub use bars::{LeanBars, parse_lean_bars};
pub use by_ticker::LeanFile;
pub use context::{LeanContext, LeanPrices};
pub use factor_file::{FactorFile, FactorRow};
pub use folder::{LeanFolder, LeanRequest, LeanResolution, Security};
pub use map_file::{MapFile, MapInterval};
pub(crate) use map_file::{is_ticker, map_naming};
pub use option_name::option_from_entry;
pub use quote_bars::{
    OpenInterest, QuoteBarColumns, parse_lean_open_interest, parse_lean_quote_bars,
};
pub use ticks::{
    QuoteTickColumns, TradeTickColumns, parse_lean_quote_ticks, parse_lean_trade_ticks,
};
