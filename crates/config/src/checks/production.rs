//! What production refuses.

use super::{Findings, placeholders};
use crate::problem::ProblemKind;
use crate::schema::{Config, DatabaseKind, DatabaseTls, Environment, ValidationLevel};
use crate::secret::Secret;
use crate::value::{Endpoint, Host};

/// Shortest key that may sign tokens, in characters.
const SECRET_KEY_LENGTH: usize = 32;
/// Shortest password in production, in characters.
const PASSWORD_LENGTH: usize = 16;
/// Shortest password anywhere, in characters.
const PASSWORD_LENGTH_ANYWHERE: usize = 8;
/// Shortest credential of a vendor, in characters.
const VENDOR_KEY_LENGTH: usize = 10;

/// Parts of a database name that show it is not production's.
const OTHER_DATABASES: [&str; 10] = [
    "dev",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "local",
    "staging",
    "sandbox",
    "demo",
];

/// Notes what this deployment environment refuses.
pub(super) fn check(config: &Config, findings: &mut Findings<'_>) {
    if config.deployment.environment != Environment::Production {
        check_lengths(config, PASSWORD_LENGTH_ANYWHERE, findings);
        return;
    }
    if config.deployment.validation_level == ValidationLevel::Permissive {
        findings.note(
            ProblemKind::Refused,
            &["validation_level"],
            "production is `strict` or `paranoid`",
        );
    }
    hosts(config, findings);
    encryption(config, findings);
    logging(config, findings);
    check_lengths(config, PASSWORD_LENGTH, findings);
    if config.security.secret_key.is_none() {
        findings.note(
            ProblemKind::Missing,
            &["security.secret_key"],
            "production needs a signing key",
        );
    }
    if config.backup.key.is_none() {
        findings.note(
            ProblemKind::Missing,
            &["backup.key"],
            "production needs a key that seals backups of the database",
        );
    }
    for (key, secret, _) in secrets(config) {
        if let Some(reason) = placeholders::why_not_a_secret(secret.expose()) {
            findings.note(
                ProblemKind::Credential,
                &[key],
                &format!("this is no real secret: {reason}"),
            );
        }
    }
}

fn hosts(config: &Config, findings: &mut Findings<'_>) {
    let database =
        (config.database.kind == DatabaseKind::Postgres).then_some(&config.database.host);
    let cache = config.cache.enabled.then_some(&config.cache.host);
    let hosts: [(&'static str, Option<&Host>); 2] = [
        ("database.host", database.and_then(Option::as_ref)),
        ("cache.host", cache.and_then(Option::as_ref)),
    ];
    for (key, host) in hosts {
        if host.is_some_and(Host::is_local_or_private) {
            let advice = "production refuses loopback, private and local hosts; give the public name of the server";
            findings.note(ProblemKind::Refused, &[key], advice);
        }
    }
    if config.database.kind == DatabaseKind::Postgres
        && config
            .database
            .name
            .as_ref()
            .is_some_and(|name| names_another_environment(name.as_str()))
    {
        let advice = "the name is that of a development or test database";
        findings.note(ProblemKind::Refused, &["database.name"], advice);
    }
}

/// Whether a part of the name (between `_`, digits, or at an end of a part) is one of
/// [`OTHER_DATABASES`].
fn names_another_environment(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.split(|character: char| !character.is_ascii_alphabetic())
        .any(|part| {
            part != "latest"
                && OTHER_DATABASES.iter().any(|other| {
                    part == *other
                        || (part.len() > 4 && (part.starts_with(other) || part.ends_with(other)))
                })
        })
}

fn encryption(config: &Config, findings: &mut Findings<'_>) {
    if config.database.kind == DatabaseKind::Postgres
        && config.database.tls != DatabaseTls::VerifyFull
    {
        findings.note(
            ProblemKind::Refused,
            &["database.tls"],
            "production needs `verify-full`",
        );
    }
    if config.cache.enabled && !config.cache.tls {
        findings.note(
            ProblemKind::Refused,
            &["cache.tls"],
            "production needs an encrypted connection",
        );
    }
    if let Some(endpoint) = &config.archive.endpoint
        && !endpoint.is_secure()
    {
        findings.note(
            ProblemKind::Refused,
            &["archive.endpoint"],
            "production needs https",
        );
    }
    for (enabled, key, address) in addresses(config) {
        if enabled && !address.is_secure() {
            findings.note(ProblemKind::Refused, &[key], "production needs https");
        }
    }
}

/// Where providers are asked: whether they are, the key that says so, and the address.
fn addresses(config: &Config) -> [(bool, &'static str, &Endpoint); 8] {
    [
        (
            config.alpaca.enabled,
            "providers.alpaca.trading_url",
            &config.alpaca.trading_url,
        ),
        (
            config.alpaca.enabled,
            "providers.alpaca.data_url",
            &config.alpaca.data_url,
        ),
        (
            config.alpaca.enabled,
            "providers.alpaca.stream_url",
            &config.alpaca.stream_url,
        ),
        (
            config.polygon.enabled,
            "providers.polygon.base_url",
            &config.polygon.base_url,
        ),
        (
            config.polygon.enabled,
            "providers.polygon.stream_url",
            &config.polygon.stream_url,
        ),
        (
            config.finnhub.enabled,
            "providers.finnhub.base_url",
            &config.finnhub.base_url,
        ),
        (
            config.alpha_vantage.enabled,
            "providers.alpha_vantage.base_url",
            &config.alpha_vantage.base_url,
        ),
        (
            config.benzinga.enabled,
            "providers.benzinga.base_url",
            &config.benzinga.base_url,
        ),
    ]
}

fn logging(config: &Config, findings: &mut Findings<'_>) {
    if config.logging.level.is_debugging() {
        findings.note(
            ProblemKind::Refused,
            &["logging.level"],
            "production logs at `info` or above",
        );
    }
    if config.logging.system_level.is_debugging() {
        findings.note(
            ProblemKind::Refused,
            &["logging.system_level"],
            "production logs at `info` or above",
        );
    }
    if config
        .logging
        .directives
        .iter()
        .any(|directive| directive.level().is_debugging())
    {
        findings.note(
            ProblemKind::Refused,
            &["logging.directives"],
            "production logs at `info` or above",
        );
    }
}

/// Every secret in use with its key and its shortest length in production.
fn secrets(config: &Config) -> Vec<(&'static str, &Secret, usize)> {
    let postgres = config.database.kind == DatabaseKind::Postgres;
    let vendors = [
        (
            config.alpaca.enabled,
            "providers.alpaca.api_key",
            &config.alpaca.api_key,
        ),
        (
            config.alpaca.enabled,
            "providers.alpaca.secret_key",
            &config.alpaca.secret_key,
        ),
        (
            config.polygon.enabled,
            "providers.polygon.api_key",
            &config.polygon.api_key,
        ),
        (
            config.finnhub.enabled,
            "providers.finnhub.api_key",
            &config.finnhub.api_key,
        ),
        (
            config.alpha_vantage.enabled,
            "providers.alpha_vantage.api_key",
            &config.alpha_vantage.api_key,
        ),
        (
            config.benzinga.enabled,
            "providers.benzinga.api_key",
            &config.benzinga.api_key,
        ),
    ];
    let own = [
        (true, "backup.key", &config.backup.key, SECRET_KEY_LENGTH),
        (
            postgres,
            "database.password",
            &config.database.password,
            PASSWORD_LENGTH,
        ),
        (
            config.cache.enabled,
            "cache.password",
            &config.cache.password,
            PASSWORD_LENGTH,
        ),
        (
            true,
            "security.secret_key",
            &config.security.secret_key,
            SECRET_KEY_LENGTH,
        ),
    ];
    let vendors = vendors
        .into_iter()
        .map(|(used, key, secret)| (used, key, secret, VENDOR_KEY_LENGTH));
    own.into_iter()
        .chain(vendors)
        .filter(|(used, ..)| *used)
        .filter_map(|(_, key, secret, length)| Some((key, secret.as_ref()?, length)))
        .collect()
}

/// Notes secrets that are too short; passwords need `password_length` here.
fn check_lengths(config: &Config, password_length: usize, findings: &mut Findings<'_>) {
    for (key, secret, length) in secrets(config) {
        let needed = if length == PASSWORD_LENGTH {
            password_length
        } else {
            length
        };
        let found = secret.expose().chars().count();
        if found < needed {
            let advice = format!("it has {found} characters; at least {needed} are needed");
            findings.note(ProblemKind::Credential, &[key], &advice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn database_names_of_other_environments_are_recognised() {
        for name in [
            "test",
            "ai_trader_dev",
            "trader_test2",
            "testdb",
            "traderdev",
            "LOCAL_trader",
            "demo",
            "staging_x",
        ] {
            assert!(names_another_environment(name), "{name}");
        }
        for name in ["ai_trader", "trader_prod", "latest_quotes", "positions"] {
            assert!(!names_another_environment(name), "{name}");
        }
    }
}
