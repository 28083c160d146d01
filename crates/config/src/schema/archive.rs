//! Where old market data goes.

use crate::key::section;
use crate::secret::Secret;
use crate::value::{ArchiveUrl, Endpoint, RegionName, Span};

section! {
    /// The archive: object storage for partitions of the store that have grown old.
    pub struct ArchiveSettings in "archive." {
        /// Where it is: `s3://BUCKET/PREFIX` or `file:///FOLDER`.
        url: Option<ArchiveUrl> = unset, unit "", range "", restart;
        /// Address of an S3-compatible service other than Amazon's.
        endpoint: Option<Endpoint> = unset, unit "", range "", restart;
        /// Region of the bucket.
        region: RegionName = "us-east-1", unit "", range "", restart;
        /// Id of the key that reads, writes and lists the bucket.
        access_key_id: Option<Secret> = unset, unit "", range "", restart;
        /// The secret half of that key.
        secret_access_key: Option<Secret> = unset, unit "", range "", restart;
        /// How long one call may take, with up to 8 MiB in it.
        timeout: Span = "2min", unit "", range "[1s, 1h]", restart;
        /// How long a call is repeated while the service fails.
        patience: Span = "4min", unit "", range "[1s, 1h]", restart;
    }
}
