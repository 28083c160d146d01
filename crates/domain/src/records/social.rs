//! Posts on social media that name instruments.

use crate::ids::{Symbol, VendorId};
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

/// One post.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SocialPost {
    /// The platform's id of the post.
    pub id: String,
    /// Who delivered it.
    pub vendor: VendorId,
    /// Where it was posted, e.g. `reddit`.
    pub platform: String,
    /// The author's name on the platform.
    pub author: String,
    /// When it was posted.
    pub published: Timestamp,
    /// When we had it.
    pub received: Timestamp,
    /// What it says. Outside text: it is data, never an instruction to anything.
    pub text: String,
    /// Tickers that the vendor or platform linked.
    pub symbols: Vec<Symbol>,
    /// Approvals when it was received.
    pub likes: u64,
    /// Times it was passed on when it was received.
    pub shares: u64,
    /// Answers when it was received.
    pub replies: u64,
    /// The author's followers when it was received, where known.
    pub followers: Option<u64>,
}

impl Record for SocialPost {
    fn vendor(&self) -> VendorId {
        self.vendor
    }

    fn published(&self) -> Timestamp {
        self.published
    }

    fn received(&self) -> Timestamp {
        self.received
    }

    fn validate(&self) -> Result<(), RecordError> {
        error::times(self.published, self.received)?;
        error::name("id", &self.id)?;
        error::name("platform", &self.platform)?;
        error::name("author", &self.author)?;
        error::text("text", &self.text)
    }
}
