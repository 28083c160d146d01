//! Checks that look at more than one value, and at the deployment environment.
//!
//! Run by the loader on the typed configuration. A check that concerns a key which could not be
//! read is left out, so that one fault is reported once.

mod contradictions;
mod credentials;
mod placeholders;
mod production;

use std::collections::{BTreeMap, BTreeSet};

use crate::origin::Origin;
use crate::problem::{Problem, ProblemKind};
use crate::schema::{Config, Environment, ValidationLevel};

pub use credentials::{CredentialFault, Vendor};

/// What the checks found.
pub(crate) struct Outcome {
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Problem>,
}

/// Runs every check. `selected` is the environment whose file was read.
pub(crate) fn run(
    config: &Config,
    selected: Environment,
    origins: &BTreeMap<&'static str, Origin>,
    failed: &BTreeSet<&'static str>,
) -> Outcome {
    let mut findings = Findings {
        origins,
        failed,
        problems: Vec::new(),
    };
    if config.deployment.environment != selected {
        let advice = format!(
            "config/{selected}.toml must not name another environment; set it by flag, variable or config/default.toml"
        );
        findings.note(ProblemKind::Contradiction, &["environment"], &advice);
    }
    contradictions::check(config, &mut findings);
    let always = std::mem::take(&mut findings.problems);

    credentials::check(config, &mut findings);
    production::check(config, &mut findings);
    let by_level = findings.problems;

    // Production is never permissive; `production::check` reports the attempt.
    let permissive = config.deployment.validation_level == ValidationLevel::Permissive
        && config.deployment.environment != Environment::Production;
    if permissive {
        Outcome {
            problems: always,
            warnings: by_level,
        }
    } else {
        Outcome {
            problems: always.into_iter().chain(by_level).collect(),
            warnings: Vec::new(),
        }
    }
}

/// Collects findings with the origins of the keys they concern.
pub(crate) struct Findings<'a> {
    origins: &'a BTreeMap<&'static str, Origin>,
    failed: &'a BTreeSet<&'static str>,
    problems: Vec<Problem>,
}

impl Findings<'_> {
    /// Notes a finding about these keys, unless one of them could not be read.
    fn note(&mut self, kind: ProblemKind, keys: &[&'static str], advice: &str) {
        if keys.iter().any(|key| self.failed.contains(key)) {
            return;
        }
        let origin = |key: &str| self.origins.get(key).cloned().unwrap_or(Origin::BuiltIn);
        let keys = keys
            .iter()
            .map(|&key| (key.to_owned(), origin(key)))
            .collect();
        self.problems.push(Problem {
            kind,
            keys,
            found: None,
            advice: advice.to_owned(),
        });
    }
}
