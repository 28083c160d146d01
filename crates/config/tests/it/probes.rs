//! Probes of dependencies at level `paranoid`.

use std::cell::Cell;

use crate::support::{file, loaded, with_flags, with_variables};
use trader_config::{Config, Dependency, Loaded, Probe, ProbeFailure, probe_dependencies};

struct Scripted {
    dependency: Dependency,
    answer: Result<(), ProbeFailure>,
    calls: Cell<u32>,
}

impl Scripted {
    fn new(dependency: Dependency, answer: Result<(), ProbeFailure>) -> Self {
        Self {
            dependency,
            answer,
            calls: Cell::new(0),
        }
    }
}

impl Probe for Scripted {
    fn dependency(&self) -> Dependency {
        self.dependency
    }

    fn probe(&self, _config: &Config) -> Result<(), ProbeFailure> {
        self.calls.set(self.calls.get() + 1);
        self.answer.clone()
    }
}

fn with_level(level: &str) -> Loaded {
    let flags = [
        format!("validation_level={level}"),
        "providers.finnhub.enabled=true".to_owned(),
    ];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let key = [(
        "AI_TRADER_PROVIDERS__FINNHUB__API_KEY",
        "c1a2b3d4e5f6g7h8i9j0",
    )];
    loaded(&with_variables(with_flags(file(""), &flags), &key))
}

#[test]
fn only_the_paranoid_level_probes() {
    let database = Scripted::new(Dependency::Database, Err(ProbeFailure::Expired));
    assert_eq!(
        probe_dependencies(&with_level("strict"), &[&database]),
        Ok(Vec::new())
    );
    assert_eq!(database.calls.get(), 0);
}

#[test]
fn a_critical_failure_stops_the_start_and_an_optional_one_warns() {
    let database = Scripted::new(Dependency::Database, Ok(()));
    let finnhub = Scripted::new(Dependency::Finnhub, Err(ProbeFailure::WrongCredentials));
    let warnings = probe_dependencies(&with_level("paranoid"), &[&database, &finnhub]).unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0]
            .to_string()
            .contains("finnhub: the credentials are wrong"),
        "{}",
        warnings[0]
    );

    let down = Scripted::new(
        Dependency::Database,
        Err(ProbeFailure::Unreachable {
            reason: "refused".to_owned(),
        }),
    );
    let error = probe_dependencies(&with_level("paranoid"), &[&down, &finnhub]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("database: it cannot be reached: refused"),
        "{error}"
    );
    assert_eq!(error.warnings.len(), 1);
}

#[test]
fn a_dependency_that_nobody_can_probe_stops_the_start() {
    let database = Scripted::new(Dependency::Database, Ok(()));
    let unused = Scripted::new(Dependency::Cache, Err(ProbeFailure::Blocked));
    let error = probe_dependencies(&with_level("paranoid"), &[&database, &unused]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("finnhub: level `paranoid` connects to it first"),
        "{error}"
    );
    assert_eq!(
        unused.calls.get(),
        0,
        "what the configuration does not use is not probed"
    );
}
