//! CPU nanoseconds per value, best of many interleaved rounds, so that other work on the machine
//! counts for little.
//!
//! - `cargo bench -p trader-features --bench kernels`: everything below in turn;
//! - `... -- shared [NAME]`: batch beside the `ta-lib` crate, for each shared function;
//! - `... -- streaming [NAME]`: one update of each calculator;
//! - `... -- set`: sixty features in one pass, together and one by one;
//! - `... -- options`: beside the `implied-vol` crate;
//! - `... -- worker`: answers `cargo xtask bench kernels`, which adds TA-Lib C and `QuantLib`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints and fails by panicking"
)]

mod bars;
mod chain;
mod measure;
mod options;
mod set;
mod shared;
mod streaming;
mod worker;

use bars::Bars;

/// Rows of the batch measurements.
const ROWS: usize = 1_000_000;

fn main() {
    // Cargo passes `--bench`; what is left are ours.
    let mut words = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'));
    let (part, name) = (words.next(), words.next().unwrap_or_default());
    match part.as_deref() {
        Some("worker") => worker::serve(),
        Some("shared") => shared::print(&Bars::new(ROWS), &name),
        Some("streaming") => streaming::print(&name),
        Some("set") => set::print(&Bars::new(ROWS)),
        Some("options") => options::print(),
        Some(other) => panic!("`{other}` is none of shared, streaming, set, options, worker"),
        None => {
            let bars = Bars::new(ROWS);
            shared::print(&bars, "");
            set::print(&bars);
            options::print();
            streaming::print("");
        }
    }
}
