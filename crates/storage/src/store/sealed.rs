//! Text files that know whether they are whole: JSON lines, the last of them a digest of all before.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::DataError;
use crate::fingerprint::Fingerprint;

/// Larger files are no manifests.
const MOST_BYTES: usize = 64 << 20;

/// Collects lines.
#[derive(Debug, Default)]
pub(super) struct SealedLines {
    text: String,
}

impl SealedLines {
    pub(super) fn push<T: Serialize>(&mut self, line: &T) -> Result<(), DataError> {
        let json = serde_json::to_string(line).map_err(|error| DataError::Unsupported {
            file: "manifest".to_owned(),
            detail: format!("a line cannot be written as JSON: {error}"),
        })?;
        self.text.push_str(&json);
        self.text.push('\n');
        Ok(())
    }

    /// The file's bytes.
    pub(super) fn seal(mut self) -> Vec<u8> {
        let seal = seal_of(self.text.as_bytes());
        self.text.push_str(&seal);
        self.text.into_bytes()
    }
}

fn seal_of(lines: &[u8]) -> String {
    format!("{{\"blake3\":\"{}\"}}\n", Fingerprint::of_bytes(lines))
}

/// The lines of a sealed file without the seal.
///
/// # Errors
/// [`DataError::Damaged`] when a byte is missing, changed or too many.
pub(super) fn open_seal<'a>(bytes: &'a [u8], file: &str) -> Result<Vec<&'a str>, DataError> {
    let damaged = |detail: &str| DataError::Damaged {
        file: file.to_owned(),
        detail: detail.to_owned(),
    };
    if bytes.len() > MOST_BYTES {
        return Err(damaged("it is larger than any manifest"));
    }
    let body = bytes
        .strip_suffix(b"\n")
        .ok_or_else(|| damaged("its end is missing"))?;
    let at = memchr::memrchr(b'\n', body).map_or(0, |at| at + 1);
    let (lines, seal) = bytes.split_at(at);
    if seal_of(lines).as_bytes() != seal {
        return Err(damaged("its content does not match its checksum"));
    }
    let text = std::str::from_utf8(lines).map_err(|_error| damaged("it is not UTF-8"))?;
    Ok(text.lines().collect())
}

/// One line.
pub(super) fn parse<T: DeserializeOwned>(line: &str, file: &str) -> Result<T, DataError> {
    serde_json::from_str(line).map_err(|error| DataError::Damaged {
        file: file.to_owned(),
        detail: format!("a line is not what this version writes: {error}"),
    })
}
