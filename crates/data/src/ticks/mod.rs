//! History of trades and quotes on its way into the store: where it comes from, what is let in.
//!
//! - `check`: every tick is validated; what fails is set aside with its reason and never stored.
//! - `lean`: tick files of LEAN data folders.
//! - `import`: a day of one symbol, checked, committed, its faulty ticks in quarantine.
//! - `bars`: minute bars of stored trades.

mod bars;
mod check;
mod import;
mod lean;

pub use bars::bars_of_trades;
pub use check::TickCheck;
pub use import::{DamagedDays, Imported, import_run, put_ticks};
pub use lean::{LeanTicks, lean_quotes, lean_trades, quote_columns, trade_columns};
