//! Reads a post once, when it arrives.

use std::collections::BTreeSet;

use trader_domain::{SocialPost, Timestamp};

use crate::news::{Analyst, SentimentError, similarity};

/// Words in a row that two texts must share to be compared.
pub(super) const SHINGLE: usize = 3;
/// Longest part of a text that is read, in terms.
const READ: usize = 400;

/// A post as read; goes into [`crate::Knowledge::post`].
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Platform and author.
    pub author: String,
    /// Platform and the post's id there.
    pub id: String,
    /// When we had it.
    pub received: Timestamp,
    /// -1 to 1.
    pub sentiment: f64,
    /// The author's followers, where known.
    pub followers: Option<u64>,
    /// Different cashtags in the text.
    pub cashtags: usize,
    /// Links in the text.
    pub links: usize,
    /// Terms in the text, links and cashtags not counted.
    pub words: usize,
    /// The sequences of three terms in the text, for comparing texts; of a shorter text all its terms
    /// as one.
    pub shingles: BTreeSet<Vec<String>>,
}

/// Reads posts with a sentiment model.
#[derive(Debug, Default)]
pub struct Listener {
    analyst: Analyst,
}

impl Listener {
    /// With the model of an analyst.
    pub fn new(analyst: Analyst) -> Self {
        Self { analyst }
    }

    /// Reads a post.
    ///
    /// # Errors
    /// [`SentimentError`].
    pub fn read(&self, post: &SocialPost) -> Result<Heard, SentimentError> {
        let parts: Vec<&str> = post.text.split_whitespace().collect();
        let is_link = |part: &str| part.contains("://") || part.starts_with("www.");
        let tag = |part: &str| {
            let tag = part.strip_prefix('$')?;
            let name: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
            (!name.is_empty()).then(|| name.to_uppercase())
        };
        let plain: Vec<&str> = parts
            .iter()
            .copied()
            .filter(|part| !is_link(part) && tag(part).is_none())
            .collect();
        let mut terms = similarity::terms(&plain.join(" "));
        terms.truncate(READ);
        let shingles = if terms.len() < SHINGLE {
            (!terms.is_empty())
                .then(|| terms.clone())
                .into_iter()
                .collect()
        } else {
            terms.windows(SHINGLE).map(<[String]>::to_vec).collect()
        };
        Ok(Heard {
            author: format!("{}/{}", post.platform, post.author),
            id: format!("{}/{}", post.platform, post.id),
            received: post.received,
            sentiment: self.analyst.sentiment(&post.text)?,
            followers: post.followers,
            cashtags: parts
                .iter()
                .filter_map(|part| tag(part))
                .collect::<BTreeSet<_>>()
                .len(),
            links: parts.iter().filter(|part| is_link(part)).count(),
            words: terms.len(),
            shingles,
        })
    }
}
