//! Change of the configuration while trading.
//!
//! The operator asks for a reload; [`Running::reload`] loads the layers anew, checks them as at
//! start, and then checks every difference against the running configuration. Any problem keeps
//! the old one as it is.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::key::{KeyChange, Reload};
use crate::loader::{Loaded, Sources, load};
use crate::problem::{ConfigError, Problem, ProblemKind};

/// The configuration in force.
#[derive(Clone, Debug)]
pub struct Running {
    loaded: Arc<Loaded>,
}

impl Running {
    /// Puts a configuration into force.
    pub fn new(loaded: Loaded) -> Self {
        Self {
            loaded: Arc::new(loaded),
        }
    }

    /// The configuration in force. The value stays as it is when a reload replaces it.
    pub fn current(&self) -> Arc<Loaded> {
        Arc::clone(&self.loaded)
    }

    /// Loads anew and replaces the configuration in force, if every change is one that may happen
    /// while trading. Returns the changes, for the audit trail and for those who follow them.
    ///
    /// # Errors
    /// [`ConfigError`] with everything that forbids it; the old configuration stays in force.
    pub fn reload(&mut self, sources: &Sources) -> Result<Vec<KeyChange>, ConfigError> {
        let newer = load(sources)?;
        let changes = self.loaded.config.changes(&newer.config);
        let problems: Vec<Problem> = changes
            .iter()
            .filter_map(|change| refusal(change).map(|why| refused(change, &newer, why)))
            .collect();
        if !problems.is_empty() {
            return Err(ConfigError {
                problems,
                warnings: newer.warnings,
            });
        }
        self.loaded = Arc::new(newer);
        Ok(changes)
    }
}

/// Why a change may not happen while trading.
fn refusal(change: &KeyChange) -> Option<&'static str> {
    match (change.reload, change.order) {
        (Reload::Free, _)
        | (Reload::Lower, Some(Ordering::Less))
        | (Reload::Raise, Some(Ordering::Greater)) => None,
        (Reload::Restart, _) => Some("it changes at restart only"),
        (Reload::Lower, _) => {
            Some("while running it may only be lowered; raising it needs a restart")
        }
        (Reload::Raise, _) => {
            Some("while running it may only be raised; lowering it needs a restart")
        }
    }
}

fn refused(change: &KeyChange, newer: &Loaded, why: &str) -> Problem {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    let advice = format!(
        "changed from {} to {}: {why}",
        shown(&change.from),
        shown(&change.to)
    );
    Problem::at(
        ProblemKind::NotReloadable,
        change.key,
        newer.origin(change.key),
        advice,
    )
}
