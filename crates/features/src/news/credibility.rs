//! How far a source is believed, 0..1.
//!
//! The default tiers are this project's judgement of kinds of sources, not a measurement: what a
//! strategy trades on should set its own.

use std::collections::BTreeMap;

use thiserror::Error;

/// Regulators and the issuer's own filings.
const OFFICIAL: f64 = 1.0;
/// Wire services with editors.
const WIRE: f64 = 0.9;
/// Newspapers and broadcasters.
const PRESS: f64 = 0.8;
/// Press releases: true as to who said it.
const RELEASE: f64 = 0.7;
/// Opinion and aggregation.
const OPINION: f64 = 0.4;
/// Nobody answers for it.
const ANONYMOUS: f64 = 0.2;

const DEFAULTS: &[(&str, f64)] = &[
    ("associated press", WIRE),
    ("ap", WIRE),
    ("barron's", PRESS),
    ("bbc", PRESS),
    ("benzinga", 0.6),
    ("bloomberg", WIRE),
    ("business wire", RELEASE),
    ("businesswire", RELEASE),
    ("cnbc", PRESS),
    ("dow jones", WIRE),
    ("dow jones newswires", WIRE),
    ("edgar", OFFICIAL),
    ("fda", OFFICIAL),
    ("federal reserve", OFFICIAL),
    ("financial times", PRESS),
    ("forbes", 0.6),
    ("globenewswire", RELEASE),
    ("marketwatch", PRESS),
    ("motley fool", OPINION),
    ("nasdaq", OFFICIAL),
    ("new york times", PRESS),
    ("nyse", OFFICIAL),
    ("pr newswire", RELEASE),
    ("prnewswire", RELEASE),
    ("reddit", ANONYMOUS),
    ("reuters", WIRE),
    ("sec", OFFICIAL),
    ("seeking alpha", OPINION),
    ("seekingalpha", OPINION),
    ("stocktwits", ANONYMOUS),
    ("the motley fool", OPINION),
    ("the wall street journal", PRESS),
    ("twitter", ANONYMOUS),
    ("wall street journal", PRESS),
    ("wsj", PRESS),
    ("x", ANONYMOUS),
    ("yahoo finance", 0.6),
    ("zacks", OPINION),
];

/// Of a source that no list names.
const UNKNOWN: f64 = 0.5;

/// A credibility that is not a share.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("the credibility of `{source_name}` is {found}, a share between 0 and 1 is needed")]
pub struct CredibilityError {
    /// Which source.
    pub source_name: String,
    /// What was given.
    pub found: f64,
}

/// Sources and how far they are believed.
#[derive(Debug, Clone)]
pub struct Credibility {
    shares: BTreeMap<String, f64>,
    unknown: f64,
}

impl Default for Credibility {
    fn default() -> Self {
        let shares = DEFAULTS
            .iter()
            .map(|(name, share)| ((*name).to_owned(), *share));
        Self {
            shares: shares.collect(),
            unknown: UNKNOWN,
        }
    }
}

impl Credibility {
    /// With one source changed or added; names are compared without case.
    ///
    /// # Errors
    /// [`CredibilityError`] for anything but a share from 0 to 1.
    pub fn with(mut self, source: &str, share: f64) -> Result<Self, CredibilityError> {
        let share = checked(source, share)?;
        self.shares.insert(normal(source), share);
        Ok(self)
    }

    /// With another share for sources that no list names.
    ///
    /// # Errors
    /// As [`Credibility::with`].
    pub fn with_unknown(mut self, share: f64) -> Result<Self, CredibilityError> {
        self.unknown = checked("unknown sources", share)?;
        Ok(self)
    }

    /// Of a source.
    pub fn of(&self, source: &str) -> f64 {
        self.shares
            .get(&normal(source))
            .copied()
            .unwrap_or(self.unknown)
    }
}

fn checked(source: &str, share: f64) -> Result<f64, CredibilityError> {
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(CredibilityError {
            source_name: source.chars().take(60).collect(),
            found: share,
        })
    }
}

fn normal(source: &str) -> String {
    source.trim().to_lowercase()
}
