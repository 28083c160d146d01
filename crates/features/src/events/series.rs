//! Registry entries of calendars: how far events are, and how they surprised.

use std::collections::BTreeMap;

use trader_domain::{NANOS_PER_DAY, Timestamp};

use super::announcement::{Announcement, EventKind};
use crate::as_of::{AsOf, Known};
use crate::error::FeatureError;
use crate::parameter::{Arguments, Parameter, choice, integer};
use crate::registry::{Build, Cost, Definition, Family};

pub(super) const BASE: Definition = Definition {
    name: "",
    family: Family::Events,
    outputs: &[],
    parameters: &[KIND],
    inputs: &[],
    cost: Cost::Linear,
    description: "",
    convention: "",
    build: Build::Items,
};

const KINDS: &[&str] = &{
    let mut words = [""; EventKind::WORDS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = EventKind::WORDS[at].0;
        at += 1;
    }
    words
};

const KIND: Parameter = choice("event", "kind of event", KINDS);

pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "event_distance",
        outputs: &["days_to_event", "days_since_event"],
        description: "Calendar days to the next event of a kind, and since the last one.",
        convention: "By the last version of each calendar entry received before the close; fractions \
                     of days of 24 hours; missing when no such entry is known. An entry whose time has \
                     come counts as happened.",
        build: Build::AsOf(|a| Ok(Box::new(Distance { kind: kind(a)? }))),
        ..BASE
    },
    Definition {
        name: "event_surprise",
        outputs: &["surprise", "surprise_share", "surprise_standardised"],
        parameters: &[KIND, integer("history", "earlier surprises", (2, 100), 8)],
        description: "By how much the last result differed from what was expected: in its unit, as a \
                      share of the expectation, in standard deviations of earlier surprises.",
        convention: "The result as first reported, less the last expectation received by then; share \
                     over the expectation's magnitude; standardised by the standard deviation (ddof 1) \
                     of up to `history` surprises before it (as in Latane and Jones 1979). Later \
                     revisions change nothing. Missing without a result, an expectation, or two \
                     earlier surprises.",
        build: Build::AsOf(|a| {
            Ok(Box::new(Surprise {
                kind: kind(a)?,
                history: a.length("history")?,
            }))
        }),
        ..BASE
    },
];

fn kind(a: &Arguments) -> Result<EventKind, FeatureError> {
    let word = a.word("event")?;
    EventKind::WORDS
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, kind)| *kind)
        .ok_or_else(|| a.reject("event", "is not known"))
}

/// The last known version of each entry of a kind.
fn latest<'a>(known: &Known<'a>, kind: EventKind) -> BTreeMap<&'a str, &'a Announcement> {
    let of_kind = known
        .announcements
        .iter()
        .filter(|entry| entry.kind == kind);
    of_kind.map(|entry| (entry.key.as_str(), entry)).collect()
}

/// Splits known to have taken effect after `since` and by `known.time`: new shares for one old.
pub(crate) fn split_factor(known: &Known<'_>, since: Timestamp) -> f64 {
    latest(known, EventKind::Split)
        .values()
        .filter(|entry| {
            entry
                .when
                .is_some_and(|when| when > since && when <= known.time)
        })
        .filter_map(|entry| entry.actual.or(entry.expected))
        .filter(|ratio| *ratio > 0.0 && ratio.is_finite())
        .product()
}

struct Distance {
    kind: EventKind,
}

impl AsOf for Distance {
    fn outputs(&self) -> usize {
        2
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let days = |when: Timestamp| when.nanos_since(known.time) as f64 / NANOS_PER_DAY as f64;
        let (mut ahead, mut behind) = (f64::NAN, f64::NAN);
        for when in latest(known, self.kind)
            .values()
            .filter_map(|entry| entry.when)
        {
            // `min` passes over NaN.
            if when > known.time {
                ahead = days(when).min(ahead);
            } else {
                behind = (-days(when)).min(behind);
            }
        }
        out.copy_from_slice(&[ahead, behind]);
    }
}

struct Surprise {
    kind: EventKind,
    history: usize,
}

/// A result against its expectation.
#[derive(Clone, Copy)]
struct Outcome {
    reported: Timestamp,
    surprise: f64,
    expected: f64,
}

impl Surprise {
    /// In the order reported.
    fn outcomes(&self, known: &Known<'_>) -> Vec<Outcome> {
        let mut expected: BTreeMap<&str, f64> = BTreeMap::new();
        let mut outcomes: BTreeMap<&str, Option<Outcome>> = BTreeMap::new();
        for entry in known
            .announcements
            .iter()
            .filter(|entry| entry.kind == self.kind)
        {
            let key = entry.key.as_str();
            if outcomes.contains_key(key) {
                continue;
            }
            let expectation = entry.expected.or_else(|| expected.get(key).copied());
            match (entry.actual, expectation) {
                (Some(actual), Some(expected)) => {
                    let outcome = Outcome {
                        reported: entry.received,
                        surprise: actual - expected,
                        expected,
                    };
                    outcomes.insert(key, Some(outcome));
                }
                (Some(_), None) => {
                    outcomes.insert(key, None);
                }
                (None, Some(expectation)) => {
                    expected.insert(key, expectation);
                }
                (None, None) => {}
            }
        }
        let mut found: Vec<Outcome> = outcomes.into_values().flatten().collect();
        found.retain(|outcome| outcome.surprise.is_finite());
        found.sort_by_key(|outcome| outcome.reported);
        found
    }
}

impl AsOf for Surprise {
    fn outputs(&self) -> usize {
        3
    }

    fn evaluate(&self, known: &Known<'_>, _row: &[f64], out: &mut [f64]) {
        let outcomes = self.outcomes(known);
        let Some((last, earlier)) = outcomes.split_last() else {
            out.fill(f64::NAN);
            return;
        };
        let earlier = earlier.get(earlier.len().saturating_sub(self.history)..);
        let earlier = earlier.unwrap_or_default();
        let n = earlier.len() as f64;
        let mean = earlier.iter().map(|outcome| outcome.surprise).sum::<f64>() / n;
        let squares: f64 = earlier.iter().map(|o| (o.surprise - mean).powi(2)).sum();
        let deviation = (squares / (n - 1.0)).sqrt();
        let over = |unit: f64| {
            if unit > 0.0 {
                last.surprise / unit
            } else {
                f64::NAN
            }
        };
        let standardised = if n >= 2.0 { over(deviation) } else { f64::NAN };
        out.copy_from_slice(&[last.surprise, over(last.expected.abs()), standardised]);
    }
}
