//! News: what an item says, how new it is, whom it is about, and what all of them amount to at a
//! bar's close.
//!
//! - [`Analyst`] reads an item once, when it arrives: sentiment, event classes, credibility of the
//!   source. [`SentimentModel`] is where a language model plugs in; [`Lexicon::finance`] is the default.
//! - [`Linker`] finds the companies a text names.
//! - [`similarity`] compares texts: TF-IDF cosine, word n-grams.
//! - [`crate::Knowledge`] keeps the analysed items, and the registry's news features (sentiment,
//!   volume, acceleration, novelty, event counts) are functions of what it had received before the
//!   bar closed.
//!
//! All text is outside text: it is counted and compared, never followed.

mod analyst;
mod classes;
mod credibility;
mod lexicon;
mod linker;
pub(crate) mod series;
pub mod similarity;
mod story;
mod valence;

pub use analyst::{Analysis, Analyst, Reading, SentimentError, SentimentModel};
pub use classes::{EventClass, EventClasses};
pub use credibility::{Credibility, CredibilityError};
pub use lexicon::Lexicon;
pub use linker::{Company, Evidence, Link, Linked, Linker, LinkerError};
pub(crate) use story::StoryLog;
pub use story::{Report, Story};
pub use valence::Valence;
