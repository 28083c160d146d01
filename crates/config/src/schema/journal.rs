//! The journal of events.

use crate::key::section;
use crate::value::{ByteSize, FilePath, Span, choices};

choices! {
    /// When a record counts as written.
    pub enum Durability {
        /// When it is on the disk. Production refuses anything else.
        Disk = "disk",
        /// When the operating system has it: lost when the machine fails. For backtests.
        Memory = "memory",
    }
}

section! {
    /// The journal: every event, durable before its effects leave the process.
    pub struct JournalSettings in "journal." {
        /// Folder of the journal.
        directory: FilePath = "journal", unit "", range "", restart;
        /// When a record counts as written.
        durability: Durability = "disk", unit "", range "", restart;
        /// Size at which a new file is begun.
        segment_size: ByteSize = "64MiB", unit "", range "[64KiB, 4GiB]", restart;
        /// Most records that are written together.
        group_records: u32 = "1024", unit "records", range "[1, 1000000]", restart;
        /// Longest time a record waits for others to be written together with.
        group_delay: Span = "1ms", unit "", range "[0s, 1s]", restart;
    }
}
