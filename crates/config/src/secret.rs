//! A secret that cannot be shown by accident.
//!
//! Every credential in the configuration is a [`Secret`]. It has no `Display` and no
//! serialization, its `Debug` prints a fixed word, and its memory is overwritten when it is
//! dropped. The only way to the text is [`Secret::expose`], which is easy to find in a review.

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroize;

/// What is printed wherever a secret would stand.
pub const MASK: &str = "********";

/// A credential: printable nowhere, overwritten on drop.
///
/// ```
/// use trader_config::Secret;
/// let key = Secret::new("correct horse battery staple".to_owned());
/// assert_eq!(format!("{key:?}"), "Secret(********)");
/// assert!(key.expose().starts_with("correct"));
/// ```
///
/// It does not print:
///
/// ```compile_fail,E0277
/// let key = trader_config::Secret::new("x".to_owned());
/// println!("{key}");
/// ```
///
/// It does not serialize:
///
/// ```compile_fail,E0277
/// fn needs_serialize<T: serde::Serialize>(_: &T) {}
/// needs_serialize(&trader_config::Secret::new("x".to_owned()));
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text over and overwrites the memory it came in.
    pub fn new(mut text: String) -> Self {
        // An exact copy first: shrinking the string in place may move it and leave the old
        // allocation behind unwiped.
        let exact: Box<str> = Box::from(text.as_str());
        text.zeroize();
        Self(SecretString::from(exact))
    }

    /// The text itself, for the one place that must hand it to a vendor.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Secret({MASK})")
    }
}

impl PartialEq for Secret {
    /// Used by a reload to see that a secret changed; never reachable with text from outside.
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}
