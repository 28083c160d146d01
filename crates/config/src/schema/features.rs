//! Feature sets, and how features are computed.

use crate::key::section;
use crate::value::{ByteSize, FeatureSetText, FilePath};

section! {
    /// Feature sets, and how features are computed.
    pub struct FeatureSettings in "features." {
        /// Feature sets beside the built-in ones, each `name@version: formula; formula`. A formula is a
        /// feature (`rsi_14`), an expression (`close / sma_200 - 1`) or a named one
        /// (`hot = rsi_14 > 70`). The content of a version never changes.
        sets: Vec<FeatureSetText> = "", unit "", range "", restart;
        /// Folder of the feature store.
        store: FilePath = "feature-store", unit "", range "", restart;
        /// Memory that computing features may take.
        memory: ByteSize = "1GiB", unit "", range "[16MiB, 1024GiB]", restart;
    }
}
