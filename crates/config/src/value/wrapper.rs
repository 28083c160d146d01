//! Optional values, lists, and secrets.

use std::cmp::Ordering;

use super::{NotAllowed, Setting, toml_string};
use crate::raw::RawValue;
use crate::secret::{MASK, Secret};

/// Longest list that any key takes.
const MAX_ITEMS: usize = 10_000;

/// What an optional key is set to when it shall have no value.
const UNSET: &str = "none";

impl<T: Setting> Setting for Option<T> {
    const TYPE: &'static str = T::TYPE;
    const SECRET: bool = T::SECRET;

    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
        // A key with a default can still be switched off.
        match raw {
            RawValue::Text(text) | RawValue::Bare(text) if text.as_str() == UNSET => Ok(None),
            _ => T::read(raw, range).map(Some),
        }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn allowed(range: &str) -> String {
        if T::SECRET {
            T::allowed(range)
        } else {
            format!("{}, or \"{UNSET}\"", T::allowed(range))
        }
    }

    fn render(&self) -> Option<String> {
        self.as_ref().and_then(T::render)
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        self.as_ref()?.order(other.as_ref()?)
    }
}

impl<T: Setting> Setting for Vec<T> {
    const TYPE: &'static str = "list";

    fn read(raw: &RawValue, range: &str) -> Result<Self, NotAllowed> {
        match raw {
            RawValue::List(items) if items.len() <= MAX_ITEMS => {
                items.iter().map(|item| T::read(item, range)).collect()
            }
            // Variables and flags have no lists: `5, 10, 20`; empty text is the empty list.
            RawValue::Bare(text) if text.trim().is_empty() => Ok(Vec::new()),
            RawValue::Bare(text) => text
                .split(',')
                .take(MAX_ITEMS)
                .map(|item| T::read(&RawValue::bare(item.trim()), range))
                .collect(),
            _ => Err(NotAllowed),
        }
    }

    fn allowed(range: &str) -> String {
        format!("a list, each item {}", T::allowed(range))
    }

    fn render(&self) -> Option<String> {
        let items: Vec<String> = self.iter().filter_map(T::render).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

impl Setting for Secret {
    const TYPE: &'static str = "secret";
    const SECRET: bool = true;

    fn read(raw: &RawValue, _range: &str) -> Result<Self, NotAllowed> {
        match raw {
            RawValue::Secret(secret) => Ok(secret.clone()),
            _ => Err(NotAllowed),
        }
    }

    fn allowed(_range: &str) -> String {
        "a secret from a variable, `{ file = \"PATH\" }` or `{ command = [\"PROGRAM\", \"ARGUMENT\"] }`".to_owned()
    }

    fn render(&self) -> Option<String> {
        Some(toml_string(MASK))
    }
}
