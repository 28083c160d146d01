//! The same crossover study by this project and by its peers: the same file, in turn within the same
//! minute, each result held against the exact one.
//!
//! Each peer lives in a virtual environment of its own (their pins conflict) in the cache folder
//! and runs as one process that loads the bars once, warms up its compiler, and then repeats the
//! run each time it is told to; see `xtask/peers/worker.py`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::study::{self, Answer, Backtest, median};
use crate::failure::{self, Failure, Outcome};
use crate::process::{self, capture};
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
struct Peer {
    name: &'static str,
    /// The virtual environment it lives in.
    environment: &'static str,
    /// What is installed there.
    packages: &'static [&'static str],
    script: &'static str,
    /// What the script is told beside file and count.
    option: Option<&'static str>,
    /// The most bars it is given: a slow one would take minutes a run.
    most_bars: u64,
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
                println!("peers: {} is left out: {error}", worker.peer.name);
                false
            }
        });
    }
    let own_rate = ours_row(&ours, &exact)?;
    for worker in &workers {
        worker.row(root, &file, own_rate)?;
    }
    println!(
        "(bars a CPU second of the run without loading, median of {} turns; every run in turn with ours)",
        wanted.rounds
    );
    Ok(())
}

fn start<'a>(root: &Path, file: &Path, wanted: &Wanted) -> Vec<Worker<'a>> {
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

/// Prints the table's head and our own row; the answer is our bars a CPU second.
fn ours_row(answers: &[Answer], exact: &Answer) -> Outcome<f64> {
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
    let runs = answers
        .iter()
        .map(|answer| answer.seconds("run_cpu_seconds"))
        .collect::<Outcome<Vec<_>>>()?;
    let loads = answers
        .iter()
        .map(|answer| answer.seconds("load_cpu_seconds"))
        .collect::<Outcome<Vec<_>>>()?;
    let rate = rate(first.count("bars")?, median(&runs))?;
    println!(
        "\n{:<18} {:>9} {:>9} {:>10} {:>10} {:>13} {:>11} {:>8} {:>10}",
        "engine",
        "version",
        "bars",
        "run CPU s",
        "load CPU s",
        "bars/CPU s",
        "ours/peer",
        "trades",
        "off by"
    );
    println!(
        "{:<18} {:>9} {:>9} {:>10.4} {:>10.3} {:>13.0} {:>11} {:>8} {:>10}",
        "this project",
        first.text("version")?,
        first.count("bars")?,
        median(&runs),
        median(&loads),
        rate,
        "",
        first.count("trades")?,
        0
    );
    Ok(rate)
}

/// Whether two decimal texts are the same amount: `1.5` and `1.50` are.
fn same_amount(left: &str, right: &str) -> bool {
    let plain = |text: &str| {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        (whole.to_owned(), decimals.trim_end_matches('0').to_owned())
    };
    plain(left) == plain(right)
}

fn rate(bars: u64, seconds: f64) -> Outcome<f64> {
    let bars =
        u32::try_from(bars).map_err(|error| Failure::new(format!("{bars} bars: {error}")))?;
    Ok(f64::from(bars) / seconds)
}

/// One peer's process and what it has answered.
struct Worker<'a> {
    peer: &'a Peer,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ready: Answer,
    answers: Vec<Answer>,
}

impl Worker<'_> {
    fn start<'a>(root: &Path, peer: &'a Peer, file: &Path, bars: u64) -> Outcome<Worker<'a>> {
        let python = environment(peer)?;
        println!("peers: {} loads and warms up", peer.name);
        let mut command = Command::new(python);
        command
            .arg("-B")
            .arg(root.join("xtask/peers").join(peer.script))
            .arg(file)
            .arg(bars.min(peer.most_bars).to_string());
        command
            .args(peer.option)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| Failure::new(format!("cannot start: {error}")))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Failure::new("no pipe to the process"));
        };
        let mut output = BufReader::new(output);
        let ready = line(&mut output)?;
        Ok(Worker {
            peer,
            child,
            input,
            output,
            ready,
            answers: Vec::new(),
        })
    }

    /// One run.
    fn turn(&mut self) -> Outcome {
        self.input
            .write_all(b"run\n")
            .map_err(|error| Failure::new(format!("it is gone: {error}")))?;
        self.answers.push(line(&mut self.output)?);
        Ok(())
    }

    fn row(&self, root: &Path, file: &Path, own_rate: f64) -> Outcome {
        let Some(first) = self.answers.first() else {
            return Ok(());
        };
        let runs = self
            .answers
            .iter()
            .map(|answer| answer.seconds("run_cpu_seconds"))
            .collect::<Outcome<Vec<_>>>()?;
        let bars = first.count("bars")?;
        let trades = first.count("trades")?;
        let exact = study::reference(root, file, bars)?.count("trades")?;
        let off = i128::from(trades) - i128::from(exact);
        let peer_rate = rate(bars, median(&runs))?;
        println!(
            "{:<18} {:>9} {:>9} {:>10.4} {:>10.3} {:>13.0} {:>11.2} {:>8} {:>+10}",
            self.peer.name,
            self.ready
                .text("version")?
                .chars()
                .take(9)
                .collect::<String>(),
            bars,
            median(&runs),
            self.ready.seconds("load_cpu_seconds")?,
            peer_rate,
            own_rate / peer_rate,
            trades,
            off
        );
        Ok(())
    }
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("peers: cannot end {}: {error}", self.peer.name);
        }
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> Outcome<Answer> {
    let mut line = String::new();
    output
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("cannot read its answer: {error}")))?;
    if line.is_empty() {
        return Err(Failure::new("it ended without an answer"));
    }
    Answer::parse(&line)
}

/// The interpreter of the peer's virtual environment, made and filled when it is not there or holds
/// something else.
fn environment(peer: &Peer) -> Outcome<PathBuf> {
    let folder = study::cache()?.join("venv").join(peer.environment);
    let python = folder.join("bin/python");
    let stamp = folder.join("installed.txt");
    let wanted = peer.packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("peers: installing {}", peer.packages.join(" "));
    process::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    capture(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .args(peer.packages),
    )?;
    failure::write(&stamp, &wanted)?;
    Ok(python)
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
