//! A day of ticks of one symbol into the store.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_domain::{Symbol, Timestamp};
use trader_storage::Fingerprint;
use trader_storage::store::{MarketStore, Provenance, TickCommitted, TickKey, TickRow};

use super::check::TickCheck;
use crate::error::BackfillError;
use crate::gather::set_aside;
use crate::journal::short_digest;
use crate::record_source::Delivery;

/// What an import came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Imported {
    /// Ticks that passed the checks.
    pub rows: u64,
    /// What the store did.
    #[serde(flatten)]
    pub put: TickCommitted,
    /// Rejected ticks by reason.
    pub rejects: BTreeMap<String, u64>,
    /// Where they are, if there are any.
    pub quarantine: Option<String>,
}

impl Imported {
    /// Adds what another day came to.
    pub fn add(&mut self, more: Self) {
        self.rows = self.rows.saturating_add(more.rows);
        self.put = self.put.plus(more.put);
        for (reason, count) in more.rejects {
            *self.rejects.entry(reason).or_default() += count;
        }
        self.quarantine = self.quarantine.take().or(more.quarantine);
    }
}

/// The name that the manifest gives to the import of a day.
pub fn import_run(key: &TickKey, question: &str) -> String {
    short_digest(&format!("{}\n{question}", key.folder()))
}

/// Checks the ticks of a day and stores them; what is not let in goes to quarantine. `question` names the day and the
/// source: the same again replaces its quarantine and changes nothing in the store.
///
/// # Errors
/// [`BackfillError::Store`]; the series is then as it was.
pub fn put_ticks<R: TickRow>(
    store: &MarketStore,
    (vendor, symbol): (&str, Symbol),
    question: &str,
    delivery: Delivery<R>,
    now: Timestamp,
) -> Result<Imported, BackfillError> {
    let mut checked = TickCheck::new(now).sift(delivery.records);
    let mut rejects = delivery.rejects;
    rejects.append(&mut checked.rejects);
    let key = TickKey::new(vendor, R::KIND, symbol).map_err(BackfillError::Store)?;
    let name = import_run(&key, question);
    let provenance = Provenance {
        run: name.clone(),
        source: Fingerprint::of_bytes(question.as_bytes()),
    };
    let put = store
        .commit_ticks(vendor, symbol, &checked.records, &provenance)
        .map_err(BackfillError::Store)?;
    let mut imported = Imported {
        rows: checked.records.len() as u64,
        put,
        ..Imported::default()
    };
    imported.quarantine = set_aside(store, &name, &rejects, &mut imported.rejects)?;
    Ok(imported)
}
