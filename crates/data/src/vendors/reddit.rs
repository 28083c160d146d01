//! Posts of Reddit's search (`/search`): listings that are paged by the name of the last post.
//!
//! The search finds what is similar; a post counts for a symbol only when its text has the symbol as a word, with or
//! without `$` before it.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, InvalidHeaderValue, USER_AGENT};
use serde::Deserialize;
use serde_json::value::RawValue;
use trader_domain::{EasternTime, SocialPost, Symbol, VendorId};

use super::decode::{Page, count, each, seconds, some, valid};
use super::link::{AskError, PageFault, address, with_parameter};
use super::records::VendorRecords;
use crate::record_source::{Delivery, PostSource, RecordRequest, Stamp};

/// Posts in a page.
const PAGE: &str = "100";

/// The platform.
#[derive(Clone, Debug)]
pub struct Reddit {
    base: Url,
}

impl Reddit {
    /// At this address.
    pub fn new(base: Url) -> Self {
        Self { base }
    }

    /// The header that says who asks; without it hardly any call is let through.
    ///
    /// # Errors
    /// When the text holds characters that a header cannot carry.
    pub fn headers(agent: &str) -> Result<HeaderMap, InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_str(agent)?);
        Ok(headers)
    }

    /// The newest posts that the search finds for a symbol.
    ///
    /// # Errors
    /// When the configured address cannot be a base.
    pub fn search(&self, symbol: Symbol) -> Result<Url, String> {
        let query = [
            ("q", symbol.as_str()),
            ("sort", "new"),
            ("type", "link"),
            ("limit", PAGE),
            ("raw_json", "1"),
        ];
        address(&self.base, &["search"], &query)
    }
}

#[derive(Deserialize)]
struct Listing<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    children: Vec<Child<'a>>,
    #[serde(default)]
    after: Option<String>,
}

#[derive(Deserialize)]
struct Child<'a> {
    kind: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct WirePost<'a> {
    id: String,
    author: String,
    title: String,
    #[serde(default)]
    selftext: Option<String>,
    #[serde(borrow)]
    created_utc: &'a RawValue,
    #[serde(borrow)]
    ups: &'a RawValue,
    #[serde(borrow)]
    num_comments: &'a RawValue,
    #[serde(borrow, default)]
    num_crossposts: Option<&'a RawValue>,
}

/// A page of a listing; `asked` is the symbol that was searched for. Posts that do not name it carry no symbol.
///
/// # Errors
/// [`PageFault`] when it is none.
pub fn reddit_posts(
    body: &[u8],
    asked: Symbol,
    stamp: Stamp,
) -> Result<Page<SocialPost>, PageFault> {
    let Listing { data } = serde_json::from_slice(body)?;
    // Other kinds than links (`t3`) are not posts.
    let posts = data.children.iter().filter(|child| child.kind == "t3");
    let delivery = each(posts.map(|child| child.data), |wire: WirePost<'_>| {
        let text = match some(wire.selftext) {
            Some(body) => format!("{}\n\n{body}", wire.title),
            None => wire.title,
        };
        let symbols = if names(&text, asked) {
            vec![asked]
        } else {
            Vec::new()
        };
        valid(SocialPost {
            id: wire.id,
            vendor: stamp.vendor,
            platform: "reddit".to_owned(),
            author: wire.author,
            published: seconds("created_utc", wire.created_utc)?,
            received: stamp.received,
            text,
            symbols,
            likes: count("ups", wire.ups)?,
            shares: wire
                .num_crossposts
                .map_or(Ok(0), |raw| count("num_crossposts", raw))?,
            replies: count("num_comments", wire.num_comments)?,
            followers: None,
        })
    });
    Ok(Page {
        delivery,
        next: some(data.after),
    })
}

/// Whether a text has a symbol as a word.
fn names(text: &str, symbol: Symbol) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/');
    text.split(|c: char| !is_part(c))
        .any(|word| word.trim_end_matches(['.', '-', '/']) == symbol.as_str())
}

impl PostSource for VendorRecords<Reddit> {
    fn posts(
        &self,
        request: &RecordRequest,
        vendor: VendorId,
    ) -> Result<Delivery<SocialPost>, AskError> {
        let day = |post: &SocialPost| EasternTime::at(post.published).map(|at| at.date).ok();
        let mut all = self.each_symbol(request, |symbol| {
            let decode = |body: &[u8], stamp: Stamp| {
                let mut page = reddit_posts(body, symbol, stamp)?;
                // The newest come first: what follows a post from before the first day is older still.
                let oldest = page.delivery.records.iter().filter_map(day).min();
                if oldest.is_some_and(|oldest| oldest < request.from) {
                    page.next = None;
                }
                Ok(page)
            };
            let turn = |asked: &Url, after: &str| Ok(with_parameter(asked, "after", after));
            self.collect(self.vendor.search(symbol), vendor, decode, turn)
        })?;
        all.records.retain(|post| {
            !post.symbols.is_empty()
                && day(post).is_some_and(|day| (request.from..=request.to).contains(&day))
        });
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_symbol_is_named_as_a_word_only() {
        let apple = Symbol::new("AAPL").unwrap();
        for text in ["$AAPL to the moon", "I sold AAPL.", "(AAPL)", "AAPL"] {
            assert!(names(text, apple), "{text}");
        }
        for text in ["AAPLE", "aapl", "XAAPL", "apples", "AAPL.L", ""] {
            assert!(!names(text, apple), "{text}");
        }
    }
}
