//! Feature calculators: one definition, batch over columns and streaming over rows, the same
//! numbers.
//!
//! ```
//! use trader_features::{Columns, FeatureSet, Registry};
//!
//! let close: Vec<f64> = (0..60).map(|i| 100.0 + f64::from(i % 7)).collect();
//! let mut set = FeatureSet::new(Registry::standard(), &["rsi_14", "bb_upper_20_2", "sma_5(rsi_14)"])?;
//!
//! // History: columns in, columns out.
//! let table = set.batch(&Columns::new().with("close", &close)?)?;
//! assert_eq!(table.names, ["rsi_14", "bb_upper_20_2", "sma_5(rsi_14)"]);
//! assert!(table.columns[0][13].is_nan()); // warming up
//!
//! // Live: a forming bar is looked at, a closed one is committed.
//! for price in &close {
//!     set.peek(&[*price])?;
//!     set.update(&[*price])?;
//!     assert_eq!(set.peeked(0), set.value(0));
//! }
//! assert!(set.value(2).is_some());
//! # Ok::<(), trader_features::FeatureError>(())
//! ```
//!
//! # Map
//! - [`registry`]: every calculator by name, with parameters, inputs, cost and convention;
//!   [`catalogue`] prints it.
//! - [`graph`]: [`FeatureSet`], a list of names as one computation without repeated work.
//! - [`Formula`] and [`expression`]: derived features and rules as parsed, typed text; [`sets`]: named,
//!   versioned lists of them.
//! - [`preparation`]: fills, outliers and standardizers, fitted on training rows only.
//! - [`point_in_time`]: which row could be known when; [`online`]: the latest rows for live code.
//! - [`calculator`]: the contract, and how missing values are treated (a row that lacks an input is
//!   skipped: nothing comes out, nothing is forgotten).
//! - [`columns`] and [`calendar_columns`]: what is read; [`alignment`]: columns of other symbols.
//! - [`panel`]: [`Panel`], the same features of many symbols, and each symbol's place among them.
//! - [`snapshot`]: state out and in, bit for bit.
//! - Families: [`trend`], [`momentum`], [`volatility`], [`volume`], candle patterns, [`statistics`],
//!   [`correlation`], [`cross_asset`], [`cross_section`], [`regime`],
//!   [`microstructure`] (with [`microstructure::Tape`], which makes rows of market events), [`options`].
//! - What is known besides rows: [`knowledge`] keeps [`news`], [`social`] posts, calendars ([`events`])
//!   and statements ([`fundamentals`]) with when they were received; [`as_of`] computes features of it.
//! - For authors of calculators: [`Kernel`] for recurrences, [`rolling`] for O(1) windows without
//!   residue, [`window`] for functions of the last n rows, [`cross_section`] for functions of all
//!   symbols at one moment, [`compose`] and [`ring`] for parts.
//!
//! # Guarantees
//! - Batch and streaming agree to 1e-9 (most bit for bit), for any split of the rows.
//! - Warm-up is explicit and never filled: NaN in columns, `None` in streaming.
//! - A gap costs its own row, a huge print is forgotten when it leaves the window.
//! - No panic, whatever the numbers; no clock, no randomness, no I/O, no money: features are
//!   statistics in f64 and never prices of orders.

pub mod alignment;
pub mod as_of;
pub mod calculator;
mod calendar_columns;
mod candles;
pub mod catalogue;
pub mod columns;
pub mod compose;
pub mod correlation;
pub mod cross_asset;
pub mod cross_section;
pub mod error;
pub mod events;
pub mod expression;
mod extremes;
mod formula;
pub mod fundamentals;
pub mod graph;
pub mod knowledge;
pub mod microstructure;
pub mod momentum;
pub mod news;
pub mod online;
pub mod options;
pub mod panel;
pub mod parameter;
pub mod point_in_time;
pub mod preparation;
pub mod regime;
pub mod registry;
pub mod ring;
pub mod rolling;
pub mod sets;
mod sliding;
pub mod snapshot;
pub mod social;
pub mod statistics;
pub mod trend;
pub mod volatility;
pub mod volume;
pub mod window;

pub use as_of::{AsOf, AsOfSet};
pub use calculator::{Calculator, Kernel, Streaming};
pub use calendar_columns::{DayOf, calendar_columns, session_and_month};
pub use columns::Columns;
pub use cross_section::CrossSection;
pub use error::FeatureError;
pub use formula::Formula;
pub use graph::{Feature, FeatureSet, Table};
pub use knowledge::{Knowledge, Known};
pub use panel::Panel;
pub use registry::{Definition, Family, Registry};
pub use sets::{SetCatalogue, SetDefinition};
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
    correlation::rolling_pairs::DEFINITIONS,
    correlation::lead_lag::DEFINITIONS,
    correlation::dynamic::DEFINITIONS,
    correlation::stability::DEFINITIONS,
    correlation::panels::DEFINITIONS,
    cross_asset::relative::DEFINITIONS,
    cross_asset::residual::DEFINITIONS,
    cross_asset::pair::DEFINITIONS,
    cross_section::ranks::DEFINITIONS,
    cross_section::scores::DEFINITIONS,
    regime::thresholds::DEFINITIONS,
    regime::hidden::DEFINITIONS,
    events::drift::DEFINITIONS,
    events::series::DEFINITIONS,
    fundamentals::ratios::DEFINITIONS,
    fundamentals::scores::DEFINITIONS,
    microstructure::flow::DEFINITIONS,
    microstructure::impact::DEFINITIONS,
    microstructure::quotes::DEFINITIONS,
    microstructure::spreads::DEFINITIONS,
    microstructure::toxicity::DEFINITIONS,
    microstructure::trade_sign::DEFINITIONS,
    news::series::DEFINITIONS,
    options::known_chain::DEFINITIONS,
    options::series::DEFINITIONS,
    social::series::DEFINITIONS,
    statistics::entropy::DEFINITIONS,
    statistics::memory::DEFINITIONS,
    statistics::moments::DEFINITIONS,
    statistics::unit_root::DEFINITIONS,
    statistics::stationarity::DEFINITIONS,
    statistics::cointegration::DEFINITIONS,
    statistics::autocorrelation::DEFINITIONS,
    statistics::diagnostics::DEFINITIONS,
    statistics::multivariate::DEFINITIONS,
    statistics::kalman::DEFINITIONS,
    statistics::fractal::DEFINITIONS,
    statistics::spectrum::DEFINITIONS,
    statistics::jumps::DEFINITIONS,
    statistics::tails::DEFINITIONS,
    volume::flows::DEFINITIONS,
    volume::profile::DEFINITIONS,
    volume::vwap::DEFINITIONS,
];
