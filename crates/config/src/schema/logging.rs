//! Console and log files.

use crate::key::section;
use crate::value::{ByteSize, FilePath, LogDirective, LogLevel, Span, choices};

choices! {
    /// What the console shows.
    pub enum ConsoleFormat {
        /// One readable line per event.
        Human = "human",
        /// One JSON object per line.
        Json = "json",
        /// Nothing.
        Off = "off",
    }
}

section! {
    /// Console for people, JSON lines for machines, rotating files with retention.
    pub struct LoggingSettings in "logging." {
        /// Level of console and `trading.log`. Production refuses `debug` and `trace`.
        level: LogLevel = "info", unit "", range "", reload;
        /// Other levels for single modules, e.g. `trader_engine=debug`.
        directives: Vec<LogDirective> = "", unit "", range "", reload;
        /// What the console shows.
        console: ConsoleFormat = "human", unit "", range "", restart;
        /// Whether `trading.log` and `system.log` are written.
        files: bool = "false", unit "", range "", restart;
        /// Folder of the log files.
        directory: FilePath = "logs", unit "", range "", restart;
        /// Level from which events also go to `system.log`.
        system_level: LogLevel = "warn", unit "", range "", reload;
        /// Size at which `trading.log` is rotated.
        trading_max_size: ByteSize = "10MiB", unit "", range "[64KiB, 10GiB]", restart;
        /// Rotated `trading.log` files that are kept.
        trading_keep: u32 = "5", unit "files", range "[1, 10000]", restart;
        /// Size at which `system.log` is rotated.
        system_max_size: ByteSize = "10MiB", unit "", range "[64KiB, 10GiB]", restart;
        /// Rotated `system.log` files that are kept.
        system_keep: u32 = "3", unit "files", range "[1, 10000]", restart;
        /// Age of its first line at which a log file is rotated, whatever its size.
        rotate_after: Span = "1d", unit "", range "[1min, 366d]", restart;
        /// Age at which rotated files are deleted, whatever their number.
        delete_after: Span = "30d", unit "", range "[1h, 3660d]", restart;
    }
}
