//! What was known about one symbol at an instant: news, posts, calendars, statements, option
//! chains.
//!
//! [`Knowledge`] receives items in the order in which we had them. [`Knowledge::at`] gives the part
//! that had been received *before* an instant, and nothing else can be reached through it: a
//! calculator that reads a [`Known`] cannot look ahead, in history no more than live. History hands
//! everything over first and asks for one instant after the other; live trading hands items over as
//! they come. Both ask the same function.

use trader_domain::Timestamp;

use crate::error::FeatureError;
use crate::events::Announcement;
use crate::fundamentals::Fact;
use crate::news::{Analysis, Story, StoryLog};
use crate::options::ChainSnapshot;
use crate::social::{Heard, Post, PostLog};

/// Everything received about one symbol so far, feed by feed.
///
/// What one symbol's items are is the caller's choice; [`crate::news::Linker`] helps. Releases that
/// concern every symbol (FOMC, CPI) are handed to each.
#[derive(Debug, Default)]
pub struct Knowledge {
    news: StoryLog,
    posts: PostLog,
    announcements: Vec<Announcement>,
    facts: Vec<Fact>,
    chains: Vec<ChainSnapshot>,
}

impl Knowledge {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a news item, an edit of one, or a retraction, already analysed.
    ///
    /// # Errors
    /// [`FeatureError::OutOfOrder`] when it was received before the last one.
    pub fn news(&mut self, story: Analysis) -> Result<(), FeatureError> {
        self.news.receive(story)
    }

    /// Takes a post, already analysed.
    ///
    /// # Errors
    /// As [`Knowledge::news`].
    pub fn post(&mut self, post: Heard) -> Result<(), FeatureError> {
        self.posts.receive(post)
    }

    /// Takes a version of a calendar entry.
    ///
    /// # Errors
    /// As [`Knowledge::news`].
    pub fn announcement(&mut self, entry: Announcement) -> Result<(), FeatureError> {
        in_order(
            "announcements",
            self.announcements.last().map(|last| last.received),
            entry.received,
        )?;
        self.announcements.push(entry);
        Ok(())
    }

    /// Takes a figure of a financial statement.
    ///
    /// # Errors
    /// As [`Knowledge::news`].
    pub fn fact(&mut self, fact: Fact) -> Result<(), FeatureError> {
        in_order(
            "facts",
            self.facts.last().map(|last| last.received),
            fact.received,
        )?;
        self.facts.push(fact);
        Ok(())
    }

    /// Takes a snapshot of the option chain.
    ///
    /// # Errors
    /// As [`Knowledge::news`].
    pub fn chain(&mut self, chain: ChainSnapshot) -> Result<(), FeatureError> {
        let last = self.chains.last().map(|last| last.received);
        in_order("option chains", last, chain.received)?;
        self.chains.push(chain);
        Ok(())
    }

    /// What had been received before `time`.
    pub fn at(&self, time: Timestamp) -> Known<'_> {
        Known {
            time,
            news: self.news.before(time),
            posts: self.posts.before(time),
            announcements: before(&self.announcements, time, |entry| entry.received),
            facts: before(&self.facts, time, |fact| fact.received),
            chains: before(&self.chains, time, |chain| chain.received),
        }
    }
}

/// What could be known at [`Known::time`].
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The instant: a bar's close.
    pub time: Timestamp,
    /// News, in the order received, each in every version.
    pub news: &'a [Story],
    /// Posts, in the order received.
    pub posts: &'a [Post],
    /// Calendar entries, in the order received, each in every version.
    pub announcements: &'a [Announcement],
    /// Figures of statements, in the order received, each in every version.
    pub facts: &'a [Fact],
    /// Option chains, in the order received.
    pub chains: &'a [ChainSnapshot],
}

/// The prefix that had been received before `time`, of items in the order received.
pub(crate) fn before<T>(items: &[T], time: Timestamp, received: impl Fn(&T) -> Timestamp) -> &[T] {
    let end = items.partition_point(|item| received(item) < time);
    items.get(..end).unwrap_or(items)
}

/// Refuses an item received before the one that was handed over last.
pub(crate) fn in_order(
    feed: &'static str,
    last: Option<Timestamp>,
    next: Timestamp,
) -> Result<(), FeatureError> {
    match last {
        Some(last) if next < last => Err(FeatureError::OutOfOrder { feed, last, next }),
        _ => Ok(()),
    }
}
