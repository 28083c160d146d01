//! What an app passes in to set up logging; it takes the values from its configuration.

use std::path::PathBuf;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

/// What the console shows. It is written to standard error: standard output belongs to the
/// program's own results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Console {
    /// One readable line per event.
    Human,
    /// One JSON object per line.
    Json,
    /// Nothing.
    Off,
}

/// Which events pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// Level of everything without a level of its own.
    pub default: LevelFilter,
    /// Levels of single modules, e.g. `trader_engine`; the longest match decides.
    pub targets: Vec<(String, LevelFilter)>,
}

/// When a log file is rotated and when rotated files are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Size that a file does not exceed, in bytes; a longer single line gets a file of its own.
    pub max_bytes: u64,
    /// Rotated files that are kept.
    pub keep: usize,
    /// Age of the first line at which a file is rotated.
    pub rotate_after: Duration,
    /// Age of the rotation at which a rotated file is deleted.
    pub delete_after: Duration,
}

/// The log files `trading.log` (everything that passes [`LogSettings::levels`]) and `system.log`
/// (what also reaches `system_level`), both as JSON lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileSettings {
    /// Folder; made when it does not exist.
    pub directory: PathBuf,
    /// Level from which events also go to `system.log`.
    pub system_level: LevelFilter,
    /// Rotation of `trading.log`.
    pub trading: Rotation,
    /// Rotation of `system.log`.
    pub system: Rotation,
}

/// Everything that logging needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Which events pass to console and `trading.log`.
    pub levels: Levels,
    /// What the console shows.
    pub console: Console,
    /// Log files; `None` writes none.
    pub files: Option<FileSettings>,
}
