//! News items as received.

use crate::ids::{Symbol, VendorId};
use crate::time::Timestamp;

/// One news item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewsItem {
    /// The vendor's id of the item.
    pub id: String,
    /// Who delivered it.
    pub vendor: VendorId,
    /// When it was published.
    pub published: Timestamp,
    /// When we had it; decisions may use it only from then on.
    pub received: Timestamp,
    /// Headline.
    pub headline: String,
    /// Summary or body, where there is one.
    pub body: Option<String>,
    /// The publisher.
    pub source: String,
    /// Tickers that the vendor linked.
    pub symbols: Vec<Symbol>,
    /// Link to the original.
    pub url: Option<String>,
}
