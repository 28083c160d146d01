//! Putting vendors' records into the store: each under its id, on its day, with what was rejected set aside.

use std::collections::BTreeMap;

use serde::Serialize;
use trader_domain::{AnnouncedAction, Filing, Listing, NewsItem, OptionChain, SocialPost};
use trader_storage::store::{MarketStore, RecordKind, RecordsPut};

use crate::error::BackfillError;
use crate::journal::short_digest;
use crate::record_source::{Delivery, ListedOption, Reject, VendorSession};

/// A record that the store can keep.
pub trait Kept: Serialize {
    /// Which kind of record.
    const KIND: RecordKind;

    /// What it is stored under.
    fn id(&self) -> String;

    /// The day (`2024-06-03`) or month (`2024-06`) of its file.
    fn period(&self) -> String;
}

impl Kept for NewsItem {
    const KIND: RecordKind = RecordKind::News;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn period(&self) -> String {
        self.published.utc_date().to_string()
    }
}

impl Kept for AnnouncedAction {
    const KIND: RecordKind = RecordKind::Actions;

    /// One announcement of a vendor can concern several symbols.
    fn id(&self) -> String {
        format!("{} {}", self.symbol, self.id)
    }

    fn period(&self) -> String {
        self.ex_date.format("%Y-%m").to_string()
    }
}

impl Kept for Listing {
    const KIND: RecordKind = RecordKind::Listings;

    fn id(&self) -> String {
        format!("{} {}", self.symbol, self.id)
    }

    /// What is listed is a state: each day on which it was asked for has its own.
    fn period(&self) -> String {
        self.received.utc_date().to_string()
    }
}

impl Kept for VendorSession {
    const KIND: RecordKind = RecordKind::Sessions;

    fn id(&self) -> String {
        self.date.to_string()
    }

    fn period(&self) -> String {
        self.date.format("%Y-%m").to_string()
    }
}

impl Kept for Filing {
    const KIND: RecordKind = RecordKind::Filings;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn period(&self) -> String {
        self.published.utc_date().format("%Y-%m").to_string()
    }
}

impl Kept for SocialPost {
    const KIND: RecordKind = RecordKind::Posts;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn period(&self) -> String {
        self.published.utc_date().to_string()
    }
}

impl Kept for ListedOption {
    const KIND: RecordKind = RecordKind::Contracts;

    fn id(&self) -> String {
        self.symbol.to_string()
    }

    fn period(&self) -> String {
        self.contract.expiry.format("%Y-%m").to_string()
    }
}

impl Kept for OptionChain {
    const KIND: RecordKind = RecordKind::Chains;

    fn id(&self) -> String {
        format!("{} {}", self.underlying(), self.time())
    }

    fn period(&self) -> String {
        self.time().utc_date().to_string()
    }
}

/// What putting an answer came to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gathered {
    /// What the store did.
    #[serde(flatten)]
    pub put: RecordsPut,
    /// Rejected records by reason.
    pub rejects: BTreeMap<String, u64>,
    /// Where they are, if there are any.
    pub quarantine: Option<String>,
}

impl Gathered {
    /// Adds what another answer came to.
    pub fn add(&mut self, more: Self) {
        self.put.added = self.put.added.saturating_add(more.put.added);
        self.put.replaced = self.put.replaced.saturating_add(more.put.replaced);
        self.put.unchanged = self.put.unchanged.saturating_add(more.put.unchanged);
        for (reason, count) in more.rejects {
            *self.rejects.entry(reason).or_default() += count;
        }
        self.quarantine = self.quarantine.take().or(more.quarantine);
    }
}

#[derive(Serialize)]
struct Line<'a> {
    reason: &'a str,
    message: &'a str,
    raw: &'a str,
}

/// Puts the records of an answer into the store and what was rejected into a quarantine file. `question` names the
/// answer: the same question again replaces its quarantine.
///
/// # Errors
/// [`BackfillError::Store`]; what was put before stays, and putting it again changes nothing.
pub fn put<T: Kept>(
    store: &MarketStore,
    vendor: &str,
    question: &str,
    delivery: &Delivery<T>,
) -> Result<Gathered, BackfillError> {
    let kind = T::KIND;
    let mut periods: BTreeMap<String, BTreeMap<String, serde_json::Value>> = BTreeMap::new();
    for record in &delivery.records {
        let value = serde_json::to_value(record).map_err(|error| BackfillError::Journal {
            file: format!("{vendor} {}", kind.name()),
            detail: error.to_string(),
        })?;
        let period = periods.entry(record.period()).or_default();
        period.insert(record.id(), value);
    }
    let mut gathered = Gathered::default();
    for (period, records) in periods {
        let put = store
            .put_records(vendor, kind, &period, records)
            .map_err(BackfillError::Store)?;
        gathered.add(Gathered {
            put,
            ..Gathered::default()
        });
    }
    let name = short_digest(&format!("{vendor}\n{}\n{question}", kind.name()));
    let quarantine = set_aside(store, &name, &delivery.rejects, &mut gathered.rejects)?;
    gathered.quarantine = quarantine;
    Ok(gathered)
}

/// Writes rejects into the quarantine file of a question, counts them, and says where they are.
pub(crate) fn set_aside(
    store: &MarketStore,
    name: &str,
    rejects: &[Reject],
    counts: &mut BTreeMap<String, u64>,
) -> Result<Option<String>, BackfillError> {
    let path = format!("_quarantine/{name}/000000.jsonl");
    let files = store.files();
    if rejects.is_empty() {
        files.remove(&path).map_err(BackfillError::Store)?;
        return Ok(None);
    }
    let mut text = String::new();
    for reject in rejects {
        *counts.entry(reject.reason.to_owned()).or_default() += 1;
        let line = Line {
            reason: reject.reason,
            message: &reject.detail,
            raw: &reject.raw,
        };
        let json = serde_json::to_string(&line).map_err(|error| BackfillError::Journal {
            file: files.shown(&path),
            detail: error.to_string(),
        })?;
        text.push_str(&json);
        text.push('\n');
    }
    files
        .write(&[(path.clone(), text.into_bytes())])
        .map_err(BackfillError::Store)?;
    Ok(Some(files.shown(&path)))
}
