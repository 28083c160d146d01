//! Posts in the order received, judged by what their authors had posted before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use trader_domain::{NANOS_PER_DAY, Timestamp};

use super::listener::Heard;
use crate::error::FeatureError;
use crate::knowledge::{before, in_order};

/// Most earlier posts of an author that are looked at.
const REMEMBERED: usize = 50;
/// Posts a day beyond which a person can hardly keep up.
const MANY_A_DAY: f64 = 40.0;
/// Different cashtags in one post that are a list, not a thought.
const MANY_TAGS: usize = 5;
/// Followers at which credibility stops rising.
const WIDELY_KNOWN: f64 = 1e6;

/// One post, judged when it was received.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// When we had it.
    pub received: Timestamp,
    /// Platform and author.
    pub author: String,
    /// -1 to 1.
    pub sentiment: f64,
    /// How much the post looks automated, 0..1: 1 less the product of what each sign leaves: up to
    /// half for posting many times a day, up to 0.7 for repeating oneself, 0.4 for a list of cashtags,
    /// 0.3 for a link with hardly a word.
    pub automation: f64,
    /// How far it is believed, 0..1: 0.2 for anybody, up to 0.8 more with the logarithm of the
    /// followers (none known: none), less the share that looks automated.
    pub credibility: f64,
    /// Its sequences of terms, for comparing texts.
    pub(super) shingles: BTreeSet<Vec<String>>,
}

impl Post {
    /// Whether the filter takes it for automated.
    pub fn is_automated(&self) -> bool {
        self.automation >= 0.5
    }
}

/// What is kept of an author's last posts.
#[derive(Debug)]
struct Past {
    received: Timestamp,
    shingles: BTreeSet<Vec<String>>,
}

/// All posts, in the order received, each once.
#[derive(Debug, Default)]
pub(crate) struct PostLog {
    posts: Vec<Post>,
    seen: BTreeSet<String>,
    authors: BTreeMap<String, VecDeque<Past>>,
}

impl PostLog {
    /// Takes a post in; one that came before, by its id, is passed over.
    pub(crate) fn receive(&mut self, heard: Heard) -> Result<(), FeatureError> {
        let received = heard.received;
        in_order(
            "posts",
            self.posts.last().map(|last| last.received),
            received,
        )?;
        if !self.seen.insert(heard.id.clone()) {
            return Ok(());
        }
        let past = self.authors.entry(heard.author.clone()).or_default();
        let day_before = received.saturating_add(-NANOS_PER_DAY);
        while past.len() >= REMEMBERED
            || past.front().is_some_and(|post| post.received < day_before)
        {
            past.pop_front();
        }
        let automation = automation(&heard, past);
        past.push_back(Past {
            received,
            shingles: heard.shingles.clone(),
        });
        let followers = heard.followers.unwrap_or(0) as f64;
        let known = ((1.0 + followers).ln() / (1.0 + WIDELY_KNOWN).ln()).min(1.0);
        self.posts.push(Post {
            received,
            author: heard.author,
            sentiment: heard.sentiment,
            automation,
            credibility: (0.2 + 0.8 * known) * (1.0 - automation),
            shingles: heard.shingles,
        });
        Ok(())
    }

    /// The posts received before `time`.
    pub(crate) fn before(&self, time: Timestamp) -> &[Post] {
        before(&self.posts, time, |post| post.received)
    }
}

/// How much a post looks automated, given its author's posts of the day before; see [`Post`].
fn automation(heard: &Heard, past: &VecDeque<Past>) -> f64 {
    let busy = (past.len() as f64 / MANY_A_DAY).min(1.0);
    let repeated = past
        .iter()
        .filter(|post| same_text(&post.shingles, &heard.shingles))
        .count() as f64;
    // Saying a thing twice happens; four times in a day is a habit.
    let repeating = (repeated / 3.0).min(1.0);
    let listing = if heard.cashtags >= MANY_TAGS {
        1.0
    } else {
        0.0
    };
    let pointing = if heard.links > 0 && heard.words < 3 {
        1.0
    } else {
        0.0
    };
    let left = (1.0 - 0.5 * busy)
        * (1.0 - 0.7 * repeating)
        * (1.0 - 0.4 * listing)
        * (1.0 - 0.3 * pointing);
    1.0 - left
}

/// Whether two texts share half of the sequences of the shorter one.
pub(super) fn same_text(a: &BTreeSet<Vec<String>>, b: &BTreeSet<Vec<String>>) -> bool {
    let (small, large) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let shared = small
        .iter()
        .filter(|shingle| large.contains(*shingle))
        .count();
    !small.is_empty() && 2 * shared >= small.len()
}
