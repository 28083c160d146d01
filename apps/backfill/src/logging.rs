//! Starts logging as configured.

use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use trader_config::schema::Config;
use trader_config::schema::logging::ConsoleFormat;
use trader_config::value::LogLevel;
use trader_domain::Clock;
use trader_telemetry::{Console, FileSettings, Levels, LogSettings, Logging, Rotation};

use crate::failure::Failure;
use crate::output::SystemClock;

/// Sets up the process's logging; lines go to standard error and, where configured, to files.
pub(crate) fn start(config: &Config) -> Result<Logging, Failure> {
    let logging = &config.logging;
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
    let log = LogSettings {
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
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(Logging::start(&log, &clock)?)
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
