//! Features over bars: computing in chunks, keeping, joining.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod bars;
mod chunks;
mod compaction;
mod kept;
