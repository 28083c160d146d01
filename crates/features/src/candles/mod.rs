//! The 61 candlestick patterns of TA-Lib: +100 bullish, -100 bearish (some up to 200), 0 none.
//!
//! The conditions are those of the `ta-lib` crate, the official Rust port of TA-Lib. Its handles
//! keep private running sums, which cannot be saved and never forget a huge print. Here every
//! [`pattern::CHUNK`] rows a pattern starts afresh from the bars it looks back on, in batch and in
//! streaming form alike. So a snapshot is those bars, a restored calculator continues bit for bit,
//! and whatever happened before is gone after at most one chunk.

mod pattern;
pub(crate) mod patterns;
