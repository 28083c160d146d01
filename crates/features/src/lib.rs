//! Feature calculators: slice kernels and streaming forms with the same numbers.

pub mod calculator;
pub mod columns;
pub mod cross_section;
pub mod error;
pub mod graph;
pub mod parameter;
pub mod registry;
pub mod ring;
pub mod snapshot;
pub mod trend;
pub mod window;
pub mod window_sum;

pub use calculator::{Calculator, Kernel, Streaming};
pub use columns::Columns;
pub use cross_section::CrossSection;
pub use error::FeatureError;
pub use graph::{Feature, FeatureSet, Table};
pub use registry::{Definition, Family, Registry};
pub use snapshot::Snapshot;
pub use window::{WindowStatistic, Windowed};

/// The registry entries of every family.
pub const FAMILIES: &[&[Definition]] = &[trend::DEFINITIONS];
