//! What is backed up besides the database: `journals=/var/lib/ai-trader/journals`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::{NotAllowed, Setting, text_of, toml_string};
use crate::raw::RawValue;

/// A file or folder under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupPart {
    name: String,
    path: PathBuf,
}

impl BackupPart {
    /// Its name: a folder of the restored tree.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl FromStr for BackupPart {
    type Err = NotAllowed;

    fn from_str(text: &str) -> Result<Self, NotAllowed> {
        let (name, path) = text.split_once('=').ok_or(NotAllowed)?;
        let (name, path) = (name.trim(), path.trim());
        let is_name = (1..=40).contains(&name.len())
            && name
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if !is_name || path.is_empty() || path.chars().any(char::is_control) {
            return Err(NotAllowed);
        }
        Ok(Self {
            name: name.to_owned(),
            path: path.into(),
        })
    }
}

impl fmt::Display for BackupPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.name, self.path.display())
    }
}

impl Setting for BackupPart {
    const TYPE: &'static str = "backup part";

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        text_of(raw)?.parse()
    }

    fn allowed(_range: &str) -> String {
        "`NAME=PATH`, NAME of 1 to 40 of a-z, 0-9 and -".to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_that_stay_in_their_folder() {
        let part: BackupPart = "runs = /srv/a=b".parse().unwrap();
        assert_eq!((part.name(), part.path()), ("runs", Path::new("/srv/a=b")));
        assert_eq!(part.to_string().parse::<BackupPart>().unwrap(), part);
        for text in [
            "", "runs", "=x", "../x=y", "a/b=c", "A=b", "runs=", "runs=\n",
        ] {
            assert!(text.parse::<BackupPart>().is_err(), "{text:?}");
        }
    }
}
