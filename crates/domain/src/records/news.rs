//! News items as records: what they share with all others.

use crate::ids::VendorId;
use crate::news::NewsItem;
use crate::records::{Record, RecordError, error};
use crate::time::Timestamp;

impl Record for NewsItem {
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
        error::text("headline", &self.headline)
    }
}
