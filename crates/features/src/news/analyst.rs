//! Reads a news item once, when it arrives.

use thiserror::Error;
use trader_domain::{NewsItem, Timestamp, VendorId};

use super::classes::EventClasses;
use super::credibility::Credibility;
use super::lexicon::Lexicon;

/// Why a model gave no sentiment.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum SentimentError {
    /// The model failed; its own words.
    #[error("the sentiment model failed: {0}")]
    Model(String),
    /// A number outside -1..1, or none.
    #[error("the sentiment model gave {0}, a number from -1 to 1 is needed")]
    OutOfRange(f64),
}

/// Tells how good a text is for whom it is about.
///
/// The default is [`Lexicon::finance`]. A language model is put behind this trait by whoever can run
/// it; it must give the same number for the same text, or runs do not repeat.
pub trait SentimentModel: Send + Sync {
    /// -1 (bad) to 1 (good).
    ///
    /// # Errors
    /// [`SentimentError::Model`].
    fn sentiment(&self, text: &str) -> Result<f64, SentimentError>;
}

impl SentimentModel for Lexicon {
    fn sentiment(&self, text: &str) -> Result<f64, SentimentError> {
        Ok(self.score(text).compound)
    }
}

impl SentimentModel for &Lexicon {
    fn sentiment(&self, text: &str) -> Result<f64, SentimentError> {
        (*self).sentiment(text)
    }
}

/// A news item as read, or the news that one was taken back; goes into [`crate::Knowledge::news`].
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Who delivered the item.
    pub vendor: VendorId,
    /// The vendor's id: the same id again is an edit of the item.
    pub id: String,
    /// When we had it.
    pub received: Timestamp,
    /// What was read; `None` for a retraction.
    pub reading: Option<Reading>,
}

/// What one item says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The headline, for comparing items.
    pub headline: String,
    /// -1 to 1.
    pub sentiment: f64,
    /// Of the source, 0..1.
    pub credibility: f64,
    /// What it reports.
    pub classes: EventClasses,
}

impl Analysis {
    /// The vendor took the item back.
    pub fn retraction(vendor: VendorId, id: &str, received: Timestamp) -> Self {
        Self {
            vendor,
            id: id.to_owned(),
            received,
            reading: None,
        }
    }
}

/// A sentiment model and a table of sources.
///
/// It reads headlines only: bodies repeat the past, and headlines are what every vendor delivers.
pub struct Analyst {
    model: Box<dyn SentimentModel>,
    credibility: Credibility,
}

impl Default for Analyst {
    fn default() -> Self {
        Self::new(Box::new(Lexicon::finance()), Credibility::default())
    }
}

impl std::fmt::Debug for Analyst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyst").finish_non_exhaustive()
    }
}

impl Analyst {
    /// With another model or other beliefs than the default.
    pub fn new(model: Box<dyn SentimentModel>, credibility: Credibility) -> Self {
        Self { model, credibility }
    }

    /// Reads an item.
    ///
    /// # Errors
    /// [`SentimentError`].
    pub fn read(&self, item: &NewsItem) -> Result<Analysis, SentimentError> {
        let sentiment = self.sentiment(&item.headline)?;
        Ok(Analysis {
            vendor: item.vendor,
            id: item.id.clone(),
            received: item.received,
            reading: Some(Reading {
                headline: item.headline.clone(),
                sentiment,
                credibility: self.credibility.of(&item.source),
                classes: EventClasses::of(&item.headline),
            }),
        })
    }

    /// The model's sentiment, checked.
    ///
    /// # Errors
    /// [`SentimentError`].
    pub fn sentiment(&self, text: &str) -> Result<f64, SentimentError> {
        let sentiment = self.model.sentiment(text)?;
        if (-1.0..=1.0).contains(&sentiment) {
            Ok(sentiment)
        } else {
            Err(SentimentError::OutOfRange(sentiment))
        }
    }
}
