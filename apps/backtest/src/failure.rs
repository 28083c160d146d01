//! Everything that can end the program early, by kind, each with its exit code.

use std::error::Error;
use std::io::Write as _;

use thiserror::Error as ThisError;
use trader_config::ConfigError;
use trader_feature_store::StoreError;
use trader_features::FeatureError;
use trader_features::preparation::PreparationError;
use trader_research::folder::FolderError;
use trader_research::report::ReportError;
use trader_research::run::RunError;
use trader_storage::DataError;
use trader_strategies::{ParameterError, UnknownStrategy};

/// Why there is no result.
#[derive(Debug, ThisError)]
pub(crate) enum Failure {
    /// Arguments that do not go together.
    #[error("{0}")]
    Usage(String),
    /// There is no such strategy.
    #[error(transparent)]
    Strategy(#[from] UnknownStrategy),
    /// Wrong strategy parameters.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The market data cannot be read or is faulty.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The run could not be done.
    #[error("the run failed")]
    Run(#[from] RunError),
    /// Strategies look into the future.
    #[error("look-ahead: {0}")]
    LookAhead(String),
    /// The run folder could not be written.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The report could not be made.
    #[error("the report could not be made")]
    Report(#[from] ReportError),
    /// A file of ours could not be read or written.
    #[error("{path}: {action} failed")]
    File {
        /// Which file.
        path: String,
        /// What was being done.
        action: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A run folder's file is not what it should be.
    #[error(
        "{path} is not a run of this program: {reason}; name a folder that `backtest run` made"
    )]
    NotARun {
        /// Which file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Log files cannot be set up.
    #[error("logging could not be started")]
    Logging(#[from] trader_telemetry::LoggingError),
    /// Two runs cannot be compared.
    #[error(transparent)]
    Compare(#[from] trader_research::compare::CompareError),
    /// Features could not be computed, kept or read.
    #[error(transparent)]
    Features(#[from] StoreError),
    /// Features cannot be prepared.
    #[error(transparent)]
    Preparation(#[from] PreparationError),
    /// Kept features are not what live code would see.
    #[error("the feature store differs from streaming: {0}; run `backtest feature-store update`")]
    Parity(String),
    /// A configured feature set is not usable.
    #[error("features.sets: {0}")]
    FeatureSetting(String),
    /// Ctrl-C.
    #[error("interrupted: nothing was written")]
    Interrupted,
    /// An amount does not fit.
    #[error(transparent)]
    Money(#[from] trader_domain::MoneyError),
}

impl Failure {
    /// 2 usage, 3 data, 4 configuration, 5 files, 6 the run, 7 look-ahead found,
    /// 8 kept features differ, 130 interrupted.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Strategy(_) | Self::Parameter(_) | Self::Preparation(_) => 2,
            Self::Data(_) => 3,
            Self::Features(error) => features_code(error),
            Self::Config(_) | Self::FeatureSetting(_) => 4,
            Self::Folder(_)
            | Self::File { .. }
            | Self::NotARun { .. }
            | Self::Compare(_)
            | Self::Logging(_)
            | Self::Run(
                RunError::JournalFile { .. } | RunError::JournalWrite(_) | RunError::Journal(_),
            ) => 5,
            Self::Run(_) | Self::Report(_) | Self::Money(_) => 6,
            Self::LookAhead(_) => 7,
            Self::Parity(_) => 8,
            Self::Interrupted => 130,
        }
    }
}

/// Names and expressions are usage, bars are data, the store's files are files.
const fn features_code(error: &StoreError) -> u8 {
    match error {
        StoreError::Features(
            FeatureError::MissingColumn { .. } | FeatureError::LengthMismatch { .. },
        )
        | StoreError::Data(_)
        | StoreError::Time { .. } => 3,
        StoreError::Features(_)
        | StoreError::Benchmark { .. }
        | StoreError::Companion { .. }
        | StoreError::Join { .. }
        | StoreError::Panel { .. }
        | StoreError::Unknown { .. } => 2,
        StoreError::Memory { .. } => 4,
        StoreError::Interrupted => 130,
        _ => 5,
    }
}

/// Prints the error and what caused it, once, to standard error.
pub(crate) fn print(failure: &Failure) {
    let mut text = format!("error: {failure}\n");
    let mut cause = failure.source();
    while let Some(error) = cause {
        let line = error.to_string();
        // `transparent` layers repeat their inner text.
        if !text.contains(&line) {
            text.push_str("  caused by: ");
            text.push_str(&line);
            text.push('\n');
        }
        cause = error.source();
    }
    let _closed_pipe = std::io::stderr().write_all(text.as_bytes());
}
