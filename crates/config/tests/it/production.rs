//! What production refuses, and what the levels do with it.

use crate::support::{file, loaded, refused, with_flags, with_variables};
use trader_config::{ConfigError, ProblemKind, Sources};

const GOOD: [(&str, &str); 7] = [
    ("AI_TRADER_ENVIRONMENT", "production"),
    ("DB_HOST", "db.example.org"),
    ("DB_NAME", "ai_trader"),
    ("DB_USER", "trader"),
    ("DB_PASSWORD", "u7R-q2Lx9_vB4kZp"),
    ("SECRET_KEY", "mQ8xV2nT5rK9wB3jL6yH1cF4zD7gS0aP"),
    ("BACKUP_KEY", "hW3pN8sD1kX6vR9tY2bM5qJ7fC4zL0gE"),
];

/// A sound production configuration in which some variables and flags differ.
fn production(changed: &[(&str, &str)], flags: &[&str]) -> Sources {
    let mut variables: Vec<(&str, &str)> = GOOD.to_vec();
    for (name, value) in changed {
        variables.retain(|(other, _)| other != name);
        variables.push((name, value));
    }
    with_flags(with_variables(file(""), &variables), flags)
}

/// The only problem, which concerns `key` and says `part`.
fn assert_refused(error: &ConfigError, kind: ProblemKind, key: &str, part: &str) {
    assert_eq!(error.problems.len(), 1, "{error}");
    let problem = &error.problems[0];
    assert_eq!(problem.kind, kind, "{error}");
    assert!(problem.keys.iter().any(|(name, _)| name == key), "{error}");
    assert!(problem.to_string().contains(part), "{error}");
}

#[test]
fn a_sound_production_configuration_starts() {
    let loaded = loaded(&production(&[], &[]));
    assert_eq!(
        loaded.origin("database.host").to_string(),
        "(embedded) config/production.toml:10 (${DB_HOST})"
    );
}

#[test]
fn missing_and_empty_variables_are_named() {
    for name in [
        "DB_HOST",
        "DB_NAME",
        "DB_USER",
        "DB_PASSWORD",
        "SECRET_KEY",
        "BACKUP_KEY",
    ] {
        let empty = refused(&production(&[(name, "")], &[]));
        assert!(
            empty
                .to_string()
                .contains(&format!("the required variable {name} is empty")),
            "{empty}"
        );
        let mut sources = production(&[], &[]);
        let left: Vec<(&str, &str)> = GOOD
            .into_iter()
            .filter(|(other, _)| *other != name)
            .collect();
        sources.variables = trader_config::Variables::new(left);
        let missing = refused(&sources);
        assert!(
            missing
                .to_string()
                .contains(&format!("the required variable {name} is not set")),
            "{missing}"
        );
    }
}

#[test]
fn loopback_and_private_hosts_are_refused() {
    for host in [
        "localhost",
        "127.0.0.1",
        "::1",
        "10.0.0.5",
        "192.168.1.2",
        "172.20.0.2",
        "db",
        "db.local",
        "::ffff:10.0.0.1",
    ] {
        let error = refused(&production(&[("DB_HOST", host)], &[]));
        assert_refused(
            &error,
            ProblemKind::Refused,
            "database.host",
            "production refuses loopback",
        );
        let cache = refused(&production(
            &[],
            &["cache.enabled=true", &format!("cache.host={host}")],
        ));
        assert_refused(
            &cache,
            ProblemKind::Refused,
            "cache.host",
            "production refuses loopback",
        );
    }
}

#[test]
fn databases_of_other_environments_are_refused() {
    for name in ["ai_trader_dev", "test", "trader_testing"] {
        let error = refused(&production(&[("DB_NAME", name)], &[]));
        assert_refused(
            &error,
            ProblemKind::Refused,
            "database.name",
            "development or test",
        );
    }
}

#[test]
fn missing_encryption_is_refused() {
    for flag in ["database.tls=disable", "database.tls=require"] {
        assert_refused(
            &refused(&production(&[], &[flag])),
            ProblemKind::Refused,
            "database.tls",
            "verify-full",
        );
    }
    let cache = [
        "cache.enabled=true",
        "cache.host=redis.example.org",
        "cache.tls=false",
    ];
    assert_refused(
        &refused(&production(&[], &cache)),
        ProblemKind::Refused,
        "cache.tls",
        "encrypted",
    );
    let vendor = [
        "providers.finnhub.enabled=true",
        "providers.finnhub.base_url=http://127.0.0.1:9000",
    ];
    let key = [(
        "AI_TRADER_PROVIDERS__FINNHUB__API_KEY",
        "c1a2b3d4e5f6g7h8i9j0",
    )];
    assert_refused(
        &refused(&production(&key, &vendor)),
        ProblemKind::Refused,
        "providers.finnhub.base_url",
        "https",
    );
}

#[test]
fn debug_logging_is_refused_however_it_is_switched_on() {
    for (flag, key) in [
        ("logging.level=debug", "logging.level"),
        ("logging.level=trace", "logging.level"),
        (
            "logging.directives=trader_engine=debug",
            "logging.directives",
        ),
        ("logging.system_level=trace", "logging.system_level"),
    ] {
        assert_refused(
            &refused(&production(&[], &[flag])),
            ProblemKind::Refused,
            key,
            "`info` or above",
        );
    }
}

#[test]
fn placeholders_and_short_secrets_are_refused_and_never_shown() {
    let cases = [
        (
            "SECRET_KEY",
            "changeme-changeme-changeme-changeme",
            "security.secret_key",
            "placeholder",
        ),
        (
            "SECRET_KEY",
            "your_key_here_your_key_here_your_key_here",
            "security.secret_key",
            "placeholder",
        ),
        (
            "SECRET_KEY",
            "mQ8xV2nT5rK9wB3jL6yH1cF4zD7gS0a",
            "security.secret_key",
            "31 characters; at least 32",
        ),
        (
            "SECRET_KEY",
            "ababababababababababababababababab",
            "security.secret_key",
            "too few different",
        ),
        (
            "DB_PASSWORD",
            "u7R-q2Lx9_vB4kZ",
            "database.password",
            "15 characters; at least 16",
        ),
        (
            "DB_PASSWORD",
            "password12345678",
            "database.password",
            "placeholder",
        ),
    ];
    for (name, value, key, part) in cases {
        let error = refused(&production(&[(name, value)], &[]));
        assert_refused(&error, ProblemKind::Credential, key, part);
        assert!(
            !error.to_string().contains(value) && !format!("{error:?}").contains(value),
            "{error:?}"
        );
    }
    let error = refused(&production(&[("SECRET_KEY", "test")], &[]));
    assert_eq!(
        error.problems.len(),
        2,
        "too short and a placeholder: {error}"
    );
}

#[test]
fn the_keys_of_our_own_are_needed() {
    let cases = [
        (
            "[backup]\nkey = \"${BACKUP_KEY}\"",
            "security.secret_key",
            "signing key",
        ),
        (
            "[security]\nsecret_key = \"${SECRET_KEY}\"",
            "backup.key",
            "seals backups",
        ),
    ];
    for (text, key, part) in cases {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("production.toml"), text).unwrap();
        let mut sources = production(&[], &[]);
        sources.directory = Some(directory.path().to_owned());
        assert_refused(&refused(&sources), ProblemKind::Missing, key, part);
    }
}

#[test]
fn production_is_never_permissive() {
    let error = refused(&production(
        &[],
        &["validation_level=permissive", "logging.level=debug"],
    ));
    assert_eq!(error.problems.len(), 2, "{error}");
    assert_eq!(error.warnings, []);
}

const PAPER_KEY: &str = "PKX7Q2M4T9L5V8R3W1ZB";
const LIVE_KEY: &str = "AKX7Q2M4T9L5V8R3W1ZB";
const SECRET: &str = "q8Zr1Xv6TnB3mKp9LwDf4GsHj2YcVa7Ue5RiOo0P";

fn alpaca(key: &str, mode: &str, host: &str) -> Sources {
    production(
        &[
            ("AI_TRADER_PROVIDERS__ALPACA__API_KEY", key),
            ("AI_TRADER_PROVIDERS__ALPACA__SECRET_KEY", SECRET),
        ],
        &[
            "providers.alpaca.enabled=true",
            &format!("providers.alpaca.mode={mode}"),
            &format!("providers.alpaca.trading_url=https://{host}"),
        ],
    )
}

#[test]
fn paper_and_live_must_agree_in_mode_key_and_address() {
    let (paper, live) = ("paper-api.alpaca.markets", "api.alpaca.markets");
    loaded(&alpaca(PAPER_KEY, "paper", paper));
    loaded(&alpaca(LIVE_KEY, "live", live));
    for (key, mode, host) in [
        (PAPER_KEY, "live", live),
        (PAPER_KEY, "paper", live),
        (PAPER_KEY, "live", paper),
        (LIVE_KEY, "paper", paper),
        (LIVE_KEY, "live", paper),
        (LIVE_KEY, "paper", live),
    ] {
        let error = refused(&alpaca(key, mode, host));
        assert!(
            error
                .problems
                .iter()
                .all(|problem| problem.kind == ProblemKind::Credential),
            "{error}"
        );
        assert!(!error.to_string().contains(key), "{error}");
    }
}

#[test]
fn real_money_is_traded_in_production_only() {
    let mut sources = alpaca(LIVE_KEY, "live", "api.alpaca.markets");
    sources.overrides.push("environment=staging".to_owned());
    let error = refused(&sources);
    assert_refused(
        &error,
        ProblemKind::Refused,
        "providers.alpaca.mode",
        "production only",
    );
}

#[test]
fn the_permissive_level_only_warns_outside_production() {
    let flags = [
        "providers.finnhub.enabled=true",
        "validation_level=permissive",
    ];
    let sources = with_flags(
        with_variables(file(""), &[("AI_TRADER_PROVIDERS__FINNHUB__API_KEY", "x")]),
        &flags,
    );
    let permissive = loaded(&sources);
    assert_eq!(permissive.warnings.len(), 2, "{:?}", permissive.warnings);
    let strict = with_flags(sources, &flags[..1]);
    assert_eq!(refused(&strict).problems.len(), 2);
}
