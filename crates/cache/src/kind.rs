//! What is cached, under which name, for how long.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// The longest key in bytes.
const LONGEST: usize = 512;

/// A kind of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Best bids and offers.
    Quotes,
    /// Prints.
    Trades,
    /// Bars.
    Ohlcv,
    /// Computed features.
    Features,
    /// What a vendor sent of a past that no longer changes.
    Answers,
}

impl Kind {
    /// The word in keys.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quotes => "quotes",
            Self::Trades => "trades",
            Self::Ohlcv => "ohlcv",
            Self::Features => "features",
            Self::Answers => "answers",
        }
    }
}

/// Whether prices are moving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// They are.
    Open,
    /// They are not: what was read last stays true for longer.
    Closed,
}

/// How long entries count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Quotes and trades while the market is open.
    pub quotes: Duration,
    /// Bars and features while the market is open.
    pub prices: Duration,
    /// All of these while it is closed.
    pub closed: Duration,
    /// Answers of vendors about settled days.
    pub answers: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            quotes: Duration::from_secs(60),
            prices: Duration::from_secs(300),
            closed: Duration::from_secs(3_600),
            answers: Duration::from_secs(30 * 86_400),
        }
    }
}

impl Lifetimes {
    /// How long an entry of this kind counts.
    pub const fn of(&self, kind: Kind, market: Market) -> Duration {
        match (kind, market) {
            (Kind::Answers, _) => self.answers,
            (_, Market::Closed) => self.closed,
            (Kind::Quotes | Kind::Trades, Market::Open) => self.quotes,
            (Kind::Ohlcv | Kind::Features, Market::Open) => self.prices,
        }
    }
}

/// The name of an entry: its kind and what it is about, such as `ohlcv:alpaca:AAPL:1m:2024-06`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    kind: Kind,
    text: String,
}

/// A name that cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a key's parts hold 1 to {LONGEST} bytes without control characters, `:` and `*`")]
pub struct KeyError;

impl Key {
    /// A key of parts.
    ///
    /// # Errors
    /// [`KeyError`] for empty parts, and characters that separate parts or stand for any.
    pub fn new(kind: Kind, parts: &[&str]) -> Result<Self, KeyError> {
        let mut text = kind.name().to_owned();
        for part in parts {
            let is_plain = |c: char| !c.is_control() && c != ':' && c != '*';
            if part.is_empty() || !part.chars().all(is_plain) {
                return Err(KeyError);
            }
            text.push(':');
            text.push_str(part);
        }
        if parts.is_empty() || text.len() > LONGEST {
            return Err(KeyError);
        }
        Ok(Self { kind, text })
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
