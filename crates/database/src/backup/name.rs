//! [`BackupName`]: names of backups, which are names of files too.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use trader_domain::Timestamp;

use super::BackupError;

/// The longest name.
const LONGEST: usize = 64;

/// 1 to 64 of `a-z`, `0-9` and `-`, beginning with a letter: no name leaves its folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BackupName(String);

impl BackupName {
    /// The name of a backup of the database that begins now; later ones sort after earlier ones.
    pub(crate) fn of(now: Timestamp) -> Self {
        Self::dated("trader", now)
    }

    /// The name of a base backup that begins now.
    pub(crate) fn of_base(now: Timestamp) -> Self {
        Self::dated("base", now)
    }

    /// The name of a backup of files that begins now.
    pub(crate) fn of_files(now: Timestamp) -> Self {
        Self::dated("files", now)
    }

    fn dated(kind: &str, now: Timestamp) -> Self {
        let instant = now.to_datetime().format("%Y%m%d-%H%M%S-%9f");
        Self(format!("{kind}-{instant}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BackupName {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self, BackupError> {
        let fits = (1..=LONGEST).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(BackupError::Name(text.chars().take(LONGEST).collect()))
        }
    }
}

impl TryFrom<String> for BackupName {
    type Error = BackupError;

    fn try_from(text: String) -> Result<Self, BackupError> {
        text.parse()
    }
}

impl From<BackupName> for String {
    fn from(name: BackupName) -> Self {
        name.0
    }
}

impl fmt::Display for BackupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trader_testkit::Random;

    #[test]
    fn ten_thousand_ways_out_of_a_folder_are_no_names() {
        let pieces = [
            "../",
            "..",
            "/",
            "\\",
            "%2e%2e%2f",
            "%2f",
            "..%5c",
            "~",
            "$HOME",
            "\0",
            "etc/passwd",
            "C:",
            ":",
            "./",
            "....//",
            "%00",
            "\u{2215}",
            "\u{ff0f}",
            "\u{202e}",
            " ",
            "|",
            ";",
            "`id`",
            "*",
            "con.",
            ".backup",
            "\n",
        ];
        let mut random = Random::from_seed(0x7a7e);
        for number in 0..10_000 {
            let count = 1 + random.below(5);
            let mut text = format!("a{number}");
            for _ in 0..count {
                text.push_str(pieces[random.index(pieces.len())]);
            }
            assert!(text.parse::<BackupName>().is_err(), "{text:?}");
        }
        for text in ["", "-rf", "A", "1a", &"a".repeat(65)] {
            assert!(text.parse::<BackupName>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_of_instants_are_names_in_the_order_of_time() {
        let names = [1, 999_999_999, 1_700_000_000_000_000_000]
            .map(|nanos| BackupName::of(Timestamp::from_nanos(nanos)));
        assert!(names.is_sorted());
        for name in names {
            assert_eq!(name.as_str().parse::<BackupName>().unwrap(), name);
        }
    }
}
