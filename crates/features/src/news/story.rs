//! The versions of news items in the order received, and how new each story was.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use trader_domain::{NANOS_PER_DAY, Timestamp, VendorId};

use super::analyst::Analysis;
use super::classes::EventClasses;
use super::similarity::{Corpus, Document};
use crate::error::FeatureError;
use crate::knowledge::{before, in_order};

/// How long an item makes others like it old.
const MEMORY: i64 = 3 * NANOS_PER_DAY;
/// Most items that a new one is compared with, newest first.
const COMPARED: usize = 500;
/// An item this novel or less says again what another said.
const REPEATED: f64 = 0.2;

/// One version of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// When we had this version.
    pub received: Timestamp,
    /// When we had the first version of the item: an edit does not make old news new.
    pub first: Timestamp,
    /// What it says; `None` when the item was retracted.
    pub report: Option<Report>,
    /// Place of the version before.
    supersedes: Option<usize>,
    /// Its own place.
    place: usize,
}

/// What an item says, judged against what came before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// -1 to 1.
    pub sentiment: f64,
    /// Of the source, 0..1.
    pub credibility: f64,
    /// What it reports.
    pub classes: EventClasses,
    /// 1 less the likeness (TF-IDF cosine of headlines) to the most similar other item of the three
    /// days before, 0..1; of the item's first version.
    pub novelty: f64,
}

impl Report {
    /// Whether another item had said the same.
    pub fn is_repetition(&self) -> bool {
        self.novelty <= REPEATED
    }
}

#[derive(Debug)]
struct Remembered {
    first: Timestamp,
    document: Document,
}

/// All versions of all items, in the order received.
#[derive(Debug, Default)]
pub(crate) struct StoryLog {
    versions: Vec<Story>,
    latest: BTreeMap<(VendorId, String), usize>,
    /// Of each item, how new its first version was, and the headline of its last.
    told: BTreeMap<(VendorId, String), (f64, String)>,
    corpus: Corpus,
    recent: VecDeque<Remembered>,
}

impl StoryLog {
    /// Takes a version in.
    pub(crate) fn receive(&mut self, analysis: Analysis) -> Result<(), FeatureError> {
        let received = analysis.received;
        in_order(
            "news",
            self.versions.last().map(|last| last.received),
            received,
        )?;
        let key = (analysis.vendor, analysis.id);
        let supersedes = self.latest.get(&key).copied();
        let first = supersedes
            .and_then(|place| self.versions.get(place))
            .map_or(received, |version| version.first);
        let report = analysis.reading.map(|reading| {
            let novelty = match self.told.get(&key) {
                Some((novelty, last)) => {
                    let novelty = *novelty;
                    // What an edit says is old from now on, too.
                    if *last != reading.headline {
                        self.remember(&reading.headline, received);
                    }
                    novelty
                }
                None => self.remember(&reading.headline, received),
            };
            self.told.insert(key.clone(), (novelty, reading.headline));
            Report {
                sentiment: reading.sentiment,
                credibility: reading.credibility,
                classes: reading.classes,
                novelty,
            }
        });
        let place = self.versions.len();
        self.versions.push(Story {
            received,
            first,
            report,
            supersedes,
            place,
        });
        self.latest.insert(key, place);
        Ok(())
    }

    /// Adds a headline to what later ones are compared with; its own novelty.
    fn remember(&mut self, headline: &str, received: Timestamp) -> f64 {
        let oldest = received.saturating_add(-MEMORY);
        while self.recent.len() >= COMPARED
            || self.recent.front().is_some_and(|item| item.first < oldest)
        {
            self.recent.pop_front();
        }
        let document = self.corpus.add(headline);
        let likest = self
            .recent
            .iter()
            .map(|item| self.corpus.cosine(&item.document, &document))
            .fold(0.0, f64::max);
        self.recent.push_back(Remembered {
            first: received,
            document,
        });
        1.0 - likest
    }

    /// The versions received before `time`.
    pub(crate) fn before(&self, time: Timestamp) -> &[Story] {
        before(&self.versions, time, |version| version.received)
    }
}

/// The items first received at or after `since` in their last known version, newest version first;
/// retracted ones are left out.
pub(crate) fn current(known: &[Story], since: Timestamp) -> Vec<(Timestamp, Report)> {
    let start = known.partition_point(|version| version.received < since);
    let mut replaced = BTreeSet::new();
    let mut items = Vec::new();
    for version in known.get(start..).unwrap_or_default().iter().rev() {
        replaced.extend(version.supersedes);
        if let Some(report) = version.report
            && version.first >= since
            && !replaced.contains(&version.place)
        {
            items.push((version.first, report));
        }
    }
    items
}
