//! The subscriber of the process, and change of its levels at run time.
//!
//! An app calls [`Logging::start`] once and keeps the result: it is the handle to levels and to
//! the count of lines that could not be written.

use std::sync::Arc;

use thiserror::Error;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt, reload};
use trader_domain::Clock;

use crate::rotation::{RotatingFile, RotationError};
use crate::settings::{Console, Levels, LogSettings};
use crate::timestamp::ClockTime;

/// Logging cannot be set up or changed.
#[derive(Debug, Error)]
pub enum LoggingError {
    /// A log file cannot be set up.
    #[error(transparent)]
    File(#[from] RotationError),
    /// The process has a subscriber already.
    #[error("logging is already set up in this process")]
    AlreadySet,
    /// The subscriber is gone.
    #[error("the log levels cannot be changed: {reason}")]
    Levels {
        /// What the subscriber said.
        reason: String,
    },
}

/// Handle to the levels of a running subscriber.
#[derive(Clone)]
pub struct LogControl {
    main: reload::Handle<Targets, Registry>,
    system: reload::Handle<Targets, Registry>,
}

impl LogControl {
    /// Changes which events pass to console and `trading.log`, at once and for all threads.
    ///
    /// # Errors
    /// [`LoggingError::Levels`] when the subscriber is gone.
    pub fn set_levels(&self, levels: &Levels) -> Result<(), LoggingError> {
        set(&self.main, targets(levels))
    }

    /// Changes the level from which events also go to `system.log`.
    ///
    /// # Errors
    /// [`LoggingError::Levels`] when the subscriber is gone.
    pub fn set_system_level(&self, level: LevelFilter) -> Result<(), LoggingError> {
        set(&self.system, Targets::new().with_default(level))
    }
}

fn set(handle: &reload::Handle<Targets, Registry>, targets: Targets) -> Result<(), LoggingError> {
    handle
        .reload(targets)
        .map_err(|error| LoggingError::Levels {
            reason: error.to_string(),
        })
}

/// A subscriber that has been set up.
pub struct Logging {
    /// Handle to its levels.
    pub control: LogControl,
    files: Vec<Arc<RotatingFile>>,
}

impl Logging {
    /// Sets up logging for the process.
    ///
    /// # Errors
    /// [`LoggingError`] when a file cannot be set up or the process logs already.
    pub fn start(settings: &LogSettings, clock: &Arc<dyn Clock>) -> Result<Self, LoggingError> {
        let (logging, dispatch) = Self::build(settings, clock, std::io::stderr)?;
        tracing::dispatcher::set_global_default(dispatch)
            .map_err(|_already| LoggingError::AlreadySet)?;
        Ok(logging)
    }

    /// Makes a subscriber without putting it in place, with the console going to `console`; for
    /// programs that log per thread, and for tests.
    ///
    /// # Errors
    /// [`LoggingError`] when a file cannot be set up.
    pub fn build<W>(
        settings: &LogSettings,
        clock: &Arc<dyn Clock>,
        console: W,
    ) -> Result<(Self, Dispatch), LoggingError>
    where
        W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let time = ClockTime::new(Arc::clone(clock));
        let system_level = settings
            .files
            .as_ref()
            .map_or(LevelFilter::OFF, |files| files.system_level);
        let (main_filter, main) = reload::Layer::new(targets(&settings.levels));
        let (system_filter, system) = reload::Layer::new(Targets::new().with_default(system_level));

        let mut main_layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = Vec::new();
        match settings.console {
            Console::Human => main_layers.push(human_layer(console, time.clone())),
            Console::Json => main_layers.push(json_layer(console, time.clone())),
            Console::Off => {}
        }
        let mut system_layers = Vec::new();
        let mut files = Vec::new();
        if let Some(paths) = &settings.files {
            let open = |stem, rotation| {
                RotatingFile::open(&paths.directory, stem, rotation, Arc::clone(clock))
                    .map(Arc::new)
            };
            let trading = open("trading", paths.trading)?;
            let system = open("system", paths.system)?;
            main_layers.push(json_layer(Arc::clone(&trading), time.clone()));
            system_layers.push(json_layer(Arc::clone(&system), time));
            files.extend([trading, system]);
        }
        let layers = vec![
            main_layers.with_filter(main_filter).boxed(),
            system_layers.with_filter(system_filter).boxed(),
        ];
        let dispatch = Dispatch::new(Registry::default().with(layers));
        Ok((
            Self {
                control: LogControl { main, system },
                files,
            },
            dispatch,
        ))
    }

    /// Lines lost and rotations failed since the start, over all files; more than none means that
    /// logging is degraded.
    pub fn failures(&self) -> u64 {
        self.files.iter().map(|file| file.failures()).sum()
    }
}

fn targets(levels: &Levels) -> Targets {
    Targets::new().with_default(levels.default).with_targets(
        levels
            .targets
            .iter()
            .map(|(target, level)| (target, *level)),
    )
}

fn json_layer<S, W>(writer: W, time: ClockTime) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_timer(time)
        .with_writer(writer)
        .boxed()
}

fn human_layer<S, W>(writer: W, time: ClockTime) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    fmt::layer()
        .with_timer(time)
        .with_ansi(false)
        .with_writer(writer)
        .boxed()
}
