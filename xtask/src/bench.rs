//! `cargo xtask bench`: how fast it is, shown.
//!
//! Parts, each alone or all in turn: the benches of the crates, the feature kernels beside TA-Lib C
//! and `QuantLib` ([`kernels`]), the same study run by this project and by its peers in turn
//! ([`peers`]), the cost of a fill as their number grows ([`fills`]), memory over a streamed
//! history, and how long a user waits ([`start`]; the cold build only when asked for). Figures are
//! CPU seconds: wall time on a shared machine says little.

mod data;
mod fills;
mod kernels;
mod peers;
mod process_lines;
mod start;
mod study;
mod table;
mod worker;

use std::path::Path;

use crate::failure::{Failure, Outcome};
use crate::process::{self, cargo};
use crate::workspace::{Network, Workspace};

/// One part of the benchmark.
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum Part {
    /// The Criterion benches, of the crates named or of all.
    Criterion {
        /// Package names.
        packages: Vec<String>,
    },
    /// This project and its peers on the same bars, in turn.
    Peers(peers::Wanted),
    /// The feature kernels beside TA-Lib C and `QuantLib`.
    Kernels,
    /// CPU nanoseconds a fill, from a thousand fills to a million.
    Fills,
    /// Bars a second into the market-data store and out of it, and a hit in the cache.
    Data,
    /// Bytes of a run over streamed files of 200 thousand, one million and two million bars.
    Memory,
    /// Milliseconds from start to end of a small run.
    Start,
    /// Seconds from an empty cargo cache to the first report; minutes of building.
    Cold,
}

/// Runs one part, or all.
///
/// # Errors
/// When a bench fails or a result is wrong; a peer that cannot be installed is only named.
pub(crate) fn run(root: &Path, part: Option<Part>) -> Outcome {
    match part {
        Some(Part::Criterion { packages }) => criterion(root, &packages),
        Some(Part::Peers(wanted)) => peers::run(root, &wanted),
        Some(Part::Kernels) => kernels::run(root),
        Some(Part::Fills) => fills::run(root),
        Some(Part::Data) => data::run(root),
        Some(Part::Memory) => memory(root),
        Some(Part::Start) => start::run(root),
        Some(Part::Cold) => start::cold(root),
        None => {
            criterion(root, &[])?;
            kernels::run(root)?;
            fills::run(root)?;
            start::run(root)?;
            peers::run(root, &peers::Wanted::default())
        }
    }
}

/// The one bench that measures bytes; it fails when they grow with the history.
fn memory(root: &Path) -> Outcome {
    let bench = ["bench", "--package", "trader-research", "--bench", "memory"];
    process::run(cargo(root).args(bench))
}

fn criterion(root: &Path, packages: &[String]) -> Outcome {
    let workspace = Workspace::load(root, Network::Online)?;
    let mut ran = 0;
    for (name, package) in &workspace.members {
        if !packages.is_empty() && !packages.contains(name) {
            continue;
        }
        for bench in package
            .targets
            .iter()
            .filter(|target| target.kind == "bench")
        {
            process::run(cargo(root).args(["bench", "--package", name, "--bench", &bench.name]))?;
            ran += 1;
        }
    }
    if ran == 0 {
        return Err(Failure::new("no crate of those has a bench"));
    }
    Ok(())
}
