//! Types of settings: how each is read, bounded, described and written.
//!
//! `Setting` is implemented by every field type of the schema. Nothing here reads files or the
//! environment; a value comes in as `RawValue` and goes out typed or as a description of what is
//! allowed.

mod backup_job;
mod backup_part;
mod byte_size;
mod choice;
mod duration;
mod host;
mod log_directive;
mod number;
mod text;
mod url;
mod vendor_rule;
mod wrapper;

use std::cmp::Ordering;

pub use backup_job::{BackupJob, BackupTask};
pub use backup_part::BackupPart;
pub use byte_size::ByteSize;
pub(crate) use choice::choices;
pub use duration::Span;
pub use host::Host;
pub use log_directive::{LogDirective, LogLevel};
pub use text::{AgentName, ArchiveUrl, FeatureSetText, FilePath, Identifier, RegionName, Ticker};
pub use url::Endpoint;
pub use vendor_rule::{ExportRule, VendorRule};

use crate::raw::RawValue;

/// The value cannot be used; what is allowed follows from the type and its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAllowed;

/// A type that a key can have.
pub(crate) trait Setting: Sized + PartialEq {
    /// Name of the type in documents, e.g. `decimal`.
    const TYPE: &'static str;
    /// Whether the value must never be shown.
    const SECRET: bool = false;

    /// Reads a value and checks it against its range.
    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed>;

    /// The value when no layer gives one; `None` when one is required.
    fn absent() -> Option<Self> {
        None
    }

    /// What is allowed, for messages and documents: `a decimal in (0, 1]`.
    fn allowed(range: &str) -> String;

    /// The value in TOML, secrets masked; `None` when it is not set.
    fn render(&self) -> Option<String>;

    /// How this value compares with another one, where the type has an order.
    fn order(&self, _other: &Self) -> Option<Ordering> {
        None
    }
}

/// `a TYPE` or `a TYPE in RANGE`.
fn allowed_in(what: &str, range: &str) -> String {
    if range.is_empty() {
        what.to_owned()
    } else {
        format!("{what} in {range}")
    }
}

/// The text of a value that is written in quotation marks in TOML.
pub(crate) fn text_of(raw: &RawValue) -> Result<&str, NotAllowed> {
    match raw {
        RawValue::Text(text) | RawValue::Bare(text) => Ok(text.as_str()),
        _ => Err(NotAllowed),
    }
}

/// `text` as a TOML basic string.
pub(crate) fn toml_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            other if other.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(other)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
