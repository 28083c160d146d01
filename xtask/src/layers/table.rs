//! The one ordered table of the layer law: every crate, its layer, whether it is pure.
//!
//! A new crate gets a row here and the same words in its manifest's `[package.metadata.trader]`;
//! the check fails while the two differ. Exceptions stand in [`ALLOWANCES`], each with its reason,
//! and fail the check as soon as nothing needs them.

use std::fmt;

/// What part a crate plays in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A library at a layer.
    Library,
    /// A concrete implementation of the door to a market; only apps name it.
    Adapter,
    /// A program: composes, is depended on by nothing.
    App,
    /// Test support: reached through dev-dependencies only.
    Test,
    /// The project's own tooling: depended on by nothing.
    Tool,
}

/// Where a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Layer {
    /// A numbered layer; edges point to lower numbers only.
    Number(u8),
    /// Beside the layers, for tests.
    Test,
    /// Beside the layers, for the project's own tasks.
    Tool,
}

impl fmt::Display for Layer {
    /// The words a manifest uses.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Test => f.write_str("test"),
            Self::Tool => f.write_str("tool"),
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Package name.
    pub(crate) package: &'static str,
    /// Its layer.
    pub(crate) layer: Layer,
    /// Whether it may reach neither I/O, clock, threads nor randomness through any package.
    pub(crate) pure: bool,
    /// Its part.
    pub(crate) part: Part,
}

const fn pure(layer: u8, package: &'static str) -> Row {
    Row {
        package,
        layer: Layer::Number(layer),
        pure: true,
        part: Part::Library,
    }
}

const fn library(layer: u8, package: &'static str) -> Row {
    Row {
        package,
        layer: Layer::Number(layer),
        pure: false,
        part: Part::Library,
    }
}

const fn adapter(layer: u8, package: &'static str) -> Row {
    Row {
        package,
        layer: Layer::Number(layer),
        pure: false,
        part: Part::Adapter,
    }
}

const fn app(package: &'static str) -> Row {
    Row {
        package,
        layer: Layer::Number(6),
        pure: false,
        part: Part::App,
    }
}

const fn beside(layer: Layer, part: Part, package: &'static str) -> Row {
    Row {
        package,
        layer,
        pure: false,
        part,
    }
}

/// Lowest layer first.
pub(crate) const TABLE: &[Row] = &[
    pure(0, "trader-domain"),
    library(1, "trader-broker"),
    library(1, "trader-config"),
    library(1, "trader-telemetry"),
    pure(2, "trader-features"),
    pure(2, "trader-risk"),
    pure(2, "trader-matching"),
    library(2, "trader-startup"),
    library(2, "trader-cache"),
    library(2, "trader-storage"),
    library(2, "trader-database"),
    library(3, "trader-feature-store"),
    library(3, "trader-frames"),
    pure(3, "trader-engine"),
    adapter(3, "trader-brokers-backtest"),
    library(3, "trader-compliance"),
    library(3, "trader-data"),
    library(3, "trader-archive"),
    pure(4, "trader-strategies"),
    library(4, "trader-research"),
    app("backfill"),
    app("backtest"),
    beside(Layer::Test, Part::Test, "trader-testkit"),
    beside(Layer::Test, Part::Test, "trader-testkit-s3"),
    beside(Layer::Tool, Part::Tool, "trader-documents"),
    beside(Layer::Tool, Part::Tool, "trader-fuzz"),
    beside(Layer::Tool, Part::Tool, "xtask"),
];

/// What an allowance excuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excuse {
    /// A crate that is no app names a concrete adapter.
    NamesAdapter,
    /// A pure crate reaches an impure package.
    Reaches,
}

/// One exception to the law.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    /// What is excused.
    pub(crate) excuse: Excuse,
    /// The crate that is excused.
    pub(crate) from: &'static str,
    /// The package it may name or reach.
    pub(crate) to: &'static str,
    /// Why this is right.
    pub(crate) because: &'static str,
}

/// Every exception; one that excuses nothing fails the check.
pub(crate) const ALLOWANCES: &[Allowance] = &[Allowance {
    excuse: Excuse::NamesAdapter,
    from: "trader-research",
    to: "trader-brokers-backtest",
    because: "the backtest runner is written for the simulated exchange and for no other venue",
}];

/// Packages that bring I/O, a clock, threads or randomness, by exact name.
const IMPURE: &[&str] = &[
    "actix-rt",
    "axum",
    "bb8",
    "crossbeam-channel",
    "curl",
    "deadpool",
    "deadpool-redis",
    "fastrand",
    "getrandom",
    "hyper",
    "ibapi",
    "isahc",
    "memmap2",
    "mio",
    "nix",
    "num_cpus",
    "object_store",
    "oorandom",
    "openssl",
    "parquet",
    "polars",
    "postgres",
    "quinn",
    "rand",
    "rayon",
    "redis",
    "reqwest",
    "rusqlite",
    "rustix",
    "rustls",
    "smol",
    "socket2",
    "sqlx",
    "surf",
    "tempfile",
    "tokio",
    "tonic",
    "tracing-subscriber",
    "tungstenite",
    "ureq",
    "uuid",
    "walkdir",
];

/// Packages that bring the same, by prefix.
const IMPURE_PREFIXES: &[&str] = &[
    "actix-",
    "async-",
    "aws-",
    "deadpool-",
    "futures-",
    "hyper-",
    "polars-",
    "rand_",
    "sqlx-",
    "tokio-",
];

/// Whether a third-party package may not be reached from a pure crate.
pub(crate) fn is_impure(package: &str) -> bool {
    IMPURE.contains(&package)
        || IMPURE_PREFIXES
            .iter()
            .any(|prefix| package.starts_with(prefix))
}
