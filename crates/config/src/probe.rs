//! Probes of dependencies: what level `paranoid` does before anything starts.
//!
//! This crate opens no connection. The composition of an app hands in one [`Probe`] per dependency
//! that it can reach; [`probe_dependencies`] runs those that the configuration uses, reports all
//! failures in the form of every other problem, and refuses to pass a dependency nobody probes.

use std::fmt;

use thiserror::Error;

use crate::loader::Loaded;
use crate::problem::{ConfigError, Problem, ProblemKind};
use crate::schema::{Config, ValidationLevel};

/// Something outside the process that the configuration may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependency {
    /// `SQLite` file or `PostgreSQL` server.
    Database,
    /// Redis.
    Cache,
    /// Alpaca.
    Alpaca,
    /// Polygon, now Massive.
    Polygon,
    /// Finnhub.
    Finnhub,
    /// Alpha Vantage.
    AlphaVantage,
    /// Benzinga.
    Benzinga,
}

impl Dependency {
    /// The key that switches it on, for messages.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Database => "database.kind",
            Self::Cache => "cache.enabled",
            Self::Alpaca => "providers.alpaca.enabled",
            Self::Polygon => "providers.polygon.enabled",
            Self::Finnhub => "providers.finnhub.enabled",
            Self::AlphaVantage => "providers.alpha_vantage.enabled",
            Self::Benzinga => "providers.benzinga.enabled",
        }
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Alpaca => "alpaca",
            Self::Polygon => "polygon",
            Self::Finnhub => "finnhub",
            Self::AlphaVantage => "alpha_vantage",
            Self::Benzinga => "benzinga",
        })
    }
}

/// Why a dependency cannot be used: six faults of credentials and one of everything else.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProbeFailure {
    /// The other side does not know the credentials.
    #[error("the credentials are wrong; check key and secret")]
    WrongCredentials,
    /// The credentials were valid once.
    #[error("the credentials have expired; renew them at the vendor")]
    Expired,
    /// The account is known and barred.
    #[error("the account is blocked; ask the vendor")]
    Blocked,
    /// The credentials lack a right.
    #[error("the credentials lack the permission {permission}")]
    LacksPermission {
        /// The right that is missing.
        permission: String,
    },
    /// Paper credentials for a live account or the reverse.
    #[error("paper and live are mixed up: the account is not of the configured mode")]
    ModeMismatch,
    /// No answer.
    #[error("it cannot be reached: {reason}")]
    Unreachable {
        /// What the network said.
        reason: String,
    },
    /// An answer that makes it useless, e.g. a wrong schema version.
    #[error("it answers but cannot be used: {reason}")]
    Unusable {
        /// What it said.
        reason: String,
    },
}

/// Connects to one dependency. Implemented where the client of that dependency lives.
pub trait Probe {
    /// Which dependency it connects to.
    fn dependency(&self) -> Dependency;

    /// Connects as the program would later.
    ///
    /// # Errors
    /// [`ProbeFailure`] with the reason; it must not contain secrets.
    fn probe(&self, config: &Config) -> Result<(), ProbeFailure>;
}

impl Config {
    /// What this configuration uses, and whether nothing starts without it.
    pub fn dependencies(&self) -> Vec<(Dependency, Criticality)> {
        let vendors = [
            (self.cache.enabled, Dependency::Cache, false),
            (
                self.alpaca.enabled,
                Dependency::Alpaca,
                self.alpaca.critical,
            ),
            (
                self.polygon.enabled,
                Dependency::Polygon,
                self.polygon.critical,
            ),
            (
                self.finnhub.enabled,
                Dependency::Finnhub,
                self.finnhub.critical,
            ),
            (
                self.alpha_vantage.enabled,
                Dependency::AlphaVantage,
                self.alpha_vantage.critical,
            ),
            (
                self.benzinga.enabled,
                Dependency::Benzinga,
                self.benzinga.critical,
            ),
        ];
        let used =
            vendors
                .into_iter()
                .filter(|(used, ..)| *used)
                .map(|(_, dependency, critical)| {
                    (
                        dependency,
                        if critical {
                            Criticality::Critical
                        } else {
                            Criticality::Optional
                        },
                    )
                });
        std::iter::once((Dependency::Database, Criticality::Critical))
            .chain(used)
            .collect()
    }
}

/// What a failing dependency does to the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criticality {
    /// Nothing starts without it.
    Critical,
    /// The program starts degraded, with a warning.
    Optional,
}

/// Runs the probes of all dependencies in use when the level is `paranoid`, and none otherwise.
/// Returns warnings about optional dependencies that failed.
///
/// # Errors
/// [`ConfigError`] with every critical dependency that failed, and every dependency in use that
/// has no probe.
pub fn probe_dependencies(
    loaded: &Loaded,
    probes: &[&dyn Probe],
) -> Result<Vec<Problem>, ConfigError> {
    let config = &loaded.config;
    if config.deployment.validation_level != ValidationLevel::Paranoid {
        return Ok(Vec::new());
    }
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for (dependency, criticality) in config.dependencies() {
        let at = |advice: String| {
            let key = dependency.key();
            Problem::at(
                ProblemKind::Dependency,
                key,
                loaded.origin(key),
                format!("{dependency}: {advice}"),
            )
        };
        let mut probed = false;
        for probe in probes
            .iter()
            .filter(|probe| probe.dependency() == dependency)
        {
            probed = true;
            match (probe.probe(config), criticality) {
                (Ok(()), _) => {}
                (Err(failure), Criticality::Critical) => problems.push(at(failure.to_string())),
                (Err(failure), Criticality::Optional) => warnings.push(at(failure.to_string())),
            }
        }
        if !probed {
            problems.push(at(
                "level `paranoid` connects to it first, and this program cannot".to_owned(),
            ));
        }
    }
    if problems.is_empty() {
        Ok(warnings)
    } else {
        Err(ConfigError { problems, warnings })
    }
}
