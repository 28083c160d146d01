//! A peer's process: its virtual environment, one run at a time on request.
//!
//! The process loads the bars once, warms up its compiler, and then repeats the run each time a
//! line arrives; see `xtask/peers/worker.py`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::peers::Peer;
use super::process_lines::Lines;
use super::study::{self, Answer};
use super::table::Row;
use crate::failure::{self, Failure, Outcome};
use crate::process::{self, capture};

/// The process and what it has answered.
pub(crate) struct Worker {
    peer: &'static Peer,
    lines: Lines,
    ready: Answer,
    answers: Vec<Answer>,
}

impl Worker {
    /// Installs the peer if need be, starts it, and waits until it has loaded the bars.
    ///
    /// # Errors
    /// When it cannot be installed or started; the study goes on without it.
    pub(crate) fn start(root: &Path, peer: &'static Peer, file: &Path, bars: u64) -> Outcome<Self> {
        let python = environment(peer.environment, peer.packages)?;
        println!("peers: {} loads and warms up", peer.name);
        let mut command = Command::new(python);
        command
            .arg("-B")
            .arg(root.join("xtask/peers").join(peer.script))
            .arg(file)
            .arg(bars.min(peer.most_bars).to_string())
            .args(peer.option);
        let mut lines = Lines::start(command.stderr(Stdio::null()))?;
        let ready = lines.greeting()?;
        Ok(Self {
            peer,
            lines,
            ready,
            answers: Vec::new(),
        })
    }

    /// The peer's name.
    pub(crate) fn name(&self) -> &'static str {
        self.peer.name
    }

    /// One run.
    ///
    /// # Errors
    /// When the process is gone or answers something else.
    pub(crate) fn turn(&mut self) -> Outcome {
        self.answers.push(self.lines.ask("run")?);
        Ok(())
    }

    /// Its row of the table.
    ///
    /// # Errors
    /// When an answer lacks a figure.
    pub(crate) fn row(&self, root: &Path, file: &Path) -> Outcome<Row> {
        let first = self
            .answers
            .first()
            .ok_or_else(|| Failure::new("no round was run"))?;
        let bars = first.count("bars")?;
        Ok(Row {
            engine: self.peer.name.to_owned(),
            version: self.ready.text("version")?,
            bars,
            runs: study::seconds(&self.answers, "run_cpu_seconds")?,
            load: self.ready.seconds("load_cpu_seconds")?,
            trades: first.count("trades")?,
            exact_trades: study::reference(root, file, bars)?.count("trades")?,
        })
    }
}

/// The interpreter of a virtual environment, made and filled when it is not there or holds
/// something else.
///
/// # Errors
/// When it cannot be made or filled.
pub(crate) fn environment(name: &str, packages: &[&str]) -> Outcome<PathBuf> {
    let folder = study::cache()?.join("venv").join(name);
    let python = folder.join("bin/python");
    let stamp = folder.join("installed.txt");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("bench: installing {}", packages.join(" "));
    process::run(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut install = Command::new(&python);
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(packages);
    capture(&mut install)?;
    failure::write(&stamp, &wanted)?;
    Ok(python)
}
