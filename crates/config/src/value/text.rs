//! Texts of a fixed form: identifiers, labels, tickers, paths.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

macro_rules! text_setting {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $allowed:literal, $valid:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAllowed;

            fn from_str(text: &str) -> Result<Self, NotAllowed> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(NotAllowed) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl Setting for $name {
            const TYPE: &'static str = $kind;

            fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
                text_of(raw)?.parse()
            }

            fn allowed(_range: &str) -> String {
                $allowed.to_owned()
            }

            fn render(&self) -> Option<String> {
                Some(toml_string(&self.0))
            }
        }
    };
}

text_setting!(
    /// A name of a database object: letters, digits and `_`, not starting with a digit.
    Identifier,
    "identifier",
    "1 to 63 letters, digits and `_`, not starting with a digit",
    |text| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !text.starts_with(|first: char| first.is_ascii_digit())
    }
);

text_setting!(
    /// A ticker: `AAPL`, `BRK.B`, `BTC/USD`, or an OCC option symbol.
    Ticker,
    "ticker",
    "1 to 32 upper-case letters, digits, `.`, `/` and `-`, starting with a letter or digit",
    |text| {
        (1..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"./-".contains(&byte))
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
    }
);

text_setting!(
    /// A feature set: `name@version: formula; formula`. Only its outline is checked here; the formulas
    /// are read by the feature registry.
    FeatureSetText,
    "feature set",
    "`name@version: formula; formula` on one line of at most 65536 bytes",
    |text| {
        text.len() <= 65_536
            && !text.chars().any(char::is_control)
            && text
                .split_once(':')
                .and_then(|(head, _)| head.split_once('@'))
                .is_some_and(|(name, version)| {
                    !name.is_empty() && version.trim().bytes().all(|byte| byte.is_ascii_digit())
                })
    }
);

text_setting!(
    /// Who asks a service, for its `User-Agent` header.
    AgentName,
    "agent",
    "5 to 200 printable ASCII characters, not beginning or ending with a blank",
    |text| {
        (5..=200).contains(&text.len())
            && text.trim() == text
            && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
    }
);

text_setting!(
    /// Where an archive is. A bucket's name is what S3 allows; parts of paths are plain.
    ArchiveUrl,
    "archive URL",
    "s3://BUCKET[/PREFIX] or file:///FOLDER",
    |text| {
        let plain = |path: &str| {
            path.len() <= 1024
                && !path.chars().any(char::is_control)
                && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
        };
        let bucket = |name: &str| {
            (3..=63).contains(&name.len())
                && name
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        };
        if let Some(folder) = text.strip_prefix("file:///") {
            plain(folder.strip_suffix('/').unwrap_or(folder))
        } else if let Some(rest) = text.strip_prefix("s3://") {
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            match rest.split_once('/') {
                Some((name, prefix)) => bucket(name) && plain(prefix),
                None => bucket(rest),
            }
        } else {
            false
        }
    }
);

text_setting!(
    /// The name of a region: `us-east-1`.
    RegionName,
    "region",
    "1 to 40 lower-case letters, digits and `-`",
    |text| {
        (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    }
);

/// A path of the file system, relative to the working directory unless absolute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath(PathBuf);

impl FilePath {
    /// The path.
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl Setting for FilePath {
    const TYPE: &'static str = "path";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        let text = text_of(raw)?;
        let valid =
            !text.trim().is_empty() && text.len() <= 4096 && !text.chars().any(char::is_control);
        if valid {
            Ok(Self(PathBuf::from(text)))
        } else {
            Err(NotAllowed)
        }
    }

    fn allowed(_range: &str) -> String {
        "a path of at most 4096 bytes without control characters".to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.0.display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_carry_nothing_that_sql_or_a_shell_would_read() {
        assert!("ai_trader_1".parse::<Identifier>().is_ok());
        for text in [
            "",
            "1a",
            "a-b",
            "a;drop table x",
            "a b",
            "a'",
            "$(id)",
            "\u{e4}",
            "a\0",
        ] {
            assert_eq!(text.parse::<Identifier>(), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn archives_are_at_plain_addresses() {
        for text in ["s3://bucket", "s3://my.bucket-1/a/b/", "file:///srv/cold"] {
            assert!(text.parse::<ArchiveUrl>().is_ok(), "{text}");
        }
        for text in [
            "",
            "s3://",
            "s3://ab",
            "s3://Bucket",
            "s3://bucket//a",
            "s3://bucket/../a",
            "s3://user:pw@bucket",
            "file://srv",
            "file:///",
            "file:///a/../b",
            "https://bucket",
            "s3://bucket/a\nb",
        ] {
            assert_eq!(text.parse::<ArchiveUrl>(), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn tickers_are_upper_case() {
        for text in ["AAPL", "BRK.B", "BTC/USD", "AAPL240621C00190000"] {
            assert!(text.parse::<Ticker>().is_ok(), "{text}");
        }
        for text in ["aapl", "", "A B", ".A", "AAPL\n"] {
            assert_eq!(text.parse::<Ticker>(), Err(NotAllowed), "{text}");
        }
    }
}
