//! Feature calculators: slice kernels and streaming forms with the same numbers.

pub mod calculator;
mod calendar_columns;
mod candles;
pub mod catalogue;
pub mod columns;
pub mod compose;
pub mod cross_section;
pub mod error;
pub mod graph;
pub mod momentum;
pub mod parameter;
pub mod registry;
pub mod ring;
pub mod rolling;
pub mod snapshot;
pub mod trend;
pub mod volatility;
pub mod volume;
pub mod window;

pub use calculator::{Calculator, Kernel, Streaming};
pub use calendar_columns::{DayOf, calendar_columns, session_and_month};
pub use columns::Columns;
pub use cross_section::CrossSection;
pub use error::FeatureError;
pub use graph::{Feature, FeatureSet, Table};
pub use registry::{Definition, Family, Registry};
pub use snapshot::Snapshot;
pub use window::{WindowStatistic, Windowed};

/// The registry entries of every family.
pub const FAMILIES: &[&[Definition]] = &[
    trend::averages::DEFINITIONS,
    trend::channels::DEFINITIONS,
    trend::crosses::DEFINITIONS,
    trend::direction::DEFINITIONS,
    trend::regression::DEFINITIONS,
    trend::stops::DEFINITIONS,
    momentum::averages::DEFINITIONS,
    momentum::changes::DEFINITIONS,
    momentum::ranges::DEFINITIONS,
    volatility::bands::DEFINITIONS,
    volatility::estimators::DEFINITIONS,
    volatility::variation::DEFINITIONS,
    candles::patterns::DEFINITIONS,
    volume::flows::DEFINITIONS,
    volume::profile::DEFINITIONS,
    volume::vwap::DEFINITIONS,
];
