//! Log levels, and exceptions from them for single modules.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::{NotAllowed, Setting, choices, text_of, toml_string};
use crate::raw::RawValue;

choices! {
    /// How much is logged; each level includes those before it.
    pub enum LogLevel {
        /// Nothing.
        Off = "off",
        /// Failures that need somebody.
        Error = "error",
        /// What is unusual and handled.
        Warn = "warn",
        /// The course of business.
        Info = "info",
        /// What a developer needs.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }
}

impl LogLevel {
    /// Whether it shows internals that production must not write down.
    pub const fn is_debugging(self) -> bool {
        matches!(self, Self::Debug | Self::Trace)
    }
}

/// `TARGET=LEVEL`: another level for one module, e.g. `trader_engine=debug`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirective {
    target: String,
    level: LogLevel,
}

impl LogDirective {
    /// The module, e.g. `trader_engine::core`.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Its level.
    pub const fn level(&self) -> LogLevel {
        self.level
    }
}

impl FromStr for LogDirective {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (target, level) = text.split_once('=').ok_or(NotAllowed)?;
        let segment_is_valid = |segment: &str| {
            !segment.is_empty()
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if target.len() > 200 || !target.split("::").all(segment_is_valid) {
            return Err(NotAllowed);
        }
        Ok(Self {
            target: target.to_owned(),
            level: level.parse()?,
        })
    }
}

impl fmt::Display for LogDirective {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.target, self.level)
    }
}

impl Setting for LogDirective {
    const TYPE: &'static str = "log directive";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        format!("`MODULE=LEVEL` with LEVEL {}", LogLevel::allowed(""))
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        (self.target == other.target).then(|| self.level.cmp(&other.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_convert_to_text_and_back() {
        assert_eq!(
            "trader_engine::core=debug"
                .parse::<LogDirective>()
                .unwrap()
                .to_string(),
            "trader_engine::core=debug"
        );
        for text in ["debug", "=debug", "a=loud", "a:b=info", "a=", "[span]=info"] {
            assert_eq!(text.parse::<LogDirective>(), Err(NotAllowed), "{text}");
        }
    }
}
