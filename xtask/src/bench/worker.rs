//! A peer's process: its virtual environment, one run at a time on request.
//!
//! The process loads the bars once, warms up its compiler, and then repeats the run each time a
//! line arrives; see `xtask/peers/worker.py`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::peers::Peer;
use super::study::{self, Answer};
use super::table::Row;
use crate::failure::{self, Failure, Outcome};
use crate::process::{self, capture};

/// The process and what it has answered.
pub(crate) struct Worker {
    peer: &'static Peer,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    ready: Answer,
    answers: Vec<Answer>,
}

impl Worker {
    /// Installs the peer if need be, starts it, and waits until it has loaded the bars.
    ///
    /// # Errors
    /// When it cannot be installed or started; the study goes on without it.
    pub(crate) fn start(root: &Path, peer: &'static Peer, file: &Path, bars: u64) -> Outcome<Self> {
        let python = environment(peer)?;
        println!("peers: {} loads and warms up", peer.name);
        let mut command = Command::new(python);
        command
            .arg("-B")
            .arg(root.join("xtask/peers").join(peer.script))
            .arg(file)
            .arg(bars.min(peer.most_bars).to_string())
            .args(peer.option);
        command
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
        Ok(Self {
            peer,
            child,
            input,
            output,
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
        self.input
            .write_all(b"run\n")
            .map_err(|error| Failure::new(format!("it is gone: {error}")))?;
        self.answers.push(line(&mut self.output)?);
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

impl Drop for Worker {
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
    let mut install = Command::new(&python);
    install
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(peer.packages);
    capture(&mut install)?;
    failure::write(&stamp, &wanted)?;
    Ok(python)
}
