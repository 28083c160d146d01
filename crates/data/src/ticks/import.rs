//! A day of ticks of one symbol into the store.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;
use trader_domain::{Symbol, Timestamp};
use trader_storage::store::{MarketStore, Provenance, TickCommitted, TickKey, TickRow};
use trader_storage::{DataError, Fingerprint};

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

/// What to do when the stored file of a day is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DamagedDays {
    /// Refuse to write.
    Refuse,
    /// Write the day anew, as the source has it now. A damaged manifest takes the whole series with it.
    Replace,
}

/// Checks the ticks of a day and stores them; what is not let in goes to quarantine. `question` names the day and the
/// source: the same again replaces its quarantine and changes nothing in the store.
///
/// # Errors
/// [`BackfillError::Store`]; the series is then as it was, but for what was damaged and was to be replaced.
pub fn put_ticks<R: TickRow>(
    store: &MarketStore,
    (vendor, symbol): (&str, Symbol),
    question: &str,
    delivery: Delivery<R>,
    (now, damaged): (Timestamp, DamagedDays),
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
    let commit = || store.commit_ticks(vendor, symbol, &checked.records, &provenance);
    let put = match commit() {
        Err(error) if damaged == DamagedDays::Replace && error.is_damage() => {
            forget_damaged(store, &key, &checked.records).and_then(|()| commit())
        }
        done => done,
    }
    .map_err(BackfillError::Store)?;
    let mut imported = Imported {
        rows: checked.records.len() as u64,
        put,
        ..Imported::default()
    };
    imported.quarantine = set_aside(store, &name, &rejects, &mut imported.rejects)?;
    Ok(imported)
}

/// Takes what is damaged of the days of these ticks out of the store.
fn forget_damaged<R: TickRow>(
    store: &MarketStore,
    key: &TickKey,
    rows: &[R],
) -> Result<(), DataError> {
    let days: BTreeSet<NaiveDate> = rows
        .iter()
        .filter_map(|row| TickKey::day_of(row.time()))
        .collect();
    let mut gone = Vec::new();
    for (day, error) in store.check_ticks(key)? {
        if day.is_none_or(|day| days.contains(&day)) {
            tracing::warn!(series = %key, %error, "damaged: written anew from the source");
            gone.push(day);
        }
    }
    store.forget_ticks(key, &gone)
}
