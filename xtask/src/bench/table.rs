//! The table at the end of the peer runner: CPU seconds, bars a CPU second, ratios, differences.

use super::study::median;
use crate::failure::{Failure, Outcome};

/// One engine's figures.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) engine: String,
    /// Its version.
    pub(crate) version: String,
    /// Bars it was given.
    pub(crate) bars: u64,
    /// CPU seconds of each run, without loading.
    pub(crate) runs: Vec<f64>,
    /// CPU seconds of loading.
    pub(crate) load: f64,
    /// Trades it made.
    pub(crate) trades: u64,
    /// Trades in the exact result.
    pub(crate) exact_trades: u64,
}

impl Row {
    /// Bars a CPU second in the median and in the fastest run. On a machine that does other work, the
    /// fastest run is the fairer figure.
    fn rates(&self) -> Outcome<[f64; 2]> {
        let bars = u32::try_from(self.bars)
            .map_err(|error| Failure::new(format!("{} bars: {error}", self.bars)))?;
        let fastest = self.runs.iter().copied().fold(f64::INFINITY, f64::min);
        Ok([median(&self.runs), fastest].map(|seconds| f64::from(bars) / seconds))
    }
}

/// Prints our row and each peer's.
///
/// # Errors
/// When a count of bars is out of range.
pub(crate) fn print(ours: &Row, peers: &[Row]) -> Outcome {
    println!(
        "\n{:<17} {:>11} {:>8} {:>9} {:>12} {:>10} {:>12} {:>10} {:>7} {:>7}",
        "", "", "", "load", "median run", "", "fastest run", "", "", "trades"
    );
    println!(
        "{:<17} {:>11} {:>8} {:>9} {:>12} {:>10} {:>12} {:>10} {:>7} {:>7}",
        "engine",
        "version",
        "bars",
        "CPU s",
        "bars/CPU s",
        "ours/peer",
        "bars/CPU s",
        "ours/peer",
        "trades",
        "off by"
    );
    let own = ours.rates()?;
    line(ours, own, own)?;
    for peer in peers {
        line(peer, peer.rates()?, own)?;
    }
    Ok(())
}

fn line(row: &Row, [middle, fastest]: [f64; 2], own: [f64; 2]) -> Outcome {
    println!(
        "{:<17} {:>11} {:>8} {:>9.3} {middle:>12.0} {:>10.2} {fastest:>12.0} {:>10.2} {:>7} {:>+7}",
        row.engine,
        row.version,
        row.bars,
        row.load,
        own[0] / middle,
        own[1] / fastest,
        row.trades,
        i128::from(row.trades) - i128::from(row.exact_trades)
    );
    Ok(())
}
