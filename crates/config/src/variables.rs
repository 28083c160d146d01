//! The one place that reads the process environment.
//!
//! A [`Variables`] snapshot is taken once at start by the app. It holds only variables with the
//! project's prefix and those on the allow-list of `${VARIABLE}` references; everything else in
//! the environment is not looked at.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use zeroize::Zeroizing;

/// Prefix of every variable that sets a key: `AI_TRADER_RISK__POSITIONS` sets
/// `risk.positions`; two underscores separate the levels.
pub const PREFIX: &str = "AI_TRADER_";

/// Variables without the prefix that a configuration file may name as `${VARIABLE}`. They are the
/// names under which vendors and orchestrators usually hand these values out.
pub const ALLOWED_REFERENCES: &[&str] = &[
    "ALPACA_API_KEY",
    "ALPACA_SECRET_KEY",
    "ALPHA_VANTAGE_API_KEY",
    "BACKUP_KEY",
    "BENZINGA_API_KEY",
    "DB_HOST",
    "DB_NAME",
    "DB_PASSWORD",
    "DB_PORT",
    "DB_USER",
    "DEPLOYMENT_ENVIRONMENT",
    "FINNHUB_API_KEY",
    "MASSIVE_API_KEY",
    "POLYGON_API_KEY",
    "REDIS_HOST",
    "REDIS_PASSWORD",
    "REDIS_PORT",
    "SECRET_KEY",
];

/// What a variable holds.
#[derive(Clone)]
pub(crate) enum Variable {
    /// Text, wiped on drop.
    Text(Zeroizing<String>),
    /// Bytes that are no Unicode text.
    NotUnicode,
}

/// A snapshot of the variables that may matter. No `Debug`: it holds secrets.
#[derive(Clone, Default)]
pub struct Variables {
    values: BTreeMap<String, Variable>,
}

impl Variables {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self::new(std::env::vars_os())
    }

    /// Takes those of `pairs` that have the prefix or are on the allow-list.
    pub fn new<N: AsRef<OsStr>, V: Into<OsString>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut values = BTreeMap::new();
        for (name, value) in pairs {
            // A name that is no text can be neither ours nor an allowed one.
            let Some(name) = name.as_ref().to_str() else {
                continue;
            };
            if name.starts_with(PREFIX) || ALLOWED_REFERENCES.contains(&name) {
                let value = match value.into().into_string() {
                    Ok(text) => Variable::Text(Zeroizing::new(text)),
                    Err(_bytes) => Variable::NotUnicode,
                };
                values.insert(name.to_owned(), value);
            }
        }
        Self { values }
    }

    /// Whether a file may refer to this name.
    pub(crate) fn may_be_referenced(name: &str) -> bool {
        ALLOWED_REFERENCES.contains(&name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.values.get(name)
    }

    /// Variables with the prefix, as `(name, key, value)`, sorted by name.
    pub(crate) fn prefixed(&self) -> impl Iterator<Item = (&str, String, &Variable)> {
        self.values
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), key_of_variable(name)?, value)))
    }
}

/// `risk.positions` for `AI_TRADER_RISK__POSITIONS`; `None` without the prefix.
fn key_of_variable(name: &str) -> Option<String> {
    Some(
        name.strip_prefix(PREFIX)?
            .replace("__", ".")
            .to_ascii_lowercase(),
    )
}

/// `AI_TRADER_RISK__POSITIONS` for `risk.positions`.
pub fn variable_of_key(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_prefixed_and_allowed_variables_are_kept() {
        let variables = Variables::new([
            ("AI_TRADER_RISK__POSITIONS", "7"),
            ("DB_HOST", "db.example.org"),
            ("PATH", "/bin"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
        ]);
        let kept: Vec<&str> = variables.values.keys().map(String::as_str).collect();
        assert_eq!(kept, ["AI_TRADER_RISK__POSITIONS", "DB_HOST"]);
        let keys: Vec<String> = variables.prefixed().map(|(_, key, _)| key).collect();
        assert_eq!(keys, ["risk.positions"]);
    }

    #[test]
    fn variable_names_and_keys_convert_into_each_other() {
        for key in crate::schema::keys() {
            assert_eq!(
                key_of_variable(&variable_of_key(key.key)).as_deref(),
                Some(key.key)
            );
        }
    }
}
