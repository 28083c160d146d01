//! The same crossover study by this project and by its peers: the same file, in turn within the same
//! minute, each result held against the exact one.
//!
//! Each peer lives in a virtual environment of its own (their pins conflict) in the cache folder.

use std::path::Path;

use super::study::{self, Answer, Backtest, median};
use super::table::{self, Row};
use super::worker::Worker;
use crate::failure::{Failure, Outcome};
use crate::setup::{self, Tool};

/// What to measure.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Wanted {
    /// Minute bars in the study.
    #[arg(long, default_value_t = 1_000_000)]
    bars: u64,
    /// Turns; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(3..))]
    rounds: u32,
    /// Only peers whose name contains this; may be given several times.
    #[arg(long)]
    peer: Vec<String>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            bars: 1_000_000,
            rounds: 5,
            peer: Vec::new(),
        }
    }
}

/// Another engine.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its name.
    pub(crate) name: &'static str,
    /// The virtual environment it lives in.
    pub(crate) environment: &'static str,
    /// What is installed there.
    pub(crate) packages: &'static [&'static str],
    /// The script that runs it, in `xtask/peers`.
    pub(crate) script: &'static str,
    /// What the script is told beside file and count.
    pub(crate) option: Option<&'static str>,
    /// The most bars it is given: a slow one would take minutes a run.
    pub(crate) most_bars: u64,
}

const VECTORBT: &[&str] = &["vectorbt==1.2.0", "vectorbt-rust==1.2.0"];

const PEERS: &[Peer] = &[
    Peer {
        name: "vectorbt (Rust)",
        environment: "vectorbt",
        packages: VECTORBT,
        script: "vectorbt_run.py",
        option: Some("rust"),
        most_bars: u64::MAX,
    },
    Peer {
        name: "vectorbt (numba)",
        environment: "vectorbt",
        packages: VECTORBT,
        script: "vectorbt_run.py",
        option: Some("numba"),
        most_bars: u64::MAX,
    },
    Peer {
        name: "hftbacktest",
        environment: "hftbacktest",
        packages: &["hftbacktest==2.4.4", "pandas"],
        script: "hftbacktest_run.py",
        option: None,
        most_bars: u64::MAX,
    },
    Peer {
        name: "backtesting.py",
        environment: "backtesting",
        packages: &["backtesting==0.6.6"],
        script: "backtesting_run.py",
        option: None,
        most_bars: 250_000,
    },
    Peer {
        name: "backtrader",
        environment: "backtrader",
        packages: &["backtrader==1.9.78.123", "pandas"],
        script: "backtrader_run.py",
        option: None,
        most_bars: 50_000,
    },
];

/// Installs, runs and compares.
///
/// # Errors
/// When our own run fails or differs from the exact result.
pub(crate) fn run(root: &Path, wanted: &Wanted) -> Outcome {
    setup::ensure(&[Tool::Python])?;
    let backtest = Backtest::build(root)?;
    let file = study::bars(root, wanted.bars)?;
    let exact = study::reference(root, &file, wanted.bars)?;
    let mut workers = start(root, &file, wanted);
    let mut ours = Vec::new();
    for round in 1..=wanted.rounds {
        println!("peers: round {round} of {}", wanted.rounds);
        ours.push(backtest.crossover(&file, 10, 30)?);
        workers.retain_mut(|worker| match worker.turn() {
            Ok(()) => true,
            Err(error) => {
                println!("peers: {} is left out: {error}", worker.name());
                false
            }
        });
    }
    let own = ours_row(&ours, &exact)?;
    let rows = workers
        .iter()
        .map(|worker| worker.row(root, &file))
        .collect::<Outcome<Vec<_>>>()?;
    table::print(&own, &rows)?;
    println!(
        "(CPU seconds of the run without loading; {} turns, ours and every peer's one after another)",
        wanted.rounds
    );
    Ok(())
}

fn start(root: &Path, file: &Path, wanted: &Wanted) -> Vec<Worker> {
    let chosen = PEERS.iter().filter(|peer| {
        wanted.peer.is_empty()
            || wanted
                .peer
                .iter()
                .any(|name| peer.name.contains(name.as_str()))
    });
    chosen
        .filter_map(|peer| match Worker::start(root, peer, file, wanted.bars) {
            Ok(worker) => Some(worker),
            Err(error) => {
                println!("peers: {} is left out: {error}", peer.name);
                None
            }
        })
        .collect()
}

/// Our row, after holding the result against the exact one and the runs against each other.
fn ours_row(answers: &[Answer], exact: &Answer) -> Outcome<Row> {
    let first = answers
        .first()
        .ok_or_else(|| Failure::new("no round was run"))?;
    for field in ["bars", "trades", "fills", "final_equity"] {
        let (found, wanted) = (first.text(field)?, exact.text(field)?);
        let equal = if field == "final_equity" {
            same_amount(&found, &wanted)
        } else {
            found == wanted
        };
        if !equal {
            return Err(Failure::new(format!(
                "our {field} is {found}, the exact result is {wanted}"
            )));
        }
    }
    let hash = first.text("state_hash")?;
    for answer in answers {
        if answer.text("state_hash")? != hash {
            return Err(Failure::new("two of our runs ended in different states"));
        }
    }
    Ok(Row {
        engine: "this project".to_owned(),
        version: first.text("version")?,
        bars: first.count("bars")?,
        runs: study::seconds(answers, "run_cpu_seconds")?,
        load: median(&study::seconds(answers, "load_cpu_seconds")?),
        trades: first.count("trades")?,
        exact_trades: exact.count("trades")?,
    })
}

/// Whether two decimal texts are the same amount: `1.5` and `1.50` are.
fn same_amount(left: &str, right: &str) -> bool {
    let plain = |text: &str| {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        (whole.to_owned(), decimals.trim_end_matches('0').to_owned())
    };
    plain(left) == plain(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_by_value() {
        assert!(same_amount("1022357.00", "1022357"));
        assert!(same_amount("-0.50", "-0.5"));
        assert!(!same_amount("1022357.01", "1022357.00"));
    }
}
