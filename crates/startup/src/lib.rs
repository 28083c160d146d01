//! What every program begins with, once: logging as its configuration says.
//!
//! Configuration knows nothing of telemetry, nor telemetry of configuration; apps compose both here, so that a level or a
//! rotation means the same in each of them. The clock comes from the app, which alone reads the system's.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use trader_config::schema::logging::ConsoleFormat;
use trader_config::schema::{Config, LoggingSettings};
use trader_config::value::LogLevel;
use trader_domain::Clock;
use trader_telemetry::{
    Console, FileSettings, Levels, LogSettings, Logging, LoggingError, Rotation,
};

/// Sets up the process's logging; lines go to standard error and, where configured, to files.
///
/// # Errors
/// [`LoggingError`] when log files cannot be written, or another subscriber was set up before.
pub fn start_logging(config: &Config, clock: &Arc<dyn Clock>) -> Result<Logging, LoggingError> {
    Logging::start(&log_settings(&config.logging), clock)
}

/// The settings of a configuration as telemetry takes them.
pub fn log_settings(logging: &LoggingSettings) -> LogSettings {
    let rotation = |max_bytes, keep: u32| Rotation {
        max_bytes,
        keep: usize::try_from(keep).unwrap_or(usize::MAX),
        rotate_after: logging.rotate_after.duration(),
        delete_after: logging.delete_after.duration(),
    };
    let files = logging.files.then(|| FileSettings {
        directory: logging.directory.as_path().to_owned(),
        system_level: level(logging.system_level),
        trading: rotation(logging.trading_max_size.bytes(), logging.trading_keep),
        system: rotation(logging.system_max_size.bytes(), logging.system_keep),
    });
    LogSettings {
        levels: Levels {
            default: level(logging.level),
            targets: logging
                .directives
                .iter()
                .map(|directive| (directive.target().to_owned(), level(directive.level())))
                .collect(),
        },
        console: match logging.console {
            ConsoleFormat::Human => Console::Human,
            ConsoleFormat::Json => Console::Json,
            ConsoleFormat::Off => Console::Off,
        },
        files,
    }
}

const fn level(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use trader_config::{Sources, load};

    #[test]
    fn what_is_configured_is_what_telemetry_gets() {
        let set = [
            "logging.level=warn",
            "logging.console=json",
            "logging.files=true",
            "logging.system_level=trace",
            "logging.trading_keep=7",
        ];
        let sources = Sources {
            overrides: set.map(str::to_owned).to_vec(),
            ..Sources::default()
        };
        let config = load(&sources).unwrap().config;
        let settings = log_settings(&config.logging);
        assert_eq!(settings.levels.default, LevelFilter::WARN);
        assert!(matches!(settings.console, Console::Json));
        let files = settings.files.unwrap();
        assert_eq!(files.system_level, LevelFilter::TRACE);
        assert_eq!(files.trading.keep, 7);
        assert_eq!(files.directory, config.logging.directory.as_path());
    }
}
