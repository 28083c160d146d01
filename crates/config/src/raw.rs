//! A value as a layer gave it, before its key decides what it must be.
//!
//! Numbers keep their text, so that `0.1` in a file becomes exactly one tenth and never passes
//! through a binary float. Text is wiped on drop, because any text may turn out to be a secret.

use zeroize::Zeroizing;

use crate::secret::Secret;
use crate::secret_source::SecretSource;

/// An untyped value. Deliberately without `Debug`: it may hold a secret.
#[derive(Clone)]
pub(crate) enum RawValue {
    /// `true` or `false` of a file.
    Boolean(bool),
    /// An integer of a file, in decimal digits.
    Integer(String),
    /// A number with point or exponent of a file, as written.
    Decimal(String),
    /// A quoted text of a file.
    Text(Zeroizing<String>),
    /// A TOML date or time, as written.
    Date(String),
    /// A list of a file.
    List(Vec<RawValue>),
    /// A table where none can be (inside a list).
    Table,
    /// Text of a variable, flag or built-in default, whose type the key decides.
    Bare(Zeroizing<String>),
    /// A secret still to be fetched.
    SecretSource(SecretSource),
    /// A secret at hand.
    Secret(Secret),
}

impl RawValue {
    /// Text whose type the key decides.
    pub(crate) fn bare(text: &str) -> Self {
        Self::Bare(Zeroizing::new(text.to_owned()))
    }

    /// What a message shows for this value: type and content. Never called for secret keys.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(text) | Self::Decimal(text) | Self::Date(text) => text.clone(),
            Self::Text(text) | Self::Bare(text) => text.to_string(),
            Self::List(items) => {
                let shown: Vec<String> = items.iter().take(20).map(Self::describe).collect();
                format!("[{}]", shown.join(", "))
            }
            Self::Table => "a table".to_owned(),
            Self::SecretSource(_) | Self::Secret(_) => "a secret".to_owned(),
        }
    }
}
