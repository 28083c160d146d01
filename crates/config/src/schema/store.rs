//! Where market data is kept, and how it is filled.

use crate::key::section;
use crate::value::{FilePath, VendorRule};

section! {
    /// The market-data store.
    pub struct StoreSettings in "store." {
        /// Folder of the store; made by the first `backfill run`.
        folder: FilePath = "market-data", unit "", range "", restart;
        /// Threads that read and check source files during a backfill.
        workers: u32 = "2", unit "threads", range "[1, 64]", restart;
        /// What may be done with a vendor's data, and how long it stays, each
        /// `VENDOR: archive=DAYS|never keep=DAYS|forever export=allow|warn|refuse`. `*` stands for every other
        /// vendor; what is left out is `archive=365 keep=forever export=refuse`.
        vendors: Vec<VendorRule> = "", unit "", range "", restart;
    }
}
